"""The index as people open it: plain tables, documented column by column, and ten queries that work."""

import re
import sqlite3

import pytest
from conftest import HERE, SHIPPED

from afcli.index.build import build
from afcli.index.upkeep import open_in_memory
from afcli.search.filters import Filters

DOC = (HERE.parent / "docs" / "database.md").read_text("utf-8")
QUERIES = [
    q.strip()
    for q in re.split(r"^-- \d+\. ", DOC.partition("```sql\n")[2].partition("```")[0], flags=re.MULTILINE)[1:]
]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """Return the index of the shipped facts, opened as anybody would."""
    path = tmp_path_factory.mktemp("index") / "facts.sqlite"
    build(SHIPPED, "", path, lambda _done, _total: None).close()
    return sqlite3.connect(path)


def test_every_table_and_column_is_documented(database):
    """And nothing else is."""
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|(.*)\|$", DOC, flags=re.MULTILINE)
    there = {
        table: {column[1] for column in database.execute(f"PRAGMA table_info({table})")}
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    assert {table for table, _ in rows} == there.keys()
    for table, text in rows:
        assert there[table] <= set(re.findall(r"`(\w+)`", text)), table


def test_there_are_ten_queries():
    """As the title says."""
    assert len(QUERIES) == 10


@pytest.mark.parametrize("query", QUERIES, ids=[query.partition("\n")[0] for query in QUERIES])
def test_a_query_of_the_documentation_finds_something(database, query):
    """In the shipped facts."""
    assert database.execute(query.partition("\n")[2]).fetchall()


def test_the_queries_say_what_the_program_says(database):
    """Of a filter, a date and a name."""
    base = open_in_memory(SHIPPED)
    ids = lambda filters: {claim.id for claim in base.claims(filters.claims(base))}  # noqa: E731
    sql = lambda number: {row[0] for row in database.execute(QUERIES[number - 1].partition("\n")[2])}  # noqa: E731
    assert sql(4) - {key.key for key in base.sources} == ids(Filters(start="2021-08", end="2021-08"))
    assert sql(3) == ids(Filters(basis=["inferred"]))
    both = base.naming(["UZ"]) & base.naming(["csto"])
    assert sql(8) == {claim.id for claim in base.claims(sorted(both))}


def test_postings_are_spelt_out(database):
    """Every number of every posting, in order."""
    for term, field, weight, packed in database.execute(
        "SELECT term, field, weight, claims FROM postings WHERE number % 97 = 0"
    ):
        rows = database.execute(
            "SELECT number FROM posting_claims WHERE term = ? AND field = ? AND weight = ? ORDER BY number",
            (term, field, weight),
        )
        assert [number for (number,) in rows] == list(memoryview(packed).cast("I"))
