"""afcli verify: the claims against the article."""

from pathlib import Path
from typing import Annotated

import typer

from afcli.cli.options import Json, directory, taking
from afcli.cli.screen import FOUND, NOTHING, say, write


@taking(directory)
def run(
    article: Annotated[
        Path,
        typer.Option(
            "--article",
            metavar="FILE",
            help="The article: .txt, .md, .html; or its numbered sentences, a TSV with id and text.",
        ),
    ],
    against: Annotated[
        Path | None,
        typer.Option(
            "--against", metavar="OLD", help="The text as it was, to show what changed in a sentence."
        ),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Rewrite the places of sentences that have moved.")
    ] = False,
    stamp: Annotated[
        bool,
        typer.Option(
            "--stamp", help="Take the text as it stands: write a digest of each sentence into digests.tsv."
        ),
    ] = False,
    max_run: Annotated[
        int,
        typer.Option("--max-run", metavar="N", min=1, help="Allow this many words in the article's order."),
    ] = 7,
    json: Json = False,
    *,
    directory: Path,
) -> None:
    """Hold every claim against the sentences of the article.

    A text is numbered as `new` does it, which needs the extra of that name.

    Says which of them have moved, changed or gone since the text was stamped. Finds sentences without
    a claim, copied runs of words, and numbers, quotations and names that the sentences do not
    contain. Exit status 0 only where nothing was found, else 1.

    \b
    afcli verify --article article.txt --stamp
    afcli verify --article new.txt --against article.txt --fix
    """
    from afcli.authoring.article import sentences
    from afcli.authoring.verify import coverage, verify
    from afcli.files.load import load

    if fix and stamp:
        raise typer.BadParameter("choose one of --fix and --stamp")
    facts = load(directory)
    text = sentences(article, "--article")
    old = sentences(against, "--against") if against else {}
    if fix or stamp:
        from afcli.authoring import fix as fixing

        say(fixing.fix(facts, text, old) if fix else fixing.stamp(facts, text))
        facts = load(directory)
    verdict = verify(facts, text, old=old, max_run=max_run)
    if json:
        from afcli.render.json import array

        write(array([finding.record() for finding in verdict.findings]))
    else:
        write("".join(f"{finding}\n" for finding in verdict.findings))
    for part in coverage(verdict.now):
        say(f"{part.covered} of {part.total} sentences have a claim: {part.title}")
    if verdict.fates:
        say(", ".join(f"{count} {standing}" for standing, count in verdict.standings.items()))
    else:
        say("no digests of the article, so what changed cannot be told; --stamp writes them")
    say(f"{len(facts.claims)} claims held against the article: {len(verdict.findings)} finding(s)")
    raise typer.Exit(NOTHING if verdict.findings else FOUND)
