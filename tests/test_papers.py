"""Claims cited in a paper: what pandoc makes of them, what is unknown, and what changed since they were read."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import HOME, SHIPPED, TINY, needs_pandoc, run

import afcli
from afcli.citing.cited_keys import mentions
from afcli.citing.pandoc import program
from afcli.citing.pandoc_document import Keys, PaperError, cite_claims
from afcli.citing.styles import built_in, is_note_style
from afcli.cli import pandoc_filter

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parent.parent


def pandoc(paper, *args, style="apa", form="markdown", facts=SHIPPED, cwd=None):
    """Return what pandoc makes of a paper through the filter as it is installed."""
    env = {"PATH": f"{BIN}:{Path(program()).parent}:/usr/bin:/bin", "HOME": HOME, "LC_ALL": "C.UTF-8"}
    env |= {"AFCLI_FACTS": str(facts)} if facts else {}
    command = [
        "pandoc",
        "-f",
        form,
        "-t",
        "plain",
        "--wrap=none",
        "--filter",
        "afcli-cite",
        "--citeproc",
        "--csl",
        style,
        *args,
    ]
    given = paper.encode() if paper else None
    return subprocess.run(command, input=given, env=env, capture_output=True, check=False, cwd=cwd)


def paragraphs(paper, **more):
    """Return the paragraphs of what pandoc prints, with the numbers of notes taken off."""
    done = pandoc(paper, **more)
    assert (done.stderr, done.returncode) == (b"", 0)
    return [paragraph.strip() for paragraph in done.stdout.decode().split("\n\n") if paragraph.strip()]


BEHIND = {
    "ieee": "[1], sec. “{}”",
    "american-medical-association": "^(1, sec. “{}”)",
}
"""The styles in which a place of several words stands behind the number."""


@pytest.mark.slow
@needs_pandoc
@pytest.mark.parametrize("ref", ["c072", "c042", "c161", "6"])
@pytest.mark.parametrize("style", built_in())
def test_a_citation_in_a_paper_is_that_of_cite(style, ref):
    """In the text and in the bibliography: a claim through its source, the article's own, an inferred one, a source."""
    facts = afcli.open(SHIPPED)
    cited = facts.cite(ref, style=style)
    shown = paragraphs(f"[@{ref}]\n", style=style)
    if is_note_style(style):
        shown = [shown[-1].removeprefix("[1] "), *shown[1:-1]]
    text = cited.text
    if style in BEHIND and ref in ("c042", "c161"):
        text = BEHIND[style].format(facts[ref].section.title)
    assert shown == [text, *cited.bibliography]


PLACE = "Section “Collective Security Treaty Organisation”"
WRITTEN = {
    "[@c072, p. 3; @6]": "(Silaev, 2021, as cited in Arntz & Kemper, 2021, p. 3; Panfilova, 2021)",
    "@c072 says": f"Silaev (2021, as cited in Arntz & Kemper, 2021, {PLACE}) says",
    "[-@c072]": f"(2021, as cited in Arntz & Kemper, 2021, {PLACE})",
    "[see @C072, emphasis mine]": f"(see Silaev, 2021, as cited in Arntz & Kemper, 2021, {PLACE}, emphasis mine)",
    "@c042 [p. 4]": "Arntz & Kemper (2021, p. 4)",
    "[@c071; @c072]": f"(Silaev, 2021, as cited in Arntz & Kemper, 2021, {PLACE})",
    "[@c042; @roy]": "(Arntz & Kemper, 2021, Section “Russia’s man in Afghanistan”; Roy, 2000)",
    "[@silaev-allies, para. 3]": "(Silaev, 2021, para. 3)",
    "[^1]\n\n[^1]: In a note [@c042, p. 1].": "[1]",
}  # fmt: skip
OWN = (
    "---\nreferences:\n- {id: roy, type: book, title: Own, author: [{family: Roy}], issued: '2000'}\n---\n\n"
)


@pytest.mark.slow
@needs_pandoc
@pytest.mark.parametrize("written", WRITTEN)
def test_every_way_to_cite_works(written):
    """With prefixes, places, names in the text, and the author's own keys."""
    assert paragraphs(f"{OWN}{written}\n")[0] == WRITTEN[written]


@pytest.mark.slow
@needs_pandoc
@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("org", "So [cite:@c072 p. 3;@6], and [cite/t:@c042 p. 4]."),
        ("latex", r"So \citep[p. 3]{c072} \citep{6}, and \citet[p. 4]{c042}."),
    ],
)
def test_org_and_latex_cite_too(form, written):
    """As pandoc reads them."""
    shown = paragraphs(written, form=form)
    assert "Silaev, 2021, as cited in Arntz & Kemper, 2021, p. 3" in shown[0]
    assert "Panfilova, 2021" in shown[0]
    assert shown[0].endswith("and Arntz & Kemper (2021, p. 4).")
    assert len(shown) == 3


