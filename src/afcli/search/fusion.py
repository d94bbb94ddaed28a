"""Combine matches by words with matches by meaning: rank them together, and decide whether anything answers.

A name that a query and a claim share makes them similar whatever is said of it, so a query that names something
known must be answered better than another; a name that nothing bears is hardly ever answered.
The numbers are tuned by cross-validation: benchmarks/meaning.py.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import Protocol

from afcli.errors import MeaningError, UsageError
from afcli.search.filters import Filters
from afcli.search.interpret import Interpretation
from afcli.search.query import parse
from afcli.search.rank import Bucket
from afcli.text import words

WEIGHT = 3.0
"""What closeness counts in the decision, where 1 is the whole weight of the words."""
BAR = 2.4
"""What the best claim must come to, or nothing is answered by meaning."""
NAMED = 1.0
"""What is asked for beyond that where the query names something known."""
STRANGE = 1.2
"""And for each name or number that is unknown."""
RANK = 1.2
"""What closeness counts in the order, where 1 is the best score of the words."""
MARGIN = 0.6
"""A claim that the words do not find is shown if it comes so near the best."""
TOLD = 0.5
"""From this closeness on, meaning is a reason."""
CANDIDATES = 50
"""So many of the nearest claims are looked at."""


class Near(Protocol):
    """How near each claim comes to a text (meaning/similarity.py)."""

    def similarity(self, number: int) -> float:
        """Return how similar a claim is to the text."""

    def closeness(self, number: int) -> float:
        """Return 0 for a claim that has nothing to do with the text, 1 for one that answers it."""

    def nearest(
        self, count: int, allowed: AbstractSet[int] | None, barred: AbstractSet[int]
    ) -> Sequence[int]:
        """Return the numbers of the *count* nearest of the *allowed* claims, the nearest first."""


class Meaning(Protocol):
    """What tells how near claims come."""

    def near(self, text: str) -> Near | None:
        """Return how near; raise MeaningError, once, where that cannot be told, and from then on return None."""


class Joint:
    """How near the claims come to a query in meaning, to be joined with what its words find."""

    def __init__(
        self, text: str, near: Near, allowed: AbstractSet[int] | None, barred: AbstractSet[int]
    ) -> None:
        """Take the query, how near the claims come to it, and which of them pass the filters."""
        self.text = text
        self._near = near
        self._nearest = near.nearest(CANDIDATES, allowed, barred)

    def join(
        self,
        query: Interpretation,
        ranked: Iterable[tuple[int, int]],
        found: Iterable[tuple[int, int]],
        reasons: Callable[[int], Mapping[int, Bucket]],
        enough: Callable[[Iterable[tuple[int, float]], float], bool],
    ) -> tuple[list[tuple[int, int]], bool]:
        """Return score and number of what the words *found* and what means the same, and whether any of it answers.

        The best come first; scores are as in rank.py. *ranked* are the claims that the words rank best, whether or
        not they answer; *reasons* gives those of a claim. *enough* takes claims, each with what it has by meaning,
        and tells whether one comes by its words to what is needed.
        """
        scores = {number: score for score, number in ranked}
        scores |= {
            n: sum(bucket.score for bucket in reasons(n).values()) for n in self._nearest if n not in scores
        }
        if not scores:
            return [], False
        hits = {number for _, number in found}
        answers = bool(hits or (query.weights and self._answers(query, scores, enough)))
        unit = round(1_000_000 * sum(query.weights.values()))
        joint = {
            n: score + round(unit * RANK * max(0.0, self._near.closeness(n))) for n, score in scores.items()
        }
        least = max(joint.values()) - MARGIN * unit
        shown = [(score, number) for number, score in joint.items() if number in hits or score >= least]
        return sorted(shown, key=lambda pair: (-pair[0], pair[1])), answers

    def _answers(
        self,
        query: Interpretation,
        numbers: Iterable[int],
        enough: Callable[[Iterable[tuple[int, float]], float], bool],
    ) -> bool:
        """Tell whether one of the claims answers by words and meaning together."""
        needed = self._needed(query)
        by_meaning = ((number, WEIGHT * self._near.closeness(number)) for number in numbers)
        return enough(((number, value) for number, value in by_meaning if value + 1 >= needed), needed)

    def similarity(self, number: int) -> float | None:
        """Return how similar a claim is to the query, where that is a reason to show it."""
        return self._near.similarity(number) if self._near.closeness(number) >= TOLD else None

    def _needed(self, query: Interpretation) -> float:
        """Return what the best claim must come to."""
        named = any(
            found.way == "alias" and query.weights.keys() & found.positions for found in query.readings
        )
        capitals = [word for word in self.text.split() if word[:1].isupper()]
        if capitals == self.text.split()[:1]:
            capitals = []  # Any first word may have one.
        names = {name for word in capitals for name in words(word)}
        unknown = {query.words[position] for position in query.unknown}
        return BAR + NAMED * named + STRANGE * sum(word[:1].isdigit() or word in names for word in unknown)


def ask(
    meaning: Meaning, text: str, allowed: AbstractSet[int] | None, barred: AbstractSet[int]
) -> tuple[Joint | None, tuple[str, ...]]:
    """Return how near the claims come that pass the filters, if that can be told, and what there is to say about it."""
    try:
        near = meaning.near(text)
    except MeaningError as error:
        return None, (str(error),)
    return Joint(text, near, allowed, barred) if near else None, ()


def texts_of(queries: Iterable[str]) -> list[str]:
    """Return the texts of *queries* that meaning will be asked for, of those that are well formed."""
    texts = []
    for query in queries:
        with suppress(UsageError):
            texts.append(parse(query, Filters()).words)
    return texts
