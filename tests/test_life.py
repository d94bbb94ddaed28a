"""The life of a claim: only what a person has read is given out, unless one asks for more."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from conftest import TINY

import afcli as library
from afcli.authoring.claim_edits import editing
from afcli.files.load import load
from afcli.index.base import Base
from afcli.problems import FactsError

LIVES = {
    "c001": {"status": "draft"},
    "c002": {"status": "proposed", "by": "a script"},
    "c003": {"status": "changed", "read_by": "Ann", "read_on": "2026-03-09"},
    "c004": {"status": "gone"},
    "c005": {"read_by": "Ann", "read_on": "2026-03-09"},
}
WAITING = "4 not read yet: --status all includes them"


@pytest.fixture
def living(tmp_path):
    """Return the small base with a claim in each state, and two that were read."""
    directory = Path(shutil.copytree(TINY, tmp_path / "base"))
    with editing(directory) as edits:
        for id_, fields in LIVES.items():
            edits.set(id_, **fields)
    return directory


@pytest.fixture
def drafted(tmp_path):
    """Return the small base as if nothing in it had been read."""
    directory = Path(shutil.copytree(TINY, tmp_path / "drafted"))
    with editing(directory) as edits:
        for id_ in edits.ids:
            edits.set(id_, status="draft", text=f"DRAFT: rewrite sentence {id_} in your own words")
    return directory


def ids(ran):
    """Return the ids of the claims in an answer as JSON."""
    return [record["id"] for record in json.loads(ran.out)]


def test_list_gives_what_was_read_unless_asked(afcli, living):
    """Each status by itself, several together, or all."""
    for status, wanted in {
        "draft": ["c001"], "proposed": ["c002"], "changed": ["c003"], "gone": ["c004"], "read": ["c005", "c006"],
    }.items():  # fmt: skip
        assert ids(afcli("list", "--status", status, "--json", facts=living)) == wanted
    assert ids(afcli("list", "--json", facts=living)) == ["c005", "c006"]
    assert ids(afcli("list", "--status", "read", "--status", "gone", "--json", facts=living)) == [
        "c004",
        "c005",
        "c006",
    ]
    assert len(ids(afcli("list", "--status", "all", "--json", facts=living))) == 6
    ran = afcli("list", "--status", "new", facts=living)
    assert (ran.out, ran.status) == ("", 2)


def test_every_listing_leaves_out_what_nobody_has_read(afcli, living):
    """By country, actor, source and time, counts included; --status all gives the rest."""
    for command in (["country", "ivory coast"], ["actor", "mensah"], ["source", "1"], ["find", "ferry 2018"]):
        assert not {"c001", "c002", "c003", "c004"} & {*ids(afcli(*command, "--json", facts=living))}
        assert {"c001", "c002", "c003", "c004"} & {
            *ids(afcli(*command, "--status", "all", "--json", facts=living))
        }
    periods = json.loads(afcli("timeline", "--json", "--status", "all", facts=living).out)
    assert [period["label"] for period in periods] == ["1979 →", "2018-03"]
    ran = afcli("timeline", facts=living)
    assert (ran.out, ran.err, ran.status) == ("", f"2 more are undated\nnothing found; {WAITING}\n", 1)
    counted = {row["code"]: row["claims"] for row in json.loads(afcli("country", "--json", facts=living).out)}
    everything = afcli("country", "--status", "all", "--json", facts=living)
    assert counted != {row["code"]: row["claims"] for row in json.loads(everything.out)}


def test_export_says_what_it_leaves_out(afcli, living):
    """And writes all fields of a claim's life when asked for all."""
    ran = afcli("export", facts=living)
    assert ran.err == f"2 written; {WAITING}\n"
    assert [json.loads(line)["id"] for line in ran.out.splitlines()] == ["c005", "c006"]
    ran = afcli("export", "--status", "all", facts=living)
    assert ran.err == ""
    records = {record["id"]: record for record in map(json.loads, ran.out.splitlines())}
    assert {id_: {f: records[id_].get(f) for f in fields} for id_, fields in LIVES.items()} == LIVES
    rows = list(csv.DictReader(io.StringIO(afcli("list", "--status", "all", "--csv", facts=living).out)))
    assert [row["status"] for row in rows] == ["draft", "proposed", "changed", "gone", "", ""]


def test_show_shows_any_claim_and_says_its_status(afcli, living):
    """In words on a screen, as fields in JSON, only where they are set."""
    ran = afcli("show", "c001..c006", "--json", facts=living)
    records = {record["id"]: record for record in json.loads(ran.out)}
    for id_, record in records.items():
        life = {f: v for f, v in record.items() if f in ("status", "by", "read_by", "read_on")}
        assert life == LIVES.get(id_, {})
    screen = afcli("show", "c002", "c003", facts=living, env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).out
    assert (
        "  status     proposed: nobody has read it against its sentences yet\n  written    by a script\n"
        in screen
    )
    assert (
        "  status     changed: its sentences are others than when it was read\n  read       by Ann 2026-03-09\n"
        in screen
    )


