"""Several fact bases at once, through the installed command."""

import json
import os
import re
import shutil

import jsonschema_rs
import pytest
import yaml
from conftest import SHIPPED, SHIPPED_CLAIMS, TINY, needs_pandoc, run

import afcli
from afcli.index.upkeep import open_in_memory
from afcli.schema import schema
from afcli.search.filters import Filters
from afcli.search.find import find

BOTH = ("--facts", str(TINY), "--facts", str(SHIPPED))


def asked(*args, **env):
    """Return what the command prints of the small and the shipped facts together, as JSON."""
    return json.loads(run(*args, *BOTH, "--json", facts=None, env=env).out)


def alone(facts, *args):
    """Return the same of one base."""
    return json.loads(run(*args, "--json", facts=facts).out)


def bare(value):
    """Return a record without the names of bases."""
    return json.loads(
        re.sub(r'"(vale2019|arntz2021)/(?!article")', '"', json.dumps(value)).replace("/article", "")
    )


def test_a_list_is_that_of_each_base_with_every_id_in_its_base():
    """Claims, sources, actors, regions; countries have codes of their own."""
    together = asked("list")
    assert bare(together) == [*alone(TINY, "list"), *alone(SHIPPED, "list")]
    for claim in together:
        base = claim["id"].partition("/")[0]
        ids = [
            claim["source"]["key"],
            *(e["id"] for part in ("actors", "regions", "said_by") for e in claim[part]),
        ]
        assert base in ("vale2019", "arntz2021")
        assert all(id_.startswith(f"{base}/") or re.fullmatch(r"[A-Z]{2}|x-[a-z-]+", id_) for id_ in ids)
    assert not list(jsonschema_rs.validator_for(schema("output")).iter_errors(together))


@pytest.mark.parametrize(
    "words", [("find", "ferry wall"), ("country", "uzbekistan"), ("actor",), ("source",), ("timeline",)]
)
def test_every_id_that_is_printed_is_understood(words):
    """Without exception."""
    for record in asked(*words)[:20]:
        if "text" in record:
            assert asked("show", record["id"]) == [record]
            assert asked("list", "--source", record["source"]["key"])
        elif "key" in record and record["claims"]:
            assert len(asked("source", record["key"])) == record["claims"]
        elif "type" in record:
            assert len(asked("actor", record["id"])) == record["claims"]


@pytest.fixture
def halves(tmp_path):
    """Return the shipped facts as two bases, of the even and the odd sections."""
    found = []
    for rest in (0, 1):
        base = tmp_path / f"half-{rest}"
        shutil.copytree(SHIPPED, base, ignore=shutil.ignore_patterns("citations"))
        for number, path in enumerate(sorted((base / "claims").iterdir())):
            if number % 2 != rest:
                path.unlink()
                (base / "search" / path.name).unlink()
        article = base / "article.yaml"
        article.write_text(article.read_text("utf-8").replace("id: arntz2021", f"id: half-{rest}"), "utf-8")
        found.append(base)
    return found


QUERIES = [
    "Uzbekistan CSTO", "border wall", "Rakhmon afghan tajiks", "душанбе", "drug trafficking", "turkmen wall",
    "who negotiated with the Taliban in 1996", "september 2021", "islamic state khorasan", "refugees", "exercises 2021",
]  # fmt: skip


def ranks(base, query):
    """Return the claims that answer, those with one score together, the best first."""
    ranked = {}
    for hit in find(base, query, Filters()).hits:
        if hit.claim.kind != "reference":
            ranked.setdefault(hit.score, set()).add(hit.claim.id.rpartition("/")[2])
    return list(ranked.values())


def test_two_halves_are_searched_as_the_whole(halves):
    """Words weigh what they weigh in both together: the same claims in the same order."""
    parts = afcli.open(*halves).base
    whole = open_in_memory(SHIPPED)
    for query in QUERIES:
        wanted = ranks(whole, query)
        assert wanted
        assert ranks(parts, query)[:4] == wanted[:4]


def test_names_mean_what_they_mean_in_each(halves):
    """A region, an actor and a source that both know is that of both."""
    both = [arg for half in halves for arg in ("--facts", half)]
    for args in (["country", "central asia"], ["actor", "rakhmon"], ["source", "article"], ["source", "6"]):
        together = json.loads(run(*args, *both, "--json", facts=None).out)
        wanted = {claim["id"] for claim in alone(SHIPPED, *args)}
        assert {claim["id"].partition("/")[2] for claim in together} == wanted
        assert len(together) == len(wanted)


