"""A base is carried over to any other edition: every claim stays on its sentence, or says that it lost it."""

import itertools
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afcli.authoring import new_edition as fixing
from afcli.authoring.moved_sentences import Fate, digest, digests_of, labelled, trace
from afcli.authoring.verify import verify
from afcli.files.load import load

HEAD = "# A comment that stays.\n"


def numbered(blocks):
    """Return the sentences of *blocks* by place."""
    return {f"{b}.{n}": text for b, block in enumerate(blocks, 1) for n, text in enumerate(block, 1)}


def claim(number, at, fields=""):
    """Return a claim as people write it."""
    return f"""
  # Claim {number} is here for a reason.
  - id: c{number}
    text: A claim  # as it was read
    kind: fact
    actors: []
    countries: []
    date: 2019
    date_basis: writing
    source: article
    basis: explicit
    at: [{", ".join(f'"{id_}"' for id_ in at)}]
{fields}"""


def written(folder, blocks, *, table):
    """Write a base with a claim on each sentence of *blocks*, and one on each pair of them, and return it."""
    (folder / "claims").mkdir(parents=True)
    texts = numbered(blocks)
    sections = "".join(
        f'  - id: s{start}\n    title: "S{start}"\n    blocks:\n'
        + "".join(
            f'      - {{ block: "{n}", kind: body, sentences: "{len(blocks[n - 1])}" }}\n'
            for n in range(start, min(start + 2, len(blocks) + 1))
        )
        for start in range(1, len(blocks) + 1, 2)
    )
    article = "article: { id: a, type: webpage, title: T, issued: '2019' }\noutline:\n"
    (folder / "article.yaml").write_text(article + sections, "utf-8")
    (folder / "bibliography.yaml").write_text("references: []\n", "utf-8")
    (folder / "entities.yaml").write_text("countries: []\nactors: []\n", "utf-8")
    at = [[id_] for id_ in texts] + [[one, two] for one, two in itertools.pairwise(texts)][:3]
    claims = HEAD + "claims:\n" + "".join(claim(n, ids) for n, ids in enumerate(at))
    (folder / "claims" / "1.yaml").write_text(claims, "utf-8")
    if table:
        rows = "".join(f"{id_}\t{text}\n" for id_, text in texts.items())
        (folder / "sentences.tsv").write_text("id\ttext\n" + rows, "utf-8")
    fixing.stamp(load(folder), texts)
    return folder


SENTENCES = [f"One{n} went. Two{n} came" for n in range(20)]
"""Each can be split at its first point; each word stands in one of them only."""
BLOCKS = st.lists(st.integers(1, 3), min_size=1, max_size=5).map(
    lambda sizes: [[SENTENCES[3 * b + n] for n in range(size)] for b, size in enumerate(sizes)]
)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from("paragraph sentence delete drop split join move carry change".split()),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    max_size=5,
)


def edited(blocks, changes):
    """Return another edition: *blocks* after these changes, each at a block and a sentence."""
    blocks = [list(block) for block in blocks]
    for number, (change, where, which) in enumerate(changes):
        block = blocks[where % len(blocks)]
        elsewhere = which % (len(blocks) + 1)
        match change:
            case "paragraph":
                blocks.insert(elsewhere, [f"New{number} words{number}", f"More{number}"])
            case "drop":
                blocks.remove(block)
            case "move":
                blocks[which % len(blocks)].append(block.pop(which % len(block)))
            case "carry":
                blocks.remove(block)
                blocks.insert(elsewhere, block)
            case _:
                within(block, change, which % len(block), number)
        blocks = [block for block in blocks if block] or [["Nothing is left"]]
    return blocks


def within(block, change, n, number):
    """Change a sentence of *block*."""
    match change:
        case "sentence":
            block.insert(n, f"New{number} words{number}")
        case "delete":
            block.pop(n)
        case "split" if ". " in block[n]:
            first, rest = block[n].split(". ", 1)
            block[n : n + 1] = [f"{first}.", rest]
        case "join" if n + 1 < len(block):
            block[n : n + 2] = [f"{block[n]} {block[n + 1]}"]
        case "change":
            block[n] = f"{block[n]} again{number}"


