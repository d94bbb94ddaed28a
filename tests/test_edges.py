"""Boundaries, one step on either side: days of a span, slips in a word, weights of fields, regions in regions."""

import json
import shutil

import pytest
from conftest import HERE, run

from afcli.files import safe_open
from afcli.files.load import MAX_SENTENCES, load
from afcli.index.terms import WEIGHTS
from afcli.spelling import allowance, misspelt, slips

RICH = HERE / "rich"


def ids(*args, facts=RICH):
    """Return the ids of the claims that a command lists, without entries of the bibliography."""
    found = [line.split("\t")[0] for line in run(*args, facts=facts).out.splitlines()]
    return [id_ for id_ in found if id_[-1].isdigit()]


IBERIA, SCANDINAVIA = ["r001", "r004", "r005", "r012"], ["r002", "r003"]


@pytest.mark.parametrize(
    ("region", "wanted"),
    [
        ("Iberia", IBERIA),
        ("Scandinavia", SCANDINAVIA),
        ("European coasts", sorted(IBERIA + SCANDINAVIA)),
        ("Portugal", ["r001", "r005"]),
    ],
)
def test_a_region_means_the_countries_of_the_regions_within_it(region, wanted):
    """And the claims on those regions themselves; a country is no more than itself."""
    assert ids("list", "--country", region) == wanted
    assert sorted(ids("find", f'country:"{region}"', "--limit", "50")) == wanted


@pytest.mark.parametrize(
    ("span", "with_", "without"),
    [
        ("2021-08", ["r003", "r004"], ["r014", "r005"]),
        ("2021-08-01", ["r004"], ["r003"]),
        ("2021-08-31", ["r003"], ["r004", "r014"]),
        ("2021-08-02..2021-08-30", [], ["r003", "r004"]),
        ("2021-08-02..2021-08-31", ["r003"], ["r004"]),
        ("2021-08-31..2021-09-01", ["r003", "r014"], ["r004"]),
        ("2021-09", ["r014"], ["r003"]),
        ("2021-09..", ["r014"], ["r003"]),
        ("..2021-08", ["r003", "r005", "r001"], ["r014"]),
        ("2020-12", ["r005"], ["r003"]),
        ("2020-11", [], ["r005"]),
        ("2021-01", [], ["r005"]),
        ("2018-03", ["r002", "r006"], []),
        ("2018-05", ["r002"], []),
        ("2018-06", ["r006"], ["r002"]),
        ("2018-12-31", ["r006"], []),
        ("2019-01-01", [], ["r006"]),
        ("1755-12-31", ["r001"], []),
        ("1756", [], ["r001"]),
        ("1400-12-31", ["r008"], []),
        ("1401", [], ["r008"]),
        ("1899-12-31", [], ["r007"]),
        ("1900-01-01", ["r007"], []),
        ("1930-01-01", ["r011"], []),
        ("1939-12-31", ["r011"], []),
        ("1940-01-01", [], ["r011"]),
        ("1929-12-31", [], ["r011"]),
        ("2022", [], ["r012", "r013"]),
    ],
)
def test_a_date_begins_and_ends_with_its_days(span, with_, without):
    """In a query and, from and to, among the options."""
    start, dots, end = span.partition("..")
    options = (("--from", start), ("--to", end if dots else start))
    given = [word for option in options if option[1] for word in option]
    for found in (ids("find", f"date:{span}", "--limit", "50"), ids("list", *given)):
        assert set(with_) <= set(found)
        assert not set(without) & set(found)


@pytest.mark.parametrize(
    ("letters", "allowed"), [(3, 0), (4, 1), (5, 1), (6, 1), (7, 1), (8, 2), (9, 2), (10, 2), (20, 2)]
)
def test_how_many_slips_a_word_may_hold(letters, allowed):
    """None in three letters, one from four on, two from eight on; never more."""
    word = "abcdefghijklmnopqrstuvwxyz"[:letters]
    assert allowance(word) == allowed
    for wrong in range(4):
        misspelling = word[: len(word) - wrong] + "0" * wrong
        assert slips(misspelling, [word]) == ([word] if wrong <= allowed and allowed else [])


def test_of_the_near_words_only_the_nearest_count():
    """And none of three letters; closeness is the share of right letters."""
    assert misspelt("lantrens", ["lanterns", "lantern", "patterns"]) == {"lanterns": 0.875}
    assert misspelt("lamq", ["lam", "lamp"]) == {"lamp": 0.75}
    assert misspelt("lamqq", ["lam"]) == {}
    assert misspelt("lantrenz", ["lanterns"], 1) == {}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("norwegain", ["r003"]),
        ("norwagain", ["r003"]),
        ("nurwagain", []),
        ("swidesh", []),
        ("swedesh", ["r002"]),
        ("trwoer", []),
        ("patiant", ["r013"]),
        ("petiant", []),
        ("landlrd", ["r013"]),
        ("lndlordd", ["r013"]),
    ],
)
def test_a_query_with_slips(query, found):
    """Seven letters may hold one, nine may hold two; the best answer is looked at."""
    assert ids("find", query)[:1] == found


