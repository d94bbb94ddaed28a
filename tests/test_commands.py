"""Whole outputs of every command, on the small fact base."""

import csv
import io
import json

import pytest
from conftest import needs_pandoc

LIST = """\
c001\t1979/..\tarticle\tThe ferry has crossed from Ivory Coast to South Africa since 1979.
c002\t2018-03\t1\tKofi Mensah took over the ferry in March 2018.
c003\t2018-03-05\t1\tThe Port Authority of Côte d’Ivoire reportedly sold two ferries on 5 March 2018.
c004\t2019\tarticle\tMensah called the bill “a hole in the water”.
c005\t2019\tarticle\tInes Vale expects the states of the African Union to pay.
c006\t2019\t2\tIt is unknown whether Atlantis owed 27% of the costs.
"""

C002 = {
    "id": "c002",
    "text": "Kofi Mensah took over the ferry in March 2018.",
    "kind": "fact",
    "actors": [{"id": "mensah", "name": "Kofi Mensah"}],
    "countries": [],
    "regions": [],
    "date": {"edtf": "2018-03", "start": "2018-03-01", "end": "2018-03-31", "basis": "stated"},
    "source": {"number": 1, "key": "orlova-ferry", "label": "Orlova 2018"},
    "basis": "explicit",
    "said_by": [],
    "at": ["2.2", "2.3"],
    "section": "Opening",
    "note": "The text says March; the bibliography gives 4 March 2018.",
}


def ids(ran):
    """Return the ids of the claims in a piped listing."""
    return [line.split("\t")[0] for line in ran.out.splitlines()]


def test_list_prints_one_claim_a_line_to_a_pipe(afcli):
    """Id, date, source and text, parted by tabs, nothing cut, no header."""
    ran = afcli("list")
    assert (ran.out, ran.err, ran.status) == (LIST, "", 0)


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        pytest.param(["--country", "ivory coast"], ["c001", "c003"], id="a country by another name"),
        pytest.param(["--country", "Yamoussoukro"], ["c001", "c003"], id="a country by its capital"),
        pytest.param(
            ["--country", "COTE D'IVOIRE"], ["c001", "c003"], id="case, accents and apostrophes do not matter"
        ),
        pytest.param(["--country", "Кот-д’Ивуар"], ["c001", "c003"], id="a country in Russian"),
        pytest.param(["--country", "Ivory Cost"], ["c001", "c003"], id="a country with a slip"),
        pytest.param(
            ["--country", "African Union"],
            ["c001", "c003", "c005"],
            id="a region means its members and itself",
        ),
        pytest.param(
            ["--country", "za", "--country", "x-atlantis"], ["c001", "c006"], id="repeated countries widen"
        ),
        pytest.param(["--actor", "mensa"], ["c002", "c004"], id="an actor by another spelling"),
        pytest.param(["--actor", "ПУ"], ["c003"], id="an actor by a Cyrillic acronym"),
        pytest.param(["--actor", "AU"], ["c005"], id="a region that acts"),
        pytest.param(["--source", "1"], ["c002", "c003"], id="a source by its number"),
        pytest.param(["--source", "costs"], ["c006"], id="a source by its key"),
        pytest.param(["--source", "article"], ["c001", "c004", "c005"], id="the article as the source"),
        pytest.param(["--kind", "quote", "--kind", "question"], ["c004", "c006"], id="two kinds"),
        pytest.param(["--basis", "inferred"], ["c003", "c006"], id="a basis"),
        pytest.param(["--country", "CI", "--kind", "report"], ["c003"], id="different filters narrow"),
        pytest.param(
            ["--from", "2018-03-05", "--to", "2018-03-05"],
            ["c001", "c002", "c003"],
            id="dates overlap as intervals",
        ),
        pytest.param(["--from", "2018-03-06"], ["c001", "c002"], id="an open end reaches any later day"),
        pytest.param(["--to", "1978"], [], id="nothing starts before its start"),
        pytest.param(["--from", "2019"], ["c001"], id="the time of writing is no date of an event"),
        pytest.param(
            ["--from", "2019", "--undated"], ["c001", "c004", "c005", "c006"], id="unless asked for"
        ),
    ],
)
def test_filters(afcli, args, wanted):
    """The same filters on list and, with a query that all claims match, on the others."""
    ran = afcli("list", *args)
    assert ids(ran) == wanted
    assert ran.status == (0 if wanted else 1)


