"""A small index for the page: the words, names and terms of its claims, as search/ reads them from the tables."""

from __future__ import annotations

import base64
import string
import zlib
from typing import TYPE_CHECKING, Any

from afcli.index.terms import date_terms
from afcli.names import entity_term
from afcli.search import find, interpret, time_or_amount
from afcli.sounds import latin
from afcli.text import AMERICAN, IRREGULAR, SMALL, parts, stem
from afcli.text import words as words_of
from afcli.word_frequency import STEP, frequencies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from afcli.index.base import Base
    from afcli.index.terms import Level

_DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
"""The 64 signs that numbers are written in."""
_TUNING = {
    interpret: (
        "UNKNOWN_NAME", "UNKNOWN_WORD", "EVERYDAY", "COMMONEST", "COMMON_RANGE", "PART_OF_NAME", "MEMBER", "ASKED_MEMBER",
        "SMALL_IN_NAME", "COUNTED",
    ),
    find: ("SILENCE", "FADE", "FOUND_NAME", "MISSED_NAME", "TOGETHER", "TRUST"),
    time_or_amount: ("BEHIND",),
}  # fmt: skip
"""The numbers of search/, which are set there alone."""
_KNOWN_FROM = 2.5
"""How common at large a word must be that the page knows it."""
_PLAIN = 3.75
"""Words less common than this weigh the same."""


def vocabulary(base: Base, ids: Sequence[str]) -> dict[str, Any]:
    """Return what finds the claims and bibliography entries *ids*, which are numbered in this order."""
    numbers = base.numbers_of(ids)
    place = {numbers[id_]: n for n, id_ in enumerate(ids) if id_ in numbers}
    words = base.known(base.starting([""])[""])
    levels, coded = _postings(base, _terms(base, words, list(place)), place)
    names = {word for entity in base.entities() for name in entity.names for word in _words(name)}
    kept = {word: often for word, often in words.items() if word in names or stem(word) in coded}
    return {
        "words": _lines(_word(word, stem(word), kept[word]) for word in sorted(kept)),
        "terms": _lines(" ".join([term, *held]) for term, held in coded.items()),
        "levels": [list(level) for level in levels],
        "records": len(ids),
        "small": " ".join(sorted(SMALL)),
        "irregular": IRREGULAR,
        "american": AMERICAN,
        "which": interpret.WHICH,
        "countries": interpret.COUNTRIES,
        "of_all": interpret.OF_ALL,
        "letters": {letter: latin(letter).lower() for letter in map(chr, range(0x430, 0x460))},
        "common": _common(kept),
        "told": _told(base, list(place)),
        "tuning": {n: getattr(room, n) for room, names in _TUNING.items() for n in names} | {"STEP": STEP},
    }


def _told(base: Base, numbers: Sequence[int]) -> dict[str, list[int]]:
    """Return the places of the claims that tell a time, and an amount."""
    texts = [claim.text for claim in base.claims(numbers)]
    return {
        kind: [n for n, text in enumerate(texts) if time_or_amount.tells(kind, text)]
        for kind in ("time", "amount")
    }


def _postings(
    base: Base, terms: set[str], place: Mapping[int, int]
) -> tuple[Iterable[Level], dict[str, list[str]]]:
    """Return the levels, and for each term its levels, by their places among these, each with the claims that have it there."""
    levels: dict[Level, int] = {}
    found: dict[str, list[str]] = {}
    for term, postings in sorted(base.postings(terms).items()):
        held: dict[Level, set[int]] = {}
        for posting in postings:
            if here := {place[number] for number in base.holders(posting) if number in place}:
                held.setdefault((posting.field, posting.weight), set()).update(here)
        if held:
            found[term] = [
                _DIGITS[levels.setdefault(level, len(levels))] + _ascending(sorted(numbers))
                for level, numbers in held.items()
            ]
    return levels, found


def _words(name: str) -> Iterable[str]:
    for word in words_of(name):
        yield from (word, word.replace("-", ""), *parts(word))


def _terms(base: Base, words: Iterable[str], numbers: Sequence[int]) -> set[str]:
    return {
        *map(stem, words),
        *(entity_term(entity.id) for entity in base.entities()),
        *(term for claim in base.claims(numbers) for term in date_terms(claim.date)),
    }


def _word(word: str, term: str, often: float) -> str:
    """Return a word; its stem, as the number of letters to take off or as itself; how common it is at large."""
    dropped = (len(word) - len(term) or "") if word.startswith(term) else f"={term}"
    level = int(often / STEP) if often else ""
    return f"{word} {dropped} {level}".rstrip(" ")


def _ascending(numbers: Iterable[int]) -> str:
    """Return ascending numbers as their differences, five bits a sign, the lowest first."""
    coded, last = "", -1
    for number in numbers:
        rest, last = number - last - 1, number
        while rest > 31:
            coded += _DIGITS[32 + (rest & 31)]
            rest >>= 5
        coded += _DIGITS[rest]
    return coded


def _common(known: Mapping[str, float]) -> str:
    """Return the stems of everyday words, those of one frequency on one line, compressed, in base 64.

    Each follows the number of letters that it shares with the one before.
    """
    lines: dict[float, list[str]] = {}
    terms = set(map(stem, known))
    for term, often in frequencies().items():
        if often >= _KNOWN_FROM and term not in terms:
            lines.setdefault(max(often, _PLAIN), []).append(term)
    text = "\n".join(
        f"{often} {''.join(f'{same}{rest}' for same, rest in _shared(sorted(lines[often]), 9))}"
        for often in sorted(lines)
    )
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _lines(lines: Iterable[str]) -> str:
    """Return each line as the number of letters that it shares with the one before, as a letter (a is none), and the rest."""
    return "\n".join(f"{chr(97 + same)}{rest}" for same, rest in _shared(lines, 25))


def _shared(words: Iterable[str], most: int) -> Iterator[tuple[int, str]]:
    last = ""
    for word in words:
        same = 0
        while same < min(most, len(word)) and last.startswith(word[: same + 1]):
            same += 1
        yield same, word[same:]
        last = word
