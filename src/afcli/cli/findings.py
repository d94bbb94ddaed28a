"""Show what `check` and `verify` find."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from afcli.cli.screen import say, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afcli.authoring.findings import Finding
    from afcli.authoring.verify import Coverage

All = Annotated[
    bool, typer.Option("--all", help="Show every finding, not only the first three of each rule.")
]
_FEW = 3
"""How many findings of one rule say what it is about."""


def show(findings: Sequence[Finding], *, all_: bool, json: bool) -> None:
    """Write the first *findings* of each rule, and say how many there are; *all_* of them, as *json* always has."""
    from afcli.render.json import array

    if json:
        write(array([finding.record() for finding in findings]))
        return
    counts: Counter[str] = Counter()
    shown = []
    for finding in findings:
        counts[str(finding.rule)] += 1
        shown += [f"{finding}\n"] if all_ or counts[str(finding.rule)] <= _FEW else []
    write("".join(shown))
    more = [f"{count} {rule}" for rule, count in counts.items() if count > _FEW]
    if more and not all_:
        say(f"{', '.join(more)}: the first three of each are shown; --all shows all")


def say_covered(parts: Sequence[Coverage]) -> None:
    """Say how much of the article is covered, and how much of each section that is not yet."""
    covered, total = sum(part.covered for part in parts), sum(part.total for part in parts)
    say(f"{covered} of {total} sentences have a claim that was read")
    for part in parts:
        if part.covered < part.total:
            say(f"{part.covered} of {part.total} in {part.title}")
