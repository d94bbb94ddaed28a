"""Find what a sentence mentions: countries, people and bodies by name, dates, and sources it cites.

Only this module imports pycountry and countryinfo.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli.dates import MONTH_NAMES, MONTHS, edtf_interval
from afcli.errors import UsageError
from afcli.names import find_names, index_names, longest
from afcli.text import PIECE, SMALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_MONTH = rf"(?:{'|'.join([*MONTH_NAMES, 'Sept', *(name[:3] for name in MONTH_NAMES)])})\.?"
YEAR = r"(?:1[5-9]|20)\d\d"
"""Years written out in a text."""
_DAY, _US_DAY = (rf"(?P<{name}>\d\d?)(?:st|nd|rd|th)?" for name in ("day", "us_day"))
_DATES = (
    rf"(?P<iso>{YEAR}-\d\d(?:-\d\d)?)",  # 2021-08-25
    # 25 August 2021, August 25, 2021
    rf"(?:{_DAY}\s+(?:of\s+)?)?(?P<month>{_MONTH})\s+(?:{_US_DAY},\s+)?(?:of\s+)?(?P<year>{YEAR})",
    rf"(?:[Bb]etween|[Ff]rom)\s+(?P<first>{YEAR})\s+(?:and|to|until)\s+(?P<last>{YEAR})",
    rf"(?P<start>{YEAR})\s?[–-]\s?(?P<end>{YEAR}|\d\d)",  # 2018–21
    r"(?P<decade>(?:1[5-9]|20)\d)0s",
    rf"(?P<since>[Ss]ince\s+)?(?P<plain>{YEAR})",
)
_DATE = re.compile(rf"\b(?:{'|'.join(_DATES)})(?![\w%]|[.,]\d)")
_UPPER = f"[{''.join(filter(str.isupper, map(chr, range(0x530))))}]"
"""A capital, Latin, Greek or Cyrillic: Python's regular expressions have no class for them."""
_NAME_WORD = rf"{_UPPER}\w*(?:-{_UPPER}\w*)*(?:[’'](?!s\b)\w+)*(?![\w-])"
_RUN = re.compile(
    rf"(?<![\w-]){_NAME_WORD}(?: (?:(?:of|for|de|del|van|von|der|bin|al)(?: the)? )?{_NAME_WORD})+"
)
_TITLES = frozenset(
    """
    admiral ambassador archbishop bishop captain chancellor colonel commissioner director dr emperor foreign
    general governor judge justice king lady lord major mayor minister mr mrs ms president prime prince princess
    prof professor queen secretary senator sir
    """.split()
)
_BODIES = frozenset(
    """
    academy agency alliance army assembly association authority bank board bureau centre center church college
    commission committee company congress corporation council court department federation foundation front fund
    government group initiative institute institution league ministry movement office organisation organization
    parliament party police senate service society treaty union university
    """.split()
)
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday"
_DATED = {*(name.lower() for name in MONTH_NAMES), *_WEEKDAYS.split()}
_SHORT = ("US", "USA", "UK", "UAE")
"""The abbreviations that stand for countries in running text; `IN` and `IS` do not."""


class Name(NamedTuple):
    """A name of two or more words in a text, and what it seems to be."""

    name: str
    kind: str
    """person, organisation, or empty if its form does not tell."""
    aliases: tuple[str, ...]


class Finder:
    """Finds known names in texts: the longest first, whole words only."""

    def __init__(self, ids: Mapping[str, str]) -> None:
        """Take each name with the id it stands for."""
        self.ids = {tuple(PIECE.findall(name)): id_ for name, id_ in ids.items()}
        self.names = index_names(self.ids.items())

    def ids_in(self, text: str) -> list[str]:
        """Return the id of each thing that *text* names, in its order."""
        matches = longest(find_names(PIECE.findall(text), self.names))
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
        short = [name for name in (*about.alt_spellings(), iso.alpha_3) if name in _SHORT]
        names = [about.name(), *(n for n in official if "," not in n and "(" not in n), *short]
        capital, demonym = about.capital(), about.demonym() or ""
        known[iso.alpha_2] = {
            "code": iso.alpha_2,
            "name": names[0],
            "demonyms": [demonym, f"{demonym}s"][: 2 if demonym.endswith("n") else 1] if demonym else [],
            "capital": capital if isinstance(capital, str) else "",
            "aliases": list(dict.fromkeys(n for n in names[1:] if n and n != names[0])),
        }
    return known


