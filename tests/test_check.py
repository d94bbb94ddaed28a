"""Each rule of check fires where it should, is silent where it should be, and can be switched off."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ARTICLE, SHIPPED, TINY
from hypothesis import given
from hypothesis import strategies as st

from afcli.authoring.article import read_table
from afcli.authoring.check import ClaimRules, Rule, check
from afcli.files.load import load
from afcli.model import Entity

TINY_FACTS = load(TINY)
SENTENCES = read_table(TINY / "sentences.tsv")
HOOKS = Path(__file__).parent.parent / ".pre-commit-hooks.yaml"


def claim(id_, text, date="2019", **more):
    """Return a claim of the small base as JSON, with these fields."""
    fields = {"kind": "fact", "actors": [], "countries": [], "date_basis": "writing", "source": "article",
              "basis": "explicit", "at": ["4.3"]}  # fmt: skip
    return json.dumps({"id": id_, "text": text, "date": date, **fields, **more}) + "\n"


SLOPPY = [
    claim("c007", "The ferry is blue; the port is red."),
    claim("c008", "They sold it."),
    claim("c009", "The ferry serves Atlantis, the African Union and Ivorians."),
    claim("c010", "Captain Mensah bought a ferry."),
    claim("c011", "The ferry is slow.", status="draft"),
    claim("c012", "The ferry sank.", date="2020-05"),
    claim("c013", "The ferry is old.", note="The text cites Orlova (2017)."),
    claim("c014", "The ferry is blue; the port is red.", explained={"not-atomic": "A proverb."}),
    claim("c015", "The ferry is green."),
    claim("c016", "The ferry is tall.", asks=["is the ship high", "how high is the ship now"]),
    claim("c017", "The ferry is wide.", status="proposed", by="a script", kind="quote"),
    claim("c018", "The ferry is long.", status="changed", read_by="Ann", read_on="2020-02-01"),
    claim("c019", "The ferry is new.", status="gone"),
]
SEARCH = """\
search:
  - id: c015
    asks: [which colour, what paint, is it blue, is it red, is it black, hue of hull]
    terms: [verdant, owing it]
