"""From saved articles to drafts of fact bases: whole directories, of the real process."""

import json
import re
import shutil
import sysconfig
from pathlib import Path

import pytest
import yaml
from conftest import ARTICLE, HERE, needs_new
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afcli.authoring import article, mentions, name_rules, written_dates
from afcli.authoring import draft as drafts
from afcli.files.load import load

LAMP = HERE / "authoring"
DRAFT = LAMP / "draft"
DATED = "# Lamps\n\nIn 2018 a lamp went out. It was cold.\n"

pytestmark = needs_new


def tree(directory):
    """Return the text of every file below *directory*, by its path."""
    files = (p for p in directory.rglob("*") if p.is_file() and p.parent.name != drafts.SCHEMAS)
    return {str(p.relative_to(directory)): p.read_text("utf-8") for p in files}


def parsed(path):
    """Return the data of a YAML file."""
    return yaml.safe_load(path.read_text("utf-8"))


def saved(folder, text, name="saved.txt"):
    """Return the path of a file with *text*."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_draft_is_made_whole(afcli, tmp_path):
    """Every file of it, from plain text and BibTeX."""
    ran = afcli("new", tmp_path / "lamp", "--article", LAMP / "lamp.txt", "--bibliography", LAMP / "lamp.bib")
    assert tree(tmp_path / "lamp") == tree(DRAFT)
    assert ran.out.splitlines() == [
        str(tmp_path / "lamp" / name)
        for name in (
            "article.yaml",
            "bibliography.yaml",
            "entities.yaml",
            "sentences.tsv",
            "claims/01-introduction.yaml",
            "claims/02-the-bill.yaml",
            "claims/03-notes.yaml",
            "tags.tsv",
        )
    ]
    assert ran.err == (
        f"15 draft claims, 2 sources, 5 entities; now write the claims: afcli edit {tmp_path / 'lamp'}\n"
    )
    assert ran.status == 0


@pytest.mark.parametrize(
    ("form", "more"),
    [
        ("md", {"container-title": "Harbour Review"}),
        (
            "html",
            {"type": "webpage", "container-title": "Harbour Review", "URL": "https://harbour.example/lamp"},
        ),
    ],
)
def test_markdown_and_html_give_the_same_draft(afcli, tmp_path, form, more):
    """Sentence for sentence; and what the file says of the article besides."""
    afcli("new", tmp_path / "lamp", "--article", LAMP / f"lamp.{form}", "--bibliography", LAMP / "lamp.bib")
    about = parsed(DRAFT / "article.yaml")
    about["article"] |= more
    assert parsed(tmp_path / "lamp" / "article.yaml") == about
    there, wanted = tree(tmp_path / "lamp"), tree(DRAFT)
    assert there | {"article.yaml": ""} == wanted | {"article.yaml": ""}


def test_the_article_of_the_shipped_facts_comes_out_in_its_numbers(afcli, tmp_path):
    """Byte for byte as it was numbered by hand, with kinds and sections."""
    if not ARTICLE.exists():
        pytest.skip("the article is not here")
    ran = afcli("new", tmp_path / "base", "--article", ARTICLE.with_name("article.txt"))
    assert ran.status == 0
    assert (tmp_path / "base" / "sentences.tsv").read_bytes() == ARTICLE.read_bytes()


def test_a_draft_can_be_listed_and_verified_at_once(afcli, tmp_path):
    """Each claim is found to be a draft, and nothing else is found."""
    listed = afcli("list", "--status", "draft", facts=DRAFT)
    assert listed.status == 0
    assert len(listed.out.splitlines()) == 15
    ran = afcli("verify", "--article", DRAFT / "sentences.tsv", "--all", facts=DRAFT)
    assert ran.out == "".join(f"c{n:03}: draft: still has to be rewritten\n" for n in range(1, 16))
    assert ran.status == 1


def test_the_rewritten_draft_is_clean(afcli, tmp_path):
    """What the tutorial ends with: no warning, no finding."""
    base = shutil.copytree(DRAFT, tmp_path / "lamp")
    shutil.copytree(LAMP / "rewritten", base, dirs_exist_ok=True)
    assert afcli("check", base).status == 0
    assert afcli("verify", "--article", base / "sentences.tsv", base).status == 0


def test_printed_references_are_read_where_no_bibliography_is_given(afcli, tmp_path):
    """Authors, year and title; the rest is the person's."""
    afcli("new", tmp_path / "lamp", "--article", LAMP / "lamp.txt")
    read = {"notes": ["DRAFT: read from the printed entry."]}
    assert parsed(tmp_path / "lamp" / "bibliography.yaml")["references"] == [
        {
            "id": "ng-2018",
            "type": "document",
            "title": "The price of light",
            "author": [{"family": "Ng", "given": "A."}],
            "issued": "2018",
            "custom": {"number": "1", "at": "12.1"} | read,
        },
        {
            "id": "ruiz-2017",
            "type": "document",
            "title": "Keepers of the coast",
            "author": [{"family": "Ruiz", "given": "T."}],
            "issued": "2017",
            "custom": {"number": "2", "at": "13.1"} | read,
        },
    ]


