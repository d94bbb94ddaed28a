"""How many of some claims name each entity."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from afcli.index.base import Base
    from afcli.model import Entity

_FIELDS = {"country": ("country", "region"), "actor": ("actor",)}
"""The fields of a claim that hold entities of a kind; of any other its text must have the name."""


def count_entities(
    base: Base, kind: str, entities: Sequence[Entity], among: Iterable[int]
) -> list[tuple[Entity, int]]:
    """Return the *entities*, all of a *kind*, with their numbers of claims *among* these, the most frequent first."""
    numbers, having = set(among), [_having(base, kind, entity.id) for entity in entities]
    if base.remote:
        from afcli.opensearch.selection import sizes

        counts = sizes(numbers, having)
    else:
        counts = [len(numbers & each) for each in having]
    found = (pair for pair in zip(entities, counts, strict=True) if pair[1])
    return sorted(found, key=lambda pair: (-pair[1], pair[0].name))


def _having(base: Base, kind: str, id_: str) -> AbstractSet[int]:
    if kind not in _FIELDS:
        return base.naming([id_])
    found: AbstractSet[int] = frozenset()
    for field in _FIELDS[kind]:
        found |= base.tagged(field, [id_])
    return found
