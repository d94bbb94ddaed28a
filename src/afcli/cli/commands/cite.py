"""afcli cite: citations of sources and claims."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from afcli import csl
from afcli.citing.citation import Citation, Format, check_style
from afcli.citing.styles import is_note_style
from afcli.cli.cited_claims import list_cited
from afcli.cli.options import Json, NoPager
from afcli.cli.screen import for_a_person, page_output, say, screen, write
from afcli.errors import UsageError
from afcli.library import Facts
from afcli.model import Claim, Source
from afcli.render.json import array

Part = Literal["bibliography", "in-text", "note"]
"""Which part of a citation to print."""
CiteFormat = Literal["plain", "markdown", "html", "bibtex", "biblatex", "ris", "csl-json", "csl-yaml"]
"""The formats of a citation or an export."""
PRINTED: dict[CiteFormat, Format] = {"plain": "plain", "markdown": "markdown", "html": "html"}
"""The formats of a citation; all others are exports."""


def run(
    refs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REF]...", help="Number, citation key, 'article' or claim id."),
    ] = None,
    style: Annotated[
        str, typer.Option("--style", metavar="STYLE", help="Citation style; see afcli styles.")
    ] = "apa",
    as_: Annotated[
        Part | None,
        typer.Option(
            "--as",
            metavar="PART",
            help="bibliography, in-text or note; for a claim, citation and bibliography by default.",
        ),
    ] = None,
    form: Annotated[
        CiteFormat,
        typer.Option(
            "--format",
            metavar="FORM",
            help="plain, markdown, html; bibtex, biblatex, ris, csl-json, csl-yaml.",
        ),
    ] = "plain",
    every: Annotated[bool, typer.Option("--all", help="All sources and the article.")] = False,
    locator: Annotated[
        str, typer.Option("--locator", metavar="PLACE", help="The place cited: 'p. 5', 'para. 3', 'sec. 2'.")
    ] = "",
    printed: Annotated[
        bool, typer.Option("--as-printed", help="Leave out details that the article does not print.")
    ] = False,
    paper: Annotated[
        Path | None,
        typer.Option("--list", metavar="PAPER", help="List the claims that a paper cites, and what changed."),
    ] = None,
    stamp: Annotated[
        bool, typer.Option("--stamp", help="With --list: record in the paper how the claims read now.")
    ] = False,
    json: Json = False,
    no_pager: NoPager = False,
    *,
    facts: Facts,
) -> None:
    """Print citations of sources and claims in any style.

    Sources are cited together; a claim is cited through the article that reports it. Styles and facts that
    were not rendered in advance need pandoc 3.0, a separate program under GPL-2.0-or-later.

    \b
    afcli cite 6 --style mla
    afcli cite 6 10 11 --format biblatex
    """
    if (paper or stamp) and (not paper or refs or every):
        raise typer.BadParameter("--list PAPER [--stamp] takes no references; leave them out")
    if paper:
        list_cited(facts, paper, stamp=stamp, json=json)
    if not refs and not every:
        raise typer.BadParameter("name what to cite, or --all")
    if no_pager:
        page_output(False)
    _refuse_what_is_not_printed(locator, as_, form, json=json)
    if form in PRINTED:
        style = check_style(style)
    subjects = [*map(facts.lookup, refs or ()), *(facts.sources if every else ())]
    claims = list({s.id: s for s in subjects if isinstance(s, Claim)}.values())
    sources = list({s.key: s for s in subjects if isinstance(s, Source)}.values())
    carriers = [csl.sources_of(claim, facts.base.article_of(claim)) for claim in claims]
    if form not in PRINTED:
        _say([], claims)
        write(_exported(facts, chain(sources, *carriers), form, printed=printed))
        return
    # Only the HTML form has italics, links and possible line breaks.
    marked = form == "plain" and not json and for_a_person()
    cite = partial(facts.cite, style=style, form="html" if marked else PRINTED[form], locator=locator)
    cite_sources = partial(cite, as_printed=printed)
    records = _source_records(sources, style, as_, cite_sources) if sources else []
    remarks = [*filter(None, (csl.remark(source) for source in facts.sources if source in sources))]
    remarks += [
        f"{record['keys'][0]}: {style} has no entry for it in a bibliography; this is its form in the text"
        for record in records[1:]
    ]
    records += [
        _record(both, style, as_, cite(claim), claim) for claim, both in zip(claims, carriers, strict=True)
    ]
    _say(remarks, claims)
    if json:
        write(array(records))
    elif marked:
        from afcli.render.citation import page

        write(page(_lines(records), screen()), laid_out=True)
    else:
        write("".join(f"{line}\n" for line in _lines(records)))


def _refuse_what_is_not_printed(locator: str, as_: Part | None, form: CiteFormat, *, json: bool) -> None:
    if locator and (as_ in (None, "bibliography") or form not in PRINTED):
        raise UsageError("--locator is printed only in a citation; add --as in-text or --as note")
    if json and form not in PRINTED:
        raise UsageError(f"--json works with --format plain, markdown or html, not with {form}")


def _say(remarks: Iterable[str], claims: Sequence[Claim]) -> None:
    """Say the *remarks*, and whose source the article does not name among the *claims*."""
    for remark in remarks:
        say(remark)
    for claim in claims:
        if claim.basis == "inferred":
            source = claim.source
            say(f"{claim.id}: the article names no source here; probably {source.label} ({source.key})")


def _source_records(
    sources: Sequence[Source], style: str, part: Part | None, cite: Callable[..., Citation]
) -> list[dict[str, Any]]:
    """Return one record for all sources together, then an in-text record for each source without an entry."""
    cited = cite(*sources)
    records = [_record(sources, style, part or "bibliography", cited)]
    if part in (None, "bibliography"):
        missing = [source for source in sources if source.key not in dict(cited.entries)]
        records += [_record([source], style, "in-text", cite(source)) for source in missing]
    return records


def _exported(facts: Facts, sources: Iterable[Source], form: str, *, printed: bool) -> str:
    """Return the sources, each once, in another program's format."""
    from afcli.citing.exports import export

    keys = {source.key for source in sources}
    chosen = [source for source in facts.sources if source.key in keys]
    return export(csl.as_printed(chosen) if printed else chosen, form)


def _record(
    sources: Sequence[Source], style: str, part: Part | None, cited: Citation, claim: Claim | None = None
) -> dict[str, Any]:
    """Return the JSON form of a citation, of *claim* if there is one, with only the *part* asked for filled."""
    if part == "note" and not is_note_style(style):
        raise UsageError(f"{style} cites in the text, not in notes; use --as in-text")
    return {
        "keys": [source.key for source in sources],
        "style": style,
        "citation": None if part == "bibliography" else cited.text,
        "bibliography": [] if part in ("in-text", "note") else cited.bibliography,
        "claim": claim and claim.id,
        "probable": claim.source.record() if claim and claim.basis == "inferred" else None,
    }


def _lines(records: Sequence[dict[str, Any]]) -> list[str]:
    """Return the citation of each record, then its entries, each entry once."""
    lines: list[str] = []
    for record in records:
        entries = (entry for entry in record["bibliography"] if entry not in lines)
        lines += filter(None, (record["citation"], *entries))
    return lines
