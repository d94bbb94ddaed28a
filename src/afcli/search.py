"""Answer a query with the records that match it best, or with silence."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from afcli import names
from afcli.index import LEVELS, SEGMENT
from afcli.lexicon import SMALL, stem, stemmer_version, stems, tokens
from afcli.meanings import understand
from afcli.query import parse
from afcli.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from afcli.base import Base
    from afcli.filters import Filters
    from afcli.index import Posting
    from afcli.meanings import Meaning, Understood
    from afcli.model import Claim

SILENCE = 0.55
"""The share of a query's weight that the best record must hold; below it nothing is answered.

This and FADE are tuned by cross-validation: benchmarks/relevance.py.
"""
FADE = 0.2
"""The share of the best score that a record needs to be shown beside it."""

TRUST = {"name": 1.0, "text": 1.0, "date": 1.0, "terms": 1.0, "asks": 1.0, "actors": 0.9, "countries": 0.8, "regions": 0.8,
         "note": 0.7, "source": 0.7, "beside": 0.6, "section": 0.4}  # fmt: skip
"""How far a match in each field shows that a record answers at all, whatever its rank."""

_CLOSE = 5
"""How many of the best records are asked whether they answer at all."""
_FEW = 32
"""So few records are scored at once rather than divided further."""


class Match(NamedTuple):
    """Why a record answers one word of the query."""

    word: str
    term: str
    field: str
    way: str
    weight: float
    known: str = ""
    """The word of the facts that was taken for it."""

    def record(self) -> dict[str, str | float]:
        """Return the JSON form."""
        return {
            "word": self.word,
            "term": self.term,
            "field": self.field,
            "way": self.way,
            "weight": round(self.weight, 3),
        }


class Hit(NamedTuple):
    """A record that answers, its score, and for each word of the query why."""

    claim: Claim
    score: int
    matches: tuple[Match, ...]


class Answer(NamedTuple):
    """What a query found, best first, and how it was read."""

    hits: list[Hit]
    corrected: str = ""
    """The query with its misspelt words set right, where there were any."""
    unknown: tuple[str, ...] = ()
    """The words that mean nothing here."""
    more: bool = False
    """Whether there are more hits than were asked for."""
    remarks: tuple[str, ...] = ()
    """What of the query was read otherwise than it may have been meant."""


def find(base: Base, text: str, filters: Filters, limit: int | None = None) -> Answer:
    """Return what answers the query *text*, which may hold field filters of its own.

    At most *limit* hits are returned. A query of filters alone is answered with all that pass.
    Raises UsageError and NotFoundError as `query.parse` and `Filters.numbers` do.
    """
    base.prepare(stemmer_version())
    asked = parse(text, filters)
    allowed = asked.filters.numbers(base)
    barred: set[int] = set()
    for excluded in asked.without_filters:
        barred |= excluded.numbers(base) or set()
    for phrase in asked.phrases:
        held = _holding(base, phrase)
        allowed = held if allowed is None else allowed & held
    for phrase in asked.without:
        barred |= _holding(base, phrase)
    if not asked.words and (asked.filters != filters or asked.without or barred):
        chosen = [n for n in base.numbers() if (allowed is None or n in allowed) and n not in barred]
        return Answer(
            [Hit(base.claim(n), 0, ()) for n in chosen[:limit]], more=len(chosen) > len(chosen[:limit])
        )
    if called := _called(base, asked.words):
        chosen = [n for n in called if (allowed is None or n in allowed) and n not in barred]
        return Answer(
            [Hit(base.claim(n), 0, ()) for n in chosen[:limit]], more=len(chosen) > len(chosen[:limit])
        )
    return search(base, asked.words, allowed, barred, limit)._replace(remarks=asked.remarks)


def search(
    base: Base,
    query: str,
    allowed: set[int] | None = None,
    barred: Collection[int] = (),
    limit: int | None = None,
) -> Answer:
    """Return what answers *query* among the *allowed* records, ties in the order of the article.

    Every record scores the weights of the words that it holds, each lessened by how closely and in
    which field it holds it. Nothing is answered unless one of the best records holds SILENCE of the
    weight of the query.
    """
    asked = understand(query, base)
    whole = sum(asked.weights.values())
    if not whole:
        return Answer([])
    found = Ranking(asked, base, allowed, barred)
    ranked = found.best(max(_CLOSE, sum(base.segments) if limit is None else limit + 1))
    unknown = tuple(asked.words[place] for place in asked.unknown)
    close = [_held(asked, found.why(number)) for _, number in ranked[:_CLOSE]]
    if not any(held >= SILENCE * whole for held in close):
        return Answer([], unknown=unknown)
    kept = [(score, number) for score, number in ranked if score >= FADE * ranked[0][0]]
    hits = [
        Hit(base.claim(number), score, _matches(asked, found.why(number))) for score, number in kept[:limit]
    ]
    return Answer(hits, _corrected(asked, hits), unknown, more=len(kept) > len(hits))


def _called(base: Base, words: str) -> list[int]:
    """Return the claims that *words* calls by their ids, or nothing where a word is anything else."""
    found: dict[int, None] = {}
    for word in words.split():
        # What stands in the facts is looked for there, even where it looks like an id.
        bare = word.strip("?!.,;()[]")
        token = fold(bare)
        if (
            not token[:1].isalpha()
            or not token[-1:].isdigit()
            or token.rpartition("/")[2].isdigit()
            or base.knows(token)
        ):
            return []
        number = names.find_claim(base, bare)
        if number is None:
            return []
        found[number] = None
    return list(found)


def _holding(base: Base, phrase: str) -> set[int]:
    """Return the records whose text holds the words of *phrase* in a row."""
    wanted = stems(phrase)
    if not wanted:
        return set()
    numbers: set[int] | None = None
    for token, term in zip(tokens(phrase), wanted, strict=True):
        if token not in SMALL:
            held = {
                posting.segment * SEGMENT + place
                for posting in base.postings(term)
                if LEVELS[posting.level].field == "text"
                for place in posting.places()
            }
            numbers = held if numbers is None else numbers & held

    def holds(number: int) -> bool:
        held = stems(base.claim(number).text)
        return any(held[at : at + len(wanted)] == wanted for at in range(len(held) - len(wanted) + 1))

    return set(filter(holds, base.numbers() if numbers is None else numbers))


class _Held:
    """The records of one segment that hold one meaning at one level."""

    __slots__ = ("_places", "degree", "field", "meaning", "posting")

    def __init__(self, meaning: Meaning, posting: Posting) -> None:
        level = LEVELS[posting.level]
        self.meaning = meaning
        self.posting = posting
        self.field = level.field
        self.degree = round(1000 * meaning.closeness * level.weight)
        self._places: Sequence[int] = ()

    def places(self) -> Sequence[int]:
        if not self._places:
            self._places = self.posting.places()
        return self._places

    def holds(self, place: int) -> bool:
        places = self.places()
        at = bisect_left(places, place)
        return at < len(places) and places[at] == place


Why = dict[int, tuple[float, "Meaning", str]]
"""For each word of the query that a record holds: to what degree, by which meaning, in which field."""


class Ranking:
    """Finds the records with the highest scores without scoring those that cannot be among them.

    Scores are whole numbers, so that they do not depend on the order of addition. After MaxScore
    (Turtle and Flood 1995, https://doi.org/10.1016/0306-4573(95)00020-H): records that lack a word
    are looked at only while they may still do better than the worst of those found.
    """

    def __init__(
        self, asked: Understood, base: Base, allowed: set[int] | None = None, barred: Collection[int] = ()
    ) -> None:
        """Gather the postings of all meanings, the closest first."""
        self._weights = {place: round(1000 * weight) for place, weight in asked.weights.items()}
        self._held: dict[int, dict[int, list[_Held]]] = {}
        for meaning in asked.meanings:
            for posting in base.postings(meaning.term):
                held = _Held(meaning, posting)
                of_segment = self._held.setdefault(posting.segment, {})
                for place in meaning.places:
                    if place in self._weights:
                        of_segment.setdefault(place, []).append(held)
        for of_segment in self._held.values():
            for all_held in of_segment.values():
                all_held.sort(key=lambda h: -h.degree)
        self._allowed = None if allowed is None else _by_segment(allowed)
        self._barred = _by_segment(barred)
        self._why: dict[int, Why] = {}

    def best(self, count: int) -> list[tuple[int, int]]:
        """Return score and number of the *count* best records, the best first."""
        self._count = count
        self._heap: list[tuple[int, int]] = []
        for segment in sorted(self._held):
            self._segment(segment)
        return [(score, -number) for score, number in sorted(self._heap, reverse=True)]

    def why(self, number: int) -> Why:
        """Return what the record holds of each word of the query."""
        if number in self._why:
            return self._why[number]
        segment, place_in = divmod(number, SEGMENT)
        found = self._why.setdefault(number, {})
        for place, all_held in sorted(self._held[segment].items()):
            for held in all_held:
                if held.holds(place_in):
                    found[place] = (held.degree / 1000, held.meaning, held.field)
                    break
        return found

    def _segment(self, segment: int) -> None:
        words = [
            (self._weights[place] * held[0].degree, self._weights[place], held)
            for place, held in self._held[segment].items()
            if self._weights[place]
        ]
        words.sort(key=lambda word: -word[0])
        self._words = words
        self._base = segment * SEGMENT
        self._permitted = None if self._allowed is None else self._allowed.get(segment, set())
        self._excluded = self._barred.get(segment, set())
        self._scores: list[dict[int, int] | None] = [None] * len(words)
        self._descend(0, None, set(), sum(bound for bound, _, _ in words))

    def _descend(self, word: int, records: Collection[int] | None, seen: set[int], bound: int) -> None:
        """Look at *records* (all but *seen* where None): first at those that hold *word*, then the rest."""
        if records is not None and (word == len(self._words) or len(records) <= _FEW):
            self._score(records)
            return
        if word == len(self._words) or bound < self._worst():
            return
        holders = self._scores_of(word).keys()
        if records is None:
            with_it: Collection[int] = holders - seen if seen else holders
        else:
            with_it = holders & records
        if with_it:
            self._descend(word + 1, with_it, seen, bound)
        bound -= self._words[word][0]
        if bound >= self._worst():
            if records is None:
                self._descend(word + 1, None, seen | holders, bound)
            elif without := set(records) - holders:
                self._descend(word + 1, without, seen, bound)

    def _worst(self) -> int:
        return self._heap[0][0] if len(self._heap) >= self._count else 0

    def _scores_of(self, word: int) -> dict[int, int]:
        """Return what *word* adds to the score of each record that holds it and is permitted."""
        scores = self._scores[word]
        if scores is None:
            _, weight, all_held = self._words[word]
            scores = {}
            for held in reversed(all_held):
                scores.update(dict.fromkeys(held.places(), weight * held.degree))
            if self._permitted is not None:
                scores = {record: scores[record] for record in scores.keys() & self._permitted}
            if self._excluded:
                scores = {record: scores[record] for record in scores.keys() - self._excluded}
            self._scores[word] = scores
        return scores

    def _score(self, records: Iterable[int]) -> None:
        heap, count, base = self._heap, self._count, self._base
        words = [self._scores_of(word) for word in range(len(self._words))]
        for record in records:
            score = 0
            for scores in words:
                score += scores.get(record, 0)
            entry = (score, -(base + record))
            if len(heap) < count:
                heapq.heappush(heap, entry)
            elif entry > heap[0]:
                heapq.heapreplace(heap, entry)


def _by_segment(numbers: Iterable[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for number in numbers:
        found.setdefault(number // SEGMENT, set()).add(number % SEGMENT)
    return found


def _held(asked: Understood, why: Why) -> float:
    """Return how much of the query's weight a record really answers."""
    return sum(
        asked.weights[place]
        * TRUST[field]
        * (0.9 if meaning.way in ("typo", "transliteration") else meaning.closeness)
        for place, (_, meaning, field) in why.items()
    )


def _matches(asked: Understood, why: Why) -> tuple[Match, ...]:
    return tuple(
        Match(
            asked.words[place],
            meaning.term,
            field,
            "question" if field == "asks" else meaning.way,
            asked.weights[place] * degree,
            meaning.word,
        )
        for place, (degree, meaning, field) in why.items()
    )


def _corrected(asked: Understood, hits: Sequence[Hit]) -> str:
    """Return the query as it was read, where the best answer rests on a corrected word."""
    mended = {m.word: m.known for m in (hits[0].matches if hits else ()) if m.way == "typo"}
    return " ".join(mended.get(word, word) for word in asked.words) if mended else ""


def highlights(base: Base, hit: Hit) -> frozenset[str]:
    """Return the folded words of the claim's text that stand where *hit* matched, names included."""
    found = {match.term for match in hit.matches}
    written = tokens(hit.claim.text)
    stemmed = tuple(map(stem, written))
    matched = {word for word, term in zip(written, stemmed, strict=True) if term in found}
    for start, end, ids in _named(base, stemmed):
        if any(f"@{id_}" in found for id_ in ids):
            matched.update(written[start:end])
    return frozenset(matched)


def _named(base: Base, written: tuple[str, ...]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield start and end of each name that stands in *written*, with the ids of who bears it."""
    for start, first in enumerate(written):
        for name, ids in base.names_with(first):
            if written[start : start + len(name)] == name:
                yield start, start + len(name), ids
