"""Combine matches by words with matches by meaning: rank them together, and decide whether anything answers.

A name that a query and a claim share makes them similar whatever is said of it, so a query that names something
known must be answered better than another; a name that nothing bears is hardly ever answered.
The numbers are tuned by cross-validation: benchmarks/meaning.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from afcli.errors import MeaningError
from afcli.text import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from afcli.search.interpret import Interpretation
    from afcli.search.rank import Ranking, Reason

    Reasons = Mapping[int, Reason]

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
    """How near each claim comes to a query: meaning/similarity.py, or anything that answers the same."""

    def similarity(self, number: int) -> float:
        """Return how similar a claim is to the query."""

    def closeness(self, number: int) -> float:
        """Return 0 for a claim that has nothing to do with the query, 1 for one that answers it."""

    def nearest(
        self, count: int, allowed: AbstractSet[int] | None, barred: AbstractSet[int]
    ) -> Sequence[int]:
        """Return the numbers of the *count* nearest of the *allowed* claims, the nearest first."""


class Meaning(Protocol):
    """What tells how near claims come."""

    def near(self, text: str) -> Near | None:
        """Return how near each claim comes to *text*; raise MeaningError where that cannot be told."""


class Joint(NamedTuple):
    """A query as its text, and how near the claims come to it."""

    text: str
    near: Near
    nearest: Sequence[int] = ()
    """Of the claims that pass the filters, the nearest first."""

    def among(self, allowed: AbstractSet[int] | None, barred: AbstractSet[int]) -> Joint:
        """Return the same for the claims that pass the filters."""
        return self._replace(nearest=self.near.nearest(CANDIDATES, allowed, barred))

    def join(
        self,
        ranking: Ranking,
        ranked: Iterable[tuple[int, int]],
        found: Iterable[tuple[int, int]],
        answered: Callable[[Reasons], float],
    ) -> tuple[list[tuple[int, int]], bool]:
        """Return score and number of what the words *found* and what means the same, and whether any of it answers.

        The best come first; scores are as in rank.py. *ranked* are the claims that the words rank best, whether or
        not they answer; *answered* tells how much of the query a claim answers by words, from 0 to 1.
        """
        query = ranking.query
        scores = {number: score for score, number in ranked}
        reasons = {number: ranking.reasons(number) for number in self.nearest}
        for number in reasons.keys() - scores.keys():
            scores[number] = _score(query, reasons[number])
        hits = {number for _, number in found}
        if not scores:
            return [], False
        answers = bool(hits) or self._answers(ranking, scores, reasons, answered)
        unit = round(1_000_000 * sum(query.weights.values()))
        joint = {
            n: score + round(unit * RANK * max(0.0, self.near.closeness(n))) for n, score in scores.items()
        }
        least = max(joint.values()) - MARGIN * unit
        shown = [(score, number) for number, score in joint.items() if number in hits or score >= least]
        return sorted(shown, key=lambda pair: (-pair[0], pair[1])), answers

    def similarity(self, number: int) -> float | None:
        """Return how similar a claim is to the query, where that is a reason to show it."""
        return self.near.similarity(number) if self.near.closeness(number) >= TOLD else None

    def _answers(
        self,
        ranking: Ranking,
        numbers: Iterable[int],
        reasons: dict[int, dict[int, Reason]],
        answered: Callable[[Reasons], float],
    ) -> bool:
        """Tell whether one of the claims answers by words and meaning together."""
        needed = self._needed(ranking.query)
        if not ranking.query.weights:
            return False
        for number in numbers:
            by_meaning = WEIGHT * self.near.closeness(number)
            if by_meaning + 1 >= needed:
                why = reasons.get(number) or ranking.reasons(number)
                if answered(why) + by_meaning >= needed:
                    return True
        return False

    def _needed(self, query: Interpretation) -> float:
        """Return what the best claim must come to."""
        named = any(
            found.way == "alias" and query.weights.keys() & found.positions for found in query.meanings
        )
        capitals = [word for word in self.text.split() if word[:1].isupper()]
        if capitals == self.text.split()[:1]:
            capitals = []  # Any first word may have one.
        names = {name for word in capitals for name in words(word)}
        unknown = {query.words[position] for position in query.unknown}
        return BAR + NAMED * named + STRANGE * sum(word[:1].isdigit() or word in names for word in unknown)


def _score(query: Interpretation, reasons: Reasons) -> int:
    """Return what a claim scores by words, in millionths."""
    return round(sum(1000 * round(1000 * query.weights[n]) * why.degree for n, why in reasons.items()))


def ask(meaning: Meaning, text: str) -> tuple[Joint | None, tuple[str, ...]]:
    """Return how near the claims come to *text*, if that can be told, and what there is to say about it."""
    try:
        near = meaning.near(text)
    except MeaningError as error:
        return None, (str(error),)
    return Joint(text, near) if near else None, ()
