"""Read Markdown and its front matter. Only this module imports markdown-it."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any

from afcli.authoring.reading.html import iso_date, people, whole_page
from afcli.authoring.reading.pieces import About, Piece
from afcli.errors import UsageError
from afcli.files import strict_yaml
from afcli.problems import FactsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_GIVEN = r"\{ ?(?:[#.]|-(?=\})|[\w-]+=)[^{}\n]*\}"
_ATTRIBUTES = re.compile(rf"(?m)(?<=[\])`]){_GIVEN}|^(#+ .*?)[ \t]*{_GIVEN}[ \t]*$")
"""What pandoc reads after a heading, link, picture or code: its id, classes and size."""
_SPAN = re.compile(rf"\[((?:[^\[\]]|\[[^\[\]]*\](?:\([^()\s]*\))?)*)\]{_GIVEN}")
_FENCE = re.compile(r"(?m)^:::.*\n?")
"""The first and the last line of a division."""
_FRONT = re.compile(r"---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)


def markdown(text: str, path: Path, option: str) -> tuple[About, list[Piece]]:
    """Return what the front matter of Markdown says, and its pieces; raise UsageError, naming *option*, if it is no YAML."""
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        raise UsageError("this needs markdown-it-py; install it: pip install 'afcli[new]'") from None
    front = _FRONT.match(text)
    about = _front_matter(f"\n{front[1]}", path, option) if front else About()
    body = _FENCE.sub("\n", text[front.end() :] if front else text)
    body = _ATTRIBUTES.sub(r"\1", _SPAN.sub(r"\1", body))
    rendered = MarkdownIt("commonmark").enable("table").render(_with_notes(body))
    # The words for a picture that stands alone are its caption.
    picture = r'<p>(?:<img [^>]*?alt="([^"]*)"[^>]*>\s*)+</p>'
    captioned = re.sub(picture, r"<figcaption>\1</figcaption>", rendered)
    return about, whole_page(f"<html><body>{captioned}</body></html>")[1]


def _with_notes(text: str) -> str:
    """Return Markdown with its notes in HTML, numbered in the order of their marks."""
    numbers: dict[str, int] = {}
    following = count(1)

    def number(name: str) -> str:
        if name not in numbers:
            free = (n for n in following if n not in numbers.values())
            numbers[name] = int(name) if name.isdigit() else next(free)
        return str(numbers[name])

    inline: list[str] = []

    def hold(note: re.Match[str]) -> str:
        inline.append(note[1])
        return rf"\[{number(f'inline {len(inline)}')}\]"

    text = re.sub(r"(?<![\\!\]])\^\[([^\[\]]+)\]", hold, text)
    text = re.sub(r"(?<!^)(?<!\n)\[\^([^\]\s]+)\]", lambda mark: rf"\[{number(mark[1])}\]", text)
    # A note ends before the next one, or where a line that is not indented follows a blank one.
    text = re.sub(
        r"(?m)^\[\^([^\]\s]+)\]:[ \t]*((?:(?!\[\^).+\n?)+(?:\n+(?:[ ]{2,}|\t).*\n?)*)",
        lambda note: _block(number(note[1]), note[2]),
        text,
    )
    return text + "".join(_block(number(f"inline {n}"), note) for n, note in enumerate(inline, 1))


def _block(number: str, note: str) -> str:
    return f'\n\n<div data-label="{number}">\n\n{note.strip()}\n\n</div>\n\n'


def _front_matter(text: str, path: Path, option: str) -> About:
    try:
        document = strict_yaml.parse(path, text)
        problems = document.problems
    except FactsError as error:
        problems = error.problems
    if problems:
        raise UsageError(f"{option}: {problems[0]}")
    fields = document.data if isinstance(document.data, dict) else {}
    authors = fields.get("author") or fields.get("authors") or fields.get("author-meta") or ()
    files = fields.get("bibliography") or ()
    return About(
        "document",
        _plain(fields.get("title")),
        tuple(filter(None, _authors(authors))),
        iso_date(_plain(fields.get("date") or fields.get("date-meta"))),
        _plain(fields.get("site")),
        _plain(fields.get("url")) or _plain(fields.get("source")),
        tuple(filter(None, map(_plain, files if isinstance(files, list) else [files]))),
    )


def _plain(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _authors(value: Any) -> Iterator[str]:
    """Yield the names of authors: in a line, in a list, or in the parts that journals ask for."""
    if isinstance(value, str):
        yield from people(value)
        return
    for author in value if isinstance(value, list) else [value]:
        if isinstance(author, dict):
            given = _plain(author.get("given") or author.get("given-names"))
            family = _plain(author.get("family") or author.get("surname"))
            yield _plain(author.get("name")) or f"{given} {family}".strip()
        else:
            yield _plain(author)