def test_stats_and_check_count_all(afcli, living):
    """In one line, and stats in rows as well; a sentence is covered by what was read."""
    line = "2 of 6 read, 1 draft, 1 proposed, 1 changed, 1 gone\n"
    ran = afcli("stats", "--json", facts=living)
    assert ran.err == line
    rows = {(row["group"], row["name"]): row["count"] for row in json.loads(ran.out)}
    assert rows["base", "claims"] == 6
    assert [rows["status", s] for s in ("read", "draft", "proposed", "changed", "gone")] == [2, 1, 1, 1, 1]
    whole = {(r["group"], r["name"]): r["count"] for r in json.loads(afcli("stats", "--json").out)}
    assert rows["sentences", "with a claim"] < whole["sentences", "with a claim"]
    assert line in afcli("check", facts=living).err


def test_verify_counts_what_was_read_as_covered(afcli, living):
    """And holds a proposal against its sentences like any claim."""
    with editing(living) as edits:
        edits.set("c002", text="Kofi Mensah took over 77 ferries.")
    ran = afcli("verify", "--article", TINY / "sentences.tsv", facts=living)
    assert "c002: number: 77 is not in" in ran.out
    assert "c001: draft: still has to be rewritten" in ran.out
    whole = afcli("verify", "--article", TINY / "sentences.tsv")
    assert whole.err.splitlines()[0] != ran.err.splitlines()[0]


def test_a_base_of_drafts_is_silent(afcli, drafted):
    """It never answers with the words of a draft, and says how many wait."""
    for command in (
        ["find", "rewrite the sentence"],
        ["find", "ferry"],
        ["find", "c001"],
        ["list"],
        ["country", "CI"],
    ):
        ran = afcli(*command, facts=drafted)
        assert (ran.out, ran.status) == ("", 1)
        assert ran.err.endswith("6 not read yet: --status all includes them\n")
        assert ran.err.count("\n") == 1
        assert "DRAFT" not in ran.err
    assert "DRAFT" in afcli("list", "--status", "draft", facts=drafted).out
    ran = afcli("find", "--closest", "rewrite the sentence", facts=drafted)
    assert "DRAFT" not in ran.out + ran.err


def test_what_nobody_has_read_helps_no_other_claim(afcli, tmp_path):
    """A read claim is not found by the words of a draft from the same sentence."""
    directory = Path(shutil.copytree(TINY, tmp_path / "base"))
    with editing(directory) as edits:
        record = edits.record("c001")
        new = edits.insert("c001", {**record, "text": "Zebras graze.", "status": "proposed"})
    facts = library.open(directory)
    assert facts.find("zebras graze") == []
    assert [hit.claim.id for hit in facts.find("zebras graze", status="proposed")] == [new]


def test_the_library_is_as_careful(living):
    """Its calls give what was read, unless *status* asks; ids reach any claim."""
    facts = library.open(living)
    assert [claim.id for claim in facts.claims()] == ["c005", "c006"]
    assert [claim.id for claim in facts.claims(status="all", kind="quote")] == ["c004"]
    assert {hit.claim.id for hit in facts.find("ferry")} <= {"c005", "c006"}
    ferry = facts.entities("country", "CI")
    assert [claim.id for claim in facts.naming(ferry)] == []
    assert len(facts.naming(ferry, status=["draft", "changed"])) == 2
    claim = facts["c002"]
    assert (claim.status, claim.by) == ("proposed", "a script")


def test_a_base_that_was_read_asks_nothing_of_a_lookup(monkeypatch):
    """There is no question about status unless a claim has one."""
    asked = []
    tagged = Base.tagged
    monkeypatch.setattr(
        Base, "tagged", lambda self, field, values: asked.append(field) or tagged(self, field, values)
    )
    facts = library.open(TINY)
    assert facts.find("ferry")
    assert len(facts.claims()) == 6
    assert "status" not in asked


def test_a_wrong_life_is_refused(living):
    """A day that is none, and a status that is none."""
    file = living / "claims" / "9.jsonl"
    record = json.loads(json.dumps({"id": "c900", "text": "It floats.", "kind": "fact", "actors": [], "countries": [],
                                    "date": "2019", "date_basis": "writing", "source": "article", "basis": "explicit",
                                    "at": ["2.1"], "status": "ready", "read_on": "2026-13-01"}))  # fmt: skip
    file.write_text(json.dumps(record) + "\n", "utf-8")
    with pytest.raises(FactsError) as raised:
        load(living)
    assert [problem.message for problem in raised.value.problems] == [
        "read_on: '2026-13-01' is not valid here",
        "status: 'ready' is not valid here",
    ]
