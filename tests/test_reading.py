"""What `new` reads of the files that people have: whole lists of blocks, drafts and messages."""

import io
import json
import re
import zipfile

import pytest
import yaml
from conftest import HERE, needs_new, needs_pandoc

from afcli.authoring import article
from afcli.authoring.reading.citation_keys import without_keys
from afcli.authoring.reading.sentences import splitter
from afcli.citing.pandoc import program, run

LAMP = HERE / "authoring"
pytestmark = needs_new


def saved(folder, content, name):
    """Return the path of a file with *content*."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def blocks(path):
    """Return the kind and the sentences of each block of a file."""
    return [(block.kind, *block.sentences) for block in article.read(path).blocks]


def drafted(afcli, folder, path, *args):
    """Draft a base from *path*; return its article, references, claims, entities, and what was said."""
    ran = afcli("new", folder / "base", "--article", path, *args)
    assert ran.status == 0, ran.err
    data = {
        name: yaml.safe_load((folder / "base" / f"{name}.yaml").read_text("utf-8"))
        for name in ("article", "bibliography", "entities")
    }
    claims = [
        c
        for p in sorted((folder / "base" / "claims").iterdir())
        for c in yaml.safe_load(p.read_text("utf-8"))["claims"]
    ]
    return data["article"]["article"], data["bibliography"]["references"], claims, data["entities"], ran.err


DOCBOOK = """\
<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Chapter 1. Lamps</title></head><body>
<div class="navheader"><table><tr><td><a href="x">Prev</a></td><td><a href="y">Next</a></td></tr></table></div>
<div class="chapter"><div class="titlepage"><div><div><h1 class="title">Chapter 1. Lamps</h1></div></div></div>
<div class="toc"><p><b>Table of Contents</b></p><dl><dt><a href="#s1">1.1. First lamps</a></dt></dl></div>
<div class="section"><div class="titlepage"><div><div><h2 class="title">1.1. First lamps</h2></div></div></div>
<p>Port Alba lit its lamp in 1911, so that ships might find the harbour by night.<a href="#ftn.n1" class="footnote"
id="n1"><sup class="footnote">[1]</sup></a> It burnt oil.</p>
<table><caption>Lamps</caption><tr><th>Lamp</th><th>Year</th></tr><tr><td>North</td><td>1911</td></tr></table>
<div class="section"><div class="titlepage"><div><div><h3 class="title">1.1.1. Keepers</h3></div></div></div>
<p>Two keepers tended the lamp, and each of them had a wage from the town of Port Alba.</p></div>
<div class="footnotes"><br/><hr/><div id="ftn.n1" class="footnote"><p><a href="#n1" class="para"><sup class="para">[1]
</sup></a>The town paid for the oil itself. Nobody thanked it.</p></div></div></div></div>
<div class="navfooter"><p><a href="x">Home</a></p></div></body></html>
"""


def test_headings_are_found_however_deep_they_stand(tmp_path):
    """With notes and tables, and without lists of contents and navigation: DocBook."""
    assert blocks(saved(tmp_path, DOCBOOK, "a.html")) == [
        ("title", "Chapter 1. Lamps"),
        ("heading", "1.1. First lamps"),
        (
            "body",
            "Port Alba lit its lamp in 1911, so that ships might find the harbour by night.[1]",
            "It burnt oil.",
        ),
        ("caption", "Lamps"),
        ("body", "Lamp: North; Year: 1911"),
        ("heading", "1.1.1. Keepers"),
        ("body", "Two keepers tended the lamp, and each of them had a wage from the town of Port Alba."),
        ("note", "[1] The town paid for the oil itself.", "Nobody thanked it."),
    ]


def test_a_title_and_the_first_heading_are_two(tmp_path):
    """Where an h1 is followed by an h2 at once."""
    page = "<body><h1>Lamps</h1><h2>The first</h2><p>Port Alba lit its lamp in 1911, and it burnt oil for years.</p></body>"
    assert [kind for kind, *_ in blocks(saved(tmp_path, page, "a.html"))] == ["title", "heading", "body"]


def test_a_short_page_is_an_article_too(tmp_path):
    """Also where trafilatura finds none."""
    page = "<html><head><title>T</title></head><body><p>A lamp went out in 2018, and it was cold there.</p></body></html>"
    assert blocks(saved(tmp_path, page, "a.html"))[-1] == (
        "body",
        "A lamp went out in 2018, and it was cold there.",
    )


SCRIPTED = """\
<body><h1>Lamps</h1><p>By <!-- -->Ines Vale</p><p>2 May 2019</p>
<p>Port Alba lit its lamp <!-- in 1900 -->in 1911, and <?php date(); ?>it burnt oil for years.</p></body>
"""


def test_a_comment_in_a_page_hides_no_text(afcli, tmp_path):
    """As programs leave them between words; and a date under the author's name is the article's."""
    path = saved(tmp_path, SCRIPTED, "a.html")
    assert blocks(path) == [
        ("title", "Lamps"),
        ("byline", "By Ines Vale"),
        ("byline", "2 May 2019"),
        ("body", "Port Alba lit its lamp in 1911, and it burnt oil for years."),
    ]
    about, *_ = drafted(afcli, tmp_path, path)
    assert (about["author"], about["issued"]) == ([{"family": "Vale", "given": "Ines"}], "2019-05-02")


WIKI = """\
<html><head><title>Alba lamp - Wikipedia</title><meta property="og:site_name" content="Wikipedia">
<script type="application/ld+json">{"@type":"Article","datePublished":"2001-10-01","dateModified":"2024-03-05T10:00:00Z"}</script>
</head><body><div id="mw-navigation"><ul><li><a href="/m">Main page</a></li><li><a href="/c">Contents</a></li></ul></div>
<div id="content"><h1>Alba lamp</h1><div id="siteSub">From Wikipedia, the free encyclopedia</div><div class="mw-parser-output">
<table class="infobox"><tr><th>Lit</th><td>1911</td></tr></table>
<p>The Alba lamp is a lighthouse in Ghana.<sup class="reference"><a href="#cite_note-1">[1]</a></sup><sup class="reference"><a
href="#cite_note-2">[2]</a></sup> It was lit in 1911 by Kofi Mensah.<sup class="noprint">[citation needed]</sup></p>
<div id="toc" class="toc"><h2>Contents</h2><ul><li><a href="#k">1 Keepers</a></li><li><a href="#r">2 References</a></li></ul></div>
<div class="mw-heading"><h2 id="k">Keepers</h2><span class="mw-editsection">[edit]</span></div>
<p>Mensah kept his post until 12 June 2018.<sup class="reference"><a href="#cite_note-3">[3]</a></sup><sup class="reference"><a
href="#cite_note-a">[a]</a></sup> Togo paid nothing.</p>
<h2>Notes</h2><ol class="references"><li id="cite_note-a"><a href="#cite_ref-a">^</a> Few believed him when he said so.</li></ol>
<h2 id="r">References</h2><ol class="references">
<li id="cite_note-1"><b><a href="#cite_ref-1">^</a></b> <a href="#CITEREFNg2018">Ng 2018</a>, pp. 45–47.</li>
<li id="cite_note-2"><b><a href="#cite_ref-2">^</a></b> <cite>Ruiz, Tomás (2017). <i>Keepers of the coast</i>. Alba: Alba Press. p. 34.</cite><span
title="rft.genre=book&amp;rft.btitle=Keepers+of+the+coast&amp;rft.pub=Alba+Press&amp;rft.date=2017&amp;rft.pages=34&amp;rft.aulast=Ruiz&amp;rft.aufirst=Tom%C3%A1s"
class="Z3988"></span></li>
<li id="cite_note-3"><b><a href="#cite_ref-3">^</a></b> "The keeper goes". Harbour Review. Retrieved 5 May 2020.</li></ol>
<h2>Sources</h2><ul><li><cite id="CITEREFNg2018">Ng, Ada (2018). The price of light. Alba: Alba Press. ISBN 1-2.</cite></li></ul>
</div></div><footer><ul><li>This page was last edited on 5 March 2024.</li></ul></footer></body></html>
"""


def test_the_sources_of_a_wiki_are_sources(afcli, tmp_path):
    """Short notes lead to the work they name, with the page; what is about a work is no sentence; the date is the edition's."""
    about, references, claims, entities, said = drafted(afcli, tmp_path, saved(tmp_path, WIKI, "a.html"))
    assert about == {
        "id": "alba2024", "type": "webpage", "title": "Alba lamp", "issued": "2024-03-05", "container-title": "Wikipedia"
    }  # fmt: skip
    assert [
        (r["custom"]["number"], r["id"], r.get("title"), r.get("issued"), r.get("accessed"))
        for r in references
    ] == [
        ("2", "ruiz-2017", "Keepers of the coast", "2017", None),
        ("3", "the-keeper", "The keeper goes", None, "2020-05-05"),
        ("4", "ng-2018", "The price of light", "2018", None),
    ]
    assert references[0]["author"] == [{"family": "Ruiz", "given": "Tomás"}]
    assert [(c["at"], c["source"], c["date"], c.get("note")) for c in claims] == [
        (["2.1"], "4", "2024-03-05", "Cited at pp. 45–47. DRAFT: the sentence also cites 2"),
        (["2.2"], "article", "1911", None),
        (["4.1"], "3", "2018-06-12", None),
        (["4.2"], "article", "2024-03-05", None),
        (["6.1"], "article", "2024-03-05", None),
    ]
    assert [(actor["name"], actor["type"]) for actor in entities["actors"]] == [("Kofi Mensah", "person")]
    assert said.splitlines()[-1].startswith("5 draft claims, 3 sources, 3 entities")


