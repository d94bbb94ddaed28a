"""Whatever stands in a source, its export is one entry, from which the same is read."""

import json
import re
import subprocess
from urllib.parse import unquote

import pytest
from conftest import needs_pandoc
from hypothesis import given
from hypothesis import strategies as st

from afcli.citing import pandoc
from afcli.citing.exports import export
from afcli.model import Source

HOSTILE = st.text(st.sampled_from('{}\\%$#_&~^@,=" -\n1aZé'), max_size=12)
TEXT = st.one_of(HOSTILE, st.text(max_size=12), st.just("x},\n}\n@book{evil, title={Injected}, note={"))
PERSON = st.one_of(
    st.fixed_dictionaries({"literal": TEXT}),
    st.fixed_dictionaries(
        {"family": TEXT}, optional={"given": TEXT, "suffix": TEXT, "non-dropping-particle": TEXT}
    ),
)
FIELDS = (
    "title",
    "container-title",
    "publisher",
    "volume",
    "issue",
    "page",
    "DOI",
    "URL",
    "language",
    "genre",
    "issued",
)
ITEMS = st.fixed_dictionaries(
    {"id": TEXT, "type": st.sampled_from(["article-journal", "book", "chapter", "report", "webpage", "interview"])},
    optional={"author": st.lists(PERSON, max_size=3), "editor": st.lists(PERSON, max_size=2)}
    | dict.fromkeys(FIELDS, TEXT),
)  # fmt: skip


def entries(text):
    """Return the entries of BibTeX as it reads them: up to the brace that closes, an escaped one counted too."""
    found, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        assert depth >= 0
        if letter == "}" and not depth:
            found.append(text[start : place + 1].strip())
            start = place + 1
    assert (depth, text[start:].strip()) == (0, "")
    return found


@pytest.mark.parametrize("form", ["bibtex", "biblatex"])
@given(item=ITEMS)
def test_any_source_stays_one_entry(form, item):
    """With each of its fields on a line of its own, and nothing else at the beginning of a line."""
    [entry] = entries(export([Source(item["id"], 1, item)], form))
    head, *fields, last = entry.split("\n")
    assert re.fullmatch(r"@[a-z]+\{[^\s{},\\]*,", head)
    assert last == "}"
    assert all(re.match(r"  [a-z]+ = (\{.*\}|[a-z]{3}),?$", field) for field in fields if field)
    assert len({field.partition(" =")[0] for field in fields}) == len(fields)


RICH = Source("orlova-ferry", 1, {
    "id": "orlova-ferry", "type": "article-newspaper", "title": "The ferry: a NATO story",
    "author": [{"family": "Orlova", "given": "Anna", "suffix": "Jr."}, {"literal": "Port and Sons"}],
    "editor": [{"family": "Berg", "given": "Leo", "non-dropping-particle": "van den"}],
    "container-title": "Port & Tide", "publisher": "Quay, Ltd", "issued": "2018-03-04", "volume": "7", "issue": "2",
    "page": "12-18", "DOI": "10.1/a_b", "URL": "https://x.org/%7Ea", "genre": "Interview", "language": "en-GB",
})  # fmt: skip
SHARED = """\
  author = {Orlova, Jr., Anna and {Port and Sons}},
  editor = {{van den Berg}, Leo},
  title = {{The} ferry: {a} {NATO} story},
  volume = {7},
  pages = {12--18},
  doi = {10.1/a_b},
  url = {https://x.org/%7Ea},
  type = {Interview},
"""
WHOLE = {
    "bibtex": f"""\
@article{{orlova-ferry,
{SHARED}\
  year = {{2018}},
  month = mar,
  day = {{4}},
  journal = {{Port \\& Tide}},
  number = {{2}},
  publisher = {{{{Quay, Ltd}}}},
  language = {{british}}
}}
""",
    "biblatex": f"""\
@article{{orlova-ferry,
  entrysubtype = {{newspaper}},
{SHARED}\
  date = {{2018-03-04}},
  journaltitle = {{Port \\& Tide}},
  number = {{2}},
  publisher = {{{{Quay, Ltd}}}},
  langid = {{british}}
}}
""",
    "ris": f"""\
TY  - NEWS
ID  - orlova-ferry
AU  - Orlova, Anna, Jr.
AU  - Port and Sons
ED  - van den Berg, Leo
TI  - The ferry: a NATO story
T2  - Port & Tide
PB  - Quay, Ltd
PY  - 2018
DA  - 2018/03/04/
VL  - 7
IS  - 2
SP  - 12
EP  - 18
DO  - 10.1/a_b
UR  - https://x.org/%7Ea
M3  - Interview
LA  - en-GB
ER  -{" "}
""",
}


@pytest.mark.parametrize("form", WHOLE)
def test_a_source_with_every_field(form):
    """The whole entry."""
    assert export([RICH], form) == WHOLE[form]


@pytest.mark.parametrize(
    ("issued", "year", "month", "day"),
    [
        ("2018", "2018", None, None),
        ("2018-03", "2018", "mar", None),
        ("2018-03-05", "2018", "mar", "{5}"),
        ("2018-03~", "2018", "mar", None),
        ("2018-21", "2018", None, None),
        ("2018-03/2018-05", "2018", None, None),
        ("2008/2018", "2008/2018", None, None),
    ],
)
def test_a_season_or_a_span_is_no_month(issued, year, month, day):
    """The year is kept."""
    text = export([Source("a", 1, {"id": "a", "type": "book", "issued": issued})], "bibtex")
    found = dict(re.findall(r"  (\w+) = (.*?),?\n", text))
    wanted = {"year": f"{{{year}}}", "month": month, "day": day}
    assert found == {name: value for name, value in wanted.items() if value}


HARD = ["a{b}z", "a{b{c}}z", "a\\z", "a%z", "a$z$", "a#z", "a_z", "a&z", "a^z", "a@z", "a,z", "a=z", "a~z", "a and z",
        "1}-2", "x},\n}\n@book{evil, title={Injected}, note={", "https://x.org/a_b?c=%7Bd%7D&e={f}#g"]  # fmt: skip
FULL = ("title", "container-title", "publisher", "volume", "issue", "page", "DOI", "URL")


def read(value):
    """Return *value* as pandoc reads it, which knows no brace without its partner."""
    return " ".join(re.sub("[{}]", "", unquote(value)).casefold().split())


@pytest.mark.slow
@needs_pandoc
@pytest.mark.parametrize("form", ["bibtex", "biblatex"])
def test_pandoc_reads_back_what_was_exported(form):
    """Every field of every entry, but for capitals at the beginning of a title, and what a link encodes."""
    sources = [
        Source(f"s{n}", n, {"id": f"s{n}", "type": "article-journal", "author": [{"family": v, "given": "Bo"}]}
        | dict.fromkeys(FULL, v)) for n, v in enumerate(HARD)
    ]  # fmt: skip
    done = subprocess.run(
        [pandoc.program(), "-f", form, "-t", "csljson"],
        input=export(sources, form).encode(),
        capture_output=True,
        check=True,
    )
    found = json.loads(re.sub(r"</?span[^>]*>", "", done.stdout.decode()))
    assert [item["id"] for item in found] == [source.key for source in sources]
    for item, source in zip(found, sources, strict=True):
        for field in FULL:
            assert read(item[field]) == read(source.item[field]), field
        [author] = item["author"]
        assert (read(author["family"]), author["given"]) == (read(source.item["title"]), "Bo")
    assert [item["publisher"] for item in found[:2]] == HARD[:2]
