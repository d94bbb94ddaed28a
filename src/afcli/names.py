"""Find the country, actor or source that a name means: any alias, any case, a slip of the pen."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from afcli.errors import NotFoundError
from afcli.spelling import nearest, slips
from afcli.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from afcli.model import Entity, Facts, Source


def actors(facts: Facts) -> list[Entity]:
    """Return whoever may act: actors proper, then countries and regions."""
    proper = [e for e in facts.entities.values() if e.type not in ("country", "region", "place", "topic")]
    return [*proper, *facts.of_type("country", "region")]


T = TypeVar("T")


def find_country(facts: Facts, name: str) -> Entity:
    """Return the country or region called *name*; raise NotFoundError with the nearest names."""
    return _entity("country", name, facts.of_type("country", "region"))


def find_actor(facts: Facts, name: str) -> Entity:
    """Return the actor called *name*, which may be a state; raise NotFoundError with the nearest names."""
    return _entity("actor", name, actors(facts))


def find_source(facts: Facts, name: str) -> Source:
    """Return the source with the number, citation key or label *name*; `article` is the article."""
    known: dict[str, Source] = {}
    for source in facts.sources:
        number = "article" if source.number is None else str(source.number)
        for alias in (number, source.key, source.label):
            known.setdefault(fold(alias), source)
    return _named("source", name, known, {key: key for key in known if not key.isdigit()})


def _entity(kind: str, name: str, entities: Iterable[Entity]) -> Entity:
    known: dict[str, Entity] = {}
    for entity in entities:
        for alias in entity.names:
            known.setdefault(fold(alias), entity)
    return _named(kind, name, known, {alias: entity.name for alias, entity in known.items()})


def _named(kind: str, name: str, known: Mapping[str, T], shown: Mapping[str, str]) -> T:
    """Return what *known* holds under *name*, else under the one name that is a slip away."""
    wanted = fold(name)
    if wanted in known:
        return known[wanted]
    if close := slips(wanted, shown):
        found = {id(known[alias]): known[alias] for alias in close}
        if len(found) == 1:
            return next(iter(found.values()))
    suggestions = dict.fromkeys(shown[alias] for alias in nearest(wanted, shown))
    raise NotFoundError(kind, name, list(suggestions)[:3])
