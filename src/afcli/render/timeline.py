"""Periods as bars for a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from afcli.render.terminal import DIM, MATCH, console
from afcli.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afcli.render import Screen
    from afcli.timeline import Period

_BAR = 12
"""The widest bar, in columns, where there is room."""
_NARROW = 60


def page(periods: Sequence[Period], screen: Screen) -> str:
    """Return a bar for each period, as long as it has claims, with the claims beside or below it."""
    drawn = console(screen)
    most = max(len(period.claims) for period in periods)
    width = max(len(period.label) for period in periods)
    bar = _BAR if screen.width >= _NARROW else 4
    for period in periods:
        length = max(1, round(bar * len(period.claims) / most))
        head = Text.assemble(
            (f"{visible(period.label):<{width}}", MATCH),
            "  ",
            f"{'█' * length:<{bar}}",
            f" {len(period.claims):>3}",
        )
        drawn.print(head)
        for claim in period.claims:
            day = f"{claim.date} " if period.precision == "month" and len(claim.date) > 8 else ""
            line = Text.assemble("  ", (f"{visible(claim.id)} {visible(day)}", DIM), visible(claim.text))
            line.truncate(screen.width, overflow="ellipsis")
            drawn.print(line, no_wrap=True)
    return "".join(f"{line.rstrip()}\n" for line in drawn.file.getvalue().splitlines())  # type: ignore[attr-defined]
