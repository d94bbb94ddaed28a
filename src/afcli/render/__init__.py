"""Turn records into text: one format per file; each returns a string and prints nothing."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from afcli.model import Claim
from afcli.text import visible

Format = Literal["terminal", "plain", "json", "jsonl", "csv", "tsv"]


_PLAINER = str.maketrans("█▒…·→←–—“”‘’", "#:~|><--\"\"''")
"""Replacements for a terminal without these signs."""


class Screen(NamedTuple):
    """What the terminal can do: its width in columns, whether it has colours, and its characters."""

    width: int = 80
    colour: bool = False
    encoding: str = "utf-8"

    def shown(self, text: str) -> str:
        """Return *text* as it can be shown: without control codes, and with other scripts in Latin letters.

        Call this before breaking lines: the result may be longer.
        """
        text = visible(text)
        if self._has(text):
            return text
        from afcli.sounds import latin

        text = "".join(char if self._has(char) else char.translate(_PLAINER) for char in text)
        return "".join(char if self._has(char) else latin(char) for char in text)

    def _has(self, text: str) -> bool:
        try:
            text.encode(self.encoding)
        except (UnicodeEncodeError, LookupError):
            return False
        return True


class Row(NamedTuple):
    """One record of an answer, in forms for people and for pipes."""

    record: dict[str, Any]
    cells: Sequence[str]
    """For tab-separated output, and for columns on a terminal."""
    claim: Claim | None = None
    """Set if the record is a claim: the terminal shows it as text with provenance."""
    highlighted: frozenset[str] = frozenset()
    """The folded words of the claim to highlight."""
    remarks: Sequence[str] = ()
    """More lines for the terminal, such as why the claim was found."""


def render(
    rows: Sequence[Row], form: Format, screen: Screen, *, heading: str = "", full: bool = False
) -> str:
    """Return *rows* in the given *form*, ending with a line break unless there are none.

    A terminal shows the *heading* above them and, if *full*, everything known about each claim.
    """
    if form == "terminal":
        from afcli.render import terminal

        return terminal.page(rows, screen, heading, full=full)
    records = [row.record for row in rows]
    if form in ("json", "jsonl"):
        from afcli.render import json

        return json.array(records) if form == "json" else json.lines(records)
    from afcli.render import delimited

    if form == "plain":
        return delimited.plain([row.cells for row in rows])
    return delimited.table(records, "," if form == "csv" else "\t")
