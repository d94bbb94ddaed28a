"""The commands that print citations and name the styles."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from afcli.cli.options import Output, base, output
from afcli.cli.screen import for_a_person, say, show_rows, write, write_marked
from afcli.errors import AfcliError, UsageError
from afcli.styles import is_note_style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afcli.base import Base
    from afcli.citations import Locator
    from afcli.model import Claim, Source


class As(StrEnum):
    """What to print of a citation."""

    bibliography = "bibliography"
    in_text = "in-text"
    note = "note"


class CiteFormat(StrEnum):
    """Forms of a citation, and of export."""

    plain = "plain"
    markdown = "markdown"
    html = "html"
    bibtex = "bibtex"
    biblatex = "biblatex"
    ris = "ris"
    csl_json = "csl-json"
    csl_yaml = "csl-yaml"


def cite(
    refs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REF]...", help="Number, citation key, 'article' or claim id."),
    ] = None,
    style: Annotated[
        str, typer.Option("--style", metavar="STYLE", help="Citation style; see afcli styles.")
    ] = "apa",
    as_: Annotated[
        As | None,
        typer.Option(
            "--as", metavar="PART", help="bibliography, in-text or note; for a claim both unless told."
        ),
    ] = None,
    form: Annotated[
        CiteFormat,
        typer.Option(
            "--format",
            metavar="FORM",
            help="plain, markdown, html; bibtex, biblatex, ris, csl-json, csl-yaml.",
        ),
    ] = CiteFormat.plain,
    every: Annotated[bool, typer.Option("--all", help="All sources and the article.")] = False,
    locator: Annotated[
        str, typer.Option("--locator", metavar="PLACE", help="A place: 'p. 5', 'para. 3', 'sec. 2'.")
    ] = "",
    printed: Annotated[bool, typer.Option("--as-printed", help="Only what the article prints.")] = False,
    json: Annotated[bool, typer.Option("--json", help="JSON array.")] = False,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Do not page long output.")] = False,
    *,
    base: Base,
) -> None:
    """Print citations of sources and claims in any style.

    Sources are cited together, a claim through the article that reports it. Styles and facts that
    do not come rendered need pandoc 3.0, a separate program under GPL-2.0-or-later.

    \b
    afcli cite 6 --style mla
    afcli cite 6 10 11 --format biblatex
    """
    from afcli.citations import Locator, check_style

    if not refs and not every:
        raise typer.BadParameter("name what to cite, or --all")
    if no_pager:
        os.environ["PAGER"] = ""
    named = [*(refs or []), *(s.key for s in base.sources if every)]
    if locator and (as_ in (None, As.bibliography) or form.value in EXPORTED):
        raise UsageError("--locator is printed in a citation alone; add --as in-text or --as note")
    if form.value in EXPORTED:
        from afcli.cite import as_printed
        from afcli.exports import export

        keys = {s.key for ref in named for s in _cited(base, ref)}
        chosen = [s for s in base.sources if s.key in keys]
        write(export(as_printed(chosen) if printed else chosen, form.value))
        return
    place = Locator.parse(locator) if locator else None
    # Italics, links and where lines may be broken stand in the form for browsers.
    rich_form = form is CiteFormat.plain and not json and for_a_person()
    shape = "html" if rich_form else form.value
    found = _citations(base, named, check_style(style), as_, shape, place, printed=printed)
    if json:
        from afcli.render.json import array

        write(array(found))
        return
    lines: list[str] = []
    for record in found:
        entries = (entry for entry in record["bibliography"] if entry not in lines)
        lines += filter(None, (record["citation"], *entries))
    write_marked(lines) if rich_form else write("".join(f"{line}\n" for line in lines))


EXPORTED = ("bibtex", "biblatex", "ris", "csl-json", "csl-yaml")


def _citations(
    base: Base,
    named: Sequence[str],
    style: str,
    as_: As | None,
    form: Any,
    place: Locator | None,
    *,
    printed: bool,
) -> list[dict[str, Any]]:
    """Return a record for all the sources together, and one for each claim, of what the style prints."""
    from afcli import names
    from afcli.citations import cited, secondary
    from afcli.cite import as_printed, remark

    sources = as_printed(base.sources) if printed else base.sources
    claims = list({claim.id: claim for ref in named if (claim := _claim(base, ref))}.values())
    if place and claims:
        raise UsageError(f"a claim is cited with its own place; leave --locator out, or {claims[0].id}")
    keys = list(dict.fromkeys(names.the_source(base, r).key for r in named if not _claim(base, r)))
    records = []
    if keys:
        for said in filter(None, (remark(s) for s in base.sources if s.key in keys)):
            say(said)
        shown = cited(base, style, sources, keys, form, place)
        records.append(_record(keys, style, as_ or As.bibliography, shown))
        without = [key for key in keys if key not in dict(shown.entries)]
        for key in without if as_ in (None, As.bibliography) else ():
            say(f"{key}: {style} has no entry for it in a bibliography; this is its form in the text")
            records.append(_record([key], style, As.in_text, cited(base, style, sources, [key], form, place)))
    for claim in claims:
        shown = secondary(base, claim, style, form)
        records.append(
            {
                **_record([s.key for s in _cited(base, claim.id)], style, as_, shown),
                "claim": claim.id,
                "probable": claim.source.record() if claim.basis == "inferred" else None,
            }
        )
    return records


def _record(keys: list[str], style: str, as_: As | None, shown: Any) -> dict[str, Any]:
    """Return the JSON form of a citation, with only the parts asked for filled."""
    if as_ is As.note and not is_note_style(style):
        raise UsageError(f"{style} cites in the text, not in notes; use --as in-text")
    return {
        "keys": keys,
        "style": style,
        "citation": None if as_ is As.bibliography else shown.cite,
        "bibliography": [] if as_ in (As.in_text, As.note) else [text for _, text in shown.entries],
        "claim": None,
        "probable": None,
    }


def styles(*, output: Output, base: Base) -> None:
    """List the citation styles, with a sample of each.

    The styles are those of the CSL project, under CC BY-SA 3.0. Where a style is not rendered
    beforehand, afcli runs pandoc, a separate program under GPL-2.0-or-later.

    \b
    afcli styles
    afcli styles --json
    """
    from afcli.citations import cited
    from afcli.styles import SHORT, built_in

    short = {full: name for name, full in SHORT.items()}
    sample = (base.bibliography or base.sources)[0].key
    rows = []
    for name in built_in():
        try:
            [(_, text)] = cited(base, name, base.sources, [sample], "plain", None).entries
        except AfcliError:
            text = ""
        rows.append({"style": name, "short": short.get(name), "sample": text or None})
    show_rows(rows, output)


def _cited(base: Base, ref: str) -> list[Source]:
    """Return the sources that *ref*, a claim id or a name of a source, stands for."""
    from afcli import names
    from afcli.cite import sources_of

    claim = _claim(base, ref)
    if claim is None:
        return [names.the_source(base, ref)]
    if claim.basis == "inferred":
        say(f"{ref}: the article names no source here; probably {claim.source.label} ({claim.source.key})")
    return sources_of(claim, base.article_of(claim))


def _claim(base: Base, ref: str) -> Claim | None:
    """Return the claim with the id *ref*; a key of the bibliography is none."""
    from afcli import names

    # A bare number is that of a source.
    number = None if ref.rpartition("/")[2].isdigit() else names.find_claim(base, ref)
    return None if number is None else base.claim(number)


COMMANDS = {"cite": (cite, (base,)), "styles": (styles, (output, base))}
