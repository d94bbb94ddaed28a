"""Several fact bases as one.

Every id is written `base/id`, where a base goes by the key of its article, and the article itself is the
source `base/article`. Countries, which have codes of their own, are shared; nothing else is merged. Claims
and bibliography entries are numbered base after base.
"""

from __future__ import annotations

from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING, NoReturn, TypeVar

from afcli.errors import UsageError
from afcli.index.base import EXPANSIONS, Base
from afcli.model import Claim, Entity, Section, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from afcli.index.base import Posting
    from afcli.model import Interval


T = TypeVar("T")

_SHARED = ("kind", "basis", "status")
"""Fields whose values mean the same in every base."""


class Bases(Base):
    """The claims of several bases, with everything known about them: it answers as each of them does."""

    def __init__(self, members: Sequence[Base]) -> None:
        """Take the bases of articles with different keys; raise UsageError if two have the same."""
        self._members = members
        places: dict[str, str] = {}
        self.record_count = 0
        for member in members:
            key = member.sources[-1].key
            if key in places:
                raise UsageError(
                    f"{places[key]} and {member.place} are both called {key!r}; change the id in one article.yaml"
                )
            places[key] = member.place
            member.prefix, member.first = f"{key}/", self.record_count
            self.record_count += member.record_count
        self.remote = any(member.remote for member in members)
        self.unread_count = sum(member.unread_count for member in members)
        self._entities: dict[tuple[str, str], Entity] = {}

    @property
    def members(self) -> Sequence[Base]:
        """Return each base, which has ids and numbers of its own."""
        return self._members

    # Sources, sections, claims

    @cached_property
    def _sources(self) -> dict[tuple[str, str], Source]:
        """Return each source under the prefix of its base and its own key."""
        return {(m.prefix, s.key): _named_source(m, s) for m in self.members for s in m.sources}

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the bibliography of each base, followed by its article."""
        return tuple(self._sources.values())

    @property
    def sections(self) -> tuple[Section, ...]:
        """Return the sections of all articles."""
        return tuple(s._replace(id=m.prefix + s.id) for m in self.members for s in m.sections)

    def article_of(self, claim: Claim) -> Source:
        """Return the article that *claim* comes from."""
        base = claim.id.rpartition("/")[0]
        return next(s for s in self.sources if s.number is None and s.key.rpartition("/")[0] == base)

    def one_index(self, keys: Iterable[str]) -> tuple[Base, dict[str, str]] | None:
        """Return the base that has all of the sources *keys*, and its own key for each source, if there is one."""
        for member in self.members:
            own = {here.key: key for (prefix, key), here in self._sources.items() if prefix == member.prefix}
            if own.keys() >= set(keys):
                return member, own
        return None

    @property
    def claim_counts(self) -> list[tuple[str, int]]:
        """Return the key of each article and the number of its claims."""
        return [pair for member in self.members for pair in member.claim_counts]

    def numbers(self) -> Iterator[int]:
        """Yield the number of every claim."""
        return (member.first + number for member in self.members for number in member.numbers())

    def is_claim(self, number: int) -> bool:
        """Tell a claim from a bibliography entry."""
        member = next(member for member in reversed(self.members) if number >= member.first)
        return member.is_claim(number - member.first)

    def numbers_of(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the number of each claim or entry that has one of these *ids*."""
        ids = list(ids)
        found: dict[str, int] = {}
        for member in self.members:
            own = {id_.removeprefix(member.prefix): id_ for id_ in ids if id_.startswith(member.prefix)}
            found |= {own[id_]: number + member.first for id_, number in member.numbers_of(own).items()}
        return found

    def ids(self, start: str = "") -> list[str]:
        """Return every id that begins with *start*, those of each base sorted."""
        return [
            m.prefix + id_
            for m in self.members
            if start.startswith(m.prefix) or m.prefix.startswith(start)
            for id_ in m.ids(start[len(m.prefix) :])
        ]

    def claims(self, numbers: Sequence[int]) -> list[Claim]:
        """Return the claims or entries with these numbers, in this order."""
        found: dict[int, Claim] = {}
        for m in self.members:
            own = [number - m.first for number in numbers if 0 <= number - m.first < m.record_count]
            claims = (self._claim(m, claim) for claim in m.claims(own))
            found.update(zip((number + m.first for number in own), claims, strict=True))
        return [found[number] for number in numbers]

    def _claim(self, member: Base, claim: Claim) -> Claim:
        def entities(own: Iterable[Entity]) -> tuple[Entity, ...]:
            return tuple(self._entity(member, entity) for entity in own)

        return claim._replace(
            id=member.prefix + claim.id,
            actors=entities(claim.actors),
            countries=entities(claim.countries),
            regions=entities(claim.regions),
            said_by=entities(claim.said_by),
            source=self._sources[member.prefix, claim.source.key],
            section=claim.section._replace(id=member.prefix + claim.section.id),
        )

    def whole(self, numbers: Sequence[int]) -> NoReturn:  # noqa: ARG002  # of one base
        """Raise UsageError: JSON Lines hold one base."""
        raise UsageError("JSON Lines hold one fact base; export each separately")

    def content(self) -> NoReturn:
        """Raise UsageError: each base has an index of its own."""
        raise UsageError("an index covers one fact base; export each separately")

    def coverage(self) -> tuple[int, int]:
        """Return how many sentences need a claim, and how many of them have one that was read."""
        wanted, covered = zip(*(member.coverage() for member in self.members), strict=True)
        return sum(wanted), sum(covered)

    # Filters

    def tagged(self, field: str, values: Iterable[str]) -> AbstractSet[int]:
        """Return the numbers of records with any of *values* in *field*: country, region, actor, source, kind, ..."""
        values = set(values)
        found: AbstractSet[int] = frozenset()
        for member in self.members:
            own = values if field in _SHARED else _owned(member, values)
            if field == "source" and "article" in own:
                own = {*own - {"article"}, member.sources[-1].key}
            found |= _shifted(member, member.tagged(field, own))
        return found

    def having(self, postings: Iterable[Posting]) -> AbstractSet[int]:
        """Return the numbers of the claims that are in any of these postings."""
        of_member: dict[Base, list[Posting]] = {member: [] for member in self.members}
        for posting in postings:
            of_member[posting.owner].append(posting)
        return union(_shifted(member, member.having(own)) for member, own in of_member.items())

    def with_phrase(self, phrase: str) -> AbstractSet[int]:
        """Return the numbers of the claims whose text has the words of *phrase* in a row."""
        return union(_shifted(m, m.with_phrase(phrase)) for m in self.members)

    def dated(self, days: Interval, *, undated: bool) -> AbstractSet[int]:
        """Return the numbers of records that overlap *days*; only if *undated*, those dated just by the time of writing."""
        return union(_shifted(m, m.dated(days, undated=undated)) for m in self.members)

    def counts(self, field: str) -> dict[str, int]:
        """Return the number of claims for each value of *field*; for `date` the values are the bases of dates."""
        found: dict[str, int] = {}
        for member in self.members:
            for value, count in member.counts(field).items():
                name = value if field in (*_SHARED, "date", "country") else member.prefix + value
                if field == "source" and value == member.sources[-1].key:
                    name = f"{member.prefix}article"
                found[name] = found.get(name, 0) + count
        return found

    # Entities

    def entity(self, id_: str) -> Entity:
        """Return the entity with this id; raise KeyError if there is none."""
        for entity in self.entities([id_]):
            return entity
        raise KeyError(id_)

    def entities(self, ids: Iterable[str] | None = None) -> list[Entity]:
        """Return all entities, or those with *ids*, base by base; a country once."""
        wanted = None if ids is None else set(ids)
        found = [
            self._entity(m, entity)
            for m in self.members
            for entity in m.entities(None if wanted is None else _owned(m, wanted))
        ]
        return list({entity.id: entity for entity in found}.values())

    def bearers(self, folded: str) -> list[Entity]:
        """Return the entities that bear a folded name, in the order of their files; a country once."""
        found = (self._entity(m, entity) for m in self.members for entity in m.bearers(folded))
        return list({entity.id: entity for entity in found}.values())

    def _entity(self, member: Base, entity: Entity) -> Entity:
        """Return *entity* of *member* under its id here; a country gets the names that any base has for it."""
        key = member.prefix, entity.id
        if key not in self._entities:
            self._entities[key] = (
                self._country(entity) if entity.type == "country" else _named(member, entity)
            )
        return self._entities[key]

    def _country(self, country: Entity) -> Entity:
        alike = (e for m in self.members for e in m.entities([country.id]) if e.type == "country")
        first, *others = alike
        names = dict.fromkeys((*first.aliases, *(name for e in others for name in (e.name, *e.aliases))))
        names.pop(first.name, None)
        return first._replace(aliases=tuple(names))

    # Words and postings

    def known(self, words: Iterable[str]) -> dict[str, float]:
        """Return the folded *words* that occur anywhere in the facts, each with its frequency at large."""
        words = set(words)
        return {word: often for m in self.members for word, often in m.known(words).items()}

    def beginning(self, prefixes: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
        """Return for each prefix the EXPANSIONS commonest longer words that begin with it, with their counts."""
        counts: dict[str, dict[str, int]] = {prefix: {} for prefix in prefixes}
        for member in self.members:
            for prefix, words in member.beginning(counts).items():
                for word, count in words:
                    counts[prefix][word] = counts[prefix].get(word, 0) + count
        return {
            prefix: sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:EXPANSIONS]
            for prefix, found in counts.items()
        }

    def of_lengths(self, lengths: Iterable[int]) -> dict[int, list[str]]:
        """Return all words of each of these *lengths*; a word may come twice."""
        lengths = set(lengths)
        return _joined(member.of_lengths(lengths) for member in self.members)

    def starting(self, letters: Iterable[str]) -> dict[str, list[str]]:
        """Return all words that start with each of *letters*; a word may come twice."""
        letters = set(letters)
        return _joined(member.starting(letters) for member in self.members)

    def sounding(self, sounds: Iterable[str], skeletons: Iterable[str]) -> list[tuple[str, str, str]]:
        """Return the Latin words that sound alike: each with its sound and its skeleton (sounds.py)."""
        sounds, skeletons = set(sounds), set(skeletons)
        return list(dict.fromkeys(row for m in self.members for row in m.sounding(sounds, skeletons)))

    def names_with(self, stems: Iterable[str]) -> dict[str, dict[tuple[str, ...], list[str]]]:
        """Return for each of *stems* the names that contain it, as stems, each with the ids of its bearers."""
        stems = set(stems)
        found: dict[str, dict[tuple[str, ...], list[str]]] = {}
        for member in self.members:
            for stem, names in member.names_with(stems).items():
                for name, ids in names.items():
                    bearers = found.setdefault(stem, {}).setdefault(name, [])
                    here = (self._entity(member, member.entity(id_)).id for id_ in ids)
                    bearers += [id_ for id_ in here if id_ not in bearers]
        return found

    def postings(self, terms: Iterable[str]) -> dict[str, list[Posting]]:
        """Return the postings of each term, base after base; the term of an entity is `@` and its id here."""
        terms = set(terms)
        found: dict[str, list[Posting]] = {}
        for member in self.members:
            own = {}
            for term in terms:
                id_ = _own(member, term[1:]) if term.startswith("@") else term[1:]
                if id_ is not None:
                    own[term[:1] + id_] = term
            for term, postings in member.postings(own).items():
                found.setdefault(own[term], []).extend(postings)
        return found

    def holders(self, posting: Posting) -> Sequence[int]:
        """Return the numbers of the claims of a posting, ascending."""
        first, numbers = posting.owner.first, posting.owner.holders(posting)
        return [number + first for number in numbers] if first else numbers


