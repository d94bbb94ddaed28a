"""The pieces of a text that the readers return, each with the kind that its markup says."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

ENTRY = re.compile(r"(?:\[\^?(\d{1,3})\]:?|\((\d{1,3})\)|(\d{1,3})[.)])\s+(?=\S)")
"""The number of an entry in a list, of a note or a reference."""


class Piece(NamedTuple):
    """A paragraph, a heading or an entry of a list."""

    text: str
    kind: str = ""
    """The kind its markup gives: title, heading, caption, paragraph, note, reference; empty in plain text."""
    item: dict[str, Any] | None = None
    """What the markup says in CSL about the work that it names."""
    page: str = ""
    """The page on which it begins, where the file has pages."""

    @property
    def number(self) -> int:
        """Return the number of a list entry, or 0."""
        mark = ENTRY.match(self.text)
        return int(mark[1] or mark[2] or mark[3]) if mark else 0


class About(NamedTuple):
    """What a file says about the article in it; empty where it says nothing."""

    type: str = "document"
    title: str = ""
    authors: tuple[str, ...] = ()
    issued: str = ""
    site: str = ""
    url: str = ""
    bibliography: tuple[str, ...] = ()
    """The names of the files that list what it cites, as they stand in the article's."""
    items: tuple[dict[str, Any], ...] = ()
    """The works it cites, in CSL, where it carries them itself."""