FRAGMENT = """\
<div class="mw-parser-output"><p>The Alba lamp is a lighthouse in Ghana.<sup class="reference"><a href="#cite_note-1">[1]</a></sup>
It was lit in 1911 by Kofi Mensah, who kept it for a year.</p><h2>Keepers</h2><p>Mensah kept his post until 12 June 2018.</p>
<h2>References</h2><ol class="references"><li id="cite_note-1"><b><a href="#cite_ref-1">^</a></b> <cite>Ng, Ada;
Alba Press (2017). <i>Keepers of the coast</i>.</cite><span class="Z3988"
title="rft.genre=book&amp;rft.btitle=Keepers+of+the+coast&amp;rft.date=2017&amp;rft.au=Alba+Press&amp;rft.au=Ng%2C+Ada"></span></li></ol>
<div class="navbox authority-control"><span>Authority control databases</span><ul><li><a href="/v">VIAF</a></li></ul></div></div>
"""


def test_the_bare_text_of_a_wiki_takes_no_title_and_no_author_from_elsewhere(afcli, tmp_path):
    """A lower heading is not the title, a box of catalogues no author; a work may name its authors in any order."""
    about, references, claims, *_ = drafted(afcli, tmp_path, saved(tmp_path, FRAGMENT, "a.html"))
    assert about == {
        "id": "article2018",
        "type": "webpage",
        "title": "DRAFT: the file gives no title; write it here",
        "issued": "2018",
        "custom": {
            "not-from-article": ["issued"],
            "notes": ["DRAFT: the file gives no date; 2018 is the latest year that it names."],
        },
    }
    assert references[0]["author"] == [{"literal": "Alba Press"}, {"family": "Ng", "given": "Ada"}]
    assert [(c["at"], c["source"]) for c in claims] == [
        (["1.1"], "1"),
        (["1.2"], "article"),
        (["3.1"], "article"),
    ]