# What a match in each field counts


def entry(number, text, **more):
    """Return a claim of its own sentence."""
    return {
        "id": f"w{number:03}", "text": text, "kind": "fact", "actors": [], "countries": [], "date": "2001",
        "date_basis": "writing", "source": "article", "basis": "explicit", "at": [f"2.{number}"],
    } | more  # fmt: skip


CLAIMS = [
    entry(1, "A zeppelin flew."),
    entry(2, "Nothing else flew.", terms=["zeppelin"]),
    entry(3, "Nobody else flew.", asks=["Which zeppelin?"]),
    entry(4, "No other flew.", note="Of the zeppelin."),
    entry(5, "Another flew.", source=1),
    entry(6, "Both flew.", at=["2.1"]),
    entry(7, "None flew.", at=["3.2"]),
    entry(8, "She burned.", actors=["hindenburg"]),
    entry(9, "The Silverfish burned."),
    entry(10, "He burned.", said_by=["hindenburg"], kind="quote"),
    entry(11, "It burned.", countries=["x-friedland"]),
    entry(12, "They burned.", date="1937-05", date_basis="stated"),
    entry(13, "In 1937 they burned."),
    entry(14, "They went.", regions=["lakes"]),
    entry(15, " ".join(["The hangar"] + ["of wood"] * 3), kind="opinion"),
    entry(16, " ".join(["The hangar"] + ["of wood"] * 4)),
    entry(19, "Someone went.", countries=["x-norland"]),
    entry(18, "Friedland has a lake in Lakeland."),
    entry(17, " ".join(["The hangar"] + ["of wood"] * 20)),
]


@pytest.fixture(scope="module")
def weighted(tmp_path_factory):
    """Return a fact base that has one word in each field, each time of another claim."""
    base = tmp_path_factory.mktemp("weighted")
    article = {
        "article": {"id": "vane2001", "type": "article", "title": "Flight", "author": [{"family": "Vane", "given": "I."}], "issued": "2001"},
        "outline": [
            {"id": "one", "title": "One", "blocks": [{"block": "2", "kind": "body", "sentences": "20"}]},
            {"id": "two", "title": "The zeppelin", "blocks": [{"block": "3", "kind": "body", "sentences": "2"}]},
        ],
    }  # fmt: skip
    bibliography = {
        "references": [
            {"id": "eck", "type": "book", "title": "Aloft", "author": [{"family": "Zeppelin", "given": "F."}], "issued": "1999",
             "publisher": "Aero", "custom": {"number": 1}}
        ]
    }  # fmt: skip
    entities = {
        "countries": [
            {"code": f"x-{name.lower()}", "name": name, "note": "Made up."} for name in ("Friedland", "Norland")
        ],
        "regions": [{"id": "lakes", "name": "Lakeland", "members": ["x-friedland"]}],
        "actors": [{"id": "hindenburg", "name": "Hindenburg", "type": "organisation", "aliases": ["Silverfish"]}],
    }  # fmt: skip
    (base / "claims").mkdir()
    for name, content in (("article", article), ("bibliography", bibliography), ("entities", entities)):
        (base / f"{name}.yaml").write_text(json.dumps(content))
    (base / "claims" / "1.jsonl").write_text("".join(json.dumps(claim) + "\n" for claim in CLAIMS))
    return base


def degrees(query, facts):
    """Return for each claim the field that matched, and its weight as a share of the word's own."""
    ran = run("find", query, "--json", "--explain", "--limit", "50", facts=facts)
    matches = {record["id"]: record["match"][0] for record in json.loads(ran.out)}
    whole = max(match["weight"] for match in matches.values())
    return {id_: (match["field"], round(match["weight"] / whole, 2)) for id_, match in matches.items()}


def test_each_field_counts_its_own(weighted):
    """The best first: a word in the text, in search terms, questions, note, source, beside, section."""
    found = degrees("zeppelin", weighted)
    assert list(found) == ["w001", "w002", "w003", "w004", "w005", "w006", "w007"]
    text = 1.025
    assert found == {
        "w001": ("text", 1.0),
        "w002": ("terms", round(0.7 / text, 2)),
        "w003": ("asks", round(0.6 / text, 2)),
        "w004": ("note", round(0.5 / text, 2)),
        "w005": ("source", round(0.45 / text, 2)),
        "w006": ("beside", round(0.35 / text, 2)),
        "w007": ("section", round(0.25 / text, 2)),
    }