@pytest.mark.slow
@needs_pandoc
def test_unknown_claims_stop_pandoc_with_their_lines(tmp_path):
    """All at once; keys that do not look like ours are pandoc's business."""
    (tmp_path / "paper.md").write_text("Fine [@c072].\n\nNot @c999 [@99; @fig-1; @x12].\n", "utf-8")
    done = pandoc("", "paper.md", cwd=tmp_path)
    assert done.returncode == 83
    assert done.stderr.decode().splitlines()[:3] == [
        "paper.md:3: no claim called 'c999'; did you mean c099 or c199 or c299?",
        "paper.md:3: no source is numbered 99",
        "afcli: citations that match nothing in the facts: 2",
    ]


@pytest.mark.slow
@needs_pandoc
def test_the_paper_chooses_its_facts_and_its_own_style(tmp_path):
    """In its head; a style from a file that pandoc finds; several bases by their names."""
    head = f"---\nafcli-facts: {TINY}\n---\n\n"
    assert (
        paragraphs(f"{head}[@c002]\n", facts=None)[0]
        == "(Orlova, 2018, as cited in Vale, 2019, Section “Opening”)"
    )
    several = f"---\nafcli-facts: ['{TINY}', '{SHIPPED}']\n---\n\n"
    assert paragraphs(f"{several}[@arntz2021/c042, p. 1; @vale2019/1]\n", facts=None)[0] == (
        "(Arntz & Kemper, 2021, p. 1; Orlova, 2018)"
    )
    style = tmp_path / "mine.csl"
    style.write_bytes((ROOT / "src/afcli/citing/styles/apa.csl").read_bytes())
    # A style that afcli does not know has no words for it: both are cited.
    assert paragraphs("[@c072, p. 3]\n", style=str(style))[0] == "(Arntz & Kemper, 2021, p. 3; Silaev, 2021)"
    done = pandoc("[@c072]\n", style="none.csl")
    assert done.stderr.startswith(b"afcli: pandoc cannot use the paper's style: ")


def document(*keys, meta=None, mode="NormalCitation"):
    """Return a document with one citation of *keys*."""
    cited = [
        {"citationId": key, "citationPrefix": [], "citationSuffix": [], "citationMode": {"t": mode}}
        for key in keys
    ]
    cite = {"t": "Cite", "c": [cited, [{"t": "Str", "c": "?"}]]}
    return {"pandoc-api-version": [1, 23], "meta": meta or {}, "blocks": [{"t": "Para", "c": [cite]}]}


BASE = afcli.open(TINY).base


def test_sources_need_no_pandoc():
    """Their items are given to citeproc; what is not ours is not touched."""
    done = cite_claims(document("1", "own"), BASE, str)
    [cite] = done["blocks"][0]["c"]
    assert [citation["citationId"] for citation in cite["c"][0]] == ["orlova-ferry", "own"]
    [item] = done["meta"]["references"]["c"]
    assert item["c"]["id"] == {"t": "MetaString", "c": "orlova-ferry"}
    assert cite_claims(document("own", "fig:12"), BASE, str) == document("own", "fig:12")


def test_the_authors_own_keys_come_before_those_of_sources(tmp_path):
    """In the paper's head, and in every kind of file that it names."""
    for name, text in {
        "a.bib": "@book{orlova-ferry,\n title={x}}",
        "a.json": '[{"id": "orlova-ferry"}]',
        "a.yaml": "references:\n- id: orlova-ferry\n",
        "a.ris": "TY  - BOOK\nID  - orlova-ferry\nER  - \n",
    }.items():
        (tmp_path / name).write_text(text, "utf-8")
        meta = {"bibliography": {"t": "MetaString", "c": str(tmp_path / name)}}
        assert cite_claims(document("orlova-ferry", meta=dict(meta)), BASE, str)["meta"] == meta
    entry = {"t": "MetaMap", "c": {"id": {"t": "MetaInlines", "c": [{"t": "Str", "c": "orlova-ferry"}]}}}
    meta = {"references": {"t": "MetaList", "c": [entry]}, "bibliography": {"t": "MetaString", "c": "/nowhere.bib"}}  # fmt: skip
    assert len(cite_claims(document("orlova-ferry", meta=meta), BASE, str)["meta"]["references"]["c"]) == 1


def test_what_is_unknown_is_named_at_once():
    """What does not look like a claim or a source of this base is not."""
    with pytest.raises(PaperError) as error:
        cite_claims(document("c099", "77", "x12", "fig:3"), BASE, lambda key: f"p.md:{len(key)}: ")
    assert error.value.lines() == [
        "p.md:4: no claim called 'c099'",
        "p.md:2: no source is numbered 77",
        "afcli: citations that match nothing in the facts: 2",
    ]
    assert Keys(BASE).claims(["C001", "c001", "1", "x"]).keys() == {"C001", "c001"}


@pytest.mark.parametrize(
    "given", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"blocks": 1, "meta": 7}'], ids=repr
)
def test_what_is_no_document_is_said_in_a_line(given):
    """No traceback."""
    env = {"HOME": HOME, "AFCLI_FACTS": str(TINY), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [BIN / "afcli-cite", "html"], input=given, env=env, capture_output=True, check=False
    )
    assert (done.stdout, done.returncode) == (b"", 2)
    assert done.stderr == b"afcli: standard input is not a pandoc document; run pandoc --filter afcli-cite\n"


