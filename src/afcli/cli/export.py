"""The command that writes claims for other programs."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from afcli.cli.options import base, filters
from afcli.cli.screen import FOUND, NOTHING, say, write
from afcli.errors import UsageError
from afcli.filters import Filters

if TYPE_CHECKING:
    from afcli.base import Base


class Form(StrEnum):
    """What to write."""

    jsonl = "jsonl"
    csv = "csv"
    json_ld = "json-ld"
    csl_json = "csl-json"


def export(
    # Completion tells the values of options by their names, and cite has a --format of its own.
    exported: Annotated[
        Form,
        typer.Option(
            "--format",
            metavar="FORM",
            help="jsonl: lines of a fact base; json-ld: linked data; csv; csl-json: the sources.",
        ),
    ] = Form.jsonl,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="Write at most this many claims.")
    ] = None,
    *,
    filters: Filters,
    base: Base,
) -> None:
    """Write claims for other programs.

    All, or those that pass the filters. JSON Lines hold all that the files of a fact base hold, and are
    one again as claims/*.jsonl.

    \b
    afcli export --format json-ld --country tajikistan
    afcli export --format jsonl
    """
    claims = [base.claim(number) for number in filters.claims(base)[:limit]]
    match exported:
        case Form.jsonl:
            from afcli.facts import load
            from afcli.interchange import json_lines

            if len(base.parts) > 1:
                raise UsageError("JSON Lines are of one fact base; export each by itself")
            ids = {claim.id for claim in claims}
            # What is compiled lacks what only authors need.
            write(json_lines(claim for claim in load(base.directory).claims if claim.id in ids))
        case Form.json_ld:
            from afcli.interchange import json_ld

            write(json_ld(base, claims))
        case Form.csv:
            from afcli.render.rows import delimited

            write(delimited([claim.record() for claim in claims], ","))
        case Form.csl_json:
            from afcli.exports import export as export_sources

            carrying = {claim.source.key for claim in claims}
            sources = [
                s for s in base.sources if s.key in carrying or (filters == Filters() and limit is None)
            ]
            write(export_sources(sources, exported.value))
    if not claims:
        say("nothing found")
    raise typer.Exit(FOUND if claims else NOTHING)


COMMANDS = {"export": (export, (filters, base))}
