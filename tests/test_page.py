"""The web page, the wiki page and the folder of notes: what is in them, what can never run, what is refused."""

import base64
import hashlib
import json
import re
import shutil
from html.parser import HTMLParser

import pytest
from conftest import SHIPPED, SHIPPED_CLAIMS, TINY, run

from afcli.page import build

HISTORY = SHIPPED.parent / "examples" / "python-history"
HOSTILE = (
    "</script><script>top.ran=1</script>",
    "<img src=x onerror=top.ran=1>",
    "--><!--<script>",
    "a\u2028b\u2029c",
    "\u202egnp.exe\u202c",
    "{{data}} &lt;b&gt; &amp; \" ' `",
    "[x](javascript:top.ran=1) ![i](http://evil.example/i.png) [[c001]] $x$ %%y%% #tag",
    "w" * 1_990,
)


class Page(HTMLParser):
    """What stands in a page: each element with its attributes and the text right within it."""

    def __init__(self, text):
        """Read a whole page."""
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Begin an element."""
        self.elements.append([tag, dict(attrs), ""])

    def handle_endtag(self, tag):
        """End it: what follows stands in no element."""
        self.elements.append(["/" + tag, {}, ""])

    def handle_data(self, data):
        """Add text to the element it stands in."""
        if self.elements:
            self.elements[-1][2] += data

    def all(self, tag):
        """Return attributes and text of each element *tag*."""
        return [(attributes, text) for name, attributes, text in self.elements if name == tag]

    @property
    def data(self):
        """Return what the page knows."""
        return json.loads(next(text for attributes, text in self.all("script") if attributes))


def exported(*args, facts=TINY):
    """Return a page."""
    ran = run("export", "--format", "html", *args, facts=facts)
    assert (ran.err, ran.status) == ("", 0)
    return ran.out


@pytest.fixture(scope="module")
def shipped():
    """Return the page of the shipped facts."""
    return exported(facts=SHIPPED)


@pytest.fixture
def hostile(base):
    """Return the small base with a hostile text in each place that is shown."""
    return made_hostile(base)


def made_hostile(base):
    """Write hostile texts into the copy *base* of the small base."""
    lines = [json.loads(line) for line in run("export", facts=base).out.splitlines()]
    for path in (base / "claims").iterdir():
        path.unlink()
    for n, text in enumerate(HOSTILE):
        lines.append({**lines[0], "id": f"h{n}", "text": text, "note": text})
    (base / "claims" / "all.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    for name, old in (
        ("article.yaml", "title:"),
        ("bibliography.yaml", "title:"),
        ("entities.yaml", "name:"),
    ):
        text = (base / name).read_text("utf-8")
        assert old in text
        new = re.sub(
            rf"(?m)({old} )[^\n]*$",
            lambda found: found[1] + json.dumps(HOSTILE[0] + HOSTILE[1]),
            text,
            count=1,
        )
        (base / name).write_text(new, "utf-8")
    return base


# The page


def digest(text):
    """Return the hash of *text* as a policy names it."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def test_a_page_runs_its_own_program_and_nothing_else(shipped):
    """The policy names one program and one style by their hashes; no attribute could run or fetch anything."""
    page = Page(shipped)
    [(policy, _)] = [meta for meta in page.all("meta") if "http-equiv" in meta[0]]
    [(_, style)] = page.all("style")
    [program] = [text for attributes, text in page.all("script") if not attributes]
    assert policy["content"] == (
        f"default-src 'none'; script-src {digest(program)}; style-src {digest(style)};"
        " base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )
    # A policy counts from where it stands on.
    assert [tag for tag, *_ in page.elements][:4] == ["html", "head", "meta", "meta"]
    names = {name for _, attributes, _ in page.elements for name in attributes}
    assert not {n for n in names if n.startswith("on")} | names & {"src", "style", "srcset", "action"}
    assert all(attributes["href"].startswith("#") for attributes, _ in page.all("a"))
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|fetch\(|XMLHttp", program
    )
    assert not re.search(r"url\(|@import|@font-face", style)


def test_the_shipped_page_is_small_and_always_the_same(shipped):
    """Anybody can mail it, and a diff shows what changed."""
    assert len(shipped.encode()) < 400_000
    assert exported(facts=SHIPPED) == shipped
    data = Page(shipped).data
    assert len(data["claims"]) == data["about"]["claims"] == SHIPPED_CLAIMS
    assert data["about"]["whole"] is True


def test_a_claim_is_there_with_all_that_is_shown():
    """Text, who, where, when, on whose authority, where in the article, and how to cite it."""
    data = Page(exported()).data
    claim = next(row for row in data["claims"] if row[0] == "c002")
    (
        _,
        text,
        kind,
        actors,
        countries,
        regions,
        said_by,
        date,
        start,
        end,
        dated,
        source,
        basis,
        at,
        section,
        note,
        cited,
    ) = claim
    record = json.loads(run("show", "c002", "--json").out)
    record = record[0] if isinstance(record, list) else record
    assert (text, kind, basis, at) == (
        record["text"],
        record["kind"],
        record["basis"],
        ", ".join(record["at"]),
    )
    assert [data["entities"][n][1] for n in actors] == [actor["name"] for actor in record["actors"]]
    assert (countries, regions, said_by) == ([], [], [])
    assert [date, start, end, dated] == [record["date"][key] for key in ("edtf", "start", "end", "basis")]
    assert data["sources"][source]["label"] == record["source"]["label"]
    assert data["sections"][section] == record["section"]
    assert note == record["note"]
    assert data["citations"][cited][0].endswith(f"Section “{record['section']}”)")


def test_the_whole_page_has_the_whole_bibliography(shipped):
    """Also a source that carries no claim."""
    keys = [source["key"] for source in Page(shipped).data["sources"]]
    assert (len(keys), "panfilova-new-government" in keys) == (12, True)


def test_filters_choose_what_the_page_holds():
    """And the page says that it is a part."""
    data = Page(exported("--kind", "quote")).data
    listed = [line.split("\t")[0] for line in run("list", "--kind", "quote").out.splitlines()]
    assert [row[0] for row in data["claims"]] == listed
    assert (data["about"]["whole"], data["about"]["claims"]) == (False, len(listed))


def test_sections_choose_too():
    """By id or title; all of them make the whole."""
    whole = [json.loads(line)["id"] for line in run("export").out.splitlines()]
    sections = [s.id for s in __import__("afcli").open(TINY).base.sections]
    parts = [run("export", "--section", section).out.splitlines() for section in sections]
    assert sorted(json.loads(line)["id"] for part in parts for line in part) == sorted(whole)
    ran = run("export", "--section", "openning")
    assert (ran.err, ran.status) == ("afcli: no section called 'openning'; did you mean opening?\n", 1)


def test_hostile_data_is_data(hostile):
    """No piece of it is markup, whatever it holds; what turns text around is written as an escape."""
    text = exported(facts=hostile)
    page = Page(text)
    assert len(page.all("script")) == 2
    assert not page.all("img")
    raw = text.split('id="page-data">')[1].split("</script>")[0]
    assert not re.search("[<>&\u2028\u2029]", raw)
    shown = {row[0]: row[1] for row in page.data["claims"]}
    assert shown["h0"] == HOSTILE[0]
    assert shown["h3"] == "a b c"
    assert shown["h4"] == "\\u202egnp.exe\\u202c"
    assert shown["h5"] == HOSTILE[5]
    assert shown["h7"] == HOSTILE[7]


def test_only_addresses_of_the_web_are_links(base):
    """A bibliography may hold any text as URL."""
    path = base / "bibliography.yaml"
    text = path.read_text("utf-8")
    path.write_text(
        re.sub(r"(?m)^(\s*)(title: .*)$", r'\1\2\n\1URL: "javascript:top.ran=1"', text, count=1), "utf-8"
    )
    assert [source["url"] for source in Page(exported(facts=base)).data["sources"]].count("") >= 1
    assert "javascript:top" not in json.dumps([s["url"] for s in Page(exported(facts=base)).data["sources"]])


def test_what_nobody_has_read_is_left_out(base):
    """And the command says how many there are; who has read the rest stands on the page."""
    path = min((base / "claims").iterdir())
    text = path.read_text("utf-8").replace("    kind:", "    status: draft\n    kind:", 1)
    path.write_text(
        text.replace("    kind: report", "    kind: report\n    read_by: Ada <b>\n    read_on: 2021-01-02"),
        "utf-8",
    )
    for form in ("html", "md"):
        ran = run("export", "--format", form, facts=base)
        assert (ran.err, ran.status) == ("5 written; 1 that nobody has read are left out\n", 0)
        assert "The ferry has crossed" not in ran.out
    about = Page(run("export", "--format", "html", facts=base).out).data["about"]
    assert (about["claims"], about["all"], about["readers"]) == (5, 5, [["Ada <b>", 1]])
    ran = run("export", "--format", "html", "--status", "all", facts=base)
    assert ran.err == "afcli: --format html writes only claims that have been read; leave --status out\n"
    assert (ran.out, ran.status) == ("", 2)


def test_too_many_claims_are_refused_with_what_to_do(monkeypatch, tmp_path):
    """No page is written that would freeze."""
    monkeypatch.setattr(build, "LARGEST", 5)
    ran = run("export", "--format", "html", "-o", tmp_path / "page.html")
    assert ran.err == (
        "afcli: 6 claims are too many for one page, which holds 5; write a page for each section"
        " (opening, quarrel): --section ID, or choose with another filter\n"
    )
    assert (ran.out, ran.status, list(tmp_path.iterdir())) == ("", 2, [])
    assert run("export", "--format", "html", "--section", "opening").status == 0


def test_two_bases_make_one_page():
    """Each id with its base; both articles are named."""
    ran = run("--facts", TINY, "--facts", HISTORY, "export", "--format", "html")
    data = Page(ran.out).data
    keys = [a["label"] for a in data["about"]["articles"]]
    assert len(keys) == 2
    assert all(title.endswith(tuple(f"({key})" for key in keys)) for title in data["sections"])
    assert {row[0].partition("/")[0] for row in data["claims"]} == {
        s["key"].partition("/")[0] for s in data["sources"]
    }
    assert len({row[0] for row in data["claims"]}) == data["about"]["claims"] == data["about"]["all"]


@pytest.mark.parametrize("form", ["html", "md", "obsidian"])
def test_nothing_found_writes_nothing(form, tmp_path):
    """An old page is not replaced by an empty one."""
    target = tmp_path / "page"
    ran = run("export", "--format", form, "--to", "1900", "-o", target)
    assert (ran.out, ran.err, ran.status, target.exists()) == ("", "nothing found\n", 1, False)


# Markdown


def test_a_wiki_page_holds_claims_and_sources():
    """As Markdown, each claim with an anchor, each source with its claims."""
    assert run("export", "--format", "md", "--section", "quarrel").out == (
        TINY.parent / "page" / "quarrel.md"
    ).read_text("utf-8")


def test_markdown_shows_hostile_text_as_it_is(hostile):
    """No link, image, tag or HTML comes out of the data."""
    from markdown_it import MarkdownIt

    text = run("export", "--format", "md", facts=hostile).out
    html = MarkdownIt("commonmark", {"html": True}).render(text)
    page = Page(html)
    assert not page.all("script") + page.all("img")
    assert {a["href"][0] for a, _ in page.all("a") if "href" in a} == {"#"}
    assert "[x](javascript:top.ran=1)" in html


# Notes


def notes(folder, *args, facts=TINY):
    """Write notes."""
    return run("export", "--format", "obsidian", "-o", folder, *args, facts=facts)


def held(folder):
    """Return the notes in *folder*."""
    return {p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in sorted(folder.rglob("*.md"))}


def test_notes_are_one_a_claim_and_one_a_source_and_link_each_other(tmp_path):
    """Every link leads to a note, and every note is linked."""
    ran = notes(tmp_path / "vault")
    assert (ran.out, ran.err, ran.status) == ("", "", 0)
    found = held(tmp_path / "vault")
    assert [name for name in found if name.startswith("claims/")] == [
        f"claims/c00{n}.md" for n in range(1, 7)
    ]
    linked = set()
    for name, text in found.items():
        for target in re.findall(r"\]\(([^)]*\.md)\)", text):
            path = (tmp_path / "vault" / name).parent / target
            linked.add(path.resolve().relative_to(tmp_path / "vault").as_posix())
    assert linked == found.keys() - {"Claims.md"}
    assert found["claims/c002.md"] == (TINY.parent / "page" / "c002.md").read_text("utf-8")


def test_the_properties_of_a_note_are_yaml(tmp_path, hostile):
    """Whatever stands in the facts."""
    import yaml

    assert notes(tmp_path / "vault", facts=hostile).status == 0
    for name, text in held(tmp_path / "vault").items():
        assert text.startswith("---\n")
        properties = yaml.safe_load(text.split("---\n")[1])
        assert properties.get("id") == (
            name.split("/")[1][:-3] if name.startswith("claims/") else properties.get("id")
        )


def test_notes_are_written_again_without_what_is_no_longer_there(tmp_path):
    """What did not change is not touched."""
    folder = tmp_path / "vault"
    notes(folder)
    before = {name: (folder / name).stat().st_mtime_ns for name in held(folder)}
    assert notes(folder).status == 0
    assert {name: (folder / name).stat().st_mtime_ns for name in held(folder)} == before
    assert notes(folder, "--kind", "quote").status == 0
    assert [name for name in held(folder) if name.startswith("claims/")] == ["claims/c004.md"]


def test_a_note_that_is_not_ours_stops_everything(tmp_path):
    """Somebody's own note, or one of ours that somebody wrote in."""
    folder = tmp_path / "vault"
    (folder / "claims").mkdir(parents=True)
    (folder / "claims" / "c003.md").write_text("mine", "utf-8")
    (folder / "diary.md").write_text("mine too", "utf-8")
    ran = notes(folder)
    assert ran.err == (
        f"afcli: {folder}/claims/c003.md: not written by afcli, or changed since; nothing was written; move it away or name another folder\n"
    )
    assert (ran.status, held(folder)) == (2, {"claims/c003.md": "mine", "diary.md": "mine too"})
    (folder / "claims" / "c003.md").unlink()
    assert notes(folder).status == 0
    (folder / "claims" / "c001.md").write_text("changed", "utf-8")
    (folder / "claims" / "c002.md").write_text("changed", "utf-8")
    before = held(folder)
    ran = notes(folder)
    assert (ran.status, "claims/c001.md and 1 more: not written by afcli, or changed since" in ran.err) == (
        2,
        True,
    )
    assert held(folder) == before
    # One that would go is kept if somebody wrote in it.
    shutil.rmtree(folder)
    notes(folder)
    (folder / "claims" / "c001.md").write_text("changed", "utf-8")
    assert notes(folder, "--kind", "quote").status == 0
    assert held(folder)["claims/c001.md"] == "changed"


def test_a_list_from_elsewhere_and_links_reach_no_other_file(tmp_path):
    """Neither up from the folder, nor through a link."""
    folder, other = tmp_path / "vault", tmp_path / "other.md"
    other.write_text("mine", "utf-8")
    folder.mkdir()
    stolen = hashlib.blake2b(b"mine", digest_size=16).hexdigest()
    (folder / ".afcli-notes.json").write_text(json.dumps({"../other.md": [stolen]}), "utf-8")
    assert notes(folder).status == 0
    assert other.read_text("utf-8") == "mine"
    (folder / "Claims.md").unlink()
    (folder / "Claims.md").symlink_to(other)
    ran = notes(folder)
    assert (ran.status, "is a link or inside one" in ran.err, other.read_text("utf-8")) == (2, True, "mine")


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"a.md": 3}', "\xff"])
def test_a_broken_list_makes_nothing_ours(content, tmp_path):
    """The same notes as they stand are no reason to stop."""
    folder = tmp_path / "vault"
    notes(folder)
    (folder / ".afcli-notes.json").write_bytes(content.encode("latin-1"))
    assert notes(folder).status == 0
    assert "c001" in (folder / ".afcli-notes.json").read_text("utf-8")


