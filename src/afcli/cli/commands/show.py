"""afcli show: everything known about a claim."""

from typing import Annotated

import typer

from afcli.cli.listing import show_claims
from afcli.cli.screen import Output
from afcli.library import Facts


def run(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Claim ids, such as c042, or c040..c042.")
    ],
    *,
    output: Output,
    facts: Facts,
) -> None:
    """Show everything about a claim.

    \b
    afcli show c042
    afcli show c042 c050..c053 --json
    """
    show_claims(facts, facts.named(*ids), output, {}, full=True)
