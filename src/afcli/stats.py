"""What a fact base holds, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afcli.model import Basis, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afcli.base import Base


def counts(base: Base) -> Iterator[dict[str, Any]]:
    """Yield group, name and number: the whole, how much is covered, and the claims by each of their tags."""
    wanted, covered = base.coverage()
    entities = base.entities()
    yield _row("base", "claims", base.total)
    yield _row("base", "sources", len(base.bibliography))
    yield _row("base", "names", sum(len(entity.names) - 1 for entity in entities))
    yield from (_row("bases", *part) for part in base.parts)
    yield _row("sentences", "with a claim", covered)
    yield _row("sentences", "without a claim", wanted - covered)
    yield from (_row("section", s.title, base.count("section", s.id)) for s in base.sections)
    yield from _most("kind", [(kind, base.count("kind", kind)) for kind in Kind])
    yield from _most("basis", [(basis, base.count("basis", basis)) for basis in Basis])
    by_basis: dict[str, list[str]] = {}
    for date in base.dates():
        by_basis.setdefault(date.rpartition(" ")[2], []).append(date)
    yield from _most("date", [(basis, base.count("date", *dates)) for basis, dates in by_basis.items()])
    carried = [(f"{s.label} ({s.key})", base.count("source", s.key)) for s in base.sources]
    yield from (_row("source", *pair) for pair in sorted(carried, key=lambda pair: -pair[1]))
    for group in ("country", "region", "actor"):
        yield from _most(group, [(entity.name, base.count(group, entity.id)) for entity in entities])


def _most(group: str, counted: list[tuple[str, int]]) -> Iterator[dict[str, Any]]:
    found = sorted((pair for pair in counted if pair[1]), key=lambda pair: (-pair[1], pair[0]))
    return (_row(group, *pair) for pair in found)


def _row(group: str, name: str, number: int) -> dict[str, Any]:
    return {"group": group, "name": name, "count": number}
