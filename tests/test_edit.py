"""The loop of `edit`: what each key shows and writes, by lines of keys in this process and by keys at a real terminal."""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import AFCLI, HERE, WORLD, examples, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afcli.authoring import guess_tags
from afcli.authoring.claim_edits import editing
from afcli.authoring.review import Review
from afcli.cli.edit_loop import STEPS, EditSession
from afcli.cli.keyboard import Lines
from afcli.errors import UsageError
from afcli.files import lock
from afcli.files.load import load
from afcli.model import Entity

DRAFT = HERE / "authoring" / "draft"
DAY = r"\d{4}-\d\d-\d\d"
SENT = "The Alba Harbour Council sent a bill of 40,000 euros in March 2018."
BILL = "The Alba Harbour Council billed Ghana and Togo for 40,000 euros in March 2018."


@pytest.fixture
def lamp(tmp_path):
    """Return a base of fifteen drafts, as `new` writes it."""
    return Path(shutil.copytree(DRAFT, tmp_path / "lamp"))


def edit(base, keys, *args, by="Ada Wren", **more):
    """Run `edit` on lines of keys."""
    return run("edit", base, *args, *(["--by", by] if by else []), stdin=keys, facts=None, **more)


def typed(base, keys, *args):
    """Run `edit` on the same as if a person typed it, who sees what is refused and goes on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lines, "refused", lambda _: "")
        return edit(base, keys, *args)


def claims(base):
    """Return every claim as in its file, by its id."""
    files = sorted((base / "claims").glob("*.yaml"))
    return {c["id"]: c for f in files for c in yaml.safe_load(f.read_text("utf-8"))["claims"]}


def contents(base):
    """Return the bytes of every file."""
    return {
        path.relative_to(base).as_posix(): path.read_bytes() for path in base.rglob("*") if path.is_file()
    }


def shown(ran):
    """Return the claims shown, each up to the next one's head."""
    return re.split(r"(?m)^(?=—— c)", ran.out)


FIRST = """\
  Type the claim and press Return; press Return again to accept it. A single
  letter is a command: s skips, ? lists all.
—— c008 · draft · The bill ———————————————————————————————— 0/15 read, 1 left ——
  6.1  The bill
> 7.1  In March 2018 the Alba Harbour Council (AHC) sent both a bill of 40,000
       euros.
  7.2  Ghanaian officials paid half (Ruiz, 2016).

  fact · Alba Harbour Council · 2018-03 (stated) · article · at 7.1
  acts? 1 +Alba Harbour Council
text> The Alba Harbour Council sent a bill of 40,000 euros in March 2018.
  The Alba Harbour Council sent a bill of 40,000 euros in March 2018.
  fact · Alba Harbour Council · 2018-03 (stated) · article · at 7.1
  acts? 1 +Alba Harbour Council
Return accepts  e text  k kind  w who  m merge  s skip  u undo  ? keys >
"""


def test_closed_input_is_said_in_one_line(lamp):
    """And changes nothing."""
    before = contents(lamp)
    script = f"'{AFCLI}' edit '{lamp}' --by 'Ada Wren' <&-"
    ran = subprocess.run(["bash", "-c", script], env=WORLD, capture_output=True, text=True, check=False)
    said = "afcli: standard input is closed; give keys there, or run this in a terminal\n"
    assert (ran.stdout, ran.stderr, ran.returncode, contents(lamp)) == ("", said, 2, before)


def test_a_draft_is_written_and_accepted_with_one_key(lamp):
    """The whole screen, and the whole claim; no other line is touched."""
    before = contents(lamp)
    ran = edit(lamp, f"{SENT}\n\n", "c008")
    assert (re.sub(r" +$", "", ran.out, flags=re.MULTILINE), ran.status) == (FIRST, 0)
    assert ran.err == f"1 of 15 claims read; to go on: afcli edit {lamp}\n"
    name = "claims/02-the-bill.yaml"
    old, new = before[name].decode(), (lamp / name).read_text("utf-8")
    block, rest = new.split("  - id: c008\n")[1].split("  - id: c009\n")
    assert re.sub(DAY, "DAY", block) == (
        f"    text: {SENT}\n"
        "    kind: fact\n    actors: [alba-harbour-council]\n    countries: []\n    date: 2018-03\n"
        "    date_basis: stated\n    source: article\n    basis: explicit\n    at: ['7.1']\n"
        "    by: Ada Wren\n    read_by: Ada Wren\n    read_on: 'DAY'\n"
    )
    assert (
        old.split("  - id: c008\n")[0] + rest
        == new.split("  - id: c008\n")[0] + old.split("  - id: c009\n")[1]
    )
    assert {n: c for n, c in contents(lamp).items() if n != name} == {
        n: c for n, c in before.items() if n != name
    }


