"""The commands that show the whole: along time, and in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from afcli.cli.options import Output, base, filters, output
from afcli.cli.screen import FOUND, NOTHING, form_of, no_citations, say, screen, show_rows, write
from afcli.filters import Filters

if TYPE_CHECKING:
    from afcli.base import Base


def timeline(*, filters: Filters, output: Output, base: Base) -> None:
    """Show claims along time.

    A bar for each month, year or span that a date names, with the claims beside it.

    \b
    afcli timeline --country Uzbekistan
    afcli timeline --from 2021 --json
    """
    no_citations(output)
    from afcli.render import Table, render
    from afcli.timeline import periods

    claims = [base.claim(number) for number in filters.claims(base)]
    dated = sorted(
        (claim for claim in claims if claim.date_basis != "writing"),
        key=lambda claim: (claim.interval.start or "", claim.interval.end or "9999"),
    )
    found = periods(dated[: output.limit])
    form = form_of(output)
    if form == "terminal" and found:
        from afcli.render.timeline import page

        write(page(found, screen()), laid_out=True)
    elif found or form != "terminal":
        plain = [
            (period.label, claim.id, claim.date, claim.text) for period in found for claim in period.claims
        ]
        write(render(Table([period.record() for period in found], plain), form, screen()))
    if len(dated) > sum(len(period.claims) for period in found):
        say(f"{output.limit} of {len(dated)} shown; --limit N shows more")
    if len(dated) < len(claims):
        say(f"{len(claims) - len(dated)} more are undated")
    if not found:
        say("nothing found")
    raise typer.Exit(FOUND if found else NOTHING)


def stats(*, output: Output, base: Base) -> None:
    """Count what the fact base holds.

    Claims by section, kind, basis, date, source, country and actor, and how many sentences have one.

    \b
    afcli stats
    afcli stats --json
    """
    from afcli.stats import counts

    show_rows(list(counts(base)), output)


COMMANDS = {"timeline": (timeline, (filters, output, base)), "stats": (stats, (output, base))}
