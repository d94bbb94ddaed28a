"""Search fields in files of their own, beside the claims."""

import json

import pytest
from conftest import run

from afcli.files.load import Reader


def write(base, text):
    """Put a file of search fields into *base*."""
    folder = base / "search"
    folder.mkdir()
    (folder / "1-opening.yaml").write_text(text, "utf-8")


def test_a_claim_is_found_by_what_stands_beside_it(base):
    """And no longer when the file goes."""
    write(base, "search:\n  - id: c001\n    asks: [how long does the boat ply]\n    terms: [paquebot]\n")
    assert run("find", "paquebot", facts=base).out.startswith("c001\t")
    assert run("find", "how long does the boat ply", facts=base).out.startswith("c001\t")
    (base / "search" / "1-opening.yaml").unlink()
    assert run("find", "paquebot", facts=base).status == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "search:\n  - id: c001\n    terms: [x]\n  - id: c999\n    terms: [x]\n",
            "4: there is no claim 'c999'; correct the id, or remove the entry",
        ),
        (
            "search:\n  - id: c001\n    terms: [x]\n  - id: c001\n    terms: [y]\n",
            "4: 'c001' appears twice among the search fields; join the two entries",
        ),
    ],
    ids=["unknown", "twice"],
)
def test_an_entry_that_fits_no_claim_is_told(base, text, complaint):
    """With its file and line."""
    write(base, text)
    ran = run("list", facts=base)
    assert (ran.status, ran.out) == (3, "")
    assert f"1-opening.yaml:{complaint}\n" in ran.err


def test_search_fields_stand_in_one_place(base):
    """In the claim or beside it."""
    path = base / "claims" / "1-opening.yaml"
    path.write_text(path.read_text("utf-8").replace("    kind:", "    terms: [boat]\n    kind:", 1), "utf-8")
    write(base, "search:\n  - id: c001\n    terms: [x]\n")
    assert (
        "c001 has search fields here and in 1-opening.yaml:2; keep one of the two"
        in run("list", facts=base).err
    )


def test_what_no_lookup_answers_with_is_read_for_a_cluster(base):
    """From YAML, from JSON Lines with a blank line between, and from beside the claims."""
    write(base, "search:\n  - id: c001\n    terms: [x]\n  - id: n2\n    asks: [is it]\n")
    records = {"id": "n1", "explained": {"run": "A title."}}, {"id": "n2", "terms": ["own"]}
    text = "".join(json.dumps(record) + "\n\n" for record in records)
    (base / "claims" / "9.jsonl").write_text(text, "utf-8")
    found = dict(Reader(base).authored())
    assert found["c001"] == {"terms": ["x"]}
    assert found["n1"] == {"explained": {"run": "A title."}}
    assert found["n2"] == {"asks": ["is it"], "terms": ["own"]}
    assert list(found)[-2:] == ["n1", "n2"]