@pytest.mark.parametrize(
    ("keys", "fields"),
    [
        ("", {"status": "proposed", "by": "Ada Wren"}),
        ("a", {"status": None, "read_by": "Ada Wren"}),
        ("kr", {"kind": "report"}),
        ("kz", {"kind": "fact"}),
        ("2", {"actors": ["alba-harbour-council", "GH"]}),
        ("1", {"actors": []}),
        ("wtogo, Kofi Mensah", {"actors": ["TG", "kofi-mensah"]}),
        ("wmensah", {"actors": ["kofi-mensah"]}),
        ("ctogo", {"countries": ["TG"], "regions": None}),
        ("dMay 2017", {"date": "2017-05", "date_basis": "inferred"}),
        ("d1979/..", {"date": "1979/..", "date_basis": "inferred"}),
        ("dMarch 2018 inferred", {"date": "2018-03", "date_basis": "inferred"}),
        ("dwriting", {"date": "2019-05-02", "date_basis": "writing"}),
        ("r2", {"source": "2", "basis": "explicit"}),
        ("rng inferred", {"source": "1", "basis": "inferred"}),
        ("r2\nrarticle", {"source": "article", "basis": "explicit"}),
        ("ymensah", {"said_by": ["kofi-mensah"], "actors": ["alba-harbour-council", "kofi-mensah"]}),
        ("nThe note gives 45,000 euros (10.1).", {"note": "The note gives 45,000 euros (10.1)."}),
        ("nOne\nn\n", {"note": None}),
        ("p7.1 4.2", {"at": ["7.1", "4.2"]}),
        ("fWho was billed?; How much?", {"asks": ["Who was billed?", "How much?"]}),
        ("tinvoice; lighthouse", {"terms": ["invoice", "lighthouse"]}),
        ("eThe Alba Harbour Council billed Togo.", {"text": "The Alba Harbour Council billed Togo.", "by": "Ada Wren"}),
        ('eThe bill was "a large one" for 5\' 3" lamps.', {"text": "The bill was “a large one” for 5' 3\" lamps."}),
        ("s", {"kind": "fact"}),
    ],
    ids=repr,
)  # fmt: skip
def test_each_key_sets_its_field(lamp, keys, fields):
    """At once, in the file; with the base still sound."""
    edit(lamp, f"{BILL}\n{keys}\n", "c008")
    claim = claims(lamp)["c008"]
    assert {field: claim.get(field) for field in fields} == fields
    assert load(lamp)


