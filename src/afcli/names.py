"""Find the country, actor or source that a name means: any alias, any case, a slip of the pen."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from afcli.errors import NotFoundError, UsageError
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


def find_country(base: Base, name: str) -> list[Entity]:
    """Return the country or region called *name*: one, or one of each base.

    Raises NotFoundError with the nearest names.
    """
    return _entities("country", name, base, is_country)


def find_actor(base: Base, name: str) -> list[Entity]:
    """Return the actor called *name*, which may be a state: one, or one of each base; raises likewise."""
    return _entities("actor", name, base, is_actor)


def find_source(base: Base, name: str) -> list[Source]:
    """Return the source with the number, citation key or label *name*; `article` is the article.

    One, or one of each base. Raises NotFoundError with the nearest keys.
    """
    known: dict[str, dict[str, Source]] = {}
    for source in base.sources:
        of, _, key = source.key.rpartition("/")
        own = (of,) if source.number is None else ()
        for alias in (source.ref, source.ref.rpartition("/")[2], source.key, key, source.label, *own):
            known.setdefault(fold(alias), {}).setdefault(of, source)
    wanted = fold(name)
    found = known.get(wanted) or _nearest(
        "source", name, wanted, known, {key: key for key in known if not key.rpartition("/")[2].isdigit()}
    )
    return list(found.values())


def the_source(base: Base, name: str) -> Source:
    """Return the source called *name*; raise UsageError where several bases have one."""
    found = find_source(base, name)
    if len(found) > 1:
        raise UsageError(f"{name!r} is a source of several bases; name {' or '.join(s.ref for s in found)}")
    return found[0]


def _entities(kind: str, name: str, base: Base, fits: Callable[[Entity], bool]) -> list[Entity]:
    wanted = fold(name)
    bearers = sorted(filter(fits, base.bearers(wanted)), key=lambda e: is_country(e) and kind == "actor")
    if bearers:
        alike = [entity for entity in bearers if is_country(entity) == is_country(bearers[0])]
        return list({entity.id.rpartition("/")[0]: entity for entity in reversed(alike)}.values())[::-1]
    known: dict[str, dict[str, Entity]] = {}
    for entity in filter(fits, base.entities()):
        for alias in entity.names:
            known.setdefault(fold(alias), {}).setdefault(entity.id.rpartition("/")[0], entity)
    shown = {alias: next(iter(found.values())).name for alias, found in known.items()}
    return list(_nearest(kind, name, wanted, known, shown).values())


def _nearest(
    kind: str, name: str, wanted: str, known: Mapping[str, dict[str, T]], shown: Mapping[str, str]
) -> dict[str, T]:
    """Return the one thing whose name is a slip away from *wanted*; raise NotFoundError with the nearest."""
    from afcli.spelling import nearest, slips

    if close := slips(wanted, shown):
        found = {tuple(map(id, known[alias].values())): known[alias] for alias in close}
        if len(found) == 1:
            return next(iter(found.values()))
    suggestions = dict.fromkeys(shown[alias] for alias in nearest(wanted, shown))
    raise NotFoundError(kind, name, list(suggestions)[:3])
