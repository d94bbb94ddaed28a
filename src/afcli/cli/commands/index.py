"""afcli index: where the index is kept."""

from pathlib import Path
from typing import Annotated

import typer

from afcli.cli.options import directory, taking
from afcli.cli.screen import FOUND, NOTHING, Progress, say, write


@taking(directory)
def run(
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
    from afcli.index import cache, upkeep

    if rebuild or clear:
        cache.discard(directory)
    if clear:
        from afcli.citing import pandoc

        pandoc.clear()
    if rebuild:
        with Progress() as progress:
            cache.open_index(directory, progress)
    state = upkeep.state(directory)
    if state.reason:
        say(f"nothing can be kept: {state.reason}")
    if not state.size:
        say(f"not compiled: {directory}")
        raise typer.Exit(FOUND if clear else NOTHING)
    from datetime import UTC, datetime

    built = datetime.fromtimestamp(state.built, UTC).isoformat(timespec="seconds")
    rows = {
        "facts": directory,
        "index": state.path,
        "size": f"{state.size} bytes",
        "built": built,
        "state": "fresh" if state.fresh else "stale; the next command compiles it anew",
    }
    write("".join(f"{name}\t{value}\n" for name, value in rows.items()))