@pytest.mark.parametrize(
    ("args", "wanted"),
    [
        (["country", "ivory", "coast"], ["c001", "c003"]),
        (["country", "ivory coast", "--kind", "report"], ["c003"]),
        (["actor", "kofi", "mensah"], ["c002", "c004"]),
        (["actor", "Mensah", "--from", "2018"], ["c002"]),
        (["source", "1", "--basis", "explicit"], ["c002"]),
        (["source", "article", "--limit", "2"], ["c001", "c004"]),
        (["find", "ferry"], ["c001", "c002", "c003"]),
        (["find", "ferry", "1979", "--limit", "1"], ["c001"]),
        (["find", "south", "africa", "ferry", "--limit", "1"], ["c001"]),
        (["find", "Prot Athority", "--limit", "1"], ["c003"]),
        (["find", "27%"], ["c006"]),
        (["find", "ferry", "--country", "za"], ["c001"]),
    ],
    ids=" ".join,
)
def test_who_answers(afcli, args, wanted):
    """Names need no quotes, filters combine, and find forgives slips in any order of words."""
    assert sorted(ids(afcli(*args))) == wanted


def test_without_a_name_country_lists_countries_with_counts(afcli):
    """Most frequent first, then by name; what no claim names is left out."""
    wanted = "CI\tCôte d’Ivoire\t2\nafrican-union\tAfrican Union\t1\nx-atlantis\tAtlantis\t1\nZA\tSouth Africa\t1\n"
    assert afcli("country").out == wanted


def test_without_a_name_actor_lists_actors_with_counts(afcli):
    """A claim counts once for an actor who both acts and speaks."""
    wanted = "mensah\tKofi Mensah\tperson\t2\nafrican-union\tAfrican Union\tregion\t1\nport-authority\tPort Authority\tgovernment\t1\n"
    assert afcli("actor").out == wanted


def test_without_a_number_source_lists_the_bibliography(afcli):
    """In printed order, the article last; counts may be nought."""
    wanted = [
        {"number": 1, "key": "orlova-ferry", "label": "Orlova 2018", "title": "Паром остаётся", "claims": 2},
        {
            "number": 2,
            "key": "costs",
            "label": "The costs of crossing 2017",
            "title": "The costs of crossing",
            "claims": 1,
        },
        {
            "number": None,
            "key": "vale2019",
            "label": "Vale 2019",
            "title": "The ferry that stayed",
            "claims": 3,
        },
    ]
    assert json.loads(afcli("source", "--json").out) == wanted


@pytest.mark.parametrize(
    "args",
    [["show", "c002"], ["find", "took over"], ["list", "--kind", "fact", "--actor", "mensah"]],
    ids=" ".join,
)
def test_the_json_of_a_claim_is_the_same_everywhere(afcli, args):
    """One array, one object, every key."""
    assert json.loads(afcli(*args, "--json").out) == [C002]


def test_jsonl_is_one_object_a_line(afcli):
    """Each line parses by itself, and together they are the array."""
    lines = [json.loads(line) for line in afcli("list", "--jsonl").out.splitlines()]
    assert lines == json.loads(afcli("list", "--json").out)


@pytest.mark.parametrize(("option", "delimiter"), [("--csv", ","), ("--tsv", "\t")])
def test_tables_carry_every_field_under_a_header(afcli, option, delimiter):
    """Nested fields are joined with an underscore, lists with semicolons."""
    rows = list(csv.DictReader(io.StringIO(afcli("show", "c002", option).out), delimiter=delimiter))
    flat = {
        "actors": "Kofi Mensah",
        "countries": "",
        "regions": "",
        "said_by": "",
        "at": "2.2; 2.3",
        **{f"date_{key}": value for key, value in C002["date"].items()},
        **{f"source_{key}": str(value) for key, value in C002["source"].items()},
    }
    assert rows == [{**{k: v for k, v in C002.items() if k not in ("date", "source")}, **flat}]


@pytest.mark.parametrize("option", ["--json", "--jsonl", "--csv", "--tsv"])
def test_nothing_found_is_still_well_formed(afcli, option):
    """An empty array or nothing, status 1, and a word on standard error."""
    ran = afcli("find", "zeppelin", option)
    assert (ran.out, ran.err, ran.status) == ("[]\n" if option == "--json" else "", "nothing found\n", 1)


