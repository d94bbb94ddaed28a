"""Read HTML: a page as it was saved, or what another format was turned into. Only this module imports trafilatura and lxml.

trafilatura finds which part of a saved page is its text. The markup of that part is then read here, since trafilatura
loses headings in nested `div`s, notes and tables.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from copy import deepcopy
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from afcli.authoring.reading.pieces import About, Piece
from afcli.authoring.written_dates import YEAR, dates
from afcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset(
    """
    address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3
    h4 h5 h6 header hgroup hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul caption
    """.split()
)
_NO_TEXT = frozenset(
    "script style noscript template svg button select input textarea iframe object video audio canvas nav aside footer "
    "form math colgroup head".split()
)
_ROLES = ("navigation", "complementary", "contentinfo", "search", "banner", "doc-toc")
_BESIDE = frozenset(
    """
    nav navbar navheader navfooter navigation navbox toc contents footer sidebar breadcrumb breadcrumbs share sharing
    social related newsletter cookie cookies comments advert advertisement ads promo editsection catlinks noprint
    printfooter infobox hatnote metadata ambox sistersitebox sitesub contentsub jump skip headerlink backlink cookiebar
    subscribe menu pagination pager tags shortdescription
    """.split()
)
"""Words in the class or id of what stands beside a text: lists of contents, menus, what a wiki adds."""
_LABEL = re.compile(r"[\[(]?\s*((?:note |nb )?(?:\d{1,3}|[a-z]{1,2})|[*†‡])\s*[\])]?[.:]?", re.IGNORECASE)
_BACK = re.compile(r"[↩↑^⏎︎\s]+|Jump up.*|\[?(?:back|return)\]?")
_DATE_NAMES = (
    "article:published_time", "citation_publication_date", "citation_date", "dc.date", "dc.date.issued",
    "dcterms.issued", "dcterms.created", "datepublished", "date", "pubdate", "publish-date", "parsely-pub-date",
    "dcterms.date", "citation_online_date",
)  # fmt: skip
_SHORTEST = 40
"""A page without a paragraph of more letters has no text."""
_COINS = {
    "jtitle": "container-title", "pub": "publisher", "place": "publisher-place",
    "volume": "volume", "issue": "issue", "pages": "page", "edition": "edition", "isbn": "ISBN", "date": "issued",
}  # fmt: skip
_GENRES = {
    "book": "book", "bookitem": "chapter", "article": "article-journal", "proceeding": "paper-conference",
}  # fmt: skip
"""What COinS calls the fields and the genres of works, and what CSL calls them."""


def saved_page(text: str, what: str) -> tuple[About, list[Piece]]:
    """Return what a saved page says about its article, and the pieces of its main text.

    Raises UsageError, which begins with *what*, if no main text can be found.
    """
    try:
        from trafilatura import bare_extraction
    except ImportError:
        raise UsageError("this needs trafilatura; install it: pip install 'afcli[new]'") from None
    import logging

    # If it finds nothing, we say so in one line of our own.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL + 1)
    root = _parsed(text)
    # A wiki's box named “authority control” would be taken for the author.
    for box in root.find_class("authority-control"):
        box.drop_tree()
    found: Any = bare_extraction(
        deepcopy(root), with_metadata=True, include_comments=False, favor_recall=True
    )
    _mark_notes(root)
    kept = _kept(found.body) if found else set()
    pieces = [piece for piece in _pieces(_main(root, kept)) if not (found and _is_scrap(piece, kept))]
    # What trafilatura takes for no article may still be one, if it is short.
    if not any(len(piece.text) > _SHORTEST for piece in pieces):
        raise UsageError(f"{what} has no main text that afcli can find; save it as text or Markdown")
    said = {name: getattr(found, name, "") or "" for name in ("title", "author", "sitename", "url")}
    title = pieces[0].text if pieces[0].kind == "title" else _given_title(root, said["title"])
    authors = tuple(people(said["author"])) or _authors(root)
    return About("webpage", title, authors, _issued(root), said["sitename"], said["url"]), pieces


def whole_page(text: str) -> tuple[About, list[Piece]]:
    """Return the same of HTML that another format was turned into: nothing in it stands beside the text."""
    root = _parsed(text)
    title = ""
    for header in root.xpath("//header[@id='title-block-header']"):
        # What pandoc knows of a document, it prints before it.
        title = next((_text(heading) for heading in header.iter("h1")), "")
        header.getparent().remove(header)
    _mark_notes(root)
    return About("document", title, _authors(root), _issued(root)), _pieces(root.find("body"))


def _given_title(root: Any, title: str) -> str:
    """Return *title*, unless it is only the first lower heading of a page that names no title."""
    named = root.xpath("//title | //h1 | //meta[contains(@property, 'title')]")
    lower = root.xpath("//h2 | //h3 | //h4 | //h5 | //h6")
    return title if named or title not in map(_text, lower) else ""


def _authors(root: Any) -> tuple[str, ...]:
    names = ("author", "citation_author", "dc.creator", "dcterms.creator")
    given = (m.get("content") for m in root.iter("meta") if (m.get("name") or "").lower() in names)
    return tuple(dict.fromkeys(filter(None, given)))


def people(text: str) -> Iterator[str]:
    """Yield the names in a list of authors, skipping any date beside them."""
    for name in re.split(r"\s*(?:,|;|&|\band\b)\s*", text):
        if name and not re.search(r"\d", name):
            yield name


def iso_date(text: str) -> str:
    """Return the one date that metadata gives, in figures or words, in EDTF; empty if there is none."""
    figures = text.strip().replace("/", "-")
    if plain := re.match(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-\d\d)?)?(?![\d/–-])", figures):
        return plain[0]
    return next(iter(dates(text)), "")


def _parsed(text: str) -> Any:
    from lxml import html

    # With an encoding of its own, an XHTML declaration in the text does no harm.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    return html.document_fromstring(text.encode(), parser=parser)


def _squeezed(text: str) -> str:
    return re.sub(r"\W+", "", text)


def _kept(body: Any) -> set[str]:
    """Return the letters of each paragraph that trafilatura keeps."""
    return {_squeezed("".join(element.itertext())) for element in body.iter("p", "item", "quote", "head")}


def _main(root: Any, kept: set[str]) -> Any:
    """Return the smallest element that holds nearly all paragraphs that are *kept*, with the title and notes beside them."""
    body = root.find("body")
    main = root if body is None else body
    weights: Counter[Any] = Counter()
    for element in main.iter("p", "li", "blockquote", "td", "dd", "div", *_HEADINGS):
        squeezed = _squeezed(element.text_content())
        if len(squeezed) > 20 and squeezed in kept:
            weights.update(dict.fromkeys((element, *element.iterancestors()), len(squeezed)))
    whole = weights[main]
    while (inner := next((e for e in main if weights[e] > 0.9 * whole), None)) is not None:
        in_list = inner.tag in ("p", "li", "blockquote", "td", "dd", "table", "tbody", "tr", "ul", "ol")
        marked = "descendant-or-self::h1 | descendant-or-self::*[@data-label]"
        if in_list or any(e.xpath(marked) for e in main if e is not inner):
            break
        main = inner
    return main


def _is_scrap(piece: Piece, kept: set[str]) -> bool:
    """Tell whether a piece is a few words that trafilatura leaves out, such as the label of a button."""
    few = len(piece.text.split()) < 5 and not re.search(r"\d|[.!?]$|^[Bb]y ", piece.text)
    return few and piece.kind == "paragraph" and _squeezed(piece.text) not in kept


def _issued(root: Any) -> str:
    """Return the date that the page's metadata gives for its article; never one from its text."""
    named = {
        (m.get("property") or m.get("name") or m.get("itemprop") or "").lower(): m.get("content", "")
        for m in root.iter("meta")
    }
    linked = _linked_dates(root)
    title = root.findtext(".//title", "")
    if "wikipedia" in named.get("og:site_name", "").lower() or " - Wikipedia" in title:
        # An entry of an encyclopedia has the date of the edition that was saved.
        return iso_date(linked.get("dateModified", ""))
    times = root.xpath("//time[@pubdate or @itemprop='datePublished']")
    given = [
        *(named.get(name, "") for name in _DATE_NAMES),
        linked.get("datePublished", ""),
        *(time.get("datetime") or _text(time) for time in times),
    ]
    return next(filter(None, map(iso_date, given)), "")


