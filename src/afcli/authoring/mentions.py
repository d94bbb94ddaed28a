"""Find what a sentence mentions: countries, people and bodies by name, dates, and sources it cites.

Only this module imports pycountry and countryinfo.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli.authoring.name_rules import STATES, UPPER
from afcli.authoring.written_dates import MONTH, YEAR
from afcli.errors import UsageError
from afcli.names_in_text import find_names, index_names, longest
from afcli.text import PIECE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PARTS = {"GB": ("Britain", "Great Britain", "England", "Scotland", "Wales", "U.K."), "US": ("U.S.",)}
"""What texts call a country by, besides its own names."""
_SHORT = ("US", "USA", "UK", "UAE")
"""The abbreviations that stand for countries in running text; `IN` and `IS` do not."""


_ELSEWHERE = re.compile(rf"\b(?!Tbilisi){UPPER}\w+(?=, (?:{STATES})\b)")
"""A town in North America that may be called like a capital: Paris, Texas."""


class Finder:
    """Finds known names in texts: the longest first, whole words only."""

    def __init__(self, ids: Mapping[str, str]) -> None:
        """Take each name with the id it stands for."""
        self.ids = {tuple(PIECE.findall(name)): id_ for name, id_ in ids.items()}
        self.names = index_names(self.ids.items())

    def ids_in(self, text: str) -> list[str]:
        """Return the id of each thing that *text* names, in its order."""
        matches = longest(find_names(PIECE.findall(_ELSEWHERE.sub("", text)), self.names))
        return list(dict.fromkeys(id_ for _, _, id_ in matches))

    def means(self, name: str) -> bool:
        """Tell whether *name* as a whole stands for something."""
        return tuple(PIECE.findall(name)) in self.ids


def countries() -> dict[str, dict[str, Any]]:
    """Return all countries by their codes, each as an entry of entities.yaml."""
    try:
        import pycountry
        from countryinfo import all_countries
    except ImportError:
        raise UsageError(
            "this needs pycountry and countryinfo; install them: pip install 'afcli[new]'"
        ) from None
    known: dict[str, dict[str, Any]] = {}
    # The larger the population, the likelier it is what a shared demonym or capital means.
    for about in sorted(all_countries(), key=lambda c: -(c.population() or 0)):
        iso = pycountry.countries.get(alpha_2=about.iso(2))
        if iso is None or iso.alpha_2 in known:
            continue
        official = [getattr(iso, field, "") for field in ("common_name", "name", "official_name")]
        names = [about.name(), *(name for name in official if "," not in name and "(" not in name)]
        names += [name for name in (*about.alt_spellings(), iso.alpha_3) if name in _SHORT]
        names = [*dict.fromkeys(filter(None, (*names, *_PARTS.get(iso.alpha_2, ()))))]
        capital = about.capital()
        demonyms = filter(None, map(str.strip, re.split(r"[,/;]", about.demonym() or "")))
        known[iso.alpha_2] = {
            "code": iso.alpha_2,
            "name": names[0],
            "demonyms": [form for d in demonyms for form in ((d, f"{d}s") if d.endswith("n") else (d,))],
            "capital": capital if isinstance(capital, str) else "",
            "aliases": names[1:],
        }
    return known


def country_names(known: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the code for each name, demonym and capital; a name takes precedence over the others."""
    names = [(name, code) for code, c in known.items() for name in (c["name"], *c["aliases"])]
    names += [(name, code) for code, c in known.items() for name in (*c["demonyms"], c["capital"]) if name]
    codes: dict[str, str] = {}
    for name, code in names:
        codes.setdefault(name, code)
    return codes


def family(item: Mapping[str, Any]) -> str:
    """Return the family name, or the whole name, of the first author of a CSL item."""
    person: Mapping[str, Any] = next(iter(item.get("author", ())), {})
    return str(person.get("family") or person.get("literal") or "")


class Cited(NamedTuple):
    """A source that a sentence cites, the year given, and the place in it; no year if it cites by number or key."""

    number: str
    year: str
    place: str = ""


_PLACE = r"(?:[,:] ?(?P<place>pp?\. ?\d+(?:[–-]\d+)?|\d+(?:[–-]\d+)?))?"
_MARKS = re.compile(
    r"\[(?P<numbers>\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)(?:, (?P<place>pp?\. ?\d+(?:[–-]\d+)?))?\]"
)
_MOST = 50
"""A range of more numbers than this is not one of sources."""


def citations(
    text: str, sources: Mapping[str, tuple[str, str]], marks: Mapping[str, Cited] = MappingProxyType({})
) -> tuple[list[Cited], str]:
    """Return the sources that *text* cites, with the places in them, and the text without its citations.

    *sources* maps numbers to the first author's family name and the year; if no year fits, an author's only source
    is meant. *marks* says which source a number in square brackets stands for, and so each of [1-3] and [2, 3].
    """
    cited: list[tuple[int, Cited]] = []
    rest = text
    families = "|".join(sorted({re.escape(f) for f, _ in sources.values() if f}, key=len, reverse=True))
    if families:
        others = rf"(?: et al\.?|(?:,? (?:and|&)|,) {UPPER}[\w’'-]+)*"
        pattern = rf"\b(?P<family>{families}){others},? ?\(?(?P<year>{YEAR})[a-z]?\b"
        cited += [
            (citation.start(), Cited(number, citation["year"], citation["place"] or ""))
            for citation in re.finditer(pattern + _PLACE, text)
            if (number := _source_by(citation["family"], citation["year"], sources))
        ]
        bare = re.sub(r"\?P<\w+>", "?:", pattern)
        rest = re.sub(rf"\((?:see )?{bare}[^()]*\)|{bare}\)?", "", text)
    for mark in _MARKS.finditer(text):
        found = [marks[number] for number in _expanded(mark["numbers"]) if number in marks]
        cited += [(mark.start(), one._replace(place=mark["place"] or one.place)) for one in found]
    # A citation of an unknown source gives no date either.
    unknown = rf"\((?!{MONTH}\b){UPPER}[\w’'-]+(?: et al\.?| (?:and|&) {UPPER}[\w’'-]+)?,? {YEAR}[a-z]?\)"
    return [source for _, source in sorted(cited)], re.sub(unknown, "", rest)


def _expanded(numbers: str) -> Iterator[str]:
    """Yield each number of "1, 3-5"."""
    for part in re.split(r"\s*[,;]\s*", numbers):
        first, *last = re.split(r"\s*[–-]\s*", part)
        end = int(last[-1]) if last else int(first)
        yield from map(str, range(int(first), min(end, int(first) + _MOST) + 1))


def _source_by(author: str, year: str, sources: Mapping[str, tuple[str, str]]) -> str | None:
    """Return the number of the source by *author* of this *year*, or of the only one by that author."""
    years = {number: issued for number, (family, issued) in sources.items() if family == author}
    fitting = next((number for number, issued in years.items() if issued == year), None)
    return fitting or (next(iter(years)) if len(years) == 1 else None)
