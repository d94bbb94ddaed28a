"""Put together what a style prints for any company of sources, from what pandoc printed once.

Sources affect each other only where they share their first author (year letters, repeated names)
or by their number and place. So every source is rendered alone, every order of sources of one
author together, and the rest is joining: see facts/citations/ and tools/citations.py.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from afcli.cite import sources_of
from afcli.errors import UsageError
from afcli.styles import SCRIPT, SECONDARY, SHORT, built_in, full_name

if TYPE_CHECKING:
    from afcli.base import Base
    from afcli.model import Claim, Source

Sources = Sequence["Source"]
Format = Literal["plain", "markdown", "html"]

FOLDER = "citations"
LABELS = {"page": ("p.", "pp."), "paragraph": ("para.", "paras."), "section": ("sec.", "secs.")}
"""Kinds of locator, as pandoc's markdown writes them for one and for more."""
VALUE = {"one": "71", "more": "71-89"}
"""The locators that stand for any other in what is rendered once."""

_LOCATOR = re.compile(
    r"(?:(pages?|paragraphs?|paras?\.?|sections?|secs?\.?|pp?\.?|¶|§{1,2})(?![a-z])\s*)?(.+)", re.IGNORECASE
)
_RANGE = re.compile(r"(\d+)\s*[-–]\s*(\d+)")


class Locator(NamedTuple):
    """A place within a source: what kind of place, and which."""

    label: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Locator:
        """Return what `p. 5`, `para. 3`, `sec. 2-4` or a bare number, a page, names."""
        match = _LOCATOR.fullmatch(text.strip())
        if not match or not match[2].strip():
            raise UsageError(f"--locator {text!r} is empty; write 'p. 5', 'para. 3' or 'sec. 2'")
        word = (match[1] or "p").casefold()
        label = (
            "section"
            if word.startswith(("s", "§"))
            else "paragraph"
            if word.startswith(("para", "¶"))
            else "page"
        )
        return cls(label, match[2].strip())

    @property
    def many(self) -> bool:
        """Tell whether it names more than one place."""
        return bool(re.search(r"\d\s*([-–,]|and|&)\s*\d", self.value))

    def markdown(self) -> str:
        """Return it as pandoc's markdown writes it within a citation."""
        return f"{LABELS[self.label][self.many]} {self.value}"


def groups(sources: Sources) -> list[tuple[str, ...]]:
    """Return the keys of those sources that can affect each other: those with one first author."""
    found: dict[str, list[str]] = defaultdict(list)
    for source in sources:
        for author in source.item.get("author", [])[:1]:
            found[author.get("family") or author.get("literal", "")].append(source.key)
    return [tuple(keys) for keys in found.values() if len(keys) > 1]


def stamp(style: str, sources: Sources) -> str:
    """Return a digest of all that a rendering depends on: the items, the style and the script."""
    import hashlib

    from afcli import pandoc

    digest = hashlib.sha256(json.dumps(pandoc.items(sources), ensure_ascii=False, sort_keys=True).encode())
    digest.update(pandoc.style_file(style).read_bytes() + SCRIPT.read_bytes())
    return digest.hexdigest()[:16]


class Cited(NamedTuple):
    """What a style prints for some sources: the citation, and the entries of the bibliography."""

    cite: str
    entries: list[tuple[str, str]]
    """Key and text of each entry, in the order of the style; not every source has one."""


def cited(
    base: Base, style: str, sources: Sources, keys: Sequence[str], form: Format, locator: Locator | None
) -> Cited:
    """Return what *style* prints for *keys* of *sources*: those of *base*, or what is left of them.

    Rendered beforehand where that is fresh, else by pandoc now. Raises UsageError where neither
    is to be had.
    """
    if one := base.within_one(keys):
        member, called = one
        own_sources = [
            source._replace(key=called[source.key], item={**source.item, "id": called[source.key]})
            for source in sources
            if source.key in called
        ]
        found = cited(member, style, own_sources, [called[key] for key in keys], form, locator)
        here = {own: key for key, own in called.items()}
        return Cited(found.cite, [(here[key], text) for key, text in found.entries])
    own = {source.key: source.item for source in base.sources}
    # What only other sources lack does not change what is printed of these.
    same = all(source.item == own[source.key] for source in sources if source.key in keys)
    rendered = base.citations(style) if same else None
    if rendered is None:
        return _live(style, sources, keys, form, locator)
    return Cited(_cite(rendered, keys, form, locator), _entries(rendered, sources, keys, form))


