"""Answer a query of loose words with the claims that match them best."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afcli.spelling import slips
from afcli.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afcli.model import Claim, Entity


@dataclass(frozen=True, slots=True)
class Hit:
    """A claim that answers, its score, and the words of its text that matched."""

    claim: Claim
    score: float
    matched: frozenset[str]


def search(query: str, claims: Iterable[Claim]) -> list[Hit]:
    """Return the *claims* that match *query*, best first; ties stand in the order of the article.

    Each query word stands for the vocabulary words that it equals or begins, else for those
    that are fewest slips away; rare words weigh more. A claim answers when it holds the
    heavier half of the query.
    """
    documents = [(claim, Counter(_terms(claim))) for claim in claims]
    spread = Counter(term for _, terms in documents for term in terms)
    asked = list(dict.fromkeys(words(query)))
    meanings = [_meanings(word, spread) for word in asked]
    weights = [_weight(meaning, spread, len(documents)) for meaning in meanings]
    hits = []
    for claim, terms in documents:
        score = sum(
            weight * max((closeness for term, closeness in meaning.items() if term in terms), default=0.0)
            for meaning, weight in zip(meanings, weights, strict=True)
        )
        if score and score >= 0.5 * sum(weights):
            matched = frozenset(term for meaning in meanings for term in meaning if term in terms)
            hits.append(Hit(claim, score, matched))
    return sorted(hits, key=lambda hit: -hit.score)


def _terms(claim: Claim) -> list[str]:
    entities = (*claim.actors, *claim.countries, *claim.regions, *claim.said_by)
    return [*words(claim.text), *_names(entities), *words(claim.source.label), *words(claim.date)]


def _names(entities: Sequence[Entity]) -> list[str]:
    return [word for entity in entities for name in entity.names for word in words(name)]


def _meanings(word: str, vocabulary: Counter[str]) -> dict[str, float]:
    """Return the vocabulary words that *word* may stand for, each with its closeness from 0 to 1."""
    found: dict[str, float] = defaultdict(float)
    for term in vocabulary:
        if term == word:
            found[term] = 1.0
        elif len(word) > 2 and term.startswith(word):
            found[term] = 0.8
    return found or dict.fromkeys(slips(word, vocabulary), 0.7)


def _weight(meaning: dict[str, float], spread: Counter[str], total: int) -> float:
    seen = min(total, sum(spread[term] for term in meaning))
    return math.log(1 + (total - seen + 0.5) / (seen + 0.5))