@pytest.mark.parametrize(
    ("keys", "remark"),
    [
        ("d2021-13", "'2021-13' is not an EDTF date; type 2021, 2021-08, August 2021, 25.8.2021, 2008/2018, 1979/.. or writing"),
        ("r9", "'9' is not the name of exactly one source; type its number, its key, or article"),
        ("p7.9", "the article has no sentence '7.9'; see the outline in article.yaml"),
        ("9", "no name here has the number 9"),
        ("!", "'!' is not a key here; ? lists them"),
        ("x", "there is no finding to explain"),
        ("@", "no sentence nearby has the missing names or numbers; p sets any sentence"),
        ("b", "this is the claim you started with"),
        ("kruu", "there is nothing to undo yet"),
        ("+Togo", "'Togo' is Togo (TG, country) already"),
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_line_and_changes_nothing(lamp, keys, remark):
    """To a person, who goes on; a pipe is not read further, for what follows might be taken for other keys."""
    edit(lamp, f"{SENT}\n", "c008")
    before = contents(lamp)
    ran = edit(lamp, f"{keys}\nD\n", "c008")
    assert (ran.err, ran.status) == (
        f"afcli: standard input:1: {remark}; the rest was not done\n",
        2,
    )
    assert contents(lamp) == before
    ran = typed(lamp, f"{keys}\nD\n", "c008")
    assert remark in " ".join(ran.out.split())
    assert "c008" not in claims(lamp)


def test_a_draft_is_never_accepted_and_return_asks_for_its_text_again(lamp):
    """With the wrong one as with the right one."""
    ran = typed(lamp, f"\na\n\n{BILL}\n", "c008")
    assert "it is still a draft; press e to write it" in ran.out
    assert claims(lamp)["c008"]["text"] == BILL


def test_return_does_not_accept_what_was_found_but_a_does(lamp):
    """A number that the sentence has not."""
    edit(lamp, "The Alba Harbour Council sent a bill of 30,000 euros in March 2018.\n\n", "c008")
    assert claims(lamp)["c008"]["status"] == "proposed"
    ran = typed(lamp, "\na\n", "c008")
    assert "! number: 30,000 is not in 7.1" in ran.out
    assert "status" not in claims(lamp)["c008"]


def test_a_finding_can_be_explained(lamp):
    """In the claim; then return accepts it."""
    edit(
        lamp, "The Alba Harbour Council sent a bill of 30,000 euros in March 2018.\nxA misprint.\n\n", "c008"
    )
    claim = claims(lamp)["c008"]
    assert claim["explained"] == {"number": "A misprint."}
    assert "status" not in claim


def test_a_note_that_asks_goes_when_the_claim_is_accepted(lamp):
    """It was a question to the reader, who has read it; what else a note says stays."""
    edit(lamp, "Ghanaian officials paid half of the bill.\na\n", "c009")
    assert "note" not in claims(lamp)["c009"]
    path = lamp / "claims" / "01-introduction.yaml"
    note = "    note: 'Cited at p. 3. DRAFT: the sentence also cites 2'\n    at: ['4.2']\n"
    path.write_text(path.read_text("utf-8").replace("    at: ['4.2']\n", note), "utf-8")
    edit(lamp, "Ghana has paid for the oil since 1957.\na\n", "c004")
    assert claims(lamp)["c004"]["note"] == "Cited at p. 3."


def test_one_letter_is_a_key_and_no_text(lamp):
    """At the text of a draft too; one that is no key is refused once, and `e` asks again."""
    ran = edit(lamp, "!\n", "c008")
    assert ran.err == "afcli: standard input:1: '!' is not a key here; ? lists them; the rest was not done\n"
    edit(lamp, f"e\n{BILL}\n", "c008")
    assert claims(lamp)["c008"]["text"] == BILL


class Hesitant:
    """A keyboard at which every line is given up half typed."""

    def __init__(self, keys):
        """Take the keys that come."""
        self.keys = iter(keys)

    def key(self):
        """Return the next one, at last the one that quits."""
        return next(self.keys, "q")

    def line(self, *_args, **_options):
        """Give it up."""

    def typed(self):
        """Return what was typed of it."""
        return "Half of it"

    def refused(self):
        """Let a person go on."""
        return ""


@pytest.mark.parametrize(("keys", "kept"), [("q", True), ("sq", True), ("m", False), ("D", False)], ids=repr)
def test_a_text_that_was_given_up_is_there_tomorrow(lamp, keys, kept):
    """As the text of what is still a draft, if that is still there."""
    with editing(lamp) as edits:
        review = Review(load(lamp), edits, reader="Ada", today="2026-01-01")
        review.choose(["c002"])
        EditSession(review, Hesitant(keys)).run()
    found = claims(lamp).get("c002", {})
    assert (found.get("text"), found.get("status")) == (("Half of it", "draft") if kept else (None, None))


def test_two_slashes_make_two_claims(lamp):
    """Each with the tags of its own text, on the same sentence, one after the other."""
    one, two = "Ghana has paid for the oil since 1957.", "Togo has paid for the keeper since 1957."
    edit(lamp, f"{one} // {two}\naa\n", "c004")
    found = claims(lamp)
    assert list(found)[3:5] == ["c004", "c016"]
    assert [(found[i]["text"], found[i]["countries"], found[i]["actors"]) for i in ("c004", "c016")] == [
        (one, ["GH"], ["GH"]),
        (two, ["TG"], ["TG"]),
    ]
    assert found["c016"]["at"] == found["c004"]["at"] == ["4.2"]
    assert not {"status"} & (found["c016"].keys() | found["c004"].keys())


def test_three_parts_are_numbered_and_shown_in_the_order_of_the_sentence(lamp):
    """What one part has by its text, the next has not."""
    ran = edit(lamp, "Kofi Mensah said that it was dark. // It was cold. // It was wet.\naa\na\n", "c011")
    assert [head.split(" · ")[0] for head in shown(ran)[1:]] == ["—— c011", "—— c016", "—— c017"]
    assert "said by" not in shown(ran)[2].partition("It was cold.")[2].partition("\n\n")[0]
    found = claims(lamp)
    assert [(i, found[i]["text"]) for i in list(found) if i > "c015"] == [
        ("c016", "It was cold."),
        ("c017", "It was wet."),
    ]


def test_a_draft_is_merged_with_the_claim_before_by_one_key(lamp):
    """That one stands on both sentences then, and is read as before."""
    edit(lamp, "A lighthouse may cost more than its ships.\n\nm\n", "c001", "c002")
    found = claims(lamp)
    assert "c002" not in found
    assert (found["c001"]["at"], found["c001"].get("status")) == (["2.1", "2.2"], None)


def test_two_written_claims_are_merged_under_one_text(lamp):
    """Which is proposed, and next to be read."""
    edit(lamp, "One costs much.\n\nTwo cost more.\nmOne costs much and two cost more.\nkoa\n", "c001", "c002")
    found = claims(lamp)
    assert "c002" not in found
    assert (found["c001"]["text"], found["c001"]["kind"]) == ("One costs much and two cost more.", "opinion")
    assert "status" not in found["c001"]


def test_the_first_claim_has_none_before_it(lamp):
    """And stays."""
    assert "there is no claim before this one" in edit(lamp, "m\n", "c001").err
    assert "c001" in claims(lamp)


def test_a_dropped_claim_comes_back(lamp):
    """With undo, where it stood."""
    before = contents(lamp)
    ran = edit(lamp, "D\n", "c002")
    assert "c002 is dropped; no claim rests on 2.2 now; u brings it back" in ran.out
    assert "c002" not in claims(lamp)
    shutil.copytree(DRAFT, lamp, dirs_exist_ok=True)
    ran = edit(lamp, "D\nu\n", "c002", "c003")
    assert "undone: dropping" in ran.out
    assert contents(lamp) == before


LINES = [
    BILL, "kr", "s", "b", "m", "D", "u", "uu", "1", "2", "a", "", "wtogo", "c", "d2017", "r2", "ytogo", "nNote", "n",
    "p4.1", "fWhy?", "t", "eOne thing. // Another.", "+New Name", "o", "xBecause", "/One // Two // Three",
]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=9))
@settings(
    parent=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None, derandomize=True,
)  # fmt: skip
def test_undo_puts_everything_back_byte_for_byte(tmp_path, steps):
    """After any keys; and after any keys the base is sound."""
    base = Path(shutil.copytree(DRAFT, tmp_path / "lamp", dirs_exist_ok=True))
    before = contents(base)
    typed(base, "\n".join(steps) + "\n")
    assert load(base)
    shutil.copytree(DRAFT, base, dirs_exist_ok=True)
    typed(base, "\n".join([*steps, "?", "?", *"u" * 40]) + "\n")
    assert load(base)
    assert contents(base) == before


