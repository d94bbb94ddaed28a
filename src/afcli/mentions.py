"""Find what a sentence mentions: countries, people and bodies by name, dates, and sources that it cites.

The door of pycountry and countryinfo.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from afcli.dates import edtf_interval
from afcli.errors import UsageError
from afcli.lexicon import SMALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PIECE = re.compile(r"\w+")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
YEAR = r"(?:1[5-9]|20)\d\d"
"""The years that a text writes out."""
_DATE = re.compile(
    rf"\b(?:(?P<iso>{YEAR}-\d\d(?:-\d\d)?)"
    rf"|(?:(?P<day>\d\d?)(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?P<month>{_MONTH})\s+"
    rf"(?:(?P<us>\d\d?)(?:st|nd|rd|th)?,\s+)?(?:of\s+)?(?P<year>{YEAR})"
    rf"|(?:[Bb]etween|[Ff]rom)\s+(?P<first>{YEAR})\s+(?:and|to|until)\s+(?P<last>{YEAR})"
    rf"|(?P<start>{YEAR})\s?[–-]\s?(?P<end>{YEAR}|\d\d)"
    rf"|(?P<decade>(?:1[5-9]|20)\d)0s"
    rf"|(?P<since>[Ss]ince\s+)?(?P<plain>{YEAR}))(?![\w%]|[.,]\d)"
)
_UPPER = f"[{''.join(filter(str.isupper, map(chr, range(0x530))))}]"
"""A capital, Latin, Greek or Cyrillic: the regular expressions of Python have no class for them."""
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
_DATED = frozenset(
    """
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
    """.split()
)
_SHORT = ("US", "USA", "UK", "UAE")
"""The abbreviations that stand for countries in running text; `IN` and `IS` do not."""


class Country(NamedTuple):
    """A country by its names in the lists."""

    code: str
    name: str
    aliases: tuple[str, ...]
    capital: str
    demonyms: tuple[str, ...]


class Name(NamedTuple):
    """A name of two or more words that a text uses, and what it seems to be."""

    name: str
    kind: str
    """person, organisation, or nothing where its form does not tell."""
    aliases: tuple[str, ...]


class Finder:
    """Names, each standing for something, to be found in texts: the longest first, whole words only."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """Take the id that each name stands for."""
        self.ids = {tuple(_PIECE.findall(name)): id_ for name, id_ in names.items()}
        self.longest = max(map(len, self.ids), default=0)

    def found(self, text: str) -> list[str]:
        """Return the id of each thing that *text* names, in its order."""
        pieces = tuple(_PIECE.findall(text))
        found: dict[str, None] = {}
        place = 0
        while place < len(pieces):
            for length in range(min(self.longest, len(pieces) - place), 0, -1):
                if id_ := self.ids.get(pieces[place : place + length]):
                    found[id_] = None
                    place += length
                    break
            else:
                place += 1
        return list(found)

    def means(self, name: str) -> bool:
        """Tell whether *name* as a whole stands for something."""
        return tuple(_PIECE.findall(name)) in self.ids


def countries() -> dict[str, Country]:
    """Return all countries by their codes."""
    try:
        import pycountry
        from countryinfo import all_countries
    except ImportError:
        raise UsageError(
            "this needs pycountry and countryinfo; install them: pip install 'afcli[new]'"
        ) from None
    known: dict[str, Country] = {}
    # The more people live there, the likelier a demonym or capital that several share is meant of it.
    for about in sorted(all_countries(), key=lambda c: -(c.population() or 0)):
        iso = pycountry.countries.get(alpha_2=about.iso(2))
        if iso is None or iso.alpha_2 in known:
            continue
        official = [getattr(iso, field, "") for field in ("common_name", "name", "official_name")]
        short = [name for name in (*about.alt_spellings(), iso.alpha_3) if name in _SHORT]
        names = [about.name(), *(n for n in official if "," not in n and "(" not in n), *short]
        capital, demonym = about.capital(), about.demonym() or ""
        known[iso.alpha_2] = Country(
            iso.alpha_2,
            names[0],
            tuple(dict.fromkeys(n for n in names[1:] if n and n != names[0])),
            capital if isinstance(capital, str) else "",
            (demonym, f"{demonym}s") if demonym.endswith("n") else (demonym,) if demonym else (),
        )
    return known


def country_names(known: Mapping[str, Country]) -> dict[str, str]:
    """Return the code that each name, demonym and capital stands for; a name goes before the others."""
    found: dict[str, str] = {}
    for country in known.values():
        for name in (country.name, *country.aliases):
            found.setdefault(name, country.code)
    for country in known.values():
        for name in filter(None, (*country.demonyms, country.capital)):
            found.setdefault(name, country.code)
    return found


def names(sentences: Sequence[str], known: Finder) -> list[Name]:
    """Return the names of two or more words that stand twice or more, or are given an abbreviation.

    A person's family name alone counts as the name again. What is *known* already is left out.
    """
    text = "\n".join(sentences)
    plain = set(re.findall(r"(?<![\w’'-])[^\W\d_]+", text))
    runs: dict[str, bool] = {}
    for run in _RUN.finditer(text):
        words = run[0].split()
        # A sentence gives a capital to any word that it begins with.
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
    found = [_judged(name, text, plain, known, titled=titled) for name, titled in runs.items()]
    # "Central Asian" is no second name beside "Central Asia".
    return [name for name in found if name and name.name[:-1] not in runs]


def _is_no_part(words: Sequence[str], known: Finder, plain: set[str]) -> bool:
    """Tell whether the first of the *words* is no part of the name: a small word, a title, one in *plain*."""
    first, second = words[0].lower(), words[1].lower()
    if first in _TITLES:
        return _BODIES.isdisjoint(word.lower() for word in words)
    return first in SMALL | _DATED | plain or (second in _TITLES and known.means(words[0]))


def _spelt_out(words: list[str], short: str) -> list[str]:
    """Return the last of the *words* whose initials are *short*; all where there are none such."""
    for start in range(len(words) - 1, -1, -1):
        if "".join(word[0] for word in words[start:] if word[0].isupper()) == short:
            return words[start:]
    return words


def _judged(name: str, text: str, plain: set[str], known: Finder, *, titled: bool) -> Name | None:
    words = name.split()
    last = re.escape(words[-1])
    times = len(re.findall(rf"\b{re.escape(name)}\b", text))
    short = re.search(rf"\b{re.escape(name)} \(({_UPPER}{{2,8}})\b", text)
    body = bool(short) or not _BODIES.isdisjoint(word.lower() for word in words)
    common = words[-1].lower() in plain or words[-1].isupper() or known.means(words[-1])
    common = common or bool(re.search(rf"\bthe {last}\b", text))
    alone = 0 if common else len(re.findall(rf"(?<!\w )\b{last}\b|\b[a-z]\w* {last}\b", text))
    person = not body and len(words) < 4 and " of " not in name and bool(titled or alone)
    if times + (alone if person else 0) < 2 and not short:
        return None
    aliases = (short[1],) if short else (words[-1],) if person and not common else ()
    return Name(name, "organisation" if body else "person" if person else "", aliases)


def dates(text: str) -> Iterator[str]:
    """Yield the dates with a year that *text* gives, in EDTF and in its order."""
    for found in _DATE.finditer(text):
        edtf = _edtf(found.groupdict())
        try:
            edtf_interval(edtf)
        except ValueError:
            continue
        yield edtf


def _edtf(part: Mapping[str, str | None]) -> str:
    if part["month"]:
        day = part["day"] or part["us"]
        month = _MONTHS.index(part["month"][:3].lower()) + 1
        return f"{part['year']}-{month:02}" + (f"-{int(day):02}" if day else "")
    if part["first"]:
        return f"{part['first']}/{part['last']}"
    if part["start"] and part["end"]:
        return f"{part['start']}/{part['start'][: 4 - len(part['end'])]}{part['end']}"
    if part["decade"]:
        return f"{part['decade']}X"
    return part["iso"] or f"{part['plain']}{'/..' if part['since'] else ''}"


class Cited(NamedTuple):
    """A source that a sentence cites, and the year that it gives; none where it cites by number."""

    number: str
    year: str


def citations(
    text: str, sources: Mapping[str, tuple[str, str]], *, numbered: bool
) -> tuple[list[Cited], str]:
    """Return the sources that *text* cites, and the text without its citations.

    *sources* are the first author's family name and the year, by number. A number in square brackets
    cites where the sources are cited as *numbered*. Where no year fits, an author's only source is meant.
    """
    found: list[tuple[int, Cited]] = []
    rest = text
    families = "|".join(sorted({re.escape(f) for f, _ in sources.values() if f}, key=len, reverse=True))
    if families:
        others = rf"(?: et al\.?|(?:,? (?:and|&)|,) {_UPPER}[\w’'-]+)*"
        pattern = rf"\b({families}){others},? ?\(?({YEAR})[a-z]?\b"
        for citation in re.finditer(pattern, text):
            by_author = {n: year for n, (family, year) in sources.items() if family == citation[1]}
            fitting = [n for n, year in by_author.items() if year == citation[2]]
            fitting = fitting or list(by_author) * (len(by_author) == 1)
            found += [(citation.start(), Cited(number, citation[2])) for number in fitting[:1]]
        rest = re.sub(rf"\((?:see )?{pattern}[^()]*\)|{pattern}\)?", "", text)
    if numbered:
        for marks in re.finditer(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]", text):
            found += [(marks.start(), Cited(n, "")) for n in re.findall(r"\d+", marks[1]) if n in sources]
    # A citation of what the bibliography does not have gives no date either.
    unknown = rf"\((?!{_MONTH}\b){_UPPER}[\w’'-]+(?: et al\.?| (?:and|&) {_UPPER}[\w’'-]+)?,? {YEAR}[a-z]?\)"
    return [cited for _, cited in sorted(found)], re.sub(unknown, "", rest)
