"""What the words of a query may mean: terms, names and dates, each with how close it comes."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from afcli.index import LEVELS, entity_term
from afcli.lexicon import SMALL, is_cyrillic, parts, romanised, skeleton, sound, stem, stems, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afcli.base import Base

UNKNOWN_NAME = 1.0
"""The weight of a name or number that the facts do not know, as a share of the heaviest weight."""
UNKNOWN_WORD = 0.8
"""The same for any other word."""
PART_OF_NAME = 0.65
"""How close a word comes to an entity when it is only a part of its name."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = frozenset(
    "january february march april june july august september october november december sept".split()
).union(_MONTHS)
# Compiled when a query holds a digit: most do not.
_DAY_FIRST = r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})"
_ISO = r"(\d{4})-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?"
_YEAR = r"1\d{3}|20\d\d"
_DAY = r"(0?[1-9]|[12]\d|3[01])(st|nd|rd|th)?"
_MEASURE = r"(\d+)([^\W\d_]+)"


class Meaning(NamedTuple):
    """One thing that some words of a query may mean."""

    places: tuple[int, ...]
    """Which words, counted from nought."""
    term: str
    closeness: float
    """From 0 to 1."""
    way: str
    """exact, stem, prefix, typo, transliteration, alias or date."""
    word: str = ""
    """The known word that was taken for the one in the query."""


_NOTHING = Meaning((), "", 0.0, "")


class Understood(NamedTuple):
    """A query taken apart."""

    words: tuple[str, ...]
    meanings: tuple[Meaning, ...]
    weights: dict[int, float]
    """For each word that counts how much it asks for: rare words ask for more."""
    unknown: tuple[int, ...]
    """The words that mean nothing here."""


def understand(query: str, base: Base) -> Understood:
    """Return what the words of *query* may mean in *base*."""
    words = _words(query, base)
    meanings: list[Meaning] = []
    for place, word in enumerate(words):
        meanings += _meanings_of_word(place, word, base)
    meanings += _names(words, base)
    meanings += _dates(words)
    held = [m for m in meanings if base.postings(m.term)]
    weights, unknown = _weights(query, words, held, base)
    return Understood(tuple(words), tuple(held), weights, unknown)


def _words(query: str, base: Base) -> list[str]:
    """Return the words to be understood: compounds whole where they are known so, measures apart."""
    words: list[str] = []
    for token in tokens(query):
        measure = _matched(_MEASURE, token)
        if _matched(_DAY_FIRST, token) or _matched(_ISO, token) or not parts(token) or base.knows(token):
            words += measure.groups() if measure and not base.knows(token) else [token]
        else:
            name = stems(token)
            words += [token] if any(name == known for known, _ in base.names_with(name[0])) else parts(token)
    return words


def _meanings_of_word(place: int, word: str, base: Base) -> Iterator[Meaning]:
    """Yield what one word means: itself, what it begins or misspells, whose name it is part of."""
    partly: dict[str, Meaning] = {}
    for term, (close, way, known) in _terms_of_word(word, base).items():
        yield Meaning((place,), term, close, way, known)
        if way == "prefix" and len(word) < 4:
            continue  # Three letters begin too many names.
        for id_ in (id_ for _, ids in base.names_with(term) for id_ in ids):
            meaning = Meaning((place,), entity_term(id_), PART_OF_NAME * close, way, known)
            if meaning.closeness > partly.get(id_, _NOTHING).closeness:
                partly[id_] = meaning
    yield from partly.values()


def _terms_of_word(word: str, base: Base) -> dict[str, tuple[float, str, str]]:
    """Return terms, each with its closeness, its way, and the known word that was taken."""
    found: dict[str, tuple[float, str, str]] = {}
    if word in SMALL:
        return found
    term = stem(word)
    if base.knows(word):
        found[term] = (1.0, "exact", word)
    elif base.postings(term) or base.names_with(term):
        found[term] = (0.97, "stem", word)
    if word.isdigit():
        return found
    if len(word) > 2:
        known = 0.6 if found else 0.8
        for other in base.beginning(word):
            found.setdefault(stem(other), (known + 0.15 * len(word) / len(other), "prefix", other))
    return found or _mended(word, base)


def _mended(word: str, base: Base) -> dict[str, tuple[float, str, str]]:
    """Return the same for a word that nothing begins with: what it sounds like, or misspells."""
    found: dict[str, tuple[float, str, str]] = {}
    for other in _sounding_like(romanised(word), base) if is_cyrillic(word) else ():
        found.setdefault(stem(other), (0.8, "transliteration", other))
    for other, similarity in () if found else _misspelt(word, base):
        found.setdefault(stem(other), (0.85 * similarity, "typo", other))
    return found


