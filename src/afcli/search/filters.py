"""The filters that every listing command takes, and the records that pass them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import reduce
from operator import and_
from typing import NamedTuple

from afcli.index.base import Base
from afcli.model import UNREAD, Status


class Filters(NamedTuple):
    """The conditions on a claim: one value of each filter given."""

    country: Sequence[str] = ()
    actor: Sequence[str] = ()
    source: Sequence[str] = ()
    kind: Sequence[str] = ()
    basis: Sequence[str] = ()
    start: str = ""
    end: str = ""
    undated: bool = False
    status: Sequence[str] = ()
    """Empty for the claims that were read."""

    def numbers(self, base: Base) -> AbstractSet[int] | None:
        """Return the numbers of the claims and references that pass, or None without filters.

        Raises NotFoundError for unknown names, UsageError for malformed dates.
        """
        if self.country or self.actor or self.source:
            from afcli.search import by_name
        passed: list[AbstractSet[int]] = []
        if self.country:
            countries, regions = by_name.find_areas(base, self.country)
            passed.append(base.tagged("country", countries) | base.tagged("region", regions))
        if self.actor:
            actors = {actor.id for name in self.actor for actor in by_name.find_entity(base, "actor", name)}
            passed.append(base.tagged("actor", actors))
        if self.source:
            sources = {source.key for name in self.source for source in by_name.find_source(base, name)}
            passed.append(base.tagged("source", sources))
        if self.kind:
            passed.append(base.tagged("kind", self.kind))
        if self.basis:
            passed.append(base.tagged("basis", self.basis))
        if self.status and not {Status.read, Status.all} & {*self.status}:
            passed.append(base.tagged("status", self.status))
        if self.start or self.end:
            from afcli.dates import asked_days

            passed.append(base.dated(asked_days(self.start, self.end), undated=self.undated))
        return reduce(and_, passed) if passed else None

    def barred(self, base: Base) -> AbstractSet[int]:
        """Return the numbers of the claims whose status is not asked for; usually all were read, and it costs nothing."""
        if not base.unread_count or Status.all in self.status:
            return frozenset()
        return base.tagged("status", set(UNREAD) - {*self.status})

    def claims(self, base: Base) -> list[int]:
        """Return the numbers of the claims that pass, in the order of the article; raises likewise."""
        allowed = self.numbers(base)
        numbers = base.numbers() if allowed is None else sorted(filter(base.is_claim, allowed))
        barred = self.barred(base)
        return [number for number in numbers if number not in barred] if barred else list(numbers)
