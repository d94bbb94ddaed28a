"""What people type: slips in usage, names by a part, ids in any form, closed streams, queries by the line."""

import csv
import io
import json
import os
import re
import subprocess

import pytest
from conftest import AFCLI, SHIPPED, TINY, WORLD, Ran, needs_pandoc, on_a_terminal, process, run

from afcli.cli import COMMANDS, command
from afcli.dates import asked_date
from afcli.model import Source

TREE = command()
VALUED = {
    " ".join(["afcli", *name]): [
        [*name, flag]
        for param in built.params
        if param.param_type_name == "option" and not param.is_flag
        for flag in param.opts
    ]
    for name, built in (([], TREE), *(([name], TREE.get_command(None, name)) for name in COMMANDS))
}


@pytest.mark.parametrize("path", VALUED)
def test_an_option_without_its_value_is_one_line(path):
    """Each option of each command, at the end of the line."""
    for args in VALUED[path]:
        wanted = f"{path}: option '{args[-1]}' requires an argument; see {path} --help\n"
        assert run(*args) == Ran("", wanted, 2)


def test_every_option_with_a_value_was_tried():
    """The list is no empty one."""
    assert sum(map(len, VALUED.values())) > 100


@pytest.mark.parametrize(("option", "delimiter"), [("--csv", ","), ("--tsv", "\t")])
def test_a_table_tells_why_a_claim_was_found(option, delimiter):
    """Each match as its word, term, field, way and weight."""
    ran = run("find", "mennsah bill", "--explain", option)
    row = next(csv.DictReader(io.StringIO(ran.out), delimiter=delimiter))
    matches = r"mennsah mensah text typo \d\.\d+; bill bill text exact \d\.\d+"
    assert row["id"] == "c004"
    assert re.fullmatch(matches, row["match"])
    assert ran.status == 0


CLOSED = "afcli: cannot write the answer: standard output is closed\n"


@pytest.mark.parametrize(
    ("script", "out", "err", "status"),
    [
        ("find hole >&-", "", CLOSED, 74),
        ("--help >&-", "", CLOSED, 74),
        (">&-", "", CLOSED, 74),
        ("show c999 >&- 2>&-", "", "", 74),
        ("find hole 2>&-", "c004", "", 0),
        ("find zeppelin 2>&-", "", "", 1),
        ("list --limit 1 2>&-", "c001", "", 0),
        ("--help 2>&-", "Usage: afcli [OPTIONS] COMMAND [ARGS]...", "", 0),
        ("list --limt 1 2>&-", "", "", 2),
        ("find hole <&-", "c004", "", 0),
        ("find hole <&- 2>&-", "c004", "", 0),
        ("find - <&-", "", "afcli: standard input is closed; give queries there, one per line\n", 2),
        ("find hole 2>/dev/full", "c004", "", 0),
        ("list --limit 1 2>/dev/full", "c001", "", 0),
    ],
)  # fmt: skip
def test_a_closed_stream_costs_only_what_would_go_there(script, out, err, status):
    """The answer and its status stay right; without standard output there is no answer."""
    done = subprocess.run(
        ["bash", "-c", f"'{AFCLI}' {script}"], env=WORLD, capture_output=True, text=True, check=False
    )
    assert (re.split(r"[\t\n]", done.stdout)[0], done.stderr, done.returncode) == (out, err, status)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        pytest.param("word " * 201, 201, id="words"),
        pytest.param("ab-cd " * 101, 202, id="parts of compounds"),
        pytest.param("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 100, 301, id="ligatures"),
        pytest.param('"' + "word " * 201 + '"', 201, id="a phrase"),
        pytest.param("-word " * 201, 201, id="exclusions"),
        pytest.param("x:y " * 101, 202, id="unknown filters"),
    ],
)
def test_a_query_has_200_words_at_most(query, count):
    """Counted as they are searched."""
    ran = run("find", "--", query)
    wanted = f"afcli: the query has {count} words; 200 is the most that is answered\n"
    assert (ran.out, ran.err, ran.status) == ("", wanted, 2)


