"""Find the names of persons, bodies and places in a text, by rules. Only this module imports Faker, for its given names.

A person is known by a title, a given name, what only persons do ("Murdock wrote"), a trade before the name, or
the family name alone elsewhere; a name that stands after "in" or "the", in capitals, or before a number is none.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from afcli.errors import UsageError
from afcli.months import MONTH_NAMES
from afcli.text import SMALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afcli.authoring.mentions import Finder

UPPER = f"[{''.join(filter(str.isupper, map(chr, range(0x530))))}]"
"""A capital, Latin, Greek or Cyrillic: Python's regular expressions have no class for them."""
_WORD = rf"{UPPER}\w*(?:-{UPPER}\w*)*(?:[’'](?!s\b)\w+)*(?![\w-])"
_INITIAL = rf"{UPPER}\."
_LINK = r"(?:of|for|de|del|da|di|la|van|von|der|den|bin|ibn|al|el)(?: the)?"
_RUN = re.compile(rf"(?<![\w-])(?:{_INITIAL} ?)*{_WORD}(?: (?:{_INITIAL} ?)*(?:{_LINK} )?{_WORD})*")
_TITLES = frozenset(
    """
    admiral ambassador archbishop bishop captain chancellor colonel commissioner comrade count director dr emperor
    father foreign general governor judge justice king lady lord major mayor minister miss mr mrs ms pope president
    prime prince princess prof professor queen secretary senator sergeant sir sister vice
    """.split()
)
_BODIES = frozenset(
    """
    academy administration agency alliance army assembly association authority bank board brigade broadcasting bureau
    cabinet center centre church club college commission committee communications companies company conference
    confederation congress consortium corp corporation council court department faculty federation force forces
    foundation front fund gmbh government group guild hospital inc industries initiative institute institution
    international laboratories laboratory league ltd ministry movement museum navy network news office organisation
    organization parliament party police press project school senate service services society software-in syndicate
    systems team times treaty tribunal trust union university
    """.split()
)
_PLACES = frozenset(
    """
    bay beach bridge canal cape castle city coast county desert district fort gulf harbour hill hills island islands
    isle lake mount mountain mountains ocean peninsula plain port province region river road sea square strait street
    valley village
    """.split()
)
_PLACES_FIRST = frozenset("cape fort isle lake mount mt port river".split())
_COMPASS = frozenset(
    "north south east west northern southern eastern western central middle latin north-west south-east".split()
)
_CONTINENTS = frozenset("africa america asia europe east".split())
STATES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Idaho|Illinois|Indiana|"
    "Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|"
    "Nebraska|Nevada|New (?:Hampshire|Jersey|Mexico|York)|North Carolina|North Dakota|Ohio|Oklahoma|Ontario|Oregon|"
    "Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|West Virginia|"
    "Wisconsin|Wyoming"
)
"""States and provinces of North America, which stand after the names of towns."""
_LIVED = (
    r"\b(?:(?:born|died|live[sd]?|living|settled|arrived|held|place|meeting|conference|based|headquartered|buried|grew up"
    r"|works?|worked) in|(?:moved|fled|exiled|returned|travelled) to|(?:city|town|village|port|university) of|visited)"
)
_THINGS = frozenset(
    """
    act agreement charter code collection constitution contract convention declaration directive format framework
    guidelines interface kernel language law licence license list method model plan policy protocol resolution review
    standard standards syndrome system test theory war
    """.split()
)
"""What an abbreviation stands for, if it is no body."""
_OPENERS = frozenset(
    """
    anybody anyone anything everybody everyone everything nobody somebody someone something according accordingly actually additionally also although another apparently because besides both certainly
    clearly consequently conversely despite earlier early eventually even every few finally first firstly former
    fortunately further furthermore generally hence however ironically indeed initially instead interestingly last late
    later like likewise many maybe meanwhile moreover most much namely nevertheless next none nonetheless nothing now
    obviously often once only originally other otherwise perhaps possibly presumably previously probably rather
    recently second secondly several significantly similarly simply since some sometimes soon still subsequently such
    suddenly then there therefore third though thus today together ultimately under unfortunately unlike until usually
    when whereas while why yet
    """.split()
)
"""Words that begin sentences and no names."""
_PERSONAL = frozenset("mr mrs ms miss dr prof professor sir lady lord king queen president comrade".split())
"""Titles after which a single name is a person's: General Resolution is none."""
_TRADES = (
    r"(?:activist|actor|analyst|anarchist|architect|artist|author|chair\w*|chief|co-founder|colleague|composer|coordinator|"
    r"correspondent|critic|delegate|developer|economist|editor|engineer|expert|founder|friend|hacker|head|historian|husband|"
    r"inventor|journalist|keeper|lawyer|lead|leader|maintainer|manager|mathematician|member|minister|novelist|officer|"
    r"painter|philosopher|physicist|poet|politician|president|programmer|researcher|sailor|scholar|scientist|secretary|"
    r"sociologist|son|daughter|spokes\w+|student|successor|theorist|translator|volunteer|wife|writer|leaders|authors|"
    r"developers|members|founders|words of|by|according to|elected|named|thank|thanks to|like|with)"
)
_DOES = (
    r"(?:acknowledge[sd]?|add(?:s|ed)|admit(?:s|ted)|agree[sd]|announce[sd]|appear(?:s|ed) to|argue[sd]?|asked|became|believe[sd]?|"
    r"born|came|claim(?:s|ed)|coined|commented|complained|concluded|confirmed|declared|denied|described|died|discovered|drew|"
    r"emigrated|expects?|explain(?:s|ed)|felt|founded|graduated|helped|hoped|insist(?:s|ed)|invented|joined|kept|killed|knew|laughed|"
    r"led|lived|married|met|moved|murdered|note[sd]|observe[sd]?|passed away|pointed|proposed|published|put|recall(?:s|ed)?|"
    r"refused|remember(?:s|ed)?|replied|report(?:s|ed)?|resigned|retired|returned|said|sa(?:ys|w)|spoke|start(?:ed|s)|state[sd]|"
    r"stepped|studied|succeeded|suggest(?:s|ed)|suicide|taught|tells|thinks|thought|told|took|travelled|visited|wanted|warned|"
    r"was (?:elected|appointed|arrested|born|killed|one of)|wondered|worked|wrote|write[s]?|created|developed|released|maintained)"
)
_ACTS = (
    rf"\s*(?:\([^)]*\)\s*)?(?:,? (?:who|whose)\b|, (?:a|an|the|then|now|former|its|their|his|her) (?:\w+ ){{0,2}}{_TRADES}\b"
    rf"|,? (?:\w+ly |also |then |later |soon |first |has |had |have |would |and \w+ \w+ )*{_DOES}\b"
    r"|['’]s? (?:book|work|view|argument|death|life|wife|husband|father|mother|friend|words|essay|theory|writings)\b)"
)
_DATED = {*map(str.lower, MONTH_NAMES), *"monday tuesday wednesday thursday friday saturday sunday".split()}
_NO_GIVEN = frozenset(
    "art an best black blue general golden great green grand king le may mount north per prince red royal saint south sun the west white world van will".split()
)
_PARTS = frozenset("appendix chapter equation figure fig section table".split())
"""What a text calls its own parts."""
_OFTEN = 3
"""How often one word must stand within sentences as a name before it is taken for one of something unknown."""