@pytest.mark.parametrize(
    ("head", "body", "wanted"),
    [
        ('<meta name="citation_publication_date" content="2019/05/02">', "", "2019-05-02"),
        ("", '<time itemprop="datePublished" datetime="2019-05-02T10:00">then</time>', "2019-05-02"),
        ('<meta name="date" content="2 May 2019">', "", "2019-05-02"),
        ("", "<p>Published 2 May 2019</p>", "2019-05-02"),
        ("", "<p>by Ines Vale, 2 May 2019</p>", "2019-05-02"),
        ("", "<p>Retrieved 5 May 2020 from the harbour, where it hung for years.</p>", None),
    ],
)
def test_the_date_of_an_article_is_its_own_or_a_question(afcli, tmp_path, head, body, wanted):
    """From metadata or a byline; never one that merely stands in the text."""
    page = f"<html><head>{head}</head><body><article><h1>Lamps</h1>{body}<p>Port Alba lit its lamp in 1911, and it burnt oil.</p></article></body></html>"
    about, *_ = drafted(afcli, tmp_path, saved(tmp_path, page, "a.html"))
    note = {
        "not-from-article": ["issued"],
        "notes": ["DRAFT: the file gives no date; 2020 is the latest year that it names."],
    }
    assert (about["issued"], about.get("custom")) == ((wanted, None) if wanted else ("2020", note))


