"""The command line: each command loads, asks, renders, exits. The only room that prints."""

from __future__ import annotations

import os
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from afcli import __version__
from afcli.errors import AfcliError, NotFoundError, UsageError
from afcli.filters import Filters
from afcli.options import Output, facts, filters, output, taking
from afcli.render import Screen, Table, render
from afcli.styles import is_note_style
from afcli.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from afcli.citations import Locator
    from afcli.index import Index
    from afcli.model import Claim, Entity, Facts, Source
    from afcli.render import Format
    from afcli.search import Match

FOUND, NOTHING, USAGE, BROKEN_OUTPUT = 0, 1, 2, 74

app = typer.Typer(
    name="afcli",
    help="Look up the claims of an article: who did what, when, where, on whose authority, and how to cite it.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Name = Annotated[list[str] | None, typer.Argument(metavar="[NAME]", help="Any name of it; no quotes needed.")]


def _version(wanted: bool) -> None:
    if wanted:
        _write(f"afcli {__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    directory: Annotated[
        Path | None, typer.Option("--facts", metavar="DIR", help="Use this fact base (or set AFCLI_FACTS).")
    ] = None,
    version: Annotated[  # noqa: ARG001  # its callback prints and ends
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Look up the claims of an article: who did what, when, where, on whose authority, and how to cite it."""
    context.obj = directory


@app.command()
@taking(filters, output, facts)
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
    facts: Facts,
) -> None:
    """Find the claims that answer QUERY, best first: words, names in any spelling, dates, a question.

    \b
    afcli find "Uzbekistan CSTO"
    afcli find 'country:tm date:2021-08..2021-09 "border wall" -drugs' --json
    """
    from afcli import search
    from afcli.index import build

    index = build(facts)
    limit = 10 if output.limit is None else output.limit
    if query == ["-"]:
        _answer_lines(facts, index, filters, limit)
    answer = search.find(facts, index, " ".join(query), filters)
    if answer.corrected:
        _say(f"showing results for {answer.corrected!r}")
    hits = answer.hits[:limit]
    _show_claims(
        facts,
        [hit.claim for hit in answer.hits],
        output,
        limit=limit,
        matched=[search.highlights(hit.claim, hit, index) for hit in hits],
        matches=[hit.matches for hit in hits] if explain else (),
        otherwise=_nearest(facts, index, answer.unknown),
    )


def _answer_lines(facts: Facts, index: Index, filters: Filters, limit: int) -> NoReturn:
    """Answer each line of standard input with one JSON object: the query and what it found."""
    from afcli.render import json
    from afcli.search import find

    found = False
    for line in sys.stdin:
        hits = find(facts, index, line.strip(), filters).hits[:limit]
        found = found or bool(hits)
        _write(json.lines([{"query": line.strip(), "results": [hit.claim.record() for hit in hits]}]))
    raise typer.Exit(FOUND if found else NOTHING)


def _nearest(facts: Facts, index: Index, words: Sequence[str]) -> str:
    """Return what to try instead of words that mean nothing here: names first, then other words."""
    from afcli.spelling import nearest

    names = [name for entity in facts.entities.values() for name in entity.names[1:] if len(name) > 3]
    found: list[str] = []
    for word in words:
        by_name = nearest(word, names)[:2]
        found += by_name or nearest(word, [known for known in index.vocabulary if len(known) > 3])[:2]
    return f"; nearest: {', '.join(dict.fromkeys(found[:4]))}" if found else ""


@app.command("list")
@taking(filters, output, facts)
def list_(*, filters: Filters, output: Output, facts: Facts) -> None:
    """List every claim, or those that pass the filters, in the order of the article.

    \b
    afcli list --kind question
    afcli list --from 2021-08 --to 2021-09 --csv
    """
    _show_claims(facts, filters.select(facts), output)


@app.command()
@taking(filters, output, facts)
def country(name: Name = None, *, filters: Filters, output: Output, facts: Facts) -> None:
    """List the claims that name a country or a region; without NAME, list the countries.

    \b
    afcli country Tajikistan
    afcli country central asia --kind forecast
    """
    from afcli import names

    chosen = filters.select(facts)
    if name:
        place = names.find_country(facts, " ".join(name))
        _show_claims(facts, _narrowed(chosen, facts, Filters(country=[place.id])), output, heading=place.name)
    else:
        counted = _counted(facts.of_type("country", "region"), chosen, lambda c: (*c.countries, *c.regions))
        _show_rows([{"code": e.id, "name": e.name, "claims": n} for e, n in counted], output)


@app.command()
@taking(filters, output, facts)
def actor(name: Name = None, *, filters: Filters, output: Output, facts: Facts) -> None:
    """List the claims in which somebody acts or speaks; without NAME, list the actors.

    \b
    afcli actor Rakhmon
    afcli actor taliban --kind report
    """
    from afcli import names

    chosen = filters.select(facts)
    if name:
        who = names.find_actor(facts, " ".join(name))
        _show_claims(facts, _narrowed(chosen, facts, Filters(actor=[who.id])), output, heading=_titled(who))
    else:
        counted = _counted(names.actors(facts), chosen, lambda c: (*c.actors, *c.said_by))
        _show_rows([{"id": e.id, "name": e.name, "type": e.type, "claims": n} for e, n in counted], output)


@app.command()
@taking(filters, output, facts)
def source(
    name: Annotated[
        list[str] | None, typer.Argument(metavar="[REF]", help="Number, citation key, or 'article'.")
    ] = None,
    *,
    filters: Filters,
    output: Output,
    facts: Facts,
) -> None:
    """List the claims that a source carries; without REF, list the bibliography.

    \b
    afcli source 6
    afcli source article --kind opinion
    """
    from afcli import names

    chosen = filters.select(facts)
    if name:
        found = names.find_source(facts, " ".join(name))
        _show_claims(
            facts, _narrowed(chosen, facts, Filters(source=[found.key])), output, heading=_described(found)
        )
    else:
        rows = [
            {**s.record(), "title": s.item.get("title"), "claims": sum(c.source is s for c in chosen)}
            for s in facts.sources
        ]
        _show_rows(rows, output)


@app.command()
@taking(output, facts)
def show(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Claim ids, such as c042.")],
    *,
    output: Output,
    facts: Facts,
) -> None:
    """Show everything that is known of a claim.

    \b
    afcli show c042
    afcli show c042 c043 --json
    """
    claims = [_claim(facts, id_) for id_ in ids]
    _show_claims(facts, claims, output, full=True)


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


@app.command()
@taking(facts)
def cite(
    refs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REF]...", help="Number, citation key, 'article' or claim id."),
    ] = None,
    style: Annotated[
        str, typer.Option("--style", metavar="STYLE", help="Citation style; see afcli styles.")
    ] = "apa",
    as_: Annotated[
        As | None, typer.Option("--as", help="What to print; for a claim both unless told.")
    ] = None,
    form: Annotated[CiteFormat, typer.Option("--format", help="Form, or form of export.")] = CiteFormat.plain,
    every: Annotated[bool, typer.Option("--all", help="All sources and the article.")] = False,
    locator: Annotated[
        str, typer.Option("--locator", metavar="PLACE", help="A place: 'p. 5', 'para. 3', 'sec. 2'.")
    ] = "",
    printed: Annotated[bool, typer.Option("--as-printed", help="Only what the article prints.")] = False,
    json: Annotated[bool, typer.Option("--json", help="JSON array.")] = False,
    *,
    facts: Facts,
) -> None:
    """Print citations in any style: of sources together, or of a claim with what reports it.

    \b
    afcli cite 6 --style mla
    afcli cite 6 10 11 --format biblatex
    """
    from afcli.citations import Locator, check_style

    if not refs and not every:
        raise typer.BadParameter("name what to cite, or --all")
    named = [*(refs or []), *(s.key for s in facts.sources if every)]
    if form.value in EXPORTED:
        from afcli.exports import as_printed, export

        keys = {s.key for ref in named for s in _cited(facts, ref)}
        chosen = [s for s in facts.sources if s.key in keys]
        _write(export(as_printed(chosen) if printed else chosen, form.value))
        return
    place = Locator.parse(locator) if locator else None
    found = _citations(facts, named, check_style(style), as_, form.value, place, printed=printed)
    if json:
        from afcli.render.json import array

        _write(array(found))
    else:
        _write(
            "".join(
                f"{line}\n"
                for record in found
                for line in (record["citation"], *record["bibliography"])
                if line
            )
        )


EXPORTED = ("bibtex", "biblatex", "ris", "csl-json", "csl-yaml")


def _citations(
    facts: Facts,
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
    from afcli.citations import cited
    from afcli.cite import remark
    from afcli.exports import as_printed

    sources = as_printed(facts.sources) if printed else facts.sources
    claims = [c for c in map(facts.by_id.get, named) if c and c.kind != "reference"]
    keys = list(
        dict.fromkeys(names.find_source(facts, r).key for r in named if r not in {c.id for c in claims})
    )
    records = []
    if keys:
        for said in filter(None, (remark(s) for s in facts.sources if s.key in keys)):
            _say(said)
        shown = cited(facts.directory, style, sources, keys, form, place)
        records.append(_record(keys, style, as_ or As.bibliography, shown))
        without = [key for key in keys if key not in dict(shown.entries)]
        for key in without if as_ in (None, As.bibliography) else ():
            _say(f"{key}: {style} has no entry for it in a bibliography; this is its form in the text")
            records.append(
                _record([key], style, As.in_text, cited(facts.directory, style, sources, [key], form, place))
            )
    for claim in claims:
        shown = _secondary(facts, claim, style, form)
        records.append(
            {**_record([s.key for s in _cited(facts, claim.id)], style, as_, shown), "claim": claim.id}
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
    }


def _secondary(facts: Facts, claim: Claim, style: str, form: Any) -> Any:
    from afcli.citations import secondary
    from afcli.cite import sources_of

    source = sources_of(claim, facts.article)[0]
    return secondary(facts.directory, style, facts.sources, source, facts.article, claim.section.title, form)


@app.command()
@taking(facts)
def styles(*, facts: Facts) -> None:
    """List the citation styles that come with afcli, their short names, and a sample.

    \b
    afcli styles
    """
    from afcli.citations import cited
    from afcli.styles import SHORT, built_in

    short = {full: name for name, full in SHORT.items()}
    sample = (facts.bibliography or facts.sources)[0].key
    lines = []
    for name in built_in():
        try:
            [(_, text)] = cited(facts.directory, name, facts.sources, [sample], "plain", None).entries
        except AfcliError:
            text = ""
        lines.append("\t".join((name, short.get(name, ""), text)))
    _write("".join(f"{line}\n" for line in lines))


@app.command()
@taking(facts)
def verify(
    article: Annotated[
        Path, typer.Option("--article", metavar="FILE", help="Its numbered sentences: TSV with id and text.")
    ],
    *,
    facts: Facts,
) -> None:
    """Hold every claim against the sentences of the article that it names.

    Finds sentences without a claim, copied runs of words, and numbers, quotations and names
    that the sentences do not contain. Exit status 1 where something was found.

    \b
    afcli verify --article sentences.tsv
    """
    from afcli.verify import read_sentences, verify

    findings = verify(facts, read_sentences(article))
    _write("".join(f"{finding}\n" for finding in findings))
    _say(f"{len(facts.claims)} claims held against the article: {len(findings)} finding(s)")
    raise typer.Exit(NOTHING if findings else FOUND)


def _cited(facts: Facts, ref: str) -> list[Source]:
    """Return the sources that *ref*, a claim id or a name of a source, stands for."""
    from afcli import names
    from afcli.cite import sources_of

    claim = facts.by_id.get(ref)
    if claim is None or claim.kind == "reference":
        return [names.find_source(facts, ref)]
    if claim.basis == "inferred":
        _say(f"{ref}: the article names no source here; probably {claim.source.label} ({claim.source.key})")
    return sources_of(claim, facts.article)


def _claim(facts: Facts, id_: str) -> Claim:
    from afcli.spelling import nearest

    if id_ not in facts.by_id:
        raise NotFoundError("claim", id_, nearest(id_, facts.by_id)[:3])
    return facts.by_id[id_]


def _narrowed(claims: Iterable[Claim], facts: Facts, only: Filters) -> list[Claim]:
    kept = {claim.id for claim in only.select(facts)}
    return [claim for claim in claims if claim.id in kept]


def _counted(
    entities: Iterable[Entity], claims: Sequence[Claim], of: Callable[[Claim], tuple[Entity, ...]]
) -> list[tuple[Entity, int]]:
    """Return each entity with the number of claims it stands in, the most frequent first; none without."""
    counts: dict[str, int] = {}
    for claim in claims:
        for id_ in {e.id for e in of(claim)}:
            counts[id_] = counts.get(id_, 0) + 1
    return sorted(
        ((e, counts[e.id]) for e in entities if e.id in counts), key=lambda pair: (-pair[1], pair[0].name)
    )


def _titled(entity: Entity) -> str:
    return f"{entity.name}, {entity.role}" if entity.role else entity.name


def _described(source: Source) -> str:
    from afcli.cite import bibliography_entry

    number = "" if source.number is None else f"[{source.number}] "
    added = ", ".join(source.custom.get("not-from-article", []))
    return "\n".join(
        [
            number + bibliography_entry(source),
            *source.custom.get("notes", []),
            *([f"Not from the article: {added}"] if added else []),
        ]
    )


def _show_claims(
    facts: Facts,
    claims: Sequence[Claim],
    output: Output,
    *,
    limit: int | None = None,
    matched: Sequence[frozenset[str]] = (),
    matches: Sequence[Sequence[Match]] = (),
    heading: str = "",
    full: bool = False,
    otherwise: str = "",
) -> NoReturn:
    """Write the claims, up to the limit, and exit with the status that tells whether there were any."""
    limit = output.limit if limit is None else limit
    shown = claims[:limit]
    plain: list[tuple[str, ...]] = [
        (c.id, c.date, "article" if c.source.number is None else str(c.source.number), c.text) for c in shown
    ]
    records = [c.record() for c in shown]
    for record, found in zip(records, matches, strict=False):
        record["match"] = [match.record() for match in found]
    remarks = [
        [f"{m.word} → {m.term} in {m.field} ({m.way}, {m.weight:.2f})" for m in found] for found in matches
    ]
    if output.cite:
        from afcli.citations import check_style

        style = check_style(output.cite)
        cites = [_secondary(facts, c, style, "plain").cite for c in shown]
        records = [{**record, "citation": cited} for record, cited in zip(records, cites, strict=True)]
        plain = [(*row, cited) for row, cited in zip(plain, cites, strict=True)]
        remarks = [[*said, cited] for said, cited in zip(remarks or [[]] * len(cites), cites, strict=True)]
    table = Table(records, plain, shown, matched, remarks, full, heading)
    _emit(table, output, len(claims), otherwise)


def _show_rows(records: Sequence[dict[str, Any]], output: Output) -> NoReturn:
    shown = records[: output.limit]
    cells = [["" if value is None else str(value) for value in record.values()] for record in shown]
    _emit(Table(shown, cells), output, len(records))


def _emit(table: Table, output: Output, total: int, otherwise: str = "") -> NoReturn:
    form = output.form or _fitting_form()
    _write(render(table, form, _screen()), laid_out=form == "terminal")
    if total > len(table.records):
        _say(f"{len(table.records)} of {total} shown; --limit N shows more")
    elif not total:
        _say(f"nothing found{otherwise}")
    raise typer.Exit(FOUND if total else NOTHING)


def _fitting_form() -> Format:
    return "terminal" if sys.stdout.isatty() or os.environ.get("FORCE_COLOR") else "plain"


def _screen() -> Screen:
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Screen(shutil.get_terminal_size().columns, colour)


def _write(text: str, *, laid_out: bool = False) -> None:
    """Write to standard output; what it cannot encode is written as escapes.

    What goes to a pipe is data and stays as it is. A terminal must not obey it: unless *text*
    was *laid_out* for one, its control characters are shown instead.
    """
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.stdout.write(text if laid_out or not sys.stdout.isatty() else visible(text))
    sys.stdout.flush()


def _say(text: str) -> None:
    """Write one line for the person to standard error."""
    sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.stderr.write(f"{visible(text)}\n")


def main() -> None:
    """Run the command line; every error that afcli knows ends in one line and its exit status."""
    try:
        app(prog_name="afcli")
    except AfcliError as error:
        for line in error.lines():
            _say(line)
        sys.exit(error.exit_status)
    except OSError as error:
        # A closed pipe never gets here: Typer ends it quietly.
        _say(f"afcli: cannot write the answer: {error.strerror}; nothing more was printed")
        os._exit(BROKEN_OUTPUT)  # the interpreter would flush, fail and complain once more