def _linked_dates(root: Any) -> dict[str, str]:
    """Return the dates that a page's linked data gives its article."""
    found: dict[str, str] = {}
    for script in root.xpath("//script[@type='application/ld+json']"):
        # What is no linked data gives no dates.
        with contextlib.suppress(ValueError, RecursionError, AttributeError, TypeError):
            data = json.loads(script.text or "")
            entries = data if isinstance(data, list) else data.get("@graph", [data])
            for entry in (entry for entry in entries if isinstance(entry, dict)):
                given = {k: v for k, v in entry.items() if k.startswith("date") and isinstance(v, str)}
                found = given | found
    return found


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _pieces(main: Any) -> list[Piece]:
    _drop_what_stands_beside(main)
    pieces: list[Piece] = []
    for piece in _walk(main):
        again = bool(pieces) and pieces[-1].text == piece.text
        if again and pieces[-1].kind == "caption":
            continue  # a word processor keeps it beside the picture and in it
        if again and piece.kind == "heading":
            pieces.pop()  # a title may stand in the text once more
        if piece.text:
            pieces.append(piece._replace(kind="title") if piece.kind == "heading" and not pieces else piece)
    return pieces


def _mark_notes(root: Any) -> None:
    """Write each link to a note as [1], and the same before the note; take the links back away."""
    order = {element: position for position, element in enumerate(root.iter())}
    targets = {name: e for e in order for name in (e.get("id"), e.get("name")) if name}
    for link in root.xpath("//a[contains(@href, '#')]"):
        target = targets.get(link.get("href").rpartition("#")[2])
        words = _text(link)
        label = _LABEL.fullmatch(words)
        if _BACK.fullmatch(words):
            _empty(link)
        elif target is None or not label:
            continue
        elif order[target] >= order[link]:
            _empty(link)
            link.text = f"[{label[1]}]"
            note = next((e for e in (target, *target.iterancestors()) if e.tag in _BLOCKS), None)
            if note is not None and note.tag not in ("body", "html", *_HEADINGS):
                note.set("data-label", label[1])
        elif not label[1].isdigit():
            _empty(link)


