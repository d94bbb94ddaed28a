"""Find the country, actor, source or claim that a name means: any alias, any case, typos allowed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from afcli.errors import AmbiguousError, NotFoundError, UsageError
from afcli.names import is_actor, is_country, is_place, is_topic
from afcli.text import SMALL, fold, parts, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from afcli.index.base import Base
    from afcli.model import Entity, Section, Source

T = TypeVar("T")

_ID = re.compile(r"((?:.*/)?)([a-z_-]*)0*(\d+)")
"""A claim's id that ends in a number: its base, the letters before the number, the number."""


_KINDS = {
    "country": ("countries", is_country),
    "actor": ("actors", is_actor),
    "topic": ("topics", is_topic),
    "place": ("places", is_place),
}
"""Each kind of entity, with its plural and a test for its entities: a country may be a region, an actor a state."""


def find_entity(base: Base, kind: str, name: str) -> list[Entity]:
    """Return the entity of a *kind* called *name*: one, or one from each base.

    One word of a name will do if no other name has it. Raises NotFoundError with the nearest names,
    AmbiguousError with all candidates if several have the word.
    """
    many, fits = _KINDS[kind]
    bearers = sorted(filter(fits, base.bearers(fold(name))), key=lambda e: is_country(e) and kind == "actor")
    if bearers:
        alike = [entity for entity in bearers if is_country(entity) == is_country(bearers[0])]
        return list({entity.id.rpartition("/")[0]: entity for entity in reversed(alike)}.values())[::-1]
    entities = list(filter(fits, base.entities()))
    found = _with_words(name, entities, lambda entity: entity.names)
    if not found and (others := base.bearers(fold(name))):
        raise NotFoundError(kind, name, [f"afcli {_command(entity)} {entity.name}" for entity in others[:3]])
    if not found:
        known: dict[str, list[Entity]] = {}
        for entity in entities:
            for alias in dict.fromkeys(map(fold, entity.names)):
                known.setdefault(alias, []).append(entity)
        found = _nearest(kind, name, known, {alias: of[0].name for alias, of in known.items()})
    return _one_of_each(many, name, found, lambda e: (e.id, e.id, f"{e.name}{e.role and f', {e.role}'}"))


