"""Lists of claims, shared by several commands."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from afcli.cli.screen import Output, show
from afcli.library import Facts, Filtering
from afcli.model import Claim
from afcli.render import Row

if TYPE_CHECKING:
    from afcli.claim_lists import Claims


def claim_rows(facts: Facts, claims: Sequence[Claim], output: Output) -> list[Row]:
    """Return a row for each claim, with its citation on request."""
    rows = [Row(c.record(), (c.id, c.date, c.source.ref, c.text), c) for c in claims]
    if not output.cite:
        return rows
    citations = [facts.cite(claim, style=output.cite).text for claim in claims]
    return [
        row._replace(
            record={**row.record, "citation": citation}, cells=(*row.cells, citation), remarks=(citation,)
        )
        for row, citation in zip(rows, citations, strict=True)
    ]


def show_claims(
    facts: Facts,
    claims: "Claims",
    output: Output,
    filters: Filtering,
    *,
    heading: str = "",
    full: bool = False,
    hint: str = "",
) -> NoReturn:
    """Show the claims that passed the *filters*, up to the limit, and exit."""
    rows = claim_rows(facts, claims[: output.limit], output)
    hint = hint or waiting(facts, filters)
    show(rows, output, len(claims), heading=heading, full=full, otherwise=f"nothing found{hint}")


def waiting(facts: Facts, filters: Filtering) -> str:
    """Return how many claims were left out because nobody has read them, to end a remark; empty if none were."""
    count = 0 if filters.get("status") else facts.base.unread_count
    return f"; {count} not read yet: --status all includes them" if count else ""
