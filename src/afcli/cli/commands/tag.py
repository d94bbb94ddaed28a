"""afcli tag: tag open drafts again with the current names."""

from pathlib import Path

import typer

from afcli.cli.commands.drafts import Article
from afcli.cli.screen import FOUND, say, write


def run(article: Article = None, *, directory: Path) -> None:
    """Tag open drafts again after you have corrected the names.

    Sets the actors, countries and regions of each draft from the names in its sentence. Claims that somebody has
    written stay as they are, and so do drafts whose tags were changed by hand.

    \b
    afcli tag my-facts
    """
    from afcli.authoring.proposals import sentences_of
    from afcli.authoring.retag import tag

    changed, kept = tag(directory, sentences_of(directory, article))
    write("".join(f"{id_}\t{how}\n" for id_, how in changed))
    if kept:
        say(f"kept as edited by hand: {', '.join(kept)}")
    say(f"{len(changed)} tagged again")
    raise typer.Exit(FOUND)
