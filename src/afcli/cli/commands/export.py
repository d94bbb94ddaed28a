"""afcli export: claims, sources or the index, for other programs."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from afcli.claim_lists import Claims
from afcli.cli.listing import waiting
from afcli.cli.screen import FOUND, NOTHING, is_terminal, say, write
from afcli.errors import UsageError, WriteError, reason
from afcli.library import Facts, Filtering


class Form(StrEnum):
    """What to write."""

    jsonl = "jsonl"
    csv = "csv"
    json_ld = "json-ld"
    csl_json = "csl-json"
    sqlite = "sqlite"
    html = "html"
    md = "md"
    obsidian = "obsidian"


_FOR_READERS = (Form.html, Form.md, Form.obsidian)
"""Formats for people who cannot tell a draft from a claim: they get only what was read."""


def run(
    # Completion looks up an option's values by its name, and cite has its own --format.
    exported: Annotated[
        Form,
        typer.Option(
            "--format",
            metavar="FORM",
            help="jsonl: lines of a fact base; json-ld: linked data; csv; csl-json: the sources; sqlite: the index; html: one web page;"
            " md: for a wiki; obsidian: a folder of notes.",
        ),
    ] = Form.jsonl,
    file: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write to this file, or for obsidian this folder."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="Write at most this many claims.")
    ] = None,
    section: Annotated[
        list[str] | None,
        typer.Option("--section", metavar="NAME", help="Section of the article, by id or title."),
    ] = None,
    *,
    filters: Filtering,
    facts: Facts,
) -> None:
    """Write claims for other programs, or as a page to read.

    Writes all claims, or those that pass the filters. JSON Lines are lossless: saved as claims/*.jsonl they are
    a fact base again. SQLite is the whole index; add -o FILE, or pipe it.

    \b
    afcli export --format json-ld --country tajikistan
    afcli export --format html -o claims.html
    """
    everything = limit is None and not section and not any(filters.values())
    if exported is Form.sqlite:
        if not everything:
            raise UsageError("--format sqlite writes the whole index; leave filters and --limit out")
        _save(facts.database(), file)
        return
    for_readers = exported in _FOR_READERS
    if for_readers and filters.get("status"):
        raise UsageError(f"--format {exported} writes only claims that have been read; leave --status out")
    claims = facts.claims(**filters)
    if section:
        claims &= facts.in_sections(*section)
    claims = Claims(facts.base, claims.numbers[:limit])
    if exported is Form.obsidian and not file:
        raise UsageError("--format obsidian writes a folder of notes; add -o DIR")
    # Where readers would find nothing, no file is touched.
    if claims or not for_readers:
        _write(facts, claims, exported, file, everything=everything)
    unread = facts.base.unread_count if for_readers else 0
    left_out = f"; {unread} that nobody has read are left out" if unread else waiting(facts, filters)
    if left_out:
        say(f"{len(claims)} written{left_out}")
    elif not claims:
        say("nothing found")
    raise typer.Exit(FOUND if claims else NOTHING)


def _write(facts: Facts, claims: Claims, form: Form, file: Path | None, *, everything: bool) -> None:
    if form is Form.obsidian and file:
        from afcli.page.notes_folder import write_folder
        from afcli.page.wiki_and_notes import notes

        write_folder(file, notes(facts, claims))
        return
    text = _text(facts, claims, form, everything=everything)
    if file or form is Form.html:
        _save(text.encode("utf-8", "backslashreplace"), file)
    else:
        write(text)


def _text(facts: Facts, claims: Claims, form: Form, *, everything: bool) -> str:
    """Return the *claims* in the *form*; of the sources, those of the claims, or all for *everything*."""
    match form:
        case Form.html:
            from afcli.page.build import page

            return page(facts, claims, everything=everything)
        case Form.md:
            from afcli.page.wiki_and_notes import wiki

            return wiki(facts, claims)
        case Form.json_ld:
            from afcli.views.linked_data import json_ld

            return json_ld(facts.base, claims)
        case Form.csv:
            from afcli.render.delimited import table

            return table([claim.record() for claim in claims], ",")
        case Form.csl_json:
            from afcli.citing.exports import export

            carrying = {claim.source.key for claim in claims}
            return export([s for s in facts.sources if everything or s.key in carrying], form.value)
    from afcli.views.linked_data import json_lines

    return json_lines(facts.base.whole(claims.numbers))


def _save(content: bytes, file: Path | None) -> None:
    """Write to *file*, completely or not at all; without one, to standard output unless it is a terminal."""
    if file:
        from afcli.files import atomic

        try:
            atomic.write(file.resolve(), content)
        except OSError as error:
            raise WriteError(f"{file} cannot be written: {reason(error)}; name another file") from None
    elif is_terminal(sys.stdout):
        raise UsageError("a terminal cannot show this; add -o FILE, or send it into a pipe")
    else:
        write(content)