def test_more_than_the_limit_is_said_on_standard_error(afcli):
    """Standard output holds the records alone."""
    ran = afcli("list", "--limit", "2")
    assert (ran.out, ran.err) == (
        "".join(LIST.splitlines(keepends=True)[:2]),
        "2 of 6 shown; --limit N shows more\n",
    )


CITATIONS = {
    "1": "Orlova, A. (2018, March 4). Паром остаётся. Вестник порта.\n",
    "costs": "The costs of crossing. (2017).\n",
    "article": "Vale, I. (2019). The ferry that stayed. Harbour Review.\n",
}


@needs_pandoc
@pytest.mark.parametrize(
    ("ref", "out", "err"),
    [
        ("1", CITATIONS["1"], ""),
        ("orlova-ferry", CITATIONS["1"], ""),
        ("article", CITATIONS["article"], ""),
        ("2", CITATIONS["costs"], "costs: the article gives no author and no outlet\n"),
        ("c001", "(Vale, 2019, sec. “Opening”)\n" + CITATIONS["article"], ""),
        ("c002", "(Orlova, 2018, as cited in Vale, 2019, sec. “Opening”)\n" + CITATIONS["article"], ""),
        (
            "c003",
            "(Vale, 2019, sec. “Opening”)\n" + CITATIONS["article"],
            "c003: the article names no source here; probably Orlova 2018 (orlova-ferry)\n",
        ),
    ],
)
def test_cite(afcli, ref, out, err):
    """An inferred source is named as probable and never cited; what is missing is said."""
    ran = afcli("cite", ref)
    assert (ran.out, ran.err, ran.status) == (out, err, 0)


@pytest.mark.parametrize(
    ("args", "err"),
    [
        (
            ["country", "Ivorian Coast"],
            "afcli: no country called 'Ivorian Coast'; did you mean Côte d’Ivoire?\n",
        ),
        (["list", "--country", "Brazil"], "afcli: no country called 'Brazil'\n"),
        (["find", "ferry", "--actor", "Kofy"], "afcli: no actor called 'Kofy'; did you mean Kofi Mensah?\n"),
        (["source", "9"], "afcli: no source called '9'\n"),
        (["cite", "orlowa"], "afcli: no source called 'orlowa'; did you mean orlova-ferry or orlova 2018?\n"),
        (["show", "c999"], "afcli: no claim called 'c999'\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_unknown_name_gets_suggestions_and_status_1(afcli, args, err):
    """One line on standard error, nothing on standard output."""
    ran = afcli(*args)
    assert (ran.out, ran.err, ran.status) == ("", err, 1)


@pytest.mark.parametrize(
    ("args", "last"),
    [
        (["list", "--from", "March"], "afcli: 'March' is not a date; write YYYY, YYYY-MM or YYYY-MM-DD"),
        (["list", "--from", "2021-02-30"], "afcli: '2021-02-30' is not a date; that month has 28 days"),
        (["list", "--from", "2021", "--to", "2020"], "afcli: --from 2021 lies after --to 2020; swap them"),
        (
            ["list", "--json", "--csv"],
            "afcli list: choose one of --json and --csv; see afcli list --help",
        ),
        (
            ["list", "--limit", "-1"],
            "afcli list: invalid value for '--limit' / '-n': -1 is not in the range x>=1; see afcli list --help",
        ),
        (["find"], "afcli find: missing argument 'QUERY...'; see afcli find --help"),
        (["fnd", "x"], "afcli: no command called 'fnd'; did you mean find; see afcli --help"),
        (
            ["find", "x", "--limt", "3"],
            "afcli find: no such option: --limt; did you mean --limit; see afcli find --help",
        ),
        (
            ["--facts", "/nowhere", "list"],
            "afcli: --facts: '/nowhere' is not a fact base; name a directory that holds article.yaml",
        ),
        (
            ["list", "--facts", "/nowhere"],
            "afcli: --facts: '/nowhere' is not a fact base; name a directory that holds article.yaml",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_status_2(afcli, args, last):
    """One line says what is wrong and what would be right."""
    ran = afcli(*args)
    assert (ran.out, ran.err, ran.status) == ("", f"{last}\n", 2)


@pytest.mark.parametrize(
    "args", [["--facts", "{}", "list"], ["list", "--facts", "{}"]], ids=["before", "after"]
)
def test_facts_may_be_named_before_or_after_the_command(afcli, base, args):
    """And an option wins over the environment."""
    ran = afcli(*(arg.format(base) for arg in args), facts="/nowhere")
    assert (ran.out, ran.status) == (LIST, 0)
