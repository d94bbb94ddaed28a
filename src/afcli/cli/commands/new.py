"""afcli new: the draft of a fact base."""

from pathlib import Path
from typing import Annotated, Any

import typer

from afcli.cli.screen import say, write


def run(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write it.")],
    article: Annotated[
        Path, typer.Option("--article", metavar="FILE", help="The article: .txt, .md or .html, in UTF-8.")
    ],
    bibliography: Annotated[
        Path | None,
        typer.Option(
            "--bibliography", metavar="FILE", help="What it cites: .bib, .ris, or CSL in .json or .yaml."
        ),
    ] = None,
    date: Annotated[
        str,
        typer.Option("--date", metavar="DATE", help="When it was published, where the file does not say so."),
    ] = "",
) -> None:
    """Draft a fact base from a saved article.

    Numbers its sentences, reads its references, and writes on each sentence a draft claim with the
    countries, names, dates and citations found in it, to be rewritten. Nothing that exists is
    overwritten. Needs the extra `new`; a bibliography needs pandoc.

    \b
    afcli new my-facts --article article.txt
    afcli new my-facts --article saved.html --bibliography refs.bib --date 2021-09
    """
    from afcli.authoring import draft
    from afcli.authoring.article import read, text_of
    from afcli.dates import partial_date
    from afcli.files.load import load

    try:
        if date:
            partial_date(date)
    except ValueError as error:
        raise typer.BadParameter(f"--date: {error}") from None
    items: list[dict[str, Any]] = []
    left_out: list[str] = []
    if bibliography:
        from afcli.citing.bibliography import read_bibliography

        items, left_out = read_bibliography(text_of(bibliography, "--bibliography"), bibliography)
    contents = draft.files(read(article), items, date)
    draft.write(directory, contents)
    facts = load(directory)
    for line in left_out:
        say(line)
    write("".join(f"{directory / name}\n" for name in contents))
    say(
        f"{len(facts.claims)} draft claims, {len(facts.bibliography)} sources, {len(facts.entities)} names; "
        f"now rewrite them: afcli check {directory}"
    )