def test_drafts_come_first_then_what_is_proposed_then_what_has_changed(lamp):
    """In the order of the files; --status and ids choose others."""
    edit(lamp, f"{BILL}\n", "c001")
    path = lamp / "claims" / "03-notes.yaml"
    path.write_text(path.read_text("utf-8").replace("status: draft", "status: changed", 1), "utf-8")
    heads = [part.split(" · ")[0] for part in shown(edit(lamp, "s\n" * 20))[1:]]
    assert heads[:1] + heads[-2:] == ["—— c002", "—— c001", "—— c015"]
    assert len(heads) == 15
    only = edit(lamp, "s\n" * 20, "--status", "changed", "--status", "proposed")
    assert [part.split(" · ")[0] for part in shown(only)[1:]] == ["—— c015", "—— c001"]
    named = edit(lamp, "s\n" * 20, "c004", "c001")
    assert [part.split(" · ")[0] for part in shown(named)[1:]] == ["—— c004", "—— c001"]


def test_where_one_left_is_found_from_the_statuses_alone(lamp):
    """No other file is kept."""
    edit(lamp, f"{BILL}\n\nq\n")
    assert set(contents(lamp)) == set(contents(DRAFT))
    assert "c002" in shown(edit(lamp, ""))[1]


def test_a_claim_that_was_read_is_proposed_again_once_it_is_changed(lamp):
    """Until it is accepted again."""
    edit(lamp, f"{BILL}\na\n", "c008")
    edit(lamp, "kr\n", "c008")
    claim = claims(lamp)["c008"]
    assert (claim["status"], claim.get("read_by"), claim["by"]) == ("proposed", None, "Ada Wren")


