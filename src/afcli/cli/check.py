"""The command that looks a fact base over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from afcli.check import Rule
from afcli.cli.options import directory
from afcli.cli.screen import FOUND, NOTHING, say, write


def check(
    without: Annotated[
        list[Rule] | None, typer.Option("--without", metavar="RULE", help="Leave this rule out; repeatable.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON array.")] = False,
    *,
    directory: Path,
) -> None:
    """Look a fact base over as a careful reader would.

    What its format forbids, and what one would ask about. Exit status 0 where it is clean, 1 where there are warnings, 3 where the format is broken. A claim
    or source that is right as it stands says so under `explained`: the rule and the reason.

    \b
    afcli check my-facts
    afcli check my-facts --without not-atomic --without pronoun
    """
    from afcli.check import check
    from afcli.facts import load

    facts = load(directory)
    remarks = check(facts, without or ())
    if json:
        from afcli.render.json import array

        write(array([remark.record() for remark in remarks]))
    else:
        write("".join(f"{remark}\n" for remark in remarks))
    say(
        f"{len(facts.claims)} claims and {len(facts.bibliography)} sources checked: {len(remarks)} warning(s)"
    )
    raise typer.Exit(NOTHING if remarks else FOUND)


COMMANDS = {"check": (check, (directory,))}
