"""afcli source: the claims from a source, or the bibliography."""

from typing import Annotated

import typer

from afcli.cli.listing import show_claims
from afcli.cli.screen import Output, show_records
from afcli.library import Facts, Filtering
from afcli.model import Source, Status


def run(
    name: Annotated[
        list[str] | None, typer.Argument(metavar="[REF]", help="Number, citation key, or 'article'.")
    ] = None,
    *,
    filters: Filtering,
    output: Output,
    facts: Facts,
) -> None:
    """List the claims from a source, or the bibliography.

    \b
    afcli source 6
    afcli source article --kind opinion
    """
    chosen = facts.claims(**filters)
    if name:
        found = facts.sources_called(" ".join(name))
        claims = chosen & facts.claims(source=[source.key for source in found], status=Status.all)
        show_claims(facts, claims, output, filters, heading="\n\n".join(map(_described, found)))
    carried = facts.base.tagged
    numbers = set(chosen.numbers)
    show_records(
        [
            {**s.record(), "title": s.item.get("title"), "claims": len(numbers & carried("source", [s.key]))}
            for s in facts.sources
        ],
        output,
    )


def _described(source: Source) -> str:
    """Return a source's bibliography entry and its notes, one per line."""
    from afcli.csl import bibliography_entry

    number = "" if source.number is None else f"[{source.number}] "
    added = ", ".join(source.custom.get("not-from-article", []))
    notes = [*source.custom.get("notes", []), *([f"Not from the article: {added}"] if added else [])]
    return "\n".join([number + bibliography_entry(source), *notes])