def test_what_another_program_changed_is_shown_before_it_is_accepted(lamp):
    """Nobody has read it yet; unchanged, it is accepted."""
    edit(lamp, f"{SENT}\n", "c008", "c009")
    with editing(lamp) as edits:
        review = Review(load(lamp), edits, reader="Ada", today="2026-01-01")
        review.choose(["c008"])
        path = lamp / "claims" / "02-the-bill.yaml"
        path.write_text(path.read_text("utf-8").replace("40,000", "70,000"), "utf-8")
        with pytest.raises(UsageError, match="c008 was changed in its file in the meantime; read it again"):
            review.accept()
        assert "70,000" in review.claim.text
        review.accept()
    assert claims(lamp)["c008"]["read_by"] == "Ada"


def test_claims_in_json_lines_are_edited_too(lamp):
    """Each stays one line."""
    found = [json.dumps(claim) for claim in claims(lamp).values()]
    for path in (lamp / "claims").iterdir():
        path.unlink()
    (lamp / "claims" / "all.jsonl").write_text("\n".join(found) + "\n", "utf-8")
    edit(lamp, f"{SENT} // Another.\na\nuu\ne{SENT}\na\n", "c008")
    lines = (lamp / "claims" / "all.jsonl").read_text("utf-8").splitlines()
    changed = [(old, json.loads(new)) for old, new in zip(found, lines, strict=True) if old != new]
    assert [(json.loads(old)["id"], new["text"], new["read_by"]) for old, new in changed] == [
        ("c008", SENT, "Ada Wren")
    ]


@pytest.mark.parametrize(
    ("args", "line", "status"),
    [
        (
            ["c999"],
            "afcli: no claim in {}, and no directory, is called 'c999'; see afcli list --status all",
            2,
        ),
        (["--status", "gone"], "no claim in {} is waiting to be read", 1),
    ],
    ids=["an unknown id", "a status that no claim has"],
)
def test_where_there_is_nothing_to_edit(lamp, args, line, status):
    """One line says so."""
    ran = edit(lamp, "", *args)
    assert (ran.out, ran.err, ran.status) == ("", line.format(lamp) + "\n", status)


def test_without_the_sentences_it_says_so_and_works(lamp):
    """The claim is shown alone."""
    (lamp / "sentences.tsv").unlink()
    ran = edit(lamp, f"{BILL}\na\n", "c008")
    assert ran.err.startswith(
        "the sentences cannot be shown or compared with claims; name the article: --article FILE\n"
    )
    assert "7.1 " not in ran.out
    assert "status" not in claims(lamp)["c008"]


def test_sentences_of_another_edition_are_refused(lamp):
    """The numbers would name other sentences."""
    path = lamp / "sentences.tsv"
    path.write_text(path.read_text("utf-8") + "99.1\tbody\tNotes\tMore.\n", "utf-8")
    ran = edit(lamp, "", "c008")
    assert ran.err == (
        f"afcli: {path} does not have the sentences of the outline; give the edition that the claims rest on with "
        "--article, or update the claims first: afcli verify --fix\n"
    )
    assert edit(lamp, "", "c008", "--article", DRAFT / "sentences.tsv").status == 0


def test_two_people_cannot_edit_one_base(lamp):
    """The second is told who does; the lock goes with the sitting."""
    with lock.held(lamp):
        ran = edit(lamp, "")
    assert (ran.status, "is being edited by" in ran.err, ran.err.count("\n")) == (2, True, 1)
    assert edit(lamp, "").status == 0
    assert not list(lamp.glob(".*"))


def test_a_new_name_is_added_where_it_is_first_needed(lamp):
    """As who acts, by its number or its own key; the file keeps its comments."""
    path = lamp / "entities.yaml"
    path.write_text(path.read_text("utf-8") + "# The end.\n", "utf-8")
    edit(lamp, f"{BILL}\nwHarbour Review\no\n+Port Wells\nl\n+Bight\nr\nghana, Togo\n", "c008")
    text = path.read_text("utf-8")
    data = yaml.safe_load(text)
    assert {"id": "harbour-review", "name": "Harbour Review", "type": "organisation"} in data["actors"]
    assert {"id": "port-wells", "name": "Port Wells"} in data["places"]
    assert data["regions"] == [{"id": "bight", "name": "Bight", "members": ["GH", "TG"]}]
    assert claims(lamp)["c008"]["actors"] == ["harbour-review"]
    assert "# The end.\n" in text
    assert "# A draft by afcli new" in text
    edit(lamp, "Vale Quimby wrote to Togo.\n3p\na\n", "c009")
    assert claims(lamp)["c009"]["actors"] == ["vale-quimby"]


