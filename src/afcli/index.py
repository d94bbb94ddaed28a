"""What of a claim is searched, how much a match in each field counts, and postings as bytes.

A term is a stem, `@id` for an entity, `#2021-08` for a date, or `=field:value` for a filter. Its
postings say in which claims it stands, and at which level: the best field that holds it.
"""

from __future__ import annotations

import itertools
import re
import sys
from array import array
from typing import TYPE_CHECKING, NamedTuple

from afcli.lexicon import SMALL, parts, stem, stems, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from afcli.model import Claim, Entity

WEIGHTS = {
    "text": 1.0,
    "name": 0.95,
    "date": 0.9,
    "terms": 0.7,
    "actors": 0.6,
    "asks": 0.6,
    "note": 0.5,
    "source": 0.45,
    "countries": 0.4,
    "regions": 0.4,
    "beside": 0.35,
    "section": 0.25,
}
"""What a match in each field counts: what the claim itself says counts most.

`name` is an entity that the text names by whatever name; `beside` is what the other claims of the
same sentence say; the rest are the fields of the claim.
"""

_LENGTHS = (8, 10, 12, 15, 20, 30)
"""Texts are told apart by length up to these numbers of words: a match in a short one says more."""


class Level(NamedTuple):
    """One degree to which a claim may hold a term."""

    field: str
    weight: float


LEVELS = (
    *(Level(name, weight) for name, weight in sorted(WEIGHTS.items(), key=lambda p: p[1]) if name != "text"),
    *(Level("text", WEIGHTS["text"] + 0.2 / length) for length in reversed(_LENGTHS)),
)
"""All levels, the lowest first; postings name them by their place here."""
_CODE = {level.field: code for code, level in enumerate(LEVELS) if level.field != "text"}
_TEXT = len(LEVELS) - len(_LENGTHS)

_KEPT = 4_096
"""How many texts are kept apart from their terms: those that several claims share stand near."""

SEGMENT = 65_536
"""The most claims whose postings stand together; a claim is named by its place in its segment."""


def entity_term(id_: str) -> str:
    """Return the term that stands for an entity whatever it is called."""
    return f"@{id_}"


def filter_term(field: str, value: str) -> str:
    """Return the term of all claims with this value of a field."""
    return f"={field}:{value}"


