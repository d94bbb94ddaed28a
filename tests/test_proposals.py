"""Proposals out and in: nothing wrong gets in, nothing is taken by half, and nothing unread passes for checked."""

import io
import json
import shlex
import shutil
import sys
from pathlib import Path

import jsonschema_rs
import pytest
from conftest import HERE, process

from afcli.authoring.claim_edits import editing
from afcli.authoring.proposals import RULES, wanted
from afcli.files.load import load

DRAFT = HERE / "authoring" / "draft"
GOOD = [
    {"id": "c003", "text": "Port Alba has had a burning lamp since 1911.", "date": "1911/.."},
    {
        "id": "c008",
        "text": "The Alba Harbour Council billed Ghana for 40,000 euros in March 2018.",
        "countries": ["GH"],
        "at": ["7.1", "4.2"],
        "also": [
            {
                "text": "The Alba Harbour Council billed Togo for 40,000 euros in March 2018.",
                "countries": ["TG"],
                "at": ["7.1", "4.2"],
                "asks": ["what did the keeper's country owe"],
                "terms": ["invoice"],
            }
        ],
    },
]


@pytest.fixture
def lamp(tmp_path):
    """Return a draft that may be written."""
    return Path(shutil.copytree(DRAFT, tmp_path / "lamp"))


@pytest.fixture
def accept(afcli, lamp, tmp_path):
    """Return what takes proposals, given as objects or as bytes, from a file."""

    def taken(*proposals, by="a test"):
        file = tmp_path / "proposals.jsonl"
        lines = (p if isinstance(p, bytes) else json.dumps(p).encode() for p in proposals)
        file.write_bytes(b"".join(line + b"\n" for line in lines))
        return afcli("accept", file, lamp, *(["--by", by] if by else []))

    return taken


def files(directory):
    """Return the content of every file below *directory*."""
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def findings(ran):
    """Return the findings in an answer, one list a proposal: where, rule, message."""
    return [
        [(f["where"], f["rule"], f["message"]) for f in json.loads(line)["findings"]]
        for line in ran.out.splitlines()
    ]


def test_a_draft_goes_out_with_all_that_it_takes(afcli, lamp):
    """Sentences, neighbours, section, tags, names, rules, and a schema that stands by itself."""
    ran = afcli("drafts", "--jsonl", lamp)
    assert (ran.err, ran.status) == ("", 0)
    drafts = {draft["id"]: draft for draft in map(json.loads, ran.out.splitlines())}
    assert len(drafts) == 15
    draft = drafts["c009"]
    assert draft["sentences"] == [{"id": "7.2", "text": "Ghanaian officials paid half (Ruiz, 2016)."}]
    assert [s["id"] for s in draft["before"] + draft["after"]] == ["5.2", "6.1", "7.1", "7.3", "7.4"]
    assert [s["id"] for s in drafts["c001"]["before"]] == ["1.1"]
    assert draft["section"] == "The bill"
    assert draft["tags"]["countries"] == ["GH"]
    assert draft["tags"]["source"] == "2"
    assert draft["names"]["alba-harbour-council"] == "Alba Harbour Council"
    assert draft["rules"] == list(RULES)
    assert draft["schema"] == wanted()
    form = jsonschema_rs.validator_for(draft["schema"])
    assert all(form.is_valid(proposal) for proposal in GOOD)
    assert not form.is_valid({"id": "c003", "text": ""})
    ran = afcli("drafts", lamp, "--limit", "1")
    assert ran.out == "c001\t2.1\tA lighthouse can cost more than the ships it saves.\n"
    assert ran.err == "1 of 15 shown; --limit N shows more\n"