def other_lines(base):
    """Return the file of claims without the lines that tell places and status."""
    text = (base / "claims" / "1.yaml").read_text("utf-8")
    return re.sub(r"(?m)^    (at|status): .*\n", "", text)


@given(blocks=BLOCKS, editions=st.lists(CHANGES, min_size=2, max_size=2), table=st.booleans())
def test_every_claim_stands_on_its_sentence_or_says_so(tmp_path_factory, blocks, editions, table):
    """Whatever was inserted, deleted, split, joined, moved and changed, once and again; no other line changes."""
    base = written(tmp_path_factory.mktemp("any") / "base", blocks, table=table)
    lines, old = other_lines(base), numbered(blocks)
    for changes in editions:
        blocks = edited(blocks, changes)
        before, content = load(base), (base / "claims" / "1.yaml").read_bytes()
        new = numbered(blocks)
        fixing.fix(before, new, {})
        after = load(base)
        texts = labelled(after, new)
        assert list(texts.values()) == list(new.values())
        assert other_lines(base) == lines
        for was, now in zip(before.claims, after.claims, strict=True):
            check_claim(was, now, old, texts)
        if {change for change, _, _ in changes} <= {"paragraph"}:
            assert (base / "claims" / "1.yaml").read_bytes() == content
        if table:
            rows = (base / "sentences.tsv").read_text("utf-8").splitlines()[1:]
            assert dict(row.split("\t") for row in rows) == texts
        assert fixing.fix(after, new, {}).endswith("files changed: none")
        rules = {finding.rule for finding in verify(after, new).findings}
        assert rules <= {"changed", "gone", "uncovered"}
        old = texts


def check_claim(was, now, old, texts):
    """Hold a claim that was read in the *old* edition against where it is now."""
    assert now.status in ("", "changed", "gone")
    if not was.status:
        said = [old[id_] for id_ in was.at]
        stands = [] if now.status == "gone" else [texts[id_] for id_ in now.at]
        assert {sentence for sentence in said if sentence in texts.values()} <= {*stands}
        assert now.status or all(sentence in " ".join(stands) for sentence in said)
    else:
        assert now.status in (was.status, "gone")


def test_a_label_is_given_once(tmp_path):
    """Where a paragraph is gone, a later one gets another label: claims that are gone may still name the old one."""
    blocks = [["One went"], ["Two stayed"]]
    base = written(tmp_path / "base", blocks, table=False)
    labels = []
    for more in (["Here a"], ["Here b", "Here a"], ["Here b"], ["Here c", "Here b"]):
        new = numbered([blocks[0], *([text] for text in more), blocks[1]])
        fixing.fix(load(base), new, {})
        labels.append([id_.removesuffix(".1") for id_ in labelled(load(base), new)])
    assert labels == [
        ["1", "1a", "2"],
        ["1", "1b", "1a", "2"],
        ["1", "1b", "2"],
        ["1", "1a", "1b", "2"],
    ]


def test_the_json_lines_are_carried_too(tmp_path):
    """Place for place; a line that gets a status is written anew."""
    blocks = [["One went. Two came", "Three stayed"], ["Four left"]]
    base = written(tmp_path / "base", blocks, table=False)
    (base / "claims" / "1.yaml").unlink()
    record = {"text": "A claim.", "kind": "fact", "actors": [], "countries": [], "date": "2019",
              "date_basis": "writing", "source": "article", "basis": "explicit"}  # fmt: skip
    path = base / "claims" / "1.jsonl"
    claims = [{"id": f"c{n}", **record, "at": [at]} for n, at in enumerate(["1.1", "1.2", "2.1"])]
    path.write_text("".join(f"{json.dumps(claim)}\n" for claim in claims), "utf-8")
    new = numbered([["One went.", "Two came", "Three stayed"], ["Four went"]])
    said = fixing.fix(load(base), new, {})
    assert said == "2 moved, 1 marked changed; files changed: 1.jsonl, article.yaml, digests.tsv"
    claims[0]["at"], claims[1]["at"] = ["1.1", "1.2"], ["1.3"]
    after = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert after == [*claims[:2], {**claims[2], "status": "changed"}]


