"""afcli drafts: the drafts that are still to be rewritten."""

from pathlib import Path
from typing import Annotated

import typer

from afcli.cli.screen import Output, show
from afcli.render import Row

Article = Annotated[
    Path | None,
    typer.Option("--article", metavar="FILE", help="The article, as for verify; else DIR/sentences.tsv."),
]


def run(
    article: Article = None,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="Show at most this many.")
    ] = None,
    jsonl: Annotated[
        bool,
        typer.Option(
            "--jsonl", help="JSON, one object per line, with all that is needed to write the claim."
        ),
    ] = False,
    *,
    directory: Path,
) -> None:
    """List the drafts that are still to be written.

    With --jsonl, each draft comes with its sentences and their neighbours, its tags, the known names, the rules
    for claims, and the JSON Schema of a proposal. `accept` takes the proposals (docs/authoring.md).

    \b
    afcli drafts my-facts
    afcli drafts --jsonl my-facts
    """
    from afcli.authoring.proposals import drafts, sentences_of
    from afcli.files.load import load

    facts = load(directory)
    found = list(drafts(facts, sentences_of(directory, article)))
    rows = []
    for draft in found[:limit]:
        text = " ".join(sentence["text"] for sentence in draft["sentences"])
        rows.append(Row(draft, (draft["id"], ", ".join(draft["tags"]["at"]), text)))
    show(rows, Output("jsonl" if jsonl else None, limit), len(found), otherwise="no draft is open")