def test_names_that_no_file_may_have_are_made_safe():
    """Devices of Windows, letters that differ only in case, signs of other scripts, and very long names."""
    from afcli.page.wiki_and_notes import _file_names

    ids = ["con", "a:b", "a.b", "A-b", "c001", "COM1", "x" * 200, "..", "arntz2021/c001"]
    assert list(_file_names(ids, "n/").values()) == [
        "n/con_.md", "n/a-b.md", "n/a-b-2.md", "n/A-b-3.md", "n/c001.md", "n/COM1_.md", f"n/{'x' * 80}.md",
        "n/note.md", "n/arntz2021-c001.md",
    ]  # fmt: skip


def test_what_cannot_be_written_is_said_in_one_line(tmp_path):
    """A missing option, a file where the folder should be, a place where nothing can be."""
    ran = run("export", "--format", "obsidian")
    assert (ran.err, ran.status) == ("afcli: --format obsidian writes a folder of notes; add -o DIR\n", 2)
    (tmp_path / "file").write_text("", "utf-8")
    ran = notes(tmp_path / "file")
    assert (ran.err, ran.status) == (f"afcli: {tmp_path}/file is a file; name a folder for the notes\n", 2)
    ran = notes("/proc/vault")
    assert (ran.err, ran.status) == (
        "afcli: /proc/vault cannot be written: no such file or directory; name another folder\n",
        74,
    )
