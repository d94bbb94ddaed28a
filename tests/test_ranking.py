"""The best claims are those of adding up all scores, however few postings are read."""

from types import SimpleNamespace
from unittest import mock

from conftest import examples
from hypothesis import example, given
from hypothesis import strategies as st

from afcli.index.base import Posting
from afcli.search import rank
from afcli.search.interpret import Interpretation, Reading

CLAIMS = 16
LISTS = st.sets(st.integers(0, CLAIMS - 1)).map(sorted)
FIELDS = st.lists(st.tuples(st.sampled_from([1.0, 0.9, 0.5, 0.1]), LISTS), max_size=3)
TERMS = st.lists(st.tuples(st.sampled_from([1.0, 0.8, 0.65]), FIELDS), max_size=3)
WORDS = st.lists(st.tuples(st.sampled_from([0.5, 2.0, 5.25]), TERMS), max_size=4)
SOME = st.sets(st.integers(0, CLAIMS - 1))


ONE_WORD = [(2.0, [(1.0, [(1.0, [0, 1, 2, 3])])])]
TWO_EQUAL = [(2.0, [(1.0, [(1.0, [4, 5, 6]), (1.0, [0, 1])])])]
LIFTED = [(2.0, [(1.0, [(1.0, [0]), (0.9, [1])])]), (2.0, [(0.8, [(1.0, [1])])])]
ONE_HAS_BOTH = [(2.0, [(1.0, [(1.0, [0, 1, 2])])]), (2.0, [(1.0, [(1.0, [0, 5, 6])])])]
LEVEL = [(2.0, [(1.0, [(1.0, [1]), (0.5, [0])])]), (2.0, [(0.5, [(1.0, [0])])])]
USUAL, THRIFTY = (50_000, 5_000, 20, 4), (3, 4, 0, 0)


@examples(300)
@example(ONE_WORD, 2, None, {0}, USUAL)
@example(ONE_WORD, 2, {2, 3}, set(), USUAL)
@example(TWO_EQUAL, 2, None, set(), USUAL)
@example(ONE_HAS_BOTH, 2, None, set(), USUAL)
@example(LIFTED, 1, None, set(), THRIFTY)
@example(LEVEL, 1, None, set(), THRIFTY)
@given(WORDS, st.integers(1, 6), st.none() | SOME, SOME, st.sampled_from([USUAL, THRIFTY]))
def test_best(words, count, allowed, barred, costs):
    """Whatever is skipped, the best are those of adding up all."""
    with mock.patch.multiple(
        rank, **dict(zip(("_FEW", "_PROBES", "_HALVINGS", "_FEWER"), costs, strict=True))
    ):
        check(words, count, allowed, barred)


def check(words, count, allowed, barred):
    """Compare the best of a query of *words* with the scores of all claims."""
    lists, readings, postings = [], [], {}
    for position, (_, terms) in enumerate(words):
        for closeness, fields in terms:
            term = f"term {len(postings)}"
            readings.append(Reading((position,), term, closeness, "exact"))
            postings[term] = []
            for weight, numbers in fields:
                postings[term].append(Posting("text", weight, len(numbers), len(lists), None))
                lists.append(numbers)
    weights = {position: weight for position, (weight, _) in enumerate(words)}
    query = Interpretation((), tuple(readings), weights, (), {}, frozenset(), postings)
    ranking = rank.Ranking(query, SimpleNamespace(holders=lambda posting: lists[posting.number]))

    def score(number):
        def of(position):
            return max(
                (
                    round(1000 * weights[position]) * round(1000 * m.closeness * p.weight)
                    for m in readings
                    if position in m.positions
                    for p in postings[m.term]
                    if number in lists[p.number]
                ),
                default=0,
            )

        return sum(map(of, weights))

    scores = {n: score(n) for n in range(CLAIMS) if n not in barred and (allowed is None or n in allowed)}
    best = sorted(((s, n) for n, s in scores.items() if s), key=lambda pair: (-pair[0], pair[1]))
    assert ranking.best(count, allowed, barred) == best[:count]
