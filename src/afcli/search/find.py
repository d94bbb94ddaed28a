"""Answer a query with the claims that match it best, or say nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from afcli.errors import DamagedError
from afcli.index.base import Base
from afcli.model import Claim
from afcli.search.filters import Filters
from afcli.search.interpret import Interpretation, interpret
from afcli.search.query import parse
from afcli.search.rank import Bucket, Ranking
from afcli.text import SMALL, stemmer_version

if TYPE_CHECKING:
    from afcli.search.fusion import Joint, Meaning

SILENCE = 0.492
"""The share of a query's weight that the best claim must answer; below it, nothing is returned.

This and FADE are tuned by cross-validation: benchmarks/relevance.py.
"""
FADE = 0.2
"""The share of the best score that a claim needs to be shown beside it."""

FOUND_NAME = 1.3
"""The least weight of a name that a claim has: in a small base every claim may have it."""
MISSED_NAME = 3.0
"""The least weight of a name that a claim lacks."""

TOGETHER = 0.05
"""The bonus per answered word beyond _BY_CHANCE others: so many seldom meet by chance."""
_MOST_TOGETHER = 0.1
_BY_CHANCE = 3
_CONTENT = 0.35
"""Words with at least this share of their full weight count here."""

TRUST = {"name": 1.0, "text": 1.0, "date": 1.0, "terms": 1.0, "asks": 1.0, "actors": 0.9, "countries": 0.8,
         "note": 0.7, "source": 0.7, "beside": 0.6, "section": 0.4}  # fmt: skip
"""How far a match in each field shows that a claim answers at all, whatever its rank."""
_TRUSTED_GUESS = 0.9
"""The same for a misspelt or transliterated word, however close."""

_ASKING = frozenset(("how", "what", "when", "which", "сколько"))
"""A query without these asks for no time and no amount."""
_CLOSE = 10
"""How many of the best claims to test for whether they answer at all."""
_CLOSEST = 3
"""How many to name if none does."""


class Match(NamedTuple):
    """Why a claim answers one word of the query."""

    word: str
    term: str
    field: str
    way: str
    weight: float
    known: str = ""
    """The word of the facts that matched it."""

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
    """A claim that answers, its score in millionths, and the reason for each word of the query."""

    claim: Claim
    score: int
    matches: tuple[Match, ...]


class Answer(NamedTuple):
    """The result of a query, and how the query was read."""

    hits: list[Hit]
    """The best first."""
    corrected: str = ""
    """The query with its typos corrected, if there were any."""
    unknown: tuple[str, ...] = ()
    """The words that mean nothing here."""
    more: bool = False
    """Whether there are more hits than requested."""
    closest: tuple[Claim, ...] = ()
    """If nothing answers, the few closest claims."""
    remarks: tuple[str, ...] = ()
    """Parts of the query that may have been misread."""


def find(
    base: Base,
    text: str,
    filters: Filters,
    limit: int | None = None,
    *,
    closest: bool = False,
    meaning: "Meaning | None" = None,
    rank: Callable[[Interpretation, Base], Ranking] = Ranking,
) -> Answer:
    """Return what answers the query *text*, which may have field filters of its own.

    At most *limit* hits are returned, those that come *closest* also where nothing answers. A query of
    filters alone is answered with all that pass. With *meaning*, claims answer that mean the same in other words;
    *rank* is another class than Ranking where bases are in clusters.
    Raises UsageError and NotFoundError as `query.parse`, `Filters.numbers` and `interpret` do.
    """
    if any(member.stemmer != stemmer_version() for member in base.members):
        raise DamagedError("made with another stemmer")
    query = parse(text, filters)
    allowed = query.filters.numbers(base)
    barred = query.filters.barred(base)
    for excluded in query.without_filters:
        barred |= excluded.numbers(base) or frozenset()
    for phrase in query.phrases:
        holders = base.with_phrase(phrase)
        allowed = holders if allowed is None else allowed & holders
    for phrase in query.without:
        barred |= base.with_phrase(phrase)
    chosen: list[int] = []
    if any(map(str.isdigit, query.words)):
        from afcli.search.by_name import find_named

        chosen = find_named(base, query.words)
    if not query.words and (query.filters != filters or query.without or query.without_filters):
        chosen = list(base.numbers())
    if chosen:
        passed = [n for n in chosen if (allowed is None or n in allowed) and n not in barred]
        hits = [Hit(claim, 0, ()) for claim in base.claims(passed[:limit])]
        return Answer(hits, more=len(passed) > len(hits))
    ranking = rank(interpret(query.words, base), base)
    joint: Joint | None = None
    said: tuple[str, ...] = ()
    count = max(_CLOSE, base.record_count if limit is None else limit + 1)
    if meaning:
        from afcli.search.fusion import CANDIDATES, ask

        joint, said = ask(meaning, query.words, allowed, barred)
        count = max(CANDIDATES, count) if joint else count
    ranked = ranking.best(count, allowed, barred)
    answer = _answer(base, ranking, ranked, limit, joint, closest=closest)
    return answer._replace(remarks=(*query.remarks, *said))


def _answer(
    base: Base,
    ranking: Ranking,
    ranked: Sequence[tuple[int, int]],
    limit: int | None,
    joint: "Joint | None",
    *,
    closest: bool,
) -> Answer:
    """Return the best claims, if one of the first few answers SILENCE of the query, or only the *closest* are asked for.

    With *joint*, what means the same may answer where the words do not, and has its say in the order.
    """
    query = ranking.query
    unknown = tuple(query.words[position] for position in query.unknown)
    reasons = cache(ranking.reasons)
    enough = partial(_enough, base, query, reasons)
    answers = enough(((number, 0.0) for _, number in ranked[:_CLOSE]), SILENCE)
    shown = [(score, number) for score, number in ranked if score >= FADE * ranked[0][0]]
    best = ranked
    if joint:
        shown, answers = joint.join(query, ranked, shown if answers or closest else (), reasons, enough)
        best = shown
    if not answers and not closest:
        return Answer([], unknown=unknown, closest=tuple(base.claims([n for _, n in best[:_CLOSEST]])))
    claims = base.claims([number for _, number in shown[:limit]])
    hits = [
        Hit(claim, score, _matches(query, reasons(number), joint, number))
        for (score, number), claim in zip(shown, claims, strict=False)
    ]
    return Answer(hits, _corrected(query, hits), unknown, more=len(shown) > len(hits))


def _enough(
    base: Base,
    query: Interpretation,
    reasons: Callable[[int], Mapping[int, Bucket]],
    otherwise: Iterable[tuple[int, float]],
    least: float,
) -> bool:
    """Tell whether a claim comes to *least* by words and what it has *otherwise*.

    Where a time or an amount is asked for, one of the best must also tell it.
    """
    values = ((_answered(query, reasons(number)) + value, number) for number, value in otherwise)
    able = (pair for pair in values if pair[0] >= least)
    if _ASKING.isdisjoint(query.words):
        return any(able)
    from afcli.search.time_or_amount import foremost_tell

    return foremost_tell(base, query.words, able, lambda number: _content(query) <= reasons(number).keys())


def _content(query: Interpretation) -> set[int]:
    """Return the positions of the words that have a weight as words, not only within a name."""
    return {position for position in query.weights if query.words[position] not in SMALL}


def _is_one_name(query: Interpretation, positions: AbstractSet[int]) -> bool:
    """Tell whether the words at *positions*, in whatever order, are one word or all of the name of one entity."""
    of_entity: dict[str, set[int]] = {}
    for reading in query.readings:
        if reading.term.startswith("@"):
            of_entity.setdefault(reading.term, set()).update(reading.positions)
    return len(positions) == 1 or any(positions <= covered for covered in of_entity.values())


def _answered(query: Interpretation, reasons: Mapping[int, Bucket]) -> float:
    """Return how much of what the query asks for a claim answers: 1 is all.

    A name that is everywhere in the facts weighs little if the claim has it, but much if it is missing.
    """
    content = _content(query)
    names = query.names & content
    missing = content - reasons.keys()
    one_name = bool(reasons) and names.issuperset(reasons) and _is_one_name(query, reasons.keys())
    whole = answered = 0.0
    for position, weight in query.weights.items():
        if position in reasons:
            _, _, reading, posting = reasons[position]
            guessed = reading.way in ("typo", "transliteration")
            asked = max(weight, FOUND_NAME) if position in names else weight
            answered += asked * TRUST[posting.field] * (_TRUSTED_GUESS if guessed else reading.closeness)
        elif position in names:
            asked = max(weight, MISSED_NAME)
        elif one_name and len(missing) > 1:
            # The query is nothing but one name: common words elsewhere do not make up for it.
            asked = weight / query.shares[position]
        else:
            asked = weight
        whole += asked
    together = sum(query.shares[position] >= _CONTENT for position in content & reasons.keys())
    known = {p for m in query.readings if m.way == "alias" for p in m.positions if p in names}
    if known and known.isdisjoint(reasons) and together < _BY_CHANCE:
        return 0.0
    return answered / whole + min(_MOST_TOGETHER, TOGETHER * max(0, together - _BY_CHANCE))


def _matches(
    query: Interpretation, reasons: dict[int, Bucket], joint: "Joint | None", number: int
) -> tuple[Match, ...]:
    by_words = tuple(
        Match(
            query.words[position],
            reading.term,
            posting.field,
            "question" if posting.field == "asks" else reading.way,
            query.weights[position] * (degree / 1000),
            reading.word,
        )
        for position, (_, degree, reading, posting) in reasons.items()
    )
    similarity = joint.similarity(number) if joint else None
    if not joint or similarity is None:
        return by_words
    return *by_words, Match(joint.text, "", "text", "meaning", similarity)


def _corrected(query: Interpretation, hits: Sequence[Hit]) -> str:
    """Return the query as it was read, if the best answer relies on a corrected word."""
    known = {m.word: m.known for m in (hits[0].matches if hits else ()) if m.way == "typo"}
    return " ".join(known.get(word, word) for word in query.words) if known else ""