def test_sound_proposals_are_written_as_proposed(accept, afcli, lamp):
    """With all their fields, a split beside its draft, and every other line of the file as it was."""
    before = (lamp / "claims" / "02-the-bill.yaml").read_text("utf-8")
    ran = accept(*GOOD)
    assert (ran.out, ran.err, ran.status) == ("", "2 accepted, 0 returned\n", 0)
    claims = {claim.id: claim for claim in load(lamp).claims}
    assert len(claims) == 16
    assert {(c.status, c.by) for c in (claims["c003"], claims["c008"], claims["c016"])} == {
        ("proposed", "a test")
    }
    assert claims["c003"].date == "1911/.."
    assert [c.id for c in claims["c008"].countries + claims["c016"].countries] == ["GH", "TG"]
    assert [claims["c016"].asks, claims["c016"].terms] == [
        ("what did the keeper's country owe",),
        ("invoice",),
    ]
    assert claims["c016"].actors == claims["c008"].actors
    after = (lamp / "claims" / "02-the-bill.yaml").read_text("utf-8")
    assert after.index("- id: c008") < after.index("- id: c016") < after.index("- id: c009")
    assert after[after.index("  - id: c009") :] == before[before.index("  - id: c009") :]
    assert afcli("list", facts=lamp).out == ""
    assert len(afcli("drafts", lamp).out.splitlines()) == 13


def test_the_same_proposal_twice_is_once(accept, lamp):
    """Even after a person has read it as it is."""
    accept(*GOOD)
    before = files(lamp)
    ran = accept(*GOOD)
    assert (ran.out, ran.err, ran.status) == ("", "2 accepted, 0 returned\n", 0)
    assert files(lamp) == before
    with editing(lamp) as edits:
        edits.set("c003", status=None, read_by="Ann", read_on="2026-03-09")
    assert accept(GOOD[0]).status == 0
    assert load(lamp).claims[2].read_by == "Ann"


def test_what_a_draft_only_asks_goes_with_it(accept, lamp):
    """The question was to its writer."""
    with editing(lamp) as edits:
        edits.set("c003", note="DRAFT: since when?")
    assert accept(GOOD[0]).status == 0
    assert load(lamp).claims[2].note == ""


def test_another_split_of_a_draft_is_another_proposal(accept, lamp):
    """Though its first claim is the same."""
    accept(GOOD[1])
    before = files(lamp)
    [also] = GOOD[1]["also"]
    ran = accept(
        {**GOOD[1], "also": [{**also, "text": "The Alba Harbour Council billed Togo in March 2018."}]}
    )
    assert [rule for _, rule, _ in findings(ran)[0]] == ["taken"]
    assert files(lamp) == before


