"""Edits in place: what was asked for changes, and not one byte of the rest."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import TINY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afcli.authoring.claim_edits import editing
from afcli.errors import NotFoundError, UsageError
from afcli.files import lock, strict_yaml
from afcli.files.load import load

FIELDS = {
    "text": st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=150)
    .map(str.strip)
    .filter(bool),
    "note": st.none() | st.sampled_from(["Yes: really.", "# no comment", "a\nb", "- x", "word " * 60]),
    "status": st.sampled_from([None, "draft", "proposed", "changed", "gone"]),
    "by": st.sampled_from([None, "a script, v1", "Ann O’Hara"]),
    "asks": st.none()
    | st.lists(st.sampled_from(["who pays", "is it so?", "yes: or no"]), min_size=1, max_size=3),
    "explained": st.none() | st.just({"run": "A title: kept.", "number": "Counted."}),
    "countries": st.lists(st.sampled_from(["CI", "ZA"]), max_size=2, unique=True),
    "date": st.sampled_from(["2019", "2018-03", "1979/.."]),
}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["set", "insert", "remove", "undo"]),
        st.integers(0, 20),
        st.fixed_dictionaries({}, optional=FIELDS),
    ),
    min_size=1,
    max_size=6,
)
COMMENTED = """\
# The head.

claims:
    # about the first
  - id: c001   # its id
    text: >-
      A ferry has crossed from
      Ivory Coast.

    kind: fact # kind

    actors: []
    countries:
      - CI  # the coast
      # and nobody else
    date: "2019"
    date_basis: stated
    source: article
    basis: explicit
    at: ["2.1"]
  # between the two
  - text: 'It''s
      late'
    id: c002
    kind: fact
    actors: []
    countries: [CI,
      ZA]   # both
    date: "2019"
    date_basis: stated
    source: "article"
    basis: explicit
    at: ["2.1"]
    status: draft

  -
    # about the third
    id: c003
    text: |
      Three.

    kind: fact
    actors: []
    countries: []
    date: 2019
    date_basis: stated
    source: article
    basis: explicit
    at: [ "2.1" ]
    note: "The last."   # of all
# The foot.
"""


@pytest.fixture
def base(tmp_path):
    """Return a copy of the small base."""
    return Path(shutil.copytree(TINY, tmp_path / "base"))


def commented(directory, text=COMMENTED):
    """Return a base whose one file of claims has comments and all sorts of layout."""
    for name in ("claims", "search"):
        shutil.rmtree(directory / name, ignore_errors=True)
    (directory / "claims").mkdir()
    (directory / "claims" / "01.yaml").write_bytes(text.encode())
    return directory / "claims" / "01.yaml"


def test_a_field_is_set_added_and_taken_away_in_its_own_lines(base):
    """The claim's other lines, and every comment, stay as they are."""
    file = commented(base)
    with editing(base) as edits:
        edits.set("c001", text="A ferry has crossed.", status="proposed", by="a script")
        edits.set("c002", status=None, countries=["ZA"])
        edits.set("c003", note=None, kind="report")
    wanted = COMMENTED.replace(
        "text: >-\n      A ferry has crossed from\n      Ivory Coast.\n", "text: A ferry has crossed.\n"
    )
    wanted = wanted.replace(
        'at: ["2.1"]\n  # between', 'at: ["2.1"]\n    status: proposed\n    by: a script\n  # between'
    )
    wanted = wanted.replace("    status: draft\n", "").replace("[CI,\n      ZA]", "[ZA]")
    wanted = wanted.replace('    note: "The last."   # of all\n', "")
    head, third = wanted.split("id: c003")
    assert file.read_text("utf-8") == f"{head}id: c003{third.replace('kind: fact', 'kind: report')}"


