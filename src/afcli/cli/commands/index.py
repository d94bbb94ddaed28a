"""afcli index: show, rebuild or remove the index."""

from pathlib import Path
from typing import Annotated

import typer

from afcli.cli.screen import FOUND, NOTHING, progress_bar, say, write
from afcli.errors import UsageError


def run(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Rebuild the index.")] = False,
    clear: Annotated[
        bool, typer.Option("--clear", help="Remove the index, the vectors and the cached output of pandoc.")
    ] = False,
    meaning: Annotated[
        bool, typer.Option("--meaning", help="Embed all claims that have no vectors yet.")
    ] = False,
    *,
    directory: Path,
) -> None:
    """Show where the index is kept, or rebuild or remove it.

    There is no need to run this: every command rebuilds an index that is missing or stale.

    \b
    afcli index
    afcli index --rebuild --facts my-facts
    """
    from afcli.index import cache, upkeep
    from afcli.meaning import similarity

    if rebuild or clear:
        upkeep.discard(directory)
    if clear:
        from afcli.citing import pandoc

        pandoc.clear()
        similarity.discard(directory)
    if rebuild:
        with progress_bar() as progress:
            cache.open_index(directory, progress)
    if meaning:
        _embed(directory)
    state = upkeep.state(directory)
    if state.reason:
        say(f"no index can be kept: {state.reason}")
    if not state.size:
        say(f"not indexed: {directory}")
        raise typer.Exit(FOUND if clear else NOTHING)
    from datetime import UTC, datetime

    rows = {
        "facts": directory,
        "index": state.path,
        "size": f"{state.size} bytes",
        "built": datetime.fromtimestamp(state.built, UTC).isoformat(timespec="seconds"),
        "state": "fresh" if state.fresh else "stale; the next command rebuilds it",
        "meaning": similarity.state(directory),
    }
    write("".join(f"{name}\t{value}\n" for name, value in rows.items() if value))


def _embed(directory: Path) -> None:
    """Embed every claim that has no vectors yet, with a bar; raise UsageError where there is no model."""
    from afcli.library import open_facts

    with progress_bar() as progress:
        facts = open_facts(directory, progress=progress)
    with progress_bar("embedding the claims") as facts.embedding:
        if not facts.meaning:
            raise UsageError(
                "there is no model to embed with; pip install 'afcli[meaning]', or set AFCLI_EMBED_URL"
            )
        facts.meaning.prepare(anew=True)
