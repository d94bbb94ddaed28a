"""How near the claims of a base in a cluster come to a text, by the vectors that were pushed with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afcli.meaning.vectors import Model, Vectors, packed
from afcli.opensearch.selection import filtered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from afcli.opensearch.base import Remote

_SLACK = 30
"""So many more of the nearest are read: a cluster multiplies in 32 bits."""


class RemoteVectors:
    """The vectors of a base in a cluster, of which it reads only a few."""

    digests = True
    """There are some."""

    def __init__(self, remote: Remote, name: str, low: float, high: float, width: int) -> None:
        """Take what is known of the model that made them (meaning/vectors.py)."""
        self.model = Model(name, low, high)
        self.width = width
        self._remote = remote

    def similarities(self, vector: Sequence[float], *, often: bool = False) -> RemoteSimilarities:  # noqa: ARG002  # as Vectors
        """Return the cosine of each with *vector*, whose length is 1."""
        return RemoteSimilarities(self._remote, vector)


class RemoteSimilarities:
    """The similarity of each claim to a text, by number: those of the nearest are read together."""

    def __init__(self, remote: Remote, vector: Sequence[float]) -> None:
        """Take the vector of the text."""
        self._remote = remote
        self._vector = vector

    def __getitem__(self, number: int) -> float:
        """Return that of one claim, to the last digit what a base in files gives."""
        scale, row = self._remote.row_of(number)
        one = Vectors(Model("", 0, 1), len(row), "", (b"",), [scale], row)
        return one.similarities(self._vector)[0]

    def nearest(
        self, count: int, allowed: AbstractSet[int] | None, barred: AbstractSet[int]
    ) -> list[tuple[float, int]]:
        """Return similarity and number, as the bases searched together count them, of the nearest that pass the filters."""
        among = filtered(self._remote, {}, allowed, barred)
        if among is None:
            return []
        scale, numbers = packed(self._vector, 32_767)
        asked: dict[str, Any] = {
            "field": "vector",
            "query_value": [number * scale for number in numbers],
            "space_type": "innerproduct",
        }
        script = {"lang": "knn", "source": "knn_score", "params": asked}
        hits = self._remote.ranked({"script_score": {"query": among, "script": script}}, count + _SLACK)
        return [(self[number], number + self._remote.first) for number in self._remote.take(hits)]