def test_stats_lists_the_bases():
    """With the claims of each, and the sums."""
    rows = [(row["group"], row["name"], row["count"]) for row in asked("stats")]
    assert [row for row in rows if row[0] == "bases"] == [
        ("bases", "vale2019", 6),
        ("bases", "arntz2021", SHIPPED_CLAIMS),
    ]
    assert ("base", "claims", 6 + SHIPPED_CLAIMS) in rows
    of = {base: alone(facts, "stats") for base, facts in (("tiny", TINY), ("shipped", SHIPPED))}
    for group in ("kind", "basis", "country", "sentences", "section"):
        sums = [sum(row["count"] for row in base if row["group"] == group) for base in of.values()]
        assert sum(count for kind, _, count in rows if kind == group) == sum(sums)


def test_the_shipped_citations_need_no_pandoc_beside_another_base(tmp_path):
    """A claim's, and those of several sources of one base."""
    env = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    for ref in ("6", "c059", "article"):
        [record] = asked("cite", f"arntz2021/{ref}", **env)
        assert bare(record)["citation"] == alone(SHIPPED, "cite", ref)[0]["citation"]
        assert record["bibliography"] == alone(SHIPPED, "cite", ref)[0]["bibliography"]


@needs_pandoc
def test_sources_of_two_bases_are_cited_together():
    """In one bibliography, with one citation."""
    [record] = asked("cite", "vale2019/1", "arntz2021/6", "--as", "in-text")
    assert record["citation"] == "(Orlova, 2018; Panfilova, 2021)"


@pytest.mark.parametrize(
    ("args", "message", "status"),
    [
        (["cite", "1"], "afcli: '1' is a source of several bases; name vale2019/1 or arntz2021/1\n", 2),
        (["show", "c002"], "afcli: no claim called 'c002'; did you mean vale2019/c002 or arntz2021/c002?\n", 1),
        (["check"], f"afcli: this takes one fact base; name {TINY} or {SHIPPED}\n", 2),
        (["actor", "nobody at all"], "afcli: no actor called 'nobody at all'\n", 1),
    ],
)  # fmt: skip
def test_what_two_bases_leave_open_is_said_in_one_line(args, message, status):
    """With the names to choose from."""
    ran = run(*args, *BOTH, facts=None)
    assert (ran.out, ran.err, ran.status) == ("", message, status)


def test_a_base_named_twice_is_one_and_two_of_one_name_are_refused(base):
    """A base is called by its article."""
    ran = run("list", "--facts", TINY, "--facts", TINY / ".." / "tiny", facts=None)
    assert ran.out == run("list").out
    ran = run("list", "--facts", TINY, "--facts", base, facts=None)
    assert (
        ran.err == f"afcli: {TINY} and {base} are both called 'vale2019'; change the id in one article.yaml\n"
    )
    assert (ran.out, ran.status) == ("", 2)


def test_the_environment_names_several_too(tmp_path):
    """Between colons; but a directory with a colon in its name is one."""
    several = run("list", facts=f"{TINY}{os.pathsep}{SHIPPED}")
    assert several.out == run("list", *BOTH, facts=None).out
    odd = shutil.copytree(TINY, tmp_path / f"one{os.pathsep}base")
    assert run("list", facts=odd).out == run("list").out
    ran = run("list", facts=f"{TINY}{os.pathsep}{tmp_path / 'none'}")
    assert "AFCLI_FACTS" in ran.err
    assert ran.status == 2


def test_a_country_has_the_names_of_all_bases(base):
    """Each base may know others."""
    about = yaml.safe_load((base / "article.yaml").read_text("utf-8"))
    about["article"]["id"] = "other2020"
    (base / "article.yaml").write_text(yaml.safe_dump(about), "utf-8")
    names = base / "entities.yaml"
    names.write_text(
        names.read_text("utf-8").replace("[South African]", "[South African, Mzansian]"), "utf-8"
    )
    ran = run("country", "mzansian", "--facts", TINY, "--facts", base, facts=None)
    assert len(ran.out.splitlines()) == 2 * len(run("country", "za").out.splitlines())
