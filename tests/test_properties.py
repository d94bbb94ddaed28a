"""What holds for any input: folding, dates, rendering, search."""

import calendar
import csv
import io
import json
import shutil
import tempfile
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from conftest import TINY
from hypothesis import given
from hypothesis import strategies as st

from afcli.dates import _by_grammar, edtf_interval, partial_date
from afcli.errors import AfcliError
from afcli.files import strict_yaml as documents
from afcli.files.load import load
from afcli.index.upkeep import open_in_memory
from afcli.model import Interval
from afcli.render import Row, Screen, render
from afcli.search.by_name import find_entity
from afcli.search.filters import Filters
from afcli.search.find import find
from afcli.text import SMALL, fold, one_line, visible, words

FACTS = load(TINY)
BASE = open_in_memory(TINY)
ENTRIES = [
    entry for path in sorted((TINY / "claims").iterdir()) for entry in documents.read(path).data["claims"]
]
"""The claims of the small base as they are written."""
days = st.dates().map(str)


def obeyed(char):
    """Tell whether a terminal might do something with *char* instead of showing it."""
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@given(st.text())
def test_folding_twice_is_folding_once(text):
    """The two sides of a match may fold independently."""
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(codec="utf-8")))
def test_case_and_composition_do_not_matter(text):
    """Composed and decomposed forms fold alike."""
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(st.text())
def test_nothing_unsafe_is_left_visible(text):
    """Only line breaks and tabs remain of what a terminal obeys."""
    assert not any(obeyed(c) for c in visible(text) if c not in "\n\t")


@given(days, days)
def test_an_interval_of_days_is_itself(one, other):
    """EDTF intervals are inclusive at both ends."""
    start, end = sorted((one, other))
    assert edtf_interval(f"{start}/{end}") == Interval(start, end)


@given(st.integers(1, 9999), st.integers(1, 12))
def test_a_month_covers_its_days(year, month):
    """Both readers of dates agree, leap years included."""
    text = f"{year:04}-{month:02}"
    wanted = Interval(f"{text}-01", f"{text}-{calendar.monthrange(year, month)[1]}")
    assert edtf_interval(text) == partial_date(text) == wanted


plain = st.dates(min_value=date(1, 1, 1)).flatmap(
    lambda day: st.sampled_from([str(day)[:n] for n in (4, 7, 10)])
)


@given(plain, plain | st.just(".."), st.booleans())
def test_plain_dates_are_read_as_the_grammar_reads_them(one, other, alone):
    """The short cut and the library agree, or both refuse."""
    text = one if alone else f"{one}/{other}"

    def outcome(read):
        try:
            return read(text)
        except ValueError:
            return None

    assert outcome(edtf_interval) == outcome(_by_grammar)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("1979/..", "1979-01-01", None),
        ("1979/", "1979-01-01", None),
        ("../1979-05", None, "1979-05-31"),
        ("2021-06~/2021-09", "2021-06-01", "2021-09-30"),
        ("2021-22", "2021-06-01", "2021-08-31"),
        ("199X", "1990-01-01", "1999-12-31"),
        ("2021-08?", "2021-08-01", "2021-08-31"),
    ],
)
def test_edtf_level_1(text, start, end):
    """Open, approximate, uncertain, unspecified and seasonal dates have the widest bounds they allow."""
    assert edtf_interval(text) == Interval(start, end)


@given(st.text())
def test_a_date_is_read_or_refused(text):
    """No other error escapes."""
    for read in (edtf_interval, partial_date):
        try:
            read(text)
        except ValueError as error:
            assert str(error)


@given(st.text() | st.text(alphabet='abcCO:".- 0129kindateryou\0*()'))
def test_any_query_is_answered_or_refused_in_words(text):
    """Whatever is typed, there is an answer, none, or a line that says which form is right."""
    try:
        hits = find(BASE, text, Filters()).hits
    except AfcliError as error:
        assert str(error)
    else:
        assert sorted(hits, key=lambda hit: -hit.score) == hits


WORDS = ["ferry", "mensah", "27", "south", "africa", "took", "портовое", "1979", "who", "pays", "authority"]
queries = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True)


def base_of(entries):
    """Return the small base with other claims, as JSON Lines."""
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(shutil.copytree(TINY, Path(scratch) / "base"))
        shutil.rmtree(base / "claims")
        (base / "claims").mkdir()
        lines = "".join(json.dumps(entry) + "\n" for entry in entries)
        (base / "claims" / "all.jsonl").write_text(lines, "utf-8")
        return open_in_memory(base)


def scores(base, words):
    """Return the score of each claim that answers."""
    return {h.claim.id: h.score for h in find(base, " ".join(words), Filters()).hits}


@given(st.permutations(ENTRIES), queries)
def test_the_order_of_the_facts_changes_no_score(entries, words):
    """Only ties follow the order; and JSON Lines answer as YAML does."""
    assert scores(base_of(entries), words) == scores(BASE, words)


@given(queries, st.randoms())
def test_the_order_of_the_words_changes_no_score(words, random):
    """Nor does the order of the words of a name."""
    assert scores(BASE, random.sample(words, len(words))) == scores(BASE, words)


@given(st.sampled_from(ENTRIES), st.randoms(), st.integers(0, 5))
def test_an_unrelated_claim_removes_no_answer(claim, random, others):
    """A claim answers to any of its own words, also when the facts grow by something else."""
    own = [word for word in words(claim["text"]) if word not in SMALL]
    query = random.sample(own, min(len(own), 3))
    strange = [
        {**claim, "id": f"c90{n}", "text": f"Zebras graze {n}.", "countries": [], "actors": []}
        for n in range(others)
    ]
    assert claim["id"] in scores(base_of([*ENTRIES, *strange]), query)


@pytest.mark.parametrize("entity", list(FACTS.entities.values()), ids=lambda e: e.id)
def test_every_name_leads_to_its_entity(entity):
    """In any case."""
    kind = "country" if entity.type in ("country", "region") else "actor"
    for name in entity.names:
        for written in (name.upper(), name.lower()):
            assert find_entity(BASE, kind, written) == [entity]


records = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.text(),
            "names": st.lists(st.text(st.characters(exclude_characters=";")), max_size=3),
            "n": st.none() | st.integers(),
        }
    ),
    max_size=4,
)


@given(records)
def test_json_and_csv_are_read_back(found):
    """Every form survives the standard readers, and nothing in JSON can move a cursor."""
    table = [Row(record, ()) for record in found]
    text = render(table, "json", Screen())
    assert json.loads(text) == found
    assert [json.loads(line) for line in render(table, "jsonl", Screen()).split("\n") if line] == found
    assert not any(obeyed(c) for c in text if c != "\n")
    rows = list(csv.DictReader(io.StringIO(render(table, "csv", Screen()), newline="")))
    assert [row["id"] for row in rows] == [one_line(record["id"]) for record in found]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_plain_output_is_one_record_a_line(rows):
    """Line ends and tabs within a cell never break a record."""
    text = render([Row({}, cells) for cells in rows], "plain", Screen())
    assert [line.split("\t") for line in text.split("\n")[:-1]] == [
        [one_line(c) for c in row] for row in rows
    ]


@given(st.lists(st.text(alphabet="abc ёй'’-.", max_size=8)))
def test_words_are_folded(parts):
    """What is indexed is what is asked."""
    text = " ".join(parts)
    assert words(text) == words(fold(text))