class Name(NamedTuple):
    """A name in a text, and what it seems to be."""

    name: str
    kind: str
    """person, organisation, place, or empty if its form does not tell."""
    aliases: tuple[str, ...]


_HONOUR = r"\b(?:Mr|Mrs|Ms|Dr|Prof|Sir)\.?"
_BEFORE = {
    sign: re.compile(rf"(?:{form})\s+$")
    for sign, form in {
        "within": r"[\w,;:)]",
        "titled": _HONOUR,
        "acts": rf"\b{_TRADES}(?: of \w+)?,?|{_HONOUR}",
        "placed": r"\b(?:[Ii]n|[Aa]t|[Nn]ear)",
        "after the": r"\b[Tt]he",
        "lived": _LIVED,
    }.items()
}
_AFTER = {
    "acts": re.compile(_ACTS),
    "numbered": re.compile(r" \d"),
    "lived": re.compile(rf", (?:{STATES})\b"),
}
"""What stands before or after a name, as far as that tells what it names."""
_WITHIN = re.compile(rf", ({UPPER}\w+)(?=[,.;]|$)")
_SHORT = re.compile(rf" \((?:the )?({UPPER}{{2,8}})\b")


def names(sentences: Sequence[str], known: Finder) -> list[Name]:
    """Return the names of persons, and those of bodies, places and things that occur twice or get an abbreviation.

    A person's family name alone counts as another occurrence. Names already *known* are left out.
    """
    text = _Text(sentences, known)
    found = text.long_names()
    people = {word for name in found if name.kind == "person" for word in name.name.split()}
    people |= {alias for name in found for alias in name.aliases}
    found += text.single_words(people, {word for name in found for word in name.name.split()} - people)
    runs = {name.name for name in found}
    # "Central Asian" is not a second name beside "Central Asia".
    return [name for name in found if name.name[:-1] not in runs]


