"""The timeline and the numbers, as whole screens."""

import json

import pytest
from conftest import SHIPPED, run

PLAIN = """\
← 2001\tc004\t../2001\tMensah called the bill “a hole in the water”.
1979 →\tc001\t1979/..\tThe ferry has crossed from Ivory Coast to South Africa since 1979.
2008 – 2018\tc006\t2008/2018\tIt is unknown whether Atlantis owed 27% of the costs.
2018?\tc005\t2018?\tInes Vale expects the states of the African Union to pay.
2018-03\tc002\t2018-03-05\tKofi Mensah took over the ferry in March 2018.
2018-03~\tc003\t2018-03~\tThe Port Authority of Côte d’Ivoire reportedly sold two ferries on 5 March 2018.
"""


def test_the_timeline_in_a_pipe(dated):
    """One claim a line, after its period; nothing is cut."""
    assert run("timeline", facts=dated).out == PLAIN


def test_the_timeline_for_scripts(dated):
    """What is open, uncertain or approximate is said to be so."""
    records = json.loads(run("timeline", "--json", facts=dated).out)
    assert records[:2] == [
        {
            "label": "← 2001", "start": None, "end": "2001-12-31", "precision": "span", "open": True,
            "uncertain": False, "approximate": False, "claims": ["c004"],
        },
        {
            "label": "1979 →", "start": "1979-01-01", "end": None, "precision": "span", "open": True,
            "uncertain": False, "approximate": False, "claims": ["c001"],
        },
    ]  # fmt: skip
    assert [(r["label"], r["uncertain"], r["approximate"], r["precision"]) for r in records[2:]] == [
        ("2008 – 2018", False, False, "span"),
        ("2018?", True, False, "year"),
        ("2018-03", False, False, "month"),
        ("2018-03~", False, True, "month"),
    ]


def test_what_has_no_date_is_counted(afcli):
    """Nothing dated by the time of writing alone stands on the line."""
    ran = afcli("timeline")
    assert {line.split("\t")[1] for line in ran.out.splitlines()} == {"c001", "c002", "c003"}
    assert ran.err == "3 more are undated\n"
    ran = afcli("timeline", "--kind", "question")
    assert (ran.out, ran.status) == ("", 1)
    assert ran.err == "1 more are undated\nnothing found\n"


STATS = """\
base\tclaims\t6
base\tsources\t2
"""


def test_the_numbers_of_a_base(afcli):
    """They agree with what the listings print."""
    out = afcli("stats").out
    assert out.startswith(STATS)
    rows = [line.split("\t") for line in out.splitlines()]
    of = {(group, name): int(number) for group, name, number in rows}
    assert sum(n for (group, _), n in of.items() if group == "kind") == 6
    assert sum(n for (group, _), n in of.items() if group == "section") == 6
    assert of["actor", "Kofi Mensah"] == len(afcli("actor", "mensah").out.splitlines())
    assert of["country", "South Africa"] == len(afcli("country", "za").out.splitlines())
    assert json.loads(afcli("stats", "--json").out)[0] == {"group": "base", "name": "claims", "count": 6}


@pytest.mark.parametrize(
    ("edtf", "label", "start", "precision"),
    [
        ("201X", "201X", "2010-01-01", "year"),
        ("2018-21", "2018-21", "2018-03-01", "season"),
        ("1979/", "1979 → ?", "1979-01-01", "span"),
        ("/2018-04", "? ← 2018-04", None, "span"),
    ],
)
def test_dates_of_every_precision_have_real_days(base, edtf, label, start, precision):
    """Unspecified digits and seasons are days like any other; what is unknown is not what is open."""
    path = base / "claims" / "1-opening.yaml"
    path.write_text(path.read_text("utf-8").replace("date: 1979/..", f'date: "{edtf}"', 1), "utf-8")
    record = next(r for r in json.loads(run("timeline", "--json", facts=base).out) if "c001" in r["claims"])
    assert (record["label"], record["start"], record["precision"]) == (label, start, precision)
    assert not record["uncertain"]


def test_every_source_is_counted_by_itself():
    """Three entries of one author and year are three."""
    rows = json.loads(run("stats", "--json", facts=SHIPPED).out)
    sources = {row["name"]: row["count"] for row in rows if row["group"] == "source"}
    assert len(sources) == 12
    assert {n.split("(")[1]: c for n, c in sources.items() if "Panfilova" in n}[
        "panfilova-new-government)"
    ] == 0
    central = next(row["count"] for row in rows if row["name"] == "Central Asia")
    listed = run("country", "--jsonl", facts=SHIPPED).out.splitlines()
    assert next(r["claims"] for r in map(json.loads, listed) if r["name"] == "Central Asia") == central


@pytest.mark.parametrize("command", ["stats", "styles", "country", "timeline"])
def test_what_has_no_citations_says_so(afcli, command):
    """Not ignored."""
    ran = afcli(command, "--cite", "apa", facts=SHIPPED)
    assert (ran.out, ran.status) == ("", 2)
    assert "afcli list --cite" in ran.err


def test_what_the_timeline_leaves_out_is_said(afcli):
    """The first in time are shown."""
    assert afcli("timeline", "--limit", "1").err.startswith("1 of 3 shown; --limit N shows more\n")