WRONG = {
    "a sentence that does not exist": (
        {"id": "c003", "text": "Port Alba has had a lamp since 1911.", "at": ["4.1", "99.1"]},
        [("c003", "format", "unknown sentence '99.1'; see the outline in article.yaml")],
    ),
    "an unknown draft": (
        {"id": "c999", "text": "Port Alba has had a lamp since 1911."},
        [("c999", "unknown", "there is no such draft; use an id that afcli drafts lists")],
    ),
    "an unknown name and source": (
        {"id": "c003", "text": "Port Alba has had a lamp since 1911.", "actors": ["nobody"], "source": 9},
        [
            ("c003", "format", "unknown actor 'nobody'; add it to entities.yaml, or correct the id"),
            ("c003", "format", "unknown source '9'; use a number of bibliography.yaml, or article"),
        ],
    ),
    "an unknown field": (
        {"id": "c003", "text": "Port Alba has had a lamp since 1911.", "colour": "red"},
        [("c003", "schema", "unknown field 'colour'; write a proposal: id, text, and each field that is not to be as in the draft's tags")],
    ),
    "a wrong kind": (
        {"id": "c003", "text": "Port Alba has had a lamp since 1911.", "kind": "song"},
        [("c003", "schema", "kind: 'song' is not valid here; use fact, report, quote, opinion, forecast or question")],
    ),
    "no object": (
        [1],
        [("", "schema", "this value has the wrong type; write a proposal: id, text, and each field that is not to be as in the draft's tags")],
    ),
    "the draft's own words": (
        {"id": "c003", "text": "DRAFT: rewrite sentence 4.1 in your own words"},
        [("c003", "schema", "is still the text of the draft; write the claim")],
    ),
    "a number": (
        {"id": "c003", "text": "Port Alba has had 77 lamps since 1911."},
        [("c003", "number", "77 is not in 4.1")],
    ),
    "words in a row": (
        {"id": "c001", "text": "A lighthouse can cost more than the ships it saves."},
        [
            ("c001", "run", "copies 'a lighthouse can cost more than the ships it saves'"),
        ],
    ),
    "half a split": (
        {"id": "c003", "text": "Port Alba has had a lamp since 1911.", "also": [{"text": "They burn oil."}]},
        [("c003 also 1", "pronoun", "says 'They' without saying what that is; name it")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_proposal_comes_back_with_its_findings(accept, lamp, wrong):
    """Nothing of it is written, and it can be mended and sent again."""
    proposal, expected = WRONG[wrong]
    before = files(lamp)
    ran = accept(proposal)
    assert findings(ran) == [expected]
    assert ran.err.endswith("0 accepted, 1 returned\n")
    assert ran.status == 1
    assert files(lamp) == before
    if isinstance(proposal, dict):
        returned = json.loads(ran.out)
        assert {field: returned[field] for field in proposal} == proposal
        ran = accept({**returned, "id": "c003", "text": "Port Alba has had a lamp since 1911."})
        if wrong in ("a number", "the draft's own words", "an unknown draft", "words in a row"):
            assert ran.status == 0


def test_sound_ones_are_taken_beside_wrong_ones(accept, lamp):
    """In the order of the file; broken lines are named by their numbers."""
    ran = accept(
        b"not json",
        GOOD[0],
        b"",
        WRONG["a number"][0] | {"id": "c001"},
        b"\xff",
        GOOD[1],
        b'{"id": 1, "id": 2}',
    )
    assert [json.loads(line)["line"] for line in ran.out.splitlines()] == [1, 4, 5, 7]
    file = lamp.parent / "proposals.jsonl"
    assert ran.err.splitlines() == [
        f"afcli: {file}:1: is not JSON: Expecting value; write one JSON object per line, in UTF-8",
        f"afcli: {file}:5: is not UTF-8; write one JSON object per line, in UTF-8",
        f"afcli: {file}:7: the key 'id' appears twice; keep one of the two",
        "2 accepted, 4 returned",
    ]
    assert [claim.id for claim in load(lamp).claims if claim.status == "proposed"] == ["c003", "c008", "c016"]


def test_what_was_read_or_proposed_meanwhile_takes_no_other_proposal(accept, lamp):
    """It says by whom."""
    accept(*GOOD)
    other = {"id": "c003", "text": "Port Alba has had a lamp since 1911."}
    before = files(lamp)
    assert findings(accept(other)) == [
        [("c003", "taken", "has another proposal, by a test; read that first: afcli edit c003")]
    ]
    assert files(lamp) == before
    with editing(lamp) as edits:
        edits.set("c003", status=None, read_by="Ann")
    assert findings(accept(other)) == [
        [
            (
                "c003",
                "taken",
                "has been read by Ann in the meantime; only a person may change it: afcli edit c003",
            )
        ]
    ]


def test_what_a_person_has_begun_to_write_is_no_open_draft(accept, afcli, lamp):
    """It goes to nobody, and no proposal writes over it."""
    with editing(lamp) as edits:
        edits.set("c003", text="The lamp of Port Alba")
    assert "c003" not in afcli("drafts", lamp).out
    before = files(lamp)
    assert findings(accept(GOOD[0])) == [
        [("c003", "taken", "somebody has already begun to rewrite it; finish it: afcli edit c003")]
    ]
    assert files(lamp) == before


def test_who_wrote_it_must_be_said(accept, lamp):
    """By the proposal or by the option; the proposal's own word counts."""
    assert findings(accept(GOOD[0], by="")) == [
        [("c003", "schema", "the field 'by' is missing; say who or what wrote it, or give --by")]
    ]
    assert accept({**GOOD[0], "by": "Ann"}).status == 0
    assert load(lamp).claims[2].by == "Ann"


def test_a_line_of_any_length_needs_no_memory(monkeypatch, accept, lamp):
    """It is one clear line, and the next proposal is taken."""
    monkeypatch.setattr("afcli.cli.commands.accept._LONGEST", 1000)
    ran = accept(b"[" + b" " * 10_000 + b"]", GOOD[0], b" " * 5_000)
    assert [json.loads(line)["line"] for line in ran.out.splitlines()] == [1, 3]
    assert "proposals.jsonl:1: is longer than 0 MB; a proposal is a few lines of text\n" in ran.err
    assert load(lamp).claims[2].status == "proposed"


@pytest.mark.slow
def test_a_file_of_a_hundred_megabytes_fits(lamp, tmp_path):
    """Whether it is one line or a million."""
    import resource

    file = tmp_path / "large.jsonl"
    with file.open("wb") as out:
        out.write(b'{"id": "c003", "text": "' + b"x" * (100 << 20) + b'"}\n')
        for _ in range(10_000):
            out.write(b'{"id": "c999", "text": "x", "by": "x"}\n')

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))

    ran = process("accept", file, lamp, preexec_fn=limit)
    assert f"{file}:1: is longer than 1 MB" in ran.err
    assert ran.err.endswith("0 accepted, 10001 returned\n")


def test_standard_input_is_taken_line_by_line(monkeypatch, afcli, lamp):
    """As a program sends it."""
    lines = "".join(json.dumps(p) + "\n" for p in GOOD).encode()
    monkeypatch.setattr(
        "afcli.cli.commands.accept._opened", lambda file: io.BytesIO(lines) if file == "-" else None
    )
    ran = afcli("accept", "-", lamp, "--by", "a pipe")
    assert (ran.err, ran.status) == ("2 accepted, 0 returned\n", 0)


def test_wrong_calls_are_one_line(afcli, lamp, tmp_path):
    """No file, no such file, no sentences, somebody else at work."""
    ran = afcli("accept", facts=lamp)
    assert "name a FILE of proposals, or - for standard input, or --using COMMAND; see " in ran.err
    ran = afcli("accept", tmp_path / "none", lamp)
    assert (
        ran.err
        == f"afcli: {tmp_path / 'none'}: cannot be read: no such file or directory; name a file of proposals\n"
    )
    with editing(lamp):
        ran = afcli("accept", tmp_path / "none", lamp)
    assert " is being edited by " in ran.err
    assert ran.err.count("\n") == 1
    (lamp / "sentences.tsv").unlink()
    for command in (["drafts", lamp], ["accept", "-", lamp], ["tag", lamp]):
        ran = afcli(*command)
        assert (
            ran.err
            == f"afcli: {lamp / 'sentences.tsv'} is not there, and the drafts need the article's sentences; give --article FILE\n"
        )
        assert ran.status == 2
    assert afcli("drafts", lamp, "--article", DRAFT / "sentences.tsv").status == 0


STUB = """
import json, re, sys
prompt = sys.stdin.read()
draft = json.loads(prompt[prompt.index("The draft, with its sentences and tags:") :].split("\\n", 1)[1].split("\\nYou answered:")[0])
sentence = draft["sentences"][0]["text"]
if draft["id"] == "c002":
    print("I cannot do that.")
elif "1911" in sentence and "77 is not in" not in prompt:
    print('Here it is:\\n```json\\n{"text": "Port Alba has had 77 lamps."}\\n```')
elif "1911" in sentence:
    print('{"text": "Port Alba has had a lamp since 1911.", "by": "nobody"}')
else:
    sys.exit("no quota left")
"""


def stub(tmp_path, code=STUB):
    """Return the command line of a stub that writes claims."""
    file = tmp_path / "stub.py"
    file.write_text(code, "utf-8")
    return shlex.join([sys.executable, str(file)])


def test_a_command_writes_the_drafts_and_mends_what_is_wrong(afcli, lamp, tmp_path):
    """It gets the findings of its last answer; what it cannot mend comes back, and stays a draft."""
    with editing(lamp) as edits:
        for id_ in edits.ids:
            if id_ not in ("c002", "c003"):
                edits.remove(id_)
    command = stub(tmp_path)
    ran = afcli("accept", "--using", command, lamp)
    assert findings(ran) == [
        [
            (
                "c002",
                "schema",
                "the field 'text' is missing; write a proposal: id, text, and each field that is not to be as in the draft's tags",
            )
        ]
    ]
    assert (ran.err, ran.status) == ("1 accepted, 1 returned\n", 1)
    kept, written = load(lamp).claims
    assert (kept.status, written.status) == ("draft", "proposed")
    assert (written.text, written.by) == ("Port Alba has had a lamp since 1911.", command)


def test_a_command_that_fails_ends_the_loop(afcli, lamp, tmp_path):
    """What was written before stays; one line says what it said last."""
    with editing(lamp) as edits:
        edits.remove("c001")
        edits.remove("c002")
    command = stub(tmp_path)
    ran = afcli("accept", "--using", command, lamp, "--by", "a stub")
    assert (ran.out, ran.err, ran.status) == (
        "",
        f"afcli: --using: {command!r} ended with status 1: no quota left\n",
        4,
    )
    assert [claim.by for claim in load(lamp).claims if claim.status == "proposed"] == ["a stub"]
    for line, said in {
        "no-such-program-here": "'no-such-program-here': no such file or directory; name a command",
        "'half": '"\'half": no closing quotation; quote it as in a shell',
    }.items():
        ran = afcli("accept", "--using", line, lamp)
        assert (ran.err, ran.status) == (f"afcli: --using: {said}\n", 2)


def test_a_person_says_what_was_read(accept, afcli, lamp):
    """A draft is refused, and so is what check or verify finds something in: all are marked, or none."""
    accept(*GOOD)
    ran = afcli("read", "c003", "c001", "--by", "Ann", facts=lamp)
    assert (ran.out, ran.status) == ("c001: draft: is a draft; somebody must write it first\n", 1)
    with editing(lamp) as edits:
        edits.set("c008", text="The Alba Harbour Council billed Ghana for 77 euros in March 2018.")
    ran = afcli("read", "c003", "c008", "--by", "Ann", facts=lamp)
    assert "c008: number: 77 is not in " in ran.out
    assert afcli("list", facts=lamp).out == ""
    ran = afcli("read", "c003", "--by", "Ann", facts=lamp)
    assert (ran.err, ran.status) == ("1 marked as read by Ann\n", 0)
    claim = load(lamp).claims[2]
    assert (claim.status, claim.by, claim.read_by, len(claim.read_on)) == ("", "a test", "Ann", 10)
    assert afcli("list", facts=lamp).out.startswith("c003\t")
    assert "no claim called 'c999'" in afcli("read", "c999", "--by", "Ann", facts=lamp).err


def mend(lamp):
    """Mend the names: a place becomes an actor, an alias is new, an actor is gone, a region comes."""
    file = lamp / "entities.yaml"
    text = file.read_text("utf-8")
    text = (
        text[: text.index("places:")]
        .replace("[Mensah]", "[Mensah, The keeper]")
        .replace("id: alba-harbour-council", "id: council")
    )
    more = "  - { id: port-alba, name: Port Alba, type: people }\nregions:\n  - { id: coast, name: The lamp, members: [GH, TG] }\n"
    file.write_text(text + more, "utf-8")


def test_drafts_are_tagged_again_and_nothing_that_a_person_wrote(accept, afcli, lamp):
    """Proposals stay, drafts whose tags a person changed stay, and a second call changes nothing."""
    accept(GOOD[0])
    with editing(lamp) as edits:
        edits.set("c002", actors=["kofi-mensah"])
        edits.set("c014", text="DRAFT: half written", countries=["GH", "TG"])
        edits.set("c009", text="Officials paid.")
    mend(lamp)
    kept = (lamp / "claims" / "02-the-bill.yaml").read_text("utf-8")
    ran = afcli("tag", lamp)
    council = [f"{id_}\t+council -alba-harbour-council\n" for id_ in ("c008", "c012", "c015")]
    assert (ran.out, ran.status) == ("".join(["c006\t+coast\n", *council]), 0)
    assert ran.err == "kept as edited by hand: c002, c014\n4 tagged again\n"
    assert (lamp / "claims" / "02-the-bill.yaml").read_text("utf-8") == kept.replace(
        "alba-harbour-council", "council"
    )
    claims = {claim.id: claim for claim in load(lamp).claims}
    assert [a.id for a in claims["c002"].actors] == ["kofi-mensah"]
    assert [c.id for c in claims["c014"].countries] == ["GH", "TG"]
    assert claims["c003"].actors == ()
    before = files(lamp)
    ran = afcli("tag", lamp)
    assert (ran.out, ran.err) == ("", "kept as edited by hand: c002, c014\n0 tagged again\n")
    assert files(lamp) == before


def test_a_base_that_does_not_say_how_it_was_tagged_gets_only_what_was_empty(afcli, lamp):
    """As one that an older version drafted."""
    (lamp / "tags.tsv").unlink()
    mend(lamp)
    ran = afcli("tag", lamp)
    assert "kept as edited by hand: " in ran.err
    assert "c002\t+port-alba\n" in ran.out
    assert (lamp / "tags.tsv").is_file()