def test_without_an_input_the_filter_tells_its_use(monkeypatch, capsys):
    """Where standard input is closed."""
    monkeypatch.setattr(sys, "stdin", None)
    assert pandoc_filter.run([]) == 0
    assert capsys.readouterr().out.startswith("afcli-cite is a filter for pandoc: ")


PAPER = """\
As @c002 has it [see @c003, p. 5; -@c002]; mail a@c004.org, an escaped \\@c005.

```
@c006 in code
```

And `@c006` [@{c001}], @c001.
"""


def test_the_keys_of_a_paper_are_found_with_their_lines():
    """In Markdown, Org and LaTeX; not in code, not in addresses."""
    assert mentions(PAPER) == {"c002": [1], "c003": [1], "c001": [7]}
    assert mentions("[cite/t:see @c001 p. 3;@6] cite:c002\n#+begin_src x\n@c003\n#+end_src\n") == {
        "c001": [1],
        "6": [1],
        "c002": [1],
    }
    assert mentions("\\citep[see][p. 3]{c001, c002}\n\\textcite*{c003}\n\\cite {c001}") == {
        "c001": [1, 3],
        "c002": [1],
        "c003": [2],
    }


def test_what_a_paper_cites_is_listed(tmp_path):
    """Each claim once, with its lines; what is unknown on standard error."""
    paper = tmp_path / "paper.md"
    paper.write_text(f"{PAPER}\nAnd @C002 and @c099 and [@9].\n", "utf-8")
    ran = run("cite", "--list", paper)
    listed = [line.split("\t")[:3] for line in ran.out.splitlines()]
    assert listed == [["c002", "new", "1,9"], ["c003", "new", "1"], ["c001", "new", "7"]]
    assert ran.err == f"{paper}:9: no claim called 'c099'\n{paper}:9: no source is numbered 9\n"
    assert ran.status == 1
    records = json.loads(run("cite", "--list", paper, "--json").out)
    assert [record["standing"] for record in records] == ["new", "new", "new", "unknown", "unknown"]
    assert records[0]["text"] == afcli.open(TINY)["c002"].text


@pytest.mark.parametrize("suffix", [".md", ".qmd", ".org", ".tex"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=repr)
def test_a_stamp_tells_what_changed(base, tmp_path, suffix, end):
    """A comment that pandoc does not print; a second stamp replaces the first and nothing else."""
    paper = tmp_path / f"paper{suffix}"
    written = "\\cite{c001} and \\cite{c002}." if suffix == ".tex" else "[@c001] and [@c002]."
    paper.write_bytes(f"{written}{end}".encode())
    paper.chmod(0o640)
    assert run("cite", "--list", paper, "--stamp", facts=base).status == 0
    stamped = paper.read_bytes()
    assert stamped.startswith(f"{written}{end}{end}".encode())
    assert stamped.count(b"\r\n") == (stamped.count(b"\n") if end == "\r\n" else 0)
    assert paper.stat().st_mode & 0o777 == 0o640
    assert [line.split("\t")[1] for line in run("cite", "--list", paper, facts=base).out.splitlines()] == [
        "same"
    ] * 2
    path = base / "claims" / "1-opening.yaml"
    text = afcli.open(base)["c002"].text
    path.write_text(path.read_text("utf-8").replace(text, f"It is said that {text}"), "utf-8")
    ran = run("cite", "--list", paper, facts=base)
    assert [line.split("\t")[1] for line in ran.out.splitlines()] == ["same", "changed"]
    assert ran.status == 1
    assert run("cite", "--list", paper, "--stamp", facts=base).status == 0
    assert run("cite", "--list", paper, facts=base).status == 0
    again = paper.read_bytes()
    assert len(again) == len(stamped)
    assert again != stamped


def test_a_paper_that_cannot_be_read_or_cites_nothing_is_said(tmp_path):
    """In one line each."""
    (tmp_path / "a.md").write_bytes(b"\xff")
    (tmp_path / "b.md").write_text("Nothing here.\n")
    for args, said, status in (
        (["--list", tmp_path / "none.md"], f"afcli: --list: {tmp_path}/none.md cannot be read: no such file or directory", 2),
        (["--list", tmp_path], f"afcli: --list: {tmp_path} cannot be read: is a directory", 2),
        (["--list", tmp_path / "a.md"], f"afcli: --list: {tmp_path}/a.md is not text in UTF-8; save it as Markdown, Org or LaTeX", 2),
        (["--list", tmp_path / "b.md"], f"{tmp_path}/b.md cites no claim of these facts", 1),
        (["--stamp"], "afcli cite: --list PAPER [--stamp] takes no references; leave them out; see afcli cite --help", 2),
        (["--list", tmp_path / "b.md", "1"], "afcli cite: --list PAPER [--stamp] takes no references; leave them out; see afcli cite --help", 2),
    ):  # fmt: skip
        ran = run("cite", *args)
        assert (ran.out, ran.err, ran.status) == ("", f"{said}\n", status)
