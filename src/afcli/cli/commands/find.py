"""afcli find: the claims that answer a query."""

import codecs
import io
import sys
from collections.abc import Iterator
from typing import Annotated, Any, NoReturn, cast

import typer

from afcli.cli.listing import claim_rows, waiting
from afcli.cli.screen import FOUND, NOTHING, Output, for_a_person, progress_bar, say, show, write
from afcli.errors import AmbiguousError, NotFoundError, UsageError
from afcli.library import Facts, Filtering
from afcli.render import Row
from afcli.search.find import Answer, Hit

_CHUNK = 65_536
_START = 45
"""How many letters of a claim to show when only naming it."""


def run(
    query: Annotated[
        list[str],
        typer.Argument(metavar="QUERY...", help="Words, names, dates; - reads queries from standard input."),
    ],
    explain: Annotated[
        bool, typer.Option("--explain", help="Show which word matched what, and how.")
    ] = False,
    closest: Annotated[
        bool, typer.Option("--closest", help="Show the closest claims even if nothing answers.")
    ] = False,
    words: Annotated[bool, typer.Option("--words", help="Match words only, not meaning.")] = False,
    *,
    filters: Filtering,
    output: Output,
    facts: Facts,
) -> None:
    """Find the claims that answer a query, best first.

    A query may have words, names in any spelling or script, dates, or be a whole question. It may also have
    "phrases", -exclusions and filters such as country:tm.

    \b
    afcli find "Uzbekistan CSTO"
    afcli find 'country:tm border wall -drugs' --json
    """
    limit = 10 if output.limit is None else output.limit
    if query == ["-"]:
        _answer_lines(facts, filters, limit, closest=closest, words=words)
    if not "".join(query).strip():
        raise typer.BadParameter("an empty query asks for nothing; to list every claim: afcli list")
    with progress_bar("embedding the claims") as facts.embedding:
        answer = facts.answer(" ".join(query), limit=limit, closest=closest, words=words, **filters)
    rows = claim_rows(facts, [hit.claim for hit in answer.hits], output)
    if explain:
        rows = [_explained(row, hit) for row, hit in zip(rows, answer.hits, strict=True)]
    if for_a_person():
        from afcli.search.highlights import highlights

        marks = [highlights(facts.base, hit) for hit in answer.hits]
        rows = [row._replace(highlighted=mark) for row, mark in zip(rows, marks, strict=True)]
    for remark in answer.remarks:
        say(remark)
    if answer.corrected:
        say(f"showing results for {answer.corrected!r}")
    if answer.hits and answer.unknown:
        say(f"no claim has {' or '.join(map(repr, answer.unknown))}")
    show(
        rows,
        output,
        None if answer.more else len(rows),
        otherwise=_otherwise(facts, answer) + waiting(facts, filters),
    )


def _explained(row: Row, hit: Hit) -> Row:
    """Return *row* with why its claim was found; in a record, before the citation."""
    record = dict(row.record)
    citation = {"citation": record.pop("citation")} if "citation" in record else {}
    matches = [match.record() for match in hit.matches]
    reasons = [
        f"meaning {m.weight:.2f}"
        if m.way == "meaning"
        else f"{m.word} → {m.term} in {m.field} ({m.way}, {m.weight:.2f})"
        for m in hit.matches
    ]
    return row._replace(record={**record, "match": matches, **citation}, remarks=(*reasons, *row.remarks))


def _answer_lines(facts: Facts, filters: Filtering, limit: int, *, closest: bool, words: bool) -> NoReturn:
    """Answer each line of standard input with one JSON object: the query and what it found.

    A line that cannot be answered spoils no other: its object has an error and no results.
    """
    if sys.stdin is None:
        raise UsageError("standard input is closed; give queries there, one per line")
    from afcli.render import json

    # The options are wrong for every line or for none.
    facts.claims(**filters)
    found = wrong = False
    with progress_bar("embedding the claims") as facts.embedding:
        for number, line in enumerate(sys.stdin if words or not facts.meaning else _lines(facts), 1):
            record: dict[str, Any] = {"query": line.strip(), "results": []}
            try:
                answer = facts.answer(line.strip(), limit=limit, closest=closest, words=words, **filters)
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


def _lines(facts: Facts) -> Iterator[str]:
    """Yield the lines of standard input as they come; where many wait there, tell *facts* of them before."""
    decoder = codecs.getincrementaldecoder(sys.stdin.encoding)(sys.stdin.errors or "strict")
    decode = io.IncrementalNewlineDecoder(decoder, translate=True).decode
    read = cast("io.BufferedReader", sys.stdin.buffer).read1
    begun: list[str] = []
    while chunk := read(_CHUNK):
        begun.append(decode(chunk))
        if "\n" in begun[-1]:
            *lines, last = "".join(begun).split("\n")
            begun = [last]
            if len(lines) > 1:
                facts.expect(lines)
            yield from lines
    if last := "".join((*begun, decode(b"", final=True))):
        yield last


def _otherwise(facts: Facts, answer: Answer) -> str:
    """Return the remark if nothing was found: the closest claims, or other spellings."""
    if answer.closest:
        from textwrap import shorten

        starts = [(c.id, shorten(c.text.rstrip("."), _START, placeholder=" …")) for c in answer.closest]
        return f"nothing answers this; closest: {', '.join(map(' '.join, starts))}"
    if answer.hits:
        return "nothing found"
    from afcli.search.guesses import spellings

    names = spellings(facts.base, answer.unknown)
    return f"nothing found; did you mean {' or '.join(names)}?" if names else "nothing found"