def rendered_freshly(base_sources: Sources, style: str, rendered: bytes) -> bool:
    """Tell whether *rendered*, the file of a style, was made from these sources and this style."""
    try:
        return style in built_in() and json.loads(rendered)["stamp"] == stamp(style, base_sources)
    except (ValueError, TypeError, KeyError):
        return False


def _live(style: str, sources: Sources, keys: Sequence[str], form: Format, locator: Locator | None) -> Cited:
    from afcli import pandoc

    place = f", {locator.markdown()}" if locator else ""
    [result] = pandoc.render(
        pandoc.find_style(style), sources, ["[" + "; ".join(f"@{key}" for key in keys) + f"{place}]"]
    )
    return Cited(
        result["cite"][form], [(entry["id"], entry[form]) for entry in result["entries"] if entry["plain"]]
    )


def _entries(
    rendered: dict[str, Any], sources: Sources, keys: Sequence[str], form: Format
) -> list[tuple[str, str]]:
    group_of = {key: group for group in groups(sources) for key in group}
    rank = list(keys) if rendered["in_order_cited"] else rendered["rank"]
    texts: dict[str, str] = {}
    for key in keys:
        company = [other for other in group_of.get(key, (key,)) if other in keys]
        for entry in rendered["entries"][" ".join(company)]:
            # A source without a printed form, such as an interview in APA, has an empty entry.
            if entry["plain"]:
                texts[entry["id"]] = entry[form]
    ordered = [key for key in rank if key in texts and key in keys]
    return [(key, _numbered(texts[key], number)) for number, key in enumerate(ordered, 1)]


def _numbered(text: str, number: int) -> str:
    """Return an entry that was the first of its list as the one with the given *number*."""
    return re.sub(
        r"^((?:<div[^>]*>\n?)*(?:\\?\[)?)\d+((?:\\?\])?\\?[.\s ]|\\?\])",
        rf"\g<1>{number}\g<2>",
        text,
        count=1,
    )


def _cite(rendered: dict[str, Any], keys: Sequence[str], form: Format, locator: Locator | None) -> str:
    if locator:
        if len(keys) > 1:
            raise UsageError("--locator goes with one source; cite them one by one")
        return _located(rendered, keys[0], form, locator)
    if rendered["counts"]:
        return str(rendered["counts"][len(keys) - 1][form])
    if len(keys) == 1:
        return str(rendered["alone"][keys[0]][form])
    keys = sorted(keys, key=rendered["order"].__getitem__)
    opening, delimiter = rendered["opening"][form], rendered["delimiter"]
    units = _units(rendered, keys, form)
    heads = [head if number == 0 else head.removeprefix(opening) for number, (head, _) in enumerate(units)]
    tail = units[-1][1] if len(units) > 1 else opening + units[-1][1]
    return str(delimiter.join([*heads[:-1], tail]))


def _units(rendered: dict[str, Any], keys: Sequence[str], form: Format) -> list[tuple[str, str]]:
    """Return for each source, or each author whose sources the style draws together, its two forms.

    The first, with what opens the citation, stands before another; the second ends the citation.
    """
    opening, closing = rendered["opening"][form], rendered["closing"][form]
    delimiter = rendered["delimiter"]
    own = {
        key: (rendered["heads"][key][form], rendered["alone"][key][form].removeprefix(opening))
        for key in keys
    }
    joined: dict[str, tuple[str, str]] = {}
    dropped: set[str] = set()
    for group in rendered["groups"]:
        company = [key for key in keys if key in group]
        if len(company) < 2:
            continue
        text = rendered["together"][" ".join(company)][form].removeprefix(opening)
        pieces = text.split(delimiter)
        if len(pieces) == len(company):
            for key, piece in zip(company, pieces, strict=True):
                bare = piece.removesuffix(closing) if key == company[-1] else piece
                if closing != ".":
                    own[key] = (opening + bare, bare + closing)
        else:
            joined[company[0]] = (opening + text.removesuffix(closing), text)
            dropped.update(company[1:])
    return [joined.get(key, own[key]) for key in keys if key not in dropped]


