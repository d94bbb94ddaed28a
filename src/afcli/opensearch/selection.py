"""Some claims of bases in clusters and of local ones, as conditions: nothing is read before it is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afcli.opensearch.base import Remote

    Condition = dict[str, Any]


NONE: dict[str, Any] = {"match_none": {}}


class Selection(AbstractSet[int]):
    """Numbers of claims: of each cluster those that meet its condition, and *local* ones."""

    def __init__(self, conditions: Mapping[Remote, Condition], local: AbstractSet[int] = frozenset()) -> None:
        """Take the numbers of local claims as they are."""
        self.conditions = conditions
        self.local = local

    @cached_property
    def numbers(self) -> frozenset[int]:
        """Return all of them, read from the clusters."""
        read = (number for remote, wanted in self.conditions.items() for number in remote.meeting(wanted))
        return frozenset(self.local).union(read)

    def __contains__(self, number: object) -> bool:
        """Tell whether a claim is one of them."""
        return number in self.numbers

    def __iter__(self) -> Iterator[int]:
        """Yield each number."""
        return iter(self.numbers)

    def __len__(self) -> int:
        """Return how many they are."""
        return len(self.numbers)

    def __or__(self, other: AbstractSet[Any]) -> Selection:
        """Return those that are in either."""
        ours, theirs = self.conditions, _of(other).conditions
        both = {remote: either(ours[remote], theirs[remote]) for remote in ours.keys() & theirs.keys()}
        return Selection({**ours, **theirs, **both}, self.local | _of(other).local)

    __ror__ = __or__

    def __and__(self, other: AbstractSet[Any]) -> AbstractSet[int]:
        """Return those that are in both."""
        if not isinstance(other, Selection):
            return {number for number in other if number in self.numbers}
        both = {
            remote: {"bool": {"filter": [condition, other.conditions[remote]]}}
            for remote, condition in self.conditions.items()
            if remote in other.conditions
        }
        return Selection(both, self.local & other.local)

    __rand__ = __and__


def _of(numbers: AbstractSet[int]) -> Selection:
    return numbers if isinstance(numbers, Selection) else Selection({}, numbers)


def either(*conditions: Condition) -> Condition:
    """Return the condition that a claim meets any of these."""
    return {"bool": {"should": list(conditions), "minimum_should_match": 1}}


def filtered(
    remote: Remote, query: Condition, allowed: AbstractSet[int] | None, barred: AbstractSet[int]
) -> Condition | None:
    """Return a `bool` *query* for the *allowed* claims without the *barred*; None if none is allowed."""
    whole = dict(query)
    if allowed is not None:
        condition = allowed.conditions.get(remote) if isinstance(allowed, Selection) else None
        if condition is None:
            return None
        whole["filter"] = [condition]
    if isinstance(barred, Selection) and remote in barred.conditions:
        whole["must_not"] = [barred.conditions[remote]]
    return {"bool": whole}


def sizes(numbers: AbstractSet[int], selections: Sequence[AbstractSet[int]]) -> list[int]:
    """Return how many of *numbers* are in each selection: each cluster is asked once for all."""
    found = [len(numbers & _of(selection).local) for selection in selections]
    remotes = {remote: None for selection in selections for remote in _of(selection).conditions}
    for remote in remotes:
        conditions = [_of(selection).conditions.get(remote, NONE) for selection in selections]
        for position, count in enumerate(remote.sizes(numbers, conditions)):
            found[position] += count
    return found
