"""The shipped facts are complete and hold against the article, where that is at hand."""

import re

import pytest
from conftest import ARTICLE, SHIPPED

from afcli.facts import load
from afcli.model import Kind
from afcli.verify import coverage, read_sentences

FACTS = load(SHIPPED)


def test_the_article_verifies(afcli):
    """Through the installed command: no sentence uncovered, nothing copied, nothing that is not there."""
    if not ARTICLE.exists():
        pytest.skip("the article's text is not part of the repository")
    ran = afcli("verify", "--article", ARTICLE, facts=SHIPPED)
    assert (ran.out, ran.err, ran.status) == (
        "",
        "".join(f"{p.covered} of {p.total} sentences have a claim: {p.title}\n" for p in coverage(FACTS))
        + f"{len(FACTS.claims)} unchanged, 0 moved, 0 changed, 0 gone\n"
        + f"{len(FACTS.claims)} claims held against the article: 0 finding(s)\n",
        0,
    )


def test_the_outline_has_the_sentences_of_the_article():
    """Block by block."""
    if not ARTICLE.exists():
        pytest.skip("the article's text is not part of the repository")
    outline = {
        f"{b}.{n}" for s in FACTS.sections for b, (_, count) in s.blocks.items() for n in range(1, count + 1)
    }
    assert outline == set(read_sentences(ARTICLE))


def test_every_statement_has_a_claim():
    """Also without the article's text: the outline says which sentences state something."""
    assert [part for part in coverage(FACTS) if part.covered < part.total] == []


RETIRED = {"c110", "c295"}
"""Ids of claims that said what another says; never to be given again."""


def test_ids_are_numbered_without_a_gap():
    """No id was ever given twice or lost."""
    numbered = {f"c{n:03}" for n in range(1, len(FACTS.claims) + len(RETIRED) + 1)}
    assert {c.id for c in FACTS.claims} == numbered - RETIRED


def test_every_kind_of_claim_is_there():
    """Questions and forecasts were not turned into facts."""
    assert {c.kind for c in FACTS.claims} == {str(kind) for kind in Kind}


def test_no_claim_is_said_twice():
    """Nothing is padded."""
    assert len({c.text for c in FACTS.claims}) == len(FACTS.claims)


def test_a_quotation_is_short_and_has_a_speaker():
    """At most seven words, and somebody who says them."""
    for claim in FACTS.claims:
        assert all(len(q.split()) <= 7 for q in re.findall("“([^”]+)”", claim.text)), claim.id
        assert claim.kind != "quote" or claim.said_by, claim.id


def test_claims_stand_alone():
    """None begins with a word that points outside it."""
    pointing = re.compile(
        r"(He|She|It|They|This|These|That|Those|Both|Such|His|Her|Their|Its) (?!is (an open|unknown|unclear|hard|difficult))"
    )
    assert [c.id for c in FACTS.claims if pointing.match(c.text) and not c.text.startswith("That ")] == []


def test_every_actor_acts_somewhere():
    """A name that is only mentioned is a place or a topic."""
    acting = {actor.id for claim in FACTS.claims for actor in claim.actors}
    listed = {e.id for e in FACTS.entities.values() if e.type not in ("country", "region", "place", "topic")}
    assert listed - acting == set()


def test_who_says_it_is_an_actor():
    """`--actor` finds every claim by its speaker."""
    silent = {c.id for c in FACTS.claims if not {s.id for s in c.said_by} <= {a.id for a in c.actors}}
    assert silent == set()


@pytest.mark.parametrize(
    "struck",
    [
        "Moscow format",
        "Arab Spring",
        "Turkmenbashi",
        "ruling party",
        "hostages",
        "near Dushanbe",
        "Caspian coast",
    ],
)
def test_search_fields_do_not_add_to_the_article(struck):
    """What is true from elsewhere would seem to be confirmed by the answer."""
    assert [c.id for c in FACTS.claims if struck.lower() in " ".join((*c.asks, *c.terms)).lower()] == []


def test_all_eleven_entries_are_numbered_as_printed():
    """And each stands on its own line of the article's list."""
    printed = {s.number: s.custom["at"] for s in FACTS.bibliography}
    assert printed == {n: f"{43 + n}.1" for n in range(1, 12)}


def test_what_is_not_known_is_empty():
    """No outlet for 8, no author for 7; the article's day and month are not guessed."""
    by_number = {s.number: s.item for s in FACTS.bibliography}
    assert not {"container-title", "publisher", "URL"} & by_number[8].keys()
    assert "author" not in by_number[7]
    assert FACTS.article.item["issued"] == "2021"
