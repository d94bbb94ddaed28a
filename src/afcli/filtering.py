"""What may be asked of claims, for type checkers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable


class Filtering(TypedDict, total=False):
    """Filters of queries and claims: different filters narrow, several values of one widen."""

    country: str | Iterable[str]
    actor: str | Iterable[str]
    source: str | int | Iterable[str | int]
    kind: str | Iterable[str]
    basis: str | Iterable[str]
    start: str | int
    """A year, month or day: `2021`, `2021-08`, `August 2021`."""
    end: str | int
    undated: bool
    """With *start* or *end*: include claims dated only by the time of writing."""
    status: str | Iterable[str]
    """Instead of the claims that have been read: `draft`, `proposed`, `changed`, `gone`, `read`, or `all`."""


class Naming(Filtering, total=False):
    """The same, and names in the text of a claim."""

    topic: str | Iterable[str]
    place: str | Iterable[str]
