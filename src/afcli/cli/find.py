"""The command that answers queries."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from afcli import search
from afcli.cli.options import Output, base, filters, output
from afcli.cli.screen import FOUND, NOTHING, for_a_person, say, show_claims, write
from afcli.errors import AmbiguousError, NotFoundError, UsageError
from afcli.filters import Filters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afcli.base import Base


def find(
    query: Annotated[
        list[str],
        typer.Argument(metavar="QUERY...", help="Words, names, dates; - reads queries from standard input."),
    ],
    explain: Annotated[
        bool, typer.Option("--explain", help="Show which word matched what, and how.")
    ] = False,
    *,
    filters: Filters,
    output: Output,
    base: Base,
) -> None:
    """Find the claims that answer a query, best first.

    Words, names in any spelling or script, dates, a whole question; "phrases", -exclusions and filters such
    as country:tm within the query.

    \b
    afcli find "Uzbekistan CSTO"
    afcli find 'country:tm border wall -drugs' --json
    """
    limit = 10 if output.limit is None else output.limit
    if query == ["-"]:
        _answer_lines(base, filters, limit)
    if not "".join(query).strip():
        raise typer.BadParameter("an empty query asks for nothing; to list every claim: afcli list")
    answer = search.find(base, " ".join(query), filters, limit)
    for remark in answer.remarks:
        say(remark)
    if answer.corrected:
        say(f"showing results for {answer.corrected!r}")
    show_claims(
        base,
        [hit.claim for hit in answer.hits],
        output,
        None if answer.more else len(answer.hits),
        matched=[search.highlights(base, hit) for hit in answer.hits] if for_a_person() else (),
        matches=[hit.matches for hit in answer.hits] if explain else (),
        otherwise="" if answer.hits else _nearest(base, answer.unknown),
    )


def _answer_lines(base: Base, filters: Filters, limit: int) -> NoReturn:
    """Answer each line of standard input with one JSON object: the query and what it found.

    A line that cannot be answered costs only itself: its object has an error beside no results.
    """
    if sys.stdin is None:
        raise UsageError("standard input is closed; give queries there, one a line")
    import gc

    from afcli.render import json

    gc.enable()
    # The options are wrong for every line or for none.
    filters.numbers(base)
    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
    found = wrong = False
    for number, line in enumerate(sys.stdin, 1):
        record: dict[str, Any] = {"query": line.strip(), "results": []}
        try:
            answer = search.find(base, line.strip(), filters, limit)
        except (UsageError, NotFoundError, AmbiguousError) as error:
            wrong = wrong or isinstance(error, UsageError)
            record["error"] = str(error)
            say(f"afcli: line {number}: {error}")
        else:
            record["results"] = [hit.claim.record() for hit in answer.hits]
            for remark in answer.remarks:
                say(f"line {number}: {remark}")
        found = found or bool(record["results"])
        write(json.lines([record]))
    raise typer.Exit(UsageError.exit_status if wrong else FOUND if found else NOTHING)


def _nearest(base: Base, words: Sequence[str]) -> str:
    """Return what to try instead of words that mean nothing here: names first, then other words."""
    from afcli.spelling import nearest

    names = [name for entity in base.entities() for name in entity.names[1:] if len(name) > 3]
    found: list[str] = []
    for word in words:
        by_name = nearest(word, names)[:2]
        found += by_name or nearest(word, [known for known in base.words() if len(known) > 3])[:2]
    return f"; nearest: {', '.join(dict.fromkeys(found[:4]))}" if found else ""


COMMANDS = {"find": (find, (filters, output, base))}
