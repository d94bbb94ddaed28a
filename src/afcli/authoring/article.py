"""Read a saved article into numbered blocks and sentences. Only this module imports sentencex, trafilatura and markdown-it.

A block is a paragraph, a heading, or one entry of a numbered list. Blocks are numbered from 1 in the
order of the text. sentencex, Wikimedia's segmenter, finds the sentences.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli.authoring.recognise import YEAR
from afcli.errors import FactsError, UsageError
from afcli.files import regular, strict_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

_ENTRY = re.compile(r"(?:\[\^?(\d{1,3})\]:?|\((\d{1,3})\)|(\d{1,3})[.)])\s+(?=\S)")
_UNDERLINE = re.compile(r"([=~^*-])\1{2,}")
_CAPTION = re.compile(r"(?:Figure|Fig\.|Table) \d|.*\b(?:Photo|Photograph|Picture|Image|Credit)s?: ")
_REFERENCES = r"(?:references|bibliography|works cited|literature|sources|further reading)\W*"
_NOTES = r"(?:notes|endnotes|footnotes)\W*"
_HEADING_WORDS = 12
_BYLINE_WORDS = 15


class Block(NamedTuple):
    """One block of the article: its kind, as outlines name it, and its sentences."""

    kind: str
    sentences: tuple[str, ...]


class Article(NamedTuple):
    """An article as it was saved: its text in blocks, and what the file says about it."""

    blocks: tuple[Block, ...]
    type: str
    title: str = ""
    authors: tuple[str, ...] = ()
    issued: str = ""
    site: str = ""
    url: str = ""

    @property
    def sentences(self) -> dict[str, str]:
        """Return the sentences by their ids, block and position."""
        return {
            f"{number}.{position}": text
            for number, block in enumerate(self.blocks, 1)
            for position, text in enumerate(block.sentences, 1)
        }


TEXTS = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml")
"""Suffixes of text files; any other file is a table of numbered sentences."""


class _Piece(NamedTuple):
    text: str
    kind: str = ""
    """The kind its markup gives: title, heading, caption, paragraph; empty in plain text."""

    @property
    def number(self) -> int:
        """Return the number of a list entry, or 0."""
        mark = _ENTRY.match(self.text)
        return int(mark[1] or mark[2] or mark[3]) if mark else 0


def sentences(path: Path, option: str = "--article") -> dict[str, str]:
    """Return the sentences of a text by id, as `read` numbers them, or of a table of numbered sentences.

    Raises UsageError, naming *option*, where the file cannot be used.
    """
    return read(path, option).sentences if path.suffix.lower() in TEXTS else read_table(path, option)


def read_table(path: Path, option: str = "--article") -> dict[str, str]:
    """Return the sentences of an article by id, from a tab-separated file with the columns `id` and `text`.

    Raises UsageError if *path* cannot be read, lacks these columns or has a row without a valid id.
    """
    try:
        lines = io.StringIO(regular.content(path).decode("utf-8-sig"), newline="")
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        wrong = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", None)
        raise UsageError(
            f"{option}: {str(path)!r}: {wrong or error}; name a readable file in UTF-8"
        ) from None
    if not rows or not {"id", "text"} <= rows[0].keys():
        raise UsageError(
            f"{option}: {str(path)!r} has no columns id and text; write them tab-separated, with a header"
        )
    texts: dict[str, str] = {}
    for line, row in enumerate(rows, 2):
        id_ = row["id"] or ""
        if id_ in texts or not re.fullmatch(r"[1-9]\d*\.[1-9]\d*", id_, re.ASCII):
            raise UsageError(
                f"{option}: {path}:{line}: {id_!r} is no id, or stands twice; write block.sentence, such as 40.8"
            )
        texts[id_] = row["text"] or ""
    return texts


def read(path: Path, option: str = "--article") -> Article:
    """Read the text, Markdown or HTML file at *path*; its suffix decides which.

    Raises UsageError, naming *option*, if the file is missing, too large, empty, not UTF-8, or has no main text.
    """
    content = text_of(path, option)
    match path.suffix.lower():
        case ".html" | ".htm" | ".xhtml":
            about, pieces = _html(content, path, option)
        case ".md" | ".markdown":
            about, pieces = _markdown(content)
        case _:
            about, pieces = Article((), "document"), list(_plain(content))
    if not pieces:
        raise UsageError(f"{option}: {path} has no text that can be found; save it as plain text")
    if about.title and pieces[0].kind != "title":
        pieces.insert(0, _Piece(about.title, "title"))
    kinds = _kinds(pieces)
    segment = _segmenter()
    blocks = tuple(
        Block(kind, segment(piece.text) if kind in ("lede", "body", "caption", "note") else (piece.text,))
        for kind, piece in zip(kinds, pieces, strict=True)
    )
    first = {block.kind: block.sentences[0] for block in reversed(blocks)}
    signed = tuple(_people(first["byline"].split(" ", 1)[1])) if "byline" in first else about.authors
    return about._replace(blocks=blocks, title=about.title or first.get("title", ""), authors=signed)


def text_of(path: Path, option: str) -> str:
    """Return the text of the file that *option* names, with plain line ends; raise UsageError if it has none."""
    try:
        text = strict_yaml.text(path, large="save nothing in it but what is meant")
    except FactsError as error:
        raise UsageError(f"{option}: {error.problems[0]}") from None
    if "\0" in text:
        raise UsageError(f"{option}: {path} is no text; save it as text, Markdown or HTML in UTF-8")
    if not text.strip():
        raise UsageError(f"{option}: {path} is empty; save the text in it")
    return "\n".join(text.splitlines())


def _needed(library: str) -> UsageError:
    return UsageError(f"this needs {library}; install it: pip install 'afcli[new]'")


def _plain(text: str) -> Iterator[_Piece]:
    """Yield the paragraphs of plain text, with each entry of a numbered list by itself."""
    for index, paragraph in enumerate(re.split(r"\n\s*\n", text.strip())):
        lines = paragraph.splitlines()
        if len(lines) > 1 and _UNDERLINE.fullmatch(lines[1].strip()):
            yield _Piece(" ".join(lines[0].split()), "heading" if index else "title")
            lines = lines[2:]
        if len(lines) > 1 and all(re.search(r"\S {2,}\S.* {2,}\S", line) for line in lines):
            # Text set in columns is a table, and each row makes sense by itself.
            yield from (_Piece(" ".join(line.split()), "paragraph") for line in lines)
            continue
        entry: list[str] = []
        number = 0
        for line in lines:
            following = _Piece(line.strip()).number
            if following and (following == number + 1 or not entry):
                if entry:
                    yield _Piece(" ".join(entry))
                entry, number = [], following
            entry += line.split()
        if entry:
            yield _Piece(" ".join(entry))


def _markdown(text: str) -> tuple[Article, list[_Piece]]:
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        raise _needed("markdown-it-py") from None
    front = re.match(r"---\n(.*?)\n(?:---|\.\.\.)(?:\n|$)", text, re.DOTALL)
    about = _front_matter(front[1]) if front else Article((), "document")
    pieces: list[_Piece] = []
    kind = number = ""
    for token in MarkdownIt("commonmark").parse(text[front.end() :] if front else text):
        if token.type == "heading_open":
            kind = "heading" if pieces else "title"
        elif token.type == "paragraph_open":
            kind = "paragraph"
        elif token.type == "list_item_open":
            number = f"{token.info}. " if token.info else ""
        elif token.type in ("fence", "code_block") and token.content.strip():
            pieces.append(_Piece(" ".join(token.content.split()), "paragraph"))
        elif token.type == "inline" and token.children:
            pictured = all(child.type == "image" for child in token.children)
            texts = (
                child.content
                if child.type in ("text", "code_inline", "image")
                else " " * child.type.endswith("break")
                for child in token.children
            )
            if words := " ".join("".join(texts).split()):
                pieces.append(_Piece(number + words, "caption" if pictured else kind))
            number = ""
    return about, pieces


def _front_matter(text: str) -> Article:
    fields = dict(
        re.findall(r"(?m)^(title|author|date|site|url|source):[ \t]*[\"']?(.*?)[\"']?[ \t]*$", text)
    )
    url = fields.get("url") or fields.get("source", "")
    authors = fields.get("author", "").strip("[]")
    return _about("document", fields.get("title"), authors, fields.get("date"), fields.get("site"), url)


def _about(
    type_: str, title: str | None, authors: str | None, date: str | None, site: str | None, url: str | None
) -> Article:
    """Return what a file says about an article, without its text."""
    day = re.match(r"\d{4}(?:-\d\d){0,2}", date or "")
    people = tuple(_people(authors or ""))
    return Article((), type_, title or "", people, day[0] if day else "", site or "", url or "")


def _html(text: str, path: Path, option: str) -> tuple[Article, list[_Piece]]:
    try:
        from trafilatura import bare_extraction
    except ImportError:
        raise _needed("trafilatura") from None
    import logging

    # If it finds nothing, we say so in one line of our own.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL + 1)
    page: Any = bare_extraction(text, with_metadata=True, include_comments=False, favor_recall=True)
    if not page:
        raise UsageError(f"{option}: {path} has no main text that can be found; save it as text or Markdown")
    about = _about("webpage", page.title, page.author, page.date, page.sitename, page.url)
    return about, list(_elements(page.body))


def _elements(body: Any) -> Iterator[_Piece]:
    """Yield the paragraphs, headings and list entries of an extracted page."""
    tags = ("head", "p", "item", "quote")
    for line_end in body.iter("lb"):
        line_end.tail = f" {line_end.tail or ''}"
    heading = "title"
    for element in body.iter(*tags):
        within = " ".join("".join(element.itertext()).split())
        if not within or any(inner is not element for inner in element.iter(*tags)):
            continue
        parent = element.getparent()
        if element.tag == "item" and parent.get("rend") == "ol" and not _ENTRY.match(within):
            within = f"{list(parent.iterchildren('item')).index(element) + 1}. {within}"
        yield _Piece(within, heading if element.tag == "head" else "paragraph")
        heading = "heading"


def _people(text: str) -> Iterator[str]:
    """Yield the names in a list of authors, skipping any date beside them."""
    for name in re.split(r"\s*(?:,|;|&|\band\b)\s*", text):
        if name and not re.search(r"\d", name):
            yield name


def _kinds(pieces: Sequence[_Piece]) -> list[str]:
    """Return the kind of each piece, judging by its markup, its form and its neighbours."""
    guesses = [p.kind if p.kind in ("title", "heading", "caption") else _guess(p) for p in pieces]
    if guesses[0] == "heading":
        guesses[0] = "title"
    top = next((n for n, kind in enumerate(guesses) if kind == "heading"), len(guesses))
    byline = next((n for n, kind in enumerate(guesses[:top]) if kind == "byline"), -1)
    kinds: list[str] = []
    under = ""
    for index, (piece, kind) in enumerate(zip(pieces, guesses, strict=True)):
        if kind == "heading":
            under = _kind_under(piece.text)
            kinds.append(kind)
        elif kind == "body" and index < byline:
            kinds.append("lede")  # text between title and byline is the editor's
        else:
            kinds.append(under or ("body" if kind == "byline" and index != byline else kind))
    _mark_lists(pieces, kinds)
    return kinds


def _kind_under(heading: str) -> str:
    """Return note or reference if a *heading* says so, else an empty string."""
    bare = re.sub(r"^[\d.]+\s+", "", heading)
    endings = {"reference": _REFERENCES, "note": _NOTES}
    return next((kind for kind, form in endings.items() if re.fullmatch(form, bare, re.IGNORECASE)), "")


def _guess(piece: _Piece) -> str:
    text = piece.text
    if not piece.number and _CAPTION.match(text):
        return "caption"
    length = len(text.split())
    if re.match(r"[Bb]y\s+[^\W\d_a-z]", text) and length <= _BYLINE_WORDS and not text.endswith("."):
        return "byline"
    if re.fullmatch(rf"{_NOTES}|{_REFERENCES}", text, re.IGNORECASE):
        return "heading"
    closed = text.endswith((".", ":", ";", ",", "!", "…", "”", "’", '"', "'"))
    single = not re.search(r"[.!?] ", text)
    lettered = re.match(r"[^\W\d_]", text)
    few = length <= _HEADING_WORDS
    return "heading" if not piece.kind and few and not closed and single and lettered else "body"


def _mark_lists(pieces: Sequence[_Piece], kinds: list[str]) -> None:
    """Mark numbered lists at the end: as references if most give a year, as notes if they have brackets."""
    end = len(pieces)
    while end and kinds[end - 1] == "body" and pieces[end - 1].number:
        first = max(end - pieces[end - 1].number, 0)
        run = pieces[first:end]
        if [piece.number for piece in run] != list(range(1, len(run) + 1)):
            return
        dated = sum(bool(re.search(rf"\b{YEAR}\b", piece.text)) for piece in run)
        if 2 * dated > len(run):
            kinds[first:end] = ["reference"] * len(run)
        elif all(piece.text.startswith(("[", "(")) for piece in run):
            kinds[first:end] = ["note"] * len(run)
        end = first


def _segmenter() -> Callable[[str], tuple[str, ...]]:
    """Return the function that splits a paragraph into sentences."""
    try:
        from sentencex import segment
    except ImportError:
        raise _needed("sentencex") from None

    def split(text: str) -> tuple[str, ...]:
        # sentencex would take a leading number for the first sentence, or miss the others.
        mark = _ENTRY.match(text)
        start = mark.end() if mark else 0
        parts = [part.strip() for part in segment("en", text[start:])]
        sentences = (text[:start] + parts[0], *filter(None, parts[1:])) if parts else (text,)
        # If sentencex loses a word, keep the paragraph whole.
        return sentences if _squeezed(sentences) == _squeezed([text]) else (text,)

    return split


def _squeezed(texts: Iterable[str]) -> str:
    return "".join("".join(texts).split())