JOURNAL = """\
---
title: "Lamps: a library"
authors:
  - name: Ines Vale
    orcid: 0000-0002-9328-5652
  - given-names: Tomás
    surname: Ruiz
date: 17 October 2019
bibliography: refs.bib
---

# Summary

Lamps burn oil [@ng:2018, pp. 5--7]. They went out in 2012 [see @ruiz2017; -@none2006]. As @ng:2018 [sec. 2] shows, nobody
paid.[^a]

[^a]: It was cold; see @ruiz2017.
"""
REFS = """\
@book{ng:2018, author={Ng, Ada}, title={The price of light}, date=2018}
@book{ruiz2017, author={Ruiz, Tomás}, title={Keepers of the coast}, date=2017}
"""


@needs_pandoc
def test_front_matter_and_keys_of_markdown_are_read(afcli, tmp_path):
    """The citation leaves the sentence and is its source, with the place; the digits of a key are no date."""
    saved(tmp_path, REFS, "refs.bib")
    about, _, claims, _, _ = drafted(afcli, tmp_path, saved(tmp_path, JOURNAL, "a.md"))
    assert about == {
        "id": "vale2019",
        "type": "document",
        "title": "Lamps: a library",
        "author": [{"family": "Vale", "given": "Ines"}, {"family": "Ruiz", "given": "Tomás"}],
        "issued": "2019-10-17",
    }
    table = (tmp_path / "base" / "sentences.tsv").read_text("utf-8").splitlines()
    assert [line.split("\t")[3] for line in table[3:]] == [
        "Lamps burn oil.",
        "They went out in 2012.",
        "As @ng:2018 [sec. 2] shows, nobody paid.[1]",
        "[1] It was cold; see @ruiz2017.",
    ]
    assert [(c["source"], c["date"], c.get("note")) for c in claims] == [
        ("1", "2019-10-17", "Cited at pp. 5–7."),
        ("2", "2012", "DRAFT: the bibliography lacks none2006, which the sentence cites"),
        ("1", "2019-10-17", "Cited at sec. 2."),
        ("2", "2019-10-17", None),
    ]


MANUSCRIPT = """\
---
title: Lamps
author-meta:
- Ines Vale
- Tomás Ruiz
date-meta: '2019-10-17'
bibliography: gone.json
...

## Summary {.unnumbered}

Lamps burn oil [@doi:10.1000/LAMP; @url:https://lamps.example/keepers]. See the [lamp](x){.wide} and `@x`{.code}, `f()`{x}.

::: {#box}
[They [shine](x) on.]{.wide}
:::

![
**Two lamps.**
The first one shines.
](lamps.svg){#fig:lamps width="4in"}

The keepers of the U.S. lamp [@isbn:9780262517638; @url:https://lamps.example/none] slept.
"""
ITEMS = [
    {"id": "a1", "type": "book", "title": "The price of light", "DOI": "10.1000/lamp"},
    {"id": "b2", "type": "webpage", "title": "Keepers", "URL": "https://lamps.example/keepers"},
    {"id": "c3", "type": "book", "title": "Oil", "ISBN": "978-0-262-51763-8"},
]


