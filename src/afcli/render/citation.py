"""HTML citations for a terminal: italics, bold, small capitals and links."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from rich.text import Text

from afcli.render.terminal import console, hang, text_of
from afcli.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afcli.render import Screen

_STYLES = {"em": "italic", "i": "italic", "strong": "bold", "b": "bold"}


def page(lines: Sequence[str], screen: Screen) -> str:
    """Return the *lines* as styled text, broken only between words."""
    drawn = console(screen)
    for line in lines:
        reader = _Reader(screen)
        reader.feed(" ".join(line.split()))
        reader.close()
        reader.text.rstrip()
        hang(drawn, reader.text, 0)
    return text_of(drawn)


class _Reader(HTMLParser):
    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._shown = screen.shown
        self.text = Text()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a mark."""
        link = dict(attrs).get("href") if tag == "a" else None
        self._open.append(f"link {link}" if link and visible(link) == link else _STYLES.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  # as declared by HTMLParser
        """End the last mark."""
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Add text with all styles that are open."""
        # Space at the ends of an entry comes from the layout of the HTML.
        data = data if self.text else data.lstrip()
        self.text.append(self._shown(data), " ".join(filter(None, self._open)))
