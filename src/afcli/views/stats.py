"""Counts of the claims and sentences of a fact base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afcli.model import UNREAD, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from afcli.index.base import Base


def counts(base: Base) -> Iterator[dict[str, Any]]:
    """Yield group, name and number: totals, coverage, and the claims by each of their tags."""
    return ({"group": group, "name": name, "count": number} for group, name, number in _counted(base))


def _counted(base: Base) -> Iterator[tuple[str, str, int]]:
    wanted, covered = base.coverage()
    entities = base.entities()
    yield "base", "claims", sum(count for _, count in base.claim_counts)
    yield "base", "sources", sum(source.number is not None for source in base.sources)
    yield "base", "names", sum(len(entity.names) - 1 for entity in entities)
    yield from (("bases", *named) for named in base.claim_counts)
    yield "sentences", "with a claim", covered
    yield "sentences", "without a claim", wanted - covered
    if base.unread_count:
        counted = statuses(base)
        yield from (("status", status or "read", counted.get(status, 0)) for status in ("", *UNREAD))
    claims = base.counts("section")
    yield from (("section", section.title, claims.get(section.id, 0)) for section in base.sections)
    claims = base.counts("kind")
    yield from _most("kind", [(kind, claims.get(kind, 0)) for kind in Kind])
    yield from _most("basis", base.counts("basis").items())
    yield from _most("date", base.counts("date").items())
    claims = base.counts("source")
    sources = [("source", f"{s.label} ({s.key})", claims.get(s.key, 0)) for s in base.sources]
    yield from sorted(sources, key=lambda counted: -counted[2])
    for group in ("country", "region", "actor"):
        claims = base.counts(group)
        yield from _most(group, [(entity.name, claims.get(entity.id, 0)) for entity in entities])


def lives(counted: Mapping[str, int]) -> str:
    """Return how many of the claims were read and how many are what else, by their status; empty if all were read."""
    total, read = sum(counted.values()), counted.get("", 0)
    others = [f"{counted[status]} {status}" for status in UNREAD if counted.get(status)]
    return f"{read} of {total} read, {', '.join(others)}" if others else ""


def statuses(base: Base) -> dict[str, int]:
    """Return the number of claims of each status; that of a claim that was read is empty."""
    counted = base.counts("status")
    total = sum(count for _, count in base.claim_counts)
    return {"": total - sum(counted.values())} | counted


def _most(group: str, counted: Iterable[tuple[str, int]]) -> Iterator[tuple[str, str, int]]:
    frequent = sorted((pair for pair in counted if pair[1]), key=lambda pair: (-pair[1], pair[0]))
    return ((group, *pair) for pair in frequent)
