"""A fact base in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afcli.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from afcli.index.base import Base


def counts(base: Base) -> Iterator[dict[str, Any]]:
    """Yield group, name and number: totals, coverage, and the claims by each of their tags."""
    wanted, covered = base.coverage()
    entities = base.entities()
    yield _row("base", "claims", sum(count for _, count in base.claim_counts))
    yield _row("base", "sources", len(base.bibliography))
    yield _row("base", "names", sum(len(entity.names) - 1 for entity in entities))
    yield from (_row("bases", *named) for named in base.claim_counts)
    yield _row("sentences", "with a claim", covered)
    yield _row("sentences", "without a claim", wanted - covered)
    claims = base.counts("section")
    yield from (_row("section", section.title, claims.get(section.id, 0)) for section in base.sections)
    claims = base.counts("kind")
    yield from _most("kind", [(kind, claims.get(kind, 0)) for kind in Kind])
    yield from _most("basis", base.counts("basis").items())
    yield from _most("date", base.counts("date").items())
    claims = base.counts("source")
    sources = [(f"{s.label} ({s.key})", claims.get(s.key, 0)) for s in base.sources]
    yield from (_row("source", *pair) for pair in sorted(sources, key=lambda pair: -pair[1]))
    for group in ("country", "region", "actor"):
        claims = base.counts(group)
        yield from _most(group, [(entity.name, claims.get(entity.id, 0)) for entity in entities])


def _most(group: str, counted: Iterable[tuple[str, int]]) -> Iterator[dict[str, Any]]:
    frequent = sorted((pair for pair in counted if pair[1]), key=lambda pair: (-pair[1], pair[0]))
    return (_row(group, *pair) for pair in frequent)


def _row(group: str, name: str, number: int) -> dict[str, Any]:
    return {"group": group, "name": name, "count": number}