@needs_pandoc
def test_a_manuscript_of_manubot_is_read(afcli, tmp_path):
    """Its authors and date, captions, and identifiers as keys; what pandoc reads after a heading or picture is no text."""
    listed = saved(tmp_path, json.dumps(ITEMS), "references.json")
    path = saved(tmp_path, MANUSCRIPT, "a.md")
    about, references, claims, _, said = drafted(afcli, tmp_path, path, "--bibliography", listed)
    assert (about["author"], about["issued"]) == (
        [{"family": "Vale", "given": "Ines"}, {"family": "Ruiz", "given": "Tomás"}],
        "2019-10-17",
    )
    assert said.startswith("6 draft claims, 3 sources,")
    assert blocks(path) == [
        ("title", "Lamps"),
        ("heading", "Summary"),
        ("body", "Lamps burn oil.", "See the lamp and @x, f(){x}."),
        ("body", "They shine on."),
        ("caption", "Two lamps.", "The first one shines."),
        ("body", "The keepers of the U.S. lamp slept."),
    ]
    assert [(c["source"], c["countries"], c.get("note", "").removeprefix("DRAFT: ")) for c in claims] == [
        ("1", [], "the sentence also cites 2"),
        ("article", [], "the bibliography lacks x, which the sentence cites"),
        *[("article", [], "")] * 3,
        ("3", ["US"], "the bibliography lacks url:https://lamps.example/none, which the sentence cites"),
    ]
    assert [r["custom"].get("explained") for r in references] == [
        None,
        {"unused-source": "cited beside another work: 3.1"},
        None,
    ]
    assert (tmp_path / "base" / "claims" / "02-summary.yaml").exists()
    outline = yaml.safe_load((tmp_path / "base" / "article.yaml").read_text("utf-8"))["outline"]
    assert [section["title"] for section in outline] == ["Title", "Summary"]


def test_markdown_without_an_author_is_drafted(afcli, tmp_path):
    """Nobody is its author then."""
    path = saved(tmp_path, "---\ntitle: Lamps\n---\n\nLamps burnt oil in 1911.\n", "a.md")
    about, *_ = drafted(afcli, tmp_path, path)
    assert "author" not in about


def test_a_bibliography_that_is_not_there_is_named(afcli, tmp_path):
    """And the rest is drafted."""
    path = saved(tmp_path, JOURNAL, "a.md")
    *_, said = drafted(afcli, tmp_path, path)
    assert said.splitlines()[0] == f"{tmp_path / 'refs.bib'}: is not there, though {path} names it"


@pytest.mark.parametrize(
    ("text", "left", "keys"),
    [
        ("So it is [@a; see also @b, p. 3].", "So it is.", [("a", ""), ("b", "p. 3")]),
        ("So -@a says, and [-@{b c}] not.", "So -@a says, and [-@{b c}] not.", [("a", "")]),
        ("Write to me@example.org [now].", "Write to me@example.org [now].", []),
        ("So [@doi:10.1000/182, chap. 2].", "So.", [("doi:10.1000/182", "chap. 2")]),
        ("So (Figure @fig:lamp and @tbl:oil) [@a].", "So (Figure @fig:lamp and @tbl:oil).", [("a", "")]),
    ],
)
def test_keys_are_told_from_the_text(text, left, keys):
    """As pandoc reads them."""
    words, found = without_keys(text)
    assert (words, [key[:2] for key in found]) == (left, keys)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("“I came. I saw. I won,” he said. He left.", ["“I came.", "I saw.", "I won,” he said.", "He left."]),
        ('He asks: "Who? Me!" Nobody knew.', ['He asks: "Who?', 'Me!"', "Nobody knew."]),
        (
            'In "Who reads? Everyone" by Ng it is. He asked "Who?". So.',
            ['In "Who reads? Everyone" by Ng it is.', 'He asked "Who?".', "So."],
        ),
        ("“Who? Me?” asked he. He left.", ["“Who?", "Me?” asked he.", "He left."]),
        ("See vol. 3, pp. 14-18. It burnt.", ["See vol. 3, pp. 14-18.", "It burnt."]),
        ("It went.[1][2] It came.[3, 4] Yes.[a] No.", ["It went.[1][2]", "It came.[3, 4]", "Yes.[a]", "No."]),
        (
            'If the "old"-lamp is "real" here. It is not. He said "no. Never." [Lamps, p. 18] Then [sic] he ate.',
            [
                'If the "old"-lamp is "real" here.',
                "It is not.",
                'He said "no.',
                'Never." [Lamps, p. 18]',
                "Then [sic] he ate.",
            ],
        ),
        ('He cried "Simon, go!". It rained.', ['He cried "Simon, go!".', "It rained."]),
        (
            "It honours his father Sh. Radhakrishan. He taught.",
            ["It honours his father Sh. Radhakrishan.", "He taught."],
        ),
        ("“A. Ng left. He spoke.” Then he ate.", ["“A. Ng left.", "He spoke.”", "Then he ate."]),
    ],
)
def test_sentences_end_where_they_end(text, wanted):
    """In direct speech too; abbreviations, notes and closing marks do not divide."""
    assert list(splitter()(text)) == wanted


