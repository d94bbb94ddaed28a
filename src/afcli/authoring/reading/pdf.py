"""Read the text of PDF files, with their page numbers. Only this module imports pypdf."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli.authoring.reading.html import people
from afcli.authoring.reading.pieces import ENTRY, About, Piece
from afcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_LEADERS = re.compile(r"(?:\. ?){4}|(?:\.\s){3}")
_ENDED = (".", "!", "?", ":", "”", "’", '"', ")", "]")


class _Line(NamedTuple):
    text: str
    page: str
    size: float
    """Of its letters, in points."""
    gap: float
    """From the line above it on its page, in points; 0 for the first."""


def pdf(content: bytes, what: str) -> tuple[About, list[Piece]]:
    """Return what a PDF says about its article, and its pieces with their pages.

    Raises UsageError, which begins with *what*, if it cannot be read, is encrypted, or has pictures of pages only.
    """
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        raise UsageError("this needs pypdf; install it: pip install 'afcli[pdf]'") from None

    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)
    locked = UsageError(f"{what} is encrypted; save a copy of it without its password")
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise locked
        labelled = zip(reader.pages, reader.page_labels, strict=True)
        pages = [list(_lines(page, label)) for page, label in labelled]
        about: Mapping[str, Any] = reader.metadata or {}
        title, author = str(about.get("/Title") or ""), str(about.get("/Author") or "")
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, RecursionError, OSError) as error:
        if "cryptography" in str(error):
            raise locked from None
        reason = str(error).split("\n")[0][:100] or type(error).__name__
        hint = "print it to PDF again, or save it as text"
        raise UsageError(f"{what} is a damaged PDF: {reason}; {hint}") from None
    lines = [line for page in _without_margins(pages) for line in _without_contents(page)]
    if not lines:
        raise UsageError(
            f"{what} has no text, only pictures of pages; have its words recognised first (ocrmypdf)"
        )
    pieces = list(_paragraphs(lines))
    # What a program wrote into the file's title is often the name of another file.
    printed = next((piece.text for piece in pieces[:3] if piece.kind == "heading"), "")
    pieces = [p._replace(kind="title") if p.text == printed and p.kind else p for p in pieces]
    return About("document", printed or " ".join(title.split()), tuple(people(author))), pieces


def _lines(page: Any, label: str) -> Iterator[_Line]:
    """Yield the lines of a page, with the size of their letters and their distances."""
    lines: list[list[tuple[str, float, float]]] = [[]]

    def take(text: str, cm: Sequence[float], tm: Sequence[float], _font: Any, size: float) -> None:
        height = cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
        size = abs(size * tm[3] * cm[3]) or abs(size * tm[1])
        chunks = [(part, height, size) for part in text.split("\n")]
        lines[-1].append(chunks[0])
        lines.extend([chunk] for chunk in chunks[1:])

    page.extract_text(visitor_text=take)
    above = 0.0
    for line in lines:
        printed = [chunk for chunk in line if chunk[0].strip()]
        if not printed:
            continue
        sizes = Counter[float]()
        for part, _, size in printed:
            sizes[round(size, 1)] += len(part)
        words = " ".join("".join(part if part.strip() else " " * bool(part) for part, *_ in line).split())
        height = printed[0][1]
        yield _Line(words, label, _commonest(sizes), above and above - height)
        above = height


def _commonest(sizes: Counter[float]) -> float:
    return max(sizes, key=sizes.__getitem__)


def _without_margins(pages: Sequence[Sequence[_Line]]) -> Iterator[list[_Line]]:
    """Yield the lines of each page without its number and what stands at the head or foot of many pages."""

    def bare(line: _Line) -> str:
        # A title in large letters is not the same as the head of the pages after it.
        words = re.sub(r"\b[\divxlc]+\b", "#", line.text.lower())
        return f"{line.size} {words}"

    edges = Counter(text for page in pages for text in {bare(line) for line in (*page[:2], *page[-2:])})
    number = re.compile(r"\W*(?:\d+|[ivxlc]+)\W*")
    for page in pages:
        within = range(2, len(page) - 2)
        yield [
            line
            for index, line in enumerate(page)
            if index in within or not (edges[bare(line)] > 2 or number.fullmatch(line.text))
        ]


def _without_contents(page: Sequence[_Line]) -> Sequence[_Line]:
    """Return the lines of a page without those of a list of contents, with dots before their page numbers."""
    if not any(_LEADERS.search(line.text) for line in page):
        return page
    listed = re.compile(r"[\dA-Z]+(?:\.\d+)*\.?\s.*\s\d+|(?:table of )?contents", re.IGNORECASE)
    return [line for line in page if not (_LEADERS.search(line.text) or listed.fullmatch(line.text))]


def _paragraphs(lines: Sequence[_Line]) -> Iterator[Piece]:
    """Join the lines to paragraphs: a gap, larger letters, or a short line that ends a sentence divide them."""
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    body = _commonest(sizes)
    gaps = sorted(line.gap for line in lines if line.gap > 0 and line.size == body)
    usual = gaps[len(gaps) // 2] if gaps else 0.0
    full = sorted(len(line.text) for line in lines)[int(len(lines) * 0.8)]
    held: list[_Line] = []
    for line in lines:
        if held and _divides(held[-1], line, body, usual, full):
            yield _piece(held, body)
            held = []
        held.append(line)
    if held:
        yield _piece(held, body)


def _divides(last: _Line, line: _Line, body: float, usual: float, full: int) -> bool:
    is_heading, was_heading = line.size > body * 1.1, last.size > body * 1.1
    if is_heading or was_heading:
        return not (is_heading and was_heading and abs(line.size - last.size) < 0.5)
    if ENTRY.match(line.text) or line.text[0] in "•◦▪–":
        return True
    if line.page != last.page or line.gap <= 0:
        # A paragraph may go on over a page or a column.
        return last.text.endswith(_ENDED) and len(last.text) < 0.9 * full
    return line.gap > 1.35 * usual or (last.text.endswith(_ENDED) and len(last.text) < 0.7 * full)


def _piece(lines: Sequence[_Line], body: float) -> Piece:
    words = lines[0].text
    for line in lines[1:]:
        broken = re.search(r"[^\W\d_]-$", words) and line.text[:1].islower()
        words = words[:-1] + line.text if broken else f"{words} {line.text}"
    large = lines[0].size > body * 1.1 and len(words) < 200
    return Piece(words.replace("\u00ad", ""), "heading" if large else "", page=lines[0].page)