def test_claims_come_and_go(base):
    """A new claim stands right after its neighbour, apart as the others; its id is the next that is free."""
    file = commented(base)
    with editing(base) as edits:
        assert edits.insert("c001", edits.record("c002") | {"text": "New."}) == "c004"
        assert edits.ids == ["c001", "c004", "c002", "c003"]
        edits.remove("c001")
        edits.remove("c003")
    text = file.read_text("utf-8")
    assert "# The head." in text
    assert "# about the first" in text
    assert "# between the two" in text
    assert "# The foot." in text
    assert [claim["id"] for claim in strict_yaml.read(file).data["claims"]] == ["c004", "c002"]
    with editing(base) as edits:
        edits.remove("c004")
        edits.remove("c002")
        assert edits.ids == []
    assert strict_yaml.read(file).data == {"claims": []}


def test_undo_gives_back_every_byte(base):
    """One change after another, however many files it wrote."""
    before = {path: path.read_bytes() for path in base.rglob("*") if path.is_file()}
    with editing(base) as edits:
        edits.set("c001", text="Another.")
        edits.remove("c002")
        edits.add_entity({"id": "new-name", "name": "New Name", "type": "topic"})
        with edits.together():
            edits.set("c003", status="draft")
            edits.insert("c003", edits.record("c003"))
        for _ in range(4):
            edits.undo()
    assert {path: path.read_bytes() for path in base.rglob("*") if path.is_file()} == before


def test_changes_that_go_together_fail_together(base):
    """If one of them is refused, none is made."""
    before = {path: path.read_bytes() for path in base.rglob("*") if path.is_file()}
    with editing(base) as edits:
        with pytest.raises(UsageError, match=r"c003: kind: 'song' is not valid here; use fact, report"):
            both(edits)
        assert edits.record("c001")["text"] != "Another."
    assert {path: path.read_bytes() for path in base.rglob("*") if path.is_file()} == before


def both(edits):
    """Change two claims together, the second wrongly."""
    with edits.together():
        edits.set("c001", text="Another.")
        edits.set("c003", kind="song")


def test_a_name_is_added_to_its_list(base):
    """The base can be loaded with it, and a name that another has is refused."""
    with editing(base) as edits:
        assert (
            edits.add_entity({"id": "lagoon", "name": "Ébrié Lagoon", "type": "place", "country": "CI"})
            == "lagoon"
        )
        assert edits.add_entity({"id": "ann", "name": "Ann Lee", "type": "person"}) == "ann"
        with pytest.raises(
            UsageError, match=r"bob: the name 'ann lee' belongs to ann; leave it to one of them"
        ):
            edits.add_entity({"id": "bob", "name": "ann lee", "type": "person"})
    entities = load(base).entities
    assert (entities["lagoon"].type, entities["ann"].type) == ("place", "person")


def test_a_name_that_differs_only_in_its_letters_is_taken(base):
    """As a reader would say."""
    with editing(base) as edits, pytest.raises(UsageError, match="KOFI MENSAH"):
        edits.add_entity({"id": "other", "name": "KOFI MENSAH", "type": "person"})


def test_search_fields_stay_in_their_own_file_until_none_is_left(base):
    """Then their entry goes too."""
    (base / "search").mkdir()
    file = base / "search" / "1.yaml"
    file.write_text("search:\n  - id: c001\n    terms: [boat]\n  - id: c002\n    asks: [who]\n", "utf-8")
    with editing(base) as edits:
        assert edits.record("c001")["terms"] == ["boat"]
        edits.set("c001", terms=None)
        assert "terms" not in edits.record("c001")
    assert file.read_text("utf-8") == "search:\n  - id: c002\n    asks: [who]\n"


def test_an_unknown_claim_is_refused(base):
    """In one line."""
    with editing(base) as edits, pytest.raises(NotFoundError, match=r"no claim called 'c999'"):
        edits.set("c999", text="x")


def test_two_editors_do_not_meet(base):
    """The second is told who the first is; once that one ends, it may."""
    with editing(base):
        with (
            pytest.raises(UsageError, match=rf"is being edited by .+ on .+ \(process {os.getpid()}, since "),
            editing(base),
        ):
            pass
        assert (base / lock.NAME).exists()
    assert not (base / lock.NAME).exists()
    with editing(base) as edits:
        assert edits.ids


