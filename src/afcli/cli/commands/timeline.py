"""afcli timeline: claims on a timeline."""

import typer

from afcli.cli.listing import waiting
from afcli.cli.screen import FOUND, NOTHING, Output, form_of, refuse_citations, say, screen, write
from afcli.library import Facts, Filtering
from afcli.render import Row, render


def run(*, filters: Filtering, output: Output, facts: Facts) -> None:
    """Show claims on a timeline.

    Each month, year or span that has claims gets a bar, with its claims below.

    \b
    afcli timeline --country Uzbekistan
    afcli timeline --from 2021 --json
    """
    refuse_citations(output)
    from afcli.views.timeline import by_date, periods

    claims = facts.claims(**filters)
    dated = by_date(claims)
    shown = dated[: output.limit]
    bars = periods(shown)
    form = form_of(output)
    if form == "terminal" and bars:
        from afcli.render.timeline import page

        write(page(bars, screen()), laid_out=True)
    else:
        rows = [Row(period.record(), ()) for period in bars]
        if form == "plain":
            rows = [Row({}, (period.label, c.id, c.date, c.text)) for period in bars for c in period.claims]
        write(render(rows, form, screen()))
    if len(dated) > len(shown):
        say(f"{output.limit} of {len(dated)} shown; --limit N shows more")
    if len(dated) < len(claims):
        say(f"{len(claims) - len(dated)} more are undated")
    if not bars:
        say(f"nothing found{waiting(facts, filters)}")
    raise typer.Exit(FOUND if bars else NOTHING)
