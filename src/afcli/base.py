"""A compiled fact base as the commands see it: each thing is read when it is asked for."""

from __future__ import annotations

import json
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from afcli.dates import Interval
from afcli.index import LEVELS, SEGMENT, decode, entity_term, filter_term
from afcli.model import Claim, Entity, Section, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from afcli.index import Posting
    from afcli.store import Store

BLOCK = 16
"""How many claims stand in one chunk."""


class Base:
    """The claims, numbered in the order of the article, then the bibliography in the form of claims."""

    def __init__(self, store: Store, directory: Path) -> None:
        """Read nothing yet; *directory* holds the files that *store* was compiled from."""
        self.store = store
        self.directory = directory
        self.segments: list[int] = store.about["segments"]
        """The number of claims in each segment; the last holds the bibliography."""
        self._entities: dict[str, Entity] = {}
        self.claim = lru_cache(maxsize=4096)(self._claim)
        self.postings = lru_cache(maxsize=64)(self._postings)
        self._shelf = lru_cache(maxsize=256)(self._read_shelf)

    @cached_property
    def article(self) -> Source:
        """Return the article as a source."""
        item = self.store.json("front")["article"]
        return Source(item["id"], None, item)

    @cached_property
    def bibliography(self) -> tuple[Source, ...]:
        """Return the entries of the bibliography in their order."""
        items = self.store.json("front")["bibliography"]
        return tuple(Source(item["id"], int(item["custom"]["number"]), item) for item in items)

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Return the bibliography, then the article."""
        return (*self.bibliography, self.article)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Return the sections of the article."""
        return tuple(Section(*section) for section in self.store.json("front")["sections"])

    def article_of(self, claim: Claim) -> Source:  # noqa: ARG002  # there is one
        """Return the article in which *claim* stands."""
        return self.article

    def within_one(self, keys: Sequence[str]) -> tuple[Base, dict[str, str]] | None:  # noqa: ARG002  # it is one
        """Return None: only among several bases one has to be told."""
        return None

    @cached_property
    def _by_key(self) -> dict[str, Source]:
        return {source.key: source for source in self.sources}

    # Claims

    @property
    def parts(self) -> list[tuple[str, int]]:
        """Return the name of each base that this consists of, and the number of its claims."""
        return [(self.article.key, self.total)]

    @property
    def total(self) -> int:
        """Return the number of claims, the bibliography not counted."""
        return sum(self.segments[:-1])

    def numbers(self) -> Iterator[int]:
        """Yield the number of every claim."""
        for segment, count in enumerate(self.segments[:-1]):
            yield from range(segment * SEGMENT, segment * SEGMENT + count)

    def is_claim(self, number: int) -> bool:
        """Tell a claim from an entry of the bibliography."""
        return number < (len(self.segments) - 1) * SEGMENT

    def number(self, id_: str) -> int | None:
        """Return the number of the claim or entry with this id."""
        found = self.store.get("ids", id_)
        return None if found is None else int(found)

    def ids(self) -> list[str]:
        """Return every id."""
        return [id_ for id_, _ in self.store.items("ids")]

    def _claim(self, number: int) -> Claim:
        segment, place = divmod(number, SEGMENT)
        block, row = divmod(place, BLOCK)
        (id_, text, kind, actors, countries, regions, date, start, end, date_basis, source, basis, at, section,
         said_by, note) = self.store.json("claims", self.store.about["blocks"][segment] + block)[row]  # fmt: skip
        return Claim(
            id=id_,
            text=text,
            kind=kind,
            actors=tuple(map(self.entity, actors)),
            countries=tuple(map(self.entity, countries)),
            regions=tuple(map(self.entity, regions)),
            date=date,
            interval=Interval(start, end),
            date_basis=date_basis,
            source=self._by_key[source],
            basis=basis,
            at=tuple(at),
            section=self.sections[section],
            said_by=tuple(map(self.entity, said_by)),
            note=note,
        )

    # Entities

    def entity(self, id_: str) -> Entity:
        """Return the entity with this id, which must exist."""
        if id_ not in self._entities:
            found = self.store.get("entities", id_)
            if found is None:
                raise KeyError(id_)
            self._entities[id_] = _entity(json.loads(found))
        return self._entities[id_]

    def entities(self) -> list[Entity]:
        """Return all entities in the order of their file."""
        rows = sorted(json.loads(found) for _, found in self.store.items("entities"))
        return [_entity(row) for row in rows]

    def bearers(self, folded: str) -> list[Entity]:
        """Return the entities that bear a folded name, in the order of their file."""
        found = self.store.get("names", folded)
        return [self.entity(id_) for id_ in json.loads(found)] if found else []

    def countries_in(self, region: Entity) -> frozenset[str]:
        """Return the codes of all countries of *region*, through the regions within it."""
        found: set[str] = set()
        seen: set[str] = set()
        todo = [region.id]
        while todo:
            entity = self.entity(todo.pop())
            if entity.type != "region":
                found.add(entity.id)
            elif entity.id not in seen:
                seen.add(entity.id)
                todo.extend(entity.members)
        return frozenset(found)

    # The index

    def prepare(self, stemmer: str) -> None:
        """See that the index holds the stems of this stemmer."""
        if self.store.about["stemmer"] != stemmer:
            self.store.renew()

    def _postings(self, term: str) -> list[Posting]:
        found = self.store.get("terms", term)
        return decode(found) if found else []

    def names_with(self, stem: str) -> list[tuple[tuple[str, ...], list[str]]]:
        """Return the names that hold *stem*, as stems, with the ids of the entities that bear them."""
        found = self.store.get("stems", stem)
        return [(tuple(name), ids) for name, ids in json.loads(found)] if found else []

    def holders(self, field: str, values: Iterable[str]) -> set[int]:
        """Return the numbers of the claims that have any of these values of a field."""
        return {
            posting.segment * SEGMENT + place
            for value in values
            for posting in self.postings(filter_term(field, value))
            for place in posting.places()
        }

    def naming(self, ids: Iterable[str]) -> set[int]:
        """Return the numbers of the claims whose text names any of these entities."""
        return {
            posting.segment * SEGMENT + place
            for id_ in ids
            for posting in self.postings(entity_term(id_))
            if LEVELS[posting.level].field == "name"
            for place in posting.places()
        }

    def count(self, field: str, *values: str) -> int:
        """Return in how many claims a field has one of these values, which no claim has together."""
        return sum(
            posting.size
            for value in values
            for posting in self.postings(filter_term(field, value))
            if self.is_claim(posting.segment * SEGMENT)
        )

    def coverage(self) -> tuple[int, int]:
        """Return how many sentences must have a claim, and how many of them have one."""
        wanted, covered = self.store.json("coverage")
        return wanted, covered

    def dates(self) -> dict[str, tuple[str | None, str | None]]:
        """Return the first and last day of every date, as `EDTF basis`, that a claim has."""
        found: dict[str, tuple[str | None, str | None]] = self.store.json("front")["dates"]
        return found

    # Words

    def knows(self, word: str) -> bool:
        """Tell whether *word*, folded, stands anywhere in the facts."""
        return f"\n{word}\n" in self._shelf(word[0]).get(str(len(word)), "")

    def beginning(self, prefix: str) -> list[str]:
        """Return the words that begin with *prefix* and are longer."""
        found: list[str] = []
        start = f"\n{prefix}"
        for length, words in self._shelf(prefix[0]).items():
            first = words.find(start) if int(length) > len(prefix) else -1
            if first >= 0:
                # They are sorted: what begins alike stands together.
                found += words[first : words.find("\n", words.rfind(start) + 1)].split()
        return found

    def words(self, lengths: Collection[int] = ()) -> list[str]:
        """Return every word, or those of these *lengths*."""
        shelves = map(self._shelf, self.store.about["letters"])
        wanted = set(map(str, lengths))
        return "".join(
            words for shelf in shelves for length, words in shelf.items() if not wanted or length in wanted
        ).split()

    def _read_shelf(self, first: str) -> dict[str, str]:
        """Return the words that begin with a letter, by their length."""
        found = self.store.get("words", first)
        shelf: dict[str, str] = json.loads(found) if found else {}
        return shelf

    def citations(self, style: str) -> dict[str, Any] | None:
        """Return what pandoc printed in *style* when the facts were prepared, or None."""
        part = f"citations/{style}"
        return self.store.json(part) if part in self.store.about["parts"] else None


def _entity(row: list[Any]) -> Entity:
    _, id_, name, type_, aliases, role, country, members, note = row
    return Entity(id_, name, type_, tuple(aliases), role, country, tuple(members), note)