"""


@pytest.fixture
def sloppy(base):
    """Return a copy of the small base that breaks every rule once, and explains one more."""
    (base / "claims" / "3-sloppy.jsonl").write_text("".join(SLOPPY), "utf-8")
    (base / "search").mkdir()
    (base / "search" / "3-sloppy.yaml").write_text(SEARCH, "utf-8")
    entities = (base / "entities.yaml").read_text("utf-8")
    crew = "  - { id: crew, name: The ferry crew, type: people, aliases: [Captain-Mensah] }\n"
    (base / "entities.yaml").write_text(entities + crew, "utf-8")
    entry = "  - { id: lists, type: book, author: [{ literal: Port }], issued: 2001, custom: { number: 3, explained: { missing-field: Not printed. } } }\n"
    sources = (base / "bibliography.yaml").read_text("utf-8")
    (base / "bibliography.yaml").write_text(sources + entry, "utf-8")
    return base


LIFE = "15 of 19 read, 1 draft, 1 proposed, 1 changed, 1 gone\n"
EXPECTED = """\
bibliography.yaml:10: missing-field: costs has no author; add author or editor, or explain it
bibliography.yaml:10: missing-field: costs has no outlet; add container-title or publisher, or explain it
bibliography.yaml:15: unused-source: lists (number 3) carries no claim; name it in one, or explain it
claims/3-sloppy.jsonl:1: not-atomic: c007 has a semicolon; make two claims of it
claims/3-sloppy.jsonl:2: pronoun: c008 says 'They' without saying what that is; name it
claims/3-sloppy.jsonl:3: untagged: c009 names African Union, but regions lacks african-union; add it
claims/3-sloppy.jsonl:3: untagged: c009 names Atlantis, but countries lacks x-atlantis; add it
claims/3-sloppy.jsonl:3: untagged: c009 names Côte d’Ivoire, but countries lacks CI; add it
claims/3-sloppy.jsonl:4: untagged: c010 begins with Kofi Mensah, but actors lacks mensah; add it
claims/3-sloppy.jsonl:5: draft: c011 is a draft; rewrite it and remove its status
claims/3-sloppy.jsonl:6: horizon: c012 is a fact of 2020-05, after the article (2019-12-31); make it a forecast, or correct the date
claims/3-sloppy.jsonl:7: citation-year: c013 cites Orlova 2017, but the bibliography has 2018
claims/3-sloppy.jsonl:10: near-copy: c016 asks 'is the ship high' and 'how high is the ship now', nearly the same; keep one
claims/3-sloppy.jsonl:11: unquoted: c017 is a quote, but quotes nothing; correct its kind, or quote in “ ”
claims/3-sloppy.jsonl:11: unread: c017 is proposed but not read yet; compare it with its sentences, then remove its status
claims/3-sloppy.jsonl:12: unread: c018 is based on sentences that have changed since it was read; compare it with its sentences, then remove its status
claims/3-sloppy.jsonl:13: unread: c019 is based on sentences that are no longer in the article; compare it with its sentences, then remove its status
entities.yaml:15: shared-alias: crew is called 'Captain-Mensah', and mensah 'Captain Mensah'; give it to one of them
search/3-sloppy.yaml:2: own-word: c015 has the term 'owing it', which its own sentences say; remove it
search/3-sloppy.yaml:2: too-many: c015 has 6 asks; keep the best 5
"""


def test_every_rule_fires_once(afcli, sloppy):
    """In the form file:line: rule: message, by file and line."""
    ran = afcli("check", "--all", sloppy, "--article", sloppy / "sentences.tsv", facts=None)
    expected = "".join(f"{sloppy}/{line}\n" for line in EXPECTED.splitlines())
    assert (ran.out, ran.err, ran.status) == (
        expected,
        f"{LIFE}19 claims and 3 sources checked: 20 warnings\n",
        1,
    )
    assert {line.split(": ")[1] for line in EXPECTED.splitlines()} == {str(rule) for rule in Rule}


def test_as_json(afcli, sloppy):
    """The same, field by field."""
    ran = afcli("check", "--json", facts=sloppy)
    lines = [f"{r['file']}:{r['line']}: {r['rule']}: {r['id']} {r['message']}\n" for r in json.loads(ran.out)]
    assert "".join(lines) == afcli("check", "--all", facts=sloppy).out
    assert ran.status == 1


def test_rules_are_switched_off(afcli, sloppy):
    """One by one, until nothing is left."""
    off = [part for rule in Rule if rule != "draft" for part in ("--without", rule)]
    ran = afcli("check", *off, facts=sloppy)
    assert ran.out == f"{sloppy}/{EXPECTED.splitlines()[9]}\n"
    ran = afcli("check", *off, "--without", "draft", facts=sloppy)
    assert (ran.out, ran.err, ran.status) == ("", f"{LIFE}19 claims and 3 sources checked: 0 warnings\n", 0)
    assert afcli("check", *off, "--without", "draft", "--json", facts=sloppy).out == "[]\n"


def test_an_unknown_rule_is_refused(afcli):
    """The message names those that there are."""
    ran = afcli("check", "--without", "grammar")
    assert ran.err == (
        "afcli check: invalid value for '--without': 'grammar' is not one of 'not-atomic', 'pronoun', 'unquoted', 'untagged', "
        "'draft', 'unread', 'horizon', 'shared-alias', 'unused-source', 'citation-year', 'missing-field', 'too-many', "
        "'near-copy', 'own-word'; "
        "see afcli check --help\n"
    )
    assert (ran.out, ran.status) == ("", 2)


def test_a_broken_format_comes_first(afcli, sloppy):
    """Nothing is warned of before the files can be read."""
    path = sloppy / "claims" / "3-sloppy.jsonl"
    path.write_text(path.read_text("utf-8").replace("draft", "ready"), "utf-8")
    ran = afcli("check", facts=sloppy)
    assert (ran.out, ran.status) == ("", 3)
    assert ran.err == (
        f"{path}:5: status: 'ready' is not valid here; use draft, proposed, changed or gone; leave it out once the claim was read against its sentences\n"
        "afcli: 1 problem in the facts; correct them first\n"
    )


def test_a_directory_without_facts(afcli, tmp_path):
    """The argument is named, not an option that was not given."""
    ran = afcli("check", tmp_path)
    assert (
        ran.err == f"afcli: DIR: '{tmp_path}' is not a fact base; name a directory that holds article.yaml\n"
    )
    assert (ran.out, ran.status) == ("", 2)


def test_the_shipped_facts_are_clean(afcli):
    """Whatever is right as it stands is explained there."""
    ran = afcli("check", SHIPPED)
    assert (ran.out, ran.status) == ("", 0)


@pytest.mark.skipif(not ARTICLE.exists(), reason="needs the text of the article, which is not published")
def test_no_shipped_term_is_a_word_of_its_sentences(afcli):
    """And every shipped claim has asks."""
    ran = afcli("check", SHIPPED, "--article", ARTICLE, "--with", "unasked")
    assert (ran.out, ran.status) == ("", 0)


def said(text, sentences=None, **more):
    """Return the rules that fire on a claim with this text."""
    changed = TINY_FACTS.claims[5]._replace(text=text, **more)
    facts = TINY_FACTS._replace(claims=(*TINY_FACTS.claims[:5], changed))
    return [str(remark.rule) for remark in check(facts, sentences=sentences) if remark.where == "c006"]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("The ferry is old. The port is new.", ["not-atomic"]),
        ("The ferry was sold, and the port was closed.", ["not-atomic"]),
        ("The ferry crossed the bay, but the master stayed.", ["not-atomic"]),
        ("The ferry was sold, but it stayed.", ["not-atomic"]),
        ("Ferries were sold to ports, masters, and other buyers.", []),
        ("Ports, masters, and other buyers have asked for ferries.", []),
        ("Dr. Vale and Gen. Orlova of St. Ives said that the ferry, old and slow, was sold.", []),
        ("The master sang “The sea; the sea. Come home”.", []),
        ("It was sold.", ["pronoun"]),
        ("This harms the port.", ["pronoun"]),
        ("In 2019 they sold a ferry.", ["pronoun"]),
        ("Their ferry was sold.", ["pronoun"]),
        ("It is open whether the ferry was sold.", []),
        ("According to the port it is hard to say how old the ferry is.", []),
        ("Before he sold the ferry, Vale wept.", []),
        ("The port said that it would pay.", []),
    ],
)  # fmt: skip
def test_what_counts_as_sloppy_wording(text, rules):
    """And what, though near it, does not."""
    assert said(text, countries=()) == rules


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("South African ferries are old.", ["untagged"]),
        ("The post-Ivorian ferries are old.", []),
        ("The ci and the za are words.", []),
        ("The Port Authority sold a ferry.", ["untagged"]),
        ("The Port Authority’s ferry left.", []),
        ("The Port Authority of the South left.", []),
        ("A ferry left the Port Authority.", []),
        ("The Port Authority had 3 ferries.", []),
        ("The Port Authority has sold 3 ferries.", ["untagged"]),
        ("The Port Authority seems old.", []),
        ("The Port Authority never pays.", ["untagged"]),
        ("The Port Authority and Vale sold ferries.", ["untagged"]),
        ("The Port Authority and other bodies are feared.", []),
        ("The Port Authority statue fell.", []),
        ("The Port Authority ferry was sold.", []),
        ("The Port Authority stands on a hill.", []),
        ("The Port Authority has long been closed.", []),
        ("The Port Authority has little money.", []),
    ],
)
def test_what_counts_as_named(text, rules):
    """Countries and regions wherever they stand, an actor only where it acts; a namesake and what is in some state do not."""
    assert said(text, countries=()) == rules


def test_a_country_in_the_name_of_a_body_is_not_named():
    """The longest name is meant."""
    bank = Entity("bank", "South African Bank", "organisation")
    facts = TINY_FACTS._replace(entities={**TINY_FACTS.entities, "bank": bank})
    claim = TINY_FACTS.claims[5]._replace(text="A ferry left the South African Bank.", countries=())
    assert list(ClaimRules(facts).amiss(claim)) == []


def test_the_horizon_is_for_what_has_happened():
    """What will come may lie beyond the article."""
    later = {"text": "A ferry left.", "countries": (), "date": "2020", "interval": TINY_FACTS.claims[0].interval._replace(end="2020-12-31")}  # fmt: skip
    assert said(**later) == []
    assert said(**later, kind="report") == ["horizon"]


@pytest.mark.parametrize(
    ("fields", "rules"),
    [
        ({"asks": [f"what{number}" for number in range(5)], "terms": [f"word{number}" for number in range(10)]}, []),
        ({"asks": [f"what{number}" for number in range(6)]}, ["too-many"]),
        ({"terms": [f"word{number}" for number in range(11)]}, ["too-many"]),
        ({"terms": [f"word{number}" for number in range(11)], "explained": {"too-many": "All are said."}}, []),
        ({"asks": ["who pays the bill", "who paid bills"]}, ["near-copy"]),
        ({"asks": ["debt of rich islands", "debt of small islands"]}, ["near-copy"]),
        ({"asks": ["debt of rich islands", "debt of small harbours"]}, []),
        ({"asks": ["old", "new", "an old one"]}, ["near-copy"]),
        ({"asks": ["who is it", "what is that"]}, []),
        ({"asks": ["debt of rich islands", "debt of small islands"], "explained": {"near-copy": "Both are asked."}}, []),
        ({"terms": ["costs"]}, ["own-word"]),
        ({"terms": ["cost of Atlantis"]}, ["own-word"]),
        ({"terms": ["cost of debt", "price", "master", "Атлантида", "—"]}, []),
        ({"terms": ["costs"], "at": ("4.2", "4.3")}, ["own-word"]),
        ({"terms": ["costs"], "at": ("4.2",)}, []),
        ({"terms": ["costs"], "at": ("9.9",)}, []),
        ({"terms": ["costs"], "explained": {"own-word": "It is looked for."}}, []),
    ],
)  # fmt: skip
def test_what_counts_as_sloppy_search_fields(fields, rules):
    """And what, though near it, does not."""
    assert said("A ferry left.", **{"countries": (), "at": ("4.3",)} | fields, sentences=SENTENCES) == rules


def test_long_lists_are_summed_by_rule(afcli, base):
    """The first three of each rule, in their places, and how many there are; all of them only if asked."""
    path = base / "claims" / "1-opening.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("    kind:", "    status: draft\n    kind:"), "utf-8")
    other = base / "claims" / "2-quarrel.yaml"
    other.write_text(other.read_text("utf-8").replace("    kind:", "    status: draft\n    kind:"), "utf-8")
    everything = afcli("check", "--all", base)
    lines = everything.out.splitlines(keepends=True)
    assert [": draft:" in line for line in lines].count(True) == 6
    drafts = [line for line in lines if ": draft:" in line]
    ran = afcli("check", base)
    assert ran.out == "".join(line for line in lines if line not in drafts[3:])
    assert ran.err == "6 draft: the first three of each are shown; --all shows all\n" + everything.err
    assert "first three" not in everything.err
    assert len(json.loads(afcli("check", "--json", base).out)) == len(lines)


def test_claims_without_asks_are_named_where_that_is_asked_for(afcli, sloppy):
    """At the search entry where there is one, else at the claim; it may be explained."""
    off = [part for rule in Rule for part in ("--without", rule)]
    search = sloppy / "search" / "3-sloppy.yaml"
    search.write_text("search:\n\n  - id: c015\n    terms: [verdant]\n", "utf-8")
    path = sloppy / "claims" / "3-sloppy.jsonl"
    path.write_text(claim("c015", "A.") + claim("c016", "A.", asks=["who"]) + claim("c017", "A.")
                    + claim("c018", "A.", explained={"unasked": "Nobody asks."}), "utf-8")  # fmt: skip
    ran = afcli("check", "--all", *off, "--with", "unasked", facts=sloppy)
    assert ran.out.splitlines()[6:] == [
        f"{path}:3: unasked: c017 has no asks; add questions that it answers",
        f"{search}:3: unasked: c015 has no asks; add questions that it answers",
    ]
    assert (ran.err, ran.status) == ("10 claims and 3 sources checked: 8 warnings\n", 1)
    assert afcli("check", *off, facts=sloppy).status == 0


def test_an_article_that_cannot_be_read(afcli, tmp_path):
    """It ends as that of verify."""
    ran = afcli("check", "--article", tmp_path / "none.tsv")
    assert (ran.out, ran.status) == ("", 2)
    assert ran.err == (
        f"afcli: --article: '{tmp_path}/none.tsv': No such file or directory; name a readable file in UTF-8\n"
    )


@given(st.text(max_size=80) | st.text("Iit ,;.A-'’“”1and was ", max_size=80))
def test_no_text_breaks_a_rule(text):
    """Whatever somebody writes is judged, not choked on."""
    said(text)


def test_the_hook_runs_the_check(afcli, base):
    """For the files of a fact base, as `pre-commit` reads it, with the directory as its argument."""
    [hook] = yaml.safe_load(HOOKS.read_text("utf-8"))
    program, *args = hook["entry"].split()
    assert (hook["id"], program, hook["pass_filenames"]) == ("afcli-check", "afcli", False)
    assert shutil.which(program, path=str(Path(sys.executable).parent))
    ran = afcli(*args, base, facts=None)
    assert (ran.err, ran.status) == ("6 claims and 2 sources checked: 2 warnings\n", 1)
    (base / "search").mkdir()
    (base / "search" / "1.yaml").touch()
    held = [path.relative_to(base.parent).as_posix() for path in sorted(base.rglob("*.*"))]
    chosen = [name for name in held if re.search(hook["files"], name)]
    assert chosen == [name for name in held if not name.endswith(".tsv")]


def test_an_entry_without_a_title_is_still_cited(afcli, base):
    """It may be missing, as any other field."""
    path = base / "bibliography.yaml"
    path.write_text(path.read_text("utf-8").replace("    title: The costs of crossing\n", ""), "utf-8")
    ran = afcli("check", "--without", "draft", facts=base)
    assert f"{path}:10: missing-field: costs has no title; add title, or explain it\n" in ran.out
    assert afcli("source", "2", "--json", facts=base).status == 0
