"""The searchable terms of a claim, and how much a match in each field counts.

A term is the stem of a word, `@id` for an entity, or `#2021-08` for a date.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from afcli.names import entity_term
from afcli.names_in_text import index_names, names_in
from afcli.text import SMALL, parts, stem, stems, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from afcli.model import Claim, Entity

WEIGHTS = {
    "section": 0.25,
    "beside": 0.35,
    "countries": 0.4,
    "source": 0.45,
    "note": 0.5,
    "actors": 0.6,
    "asks": 0.6,
    "terms": 0.7,
    "date": 0.9,
    "name": 0.95,
    "text": 1.0,
}
"""How much a match in each field counts, from 0 to 1, the lowest first.

`name` is an entity that the text mentions by any of its names; `beside` is the text of the other claims
from the same sentence; the rest are the fields of the claim.
"""

_LENGTHS = (8, 10, 12, 15, 20, 30)
"""In a text of at most this many words, a match counts 0.2 divided by that number more."""

Level = tuple[str, float]
"""A field, and how much a match in it counts."""

LEVELS: tuple[Level, ...] = (
    *WEIGHTS.items(),
    *(("text", WEIGHTS["text"] + 0.2 / limit) for limit in _LENGTHS),
)
"""All that a claim may have."""

_NUMBERS = {field: number for number, field in enumerate(WEIGHTS)}
_CACHED_TEXTS = 4_096


@lru_cache(maxsize=4_096)
def date_terms(edtf: str) -> tuple[str, ...]:
    """Return terms for the years, months and days of an EDTF date: `#2021`, `#2021-08`, `#--08`, ..."""
    terms = []
    for year, month, day in re.findall(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", edtf):
        terms.append(f"#{year}")
        if month and int(month) <= 12:
            terms += f"#{year}-{month}", f"#--{month}"
            if day:
                terms += f"#{year}-{month}-{day}", f"#--{month}-{day}"
    return tuple(terms)


class Terms(NamedTuple):
    """The terms of a text: of its words, and of the entities it names."""

    words: tuple[str, ...]
    named: tuple[str, ...]
    length: int
    """The number of its words."""


class Analyser:
    """Turns claims into terms."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        """Learn the names of all *entities*."""
        self._terms: dict[str, tuple[str, ...]] = {}
        """Every word so far, with its terms and those of its parts."""
        self._told = 0
        self._texts: dict[str, tuple[str, ...]] = {}
        ids: dict[tuple[str, ...], list[str]] = {}
        for entity in entities:
            for name in entity.names:
                ids.setdefault(stems(name), []).append(entity.id)
                for word in words(name):
                    self._add(word)
        self._names = index_names(ids.items())

    def new_words(self) -> dict[str, str]:
        """Return the words met since the last call, compounds and their parts, with their stems."""
        new = itertools.islice(self._terms, self._told, None)
        found = {form: stem(form) for word in new for form in _forms(word)}
        self._told = len(self._terms)
        return found

    def levels(self, claim: Claim, text: Terms, beside: Iterable[str]) -> dict[str, int]:
        """Return the number of the best level of each term of *claim*, by LEVELS.

        *text* are the terms of its text, *beside* those of all claims from its sentence, which may include its own.
        """
        levels: dict[str, int] = {}

        def add(field: str, terms: Iterable[str]) -> None:
            levels.update(dict.fromkeys(terms, _NUMBERS[field]))

        # In the order of WEIGHTS, so that the best field of a term comes last.
        add("section", self._all(claim.section.title))
        add("beside", beside)
        add("countries", (entity_term(entity.id) for entity in (*claim.countries, *claim.regions)))
        if claim.source.number is not None:
            add("source", self._all(f"{claim.source.label} {claim.source.custom.get('short-title', '')}"))
        if claim.note:
            add("note", self._all(claim.note))
        add("actors", (entity_term(entity.id) for entity in (*claim.actors, *claim.said_by)))
        for asked in claim.asks:
            add("asks", self._all(asked))
        for term in claim.terms:
            add("terms", self._all(term))
        if claim.date_basis != "writing":
            add("date", date_terms(claim.date))
        add("name", text.named)
        length = bisect_left(_LENGTHS[:-1], text.length)
        levels.update(dict.fromkeys(text.words, len(WEIGHTS) + length))
        return levels

    def _all(self, text: str) -> tuple[str, ...]:
        if text not in self._texts:
            if len(self._texts) > _CACHED_TEXTS:
                self._texts.clear()
            terms = self.analyse(text)
            self._texts[text] = (*terms.words, *terms.named)
        return self._texts[text]

    def analyse(self, text: str) -> Terms:
        """Return the terms of all words of *text* and their parts, and of the entities it names."""
        written = words(text)
        for word in written:
            if word not in self._terms:
                self._add(word)
        terms = {term for word in written for term in self._terms[word]}
        found = names_in(text, tuple(map(stem, written)), self._names)
        named = {entity_term(id_) for _, _, ids in found for id_ in ids}
        return Terms(tuple(terms), tuple(named), len(written))

    def _add(self, word: str) -> None:
        self._terms[word] = tuple(stem(form) for form in _forms(word) if form not in SMALL)


def _forms(word: str) -> tuple[str, ...]:
    """Return a word and, for a compound, also its form without hyphens and its parts."""
    joined = (word.replace("-", ""),) if "-" in word else ()
    return (word, *joined, *parts(word))