def test_a_place_that_acts_is_made_an_actor(lamp):
    """By its number: `new` cannot always tell; all that is known of it moves."""
    edit(lamp, "Port Alba lit its lamp in 1911.\n1g\na\n", "c003")
    data = yaml.safe_load((lamp / "entities.yaml").read_text("utf-8"))
    assert data["actors"][-1] == {"id": "port-alba", "name": "Port Alba", "type": "government"}
    assert not data.get("topics")
    assert claims(lamp)["c003"]["actors"] == ["port-alba"]
    assert load(lamp).entities["port-alba"].type == "government"


def test_what_is_only_guessed_is_asked_about_until_it_is_said(lamp):
    """A place that is one is not asked about again."""
    ran = edit(lamp, "Port Alba is dark.\n1l\ns\nIt is dark in Port Alba.\n", "c003", "c004")
    assert [shown.count("?Port Alba") for shown in shown(ran)[1:]] == [1, 0]


def test_one_key_adds_the_sentences_that_name_what_was_not_found(lamp):
    """The nearest before it; of a number only one beside it, for one that stands elsewhere may be wrong here."""
    ran = edit(lamp, f"{BILL}\n@\n\n", "c008")
    assert "! name: Togo is not in 7.1 or beside it" in ran.out
    assert "! @ adds 4.2, which has it" in ran.out
    claim = claims(lamp)["c008"]
    assert (claim["at"], claim.get("status")) == (["7.1", "4.2"], None)
    wrong = edit(lamp, "Kofi Mensah kept his post until 2019.\n", "c013")
    assert "! number: 2019 is not in 8.2" in wrong.out
    assert "@ adds" not in wrong.out
    edit(lamp, "Kofi Mensah laughed about the bill of March 2018.\n", "c011")
    assert "@ adds" not in edit(lamp, "=\n", "c011").out
    edit(lamp, "Officials of Ghana paid half in March 2018.\n@\n\n", "c009")
    claim = claims(lamp)["c009"]
    assert (claim["at"], claim["date"], claim["date_basis"]) == (["7.2", "7.1"], "2018-03", "stated")
    assert "status" not in claim


def test_a_person_is_known_by_the_family_name_too(lamp):
    """Unless another has it."""
    edit(lamp, "Ama Quimby left.\n1p\n+Ada Mensah\np\na\nQuimby came back.\na\n", "c001", "c002")
    data = yaml.safe_load((lamp / "entities.yaml").read_text("utf-8"))
    assert [actor.get("aliases") for actor in data["actors"]][-2:] == [["Quimby"], None]
    assert claims(lamp)["c002"]["actors"] == ["ama-quimby"]


def test_a_new_name_is_not_added_by_another_key(lamp):
    """Nor is anything else changed."""
    edit(lamp, f"{BILL}\n", "c008")
    before = contents(lamp)
    edit(lamp, "wNobody Known\n?\n", "c008")
    assert contents(lamp) == before


@pytest.mark.parametrize(
    ("by", "config", "name"),
    [
        ("Ada", "[user]\nname = Git Name\n", "Ada"),
        ("", "[user]\nname = Git Name\n", "Git Name"),
        ("", "", "login"),
    ],
    ids=["--by", "git", "login"],
)
def test_the_reader_is_named(lamp, tmp_path, by, config, name):
    """By --by, else git, else the login."""
    (tmp_path / "gitconfig").write_text(config)
    env = {
        "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"), "GIT_CONFIG_SYSTEM": os.devnull, "LOGNAME": "login",
        "GIT_DIR": str(tmp_path),
    }  # fmt: skip
    edit(lamp, f"{BILL}\na\n", "c008", by=by, env=env)
    assert claims(lamp)["c008"]["read_by"] == name


def test_every_key_is_in_the_help(lamp):
    """And the help has none that does nothing."""
    ran = edit(lamp, f"{BILL}\n?\n", "c008")
    listed = re.findall(r"(?m)^  (\S|Return) {2,}\S", ran.out.split("? keys > ?\n")[1])
    assert listed == ["Return", *(key for key in STEPS if key.isprintable())]


def test_the_time_left_is_told_once_there_is_a_pace(lamp):
    """The median of what was read so far."""
    review = Review(load(lamp), None, reader="Ada", today="2026-01-01")
    review.choose()
    for seconds in (40, 50):
        review.took(seconds)
        assert review.progress() == (0, 15, 15, None)
    review.took(400)
    assert review.progress() == (0, 15, 15, 750)
    review.skip()
    assert review.progress().left == 14