CHAPTERS = """\
A short history of lamps

Table of Contents

1. Oil
2. Gas
2.1. The first pipes

1. Oil

Lamps burnt oil in 1911. It was cheap.

------------------------------------------

2. Gas

2.1. The first pipes

Pipes came in 1950. They leaked.
"""


def test_numbered_headings_and_lists_of_contents_are_no_sentences(tmp_path):
    """In plain text."""
    assert blocks(saved(tmp_path, CHAPTERS, "a.txt")) == [
        ("title", "A short history of lamps"),
        ("heading", "1. Oil"),
        ("body", "Lamps burnt oil in 1911.", "It was cheap."),
        ("heading", "2. Gas"),
        ("heading", "2.1. The first pipes"),
        ("body", "Pipes came in 1950.", "They leaked."),
    ]


PRINTED = """\
Lamps

Lamps burnt oil in 1911 [1-3]. They burn gas now [2, 3]. Few know [4, p. 5].

References

[1] A. Ng (2018), “The price of light”, Harbour Review, 4:2, 10-19.
[2] Ruiz, T. (2016). Wells of Alba. Alba Press.
[3] Harbour Board minutes for the year 1950, second series, box four
[4] Vale, I. 2001. The glass. Alba Press.
"""


def test_printed_references_are_read_or_said_to_be_kept_whole(afcli, tmp_path):
    """No entry becomes a title; ranges of numbers cite each of them."""
    _, references, claims, _, said = drafted(afcli, tmp_path, saved(tmp_path, PRINTED, "a.txt"))
    assert [(r.get("title"), r.get("issued"), r["custom"]["notes"]) for r in references] == [
        ("The price of light", "2018", ["DRAFT: read from the printed entry."]),
        ("Wells of Alba", "2016", ["DRAFT: read from the printed entry."]),
        (
            None,
            "1950",
            ["DRAFT: kept as printed: Harbour Board minutes for the year 1950, second series, box four"],
        ),
        ("The glass", "2001", ["DRAFT: read from the printed entry."]),
    ]
    assert [(c["source"], c.get("note")) for c in claims] == [
        ("1", "DRAFT: the sentence also cites 2, 3"),
        ("2", "DRAFT: the sentence also cites 3"),
        ("4", "Cited at p. 5."),
    ]
    assert said.splitlines()[0] == "references kept as printed, to be completed in bibliography.yaml: 3"


