"""Read plain text as it is laid out: blank lines, underlined headings, columns, numbered lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afcli.authoring.reading.pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_UNDERLINE = re.compile(r"([=~^*-])\1{2,}")
_RULE = re.compile(r"[-=_*]{9,}")
_LISTED = re.compile(r"(?:(?:chapter|appendix|part)\s+)?(?:\d+|[A-Z])(?:\.\d+)*\.?\s+\S.*", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:table of )?contents\W*", re.IGNORECASE)


def plain_text(text: str) -> Iterator[Piece]:
    """Yield the paragraphs of plain text, with each entry of a numbered list by itself."""
    contents: set[str] | None = None
    for index, paragraph in enumerate(re.split(r"\n\s*\n", text.strip())):
        lines = paragraph.splitlines()
        while lines and _RULE.fullmatch(lines[0].strip()):
            del lines[0]
        if not lines:
            continue
        if contents is None and _CONTENTS.fullmatch(lines[0].strip()):
            contents = {lines[0].strip()}
            lines = lines[1:]
        if contents:
            if _are_contents(lines) and _entry(lines[:1]) not in contents:
                contents |= {_entry([line]) for line in lines}
                continue
            contents = set()
        if len(lines) > 1 and _UNDERLINE.fullmatch(lines[1].strip()):
            yield Piece(" ".join(lines[0].split()), "heading" if index else "title")
            lines = lines[2:]
        if len(lines) > 1 and all(re.search(r"\S {2,}\S.* {2,}\S", line) for line in lines):
            # Text set in columns is a table, and each row makes sense by itself.
            yield from (Piece(" ".join(line.split()), "paragraph") for line in lines)
            continue
        yield from _entries(lines)


def _entry(lines: Sequence[str]) -> str:
    """Return the title in a line of a list of contents, without its page."""
    return re.sub(r"[\s.]*\d*$", "", " ".join(lines)).strip()


def _are_contents(lines: Sequence[str]) -> bool:
    """Tell whether *lines* list chapters: numbered, with leaders, or with page numbers."""
    if not lines:
        return True
    listed = (_LISTED.fullmatch(line.strip()) or re.search(r"(?:\. ?){3}|\s\d+$", line) for line in lines)
    return 2 * sum(map(bool, listed)) > len(lines) and not any(len(line.split()) > 14 for line in lines)


def _entries(lines: Sequence[str]) -> Iterator[Piece]:
    entry: list[str] = []
    number = 0
    for line in lines:
        following = Piece(line.strip()).number
        if following and (following == number + 1 or not entry):
            if entry:
                yield Piece(" ".join(entry))
            entry, number = [], following
        entry += line.split()
    if entry:
        yield Piece(" ".join(entry))
