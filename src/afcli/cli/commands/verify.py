"""afcli verify: compare the claims with the article."""

from pathlib import Path
from typing import Annotated

import typer

from afcli.authoring.verify import Rule
from afcli.cli.findings import All, say_covered, show
from afcli.cli.options import Json
from afcli.cli.screen import FOUND, NOTHING, say


def run(
    article: Annotated[
        Path,
        typer.Option(
            "--article",
            metavar="FILE",
            help="The article, in any form that new reads; or its numbered sentences, a TSV with id and text.",
        ),
    ],
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="OLD", help="The old text, to show what changed in a sentence."),
    ] = None,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix",
            help="Move the claims to this edition: update sentence ids, mark what changed or is gone, and stamp.",
        ),
    ] = False,
    stamp: Annotated[
        bool,
        typer.Option("--stamp", help="Record a digest of every sentence in digests.tsv."),
    ] = False,
    max_run: Annotated[
        int,
        typer.Option(
            "--max-run",
            metavar="N",
            min=1,
            help="Allow runs of up to this many words copied from the article.",
        ),
    ] = 7,
    without: Annotated[
        list[Rule] | None, typer.Option("--without", metavar="RULE", help="Leave this rule out; repeatable.")
    ] = None,
    all_: All = False,
    json: Json = False,
    *,
    directory: Path,
) -> None:
    """Compare every claim with the article's sentences.

    Says which sentences have moved, changed or gone since the text was stamped. Finds sentences without a claim,
    copied runs of words, and numbers, units, dates, quotations, names, speakers, denials and hedges in which a claim
    differs from its sentences; `explained` excuses a finding. The exit status is 0 if nothing was found, else 1.
    Any article but a TSV needs the extra `new`.

    \b
    afcli verify --article article.txt --stamp
    afcli verify --article new.txt --against article.txt --fix
    """
    from afcli.authoring.article import sentences
    from afcli.authoring.verify import verify
    from afcli.files.load import load

    if fix and stamp:
        raise typer.BadParameter("choose one of --fix and --stamp")
    facts = load(directory)
    text = sentences(article, "--article")
    old = sentences(against, "--against") if against else {}
    if fix or stamp:
        from afcli.authoring import new_edition as fixing

        say(fixing.fix(facts, text, old) if fix else fixing.stamp(facts, text))
        facts = load(directory)
    verdict = verify(facts, text, old=old, max_run=max_run, without=without or ())
    show(verdict.findings, all_=all_, json=json)
    say_covered(verdict.coverage)
    if verdict.standings:
        say(", ".join(f"{count} {standing}" for standing, count in verdict.standings.items()))
    else:
        say("no digests of the article, so what changed cannot be told; --stamp writes them")
    say(
        f"{len(facts.claims)} claims compared with the article: {len(verdict.findings)} finding{'s' * (len(verdict.findings) != 1)}"
    )
    raise typer.Exit(NOTHING if verdict.findings else FOUND)