def _empty(element: Any) -> None:
    element[:] = []
    element.text = ""


def _drop_what_stands_beside(main: Any) -> None:
    whole = len(main.text_content())
    for element in list(main.iterdescendants()):
        if element.getparent() is not None and (element.tag in _NO_TEXT or _is_beside(element, whole)):
            element.drop_tree()


def _is_beside(element: Any, whole: int) -> bool:
    if element.get("hidden") is not None or element.get("role") in _ROLES:
        return True
    if re.search(r"display:\s*none", element.get("style") or ""):
        return True
    names = re.split(r"[\s_-]+", f"{element.get('class', '')} {element.get('id', '')}".lower())
    if not _BESIDE.isdisjoint(names) and element.tag not in ("body", "html", "p", *_HEADINGS):
        return 2 * len(element.text_content()) < whole
    return element.tag in ("ul", "ol", "dl") and _is_contents(element)


def _is_contents(element: Any) -> bool:
    """Tell whether a list is of links alone, as a list of contents is, or a menu."""
    links = list(element.iter("a"))
    linked = sum(len(_text(link)) for link in links)
    inward = sum((link.get("href") or "").startswith("#") for link in links)
    words = _text(element)
    if len(links) < 2 or linked < 0.8 * len(words):
        return False
    return 2 * inward > len(links) or not re.search(rf"\b{YEAR}\b", words)


def _walk(element: Any, label: str = "") -> Iterator[Piece]:
    """Yield the pieces below *element*, the first of them with the *label* of its note or list entry."""
    if element.tag in _HEADINGS or element.get("role") == "heading":
        yield Piece(_text(element).rstrip("¶#§ "), "heading")
        return
    if element.tag == "table" and not element.xpath(".//td//p"):
        yield from _rows(element)
        return
    mark = element.get("data-label")
    kind = "note" if mark else _marked_kind(element)
    label = _labelled(element, f"[{mark}] " if mark else label)
    said = [element.text or ""]
    item: dict[str, Any] | None = None
    for child in element:
        if any(inner.tag in _BLOCKS for inner in child.iter()):
            if (piece := _piece(said, kind, label, item)).text:
                yield piece
                label = ""
            for piece in _walk(child, label):
                yield piece._replace(kind=kind) if kind and piece.kind == "paragraph" else piece
                label = ""
            said, item = [child.tail or ""], None
        else:
            item = _coins(child) or item
            said += _inline(child)
    if (piece := _piece(said, kind, label, item)).text:
        yield piece


