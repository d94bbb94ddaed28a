"""Score the claims that have words of a query, and find the best without scoring all."""

import heapq
import itertools
from bisect import bisect_left
from collections.abc import Callable, Iterable, KeysView, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from afcli.index.base import Base, Posting
from afcli.search.interpret import Interpretation, Reading

_HIGH = 0.9
"""Read a bucket first if it has at least this share of its word's best score."""
_FEW = 50_000
"""From this many scores on, it pays to find the lowest of the best before adding all words."""
_PROBES = 5_000
"""Try this many claims of the rarest word for all the others before adding up scores."""
_FEWER = 4
"""It pays to drop claims that cannot be among the best if a word has this many times as many."""
_HALVINGS = 20
"""Looking up a claim in a posting costs as much as reading this many of its claims."""


class Bucket(NamedTuple):
    """The claims that answer a word with one reading in one field: they score the same."""

    score: int
    """In millionths."""
    degree: int
    """Closeness of the reading times weight of the field, in thousandths."""
    reading: Reading
    posting: Posting


class Ranking:
    """The claims that answer a query, by score: the sum over its words of weight x closeness x weight of the field.

    A word counts once, by the best of its readings and fields. Scores are integers in millionths, so that the
    order of addition does not matter.
    """

    def __init__(self, query: Interpretation, base: Base) -> None:
        """Gather the postings of each word, the highest score first."""
        self.query = query
        self._base = base
        self._numbers: dict[Posting, Sequence[int]] = {}
        self._buckets: dict[int, list[Bucket]] = {position: [] for position in query.weights}
        for reading in query.readings:
            for posting in query.postings[reading.term]:
                degree = round(1000 * reading.closeness * posting.weight)
                for position in query.weights.keys() & reading.positions:
                    score = round(1000 * query.weights[position]) * degree
                    self._buckets[position].append(Bucket(score, degree, reading, posting))
        for buckets in self._buckets.values():
            buckets.sort(key=lambda bucket: -bucket.degree)

    def best(
        self, count: int, allowed: AbstractSet[int] | None = None, barred: AbstractSet[int] = frozenset()
    ) -> list[tuple[int, int]]:
        """Return score and number of the *count* best of the *allowed* claims, ties in the order of numbers.

        The best buckets alone give a lower limit for the last of the best scores; after that, only buckets whose
        claims may still reach it are read.
        """
        words = sorted((b for b in self._buckets.values() if b and b[0].score), key=lambda b: -b[0].score)
        most = sum(buckets[0].score for buckets in words)
        within = None if allowed is None else frozenset(allowed)
        if whole := self._whole(words, count, within, barred):
            return [(most, number) for number in whole]
        high = [[b for b in buckets if b.score >= _HIGH * buckets[0].score] for buckets in words]
        scores = self._sums(high, count, 0, within, barred)
        floor = _last(count, scores)
        able = [[b for b in buckets if most - buckets[0].score + b.score >= floor] for buckets in words]
        if able != high:
            scores = self._sums(able, count, floor, within, barred)
            floor = _last(count, scores)
        better = [number for number, score in scores.items() if score > floor]
        equal = (number for number, score in scores.items() if score == floor)
        chosen = [*better, *heapq.nsmallest(count - len(better), equal)]
        return sorted(((scores[number], number) for number in chosen), key=lambda pair: (-pair[0], pair[1]))

    def _whole(
        self,
        words: list[list[Bucket]],
        count: int,
        allowed: frozenset[int] | None,
        barred: AbstractSet[int],
    ) -> list[int]:
        """Return the first *count* claims that answer every word in the best way, or none if so many are not soon found."""
        if not words or any(len(b) > 1 and b[1].score == b[0].score for b in words):
            return []
        rarest, *others = sorted((b[0].posting for b in words), key=lambda posting: posting.size)
        if rarest.size < count:
            return []
        numbers = (
            n
            for n in self._holders(rarest)[:_PROBES]
            if n not in barred and (allowed is None or n in allowed)
        )
        lists = [self._holders(posting) for posting in others]
        found = list(itertools.islice((n for n in numbers if all(_has(list_, n) for list_ in lists)), count))
        return found if len(found) == count else []

    def _sums(
        self,
        words: list[list[Bucket]],
        count: int,
        floor: int,
        allowed: frozenset[int] | None,
        barred: AbstractSet[int],
    ) -> dict[int, int]:
        """Return the scores of the claims in the buckets of *words*, without some that cannot be among the best.

        The words that can add most come first. Once the rest together cannot lift a claim that lacks the words
        so far past the last of the best, or past *floor*, they only add to those found before that may still
        get there (MaxScore:
        Turtle and Flood 1995, https://doi.org/10.1016/0306-4573(95)00020-H).
        """
        left = sum(buckets[0].score for buckets in words if buckets)
        scores: dict[int, int] = {}
        for buckets in filter(None, words):
            most = left
            left -= buckets[0].score
            if len(scores) < _FEW:
                floor = max(floor, _last(count, scores))
            if allowed is None and not barred:
                # This many claims get the same score from this word alone.
                floor = max(floor, *(b.score for b in buckets if b.posting.size >= count), 0)
            if most < floor:
                scores = self._raised(scores, buckets, floor - most)
                continue
            added: dict[int, int] = {}
            for bucket in reversed(buckets):
                if bucket.score + left >= floor:
                    numbers: Iterable[int] = self._holders(bucket.posting)
                    added |= dict.fromkeys(
                        numbers if allowed is None else allowed.intersection(numbers), bucket.score
                    )
                elif scores:
                    added |= self._among(scores.keys(), [bucket])
            for number in barred & added.keys():
                del added[number]
            for number in scores.keys() & added.keys():
                added[number] += scores[number]
            scores |= added
        return scores

    def _raised(self, scores: dict[int, int], buckets: list[Bucket], least: int) -> dict[int, int]:
        """Return *scores* with what *buckets* add to them; those below *least* may be missing."""
        if _FEWER * len(scores) < sum(bucket.posting.size for bucket in buckets):
            scores = {number: score for number, score in scores.items() if score >= least}
        for number, score in self._among(scores.keys(), buckets).items():
            scores[number] += score
        return scores

    def _among(self, numbers: KeysView[int], buckets: Iterable[Bucket]) -> dict[int, int]:
        """Return the score that *buckets*, the best first, give those of *numbers* that are in one of them."""
        found: dict[int, int] = {}
        for score, _, _, posting in reversed([*buckets]):
            holders = self._holders(posting)
            if _HALVINGS * len(numbers) < len(holders):
                inside: Iterable[int] = (number for number in numbers if _has(holders, number))
            else:
                inside = numbers & holders
            found |= dict.fromkeys(inside, score)
        return found

    def reasons(self, number: int) -> dict[int, Bucket]:
        """Return the best bucket with the claim for each word that it answers, by the word's position."""
        return self._first(lambda posting: _has(self._holders(posting), number))

    def _first(self, has: Callable[[Posting], bool]) -> dict[int, Bucket]:
        """Return the best bucket of each word whose posting *has* a claim, by the word's position."""
        found = {}
        for position, buckets in sorted(self._buckets.items()):
            if bucket := next((bucket for bucket in buckets if has(bucket.posting)), None):
                found[position] = bucket
        return found

    def _holders(self, posting: Posting) -> Sequence[int]:
        if posting not in self._numbers:
            self._numbers[posting] = self._base.holders(posting)
        return self._numbers[posting]


def _has(numbers: Sequence[int], number: int) -> bool:
    """Tell whether ascending *numbers* have this one."""
    at = bisect_left(numbers, number)
    return at < len(numbers) and numbers[at] == number


def _last(count: int, scores: dict[int, int]) -> int:
    """Return the last of the *count* best scores, or 0 if there are fewer."""
    return heapq.nlargest(count, scores.values())[-1] if len(scores) >= count > 0 else 0