def pdf_of(*pages, trailer=""):
    """Return a PDF: each page a list of lines, each a size, a height and a text."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    kids = []
    for lines in pages:
        drawn = "".join(
            f"BT /F1 {size} Tf 1 0 0 1 72 {height} Tm ({text}) Tj ET\n" for size, height, text in lines
        )
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}endstream")
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    content, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{len(content)}\n%%EOF\n"
    return (content + f"xref\n0 {size}\n0000000000 65535 f \n{table}{end}").encode()


def page_of(number, *lines):
    """Return a page: a running head, lines of text from the top, and its number."""
    body = [(size, 780 - 14 * n, text) for n, (size, text) in enumerate(lines)]
    return [(8, 820, "Harbour Review"), *body, (8, 40, str(number))]


PAGES = pdf_of(
    page_of(1, (20, "Lamps of Alba"), (10, "Port Alba lit its lamp in 1911. It burnt oil, which the town bought from a ship that"),
            (10, "came but once a year. The town of Port Alba paid for all of it itself with the har-")),
    page_of(2, (10, "bour dues. Nobody thanked it."), (14, "Keepers"), (10, "Two keepers tended the lamp, and each of them had a wage from the town.")),
    page_of(3, (10, "They died in 1950.")),
)  # fmt: skip


def test_pdf_is_read_with_its_pages(afcli, tmp_path):
    """Paragraphs go on over a page; heads and numbers of pages are no text; each claim says its page."""
    pytest.importorskip("pypdf", reason="needs the extra `pdf`")
    path = saved(tmp_path, PAGES, "a.pdf")
    assert blocks(path) == [
        ("title", "Lamps of Alba"),
        (
            "body",
            "Port Alba lit its lamp in 1911.",
            "It burnt oil, which the town bought from a ship that came but once a year.",
            "The town of Port Alba paid for all of it itself with the harbour dues.",
            "Nobody thanked it.",
        ),
        ("heading", "Keepers"),
        ("body", "Two keepers tended the lamp, and each of them had a wage from the town."),
        ("body", "They died in 1950."),
    ]
    _, _, claims, _, _ = drafted(afcli, tmp_path, path)
    assert [c["note"] for c in claims] == ["Page 1."] * 4 + ["Page 2.", "Page 3."]


def archive(**files):
    """Return a zip archive of *files*, in whose names __ stands for a stroke."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name, text in files.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return packed.getvalue()