def test_who_wrote_a_proposal_stays_its_writer_and_an_exact_name_is_meant(lamp):
    """Whoever else mends it, and whoever else's name begins so."""
    with editing(lamp) as edits:
        edits.set("c008", text="Togo owes it.", status="proposed", by="a script")
        review = Review(load(lamp), edits, reader="Ada", today="2026-01-01")
        review.choose(["c008"])
        review.write(["Togo paid."])
        assert (review.claim.text, review.claim.by) == ("Togo paid.", "a script")
        review.add("Togo Lights", "organisation")
        assert review.meant("togo", kinds=("country", "organisation")).id == "TG"
        # As in a draft, where no letter tells what else to call it.
        assert review.add("!!!", "organisation").id == "name"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Mensah said that the lamp was out.", {"kind": "report", "actors": ["kofi-mensah"], "said_by": ["kofi-mensah"]}),
        ("Kofi Mensah called it “a dark lamp”.", {"kind": "quote", "said_by": []}),
        ("Kofi Mensah expects that Togo will pay.", {"kind": "forecast", "countries": ["TG"]}),
        ("Who pays Kofi Mensah?", {"kind": "question", "actors": ["kofi-mensah"]}),
        ("Ghanaian officials paid half.", {"countries": ["GH"], "actors": []}),
        ("The AHC never heard from Togo.", {"actors": ["alba-harbour-council"], "countries": ["TG"]}),
        ("Ghana paid in 1957.", {"actors": ["GH"], "date": None}),
        ("The Bank of Togo paid.", {"actors": ["bank"], "countries": ["TG"]}),
        ("Ghana paid in March 2018.", {"date": "2018-03", "date_basis": "stated"}),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)  # fmt: skip
def test_tags_are_guessed_from_the_text(lamp, text, fields):
    """Who begins it acts, who says it speaks, and what is named is named."""
    facts = load(lamp)
    sentence = "In March 2018 they did it."
    bank = Entity("bank", "Bank of Togo", "organisation")
    guessed = guess_tags.tags(text, facts.claims[7], [*facts.entities.values(), bank], sentence)
    assert {field: guessed.get(field) for field in fields} == fields


def test_a_name_of_several_is_asked_for_again(lamp):
    """Each is named."""
    facts = load(lamp)
    review = Review(facts, None, reader="Ada", today="2026-01-01")
    review.entities["x"] = review.entities["kofi-mensah"]._replace(id="x", name="Ama Mensah", aliases=())
    review.entities["kofi-mensah"] = review.entities["kofi-mensah"]._replace(aliases=())
    with pytest.raises(UsageError, match="'mensah' may be Kofi Mensah, Ama Mensah; type more of it"):
        review.meant("mensah")


