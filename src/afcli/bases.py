"""Several fact bases as one: every id is written `base/id`, where a base is called by its article's key.

Countries, which have codes of their own, are shared; nothing else is taken to be the same.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeVar

from afcli.base import Base
from afcli.errors import UsageError
from afcli.index import SEGMENT
from afcli.model import Entity, Section, Source
from afcli.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from afcli.index import Posting
    from afcli.model import Claim

T = TypeVar("T")

_OWN = re.compile(r"(@|=(?:actor|region|section|source):)([^/]+)/(.+)", re.DOTALL)
"""A term that only one base can have: its field, the base, and what it is called there."""


class Bases(Base):
    """The claims of several bases, those of each together in its order."""

    def __init__(self, members: Iterable[Base]) -> None:
        """Take bases whose articles have different keys; raise UsageError where two are alike."""
        self.members: dict[str, Base] = {}
        for base in members:
            name = base.article.key
            if name in self.members:
                raise UsageError(
                    f"{self.members[name].directory} and {base.directory} are both called {name!r}; "
                    "change the id in one article.yaml"
                )
            self.members[name] = base
        self.segments = [count for base in self.members.values() for count in base.segments]
        starts = accumulate((len(base.segments) for base in self.members.values()), initial=0)
        self._starts = dict(zip(self.members, starts, strict=False))
        self._owners = [name for name, base in self.members.items() for _ in base.segments]
        self.claim = lru_cache(maxsize=4096)(self._claim)
        self.postings = lru_cache(maxsize=64)(self._postings)

    def _all(self, ask: Callable[[Base], Iterable[T]]) -> list[T]:
        return [found for base in self.members.values() for found in ask(base)]

    def _split(self, id_: str) -> tuple[str, str]:
        """Return the base that *id_* names and the rest of it; KeyError where it names none."""
        name, slash, rest = id_.partition("/")
        if not slash or name not in self.members:
            raise KeyError(id_)
        return name, rest

    # Sources and sections

    @cached_property
    def _sources(self) -> dict[tuple[str, str], Source]:
        return {
            (name, source.key): _source(name, source)
            for name, base in self.members.items()
            for source in base.sources
        }

    @property
    def bibliography(self) -> tuple[Source, ...]:
        """Return the entries of all bibliographies."""
        return tuple(source for source in self._sources.values() if source.number is not None)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the sources of each base."""
        return tuple(self._sources.values())

    @property
    def sections(self) -> tuple[Section, ...]:
        """Return the sections of all articles."""
        return tuple(
            section._replace(id=f"{name}/{section.id}")
            for name, base in self.members.items()
            for section in base.sections
        )

    def article_of(self, claim: Claim) -> Source:
        """Return the article in which *claim* stands."""
        name, _ = self._split(claim.id)
        return self._sources[name, self.members[name].article.key]

    def within_one(self, keys: Sequence[str]) -> tuple[Base, dict[str, str]] | None:
        """Return the base that has all *keys*, and what it calls each of its sources, or None."""
        owners = {key.partition("/")[0] for key in keys}
        if len(owners) != 1:
            return None
        [name] = owners
        return self.members[name], {
            here.key: key for (owner, key), here in self._sources.items() if owner == name
        }

    def citations(self, style: str) -> dict[str, Any] | None:  # noqa: ARG002  # as in one base
        """Return None: how sources of several bases are cited together was never prepared."""
        return None

    # Claims

    @property
    def parts(self) -> list[tuple[str, int]]:
        """Return the name of each base and the number of its claims."""
        return [(name, base.total) for name, base in self.members.items()]

    @property
    def total(self) -> int:
        """Return the number of claims, the bibliographies not counted."""
        return sum(base.total for base in self.members.values())

    def numbers(self) -> Iterator[int]:
        """Yield the number of every claim."""
        for name, base in self.members.items():
            yield from (number + self._starts[name] * SEGMENT for number in base.numbers())

    def is_claim(self, number: int) -> bool:
        """Tell a claim from an entry of a bibliography."""
        name = self._owners[number // SEGMENT]
        return self.members[name].is_claim(number - self._starts[name] * SEGMENT)

    def number(self, id_: str) -> int | None:
        """Return the number of the claim or entry with this id, its base named in it."""
        try:
            name, rest = self._split(id_)
        except KeyError:
            return None
        found = self.members[name].number(rest)
        return None if found is None else found + self._starts[name] * SEGMENT

    def ids(self) -> list[str]:
        """Return every id."""
        return [f"{name}/{id_}" for name, base in self.members.items() for id_ in base.ids()]

    def _claim(self, number: int) -> Claim:
        name = self._owners[number // SEGMENT]
        claim = self.members[name].claim(number - self._starts[name] * SEGMENT)
        return claim._replace(
            id=f"{name}/{claim.id}",
            actors=self._here(name, claim.actors),
            countries=self._here(name, claim.countries),
            regions=self._here(name, claim.regions),
            said_by=self._here(name, claim.said_by),
            source=self._sources[name, claim.source.key],
            section=claim.section._replace(id=f"{name}/{claim.section.id}"),
        )

    def coverage(self) -> tuple[int, int]:
        """Return how many sentences must have a claim, and how many of them have one."""
        wanted, covered = zip(*(base.coverage() for base in self.members.values()), strict=True)
        return sum(wanted), sum(covered)

    # Entities

    def entity(self, id_: str) -> Entity:
        """Return the entity with this id, which must exist."""
        if "/" in id_:
            name, rest = self._split(id_)
            return self._named(name, self.members[name].entity(rest))
        return self._country(id_)

    def _country(self, code: str) -> Entity:
        """Return a country with the names that all bases have for it."""
        found = [
            entity
            for base in self.members.values()
            for entity in base.bearers(fold(code))
            if entity.id == code and entity.type == "country"
        ]
        if not found:
            raise KeyError(code)
        first, *others = found
        names = dict.fromkeys((*first.aliases, *(name for e in others for name in (e.name, *e.aliases))))
        names.pop(first.name, None)
        return first._replace(aliases=tuple(names))

    def _named(self, name: str, entity: Entity) -> Entity:
        """Return *entity* of the base *name* as it is called here."""
        if entity.type == "country":
            return self._country(entity.id)
        own = self.members[name]
        members = (id_ if own.entity(id_).type == "country" else f"{name}/{id_}" for id_ in entity.members)
        return entity._replace(id=f"{name}/{entity.id}", members=tuple(members))

    def _here(self, name: str, entities: Iterable[Entity]) -> tuple[Entity, ...]:
        return tuple(self._named(name, entity) for entity in entities)

    def entities(self) -> list[Entity]:
        """Return all entities, base by base; a country once."""
        found = (e for name, base in self.members.items() for e in self._here(name, base.entities()))
        return list({entity.id: entity for entity in found}.values())

    def bearers(self, folded: str) -> list[Entity]:
        """Return the entities that bear a folded name, also one that begins with its base."""
        found = {
            e.id: e for name, base in self.members.items() for e in self._here(name, base.bearers(folded))
        }
        for name, base in self.members.items():
            if folded.startswith(start := f"{fold(name)}/"):
                found |= {e.id: e for e in self._here(name, base.bearers(folded.removeprefix(start)))}
        return list(found.values())

    def names_with(self, stem: str) -> list[tuple[tuple[str, ...], list[str]]]:
        """Return the names that hold *stem*, as stems, with the ids of the entities that bear them."""
        found: dict[tuple[str, ...], dict[str, None]] = {}
        for name, base in self.members.items():
            for written, ids in base.names_with(stem):
                here = self._here(name, map(base.entity, ids))
                found.setdefault(written, {}).update(dict.fromkeys(entity.id for entity in here))
        return [(written, list(ids)) for written, ids in found.items()]

    # The index

    def _postings(self, term: str) -> list[Posting]:
        own = _OWN.fullmatch(term)
        if own and own[2] in self.members:
            base = self.members[own[2]]
            known = base.article.key if own[1] == "=source:" and own[3] == "article" else own[3]
            return self._moved(own[2], base.postings(own[1] + known))
        return [
            posting
            for name, base in self.members.items()
            for posting in self._moved(name, base.postings(term))
        ]

    def _moved(self, name: str, postings: Iterable[Posting]) -> list[Posting]:
        start = self._starts[name]
        return [posting._replace(segment=posting.segment + start) for posting in postings]

    def dates(self) -> dict[str, tuple[str | None, str | None]]:
        """Return the first and last day of every date, as `EDTF basis`, that a claim has."""
        return dict(self._all(lambda base: base.dates().items()))

    def prepare(self, stemmer: str) -> None:
        """See that each index holds the stems of this stemmer."""
        for base in self.members.values():
            base.prepare(stemmer)

    # Words

    def knows(self, word: str) -> bool:
        """Tell whether *word*, folded, stands anywhere in the facts."""
        return any(base.knows(word) for base in self.members.values())

    def beginning(self, prefix: str) -> list[str]:
        """Return the words that begin with *prefix* and are longer."""
        return list(dict.fromkeys(self._all(lambda base: base.beginning(prefix))))

    def words(self, lengths: Collection[int] = ()) -> list[str]:
        """Return every word, or those of these *lengths*."""
        return list(dict.fromkeys(self._all(lambda base: base.words(lengths))))


def _source(name: str, source: Source) -> Source:
    """Return *source* of the base *name* as it is called among several; its article is `article`."""
    key = f"{name}/{'article' if source.number is None else source.key}"
    return Source(key, source.number, {**source.item, "id": key})
