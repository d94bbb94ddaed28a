"""Answer a query with the records that match it best, or with silence."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from afcli.lexicon import stem, stems, tokens
from afcli.meanings import understand
from afcli.query import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from afcli.filters import Filters
    from afcli.index import Index
    from afcli.meanings import Meaning, Understood
    from afcli.model import Claim, Facts

SILENCE = 0.55
"""The share of a query's weight that the best record must hold; below it nothing is answered.

This and FADE are tuned by cross-validation: benchmarks/relevance.py.
"""
FADE = 0.2
"""The share of the best score that a record needs to be shown beside it."""

TRUST = {"name": 1.0, "text": 1.0, "date": 1.0, "terms": 1.0, "asks": 1.0, "actors": 0.9, "countries": 0.8, "regions": 0.8,
         "note": 0.7, "source": 0.7, "beside": 0.6, "section": 0.4}  # fmt: skip
"""How far a match in each field shows that a record answers at all, whatever its rank."""


@dataclass(frozen=True, slots=True)
class Match:
    """Why a record answers one word of the query."""

    word: str
    term: str
    field: str
    way: str
    weight: float

    def record(self) -> dict[str, str | float]:
        """Return the JSON form."""
        return {
            "word": self.word,
            "term": self.term,
            "field": self.field,
            "way": self.way,
            "weight": round(self.weight, 3),
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that answers, its score, and for each word of the query why."""

    claim: Claim
    score: float
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query found, best first, and how it was read."""

    hits: list[Hit]
    corrected: str = ""
    """The query with its misspelt words set right, where there were any."""
    unknown: tuple[str, ...] = ()
    """The words that mean nothing here."""


@dataclass(slots=True)
class _Candidate:
    best: dict[int, tuple[float, Meaning, str]] = field(default_factory=dict)
    """For each word of the query the best degree to which the record holds it, by what and where."""


def find(facts: Facts, index: Index, text: str, filters: Filters) -> Answer:
    """Return what answers the query *text*, which may hold field filters of its own.

    A query of filters alone is answered with all that pass. Raises UsageError and
    NotFoundError as `query.parse` and `Filters.predicate` do.
    """
    asked = parse(text, filters)
    passes = asked.filters.predicate(facts)
    barred = [excluded.predicate(facts) for excluded in asked.without_filters]
    allowed = [n for n, c in enumerate(index.records) if passes(c) and not any(bar(c) for bar in barred)]
    if not asked.words and (asked.filters != filters or asked.without or barred):
        shown = [n for n in allowed if n < len(facts.claims)]
        return Answer(
            [Hit(index.records[n], 0.0, ()) for n in sorted(_permitted(index, shown, (), asked.without))]
        )
    return search(asked.words, index, allowed, phrases=asked.phrases, without=asked.without)


def search(
    query: str,
    index: Index,
    allowed: Collection[int],
    *,
    phrases: Sequence[str] = (),
    without: Sequence[str] = (),
) -> Answer:
    """Return what answers *query* among the *allowed* records, ties in the order of the article.

    Every record scores the weights of the words that it holds, each lessened by how closely
    and in which field it holds it; words that stand together and texts that say little else
    count a little more. Nothing is answered unless the best record holds SILENCE of the weight
    of the query. *phrases* must stand in the text, *without* must not.
    """
    asked = understand(query, index)
    whole = sum(asked.weights.values())
    if not whole:
        return Answer([])
    candidates = _candidates(asked, index, _permitted(index, allowed, phrases, without))
    ranked = sorted(
        ((_score(asked, c, index.texts[n]) / whole, n) for n, c in candidates.items()),
        key=lambda p: (-p[0], p[1]),
    )
    unknown = tuple(asked.words[place] for place in asked.unknown)
    if not any(_held(asked, candidates[number]) >= SILENCE * whole for _, number in ranked[:5]):
        return Answer([], unknown=unknown)
    hits = [
        Hit(index.records[number], score, _matches(asked, candidates[number]))
        for score, number in ranked
        if score >= FADE * ranked[0][0]
    ]
    return Answer(hits, _corrected(asked, hits[0], index), unknown)


def _permitted(
    index: Index, allowed: Collection[int], phrases: Sequence[str], without: Sequence[str]
) -> set[int]:
    def holds(number: int, text: str) -> bool:
        wanted = stems(text)
        held = index.texts[number]
        return (
            any(held[at : at + len(wanted)] == wanted for at in range(len(held) - len(wanted) + 1))
            if wanted
            else False
        )

    return {
        number
        for number in allowed
        if all(holds(number, phrase) for phrase in phrases)
        and not any(holds(number, text) for text in without)
    }


def _candidates(asked: Understood, index: Index, permitted: set[int]) -> dict[int, _Candidate]:
    candidates: dict[int, _Candidate] = {}
    for meaning in asked.meanings:
        places = [place for place in meaning.places if place in asked.weights]
        for number, (weight, name) in index.postings[meaning.term].items() if places else ():
            if number in permitted:
                best = candidates.setdefault(number, _Candidate()).best
                degree = meaning.closeness * weight
                for place in places:
                    if place not in best or best[place][0] < degree:
                        best[place] = (degree, meaning, name)
    return candidates


def _score(asked: Understood, candidate: _Candidate, text: tuple[str, ...]) -> float:
    score = sum(asked.weights[place] * degree for place, (degree, _, _) in candidate.best.items())
    matched = {meaning.term for _, meaning, name in candidate.best.values() if name == "text"}
    standing = [place for place, term in enumerate(text) if term in matched]
    neighbours = sum(after - before <= 2 for before, after in pairwise(standing))
    whole = sum(asked.weights.values())
    return score + whole * (0.02 * min(neighbours, 4) + 0.05 * len(matched) / max(len(text), 8))


def _held(asked: Understood, candidate: _Candidate) -> float:
    """Return how much of the query's weight the record really answers."""
    return sum(
        asked.weights[place]
        * TRUST[name]
        * (0.9 if meaning.way in ("typo", "transliteration") else meaning.closeness)
        for place, (_, meaning, name) in candidate.best.items()
    )


def _matches(asked: Understood, candidate: _Candidate) -> tuple[Match, ...]:
    return tuple(
        Match(
            asked.words[place],
            meaning.term,
            name,
            "question" if name == "asks" else meaning.way,
            asked.weights[place] * degree,
        )
        for place, (degree, meaning, name) in sorted(candidate.best.items())
    )


def _corrected(asked: Understood, hit: Hit, index: Index) -> str:
    """Return the query as it was read, where the best answer rests on a corrected word."""
    if not any(match.way == "typo" for match in hit.matches):
        return ""
    spelt = {term: word for word, term in reversed(index.vocabulary.items())}
    words = list(asked.words)
    for match in hit.matches:
        if match.way == "typo":
            words[words.index(match.word)] = spelt[match.term]
    return " ".join(words)


def highlights(claim: Claim, hit: Hit, index: Index) -> frozenset[str]:
    """Return the folded words of the claim's text that stand where *hit* matched, names included."""
    found = {match.term for match in hit.matches}
    written = tokens(claim.text)
    matched = {word for word in written if stem(word) in found}
    for start, end, term in index.named(stems(claim.text)):
        if term in found:
            matched.update(written[start:end])
    return frozenset(matched)