def date_terms(edtf: str) -> Iterator[str]:
    """Yield terms for the years, months and days that stand in an EDTF date."""
    for year, month, day in re.findall(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", edtf):
        yield f"#{year}"
        if month and int(month) <= 12:
            yield from (f"#{year}-{month}", f"#--{month}")
            if day:
                yield from (f"#{year}-{month}-{day}", f"#--{month}-{day}")


class Analyser:
    """Takes claims apart into terms."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        """Learn the names of all entities."""
        self.names: dict[tuple[str, ...], set[str]] = {}
        """Every name, as the stems of its words, with the ids of the entities that bear it."""
        self.words: dict[str, tuple[str, ...]] = {}
        """Every word met, with the terms that it and its parts stand for."""
        self._longest: dict[str, int] = {}
        self._texts: dict[str, tuple[set[str], set[str]]] = {}
        for entity in entities:
            for name in entity.names:
                if key := stems(name):
                    self.names.setdefault(key, set()).add(entity.id)
                    self._longest[key[0]] = max(self._longest.get(key[0], 0), len(key))
                for token in tokens(name):
                    self._word(token)

    def vocabulary(self) -> set[str]:
        """Return every word met, compounds and their parts."""
        return {part for word in self.words for part in (word, *parts(word))}

    def levels(self, claim: Claim, beside: Sequence[Claim]) -> dict[str, int]:
        """Return the level of each term of *claim*, whose sentence *beside* share."""
        found: dict[str, int] = {}

        def add(field: str, terms: Iterable[str]) -> None:
            found.update(dict.fromkeys(terms, _CODE[field]))

        # The lowest first, as in LEVELS: the best field stays.
        add("section", self._all(claim.section.title))
        for other in beside:
            add("beside", self._all(other.text))
        for entity in (*claim.countries, *claim.regions):
            add("countries", (entity_term(entity.id),))
        if claim.source.number is not None:
            add("source", self._all(f"{claim.source.label} {claim.source.custom.get('short-title', '')}"))
        if claim.note:
            add("note", self._all(claim.note))
        for entity in (*claim.actors, *claim.said_by):
            add("actors", (entity_term(entity.id),))
        for text in claim.asks:
            add("asks", self._all(text))
        for text in claim.terms:
            add("terms", self._all(text))
        if claim.date_basis != "writing":
            add("date", date_terms(claim.date))
        words, names = self._parted(claim.text)
        add("name", names)
        length = len(tokens(claim.text))
        found.update(dict.fromkeys(words, len(LEVELS) - 1 - sum(length > limit for limit in _LENGTHS[:-1])))
        return found

    def _all(self, text: str) -> set[str]:
        words, names = self._parted(text)
        return words | names

    def _parted(self, text: str) -> tuple[set[str], set[str]]:
        """Return the terms of all words of *text*, whole and in parts, and of the entities it names."""
        if text not in self._texts:
            if len(self._texts) > _KEPT:
                self._texts.clear()
            written = tokens(text)
            for token in written:
                if token not in self.words:
                    self._word(token)
            words = set(itertools.chain.from_iterable([self.words[token] for token in written]))
            names = {entity_term(id_) for id_ in self._named([stem(token) for token in written])}
            self._texts[text] = words, names
        return self._texts[text]

    def _word(self, token: str) -> None:
        self.words[token] = tuple(stem(word) for word in (token, *parts(token)) if word not in SMALL)

    def _named(self, written: list[str]) -> Iterator[str]:
        for start, first in enumerate(written):
            if first in self._longest:
                for end in range(start + 1, min(start + self._longest[first], len(written)) + 1):
                    yield from self.names.get(tuple(written[start:end]), ())


def filter_terms(claim: Claim) -> Iterator[str]:
    """Yield the terms of the filters that *claim* passes."""
    for country in claim.countries:
        yield filter_term("country", country.id)
    for region in claim.regions:
        yield filter_term("region", region.id)
    for id_ in {actor.id for actor in (*claim.actors, *claim.said_by)}:
        yield filter_term("actor", id_)
    yield filter_term("source", claim.source.key)
    yield filter_term("section", claim.section.id)
    yield filter_term("kind", claim.kind)
    yield filter_term("basis", claim.basis)
    yield filter_term("date", f"{claim.date} {claim.date_basis}")


# Postings of a term are pieces, one a segment: number of the segment (2 bytes), number of levels (1),
# and for each level its code, with 128 added where places take two bytes (1), the number of places
# less one (2), and the places: differences of one byte each, or themselves of two.

_WIDE = 128


def encode(segment: int, places: Mapping[int, Sequence[int]]) -> bytes:
    """Return the piece of *segment*: for each level ascending places in it."""
    out = bytearray(segment.to_bytes(2, "little"))
    out.append(len(places))
    for level, numbers in places.items():
        steps = [numbers[0], *(after - before for before, after in itertools.pairwise(numbers))]
        wide = max(steps) > 255
        out.append(level | (_WIDE if wide else 0))
        out += (len(numbers) - 1).to_bytes(2, "little")
        out += _little(array("H", numbers)).tobytes() if wide else bytes(steps)
    return bytes(out)


class Posting(NamedTuple):
    """The claims of one segment that hold a term at one level."""

    segment: int
    level: int
    size: int
    packed: bytes
    wide: bool

    def places(self) -> Sequence[int]:
        """Return their places in the segment, ascending."""
        if self.wide:
            numbers = array("H")
            numbers.frombytes(self.packed)
            return _little(numbers)
        return list(itertools.accumulate(self.packed))


def decode(pieces: bytes) -> list[Posting]:
    """Return the postings of a term."""
    found = []
    at, end = 0, len(pieces)
    while at < end:
        segment = pieces[at] | pieces[at + 1] << 8
        levels = pieces[at + 2]
        at += 3
        for _ in range(levels):
            code = pieces[at]
            count = (pieces[at + 1] | pieces[at + 2] << 8) + 1
            at += 3
            wide = code >= _WIDE
            end_of_level = at + count * (2 if wide else 1)
            found.append(Posting(segment, code & ~_WIDE, count, pieces[at:end_of_level], wide))
            at = end_of_level
    return found


def _little(numbers: array[int]) -> array[int]:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