def _own(member: Base, id_: str) -> str | None:
    """Return the own name of *member* for *id_*, or None if it is another base's; a country has no prefix."""
    if "/" not in id_:
        return id_
    return id_.removeprefix(member.prefix) if id_.startswith(member.prefix) else None


def _owned(member: Base, ids: Iterable[str]) -> set[str]:
    """Return the own names of *member* for those of *ids* that it has."""
    return {own for id_ in ids if (own := _own(member, id_)) is not None}


def _named(member: Base, entity: Entity) -> Entity:
    """Return *entity* of *member*, no country, under its id here."""
    members = (id_ if member.entity(id_).type == "country" else member.prefix + id_ for id_ in entity.members)
    return entity._replace(id=member.prefix + entity.id, members=tuple(members))


def _named_source(member: Base, source: Source) -> Source:
    key = f"{member.prefix}{'article' if source.number is None else source.key}"
    return Source(key, source.number, {**source.item, "id": key})


def _joined(lists: Iterable[dict[T, list[str]]]) -> dict[T, list[str]]:
    first, *others = lists
    for more in others:
        for key, words in more.items():
            first.setdefault(key, []).extend(words)
    return first


def union(numbers: Iterable[AbstractSet[int]]) -> AbstractSet[int]:
    """Return the numbers that are in any of these."""
    return reduce(or_, numbers, frozenset())


def _shifted(member: Base, numbers: AbstractSet[int]) -> AbstractSet[int]:
    """Return the numbers of *member* as those of all members together; a selection in a cluster has these already."""
    if not member.first or member.remote:
        return numbers
    return {number + member.first for number in numbers}
