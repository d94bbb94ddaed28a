"""The inverted index: which terms stand in which field of which record, and what words there are."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from afcli.lexicon import SMALL, parts, stem, stems, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from afcli.model import Claim, Entity, Facts

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


@dataclass(slots=True)
class Index:
    """Everything that is needed to answer a query."""

    records: list[Claim] = field(default_factory=list)
    """The claims, then the entries of the bibliography."""
    texts: list[tuple[str, ...]] = field(default_factory=list)
    """The stems of each record's text in order."""
    postings: dict[str, dict[int, tuple[float, str]]] = field(default_factory=lambda: defaultdict(dict))
    """For each term the records that hold it, with the weight and name of the best field."""
    vocabulary: dict[str, str] = field(default_factory=dict)
    """Every folded word that the records hold, with its term."""
    names: dict[tuple[str, ...], set[str]] = field(default_factory=lambda: defaultdict(set))
    """Every name, as the stems of its words, with the terms of the entities that bear it."""
    names_by_word: dict[str, list[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(list))
    """For each stem the names that hold it."""
    longest: dict[str, int] = field(default_factory=dict)
    """For each stem that begins a name the number of words of the longest such name."""

    def names_with(self, words: Iterable[str]) -> Iterator[tuple[tuple[str, ...], set[str]]]:
        """Yield each name that holds any of the stems *words*, with the terms of its entities."""
        keys = dict.fromkeys(key for word in words for key in self.names_by_word.get(word, ()))
        return ((key, self.names[key]) for key in keys)

    def named(self, words: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
        """Yield start, end and term of each entity that the stems *words* name."""
        for start, first in enumerate(words):
            for end in range(start + 1, min(start + self.longest.get(first, 0), len(words)) + 1):
                yield from ((start, end, term) for term in sorted(self.names.get(words[start:end], ())))


def build(facts: Facts) -> Index:
    """Return the index of the claims and the bibliography of *facts*."""
    index = Index()
    _add_names(index, facts.entities.values())
    beside: dict[str, list[int]] = defaultdict(list)
    for number, record in enumerate((*facts.claims, *facts.references)):
        _add_record(index, number, record, facts)
        beside[record.at[0]].append(number)
    for numbers in beside.values():
        for number in numbers:
            for other in numbers:
                if other != number:
                    _add_text(index, number, "beside", index.records[other].text)
    return index


def _add_names(index: Index, entities: Iterable[Entity]) -> None:
    for entity in entities:
        for name in entity.names:
            if key := stems(name):
                if key not in index.names:
                    for word in dict.fromkeys(key):
                        index.names_by_word[word].append(key)
                index.names[key].add(entity_term(entity))
                index.longest[key[0]] = max(index.longest.get(key[0], 0), len(key))


def entity_term(entity: Entity) -> str:
    """Return the term that stands for *entity* whatever it is called."""
    return f"@{entity.id}"


def date_terms(edtf: str) -> Iterator[str]:
    """Yield terms for the years, months and days that stand in an EDTF date."""
    for year, month, day in re.findall(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", edtf):
        yield f"#{year}"
        if month and int(month) <= 12:
            yield from (f"#{year}-{month}", f"#--{month}")
            if day:
                yield from (f"#{year}-{month}-{day}", f"#--{month}-{day}")


def _add_record(index: Index, number: int, record: Claim, facts: Facts) -> None:
    index.records.append(record)
    index.texts.append(stems(record.text))
    _add_text(index, number, "text", record.text)
    _add_entities(index, number, "actors", (*record.actors, *record.said_by))
    _add_entities(index, number, "countries", record.countries)
    _add_entities(index, number, "regions", record.regions)
    if record.date_basis != "writing":
        for term in date_terms(record.date):
            _add(index, number, "date", term)
    for name, texts in (("asks", record.asks), ("terms", record.terms), ("note", (record.note,))):
        for text in texts:
            _add_text(index, number, name, text)
    _add_text(index, number, "section", record.section.title)
    if record.source is not facts.article:
        _add_text(
            index, number, "source", f"{record.source.label} {record.source.custom.get('short-title', '')}"
        )


def _add(index: Index, number: int, name: str, term: str) -> None:
    weight = WEIGHTS[name]
    found = index.postings[term]
    if number not in found or found[number][0] < weight:
        found[number] = (weight, name)


def _add_text(index: Index, number: int, name: str, text: str) -> None:
    """Note every word of *text*, whole and in its parts, and every entity that it names."""
    for token in tokens(text):
        pieces = parts(token)
        for word in (token, *pieces):
            term = index.vocabulary.setdefault(word, stem(word))
            if word not in SMALL:
                _add(index, number, name, term)
    for _, _, term in index.named(stems(text)):
        _add(index, number, "name" if name == "text" else name, term)


def _add_entities(index: Index, number: int, name: str, entities: Iterable[Entity]) -> None:
    for entity in entities:
        _add(index, number, name, entity_term(entity))
        for alias in entity.names:
            for token in tokens(alias):
                for word in (token, *parts(token)):
                    if word not in SMALL:
                        _add(index, number, name, index.vocabulary.setdefault(word, stem(word)))
