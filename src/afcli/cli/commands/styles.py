"""afcli styles: the citation styles."""

from afcli.cli.screen import Output, show_records
from afcli.errors import AfcliError
from afcli.library import Facts


def run(*, output: Output, facts: Facts) -> None:
    """List the citation styles, with a sample of each.

    The styles are those of the CSL project, under CC BY-SA 3.0. If a style was not rendered in
    advance, afcli runs pandoc, a separate program under GPL-2.0-or-later.

    \b
    afcli styles
    afcli styles --json
    """
    from afcli.citing.styles import SHORT, built_in

    short = {full: name for name, full in SHORT.items()}
    show_records(
        [{"style": name, "short": short.get(name), "sample": _sample(facts, name)} for name in built_in()],
        output,
    )


def _sample(facts: Facts, style: str) -> str | None:
    """Return the first entry that any source has in *style*; None if there is none."""
    for source in facts.sources:
        try:
            entries = facts.cite(source, style=style).bibliography
        except AfcliError:
            return None
        if entries:
            return entries[0]
    return None
