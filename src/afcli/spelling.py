"""Which known words a misspelt one may mean. The door of rapidfuzz."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


def allowance(word: str) -> int:
    """Return how many slips a word of this length may hold and still be recognised."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def slips(word: str, known: Collection[str]) -> list[str]:
    """Return those of *known* that are fewest slips away from *word*, within its allowance.

    A slip is an insertion, deletion, substitution or transposition of neighbours
    (optimal string alignment). Nothing is returned where no known word is near enough.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    cutoff = allowance(word)
    if not cutoff:
        return []
    found = process.extract(
        word, list(known), scorer=OSA.distance, processor=None, score_cutoff=cutoff, limit=None
    )
    best = min((distance for _, distance, _ in found), default=0)
    return [match for match, distance, _ in found if distance == best]


def misspelt(
    word: str, near: Collection[str], same_start: Callable[[], Collection[str]]
) -> list[tuple[str, float]]:
    """Return the known words that *word* may misspell, or begin with a slip, each with its similarity.

    *near* are those of about its length; *same_start* gives those of the same first letter, and is
    asked only where none of the former will do. Only the nearest are returned; the similarity is
    the share of letters that are right.
    """
    # In a short word a wrong first letter makes another word, not a slip.
    if found := [
        o
        for o in slips(word, near if len(word) > 5 else [o for o in near if o[:1] == word[:1]])
        if len(o) > 3
    ]:
        return [(other, _similarity(word, other)) for other in found]
    if len(word) < 5:
        return []
    # A letter is left out more often than one is added.
    for length in (len(word), len(word) + 1, len(word) - 1):
        heads: dict[str, list[str]] = {}
        for other in same_start():
            if len(other) > length:
                heads.setdefault(other[:length], []).append(other)
        if found := [head for head in slips(word, heads) if _similarity(word, head) > 0.79]:
            return [(other, _similarity(word, head) - 0.1) for head in found for other in heads[head]]
    return []


def _similarity(one: str, other: str) -> float:
    from rapidfuzz.distance import OSA

    return OSA.normalized_similarity(one, other)


def nearest(word: str, known: Collection[str], limit: int = 6) -> list[str]:
    """Return up to *limit* of *known* that look most like *word*, best first; to be offered, not used."""
    from rapidfuzz import fuzz, process

    # Against a letter or two anything looks alike.
    if len(word) < 3:
        return []
    found = process.extract(word, list(known), scorer=fuzz.WRatio, score_cutoff=65, limit=limit)
    return [match for match, _, _ in found]
