"""Find understands what was meant: a relevance table on the shipped facts, and the grammar on the small ones."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import SHIPPED, run

from afcli.index.upkeep import open_in_memory
from afcli.search.filters import Filters
from afcli.search.find import find
from afcli.search.interpret import interpret
from afcli.search.time_or_amount import kind_asked, tells
from afcli.text import words

BASE = open_in_memory(SHIPPED)

# Query, a piece of the text that must stand among the first so many, a piece that must not stand there at all.
TABLE = [
    ("Kabulov born", "born in 1954", 2, "wall"),
    ("Khodizoda expert", "Faredun Hodizoda is an expert", 3, None),
    ("Замир Кабулов", "Kabulov", 1, None),
    ("Токаев Жапаров", "Japarov", 1, None),
    ("Туркмения стена", "Turkmenistan is even putting up a wall", 3, None),
    ("бородатые паспорта", "beards", 3, None),
    ("Tokayev Awaza", "Awaza", 1, None),
    ("turkmenstan wal", "wall", 1, "Kabulov"),
    ("Shangai organisation", "Shanghai", 1, None),
    ("panjsher", "Panjshir", 1, None),
    ("800 km", "800 km", 1, None),
    ("31 million", "31 million", 1, None),
    ("42%", "42%", 1, None),
    ("16 September 2021", "16 September 2021", 2, None),
    ("16.09.2021", "16 September 2021", 2, None),
    ("April 2017", "April 2017", 1, None),
    ("Sept 2021 Dushanbe", "Dushanbe", 1, None),
    ("1979 occupation", "USSR", 1, None),
    ("arms sale", "arms sales", 1, None),
    ("hubs humanitarian", "humanitarian aid", 1, None),
    ("lip service agreements", "lip-service", 1, None),
    ("bitter pil", "bitter pill", 1, None),
    ("orthod", "Orthodox", 1, None),
    ("Mirziyoev integration", "integration", 2, None),
    ("IRPT terrorist", "Islamic Renaissance Party", 1, None),
    ("Lemmon terrorism", "Lemmon, E.", 3, None),
    ("Small Wars & Insurgencies", "Lushenko", 1, None),
    ("27.09.2021", "Эмомали Рахмон", 1, None),
    ("Кабулов", "Zamir Kabulov", 1, None),
    ("Кабуле", "Afghanistan", 1, None),
    ("what does everybody have to hope for", "hope for the Taliban to prevail", 1, None),
    ("how many people live in the country", "31 million", 1, None),
    ("India talks", "Iran, India and Afghan officials", 1, "terrorism"),
    ("India role", "Iran, India and Afghan officials", 1, None),
    ("Nursultan role", "move to Nur-Sultan", 4, None),
    ("Shoigu phone", "Shoigu is Russia's minister of defence", 1, None),
    ("Who is Stepanova?", "Stepanova, E.", 1, None),
    ("who wrote the article", "Helena Arntz and Michael Kemper wrote the article", 1, None),
    ("Kazakhstan treats all schools of Islam equally.", "school of Islam as traditional", 1, None),
    ("Why doesn't Putin want Afghan refugees waiting in Central Asia?", "refugees", 1, None),
    ("Did Uzbekistan go back into the CSTO in the end?", "return to full membership of the CSTO", 2, None),
    ("Do the Uzbeks outnumber the Tajiks in Afghanistan?", "Tajik", 3, None),
    ("coethnics takeover", "co-ethnics", 6, None),
    ("what does the article say about Islam", "radical Islam", 1, None),
    ("Russian defense minister", "minister of defence", 1, None),
    ("neighbors trust", "trust among the country's neighbours", 1, None),
    (
        "Which Central Asian countries are in the CSTO and which are not?",
        "Uzbekistan is not a member",
        1,
        None,
    ),
    ("какие страны Центральной Азии в ОДКБ", "Kyrgyzstan, Kazakhstan and Tajikistan are members", 3, None),
    ("Central Asian members of the CSTO", "Kyrgyzstan, Kazakhstan and Tajikistan are members", 2, None),
]


@pytest.mark.parametrize(("query", "wanted", "within", "never"), TABLE, ids=[row[0] for row in TABLE])
def test_the_claim_that_answers_stands_first(query, wanted, within, never):
    """Misspelt, half typed, in Russian, by another name, by a date."""
    texts = [hit.claim.text for hit in find(BASE, query, Filters()).hits]
    assert any(wanted in text for text in texts[:within])
    assert never is None or not any(never in text for text in texts)


@pytest.mark.parametrize(
    "query",
    [
        "tomato soup",
        "violin concerto",
        "Merkel Scholz coalition",
        "Zelensky",
        "Ashgabat airport opening 2016",
        "Rahmon birthday cake",
        "Antarctica",
        "шахматный турнир",
        "Central Asian violins",
    ],
)
def test_what_the_article_does_not_say_is_answered_with_silence(query):
    """Also where a word of the query is known."""
    assert find(BASE, query, Filters()).hits == []


@pytest.mark.parametrize(
    ("name", "share"),
    [("strangers.txt", 0.87), ("strangers-questions.txt", 0.91), ("strangers-near.txt", 0.82)],
    ids=["words", "questions", "near"],
)
def test_strangers_are_answered_with_silence(name, share):
    """Queries about things that the article does not hold, from near and far.

    Those that are answered ask one everyday thing of a name that the article has, as in "Kabulov wife".
    """
    strangers = (SHIPPED.parent / "benchmarks" / name).read_text("utf-8").splitlines()
    silent = [query for query in strangers if not find(BASE, query, Filters()).hits]
    assert len(silent) / len(strangers) >= share


PARTY = "Tajikistan's Islamic Renaissance Party was declared a terrorist organisation long ago."


@pytest.mark.parametrize(
    ("query", "text", "told"),
    [
        ("When was the party founded?", PARTY, False),
        ("And since when did they meet", "In May they met.", True),
        ("How long has he been there?", "He has been there for decades.", True),
        ("How old is he?", "He was born in 1954.", True),
        ("Which year was it?", "In 1996 the Taliban came to power.", True),
        ("How many languages does he speak?", "He studied languages in 1979.", False),
        ("How many of them are there?", "Pashtuns are 42% of the residents.", True),
        ("How much leverage do they have?", "They have little leverage.", True),
        ("How long is the border?", "The border has been closed since 2021.", False),
        ("How high is it?", "It is 800 m high.", True),
        ("Сколько их?", "Их нет.", False),
        ("Сколько их?", "Их пять тысяч.", True),
        # Any text may answer these, or they are no questions.
        ("When the Taliban came to power, Kabulov talked with them.", "", None),
        ("When was it founded?", "Russia may let its troops march.", False),
        ("How did he do it?", "", None),
        ("What did they say when he left?", "", None),
        ("", "", None),
    ],
)
def test_a_question_for_a_time_or_an_amount(query, text, told):
    """Is told from others, and a text that may answer it from one that does not."""
    kind = kind_asked(words(query))
    assert (tells(kind, text) if kind else None) is told


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("When was the Islamic Renaissance Party founded?", None),
        # Nothing is left to tell, even without a date.
        ("When was the Islamic Renaissance Party banned?", "has long been banned"),
        ("How long is the wall of Turkmenistan?", "border wall"),
        ("How many Russian soldiers are there in Tajikistan compared with its own army?", "almost equals"),
        # Some of its words meet in a claim on the minister of Pakistan.
        ("Who is the foreign minister of Turkmenistan?", None),
        ("Who is the foreign minister of Pakistan?", "The Pakistani foreign minister"),
    ],
)
def test_what_is_said_of_a_name_is_no_answer_to_everything(query, found):
    """Not to a question for a time if it tells none, nor for words alone where the name is another."""
    hits = find(BASE, query, Filters()).hits
    assert (found in hits[0].claim.text) if found else not hits


@pytest.mark.parametrize("rare", ["cotton", "reactor", "Karabakh", "хлопок"])
def test_a_word_that_is_rare_at_large_is_not_passed_over(rare):
    """What the facts do not know is what was asked for."""
    assert find(BASE, f"Uzbekistan {rare}", Filters()).hits == []


QUESTIONS = [
    line.split("\t")[2:4]
    for line in (SHIPPED.parent / "benchmarks" / "questions.tsv").read_text("utf-8").splitlines()[1:]
]


def test_a_region_also_means_its_countries():
    """Below what names the region, unless the query asks which of them."""

    def weights(query):
        ran = run("find", query, "--explain", "--json")
        return {claim["id"]: claim["match"][0]["weight"] for claim in json.loads(ran.out)}

    named, asked = weights("African Union"), weights("which African Union states")
    assert 0 < named["c003"] < named["c005"]
    assert asked["c003"] > asked["c005"]


def test_most_long_everyday_questions_are_answered():
    """Nine in ten have a right sentence among the first three claims."""

    def answered(query, relevant):
        wanted = {part.partition(":")[0] for part in relevant.split()}
        return any(wanted.intersection(hit.claim.at) for hit in find(BASE, query, Filters()).hits[:3])

    assert sum(answered(*row) for row in QUESTIONS) / len(QUESTIONS) >= 0.9


def test_a_base_without_search_fields_answers_most_of_them(tmp_path):
    """What every new article starts as."""
    bare = open_in_memory(
        Path(shutil.copytree(SHIPPED, tmp_path / "facts", ignore=shutil.ignore_patterns("search")))
    )
    answered = [query for query, _ in QUESTIONS if find(bare, query, Filters()).hits]
    assert 0.8 <= len(answered) / len(QUESTIONS) < 1


CLAIMS = [
    ("Ian Murdock founded Debian in August 1993.", "", "2.1"),
    ("Debian is built by volunteers.", "", "2.2"),
    ("Volunteers in India translate Debian.", "IN", "2.3"),
    ("The US office closed in 2004, which surprised us.", "US", "4.1"),
]
FOUND = [f"d{n}\t2019\tarticle\t{text}\n" for n, (text, _, _) in enumerate(CLAIMS, 1)]


@pytest.fixture
def debian(base):
    """Return a base of four claims, without search fields, that knows two countries."""
    for path in (base / "claims").iterdir():
        path.unlink()
    claims = [
        {
            "id": f"d{number}", "text": text, "kind": "fact", "actors": [], "countries": [*filter(None, [country])],
            "date": "2019", "date_basis": "writing", "source": "article", "basis": "explicit", "at": [at],
        }
        for number, (text, country, at) in enumerate(CLAIMS, 1)
    ]  # fmt: skip
    (base / "claims" / "1.yaml").write_text(yaml.safe_dump({"claims": claims}), "utf-8")
    entities = yaml.safe_load((base / "entities.yaml").read_text("utf-8"))
    entities["countries"] += [{"code": "IN", "name": "India"}, {"code": "US", "name": "United States"}]
    (base / "entities.yaml").write_text(yaml.safe_dump(entities, allow_unicode=True), "utf-8")
    return base


NEAR = "nothing answers this; closest: d2 Debian is built by volunteers, d3 Volunteers in India translate Debian\n"


@pytest.mark.parametrize(
    ("query", "out", "err", "status"),
    [
        (["debian started"], FOUND[:3], "no claim has 'started'\n", 0),
        (["who started debian"], FOUND[:3], "no claim has 'started'\n", 0),
        (["India"], FOUND[2:3], "", 0),
        (["IN"], FOUND[2:3], "", 0),
        (["in"], [], "nothing found\n", 1),
        (["US"], FOUND[3:], "", 0),
        (["us"], [], "nothing found\n", 1),
        (["how can volunteers get a free breakfast"], [], NEAR, 1),
        (["how can volunteers get a free breakfast", "--json"], ["[]\n"], NEAR, 1),
        (
            ["--closest", "how can volunteers get a free breakfast"],
            FOUND[1:3],
            "no claim has 'free' or 'breakfast'\n",
            0,
        ),
        (["zeppelin"], [], "nothing found\n", 1),
        (["--closest", "zeppelin"], [], "nothing found\n", 1),
        (["murdoch"], FOUND[:1], "showing results for 'murdock'\n", 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) and value and len(value) < 3 else "",
)
def test_a_small_base_answers_what_it_can(debian, query, out, err, status):
    """One unknown word does not silence it, codes are names in capitals only, and what comes closest is named."""
    ran = run("find", *query, facts=debian)
    assert (ran.out, ran.err, ran.status) == ("".join(out), err, status)


def test_a_beginning_with_a_slip_means_a_hundred_words_at_most(debian):
    """However many words begin so."""
    path = debian / "claims" / "1.yaml"
    letters = [a + b for a in "bcdfghjklm" for b in "bcdfghjklmnp"]
    path.write_text(
        path.read_text("utf-8").replace("volunteers.", " ".join(f"zyxwvut{x}" for x in letters)), "utf-8"
    )
    query = interpret("zyxvwut", open_in_memory(debian))
    assert len({reading.term for reading in query.readings}) == 100


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("country:za", ["c001"]),
        ('country:"ivory coast" kind:report', ["c003"]),
        ("actor:mensah -bill", ["c002"]),
        ("source:1 basis:inferred", ["c003"]),
        ("date:2018-03", ["c001", "c002", "c003"]),
        ("date:2018-03-04..2018-03-05 -country:za", ["c002", "c003"]),
        ("date:..1980", ["c001"]),
        ('"took over"', ["c002"]),
        ('"over took"', []),
        ('"hole in the water"', ["c004"]),
        ("ferry -ivory", ["c002", "c003"]),
        ('ferry -"ivory coast"', ["c002", "c003"]),
        ("foo:ferry ferry mensah", ["c002", "c001", "c003", "c004"]),
        ('ferry "', ["c002", "c001", "c003"]),
    ],
)
def test_filters_phrases_and_exclusions_within_the_query(query, wanted):
    """One argument may hold a whole query."""
    found = [line.split("\t")[0] for line in run("find", query).out.splitlines() if line.startswith("c0")]
    assert found == wanted


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (
            "kind:rumour",
            "afcli: kind:rumour is unknown; write kind: and one of fact, report, quote, opinion, forecast, question",
        ),
        (
            "date:soon",
            "afcli: date:soon is not a date; write date:2021, date:2021-08-25, date:2021-08..2021-09 or date:2021-08..",
        ),
        (
            'country:""',
            'afcli: country: needs a name; write country:name or country:"two words"; afcli country lists them',
        ),
    ],
)
def test_a_malformed_field_shows_the_right_form(query, error):
    """Exit status 2."""
    ran = run("find", query)
    assert (ran.out, ran.err, ran.status) == ("", error + "\n", 2)


def test_an_unknown_name_in_the_query_gets_suggestions():
    """As in the options."""
    ran = run("find", 'country:"Ivory island"')
    assert (ran.err, ran.status) == (
        "afcli: no country called 'Ivory island'; did you mean Côte d’Ivoire?\n",
        1,
    )


def test_after_two_dashes_words_may_start_with_one():
    """As everywhere in the shell."""
    assert [line[:4] for line in run("find", "--", "ferry", "-ivory").out.splitlines()] == ["c002", "c003"]


def test_a_corrected_word_is_said():
    """On standard error; the answer is as if it had been written right."""
    wrong, right = run("find", "mennsah"), run("find", "mensah")
    assert (wrong.out, wrong.err) == (right.out, "showing results for 'mensah'\n")


def test_names_are_offered_where_a_word_is_misspelt():
    """On standard error, status 1; a word of the language is not misspelt."""
    ran = run("find", "zzz", "portauthorities")
    assert (ran.out, ran.err, ran.status) == ("", "nothing found; did you mean Port Authority?\n", 1)
    for word in ("menace", "Uyghur", "NATO"):
        ran = run("find", word)
        assert (ran.out, ran.err, ran.status) == ("", "nothing found\n", 1)


def test_explain_adds_why_to_each_record_and_nothing_else():
    """Word, term, field, way and weight of each match."""
    plain = json.loads(run("find", "Mensa ferrry", "--json").out)
    explained = json.loads(run("find", "Mensa ferrry", "--json", "--explain").out)
    matches = [record.pop("match") for record in explained]
    assert explained == plain
    assert [(m["word"], m["term"], m["field"], m["way"]) for m in matches[0]] == [
        ("mensa", "@mensah", "name", "alias"),
        ("ferrry", "ferri", "text", "typo"),
    ]


def test_a_match_through_another_name_is_highlighted():
    """What stands in the text is set off, not what was typed."""
    out = run("find", "Кот-д’Ивуар", env={"FORCE_COLOR": "1", "TERM": "xterm"}).out
    assert "of \x1b[1mCôte\x1b[0m \x1b[1md’Ivoire\x1b[0m reportedly" in out


def test_queries_on_standard_input_are_answered_line_by_line():
    """One JSON object a query, whether or not it found something."""
    done = subprocess.run(
        ["sh", "-c", "printf 'ferry mensah\\nzeppelin\\n' | afcli find - --limit 1"],
        env={"PATH": f"{__import__('sys').prefix}/bin:/usr/bin:/bin", "AFCLI_FACTS": str(SHIPPED.parent / "tests" / "tiny")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert (first["query"], [r["id"] for r in first["results"]]) == ("ferry mensah", ["c002"])
    assert second == {"query": "zeppelin", "results": []}


def test_references_are_found_as_themselves_but_never_listed():
    """The same object, of the kind reference."""
    [record, *_] = json.loads(run("find", "costs of crossing", "--json").out)
    assert (record["id"], record["kind"], record["at"], record["source"]["number"]) == (
        "costs",
        "reference",
        ["6.1"],
        2,
    )
    assert "reference" not in run("list", "--json").out


def test_search_fields_never_appear(base):
    """`asks` and `terms` serve the search alone."""
    path = base / "claims" / "1-opening.yaml"
    path.write_text(
        path.read_text() + '    asks: [who hawked the boats]\n    terms: ["перевозка", shipping]\n'
    )
    ran = run("find", "hawked boats", "--json", "--explain", facts=base)
    assert [r["id"] for r in json.loads(ran.out)] == ["c003"]
    assert "hawked the" not in ran.out
    assert [line[:4] for line in run("find", "перевозки", facts=base).out.splitlines()] == ["c003"]
