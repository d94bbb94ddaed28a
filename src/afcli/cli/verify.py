"""The command that holds claims against their article."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from afcli.cli.options import directory
from afcli.cli.screen import FOUND, NOTHING, say, write


def verify(
    article: Annotated[
        Path, typer.Option("--article", metavar="FILE", help="Its numbered sentences: TSV with id and text.")
    ],
    *,
    directory: Path,
) -> None:
    """Hold every claim against the sentences of the article.

    Finds sentences without a claim, copied runs of words, and numbers, quotations and names
    that the sentences do not contain. Exit status 1 where something was found.

    \b
    afcli verify --article sentences.tsv
    """
    from afcli.facts import load
    from afcli.verify import read_sentences, verify

    facts = load(directory)
    findings = verify(facts, read_sentences(article))
    write("".join(f"{finding}\n" for finding in findings))
    say(f"{len(facts.claims)} claims held against the article: {len(findings)} finding(s)")
    raise typer.Exit(NOTHING if findings else FOUND)


COMMANDS = {"verify": (verify, (directory,))}