def _located(rendered: dict[str, Any], key: str, form: Format, locator: Locator) -> str:
    text: str = rendered["located"][f"{key} {locator.label} {'more' if locator.many else 'one'}"][form]
    dash = "–" if VALUE["more"].replace("-", "–") in text else "-"
    written = VALUE["more"].replace("-", dash) if locator.many else VALUE["one"]
    how = rendered["ranges"] if locator.label == "page" else ""
    return text.replace(written, _RANGE.sub(lambda r: _page_range(r[1], r[2], how, dash), locator.value))


def _page_range(first: str, last: str, how: str, dash: str) -> str:
    """Return a range of pages as CSL's `page-range-format` *how* writes it, after its table."""
    if len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    if len(first) != len(last) or not how or how == "expanded":
        return f"{first}{dash}{last}"
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=True)) if a != b), len(first))
    keep = len(last) - same
    if how == "minimal-two":
        keep = max(keep, 2)
    elif how.startswith("chicago"):
        number = int(first)
        if number < 100 or number % 100 == 0:
            keep = len(last)
        elif number % 100 < 10:
            keep = max(keep, 1)
        else:
            keep = max(keep, 2)
        if how == "chicago" and len(first) == 4 and keep == 3:
            keep = 4
    return f"{first}{dash}{last[-keep:]}" if keep else f"{first}{dash}{last}"


def in_text(base: Base, claims: Sequence[Claim], style: str) -> list[str]:
    """Return the citation in the text of each of *claims*; raises as `check_style` and `cited`."""
    full = check_style(style)
    return [secondary(base, claim, full, "plain").cite for claim in claims]


def secondary(base: Base, claim: Claim, style: str, form: Format) -> Cited:
    """Return what *style* prints for *claim*: its source as the article reports it, in a section.

    The citation names both, with the section as its place; the entries are those that the style
    wants (`styles.SECONDARY`). What only the article is known to say is cited as the article's.
    """
    sources, article = base.sources, base.article_of(claim)
    source = sources_of(claim, article)[0]
    place = Locator("section", f"“{claim.section.title}”")
    reported = cited(base, style, sources, [article.key], form, place)
    if source is article:
        return reported
    words, both = SECONDARY.get(style, ("", True))
    if not words:
        return cited(base, style, sources, [source.key, article.key], form, None)
    original = cited(base, style, sources, [source.key], form, None).cite
    opening = next((o for o in ("(", "\\[", "[") if original.startswith(o)), "")
    closing = {"(": ")", "[": "]", "\\[": "\\]", "": "."}[opening]
    cite = f"{original.removesuffix(closing)}, {words} {reported.cite.removeprefix(opening)}"
    listed = [source.key, article.key] if both else [article.key]
    return Cited(cite, cited(base, style, sources, listed, form, None).entries)


def check_style(name: str) -> str:
    """Return the full name, or the path, of the style that *name* means.

    Raises UsageError where there is none, offering the nearest.
    """
    style = full_name(name)
    if style in built_in():
        return style
    from afcli import pandoc

    try:
        return str(pandoc.find_style(style))
    except (UsageError, OSError):
        raise UsageError(f"no style called {name[:200]!r}{_nearest(name)}") from None


def _nearest(name: str) -> str:
    from afcli.spelling import nearest

    found = nearest(name.casefold(), [*SHORT, *built_in()])[:3]
    return f"; did you mean {' or '.join(found)}?" if found else "; see afcli styles, or name a CSL file"
