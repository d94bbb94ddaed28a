"""The command that shows where the compiled facts are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from afcli.cli.options import directory
from afcli.cli.screen import FOUND, NOTHING, Progress, say, write


def index(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Compile the facts anew.")] = False,
    clear: Annotated[
        bool, typer.Option("--clear", help="Remove what is kept of them, and of what pandoc printed.")
    ] = False,
    *,
    directory: Path,
) -> None:
    """Show where the compiled facts are kept.

    Every command compiles them when they are missing or stale; this one is for looking.

    \b
    afcli index
    afcli index --rebuild --facts my-facts
    """
    from afcli import cache

    if rebuild or clear:
        cache.clear(directory)
    if clear:
        from afcli import pandoc

        pandoc.clear()
    if rebuild:
        cache.open_base(directory, Progress())
    found = cache.state(directory)
    if found.reason:
        say(f"nothing can be kept: {found.reason}")
    if not found.size:
        say(f"not compiled: {directory}")
        raise typer.Exit(FOUND if clear else NOTHING)
    from datetime import UTC, datetime

    built = datetime.fromtimestamp(found.built, UTC).isoformat(timespec="seconds")
    rows = {
        "facts": directory,
        "index": found.path,
        "size": f"{found.size} bytes",
        "built": built,
        "state": "fresh" if found.fresh else "stale; the next command compiles it anew",
    }
    write("".join(f"{name}\t{value}\n" for name, value in rows.items()))


COMMANDS = {"index": (index, (directory,))}