def _misspelt(word: str, base: Base) -> list[tuple[str, float]]:
    from afcli.spelling import allowance, misspelt

    slips = allowance(word)
    near = base.words(range(len(word) - slips, len(word) + slips + 1)) if slips else []
    return misspelt(word, near, lambda: base.beginning(word[0]))


def _sounding_like(latin: str, base: Base) -> Iterator[str]:
    key = sound(latin)
    bare = skeleton(key)
    for other in base.words():
        if len(other) > 3 and other.isascii():
            heard = sound(other)
            if heard == key or (len(bare) > 3 and skeleton(heard) == bare):
                yield other


def _names(words: list[str], base: Base) -> Iterator[Meaning]:
    """Yield the entities all words of any of whose names stand in the query, in any order."""
    places: dict[str, int] = {}
    for place, word in enumerate(words):
        places.setdefault(stem(word), place)
    seen = set()
    for first in places:
        for name, ids in base.names_with(first):
            if name not in seen and all(word in places for word in name):
                seen.add(name)
                where = tuple(dict.fromkeys(places[word] for word in name))
                whole = 1.0 if len(where) > 1 else 0.95
                # Russian stems make one word of two names: Кабулов is not of Кабул.
                written = " ".join(words[place] for place in where)
                bearers = {e.id for e in base.bearers(written)}.intersection(ids) if len(ids) > 1 else ()
                for id_ in ids:
                    close = whole if not bearers or id_ in bearers else PART_OF_NAME
                    yield Meaning(where, entity_term(id_), close, "alias")


def _matched(form: str, word: str) -> re.Match[str] | None:
    return re.fullmatch(form, word) if any(map(str.isdigit, word)) else None


def _dates(words: list[str]) -> Iterator[Meaning]:
    """Yield the days, months and years that the words write, in any of the usual forms."""

    def at(place: int, form: str) -> re.Match[str] | None:
        return _matched(form, words[place]) if 0 <= place < len(words) else None

    for place, word in enumerate(words):
        if found := _matched(_DAY_FIRST, word):
            yield Meaning((place,), f"#{found[3]}-{int(found[2]):02}-{int(found[1]):02}", 1.0, "date")
        elif _matched(_ISO, word) or _matched(_YEAR, word):
            yield Meaning((place,), f"#{word}", 1.0, "date")
        elif word in _MONTH_NAMES:
            month = f"{_MONTHS.index(word[:3]) + 1:02}"
            yield Meaning((place,), f"#--{month}", 1.0, "date")
            if year := at(place + 1, _YEAR):
                yield Meaning((place, place + 1), f"#{year[0]}-{month}", 1.0, "date")
            for beside, after in ((place - 1, place + 1), (place + 1, place + 2)):
                if day := at(beside, _DAY):
                    found_day = f"{month}-{int(day[1]):02}"
                    yield Meaning((place, beside), f"#--{found_day}", 1.0, "date")
                    if year := at(after, _YEAR):
                        yield Meaning((place, beside, after), f"#{year[0]}-{found_day}", 1.0, "date")


def _weights(
    query: str, words: list[str], meanings: list[Meaning], base: Base
) -> tuple[dict[int, float], tuple[int, ...]]:
    """Return what each word asks for, and which words mean nothing here.

    As in BM25 a word weighs the logarithm of its rarity among the records. A word that stands
    nowhere weighs most: heavily where it is a name or a number, since then something is asked
    for that the facts do not have.
    """
    total = sum(base.segments)
    heaviest = math.log(1 + 2 * total)
    capital = {token for word in query.split() if word[:1].isupper() for token in tokens(word)}
    weights: dict[int, float] = {}
    unknown = []
    for place, word in enumerate(words):
        mine = [m for m in meanings if place in m.places]
        if not mine:
            if word not in SMALL:
                unknown.append(place)
                weights[place] = heaviest * (
                    UNKNOWN_NAME if word in capital or word.isdigit() else UNKNOWN_WORD
                )
            continue
        best = max(m.closeness for m in mine)
        held = max(_held_plainly(m.term, base) for m in mine if m.closeness > best - 0.1)
        rarity = math.log(1 + (total - held + 0.5) / (held + 0.5))
        if word not in SMALL:
            weights[place] = rarity
        elif any(len(m.places) > 1 for m in mine):
            # A small word counts only as a part of a name, as in "the West".
            weights[place] = 0.3 * rarity
    return weights, tuple(unknown)


def _held_plainly(term: str, base: Base) -> int:
    """Return how many records hold *term* in a field that counts."""
    return sum(posting.size for posting in base.postings(term) if LEVELS[posting.level].weight >= 0.5)
