"""What the words of a query may mean: terms, names and dates, each with how close it comes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afcli.lexicon import SMALL, is_cyrillic, parts, romanised, skeleton, sound, stem, stems, tokens
from afcli.spelling import misspelt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afcli.index import Index

UNKNOWN_NAME = 1.0
"""The weight of a name or number that the facts do not know, as a share of the heaviest weight."""
UNKNOWN_WORD = 0.8
"""The same for any other word."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = re.compile(
    "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?"
)
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_ISO = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?")
_YEAR = re.compile(r"1\d{3}|20\d\d")
_DAY = re.compile(r"(0?[1-9]|[12]\d|3[01])(st|nd|rd|th)?")
_MEASURE = re.compile(r"(\d+)([^\W\d_]+)")


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that some words of a query may mean."""

    places: tuple[int, ...]
    """Which words, counted from nought."""
    term: str
    closeness: float
    """From 0 to 1."""
    way: str
    """exact, stem, prefix, typo, transliteration, alias or date."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A query taken apart."""

    words: tuple[str, ...]
    meanings: tuple[Meaning, ...]
    weights: dict[int, float]
    """For each word that counts how much it asks for: rare words ask for more."""
    unknown: tuple[int, ...]
    """The words that mean nothing here."""


def understand(query: str, index: Index) -> Understood:
    """Return what the words of *query* may mean in *index*."""
    words = _words(query, index)
    meanings: list[Meaning] = []
    for place, word in enumerate(words):
        found = _meanings_of_word(word, index)
        meanings += (Meaning((place,), term, close, way) for term, (close, way) in found.items())
    meanings += _names(words, index)
    meanings += _dates(words)
    held = [m for m in meanings if m.term in index.postings]
    weights, unknown = _weights(query, words, held, index)
    return Understood(tuple(words), tuple(held), weights, unknown)


def _words(query: str, index: Index) -> list[str]:
    """Return the words to be understood: compounds whole where they are known so, measures apart."""
    words: list[str] = []
    for token in tokens(query):
        measure = _MEASURE.fullmatch(token)
        if (
            _DAY_FIRST.fullmatch(token)
            or _ISO.fullmatch(token)
            or token in index.vocabulary
            or not parts(token)
        ):
            words += measure.groups() if measure and token not in index.vocabulary else [token]
        else:
            words += [token] if stems(token) in index.names else parts(token)
    return words


def _meanings_of_word(word: str, index: Index) -> dict[str, tuple[float, str]]:
    """Return terms with their closeness and way: the word itself, what it begins, what it misspells."""
    found: dict[str, tuple[float, str]] = {}
    small = word in SMALL
    if not small:
        if word in index.vocabulary:
            found[index.vocabulary[word]] = (1.0, "exact")
        elif stem(word) in index.postings:
            found[stem(word)] = (0.97, "stem")
    known = bool(found)
    if len(word) > 2 and not small and not word.isdigit():
        for other, term in index.vocabulary.items():
            if other.startswith(word) and term not in found:
                found[term] = ((0.6 if known else 0.8) + 0.15 * len(word) / len(other), "prefix")
    if not found and not small and not word.isdigit():
        if is_cyrillic(word):
            found = {
                index.vocabulary[other]: (0.8, "transliteration")
                for other in _sounding_like(romanised(word), index)
            }
        for other, similarity in {} if found else misspelt(word, index.vocabulary):
            found.setdefault(index.vocabulary[other], (0.85 * similarity, "typo"))
    return found


def _sounding_like(latin: str, index: Index) -> Iterator[str]:
    key = sound(latin)
    bare = skeleton(key)
    for other in index.vocabulary:
        if len(other) > 3 and other.isascii():
            heard = sound(other)
            if heard == key or (len(bare) > 3 and skeleton(heard) == bare):
                yield other


def _names(words: list[str], index: Index) -> Iterator[Meaning]:
    """Yield the entities all words of any of whose names stand in the query, in any order."""
    places: dict[str, int] = {}
    for place, word in enumerate(words):
        places.setdefault(stem(word), place)
    for name, terms in index.names_with(places):
        if all(word in places for word in name):
            where = tuple(dict.fromkeys(places[word] for word in name))
            yield from (
                Meaning(where, term, 1.0 if len(where) > 1 else 0.95, "alias") for term in sorted(terms)
            )


def _dates(words: list[str]) -> Iterator[Meaning]:
    """Yield the days, months and years that the words write, in any of the usual forms."""

    def at(place: int, form: re.Pattern[str]) -> re.Match[str] | None:
        return form.fullmatch(words[place]) if 0 <= place < len(words) else None

    for place, word in enumerate(words):
        if found := _DAY_FIRST.fullmatch(word):
            yield Meaning((place,), f"#{found[3]}-{int(found[2]):02}-{int(found[1]):02}", 1.0, "date")
        elif _ISO.fullmatch(word) or _YEAR.fullmatch(word):
            yield Meaning((place,), f"#{word}", 1.0, "date")
        elif _MONTH_NAME.fullmatch(word):
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
    query: str, words: list[str], meanings: list[Meaning], index: Index
) -> tuple[dict[int, float], tuple[int, ...]]:
    """Return what each word asks for, and which words mean nothing in the index.

    As in BM25 a word weighs the logarithm of its rarity among the records. A word that stands
    nowhere weighs most: heavily where it is a name or a number, since then something is asked
    for that the facts do not have.
    """
    total = len(index.records)
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
        near = [index.postings[m.term] for m in mine if m.closeness > best - 0.1]
        holders = {number for posting in near for number, (weight, _) in posting.items() if weight >= 0.5}
        rarity = math.log(1 + (total - len(holders) + 0.5) / (len(holders) + 0.5))
        if word not in SMALL:
            weights[place] = rarity
        elif any(len(m.places) > 1 for m in mine):
            # A small word counts only as a part of a name, as in "the West".
            weights[place] = 0.3 * rarity
    return weights, tuple(unknown)