@pytest.mark.parametrize(("together", "found"), [(100, 100), (101, 1)])
def test_so_many_claims_of_one_sentence_tell_of_each_other(weighted, tmp_path, together, found):
    """Of more, each would have the words of all."""
    base = shutil.copytree(weighted, tmp_path / "base")
    claims = [CLAIMS[0], *(entry(n, f"The {n}. stayed.", at=["2.1"]) for n in range(2, together + 1))]
    (base / "claims" / "1.jsonl").write_text("".join(json.dumps(claim) + "\n" for claim in claims))
    ran = run("find", "zeppelin", "--json", "--limit", "200", facts=base)
    assert len(json.loads(ran.out)) == found


def test_who_is_named_counts_more_than_who_acts_and_where(weighted):
    """A name in the text, then those who act or speak; a country less."""
    assert degrees("hindenburg", weighted) == {
        "w009": ("name", 1.0),
        "w008": ("actors", 0.63),
        "w010": ("actors", 0.63),
    }
    for query, id_ in (("friedland", "w011"), ("lakeland", "w014")):
        found = degrees(query, weighted)
        assert found["w018"] == ("text", 1.0)
        assert found[id_] == ("countries", 0.37)


def test_a_date_counts_less_than_the_same_in_the_text(weighted):
    """A year in the text is a word as well."""
    assert degrees("1937", weighted) == {"w013": ("text", 1.0), "w012": ("date", round(0.9 / 1.025, 2))}


def test_a_match_in_a_shorter_text_counts_a_little_more(weighted):
    """Up to eight words, up to ten, more than thirty."""
    assert list(degrees("hangar", weighted)) == ["w015", "w016", "w017"]


NEIGHBOURS = list(zip(WEIGHTS, list(WEIGHTS)[1:], strict=False))


@pytest.mark.parametrize(("less", "more"), NEIGHBOURS, ids=["<".join(pair) for pair in NEIGHBOURS])
def test_no_field_counts_more_than_the_next(less, more):
    """Only who acts and the questions that a claim answers count the same."""
    assert WEIGHTS[less] < WEIGHTS[more] or (less, more) == ("actors", "asks")


def test_of_several_fields_the_best_counts(weighted):
    """Never the sum of them."""
    claim = json.loads(run("find", "flew", "--json", "--explain", facts=weighted).out)[0]
    assert [match["field"] for match in claim["match"]] == ["text"]


def test_a_country_that_is_only_tagged_answers_less_than_its_word_asks(weighted):
    """Alone it will do; beside words that are not there too, four fifths of it are too little."""
    assert ids("find", "norland", facts=weighted) == ["w019"]
    assert ids("find", "norland hangar zeppelin", facts=weighted) == []
    assert ids("find", "norland went", facts=weighted)[0] == "w019"


# Bounds


def test_a_file_may_have_just_as_many_bytes_as_are_read(tmp_path):
    """One more is refused."""
    path = tmp_path / "a"
    for more in (0, 1):
        with path.open("wb") as file:
            file.truncate(safe_open.MAX_BYTES + more)
        if more:
            with pytest.raises(OSError, match="larger than 16 MB"):
                safe_open.content(path)
        else:
            assert len(safe_open.content(path)) == safe_open.MAX_BYTES


def test_an_outline_may_have_just_as_many_sentences_as_are_counted(base):
    """One more is refused elsewhere."""
    path = base / "article.yaml"
    have = sum(
        len(section.blocks) and sum(n for _, n in section.blocks.values()) for section in load(base).sections
    )
    left = MAX_SENTENCES - have
    counts = [10_000] * (left // 10_000) + [left % 10_000]
    blocks = "".join(
        f"      - {{ block: {n}, kind: body, sentences: {count} }}\n" for n, count in enumerate(counts, 100)
    )
    path.write_text(path.read_text("utf-8") + blocks, "utf-8")
    assert len(load(base).claims) == 6


@pytest.mark.parametrize(("most", "said"), [(5, False), (4, True)])
def test_a_quotation_may_have_just_as_many_words_as_a_run(most, said):
    """One more is said."""
    ran = run("verify", "--article", HERE / "golden" / "sentences.tsv", "--max-run", most)
    assert ("c004: quote: quotes more than" in ran.out) == said


def test_of_several_names_with_a_word_the_one_that_ends_with_it_is_meant(base):
    """Unless several do."""
    path = base / "entities.yaml"
    for name, status in (("Authority of Fish", 0), ("Fish Authority", 1)):
        actor = f"  - {{ id: {name[:4].lower()}, name: {name}, type: organisation }}\n"
        path.write_text(path.read_text("utf-8") + actor, "utf-8")
        ran = run("actor", "authority", facts=base)
        assert ran.status == status, ran.err
        assert ran.out.startswith("c003\t") == (status == 0)