@pytest.mark.parametrize(
    ("title", "known"),
    [
        ("The price of light at dusk", True),
        ("The price light: paid late", True),
        ("The price of light paid at dusk today", False),
        ("The price: paid at dusk", False),
    ],
    ids=["four words in six", "three in five", "four in eight", "two in five"],
)
def test_a_printed_reference_is_known_by_three_words_in_five_of_its_title(afcli, tmp_path, title, known):
    """Then the imported entry stands for it; else both are kept."""
    refs = saved(tmp_path, f"@article{{ng, author={{Ng, Ada}}, title={{{title}}}, date=2018}}", "refs.bib")
    afcli("new", tmp_path / "lamp", "--article", LAMP / "lamp.txt", "--bibliography", refs)
    references = parsed(tmp_path / "lamp" / "bibliography.yaml")["references"]
    assert ([r["id"] for r in references] == ["ng", "ruiz-2017"]) == known
    assert len(references) == (2 if known else 3)


NG = {
    "id": "ng",
    "type": "article-journal",
    "title": "The price of light",
    "author": [{"family": "Ng", "given": "Ada"}],
    "issued": "2018",
    "container-title": "Harbour Review",
}
BIBLIOGRAPHIES = {
    "refs.json": json.dumps([NG | {"issued": {"date-parts": [[2018]]}}]),
    "refs.yaml": json.dumps({"references": [NG]}),
    "refs.ris": "TY  - JOUR\nID  - ng\nAU  - Ng, Ada\nTI  - The price of light\nT2  - Harbour Review\nPY  - 2018\nER  - \n",
    "refs.bib": "@article{ng, author={Ng, Ada}, title={The price of light}, journaltitle={Harbour Review}, date=2018}",
}


@pytest.mark.parametrize("name", BIBLIOGRAPHIES)
def test_every_form_of_bibliography_gives_the_same(afcli, tmp_path, name):
    """As CSL, with the number and place of the printed entry."""
    refs = saved(tmp_path, BIBLIOGRAPHIES[name], name)
    ran = afcli("new", tmp_path / "lamp", "--article", LAMP / "lamp.txt", "--bibliography", refs)
    first = parsed(tmp_path / "lamp" / "bibliography.yaml")["references"][0]
    assert (first, ran.status) == (NG | {"custom": {"number": "1", "at": "12.1"}}, 0)


def test_a_broken_entry_is_left_out_alone(afcli, tmp_path):
    """With one line that says where it stands."""
    good = (LAMP / "lamp.bib").read_text("utf-8")
    refs = saved(
        tmp_path,
        good.replace("@article", "@book{broken,\n  title = {Never closed,\n}\n\n@article"),
        "refs.bib",
    )
    ran = afcli("new", tmp_path / "lamp", "--article", LAMP / "lamp.txt", "--bibliography", refs)
    first, _ = ran.err.splitlines()
    assert re.fullmatch(rf"{re.escape(str(refs))}:8: entry left out, pandoc cannot read it: .+", first)
    assert (tmp_path / "lamp" / "bibliography.yaml").read_text("utf-8") == tree(DRAFT)["bibliography.yaml"]


def test_nothing_that_exists_is_overwritten(afcli, tmp_path):
    """Neither a file of the base nor claims beside those that would be written."""
    for name in ("entities.yaml", "claims/99-mine.yaml"):
        base = tmp_path / name[:3]
        (base / name).parent.mkdir(parents=True)
        (base / name).write_text("mine")
        ran = afcli("new", base, "--article", LAMP / "lamp.txt")
        message = (
            f"afcli: {base / name} exists and is never overwritten; name another directory, or move it away\n"
        )
        assert (ran.out, ran.err, ran.status) == ("", message, 2)
        assert tree(base) == {name: "mine"}


