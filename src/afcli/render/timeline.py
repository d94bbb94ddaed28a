"""Periods as bars for a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from afcli.render.terminal import DIM, MATCH, NOTED, console, hang, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afcli.render import Screen
    from afcli.views.timeline import Period

_BAR = 12
"""The widest bar, in columns, where there is room."""
_NARROW = 60


def page(periods: Sequence[Period], screen: Screen) -> str:
    """Return a bar for each period, its length the number of claims, with the claims below it.

    The bar of an uncertain or approximate date is grey; an open end has an arrow, an unknown end a
    question mark.
    """
    drawn = console(screen)
    most = max(len(period.claims) for period in periods)
    width = max(len(period.label) for period in periods)
    room = _BAR if screen.width >= _NARROW else 4
    for period in periods:
        bar = _bar(period, max(1, round(room * len(period.claims) / most)))
        count = len(period.claims)
        drawn.print(
            Text(screen.shown(f"{period.label:<{width}}"), MATCH),
            Text(screen.shown(f" {bar:<{room + 2}} {count:>3}")),
        )
        for claim in period.claims:
            day = f"{claim.date} " if period.precision == "month" and len(claim.date) > 8 else ""
            said = Text.assemble((f"  {claim.id} {day}", DIM), screen.shown(claim.text))
            if claim.note:
                said.append(screen.shown(f" · {NOTED}"), DIM)
            hang(drawn, said, 4)
    return text_of(drawn)


def _bar(period: Period, length: int) -> str:
    label = period.label
    begins = "?" if label.startswith("? ←") else "←" if label.startswith("←") else " "
    ends = "?" if label.endswith("→ ?") else "→" if label.endswith("→") else ""
    return begins + ("▒" if period.uncertain or period.approximate else "█") * length + ends
