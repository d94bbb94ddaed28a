"""afcli check: errors and doubtful claims of a fact base."""

from pathlib import Path
from typing import Annotated

import typer

from afcli.authoring.check import Extra, Rule
from afcli.cli.findings import All, show
from afcli.cli.options import Json
from afcli.cli.screen import FOUND, NOTHING, say


def run(
    without: Annotated[
        list[Rule] | None, typer.Option("--without", metavar="RULE", help="Leave this rule out; repeatable.")
    ] = None,
    extra: Annotated[
        list[Extra] | None,
        typer.Option(
            "--with", metavar="RULE", help="Add a rule: unasked, for claims without asks; repeatable."
        ),
    ] = None,
    article: Annotated[
        Path | None,
        typer.Option(
            "--article",
            metavar="FILE",
            help="The article, as for verify: also warn about terms that the claim's own sentences have.",
        ),
    ] = None,
    all_: All = False,
    json: Json = False,
    *,
    directory: Path,
) -> None:
    """Check a fact base for errors and doubtful claims.

    The exit status is 0 if nothing was found, 1 if there are warnings, 3 if the format is broken. If a claim or source
    is right despite a warning, write the rule and the reason under `explained`.

    \b
    afcli check my-facts
    afcli check my-facts --without not-atomic --without pronoun
    """
    from collections import Counter

    from afcli.authoring.check import check
    from afcli.files.load import load
    from afcli.views.stats import lives

    facts = load(directory)
    text = None
    if article:
        from afcli.authoring.article import sentences
        from afcli.authoring.moved_sentences import labelled

        text = labelled(facts, sentences(article))
    remarks = check(facts, without or (), extra or (), text)
    show(remarks, all_=all_, json=json)
    if life := lives(Counter(claim.status for claim in facts.claims)):
        say(life)
    say(
        f"{len(facts.claims)} claims and {len(facts.bibliography)} sources checked: {len(remarks)} warning{'s' * (len(remarks) != 1)}"
    )
    raise typer.Exit(NOTHING if remarks else FOUND)
