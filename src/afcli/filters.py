"""The filters that every listing command takes, and what passes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from afcli import names
from afcli.dates import Interval, partial_date
from afcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from afcli.model import Claim, Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a claim must match: one value of each filter that is given."""

    country: Sequence[str] = ()
    actor: Sequence[str] = ()
    source: Sequence[str] = ()
    kind: Sequence[str] = ()
    basis: Sequence[str] = ()
    start: str = ""
    end: str = ""
    undated: bool = False

    def select(self, facts: Facts) -> list[Claim]:
        """Return the claims that pass, in the order of the article; raises as `predicate`."""
        return list(filter(self.predicate(facts), facts.claims))

    def predicate(self, facts: Facts) -> Callable[[Claim], bool]:
        """Return what tells whether a claim or reference passes.

        Raises NotFoundError for names that the facts do not have, UsageError for malformed dates.
        """
        countries, regions = self._places(facts)
        actors = {names.find_actor(facts, name).id for name in self.actor}
        sources = {names.find_source(facts, name).key for name in self.source}
        span = self._span()

        def named(claim: Claim) -> bool:
            return any(c.id in countries for c in claim.countries) or any(
                r.id in regions for r in claim.regions
            )

        def passes(claim: Claim) -> bool:
            return (
                (not self.country or named(claim))
                and (not actors or any(a.id in actors for a in (*claim.actors, *claim.said_by)))
                and (not sources or claim.source.key in sources)
                and (not self.kind or claim.kind in self.kind)
                and (not self.basis or claim.basis in self.basis)
                and (span is None or self._dated(claim, span))
            )

        return passes

    def _places(self, facts: Facts) -> tuple[set[str], set[str]]:
        countries: set[str] = set()
        regions: set[str] = set()
        for entity in (names.find_country(facts, name) for name in self.country):
            countries |= facts.countries_in(entity)
            if entity.type == "region":
                regions |= {entity.id, *(m for m in entity.members if facts.entities[m].type == "region")}
        return countries, regions

    def _span(self) -> Interval | None:
        try:
            start = partial_date(self.start).start if self.start else None
            end = partial_date(self.end).end if self.end else None
        except ValueError as error:
            raise UsageError(str(error)) from None
        if start and end and start > end:
            raise UsageError(f"--from {self.start} lies after --to {self.end}; swap them")
        return Interval(start, end) if start or end else None

    def _dated(self, claim: Claim, span: Interval) -> bool:
        if claim.date_basis == "writing" and not self.undated:
            return False
        return claim.interval.overlaps(span)