def test_nothing_is_half_written(tmp_path):
    """Where one file cannot be written, none is there, and no directory that was made for it."""
    contents = {"a/b/one.yaml": "x", "two.yaml": "\ud800"}
    with pytest.raises(UnicodeError):
        drafts.write(tmp_path / "base", contents)
    assert list(tmp_path.iterdir()) == []


BAD = {
    "empty": (b" \n\n", "{0} is empty; save the text in it"),
    "binary": (b"In 2018\0\1", "{0} is not text; save it as text, Markdown or HTML in UTF-8"),
    "latin": (b"In 2018\nTom\xe1s", "{0}:2: is not UTF-8; save the file in UTF-8"),
    "large": (b"a" * (16 << 20) + b"b", "{0}:1: larger than 16 MB; save only the article in it"),
    "headings": (
        b"Lamps of 2018\n\nMore lamps\n",
        "the file has only headings or references, and no text to draft claims from",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_an_article_that_cannot_be_used_is_refused_in_one_line(afcli, tmp_path, case):
    """And no directory is made."""
    content, message = BAD[case]
    path = saved(tmp_path, content)
    ran = afcli("new", tmp_path / "base", "--article", path)
    assert (ran.out, ran.err, ran.status) == ("", f"afcli: --article: {message.format(path)}\n", 2)
    assert not (tmp_path / "base").exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["--article", "{0}/none.txt"],
            "--article: {0}/none.txt:1: cannot be read: no such file or directory; check the path and its permissions",
        ),
        (
            ["--article", "{0}"],
            "--article: {0}:1: cannot be read: is a directory; check the path and its permissions",
        ),
        (
            ["--article", "{0}/undated.txt"],
            "the article names no year; say when it was published: --date 2021-09",
        ),
        (
            ["--article", "{0}/bare.html"],
            "--article: {0}/bare.html has no main text that afcli can find; save it as text or Markdown",
        ),
        (
            ["--article", "{0}/dated.md", "--bibliography", "{0}/undated.txt"],
            "--bibliography: {0}/undated.txt is not one of .bib .ris .json .yaml .yml; export it as one of them",
        ),
        (
            ["--article", "{0}/dated.md", "--bibliography", "{0}/none.bib"],
            "--bibliography: {0}/none.bib:1: pandoc cannot read it: it holds no entries",
        ),
    ],
)
def test_other_bad_input_is_one_line_too(afcli, tmp_path, args, message):
    """Named, and with what to do."""
    saved(tmp_path, "A lamp went out. It was cold.", "undated.txt")
    saved(tmp_path, DATED, "dated.md")
    saved(tmp_path, "<html><body></body></html>", "bare.html")
    saved(tmp_path, "% nothing\n", "none.bib")
    ran = afcli("new", tmp_path / "base", *(arg.format(tmp_path) for arg in args))
    assert (ran.out, ran.err, ran.status) == ("", f"afcli: {message.format(tmp_path)}\n", 2)
    assert not (tmp_path / "base").exists()


def test_a_directory_that_cannot_be_made_is_named(afcli, tmp_path):
    """Here a file is in its way."""
    base = saved(tmp_path, DATED, "dated.md") / "base"
    ran = afcli("new", base, "--article", tmp_path / "dated.md")
    assert (
        ran.err
        == f"afcli: {base}: cannot be written: not a directory; check its permissions and free space\n"
    )
    assert ran.status == 2


@pytest.mark.parametrize(
    ("library", "needed", "name"),
    [
        ("sentencex", "sentencex", "dated.txt"),
        ("trafilatura", "trafilatura", "dated.html"),
        ("markdown_it", "markdown-it-py", "dated.md"),
        ("faker", "Faker", "dated.txt"),
        ("pypdf", "pypdf", "dated.pdf"),
    ],
)
def test_a_missing_library_is_named_with_its_extra(afcli, tmp_path, library, needed, name):
    """No traceback."""
    saved(tmp_path, "raise ImportError", f"{library}.py")
    path = saved(tmp_path, f"{DATED}Ines Vale sang.\n", name)
    ran = afcli("new", tmp_path / "base", "--article", path, env={"PYTHONPATH": str(tmp_path)})
    assert (
        ran.err
        == f"afcli: this needs {needed}; install it: pip install 'afcli[{'pdf' if library == 'pypdf' else 'new'}]'\n"
    )
    assert ran.status == 2