def test_a_query_of_200_words_is_answered():
    """No more and no less."""
    assert run("find", "hole " * 200).out.startswith("c004")


def answered(lines):
    """Return what `find -` printed for lines of bytes: id of the first result or error, then remarks and status."""
    done = subprocess.run([AFCLI, "find", "-"], input=lines, env=WORLD, capture_output=True, check=False)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    found = [record.get("error") or (record["results"] or [{"id": None}])[0]["id"] for record in records]
    return found, done.stderr.decode().splitlines(), done.returncode


@pytest.mark.parametrize("size", [1, 2, 5, 64])
def test_lines_are_read_as_they_come(monkeypatch, size):
    """A letter, or the end of a line, may come in two pieces; the last line may have no end."""
    monkeypatch.setattr("afcli.cli.commands.find._CHUNK", size)
    ran = run("find", "-", stdin="Паром\r\n\nhole\rtook over — Ärger")
    asked = [json.loads(line)["query"] for line in ran.out.splitlines()]
    assert (asked, ran.err, ran.status) == (["Паром", "", "hole", "took over — Ärger"], "", 0)


def test_a_bad_line_of_many_costs_only_itself():
    """It is named by its number; the status says that one was bad."""
    unknown = "kind:nope is unknown; write kind: and one of fact, report, quote, opinion, forecast, question"
    assert answered(b"hole\nkind:nope\n\ncountry:xyz\n\xff\nbill:hole\ntook over\n") == (
        ["c004", unknown, None, "no country called 'xyz'", None, "c004", "c002"],
        [
            f"afcli: line 2: {unknown}",
            "afcli: line 4: no country called 'xyz'",
            (
                "line 6: bill: is not a filter, so 'bill hole' was searched as words; "
                "filters are country: actor: source: kind: basis: date:"
            ),
        ],
        2,
    )


@pytest.mark.parametrize(
    ("lines", "status"), [(b"hole\ncountry:xyz\n", 0), (b"country:xyz\n", 1), (b"", 1)], ids=str
)
def test_a_name_that_is_unknown_is_no_bad_usage(lines, status):
    """As with a single query: nothing was found there."""
    assert answered(lines)[-1] == status


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        (["actor", "kofi"], ["c002", "c004"]),
        (["list", "--actor", "authority"], ["c003"]),
        (["find", "actor:kofi bill"], ["c004"]),
        (["country", "union"], ["c001", "c003", "c005"]),
        (["country", "ivory"], ["c001", "c003"]),
        (["source", "orlova"], ["c002", "c003"]),
        (["source", "crossing"], ["c006"]),
        (["source", "ines vale"], ["c001", "c004", "c005"]),
        (["source", "вестник"], ["c002", "c003"]),
        (["show", "C002"], ["c002"]),
        (["show", "c2"], ["c002"]),
        (["show", "2"], ["c002"]),
        (["show", "c002,c4", "1"], ["c002", "c004", "c001"]),
        (["show", "c002..c004"], ["c002", "c003", "c004"]),
        (["show", "c5..6", "c006"], ["c005", "c006"]),
        (["find", "c004"], ["c004"]),
        (["find", "(c004)?"], ["c004"]),
        (["find", "C4 c002"], ["c004", "c002"]),
        (["find", "c004", "--kind", "fact"], []),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_part_of_a_name_and_any_form_of_an_id_will_do(args, wanted):
    """Where nothing else is meant by it."""
    assert [line.split("\t")[0] for line in run(*args).out.splitlines()] == wanted


PANFILOVA = """\
afcli: 3 sources match {!r}: 6, 10, 11; name one of them
  6  Panfilova 2021: concrete wall
  10  Panfilova 2021: new government of Afghanistan
  11  Panfilova 2021: threat across the Panj
"""


