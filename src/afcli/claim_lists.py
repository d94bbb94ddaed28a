"""Lists of claims and hits, which a notebook shows as such."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from afcli.errors import UsageError
from afcli.model import Claim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afcli.index.base import Base
    from afcli.search.find import Hit

_SHOWN = 50
"""How many claims a notebook shows."""


class Claims(Sequence[Claim]):
    """Some of the claims, in the order of the article; each is read when you ask for it."""

    def __init__(self, base: Base, numbers: Sequence[int]) -> None:
        """Take the *numbers* of the claims in *base*, counted from 0."""
        self._base = base
        self.numbers = numbers

    def __len__(self) -> int:
        """Return how many there are, without reading them."""
        return len(self.numbers)

    @overload
    def __getitem__(self, position: int) -> Claim: ...
    @overload
    def __getitem__(self, position: slice) -> list[Claim]: ...
    def __getitem__(self, position: int | slice) -> Claim | list[Claim]:
        """Return one claim, or for a slice a list of claims, read at once."""
        if isinstance(position, slice):
            return self._base.claims(self.numbers[position])
        return self._base.claim(self.numbers[position])

    def __iter__(self) -> Iterator[Claim]:
        """Yield every claim."""
        return iter(self[:])

    def __and__(self, other: Claims) -> Claims:
        """Return those that are also among *other*; raise UsageError if it is of another fact base."""
        # By number, claims of two bases would match by accident.
        if _digests(other._base) != _digests(self._base):
            raise UsageError("these are claims of different facts; open all of them with one afcli.open")
        others = set(other.numbers)
        return Claims(self._base, [number for number in self.numbers if number in others])

    def __repr__(self) -> str:
        """Return how many there are."""
        return f"<{len(self)} claims>"

    def _repr_html_(self) -> str:
        """Return the claims for a notebook; of many only the first."""
        more = f"<p>{len(self)} claims, the first {_SHOWN} shown</p>" if len(self) > _SHOWN else ""
        return "".join(claim._repr_html_() for claim in self[:_SHOWN]) + more


def _digests(base: Base) -> list[str]:
    return [member.digest for member in base.members]


class Hits(list["Hit"]):
    """The hits of a query, the best first; a notebook shows their claims."""

    def _repr_html_(self) -> str:
        """Return the claims for a notebook."""
        return "".join(hit.claim._repr_html_() for hit in self) or "<p>nothing found</p>"