def test_an_article_that_cites_nothing_has_its_claims(afcli, tmp_path):
    """All of them from the article itself."""
    afcli("new", tmp_path / "base", "--article", saved(tmp_path, DATED, "dated.md"))
    assert [
        line.split("\t")[:3]
        for line in afcli("list", "--status", "draft", facts=tmp_path / "base").out.splitlines()
    ] == [
        ["c001", "2018", "article"],
        ["c002", "2018", "article"],
    ]


def test_sections_with_the_same_heading_are_told_apart(afcli, tmp_path):
    """By a number, which passes over one that another heading has."""
    headings = ["Lamps 2", "Lamps", "Lamps", "Lamps"]
    text = "# Oil\n\n" + "".join(f"## {heading}\n\nIt burnt in 2018.\n\n" for heading in headings)
    afcli("new", tmp_path / "base", "--article", saved(tmp_path, text, "a.md"))
    ids = [section["id"] for section in parsed(tmp_path / "base" / "article.yaml")["outline"]]
    assert ids == ["title", "lamps-2", "lamps", "lamps-3", "lamps-4"]


def test_the_date_that_is_given_counts(afcli, tmp_path):
    """And one that is none is refused."""
    path = saved(tmp_path, DATED, "dated.md")
    assert afcli("new", tmp_path / "base", "--article", path, "--date", "2019-04").status == 0
    assert parsed(tmp_path / "base" / "article.yaml")["article"]["issued"] == "2019-04"
    assert afcli("new", tmp_path / "other", "--article", path, "--date", "April").status == 2


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("on 16 September 2021", ["2021-09-16"]),
        ("on September 16, 2021, and in May 2019", ["2021-09-16", "2019-05"]),
        ("between 2008 and 2018", ["2008/2018"]),
        ("in 1998–99", ["1998/1999"]),
        ("in the early 1990s, or the mid-1990s", ["199X", "199X"]),
        ("in the 19th and the twentieth century", ["19XX"]),
        ("in the 19th century", ["18XX"]),
        ("since 1979, or since March 1979", ["1979/..", "1979-03/.."]),
        ("from 1993 onwards, or 1993 to the present", ["1993/..", "1993/.."]),
        ("before 1917 and after 1989", ["../1917", "1989/.."]),
        ("on 2021-09-16", ["2021-09-16"]),
        ("on 31 February 2021", []),
        ("1,911 lamps, 2019%, 19111 and 12:2018.5", []),
        ("between August and December of 1993", ["1993-08/1993-12"]),
        ("from November 1994 to November 1995", ["1994-11/1995-11"]),
        ("from 12 to 15 May 1960", ["1960-05-12/1960-05-15"]),
        ("May 12–15, 1960, or May 12 to June 3, 1960", ["1960-05-12/1960-05-15", "1960-05-12/1960-06-03"]),
        ("12 May – 3 June 1960", ["1960-05-12/1960-06-03"]),
        ("in March and April 2018, on 1 and 5 May 2019", ["2018-03", "2018-04", "2019-05-01", "2019-05-05"]),
        ("from 1993 until early 1995", ["1993/1995"]),
        ("the summer of 1994 and winter 1994–95", ["1994-22", "1994-24"]),
        ("the years 1917-21, the 2018/19 season", ["1917/1921", "2018/2019"]),
        ("2021-08, 2001-05, 2001–2005", ["2021-08", "2001/2005", "2001/2005"]),
        (
            "on 12/5/1999, 25/12/1999, 12/25/1999 and 1.5.2001",
            ["1999", "1999-12-25", "1999-12-25", "2001-05-01"],
        ),
        ("over 1500 packages, some 1997 people, 1800 MB", []),
        ("$1999, US$ 2000, €1999 and CVE-2014-0160", []),
        ("Windows 2000, RFC 1855, Resolution 1973", []),
        ("a 1500-strong crowd of the post-1991 order", []),
        ("In 1999 packages were few; the 1995 elections", ["1999", "1995"]),
        ("Christmas 1994 (born 1957)", ["1994", "1957"]),
        ("He may 1995 times; from 1 to 3 May he slept", []),
    ],
)
def test_dates_are_read_as_they_are_written(text, wanted):
    """In EDTF, in the order of the text."""
    assert [date.edtf for date in written_dates.find(text)] == wanted


