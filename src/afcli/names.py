"""Find the country, actor or source that a name means: any alias, any case, a slip of the pen."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from afcli.errors import NotFoundError
from afcli.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from afcli.base import Base
    from afcli.model import Entity, Source

T = TypeVar("T")


def is_actor(entity: Entity) -> bool:
    """Tell whether *entity* may act: an actor proper, a country or a region."""
    return entity.type not in ("place", "topic")


def is_country(entity: Entity) -> bool:
    """Tell whether *entity* is a country or a region."""
    return entity.type in ("country", "region")


def find_country(base: Base, name: str) -> Entity:
    """Return the country or region called *name*; raise NotFoundError with the nearest names."""
    return _entity("country", name, base, is_country)


def find_actor(base: Base, name: str) -> Entity:
    """Return the actor called *name*, which may be a state; raise NotFoundError with the nearest names."""
    return _entity("actor", name, base, is_actor)


def find_source(base: Base, name: str) -> Source:
    """Return the source with the number, citation key or label *name*; `article` is the article."""
    known: dict[str, Source] = {}
    for source in base.sources:
        number = "article" if source.number is None else str(source.number)
        for alias in (number, source.key, source.label):
            known.setdefault(fold(alias), source)
    wanted = fold(name)
    return known.get(wanted) or _nearest(
        "source", name, wanted, known, {key: key for key in known if not key.isdigit()}
    )


def _entity(kind: str, name: str, base: Base, fits: Callable[[Entity], bool]) -> Entity:
    wanted = fold(name)
    for entity in sorted(filter(fits, base.bearers(wanted)), key=lambda e: is_country(e) and kind == "actor"):
        return entity
    known: dict[str, Entity] = {}
    for entity in filter(fits, base.entities()):
        for alias in entity.names:
            known.setdefault(fold(alias), entity)
    return _nearest(kind, name, wanted, known, {alias: entity.name for alias, entity in known.items()})


def _nearest(kind: str, name: str, wanted: str, known: Mapping[str, T], shown: Mapping[str, str]) -> T:
    """Return the one thing whose name is a slip away from *wanted*; raise NotFoundError with the nearest."""
    from afcli.spelling import nearest, slips

    if close := slips(wanted, shown):
        found = {id(known[alias]): known[alias] for alias in close}
        if len(found) == 1:
            return next(iter(found.values()))
    suggestions = dict.fromkeys(shown[alias] for alias in nearest(wanted, shown))
    raise NotFoundError(kind, name, list(suggestions)[:3])