def test_the_lock_of_a_dead_process_is_taken_over(base):
    """A killed editor leaves its file, which counts only on another machine."""
    code = f"from pathlib import Path; from afcli.authoring.claim_edits import editing\nimport os\nwith editing(Path({str(base)!r})): os._exit(9)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert (base / lock.NAME).exists()
    with editing(base) as edits:
        edits.set("c001", text="Another.")
    holder = {"user": "ann", "host": "elsewhere", "pid": "7", "since": "2026-01-01 10:00+00:00"}
    (base / lock.NAME).write_text(json.dumps(holder), "utf-8")
    with (
        pytest.raises(
            UsageError, match=r"edited by ann on elsewhere \(process 7, .*if that has ended, delete "
        ),
        editing(base),
    ):
        pass
    assert (base / lock.NAME).exists()


def test_what_another_program_wrote_meanwhile_stays(base):
    """A change by a text editor between two edits is read and kept."""
    file = commented(base)
    with editing(base) as edits:
        edits.set("c001", kind="report")
        file.write_text(file.read_text("utf-8").replace("Three.", "Four."), "utf-8")
        edits.set("c003", kind="report")
    assert "Four." in file.read_text("utf-8")


LINES = "".join(
    json.dumps(record, ensure_ascii=False) + "\n"
    for record in strict_yaml.parse(Path("x"), COMMENTED).data["claims"]
)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("kind", ["yaml", "jsonl"])
@given(steps=STEPS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_series_of_edits_says_what_was_asked_and_keeps_the_rest(tmp_path, kind, ending, steps):
    """Every claim is as expected, and every line that belongs to no changed claim is there as it was."""
    base = tmp_path / "base"
    shutil.rmtree(base, ignore_errors=True)
    shutil.copytree(TINY, base)
    file = commented(base)
    text = (COMMENTED if kind == "yaml" else LINES).replace("\n", ending)
    file.unlink()
    file = file.with_suffix(f".{kind}")
    file.write_bytes(text.encode())
    history, touched = [], set()
    with editing(base) as edits:
        claims = {id_: edits.record(id_) for id_ in edits.ids}
        for what, which, fields in steps:
            before = dict(claims)
            id_ = list(claims)[which % len(claims)] if claims else ""
            touched |= {id_} if what in ("set", "remove") else set()
            if what == "undo":
                if history:
                    edits.undo()
                    claims = history.pop()
            elif not claims:
                continue
            elif what == "set":
                edits.set(id_, **fields)
                merged = claims[id_] | fields
                claims = claims | {id_: {k: v for k, v in merged.items() if v is not None}}
            elif what == "insert":
                record = {k: v for k, v in (claims[id_] | fields).items() if v is not None}
                new = edits.insert(id_, record)
                ids = list(claims)
                ids.insert(ids.index(id_) + 1, new)
                claims = {k: claims.get(k, record | {"id": new}) for k in ids}
            else:
                edits.remove(id_)
                claims = {k: v for k, v in claims.items() if k != id_}
            if what != "undo" and claims != before:
                history.append(before)
            assert {k: edits.record(k) for k in edits.ids} == claims
            assert edits.ids == list(claims)
    content = file.read_bytes().decode()
    assert all(chunk.replace("\n", ending) in content for chunk in kept(kind, touched))


def kept(kind, touched):
    """Return the stretches of the file that no edit of the claims *touched* may change."""
    if kind == "jsonl":
        return [line for line in LINES.splitlines(keepends=True) if json.loads(line)["id"] not in touched]
    parts = re.split(r"(  - id: c001|  - text: 'It''s|  -\n    # about the third)", COMMENTED)
    claims = {f"c00{n}": "".join(parts[2 * n - 1 : 2 * n + 1]) for n in (1, 2, 3)}
    # The comments and gaps between two claims belong to neither; without a claim its gap goes too.
    own = [re.sub(r"\n+(?:  )?(# .*\n)?$", "\n", text) for id_, text in claims.items() if id_ not in touched]
    return [
        *own,
        "# The head.\n\nclaims:",
        "    # about the first\n",
        "  # between the two\n",
        "# The foot.\n",
    ]