def _marked_kind(element: Any) -> str:
    """Return the kind that a tag, a class, a role or a style of a word processor gives, or an empty string."""
    style = element.get("data-custom-style", "").lower()
    if element.tag in ("figcaption", "caption") or style.endswith("caption"):
        return "caption"
    # So pandoc, Zotero and makers of EPUB mark the works cited.
    is_entry = "csl-entry" in element.get("class", "").split() or element.get("role") == "doc-biblioentry"
    return "reference" if is_entry or style == "bibliography" else ""


def _labelled(element: Any, label: str) -> str:
    """Return the label of an element: that of its note, else its number in a numbered list."""
    parent = element.getparent()
    if label or element.tag != "li" or parent is None or parent.tag != "ol":
        return label
    start = parent.get("start") or ""
    return (
        f"{(int(start) if start.isdigit() else 1) + len(list(element.itersiblings('li', preceding=True)))}. "
    )


def _piece(said: Sequence[str], kind: str, label: str, item: dict[str, Any] | None) -> Piece:
    words = " ".join("".join(said).split())
    if not re.search(r"\w", words):
        return Piece("")
    has_label = re.match(r"[\[(]?\d{1,3}[\]).:]\s", words) or not label
    return Piece(words if has_label else label + words, kind or "paragraph", item)


def _inline(element: Any) -> Iterator[str]:
    """Yield the text of an element within a line, and what follows it."""
    if element.tag == "br":
        yield " "
    elif element.tag == "sup" and re.fullmatch(r"\d{1,3}", note := _text(element)) and element.get("class"):
        yield f"[{note}]"
    elif element.tag != "img":
        yield element.text or ""
        for child in element:
            yield from _inline(child)
    elif element.get("data-caption"):
        yield element.get("data-caption")
    yield element.tail or ""


def _rows(table: Any) -> Iterator[Piece]:
    """Yield each row of a table as a piece, its cells named by the heads of their columns."""
    for caption in table.iterchildren("caption"):
        yield Piece(_text(caption), "caption")
    heads: list[str] = []
    for row in table.iter("tr"):
        cells = [" ".join("".join(_inline(cell)).split()) for cell in row.iterchildren("td", "th")]
        if not heads and len(cells) > 1 and next(row.iterchildren("td"), None) is None:
            heads = cells
        elif any(re.search(r"\w", cell) for cell in cells):
            named = zip(heads, cells, strict=True) if len(heads) == len(cells) else ()
            words = "; ".join(f"{head}: {cell}" if head else cell for head, cell in named if cell)
            yield Piece(words or " ".join(filter(None, cells)), "paragraph")


def _coins(element: Any) -> dict[str, Any] | None:
    """Return the CSL item that a wiki gives of a work in an empty span (COinS), if there is one."""
    span = next((e for e in element.iter("span") if "Z3988" in (e.get("class") or "")), None)
    if span is None:
        return None
    about = parse_qs(span.get("title") or "")
    first = {name.removeprefix("rft."): text for name, values in about.items() if (text := values[0].strip())}
    book = first.get("btitle") or first.get("title")
    if not (title := first.get("atitle") or book):
        return None
    item: dict[str, Any] = {field: first[name] for name, field in _COINS.items() if name in first}
    item |= {"type": _coins_type(first), "title": title, "issued": iso_date(first.get("date", ""))}
    if title != book:
        item.setdefault("container-title", book)
    people = [{"family": first["aulast"], "given": first.get("aufirst", "")}] if "aulast" in first else []
    for name in about.get("rft.au", []):
        family, _, given = name.partition(", ")
        if not (people and family == people[0].get("family")):
            people.append({"family": family, "given": given} if given else {"literal": name})
    item["author"] = [{k: v for k, v in person.items() if v} for person in people]
    return {field: value for field, value in item.items() if value}


def _coins_type(about: dict[str, str]) -> str:
    if genre := _GENRES.get(about.get("genre", "")):
        return genre
    return "article-journal" if "jtitle" in about else "webpage" if "atitle" in about else "document"