def country_names(known: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the code for each name, demonym and capital; a name takes precedence over the others."""
    codes: dict[str, str] = {}
    for code, country in known.items():
        codes |= {name: code for name in (country["name"], *country["aliases"]) if name not in codes}
    for code, country in known.items():
        others = filter(None, (*country["demonyms"], country["capital"]))
        codes |= {name: code for name in others if name not in codes}
    return codes


def names(sentences: Sequence[str], known: Finder) -> list[Name]:
    """Return the names of two or more words that occur twice or more, or that get an abbreviation.

    A person's family name alone counts as another occurrence. Names already *known* are left out.
    """
    text = "\n".join(sentences)
    plain = set(re.findall(r"(?<![\w’'-])[^\W\d_]+", text))
    runs: dict[str, bool] = {}
    for run in _RUN.finditer(text):
        words = run[0].split()
        # The first word of a sentence always has a capital.
        doubtful = plain if text[: run.start()][-1:] in ("", "\n") else set[str]()
        titled = False
        while len(words) > 1 and _is_no_part(words, known, doubtful):
            titled = titled or words[0].lower() in _TITLES
            words = words[1:]
        if short := re.match(rf" \(({_UPPER}{{2,8}})\b", text[run.end() :]):
            words = _spelt_out(words, short[1])
        name = " ".join(words)
        if len(words) > 1 and {w.lower() for w in words}.isdisjoint(_DATED) and not known.means(name):
            runs[name] = runs.get(name, False) or titled
    judged = [_judge(name, text, plain, known, titled=titled) for name, titled in runs.items()]
    # "Central Asian" is not a second name beside "Central Asia".
    return [name for name in judged if name and name.name[:-1] not in runs]


def _is_no_part(words: Sequence[str], known: Finder, plain: set[str]) -> bool:
    """Tell whether the first of the *words* is outside the name: a small word, a title, one in *plain*."""
    first, second = words[0].lower(), words[1].lower()
    if first in _TITLES:
        return _BODIES.isdisjoint(word.lower() for word in words)
    return first in SMALL | _DATED | plain or (second in _TITLES and known.means(words[0]))


def _spelt_out(words: list[str], short: str) -> list[str]:
    """Return the last of the *words* whose initials are *short*; all of them if none match."""
    for start in range(len(words) - 1, -1, -1):
        if "".join(word[0] for word in words[start:] if word[0].isupper()) == short:
            return words[start:]
    return words


def _judge(name: str, text: str, plain: set[str], known: Finder, *, titled: bool) -> Name | None:
    """Return *name* with what it seems to be, or None if it occurs once and gets no abbreviation."""
    words = name.split()
    family = words[-1]
    short = re.search(rf"\b{re.escape(name)} \(({_UPPER}{{2,8}})\b", text)
    kind, aliases, alone = "", (short[1],) if short else (), 0
    if short or not _BODIES.isdisjoint(word.lower() for word in words):
        kind = "organisation"
    elif len(words) < 4 and " of " not in name:
        common = _is_common(family, text, plain, known)
        alone = 0 if common else _count_alone(family, text)
        if titled or alone:
            kind, aliases = "person", () if common else (family,)
    times = alone + len(re.findall(rf"\b{re.escape(name)}\b", text))
    return Name(name, kind, aliases) if short or times > 1 else None


def _is_common(word: str, text: str, plain: set[str], known: Finder) -> bool:
    """Tell whether *word* is more than a family name: a word of the text, an abbreviation, a place."""
    if word.lower() in plain or word.isupper() or known.means(word):
        return True
    return bool(re.search(rf"\bthe {re.escape(word)}\b", text))


def _count_alone(family: str, text: str) -> int:
    """Return how often a family name occurs without a first name."""
    last = re.escape(family)
    return len(re.findall(rf"(?<!\w )\b{last}\b|\b[a-z]\w* {last}\b", text))


def dates(text: str) -> Iterator[str]:
    """Yield the dates with a year in *text*, in EDTF and in order."""
    for date in _DATE.finditer(text):
        edtf = _edtf(date.groupdict())
        try:
            edtf_interval(edtf)
        except ValueError:
            continue
        yield edtf


def _edtf(part: Mapping[str, str | None]) -> str:
    if part["month"]:
        day = part["day"] or part["us_day"]
        month = MONTHS[part["month"].rstrip(".").lower()]
        return f"{part['year']}-{month:02}" + (f"-{int(day):02}" if day else "")
    if part["first"]:
        return f"{part['first']}/{part['last']}"
    if part["start"] and part["end"]:
        return f"{part['start']}/{part['start'][: 4 - len(part['end'])]}{part['end']}"
    if part["decade"]:
        return f"{part['decade']}X"
    return part["iso"] or f"{part['plain']}{'/..' if part['since'] else ''}"


class Cited(NamedTuple):
    """A source that a sentence cites, and the year given; no year if it cites by number."""

    number: str
    year: str


def citations(
    text: str, sources: Mapping[str, tuple[str, str]], *, numbered: bool
) -> tuple[list[Cited], str]:
    """Return the sources that *text* cites, and the text without its citations.

    *sources* maps numbers to the first author's family name and the year. If the sources are cited as
    *numbered*, a number in square brackets is a citation. If no year fits, an author's only source is meant.
    """
    cited: list[tuple[int, Cited]] = []
    rest = text
    families = "|".join(sorted({re.escape(f) for f, _ in sources.values() if f}, key=len, reverse=True))
    if families:
        others = rf"(?: et al\.?|(?:,? (?:and|&)|,) {_UPPER}[\w’'-]+)*"
        pattern = rf"\b({families}){others},? ?\(?({YEAR})[a-z]?\b"
        cited += [
            (citation.start(), Cited(number, citation[2]))
            for citation in re.finditer(pattern, text)
            if (number := _source_by(citation[1], citation[2], sources))
        ]
        rest = re.sub(rf"\((?:see )?{pattern}[^()]*\)|{pattern}\)?", "", text)
    if numbered:
        for marks in re.finditer(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]", text):
            cited += [(marks.start(), Cited(n, "")) for n in re.findall(r"\d+", marks[1]) if n in sources]
    # A citation of an unknown source gives no date either.
    unknown = rf"\((?!{_MONTH}\b){_UPPER}[\w’'-]+(?: et al\.?| (?:and|&) {_UPPER}[\w’'-]+)?,? {YEAR}[a-z]?\)"
    return [source for _, source in sorted(cited)], re.sub(unknown, "", rest)


def _source_by(author: str, year: str, sources: Mapping[str, tuple[str, str]]) -> str | None:
    """Return the number of the source by *author* of this *year*, or of the only one by that author."""
    years = {number: issued for number, (family, issued) in sources.items() if family == author}
    fitting = next((number for number, issued in years.items() if issued == year), None)
    return fitting or (next(iter(years)) if len(years) == 1 else None)
