"""Turn records into text: one form a file, each returns a string and prints nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from afcli.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afcli.model import Claim

Format = Literal["terminal", "plain", "json", "jsonl", "csv", "tsv"]


_PLAINER = str.maketrans("█▒…·→←–—“”‘’", "#:~|><--\"\"''")
"""What a terminal without these signs gets instead."""


class Screen(NamedTuple):
    """What the terminal can do: its width in columns, whether it may be coloured, and its characters."""

    width: int = 80
    colour: bool = False
    encoding: str = "utf-8"

    def shown(self, text: str) -> str:
        """Return *text* as it can be shown: nothing that the terminal obeys, other scripts in Latin letters.

        To be asked before lines are broken: what is shown may be longer.
        """
        text = visible(text)
        if self._has(text):
            return text
        from afcli.lexicon import latin

        text = "".join(char if self._has(char) else char.translate(_PLAINER) for char in text)
        return "".join(char if self._has(char) else latin(char) for char in text)

    def _has(self, text: str) -> bool:
        try:
            text.encode(self.encoding)
        except (UnicodeEncodeError, LookupError):
            return False
        return True


class Table(NamedTuple):
    """What a command found: JSON records, and how each looks to a person and to a pipe."""

    records: Sequence[dict[str, Any]]
    plain: Sequence[Sequence[str]]
    """The cells of each record for tab-separated output."""
    claims: Sequence[Claim] = ()
    """Set where the records are claims: the terminal shows them as text with provenance."""
    matched: Sequence[frozenset[str]] = ()
    """For each claim the folded words to highlight."""
    remarks: Sequence[Sequence[str]] = ()
    """For each claim further lines for the terminal, such as why it was found."""
    full: bool = False
    """Show everything that is known of each claim."""
    heading: str = ""


def render(table: Table, form: Format, screen: Screen) -> str:
    """Return *table* in the given *form*, ending with a line break unless it is empty."""
    if form in ("json", "jsonl"):
        from afcli.render import json

        return json.array(table.records) if form == "json" else json.lines(table.records)
    if form == "terminal":
        from afcli.render import terminal

        return terminal.page(table, screen)
    from afcli.render import rows

    if form == "plain":
        return rows.plain(table.plain)
    return rows.delimited(table.records, "," if form == "csv" else "\t")
