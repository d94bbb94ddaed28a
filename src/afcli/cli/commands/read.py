"""afcli read: claims that a person has read against their sentences."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from afcli.cli.commands.drafts import Article
from afcli.cli.screen import FOUND, NOTHING, say, write


def run(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="The claims that you have read.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who has read them: a person.")],
    article: Article = None,
    facts: Annotated[
        list[Path] | None, typer.Option("--facts", metavar="DIR", help="The fact base (or set AFCLI_FACTS).")
    ] = None,
) -> None:
    """Mark claims as read against their sentences.

    Removes their status and records your name and the day. Refuses drafts, and claims in which check or verify
    finds something; marks all of them or none. `edit` does the same, one by one.

    \b
    afcli read c012 c014 --by 'Ann Lee' --facts my-facts
    """
    from afcli.authoring.proposals import desk, sentences_of
    from afcli.files.locate import locate

    directory = locate(facts or context.obj or ())
    with desk(directory, sentences_of(directory, article)) as open_desk:
        wrong = open_desk.mark_read(ids, by, datetime.now(UTC).date().isoformat())
    write("".join(f"{finding}\n" for finding in wrong))
    say("nothing was marked" if wrong else f"{len(ids)} marked as read by {by}")
    raise typer.Exit(NOTHING if wrong else FOUND)