@pytest.mark.parametrize(
    "args", [["source", "panfilova"], ["cite", "Panfilova 2021"], ["list", "--source", "panfilova"],
             ["find", 'wall source:"panfilova 2021"']], ids=" ".join
)  # fmt: skip
def test_a_name_of_several_sources_lists_them(args):
    """Nothing is chosen in silence."""
    ran = run(*args, facts=SHIPPED)
    typed = "panfilova 2021" if "find" in args else args[-1]
    assert (ran.out, ran.err, ran.status) == ("", PANFILOVA.format(typed), 1)


@pytest.mark.parametrize("name", ["silaev", "rferl"])
def test_a_name_of_one_source_is_enough(name):
    """Its author's, or its outlet's."""
    key = {"silaev": "2", "rferl": "4"}[name]
    for command_ in ("source", "cite"):
        ran = run(command_, name, facts=SHIPPED)
        assert (ran.out, ran.status) == (run(command_, key, facts=SHIPPED).out, 0)


def test_a_word_of_many_names_lists_them():
    """A dozen of them, with what they are; the last word of one name alone is that."""
    ran = run("actor", "islamic", facts=SHIPPED)
    assert ran.status == 1
    first, *others = ran.err.splitlines()
    assert re.fullmatch(rf"afcli: {len(others)} actors match 'islamic': .+; name one of them", first)
    assert "  is-k  IS-K" in ran.err
    assert run("actor", "the", facts=SHIPPED).err.startswith("afcli: no actor called 'the'")


BOTH = ("--facts", str(TINY), "--facts", str(SHIPPED))


def test_several_bases_each_have_their_own():
    """A part of a name is looked for in each."""
    ran = run("actor", "kofi", *BOTH, facts=None)
    assert {line.partition("/")[0] for line in ran.out.splitlines()} == {"vale2019"}
    assert run("find", "arntz2021/c042", *BOTH, facts=None).out.startswith("arntz2021/c042\t")


@needs_pandoc
def test_a_number_is_never_a_claim_to_cite():
    """Also after the name of a base it is that of a source."""
    assert "Orlova" in run("cite", "vale2019/1", "--as", "in-text", *BOTH, facts=None).out


@pytest.fixture
def places(base):
    """Return the small base with a place and a topic, which two of its claims name."""
    with (base / "entities.yaml").open("a") as file:
        file.write("places:\n  - { id: ivory-coast-port, name: The hole, aliases: [hole in the water] }\n")
        file.write("topics:\n  - { id: bill, name: The bill of Mensah, aliases: [bill] }\n")
        file.write("  - { id: never, name: Never named }\n")
    text = base / "claims" / "1-opening.yaml"
    text.write_text(text.read_text().replace("took over the ferry", "took over the bill"))
    return base