SAVED = """\
Lamps of Ghana
==============

(1) A lamp went out in 2018. It was cold.

    Lamp    Owner     Year
    first   Accra     1990
    second  the town  1995-2001

More
----
Nobody lit it. Why?

Notes:

(1) Said in 2018. Said again.
"""
BLOCKS = [
    ("title", ["Lamps of Ghana"]),
    ("body", ["(1) A lamp went out in 2018.", "It was cold."]),
    ("body", ["Lamp Owner Year"]),
    ("body", ["first Accra 1990"]),
    ("body", ["second the town 1995-2001"]),
    ("heading", ["More"]),
    ("body", ["Nobody lit it.", "Why?"]),
    ("heading", ["Notes:"]),
    ("note", ["(1) Said in 2018.", "Said again."]),
]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=repr)
def test_plain_text_is_read_as_it_is_laid_out(tmp_path, ends):
    """Underlined headings, rows of a table, numbered notes; whatever its line ends, mixed too."""
    text = SAVED.replace("\n", ends, 9)
    found = article.read(saved(tmp_path, text))
    assert [(block.kind, list(block.sentences)) for block in found.blocks] == BLOCKS
    assert found.about.title == "Lamps of Ghana"


SOURCES = {"1": ("Ng", "2018"), "2": ("Ruiz", "2017"), "3": ("Ng", "2019")}


@pytest.mark.parametrize(
    ("text", "numbered", "wanted", "rest"),
    [
        ("So it is (Ng 2018).", False, ["1"], "So it is ."),
        ("So says Ng (2019) of 1911.", False, ["3"], "So says  of 1911."),
        ("So it is (see Ng & Ruiz, 2018a, p. 5).", False, ["1"], "So it is ."),
        ("It is (Ruiz et al. 2016; Ng 2019).", False, ["2", "3"], "It is ."),
        ("It is not (Ng 2001).", False, [], "It is not ."),
        ("So it is [3, 1].", True, ["1", "3"], "So it is [3, 1]."),
        ("So it is.[1]", False, [], "So it is.[1]"),
        ("In spring (March 2018) Ng left.", False, [], "In spring (March 2018) Ng left."),
    ],
)
def test_citations_are_told_from_the_text(text, numbered, wanted, rest):
    """By family name and year, by number where numbers cite; their years are no dates of the text."""
    marks = {number: mentions.Cited(number, "") for number in SOURCES if numbered}
    found, left = mentions.citations(text, SOURCES, marks)
    assert ([cited.number for cited in found], left) == (wanted, rest)


TEXT = [
    "Ian Murdock founded the Lamp Project in Bordeaux, France, with Bdale Garbee of the Harbour Institute.",
    "Murdock was born in Kumasi; Garbee led the project and Efua Addo kept its books.",
    "Dr. Smith disagreed, and so did Vice President Nils Lohner.",
    "The CD was called Linux for Hams, and Hams was sold on SUN Sparc machines; Sparc was slow.",
    "Hence Malatesta argued that Essential Lenin was a book. Malatesta said so twice.",
    "Chad Miller moved to Paris, Texas, to read the General Public License (GPL) of the Free Software Foundation (FSF).",
    "Queen Victoria Street leads to Lake Sero. The Alba Council Elections came late. Kristoffer H. Rose died.",
    "The poet visited Emma Goldman and Anna Goldman.",
]
NAMES = {
    "person": {
        "Ian Murdock": ("Murdock",),
        "Bdale Garbee": ("Garbee",),
        "Efua Addo": ("Addo",),
        "Smith": (),
        "Nils Lohner": ("Lohner",),
        "Malatesta": (),
        "Chad Miller": ("Miller",),
        "Kristoffer H. Rose": ("Rose",),
        "Emma Goldman": (),
        "Anna Goldman": (),
    },
    "organisation": {"Lamp Project": (), "Harbour Institute": (), "Free Software Foundation": ("FSF",)},
    "place": {"Queen Victoria Street": (), "Lake Sero": (), "Kumasi": (), "Texas": (), "Bordeaux": ()},
    "": {"General Public License": ("GPL",)},
}