def find_areas(base: Base, names: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return the codes of the countries called *names*, with those of regions, and the ids of regions and their parts."""
    countries: set[str] = set()
    regions: set[str] = set()
    for entity in (entity for name in names for entity in find_entity(base, "country", name)):
        countries |= base.countries_in(entity)
        if entity.type == "region":
            regions |= {entity.id, *(m for m in entity.members if base.entity(m).type == "region")}
    return countries, regions


def find_section(base: Base, name: str) -> list[Section]:
    """Return the section with the id or title *name*: one, or one from each base; raises NotFoundError with the nearest ids."""
    wanted = fold(name)
    found = [s for s in base.sections if wanted in (s.id, s.id.rpartition("/")[2], fold(s.title))]
    if not found:
        from afcli.spelling import nearest

        raise NotFoundError("section", name, nearest(wanted, [s.id for s in base.sections])[:3])
    return found


def find_source(base: Base, name: str) -> list[Source]:
    """Return the source with the number, citation key or label *name*; `article` is the article.

    Words of its label, title or outlet will do if no other source has them. One, or one from each base.
    Raises NotFoundError with the nearest keys, AmbiguousError with all candidates if several match.
    """
    known: dict[str, list[Source]] = {}
    for source in base.sources:
        of, _, key = source.key.rpartition("/")
        own = (of,) if source.number is None else ()
        aliases = (source.ref, source.ref.rpartition("/")[2], source.key, key, source.label, *own)
        for alias in dict.fromkeys(map(fold, aliases)):
            known.setdefault(alias, []).append(source)
    found = known.get(fold(name)) or _with_words(name, base.sources, _written)
    if not found:
        shown = {key: key for key in known if not key.rpartition("/")[2].isdigit()}
        found = _nearest("source", name, known, shown)
    return _one_of_each(
        "sources",
        name,
        found,
        lambda s: (s.key, s.ref, f"{s.label}: {s.custom.get('short-title') or s.item.get('title', s.key)}"),
    )


def the_source(base: Base, name: str) -> Source:
    """Return the source called *name*; raise UsageError if several bases have one."""
    found = find_source(base, name)
    if len(found) > 1:
        raise UsageError(f"{name!r} is a source of several bases; name {' or '.join(s.ref for s in found)}")
    return found[0]


def find_claim(base: Base, ref: str) -> int | None:
    """Return the number of the claim with the id *ref*, also in capitals or without zeros or letters."""
    folded = fold(ref)
    found = base.numbers_of([ref, folded])
    for id_ in (ref, folded):
        if id_ in found and base.is_claim(found[id_]):
            return found[id_]
    wanted = _ID.fullmatch(folded)
    if not wanted:
        return None
    if wanted[2]:
        # Any number of zeros may come before the number.
        ids = [f"{wanted[1]}{wanted[2]}{wanted[3]:0>{width}}" for width in range(len(wanted[3]), 9)]
    else:
        ids = [id_ for id_, (of, _, digits) in _numbered(base) if (of, digits) == wanted.group(1, 3)]
    numbers = [number for number in base.numbers_of(ids).values() if base.is_claim(number)]
    return numbers[0] if len(numbers) == 1 else None


def find_named(base: Base, text: str) -> list[int]:
    """Return the numbers of the claims whose ids make up *text*, or none if any word is something else."""
    found: dict[int, None] = {}
    for word in text.split():
        bare = word.strip("?!.,;()[]")
        folded = fold(bare)
        digits_only = folded.rpartition("/")[2].isdigit()
        # A word that occurs in the facts is searched for, even if it looks like an id.
        if not folded[:1].isalpha() or not folded[-1:].isdigit() or digits_only or base.known([folded]):
            return []
        number = find_claim(base, bare)
        if number is None:
            return []
        found[number] = None
    return list(found)


def find_claims(base: Base, refs: str) -> list[int]:
    """Return the numbers of the claims in *refs*: ids separated by commas, ranges such as c040..c042.

    Raises NotFoundError with the nearest ids.
    """
    named = [ref for ref in refs.split(",") if ref.strip()] or [refs]
    return [number for ref in named for number in _span(base, ref.strip())]


def _span(base: Base, ref: str) -> list[int]:
    first, dots, last = ref.partition("..")
    if dots and not (first and last):
        raise UsageError(f"{ref!r} has one end; write both, as in c040..c042")
    ends = [_the_claim(base, end) for end in ((first, last) if dots else (ref,))]
    if not dots:
        return ends
    start, end = (_ID.fullmatch(fold(base.claim(number).id)) for number in ends)
    if not (start and end and start.group(1, 2) == end.group(1, 2)):
        raise UsageError(f"{ref!r} has no numbers to count from; name each claim")
    bounds = range(int(start[3]), int(end[3]) + 1)
    if not bounds:
        raise UsageError(f"{ref!r} ends before it begins; swap them")
    within = {
        id_: int(digits)
        for id_, (of, letters, digits) in _numbered(base)
        if (of, letters) == start.group(1, 2) and int(digits) in bounds
    }
    numbers = base.numbers_of(within)
    return [numbers[id_] for id_ in sorted(within, key=within.__getitem__) if base.is_claim(numbers[id_])]


def _the_claim(base: Base, id_: str) -> int:
    number = base.numbers_of([id_]).get(id_)
    number = find_claim(base, id_) if number is None else number
    if number is None:
        from afcli.spelling import nearest

        ids = base.ids()
        same = [known for known in ids if known.endswith(f"/{id_}")]
        raise NotFoundError("claim", id_, (same or nearest(id_, ids))[:3])
    return number


def _numbered(base: Base) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Yield each id that ends in a number, with its parts."""
    for id_ in base.ids():
        if parts := _ID.fullmatch(id_):
            yield id_, (parts[1], parts[2], parts[3])


def _command(entity: Entity) -> str:
    """Return the command that lists the claims of *entity*."""
    if is_country(entity):
        return "country"
    return "actor" if is_actor(entity) else entity.type


def _written(source: Source) -> Iterable[str]:
    """Return the text of a source's entry, as one string."""
    people = (part for person in source.item.get("author", ()) for part in person.values())
    fields = (source.item.get(field, "") for field in ("title", "container-title", "publisher"))
    added = (source.custom.get(field, "") for field in ("short-title", "english-title"))
    return [" ".join(map(str, (source.key.rpartition("/")[2], source.label, *people, *fields, *added)))]


def _with_words(name: str, things: Iterable[T], texts: Callable[[T], Iterable[str]]) -> list[T]:
    """Return the things that have every word of *name* in one text; if any of them end with it, only those."""
    wanted = words(name)
    if all(word in SMALL or word.isdigit() for word in wanted):
        return []
    found: list[T] = []
    last: list[T] = []
    for thing in things:
        held = [words(text) for text in texts(thing)]
        if any(set(wanted).issubset(_parted(words)) for words in held):
            found.append(thing)
            if any(words[-len(wanted) :] == wanted for words in held):
                last.append(thing)
    return last if len(last) == 1 else found


def _parted(words: Iterable[str]) -> Iterator[str]:
    """Yield words, and the parts of compounds."""
    for word in words:
        yield from (word, *parts(word))


def _one_of_each(
    kinds: str, name: str, found: list[T], named: Callable[[T], tuple[str, str, str]]
) -> list[T]:
    """Return *found* if each is from a different base; raise AmbiguousError if two are from one."""
    bases = {named(thing)[0].rpartition("/")[0] for thing in found}
    if len(bases) < len(found):
        raise AmbiguousError(kinds, name, [named(thing)[1:] for thing in found])
    return found


def _nearest(kind: str, name: str, known: Mapping[str, list[T]], shown: Mapping[str, str]) -> list[T]:
    """Return the one thing whose name is a typo away from *name*; raise NotFoundError with the nearest."""
    from afcli.spelling import nearest, slips

    wanted = fold(name)
    if close := slips(wanted, shown):
        found = {tuple(map(id, known[alias])): known[alias] for alias in close}
        if len(found) == 1:
            return next(iter(found.values()))
    suggestions = dict.fromkeys(shown[alias] for alias in nearest(wanted, shown))
    raise NotFoundError(kind, name, list(suggestions)[:3])