class Typist:
    """A person at a terminal of this size: what is on the screen, and what is typed."""

    def __init__(self, *args, width=80, height=24, **env):
        """Start `edit`."""
        import pexpect
        import pyte

        self.screen = pyte.Screen(width, height)
        self.stream = pyte.Stream(self.screen)
        world = WORLD | {"TERM": "xterm-256color"} | env
        self.child = pexpect.spawn(
            AFCLI,
            ["edit", *map(str, args)],
            env=world,
            dimensions=(height, width),
            encoding="utf-8",
            timeout=120,
            # What runs in the background ignores Ctrl-C, and so would what it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    @property
    def lines(self):
        """Return the screen, without what is blank."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def sees(self, text):
        """Read until the last line begins with *text*, the cursor in it."""
        while not self.screen.display[self.screen.cursor.y].startswith(text):
            self.stream.feed(self.child.read_nonblocking(1 << 16, timeout=120))
        return self

    def shows(self, text):
        """Read until *text* is anywhere on the screen."""
        while text not in self.lines:
            self.stream.feed(self.child.read_nonblocking(1 << 16, timeout=120))
        return self

    def types(self, keys):
        """Type."""
        self.child.send(keys)
        return self

    def ends(self):
        """Read until the program has ended, and return its status."""
        self.stream.feed(self.child.read())
        self.child.close()
        return self.child.exitstatus


KEYS = "Return "
NARROW = """\
—— c008 · draft · The bill
—— 0/15 read, 1 left
  6.1  The bill
> 7.1  In March 2018 the Alba Harbour
       Council (AHC) sent both a bill of
       40,000 euros.
  7.2  Ghanaian officials paid half
       (Ruiz, 2016).

  fact · Alba Harbour Council ·
    2018-03 (stated) · article · at 7.1
  acts? 1 +Alba Harbour Council
text> The Alba Harbour Council sent bill
s.
  The Alba Harbour Council sent bills.
  fact · Alba Harbour Council ·
    2018-03 (stated) · article · at 7.1
  acts? 1 +Alba Harbour Council
Return, e, s, u, ? > q
0 of 15 claims read; to go on: afcli
edit lamp"""


@pytest.mark.slow
def test_a_narrow_terminal_shows_it_all(lamp, monkeypatch):
    """At 40 columns, and without a colour where none is wanted."""
    monkeypatch.chdir(lamp.parent)
    typist = Typist("lamp", "c008", "--by", "Ada", width=40, height=30, NO_COLOR="1")
    typist.sees("text>").types("The Alba Harbour Council sent bills.\r").sees(KEYS[:-1]).types("q")
    assert typist.ends() == 0
    assert re.split(r"lists\s+all\.\n", typist.lines)[1] == NARROW
    assert {(char.fg, char.bold) for line in typist.screen.buffer.values() for char in line.values()} == {
        ("default", False)
    }


@pytest.mark.slow
def test_a_line_is_edited_and_completed(lamp):
    """The arrow up takes the sentence, Tab completes names; what is typed ahead is not lost."""
    typist = Typist(lamp, "c008", "c013", "--by", "Ada")
    typist.sees("text>").types("\x1b[A").shows("text> In March 2018")
    typist.types("\x15Kofi Me\t left.\rwAHC, togo\r1a").shows("c013")
    claim = claims(lamp)["c008"]
    assert (claim["text"], claim["actors"]) == ("Kofi Mensah left.", ["alba-harbour-council", "TG"])
    assert claim["read_by"] == "Ada"
    typist.types("One.\re\x1b[D, two\rq")
    assert typist.ends() == 0
    assert claims(lamp)["c013"]["text"] == "One, two."


@pytest.mark.slow
def test_colours_mark_the_sentence_and_what_was_found(lamp):
    """Bold and yellow."""
    typist = Typist(lamp, "c008", "--by", "Ada")
    typist.sees("text>").types("The AHC sent 30,000 bills.\r").sees(KEYS).types("q").ends()
    styles = {
        char.data: (char.fg, char.bold)
        for y, line in enumerate(typist.screen.display)
        if line.startswith(("> 7.1", "  ! number"))
        for char in [typist.screen.buffer[y][0 if line[0] == ">" else 2]]
    }
    assert styles == {">": ("default", True), "!": ("brown", False)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("end", "status"),
    [("\x03", 130), ("\x04", 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=["Ctrl-C", "Ctrl-D", "SIGTERM", "SIGHUP"],
)
@pytest.mark.parametrize("at", ["the keys", "a line"])
def test_however_it_ends_nothing_is_lost(lamp, end, status, at):
    """The terminal is as before, the lock is gone, what was accepted is read, and a line half typed is kept."""
    import termios

    typist = Typist(lamp, "c008", "c009", "--by", "Ada")
    before = termios.tcgetattr(typist.child.child_fd)
    typist.sees("text>").types(f"{SENT}\r").sees(KEYS).types("\r").sees("text>")
    if at == "the keys":
        typist.types("\r").sees(KEYS)
    else:
        typist.types("Half of it").sees("text> Half of it")
    if isinstance(end, str):
        if at == "a line":
            # The first gives the line up.
            typist.types("\x03").sees(KEYS)
        typist.types(end)
    else:
        typist.child.kill(end)
    typist.stream.feed(typist.child.read())
    now = termios.tcgetattr(typist.child.child_fd) if not typist.child.closed else before
    typist.child.close()
    assert typist.child.exitstatus == status
    assert now == before
    assert not list(lamp.glob(".*"))
    found = claims(lamp)
    assert (found["c008"]["text"], found["c008"]["read_by"]) == (SENT, "Ada")
    kept = "Half of it" if at == "a line" else "DRAFT: rewrite sentence 7.2 in your own words"
    assert (found["c009"]["text"], found["c009"]["status"]) == (kept, "draft")


@pytest.mark.slow
def test_a_resized_terminal_is_filled(lamp):
    """From the next claim on."""
    typist = Typist(lamp, "c008", "c009", "--by", "Ada")
    typist.sees("text>")
    typist.child.setwinsize(24, 50)
    typist.screen.resize(24, 50)
    typist.types("s\r").shows("c009")
    heads = [line.rstrip() for line in typist.screen.display if "c009" in line]
    assert [len(head) for head in heads] == [50]
    typist.types("q\r").ends()