class _Text:
    """A text with its runs of words with capitals, and what stands around each."""

    def __init__(self, sentences: Sequence[str], known: Finder) -> None:
        text = "\n".join(sentences)
        self.known = known
        self.plain = set(filter(str.islower, re.findall(r"(?<![\w’'-])[^\W\d_]+", text)))
        """The words that stand in small letters somewhere."""
        self.seen: dict[str, Counter[str]] = {}
        """How often each run occurs, and with which signs around it."""
        self.shorts: dict[str, str] = {}
        """The abbreviations that some get."""
        for first, end in _pieces(text):
            self._take(text, first, end)

    def _take(self, text: str, first: int, end: int) -> None:
        words = text[first:end].split()
        # The first word of a sentence always has a capital.
        opens = not first or text.endswith(("\n", "“", '"', "(", "‘", ". "), 0, first)
        short = _SHORT.match(text, end)
        spelt = _spelt_out(words, short[1]) if short else []
        words, titled = (spelt, False) if spelt else self._trimmed(words, self.plain if opens else set())
        name = " ".join(words)
        lowered = {word.lower() for word in words}
        if not lowered.isdisjoint(_DATED) or self.known.means(name) or lowered <= SMALL:
            return
        if len(words) == 1 and ((opens and name.lower() in self.plain) or len(name) < 3 or name.isupper()):
            return
        if short and len(words) > 1:
            self.shorts[name] = short[1]
        start = end - len(name)
        before = text[max(start - 30, 0) : start].rpartition("\n")[2]
        signs = self._signs(before, text[end : end + 60].partition("\n")[0])
        signs |= {"times", "titled"} if titled else {"times"}
        self.seen.setdefault(name, Counter()).update(signs)

    def _signs(self, before: str, after: str) -> set[str]:
        signs = {sign for sign, form in _BEFORE.items() if form.search(before)}
        signs |= {sign for sign, form in _AFTER.items() if form.match(after)}
        if after.startswith(("’s", "'s")):
            signs.discard("placed")
        within = _WITHIN.match(after)
        if within and re.search(r"\b[Ii]n\s+$", before) and self.known.means(within[1]):
            signs.add("lived")
        return signs

    def _trimmed(self, words: list[str], doubtful: set[str]) -> tuple[list[str], bool]:
        """Return the words of a run that are a name, and whether a title stood before them."""
        titled = False
        small = (n for n, word in enumerate(words) if n and word.lower() in SMALL and word[0].isupper())
        words = words[: next(small, None)]
        if re.fullmatch(_TRADES, words[0].lower()) and words[1:2] in (["of"], ["for"]):
            words = [word for word in words[2:] if word != "the"]  # the leader of a body
        while words and self._is_no_part(words, doubtful):
            title = words[0].lower().rstrip(".")
            titled = titled or title in (_TITLES if len(words) > 2 else _PERSONAL)
            words = words[1:]
        return words, titled

    def _is_no_part(self, words: Sequence[str], doubtful: set[str]) -> bool:
        """Tell whether the first of the *words* is outside the name: a small word, a title, one in *doubtful*."""
        first = words[0].lower().rstrip(".")
        if first in _TITLES:
            return len(words) > 1 and (_BODIES | _PLACES).isdisjoint(word.lower() for word in words)
        if first in SMALL | _DATED | _OPENERS or not words[0][0].isupper():
            return True
        if first in doubtful:
            return words[0] not in given_names() or first in _NO_GIVEN
        return len(words) > 1 and words[1].lower() in _TITLES and self.known.means(words[0])

    def long_names(self) -> list[Name]:
        """Return the names of several words."""
        several = [name for name in self.seen if " " in name]
        families = Counter(name.split()[-1] for name in several)
        judged = (self._judge(name, unique=families[name.split()[-1]] == 1) for name in several)
        return list(filter(None, judged))

    def _judge(self, name: str, *, unique: bool) -> Name | None:
        """Return *name* with what it seems to be, or None if it is no person, occurs once and gets no abbreviation."""
        words, short = name.split(), self.shorts.get(name, "")
        lowered = [word.lower().rstrip(".,") for word in words]
        if not short and re.fullmatch(_TRADES, lowered[-1]):
            return None
        if short or _is_body(lowered):
            kind = "organisation" if _is_body(lowered) or lowered[-1] not in _THINGS else ""
            return Name(name, kind, (short,) if short else ())
        if _is_place(lowered):
            return Name(name, "place", ())
        if self._is_person(name, words):
            family = words[-1]
            rare = unique and len(family) > 2 and not family.isupper()
            own = rare and family.lower() not in self.plain and not self.known.means(family)
            return Name(name, "person", (family,) if own else ())
        return Name(name, "", ()) if self.seen[name]["times"] > 1 else None

    def _is_person(self, name: str, words: Sequence[str]) -> bool:
        first, family, seen = words[0], words[-1], self.seen[name]
        if len(words) > 5 or {"of", "for", "the"} & set(words) or family.endswith("."):
            return False
        if seen["numbered"] or any(re.search(rf"\d|[a-z]{UPPER}{UPPER}|^{UPPER}{UPPER}+$", w) for w in words):
            return False
        if {first.lower(), family.lower()} & (_TITLES | _THINGS | _OPENERS):
            return False
        bare = first.split("-")[0]
        may_be_given = bare in given_names() or re.fullmatch(_INITIAL, first)
        is_given = bool(may_be_given) and bare.lower() not in _NO_GIVEN
        score = 3 * bool(seen["titled"]) + 2 * bool(seen["acts"])
        score += (1 if bare.lower() in self.plain else 2) if is_given else -self.known.means(first)
        alone, first_alone = self.seen.get(family), self.seen.get(first, Counter())
        if not is_given and first_alone["times"] > 3 * seen["times"] + 3:
            score -= 2  # Debian Med is of Debian
        if alone and not self.known.means(family):
            # What seldom does anything by its last name alone is a thing: Storm Linux.
            score += 1 if alone["times"] < 4 or 10 * alone["acts"] > alone["times"] else -2
        if 2 * seen["placed"] > seen["times"] and not seen["acts"]:
            score -= 2
        if 2 * seen["after the"] >= seen["times"]:
            score -= 3
        return score - (family.lower() in self.plain and not is_given) >= 2

    def single_words(self, people: set[str], parts: set[str]) -> Iterator[Name]:
        """Yield what a text calls by one word: persons with a title or who say something twice, where people lived, and the rest.

        A word of the names of *people* is no other; one that is only one of the *parts* of the name of a thing may be.
        """
        common = self.plain | _BODIES | _PLACES | _TITLES | _PARTS | SMALL
        for name, seen in self.seen.items():
            own = " " in name or name in people or name.lower() in common
            if own or self.known.means(name) or 2 * seen["after the"] >= seen["times"]:
                continue
            is_thing = re.search(rf"\d|[a-z]{UPPER}", name) or seen["numbered"] or name in parts
            if not is_thing and ((seen["lived"] and not seen["acts"]) or re.fullmatch(STATES, name)):
                yield Name(name, "place", ())
            elif not is_thing and (
                seen["titled"] or (seen["acts"] > 1 and 3 * seen["acts"] >= seen["times"])
            ):
                yield Name(name, "person", ())
            elif seen["within"] >= _OFTEN:
                yield Name(name, "", ())


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each run of words with capitals begins and ends; "X of The Y" is two, as is a person of a body."""
    for run in _RUN.finditer(text):
        start = run.start()
        links = r"(?: of| for)(?: the)? |" if _is_whose(run[0]) else ""
        for divider in re.finditer(rf"{links}(?: {_LINK})? (?=The\b)|(?<=\w) (?=In\b|On\b|At\b)", run[0]):
            if run.start() + divider.start() > start:
                yield start, run.start() + divider.start()
            start = run.start() + divider.end()
        yield start, run.end()


def _is_whose(run: str) -> bool:
    """Tell whether a run is a person and a body, as in Efua Addo of the Harbour Institute."""
    left, _, right = run.partition(" of ")
    words = {word.lower() for word in left.split()}
    is_person = len(words) > 1 and words.isdisjoint(_BODIES | _PLACES | _THINGS | _TITLES)
    return is_person and not _BODIES.isdisjoint(right.lower().split()[-1:])


def _spelt_out(words: list[str], short: str) -> list[str]:
    """Return the last of the *words* whose initials are *short*; none if there are none."""
    for start in range(len(words) - 1, -1, -1):
        if "".join(word[0] for word in words[start:] if word[0].isupper()) == short:
            return words[start:]
    return []


def _is_place(words: Sequence[str]) -> bool:
    first, last = words[0], words[-1]
    region = first in _COMPASS and last in _CONTINENTS
    return region or last in _PLACES or first in _PLACES_FIRST or (first in _PLACES and words[1] == "of")


def _is_body(words: Sequence[str]) -> bool:
    """Tell whether a name is of a body: Alba Council, Council of Alba; Council Elections is none."""
    links = ("of", "for", "on", "in", "to", "and")
    return any(word in _BODIES and after in links for word, after in pairwise([*words, "of"]))


@cache
def given_names() -> frozenset[str]:
    """Return the given names of some seventy languages and countries, in Latin letters."""
    try:
        from faker.providers import person
    except ImportError:
        raise UsageError("this needs Faker; install it: pip install 'afcli[new]'") from None
    from importlib import import_module
    from pkgutil import iter_modules

    names: set[str] = set()
    for module in iter_modules(person.__path__):
        provider = import_module(f"{person.__name__}.{module.name}").Provider
        for field in ("first_names", "first_names_male", "first_names_female"):
            listed = getattr(provider, field, ())
            names.update(listed if isinstance(listed, list | tuple | dict) else ())
    return frozenset(names)
