"""Records for a person at a terminal. Only this package imports rich."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from afcli.text import WORD, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afcli.model import Claim
    from afcli.render import Row, Screen

DIM = "dim"
MATCH = "bold"
NOTED = "note"
"""Marks a claim that has a note, which `show` prints."""
_WORD = re.compile(WORD.pattern.replace("'", "'’"))
"""The same in a text that is not folded."""
_READABLE = 20
"""The fewest columns that running text needs."""


def console(screen: Screen) -> Console:
    """Return a console that draws into a string as *screen* would show it."""
    return Console(
        file=io.StringIO(),
        width=max(screen.width, 20),
        force_terminal=screen.colour,
        color_system="auto" if screen.colour else None,
        no_color=not screen.colour,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def page(rows: Sequence[Row], screen: Screen, heading: str = "", *, full: bool = False) -> str:
    """Return *rows* laid out for *screen*: claims as text with provenance, the rest as columns."""
    drawn = console(screen)
    if heading:
        drawn.print(Text(screen.shown(heading), MATCH))
        drawn.print()
    for number, row in enumerate(rows):
        if row.claim is None:
            _columns(drawn, [[screen.shown(cell) for cell in row.cells] for row in rows], screen.shown(" · "))
            break
        if number:
            drawn.print()
        if full:
            _full(drawn, row.claim, screen)
        else:
            drawn.print(_highlighted(row.claim.text, row.highlighted, screen))
            drawn.print(Padding(Text(screen.shown(provenance(row.claim)), DIM), (0, 0, 0, 2)))
        for remark in row.remarks:
            drawn.print(Padding(Text(screen.shown(remark), DIM), (0, 0, 0, 4)))
    return text_of(drawn)


def text_of(drawn: Console) -> str:
    """Return the drawn text, without the space at the ends of lines."""
    return "".join(f"{line.rstrip()}\n" for line in drawn.file.getvalue().splitlines())  # type: ignore[attr-defined]


def hang(drawn: Console, text: Text, indent: int) -> None:
    """Draw *text* with every line but the first indented further."""
    for number, line in enumerate(text.wrap(drawn, drawn.width - indent)):
        line.rstrip()
        drawn.print(Text(" " * indent if number else "") + line)


def provenance(claim: Claim) -> str:
    """Return the line that says when, who, on whose authority and how the article knows."""
    source = "article" if claim.source.number is None else f"[{claim.source.number}] {claim.source.label}"
    parts = [
        claim.id,
        "undated" if claim.date_basis == "writing" else claim.date,
        ", ".join(a.name for a in claim.actors),
        f"{source} ({claim.basis})",
        claim.kind if claim.kind != "fact" else "",
        NOTED if claim.note else "",
        claim.status,
    ]
    return " · ".join(part for part in parts if part)


def _highlighted(text: str, matched: frozenset[str], screen: Screen) -> Text:
    """Return *text* with the words highlighted whose folded form is in *matched*."""
    shown, end = Text(), 0
    for word in _WORD.finditer(text):
        shown.append(screen.shown(text[end : word.start()]))
        hit = fold(word[0]).removesuffix("'s") in matched
        shown.append(screen.shown(word[0]), MATCH if hit else "")
        end = word.end()
    return shown.append(screen.shown(text[end:]))


def _full(drawn: Console, claim: Claim, screen: Screen) -> None:
    source = claim.source
    added = ", ".join(source.custom.get("not-from-article", []))
    fields = {
        "kind": claim.kind,
        "date": _DATED[claim.date_basis].format(claim.date),
        "actors": ", ".join(a.name for a in claim.actors) or "none",
        "countries": ", ".join(f"{c.name} ({c.id})" for c in claim.countries) or "none",
        "regions": ", ".join(r.name for r in claim.regions),
        "said by": ", ".join(s.name for s in claim.said_by),
        "source": f"{source.label} ({source.key}" + (f", no. {source.number})" if source.number else ")"),
        "added": f"the source's {added}, which the article does not give" if added else "",
        "basis": claim.basis,
        "sentence": f"{', '.join(claim.at)} in “{claim.section.title}”",
        "note": claim.note,
        "status": _STATUS.get(claim.status, ""),
        "written": f"by {claim.by}" if claim.by else "",
        "read": " ".join([f"by {claim.read_by}" * bool(claim.read_by), claim.read_on]).strip(),
    }
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style=DIM)
    grid.add_column(overflow="fold")
    for name, value in fields.items():
        if value:
            grid.add_row(name, Text(screen.shown(value)))
    drawn.print(Text.assemble((screen.shown(claim.id), MATCH), "  ", screen.shown(claim.text)))
    drawn.print(Padding(grid, (0, 0, 0, 2)))


_STATUS = {
    "draft": "draft: nobody has written it yet",
    "proposed": "proposed: nobody has read it against its sentences yet",
    "changed": "changed: its sentences are others than when it was read",
    "gone": "gone: its sentences are no longer in the article",
}
_DATED = {
    "stated": "{} (stated in the article)",
    "inferred": "{} (inferred from the article)",
    "writing": "undated (the article, of {}, gives no date)",
}


def _columns(drawn: Console, rows: Sequence[Sequence[str]], dot: str) -> None:
    """Draw the rows in columns; if these would be too narrow to read, draw each row as running text.

    There the *dot* separates its cells.
    """
    columns = list(zip(*rows, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    widest = widths.index(max(widths))
    room = drawn.width - sum(width + 2 for column, width in enumerate(widths) if column != widest)
    words = (cell_len(word) for cell in columns[widest] for word in cell.split())
    if room < min(widths[widest], max(_READABLE, *words, 0)):
        for first, *others in (filter(None, row) for row in rows):
            hang(drawn, Text(dot).join([Text(first, MATCH), *map(Text, others)]), 2)
        return
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    for column in range(len(columns)):
        grid.add_column(overflow="fold", style="" if column else MATCH, no_wrap=column != widest)
    for row in rows:
        grid.add_row(*map(Text, row))
    drawn.print(grid)
