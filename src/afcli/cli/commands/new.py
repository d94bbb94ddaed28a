"""afcli new: the draft of a fact base."""

from pathlib import Path
from typing import Annotated, Any

import typer

from afcli.cli.screen import say, write


def run(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write it.")],
    article: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help="The article: text, Markdown, HTML, PDF, DOCX, EPUB, LaTeX and others."
        ),
    ],
    bibliography: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What it cites: .bib, .ris, or CSL in .json or .yaml.")
    ] = None,
    date: Annotated[
        str, typer.Option(metavar="DATE", help="When it was published, if the file does not say so.")
    ] = "",
) -> None:
    """Draft a fact base from a saved article.

    Numbers its sentences, reads its references, and drafts one claim per sentence, with the countries, names,
    dates and citations found in it, for you to rewrite. Never overwrites a file. Needs the extra `new`; PDF needs `pdf`; a bibliography, DOCX, EPUB, LaTeX and others
    need pandoc.

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
    saved = read(article)
    named = [article.parent / name for name in saved.about.bibliography] if not bibliography else []
    remarks = [f"{path}: is not there, though {article} names it" for path in named if not path.exists()]
    items: list[dict[str, Any]] = []
    for path in [bibliography] if bibliography else filter(Path.exists, named):
        from afcli.citing.bibliography import read_bibliography

        found, left_out = read_bibliography(text_of(path, "--bibliography"), path)
        items += found
        remarks += left_out
    drafted = draft.draft(saved, items, date)
    draft.write(directory, drafted.files)
    facts = load(directory)
    for line in (*remarks, *drafted.remarks):
        say(line)
    write("".join(f"{directory / name}\n" for name in drafted.files if not name.startswith(".")))
    say(
        f"{len(facts.claims)} draft claims, {len(facts.bibliography)} sources, {len(facts.entities)} entities; "
        f"now write the claims: afcli edit {directory}"
    )