def test_names_are_told_by_what_stands_around_them():
    """Persons act, bodies and places have their words; no thing is a person, and no two share a family name."""
    found = name_rules.names(TEXT, mentions.Finder(mentions.country_names(mentions.countries())))
    by_kind = {kind: {name.name: name.aliases for name in found if name.kind == kind} for kind in NAMES}
    assert by_kind == NAMES


def test_one_word_that_is_often_a_name_is_one():
    """Of something unknown, unless it is a part of the text or a word of it."""
    texts = ["We use Lampnet and PortNet.", "Here is Figure 1.", "They ask for Boats, or boats."]
    found = name_rules.names([*texts * 3, *["We ask Alba."] * 2], mentions.Finder({}))
    assert [(name.name, name.kind) for name in found] == [("Lampnet", ""), ("PortNet", "")]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("He lived in Paris, Texas.", []),
        ("He lived in Paris, then in Accra.", ["FR", "GH"]),
        ("A Bosnian and a Herzegovinian", ["BA"]),
    ],
)
def test_a_town_of_north_america_is_no_capital(text, codes):
    """And each demonym stands alone."""
    assert mentions.Finder(mentions.country_names(mentions.countries())).ids_in(text) == codes


WORDS = st.sampled_from(
    "Ghana the Lomé Ng (2018) lamp. Who? “No.” [1] 1. 2. by A. NATO (UN) Council Dr Mensah — ’ : # * é in 1999,".split()
)


@settings(suppress_health_check=list(HealthCheck))
@given(paragraphs=st.lists(st.lists(WORDS, min_size=1, max_size=14).map(" ".join), min_size=1, max_size=8))
def test_no_word_of_any_text_is_lost_and_every_draft_loads(tmp_path_factory, paragraphs):
    """Whatever the paragraphs look like."""
    folder = tmp_path_factory.mktemp("any")
    path = saved(folder, "\n\n".join([*paragraphs, "A lamp went out in 2018. It was cold."]))
    found = article.read(path)
    said = "".join("".join(block.sentences) for block in found.blocks)
    assert said.replace(" ", "") == "".join(path.read_text("utf-8").split())
    drafts.write(folder / "base", drafts.draft(found, []).files)
    assert load(folder / "base").claims


EXAMPLES = HERE.parent / "examples"
HISTORY = EXAMPLES / "python-history"


@pytest.mark.parametrize(
    ("name", "checked", "question", "answer"),
    [
        ("python-history", "62 claims and 0 sources", "who owns python 1.6", "c027\t2000\tarticle\t"),
        ("sci-hub", "139 claims and 67 sources", "who runs sci-hub", "c122\t2018-02-09\t25\tAlexandra Elbakyan"),
    ],
)  # fmt: skip
def test_the_examples_are_sound_bases(afcli, name, checked, question, answer):
    """Made by the tutorial alone: by hand, and from proposals that were then read."""
    ran = afcli("check", EXAMPLES / name)
    assert (ran.out, ran.err, ran.status) == ("", f"{checked} checked: 0 warnings\n", 0)
    [first, *_] = afcli("find", question, facts=EXAMPLES / name).out.splitlines()
    assert first.startswith(answer)


def test_the_example_written_by_hand_is_a_sound_base(afcli):
    """Made with edit from a page of Wikipedia; every claim was read, and nothing asks any more."""
    folder = HISTORY.parent / "lajpat-rai"
    ran = afcli("check", folder)
    assert (ran.out, ran.err, ran.status) == ("", "221 claims and 37 sources checked: 0 warnings\n", 0)
    assert not [path for path in folder.rglob("*.yaml") if "DRAFT:" in path.read_text("utf-8")]
    claims = load(folder).claims
    assert all(claim.read_by for claim in claims)
    assert not [
        claim.id for claim in claims if claim.text.startswith(("A statue", "A bust")) and claim.actors
    ]
    [first, *_] = afcli("find", "when did the hospital open", facts=folder).out.splitlines()
    assert first.startswith("c081\t1934-07-17\tarticle\t")


def test_the_example_still_stands_on_its_text(afcli, tmp_path):
    """As it is in the Python that runs this."""
    licence = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    if not licence.exists():
        pytest.skip("this Python came without its licence")
    text = licence.read_text("utf-8").partition("B. TERMS AND CONDITIONS")[0]
    ran = afcli("verify", "--article", saved(tmp_path, text), HISTORY)
    assert (ran.out, ran.status) == ("", 0)
    assert "62 unchanged, 0 moved, 0 changed, 0 gone\n" in ran.err
