"""Read a saved article into numbered blocks and sentences.

A block is a paragraph, a heading, or one entry of a numbered list. Blocks are numbered from 1 in the
order of the text.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, NamedTuple

from afcli.authoring.reading.by_pandoc import FORMATS, converted
from afcli.authoring.reading.citation_keys import Key, without_keys
from afcli.authoring.reading.html import people, saved_page
from afcli.authoring.reading.markdown import markdown
from afcli.authoring.reading.pdf import pdf
from afcli.authoring.reading.pieces import About, Piece
from afcli.authoring.reading.plain import plain_text
from afcli.authoring.reading.sentences import splitter
from afcli.authoring.written_dates import YEAR, find
from afcli.errors import UsageError
from afcli.files import safe_open, strict_yaml
from afcli.problems import FactsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Any

_CAPTION = re.compile(r"(?:Figure|Fig\.|Table) \d|.*\b(?:Photo|Photograph|Picture|Image|Credit)s?: ")
_REFERENCES = (
    r"(?:references|bibliography|works cited|literature|literature cited|sources|further reading|citations|"
    r"references and notes|notes and references|select(?:ed)? bibliography)\W*"
)
_NOTES = r"(?:notes|endnotes|footnotes)\W*"
HEADING_NUMBER = re.compile(
    r"^(?:(?:chapter|appendix|part|section)\s+)?(?:\d{1,2}|[A-Z](?=\.\d))(?:\.\d{1,2})*\.?\s+(?=\S)",
    re.IGNORECASE,
)
"""The number of a heading."""
_HEADING_WORDS = 12
_BYLINE_WORDS = 15
_DATELINE = re.compile(
    r"(?:(?:first )?(?:published|posted|updated|last (?:updated|modified|edited)|date)\W+(?:on |by .{3,40}? on )?)?",
    re.IGNORECASE,
)
_TIME = re.compile(r"[\W\d]|\b(?:at|am|pm|GMT|UTC|[A-Z][a-z]+day)\b")
_ENDED = re.compile(r"[.:;,!…”’\"']$|[.!?] ")
"""An end of a sentence, or of a part of one, which a heading has not."""
_FAMILY = r"[^\W\d_a-z][\w’'.-]+"
_SHORT = re.compile(
    rf"(?:[Ss]ee |[Cc]f\. )*{_FAMILY}(?:(?:,? and|,? &|,)? {_FAMILY}){{0,3}}(?:,? et al\.?)?,? \(?{YEAR}[a-z]?\)?"
    r"(?:[,:;] *(?:pp?\. ?|chap\. ?|n\. ?|§ ?)?[\divxlc–, -]+)?\.?|(?i:ibid|op\. cit)\b.{0,40}"
)
"""A note that points to an entry elsewhere: "Kyle 2003, pp. 45–47", "Ibid."."""
_WORK = re.compile(
    r"\bpp?\. ?\d|\bISBN\b|\bdoi\b|\bRetrieved\b|\bAccessed\b|\bvol\. ?\d|\bArchived from\b|\b\d+ ?\(\d+\)[:,]|https?://|"
    r"\bPress\b|\bPublish|\bed(?:s|ited|ition)?\b\.?|\bJournal\b|\b\d+[:,] ?\d+[–-]\d+",
)
_BY = re.compile(
    r"[^\W\d_a-z][\w’'-]+, (?:[^\W\d_a-z]\.|[^\W\d_a-z][\w’'-]+)|(?:[^\W\d_a-z]\. ?)+[^\W\d_a-z][\w’'-]+"
)


class Block(NamedTuple):
    """One block of the article: its kind, as outlines name it, and its sentences."""

    kind: str
    sentences: tuple[str, ...]
    cited: tuple[tuple[Key, ...], ...]
    """The works that each sentence cites by key; the keys are not in its text."""
    item: dict[str, Any] | None = None
    """For a reference: what the file says about the work in CSL."""
    page: str = ""


class Article(NamedTuple):
    """An article as it was saved: its text in blocks, and what the file says about it."""

    blocks: tuple[Block, ...]
    about: About

    @property
    def sentences(self) -> dict[str, str]:
        """Return the sentences by their ids, block and position."""
        return {
            f"{number}.{position}": text
            for number, block in enumerate(self.blocks, 1)
            for position, text in enumerate(block.sentences, 1)
        }


PLAIN = ("", ".txt", ".text")
MARKDOWN = (".md", ".markdown")
HTML = (".html", ".htm", ".xhtml")
TEXTS = (*PLAIN[1:], *MARKDOWN, *HTML, ".pdf", *FORMATS)
"""Suffixes of files that are articles; any other file is a table of numbered sentences."""


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
        lines = io.StringIO(safe_open.content(path).decode("utf-8-sig"), newline="")
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
        if id_ in texts or not re.fullmatch(r"(?:[1-9]\d*[a-z]*|0[a-z]+)\.[1-9]\d*", id_, re.ASCII):
            raise UsageError(
                f"{option}: {path}:{line}: {id_!r} is not an id, or appears twice; write block.sentence, such as 40.8"
            )
        texts[id_] = row["text"] or ""
    return texts


def read(path: Path, option: str = "--article") -> Article:
    """Read the article at *path*; its suffix decides how.

    Raises UsageError, naming *option*, if the file is missing, too large, empty, of a type that is not read, damaged,
    protected, or has no main text.
    """
    about, pieces = _pieces(path, option)
    if not pieces:
        raise UsageError(f"{option}: {path} has no text that afcli can find; save it as plain text")
    if about.title and pieces[0].text != about.title:
        # A heading that comes first is no title where the file gives one.
        first_kind = "heading" if pieces[0].kind == "title" else pieces[0].kind
        pieces = [Piece(about.title, "title"), pieces[0]._replace(kind=first_kind), *pieces[1:]]
    elif about.title:
        pieces[0] = pieces[0]._replace(kind="title")
    blocks = tuple(_blocks(pieces, keyed=path.suffix.lower() in (*MARKDOWN, *FORMATS)))
    first = {block.kind: block.sentences[0] for block in reversed(blocks)}
    signed = re.match(r"by (.+)", first.get("byline", ""), re.IGNORECASE)
    authors = tuple(people(signed[1])) if signed else about.authors
    return Article(blocks, about._replace(title=about.title or first.get("title", ""), authors=authors))


def _pieces(path: Path, option: str) -> tuple[About, list[Piece]]:
    suffix, what = path.suffix.lower(), f"{option}: {path}"
    if suffix in HTML:
        return saved_page(text_of(path, option), what)
    if suffix in MARKDOWN:
        return markdown(text_of(path, option), path, option)
    if suffix == ".pdf":
        return pdf(_content(path, option), what)
    if suffix in FORMATS:
        return converted(_content(path, option), suffix, what)
    if suffix in PLAIN:
        return About(), list(plain_text(text_of(path, option)))
    raise UsageError(f"{what} is a kind of file that afcli cannot read; save it as one of {' '.join(TEXTS)}")


def _content(path: Path, option: str) -> bytes:
    """Return the bytes of the file that *option* names; raise UsageError if it has none."""
    try:
        content = safe_open.content(path)
    except OSError as error:
        raise UsageError(f"{option}: {strict_yaml.unreadable(path, error)}") from None
    if not content.strip():
        raise UsageError(f"{option}: {path} is empty; save the text in it")
    return content


def text_of(path: Path, option: str) -> str:
    """Return the text of the file that *option* names, with plain line ends; raise UsageError if it has none."""
    try:
        text = strict_yaml.text(path, large="save only the article in it")
    except FactsError as error:
        raise UsageError(f"{option}: {error.problems[0]}") from None
    if "\0" in text:
        raise UsageError(f"{option}: {path} is not text; save it as text, Markdown or HTML in UTF-8")
    if not text.strip():
        raise UsageError(f"{option}: {path} is empty; save the text in it")
    return "\n".join(text.splitlines())


def _blocks(pieces: Sequence[Piece], *, keyed: bool) -> Iterator[Block]:
    """Yield each piece as a block, divided into sentences; if *keyed*, citations by key leave the text."""
    split = splitter()
    for kind, piece in zip(_kinds(pieces), pieces, strict=True):
        text, cited = without_keys(piece.text) if keyed else (piece.text, [])
        parts = split(text) if kind in ("lede", "body", "caption", "note") else (text,)
        by_sentence: list[tuple[Key, ...]] = []
        end = 0
        for part in parts:
            end = text.index(part, end) + len(part) if part in text[end:] else len(text)
            by_sentence.append(tuple(key for key in cited if key.position <= end))
            cited = cited[len(by_sentence[-1]) :]
        yield Block(kind, parts, tuple(by_sentence), piece.item, piece.page)


def _kinds(pieces: Sequence[Piece]) -> list[str]:
    """Return the kind of each piece, judging by its markup, its form and its neighbours."""
    guesses = [
        "heading" if guess == "body" and _is_numbered_heading(index, pieces) else guess
        for index, guess in enumerate(map(_guess, pieces))
    ]
    if guesses[0] == "heading":
        guesses[0] = "title"
    top = guesses.index("heading") if "heading" in guesses else len(guesses)
    byline = guesses.index("byline") if "byline" in guesses[:top] else -1
    kinds: list[str] = []
    under = ""
    for index, (piece, guess) in enumerate(zip(pieces, guesses, strict=True)):
        if piece.kind == "note" and kinds[-1:] == ["reference"] and pieces[index - 1].kind != "note":
            under = ""  # notes that follow the references
        is_signed = index == byline or kinds[-1:] == ["byline"]
        kind = under or ("body" if guess == "byline" and not is_signed else guess)
        if guess == "heading":
            under, kind = _kind_under(piece.text), guess
        elif guess == "body" and index < byline:
            kind = "lede"  # text between title and byline is the editor's
        elif piece.item or piece.kind == "note":
            named = piece.item or _only_points(piece.text) or (under == "reference" and not _says(piece.text))
            kind = "reference" if named else "note"
        kinds.append(kind)
    _mark_lists(pieces, kinds)
    _mark_works(pieces, kinds)
    return kinds


def _kind_under(heading: str) -> str:
    """Return note or reference if a *heading* says so, else an empty string."""
    bare = re.sub(r"^[\d.]+\s+", "", heading)
    endings = {"reference": _REFERENCES, "note": _NOTES}
    return next((kind for kind, form in endings.items() if re.fullmatch(form, bare, re.IGNORECASE)), "")


def _guess(piece: Piece) -> str:
    text = piece.text
    if piece.kind in ("title", "heading", "caption", "reference"):
        return piece.kind
    if not piece.number and _CAPTION.match(text):
        return "caption"
    length = len(text.split())
    is_signed = re.match(r"[Bb]y\s+[^\W\d_a-z]", text) and not text.endswith(".")
    if length <= _BYLINE_WORDS and (is_signed or _is_dateline(text)):
        return "byline"
    if re.fullmatch(rf"{_NOTES}|{_REFERENCES}", text, re.IGNORECASE):
        return "heading"
    is_title = not piece.kind and length <= _HEADING_WORDS and re.match(r"[^\W\d_]", text)
    return "heading" if is_title and not _ENDED.search(text) else "body"


def _is_dateline(text: str) -> bool:
    """Tell whether *text* says when the article was published, and nothing else."""
    rest = _DATELINE.sub("", text, count=1)
    dates = list(find(rest))
    return len(dates) == 1 and not _TIME.sub("", rest[: dates[0].start] + rest[dates[0].end :])


def _is_numbered_heading(index: int, pieces: Sequence[Piece]) -> bool:
    """Tell whether a piece has the number of a chapter and no end of a sentence, and is not one of a list."""
    piece = pieces[index]
    number = HEADING_NUMBER.match(piece.text)
    if piece.kind or not number:
        return False
    title = piece.text[number.end() :]
    beside = {other.number for other in pieces[max(index - 1, 0) : index + 2]} - {0}
    listed = piece.number and not beside.isdisjoint((piece.number - 1, piece.number + 1))
    few = len(title.split()) <= _HEADING_WORDS
    return few and title[:1].isupper() and not listed and not _ENDED.search(title)


def _mark_lists(pieces: Sequence[Piece], kinds: list[str]) -> None:
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


def _mark_works(pieces: Sequence[Piece], kinds: list[str]) -> None:
    """Mark the notes that only name a work as references, where most notes do."""
    notes = [index for index, kind in enumerate(kinds) if kind == "note"]
    works = [index for index in notes if _names_work(pieces[index].text)]
    if 2 * len(works) > len(notes):
        for index in works:
            kinds[index] = "reference"


def _only_points(text: str) -> bool:
    return names_source(text) or bool(re.fullmatch(r"https?://\S+", _bare(text)))


def _says(text: str) -> bool:
    """Tell whether a note says something, however little, rather than name a work."""
    return not _names_work(text) and bool(re.search(r"(?:\b[a-z]+[ ,]+){4}", text))


def names_source(text: str) -> bool:
    """Tell whether an entry only points to another: "Ruiz 2016, p. 5", "Ibid."."""
    return bool(_SHORT.fullmatch(_bare(text)))


def _bare(entry: str) -> str:
    return re.sub(r"^[\[(]?\w{1,3}[\]).:]{1,2}\s+", "", entry)


def _names_work(text: str) -> bool:
    """Tell whether a note names a work and says nothing about it."""
    bare = _bare(text)
    if _only_points(text):
        return True
    return bool(_BY.match(bare) and re.search(rf"\b{YEAR}\b", bare)) or len(_WORK.findall(bare)) > 1