LOCKED = (
    '<encryption><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></encryption>'
)
EMPTY_EPUB = {
    "mimetype": "application/epub+zip",
    "META-INF__container_xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="a.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
    "a.opf": '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata/><manifest/><spine/></package>',
}
UNREADABLE = {
    "scan.pdf": (pdf_of([]), " has no text, only pictures of pages; have its words recognised first \\(ocrmypdf\\)"),
    "damaged.pdf": (b"%PDF-1.4\nno more", " is a damaged PDF: .+; print it to PDF again, or save it as text"),
    "locked.pdf": (
        pdf_of([(10, 700, "Lamps.")], trailer=f"/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'00' * 32}> /U <{'11' * 32}> >>"),
        " is encrypted; save a copy of it without its password",
    ),
    "bare.epub": (archive(**EMPTY_EPUB), "(?: has no chapters that afcli can find|: pandoc cannot read it: .+); save it as text or Markdown"),
    "locked.epub": (
        archive(**EMPTY_EPUB, **{"META-INF__encryption_xml": LOCKED}),
        r" is protected \(DRM or a password\); save a copy without that",
    ),
    "false.docx": (b"no archive", " is not DOCX; rename it after its real format, or save it again"),
    "old.doc": (b"\xd0\xcf\x11\xe0", r" is a kind of file that afcli cannot read; save it as one of \.txt .+ \.pdf .+"),
    "empty.pdf": (b"", " is empty; save the text in it"),
    "front.md": (b"---\ntitle: [a\n---\n\nA lamp.\n", ":3: is not YAML: .+"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_says_why_in_one_line(afcli, tmp_path, name):
    """And nothing is written."""
    content, message = UNREADABLE[name]
    if name.endswith(".pdf"):
        pytest.importorskip("pypdf", reason="needs the extra `pdf`")
    path = saved(tmp_path, content, name)
    ran = afcli("new", tmp_path / "base", "--article", path)
    assert (ran.out, ran.status) == ("", 2)
    assert re.fullmatch(f"afcli: --article: {re.escape(str(path))}{message}\n", ran.err), ran.err
    assert not (tmp_path / "base").exists()


RST = """\
Lamps of Ghana
==============

:Author: Ines Vale
:Date: 2 May 2019

The bill
--------

In 2018 a lamp went out. [1]_ It was cold.

.. [1] Said in 2018. Said again.
"""
LATEX = r"""
\documentclass{article}\title{Lamps of Ghana}\author{Ines Vale}\date{2 May 2019}
\begin{document}\maketitle\section{The bill}
In 2018 a lamp went out \cite[p.~3]{ng}. \citet{ruiz} says so.\footnote{It was cold. Very.}
\begin{thebibliography}{9}\bibitem{ng} A. Ng (2018), ``The price of light'', Harbour Review.\end{thebibliography}
\bibliography{more}
\end{document}
"""


@needs_pandoc
def test_what_pandoc_reads_is_read_the_same_way(afcli, tmp_path):
    """Here reStructuredText: title, author and date, headings and notes."""
    path = saved(tmp_path, RST, "a.rst")
    assert blocks(path) == [
        ("title", "Lamps of Ghana"),
        ("heading", "The bill"),
        ("body", "In 2018 a lamp went out.[1]", "It was cold."),
        ("note", "[1] Said in 2018.", "Said again."),
    ]
    assert article.read(path).about[1:4] == ("Lamps of Ghana", ("Ines Vale",), "2019-05-02")


@pytest.mark.slow
@needs_pandoc
def test_latex_keeps_its_citations(afcli, tmp_path):
    """Those of the list that it prints by number, with their places, the others by key."""
    about, references, claims, _, said = drafted(afcli, tmp_path, saved(tmp_path, LATEX, "a.tex"))
    assert (about["title"], about["issued"]) == ("Lamps of Ghana", "2019-05-02")
    assert [r["title"] for r in references] == ["The price of light"]
    assert [(c["source"], c.get("note")) for c in claims] == [
        ("1", "Cited at p. 3."),
        ("article", "DRAFT: the bibliography lacks ruiz, which the sentence cites"),
        ("article", None),
        ("article", None),
    ]
    assert (
        said.splitlines()[0] == f"{tmp_path / 'more.bib'}: is not there, though {tmp_path / 'a.tex'} names it"
    )


WORKS = b"""\
---
title: Lamps
references:
- {id: ng, type: book, title: The price of light, author: [{family: Ng, given: Ada}], issued: 2018}
- {id: ruiz, type: book, title: Keepers of the coast, author: [{family: Ruiz, given: Tomas}], issued: 2017}
---

Lamps burn oil in the harbour of the town [@ng]. They went out in the winter of 2012 [@ruiz].

![The lamp in winter.](lamp.jpg)
"""


@pytest.mark.slow
@needs_pandoc
@pytest.mark.parametrize("form", ["docx", "epub", "html"])
def test_works_cited_need_no_heading(afcli, tmp_path, form):
    """Pandoc, Zotero and word processors mark each of them; a caption stands there once."""
    path = tmp_path / f"lamp.{form}"
    done = run(["-f", "markdown", "-t", form, "-s", "--citeproc", "-o", str(path)], WORKS, "lamp")
    assert done.returncode == 0
    assert [(block.kind, len(block.sentences)) for block in article.read(path).blocks] == [
        ("title", 1),
        ("body", 2),
        ("caption", 1),
        ("reference", 1),
        ("reference", 1),
    ]
    _, references, claims, _, _ = drafted(afcli, tmp_path, path)
    assert [r["title"] for r in references] == ["The Price of Light", "Keepers of the Coast"]
    assert [c["source"] for c in claims] == ["1", "2", "article"]


@pytest.mark.slow
@needs_pandoc
@pytest.mark.parametrize("form", ["docx", "epub", "odt"])
def test_a_book_or_a_typescript_gives_the_sentences_of_the_text(tmp_path, form):
    """The same as plain text, made into each form by pandoc."""
    path = tmp_path / f"lamp.{form}"
    text = (
        (LAMP / "lamp.md")
        .read_text("utf-8")
        .replace("![The lamp in winter. Photo: Harbour Review.](lamp.jpg)", "")
    )
    done = run(["-f", "markdown", "-t", form, "-o", str(path)], text.encode(), "lamp")
    assert (done.returncode, program() is not None) == (0, True)
    said = [s for b in article.read(path).blocks for s in b.sentences if b.kind != "caption"]
    wanted = [s for b in article.read(LAMP / "lamp.txt").blocks for s in b.sentences if b.kind != "caption"]
    assert said == wanted
