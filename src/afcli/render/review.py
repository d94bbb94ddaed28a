"""The screens of `edit`: plain lines that any terminal can show, from 40 columns on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.text import Text

from afcli.render.terminal import DIM, MATCH, console, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afcli.model import Claim
    from afcli.render import Screen

AMISS = "yellow"
_WIDEST = 100
_TITLE = 8
"""The fewest columns that are of use for a section's title."""


class Shown(NamedTuple):
    """What is known of a claim while it is read."""

    claim: Claim
    near: Sequence[tuple[str, str, bool]]
    """The sentences on top: id, text, and whether the claim rests on it."""
    findings: Sequence[tuple[str, str]]
    """Rule and message."""
    lacking: Sequence[str]
    """The sentences that have what was not found."""
    names: Sequence[str]
    """Names with a mark, + for one that acts: each of the first nine is chosen by a digit."""
    reader: str
    progress: str
    """How much is read, and how long the rest takes, if that can be told."""


def whole(shown: Shown, screen: Screen) -> str:
    """Return the head, the sentences with their neighbours, and the claim."""
    width = max((len(id_) for id_, _, _ in shown.near), default=0)
    near = [
        (f"{'>' if is_own else ' '} {id_:>{width}}  ", text, MATCH if is_own else DIM)
        for id_, text, is_own in shown.near
    ]
    return _head(shown, screen) + lines(near, screen) + "\n" * bool(near) + below(shown, screen)


def below(shown: Shown, screen: Screen) -> str:
    """Return the claim, its tags and what is amiss with it."""
    claim = shown.claim
    text = [] if claim.status == "draft" else [("  ", claim.text, "")]
    tags = [("  ", line, DIM) for line in _tags(claim, shown.reader)]
    names = "  ".join(f"{number} {name}" for number, name in enumerate(shown.names[:9], 1))
    rows = [("  acts? ", names, DIM)] if names else []
    rows += [("  ! ", f"{rule}: {message}", AMISS) for rule, message in shown.findings]
    if shown.lacking:
        rows.append(("  ! ", f"@ adds {', '.join(shown.lacking)}, which has it", AMISS))
    return lines(text, screen) + lines(tags, screen, further=2) + lines(rows, screen)


def lines(rows: Iterable[tuple[str, str, str]], screen: Screen, *, further: int = 0) -> str:
    """Return each text after its beginning, in its style, its other lines below its first or *further* to the right."""
    drawn = console(screen._replace(width=min(screen.width, _WIDEST)))
    for begin, text, style in rows:
        indent = len(begin) + further
        for number, line in enumerate(Text(screen.shown(text), style).wrap(drawn, drawn.width - indent)):
            line.rstrip()
            drawn.print(Text(" " * indent if number else begin, style) + line)
    return text_of(drawn)


def _head(shown: Shown, screen: Screen) -> str:
    """Return a line with what it is about at the left and the progress at the edge; two lines if it is narrow."""
    claim = shown.claim
    about, right, rule = map(screen.shown, (f"{claim.id} · {claim.status or 'read'} · ", shown.progress, "—"))
    room = min(screen.width, _WIDEST) - cell_len(about) - cell_len(right) - 9
    title = Text(screen.shown(claim.section.title))
    if room < _TITLE:
        return lines(((f"{rule}{rule} ", part, MATCH) for part in (about + title.plain, right)), screen)
    title.truncate(room, overflow="ellipsis" if screen.shown("…") == "…" else "crop")
    line = rule * (room + 1 - title.cell_len)
    return lines([("", f"{rule}{rule} {about}{title.plain} {line} {right} {rule}{rule}", MATCH)], screen)


def _tags(claim: Claim, reader: str) -> list[str]:
    """Return the tags of *claim*, those that it has."""
    source = claim.source
    named = "article" if source.number is None else f"[{source.number}] {source.label} ({claim.basis})"
    places = [f"{place.name} ({place.id})" for place in claim.countries]
    when = "time of writing" if claim.date_basis == "writing" else claim.date_basis
    first = [
        claim.kind,
        ", ".join(actor.name for actor in claim.actors) or "nobody acts",
        ", ".join([*places, *(region.name for region in claim.regions)]),
        f"{claim.date} ({when})",
        named,
        f"said by {', '.join(who.name for who in claim.said_by)}" if claim.said_by else "",
        f"at {', '.join(claim.at)}",
        f"written by {claim.by}" if claim.by not in ("", reader) else "",
    ]
    more = {"note": claim.note, "asks": "; ".join(claim.asks), "terms": "; ".join(claim.terms)}
    rest = [f"{field}: {text}" for field, text in more.items() if text]
    explained = (f"explained: {rule}: {why}" for rule, why in claim.explained.items())
    return [" · ".join(filter(None, first)), *rest, *explained]