@pytest.mark.parametrize(
    ("order", "sections"),
    [
        ("1 2 3 4 5", {"s1": "1 2", "s3": "3 4", "s5": "5"}),
        ("1 3 2 4 5", {"s1": "1 3 2", "s3": "4", "s5": "5"}),
        ("1 2 4 5", {"s1": "1 2", "s3": "4", "s5": "5"}),
        ("3 4 1 2 5", {"s3": "3 4", "s1": "1 2", "s5": "5"}),
        ("5 1 2 3 4", {"s5": "5", "s1": "1 2", "s3": "3 4"}),
        ("1 2 3 new 4 5", {"s1": "1 2", "s3": "3 3a 4", "s5": "5"}),
        ("new 1 2 3 4 5", {"s1": "0a 1 2", "s3": "3 4", "s5": "5"}),
        ("1 5 2 3 4", {"s1": "1 2", "s5": "5", "s3": "3 4"}),
    ],
)
def test_sections_keep_their_blocks(tmp_path, order, sections):
    """A block among those of another section belongs there, unless it is a whole section; a new one to that before it."""
    blocks = [[f"Sentence{n} stands"] for n in range(1, 6)]
    base = written(tmp_path / "base", blocks, table=False)
    new = [[f"Sentence{n} stands"] for n in order.split()]
    fixing.fix(load(base), numbered(new), {})
    assert {section.id: " ".join(section.blocks) for section in load(base).sections} == sections


def test_a_claim_that_is_gone_follows_no_sentence(tmp_path):
    """Its number may be another's by now; it covers none."""
    base = written(tmp_path / "base", [["One went", "Two came", "Three stayed"]], table=False)
    new = numbered([["One went", "Three stayed"]])
    assert "uncovered" not in {finding.rule for finding in verify(load(base), new).findings}
    fixing.fix(load(base), new, {})
    fixing.fix(load(base), numbered([["One went", "Four left", "Three stayed"]]), {})
    gone = [claim.at for claim in load(base).claims if claim.status == "gone"]
    assert gone == [("1.2",)]


def test_a_table_of_something_else_is_left_alone(tmp_path):
    """Only one with ids and texts is the table of sentences."""
    base = written(tmp_path / "base", [["One went"]], table=False)
    (base / "sentences.tsv").write_text("number\ttext\n1\tOne went\n", "utf-8")
    said = fixing.fix(load(base), numbered([["One went", "Two came"]]), {})
    assert said == "0 moved; files changed: article.yaml, digests.tsv"


def test_a_sentence_said_often_is_known_by_its_place():
    """In a long text too, and where its neighbours have changed."""
    often = (10, 60, 110, 160, 210)
    old = ["Yes." if n in often else f"Sentence {n}." for n in range(240)]
    new = [f"Other {n}." if {n - 1, n + 1} & {*often} else text for n, text in enumerate(old)]
    del new[10]
    fates = trace(digests_of(numbered([old])), numbered([new]))
    assert [fates[f"1.{n + 1}"] for n in often[1:]] == [Fate("moved", (f"1.{n}",)) for n in often[1:]]


@pytest.mark.parametrize(
    ("old", "new", "fates"),
    [
        (["A b. C d. E f."], ["A b.", "C d.", "E f."], [Fate("moved", ("1.1", "1.2", "1.3"))]),
        (["A b. C d.", "A b. C d."], ["A b.", "C d."], [Fate("moved", ("1.1", "1.2")), Fate("gone", ())]),
        (
            ["One two three four five."],
            ["One two three six seven.", "Other words are here."],
            [Fate("changed", ("1.1",))],
        ),
    ],
    ids=["split in three", "two alike, one left", "three words of five"],
)
def test_fates(old, new, fates):
    """What is split has moved, each new sentence is one old one, and some words of it make a new one its heir."""
    digests = {f"1.{n}": digest(text) for n, text in enumerate(old, 1)}
    sentences = {f"1.{n}": text for n, text in enumerate(new, 1)}
    texts = {digest(text): text for text in old}
    assert [*trace(digests, sentences, texts).values()] == fates
