"""Rank the claims of clusters by the scores that search/rank.py gives, beside those of local bases.

A cluster adds its scores in 32 bits. So they only choose the candidates, those that may be among the best for all
that rounding does; their scores are then added anew.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from afcli.opensearch.base import Remote
from afcli.opensearch.client import PAGE
from afcli.opensearch.selection import Selection, filtered
from afcli.search.rank import Ranking

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from afcli.index.base import Base
    from afcli.search.interpret import Interpretation
    from afcli.search.rank import Bucket

_EXACT = 1 << 24
"""Below this every whole number has 32 bits of its own."""
_CLAUSES = 900
"""The most clauses of a query; a cluster refuses more than 1,024."""
_SUMS = 50_000
"""So many sums of scores are looked at to tell whether two are nearly equal."""
_SLACK = 30
_BAND = 1_000
"""So many more candidates are read at once."""


class Spread(Ranking):
    """The same for a base with members in clusters."""

    def __init__(self, query: Interpretation, base: Base) -> None:
        """Gather the postings of each word, the highest score first."""
        super().__init__(query, base)
        self._remotes = [member for member in base.members if isinstance(member, Remote)]
        here = {term: [p for p in found if not p.owner.remote] for term, found in query.postings.items()}
        self._local = Ranking(query._replace(postings=here), base)

    def best(
        self,
        count: int,
        allowed: AbstractSet[int] | None = None,
        barred: AbstractSet[int] = frozenset(),
    ) -> list[tuple[int, int]]:
        """Return score and number of the *count* best of the *allowed* claims, ties in the order of numbers."""
        found = self._local.best(
            count,
            None if allowed is None else set(_local(allowed)),
            _local(barred),
        )
        for remote in self._remotes:
            found += self._best_of(remote, count, allowed, barred)
        return sorted(found, key=lambda pair: (-pair[0], pair[1]))[:count]

    def reasons(self, number: int) -> dict[int, Bucket]:
        """Return the best bucket with the claim for each word that it answers, by the word's position."""
        remote = next((r for r in self._remotes if r.first <= number < r.first + r.record_count), None)
        if remote is None:
            return self._local.reasons(number)
        tokens = remote.postings_of(number - remote.first)
        return self._first(lambda p: p.owner is remote and remote.token_of(p) in tokens)

    def _best_of(
        self,
        remote: Remote,
        count: int,
        allowed: AbstractSet[int] | None,
        barred: AbstractSet[int],
    ) -> list[tuple[int, int]]:
        words = self._words(remote)
        if not words or not count:
            return []
        asked = _Asked(words)
        query = filtered(remote, {"should": asked.clauses, "minimum_should_match": 1}, allowed, barred)
        if query is None:
            return []
        scored: list[tuple[int, int]] = []
        after: list[Any] = []
        while True:
            size = min(PAGE, _BAND if after else count + _SLACK * (not asked.exact))
            hits = remote.ranked(query, size, after)
            scored += [(self._score(words, remote, n), n + remote.first) for n in remote.take(hits)]
            scored.sort(key=lambda pair: (-pair[0], pair[1]))
            if len(hits) < size or asked.enough(scored, count, hits[-1]["sort"][0]):
                return scored[:count]
            after = hits[-1]["sort"]

    def _words(self, remote: Remote) -> list[dict[str, int]]:
        """Return for each word what its postings in this cluster score, by token."""
        words = (_scores(remote, found) for found in self._buckets.values() if found and found[0].score)
        return [word for word in words if word]

    def _score(self, words: list[dict[str, int]], remote: Remote, number: int) -> int:
        tokens = remote.postings_of(number)
        return sum(
            max((score for mark, score in word.items() if mark in tokens), default=0) for word in words
        )


def _scores(remote: Remote, buckets: list[Bucket]) -> dict[str, int]:
    found: dict[str, int] = {}
    for bucket in buckets:
        if bucket.posting.owner is remote:
            # The best comes first.
            found.setdefault(remote.token_of(bucket.posting), bucket.score)
    return found


def _local(numbers: AbstractSet[int]) -> AbstractSet[int]:
    return numbers.local if isinstance(numbers, Selection) else numbers


class _Asked:
    """The words of a query as clauses; the cluster's score of a claim is never below its own, but for rounding."""

    def __init__(self, words: list[dict[str, int]]) -> None:
        most = max(2, _CLAUSES // len(words))
        self._groups = [_of_one_score(word) for word in words]
        self._merged = any(len(of) > most for of in self._groups)
        whole = sum(max(word.values()) for word in words) < _EXACT
        self.exact = whole and not self._merged
        """Whether the order of the cluster is the order of the scores."""
        self.clauses = [{"dis_max": {"queries": _alternatives(of, most)}} for of in self._groups]
        self._rounding = 1 + (len(words) + 2) * 2**-23

    def enough(self, scored: list[tuple[int, int]], count: int, last: float) -> bool:
        """Tell whether no claim after the one with the score *last* can be among the best *count*."""
        if len(scored) < count:
            return False
        least = scored[count - 1][0]
        if self.exact or last * self._rounding < least:
            return True
        # Where all that may come next score the same, their numbers are in order.
        return not self._merged and self._is_alone(least)

    def _is_alone(self, score: int) -> bool:
        """Tell whether every sum of scores so near *score* that the cluster may not tell them apart is equal to it."""
        reach = math.ceil(score * (self._rounding - 1)) + 1
        scores = sorted(([0, *(n for n, _ in reversed(of))] for of in self._groups), key=len)
        sums = {0}
        for position, word in enumerate(scores):
            left = sum(other[-1] for other in scores[position + 1 :])
            if len(sums) * len(word) > _SUMS:
                return False
            sums = {
                total
                for before in sums
                for n in word
                if (total := before + n) <= score + reach and total + left >= score - reach
            }
        return sums <= {score}


def _of_one_score(word: dict[str, int]) -> list[tuple[int, list[str]]]:
    """Return the postings of each score, the highest first."""
    found: dict[int, list[str]] = {}
    for mark, score in word.items():
        found.setdefault(score, []).append(mark)
    return sorted(found.items(), reverse=True)


def _alternatives(scores: list[tuple[int, list[str]]], most: int) -> list[dict[str, Any]]:
    """Return the postings of a word as at most so many queries, each with the highest score among its own."""
    several = -(-len(scores) // most)
    groups = (scores[start : start + several] for start in range(0, len(scores), several))
    return [
        {
            "constant_score": {
                "filter": {"terms": {"postings": [mark for _, marks in group for mark in marks]}},
                "boost": group[0][0],
            }
        }
        for group in groups
    ]