@pytest.mark.parametrize(
    ("args", "out"),
    [
        (["topic"], "bill\tThe bill of Mensah\t2\n"),
        (["topic", "--kind", "quote"], "bill\tThe bill of Mensah\t1\n"),
        (["place"], "ivory-coast-port\tThe hole\t1\n"),
        (["topic", "bill"], "c002 c004"),
        (["topic", "bill", "--kind", "quote"], "c004"),
        (["topic", "the bill of mensa"], "c002 c004"),
        (["place", "water", "hole"], "c004"),
        (["topic", "never"], ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_topics_and_places_are_asked_for_by_name(places, args, out):
    """A claim belongs to those that its text names; without a name they are listed."""
    ran = run(*args, facts=places)
    shown = ran.out if out.endswith("\n") else " ".join(line.split("\t")[0] for line in ran.out.splitlines())
    assert (shown, ran.status) == (out, 0 if out else 1)


@pytest.mark.parametrize(
    ("args", "err"),
    [
        (["actor", "bill"], "no actor called 'bill'; did you mean afcli topic The bill of Mensah?"),
        (["place", "za"], "no place called 'za'; did you mean afcli country South Africa?"),
        (
            ["country", "kofi mensah"],
            "no country called 'kofi mensah'; did you mean afcli actor Kofi Mensah?",
        ),
        (["country", "the hole"], "no country called 'the hole'; did you mean afcli place The hole?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_name_of_another_kind_of_thing_is_told(places, args, err):
    """With the command that knows it."""
    ran = run(*args, facts=places)
    assert (ran.out, ran.err, ran.status) == ("", f"afcli: {err}\n", 1)


def test_topics_and_places_of_several_bases(places):
    """Every id in its base, and understood."""
    both = ("--facts", str(places), "--facts", str(SHIPPED), "--json")
    for command_ in ("topic", "place"):
        rows = json.loads(run(command_, *both, facts=None).out)
        assert {row["id"].partition("/")[0] for row in rows} == {"vale2019", "arntz2021"}
        for row in rows:
            assert len(json.loads(run(command_, row["id"], *both, facts=None).out)) == row["claims"]


FILTERS = "filters are country: actor: source: kind: basis: date:"


@pytest.mark.parametrize(
    ("args", "err", "status"),
    [
        (["find", "-hole", "bill"], ("afcli find: no such option: -o; to leave out 'hole' write -- first: "
         "afcli find -- -hole; see afcli find --help"), 2),
        (["find", "-advice", "bill"], ("afcli: no actor called 'dvice'; to leave out 'advice' write -- first: "
         "afcli find -- -advice"), 1),
        (["find", "-noise", "bill"], ("afcli find: invalid value for '--limit' / '-n': 'oise' is not a valid int range; "
         "to leave out 'noise' write -- first: afcli find -- -noise; see afcli find --help"), 2),
        (["find", ""], ("afcli find: an empty query asks for nothing; to list every claim: afcli list; "
         "see afcli find --help"), 2),
        (["find", "country:"], 'afcli: country: needs a name; write country:name or country:"two words"; afcli country lists them', 2),
        (["find", "hole actor:"], 'afcli: actor: needs a name; write actor:name or actor:"two words"; afcli actor lists them', 2),
        (["find", "which kind: zeppelin"], ("kind: filters only the word right after it, so it was searched as a word\n"
         "nothing found"), 1),
        (["find", "-advice"], ("afcli find: missing argument 'QUERY...'; to leave out 'advice' write -- first: "
         "afcli find -- -advice; see afcli find --help"), 2),
        (["show", "c004.."], "afcli: 'c004..' has one end; write both, as in c040..c042", 2),
        (["show", ","], "afcli: no claim called ','", 1),
        (["find", "kind:"], ("afcli: kind: needs a value; write kind: and one of fact, report, quote, opinion, "
         "forecast, question"), 2),
        (["find", "bill:hole"], f"bill: is not a filter, so 'bill hole' was searched as words; {FILTERS}", 0),
        (["find", "base:zeppelin"], (f"base: is not a filter, so 'base zeppelin' was searched as words; {FILTERS}\n"
         "nothing found"), 1),
        (["find", "12:30"], "nothing found", 1),
        (["find", "https://zeppelin/x"], "nothing found", 1),
        (["find", "title: zeppelin"], "nothing found", 1),
        (["find", "Country:Atlantis owed"], "", 0),
        (["list", "--limit", "0"], ("afcli list: invalid value for '--limit' / '-n': 0 is not in the range x>=1; "
         "see afcli list --help"), 2),
        (["search", "x"], "afcli: no command called 'search'; did you mean find; see afcli --help", 2),
        (["help", "serch"], "afcli: no command called 'serch'; see afcli --help", 2),
        (["cite", "2", "--locator", "p. 5"],
         "afcli: --locator is printed only in a citation; add --as in-text or --as note", 2),
        (["cite", "c002", "--locator", "p. 5", "--as", "in-text"],
         "afcli: a claim is cited with its own section; leave out the locator or c002", 2),
        (["show", "c004..c002"], "afcli: 'c004..c002' ends before it begins; swap them", 2),
        (["show", "c004..c999"], "afcli: no claim called 'c999'", 1),
        (["list", "--from", "Foo 2021"], "afcli: 'Foo 2021' is not a date; write YYYY, YYYY-MM or YYYY-MM-DD", 2),
        (["list", "--from", "13/2021"], "afcli: '2021-13' is not a date; months run from 01 to 12", 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_what_is_meant_is_said(args, err, status):
    """One line, and what to write instead."""
    ran = run(*args)
    assert (ran.err, ran.status) == (err and f"{err}\n", status)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("August 2021", ("2021-08-01", "2021-08-31")),
        ("sept. 2021", ("2021-09-01", "2021-09-30")),
        ("may 2021", ("2021-05-01", "2021-05-31")),
        ("08/2021", ("2021-08-01", "2021-08-31")),
        ("2021-8", ("2021-08-01", "2021-08-31")),
        ("2021-8-5", ("2021-08-05", "2021-08-05")),
        ("5.8.2021", ("2021-08-05", "2021-08-05")),
        ("5 August 2021", ("2021-08-05", "2021-08-05")),
        ("August 5th, 2021", ("2021-08-05", "2021-08-05")),
        ("2021", ("2021-01-01", "2021-12-31")),
    ],
)
def test_dates_are_taken_as_people_write_them(text, days):
    """In options as in a query."""
    assert asked_date(text) == days


def test_a_date_in_words_is_that_in_figures():
    """As option and as filter of a query."""
    wanted = run("list", "--from", "2018-03", "--to", "2018-03").out
    assert wanted
    assert run("list", "--from", "March 2018", "--to", "3/2018").out == wanted
    assert run("find", "date:3/2018").out == wanted


@pytest.mark.parametrize("name", ["find", "new", "help"])
def test_help_is_asked_for_in_either_way(name):
    """As with git and gh."""
    assert run("help", name).out == run(name, "--help").out
    assert run("help").out == run("--help").out
    assert run("-V").out == run("--version").out


def test_help_names_arguments_as_they_are_typed():
    """Without braces, and without saying twice what is required."""
    shown = run("show", "--help").out
    assert shown.startswith("Usage: afcli show [OPTIONS] ID...\n")
    assert "required" not in shown
    assert "[required]" in run("new", "--help").out.partition("Options:")[2]


@pytest.mark.parametrize("args", [["find", "--help"], ["help", "find"], ["--help"]], ids=" ".join)
def test_help_longer_than_the_screen_is_paged(args):
    """Like every answer."""
    shown, status = on_a_terminal(*args, env={"PAGER": "sed s/^/P:/"})
    assert status == 0
    assert all(line.startswith("P:") for line in shown.splitlines())
    assert not on_a_terminal("help", "find", "--no-pager", env={"PAGER": "sed s/^/P:/"})[0].startswith("P:")


def test_the_commands_are_listed_whole_on_a_narrow_terminal():
    """Every word of every summary."""
    narrow, wide = (
        run("--help", env={"COLUMNS": columns}).out.partition("Commands:")[2] for columns in ("40", "200")
    )
    assert narrow.split() == wide.split()
    assert max(map(len, narrow.splitlines())) <= 40


def test_one_entry_is_printed_once_for_several_claims():
    """The citations of each, the article once."""
    lines = run("cite", "c001", "c004", facts=SHIPPED).out.splitlines()
    assert len(lines) == len(set(lines)) + lines.count(lines[0]) - 1
    assert sum(line.startswith("Arntz, H.") for line in lines) == 1
    assert len(json.loads(run("cite", "c001", "c004", "--json", facts=SHIPPED).out)) == 2


@pytest.mark.parametrize(
    ("item", "label"),
    [
        ({"title": "The costs of crossing"}, "The costs of crossing 2017"),
        ({"title": "A chapter of very many words indeed"}, "A chapter of very many … 2017"),
        ({"title": "Costs", "container-title": "Port News"}, "Port News 2017"),
        ({}, "chapter2017 2017"),
    ],
)
def test_a_source_without_an_author_is_called_by_its_title(item, label):
    """Or by its outlet."""
    assert Source("chapter2017", 1, {"issued": "2017"} | item).label == label


def test_a_note_is_announced_wherever_its_claim_is_listed():
    """On a terminal; tables and JSON have the note itself, and the bare lines of a pipe stay as they are."""
    noted, plain = {"c002"}, {"c001", "c003", "c004", "c005", "c006"}
    for args in (["list"], ["find", "ferry"], ["actor", "mensah"], ["source", "1"], ["country", "ci"]):
        shown = run(*args, env={"FORCE_COLOR": "1", "NO_COLOR": "1", "COLUMNS": "200"}).out
        marked = {
            line.split(" · ")[0].strip(): line.endswith(" · note")
            for line in shown.splitlines()
            if " · " in line
        }
        assert marked
        assert all(mark == (id_ in noted) for id_, mark in marked.items())
        assert set(marked) <= noted | plain
    shown = run("timeline", env={"FORCE_COLOR": "1", "NO_COLOR": "1", "COLUMNS": "200"}).out
    assert [line for line in shown.splitlines() if line.endswith("· note")] == [
        "  c002 Kofi Mensah took over the ferry in March 2018. · note"
    ]
    assert "note" not in run("list").out


def test_one_word_says_that_a_claim_has_no_date():
    """In lists, in show, along time."""
    person = {"FORCE_COLOR": "1", "NO_COLOR": "1"}
    assert "c004 · undated ·" in run("list", env=person).out
    assert "date       undated (the article, of 2019, gives no date)" in run("show", "c004", env=person).out
    assert run("timeline").err == "3 more are undated\n"


def test_the_home_directory_may_be_written_short(base):
    """In the environment and after an equals sign, where no shell does it."""
    home = {"HOME": str(base.parent), "AFCLI_FACTS": f"~/base{os.pathsep}{TINY}"}
    assert run("list", env=home, facts=None).err == (
        f"afcli: {base} and {TINY} are both called 'vale2019'; change the id in one article.yaml\n"
    )
    assert run("list", "--facts=~/base", env=home, facts=None).out == run("list").out


def test_an_export_may_be_limited():
    """To the first claims, in every form."""
    assert [json.loads(line)["id"] for line in run("export", "--limit", "2").out.splitlines()] == [
        "c001",
        "c002",
    ]
    assert len(json.loads(run("export", "--format", "csl-json", "-n", "1").out)) == 1


def test_verify_has_json_too():
    """Rule, where, message of each finding."""
    args = ("verify", "--article", str(TINY / "edition-2.tsv"), str(TINY))
    lines = run(*args).out.splitlines()
    ran = run(*args, "--json")
    assert ["{where}: {rule}: {message}".format(**finding) for finding in json.loads(ran.out)] == lines
    assert lines
    assert ran.status == 1


@pytest.mark.parametrize(
    "words", [["place"], ["show"], ["find"], ["actor"], ["complete", "id"]], ids=" ".join
)
def test_what_is_no_text_names_nothing(words):
    """Bytes that are not UTF-8 reach the program as halves of surrogate pairs."""
    ran = process(*words, os.fsdecode(b"\xff"), facts=TINY)
    assert (ran.out, ran.status) == ("", 0 if words[0] == "complete" else 1)
    assert "Traceback" not in ran.err


def test_json_of_an_export_is_refused(afcli):
    """Which has no JSON."""
    ran = afcli("cite", "1", "--format", "biblatex", "--json")
    said = "afcli: --json works with --format plain, markdown or html, not with biblatex\n"
    assert (ran.out, ran.err, ran.status) == ("", said, 2)
