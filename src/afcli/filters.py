"""The filters that every listing command takes, and what passes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from afcli import names
from afcli.dates import Interval, asked_date
from afcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afcli.base import Base


class Filters(NamedTuple):
    """What a claim must match: one value of each filter that is given."""

    country: Sequence[str] = ()
    actor: Sequence[str] = ()
    source: Sequence[str] = ()
    kind: Sequence[str] = ()
    basis: Sequence[str] = ()
    start: str = ""
    end: str = ""
    undated: bool = False

    def numbers(self, base: Base) -> set[int] | None:
        """Return the numbers of the claims and references that pass, or None where nothing is asked.

        Raises NotFoundError for names that the facts do not have, UsageError for malformed dates.
        """
        found: list[set[int]] = []
        if self.country:
            countries, regions = self._places(base)
            found.append(base.holders("country", countries) | base.holders("region", regions))
        if self.actor:
            actors = {actor.id for name in self.actor for actor in names.find_actor(base, name)}
            found.append(base.holders("actor", actors))
        if self.source:
            sources = {source.key for name in self.source for source in names.find_source(base, name)}
            found.append(base.holders("source", sources))
        if self.kind:
            found.append(base.holders("kind", self.kind))
        if self.basis:
            found.append(base.holders("basis", self.basis))
        if span := self._span():
            found.append(base.holders("date", self._dates(base, span)))
        return set.intersection(*found) if found else None

    def claims(self, base: Base) -> list[int]:
        """Return the numbers of the claims that pass, in the order of the article; raises likewise."""
        allowed = self.numbers(base)
        return list(base.numbers()) if allowed is None else sorted(filter(base.is_claim, allowed))

    def _places(self, base: Base) -> tuple[set[str], set[str]]:
        countries: set[str] = set()
        regions: set[str] = set()
        for entity in (entity for name in self.country for entity in names.find_country(base, name)):
            countries |= base.countries_in(entity)
            if entity.type == "region":
                regions |= {entity.id, *(m for m in entity.members if base.entity(m).type == "region")}
        return countries, regions

    def _span(self) -> Interval | None:
        try:
            start = asked_date(self.start).start if self.start else None
            end = asked_date(self.end).end if self.end else None
        except ValueError as error:
            raise UsageError(str(error)) from None
        if start and end and start > end:
            raise UsageError(f"--from {self.start} lies after --to {self.end}; swap them")
        return Interval(start, end) if start or end else None

    def _dates(self, base: Base, span: Interval) -> Iterator[str]:
        for date, days in base.dates().items():
            if (self.undated or not date.endswith(" writing")) and Interval(*days).overlaps(span):
                yield date
