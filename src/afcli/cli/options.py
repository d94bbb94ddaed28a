"""The options that several commands share, each declared once. Knows Typer, prints nothing."""

from __future__ import annotations

import functools
import inspect
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from afcli.filters import Filters
from afcli.model import Basis, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from afcli.base import Base
    from afcli.render import Format


def filters(
    country: Annotated[
        list[str] | None, typer.Option("--country", "-c", metavar="NAME", help="Country or region.")
    ] = None,
    actor: Annotated[
        list[str] | None, typer.Option("--actor", "-a", metavar="NAME", help="Who acts or speaks.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", "-s", metavar="REF", help="Number, citation key, or 'article'."),
    ] = None,
    kind: Annotated[
        list[Kind] | None,
        typer.Option(
            "--kind", "-k", metavar="KIND", help="fact, report, quote, opinion, forecast, question."
        ),
    ] = None,
    basis: Annotated[
        list[Basis] | None,
        typer.Option("--basis", metavar="BASIS", help="explicit or inferred: how the source is known."),
    ] = None,
    start: Annotated[
        str,
        typer.Option("--from", metavar="DATE", help="From this date on: 2021, 2021-08, August 2021."),
    ] = "",
    end: Annotated[str, typer.Option("--to", metavar="DATE", help="Up to this year, month or day.")] = "",
    undated: Annotated[
        bool,
        typer.Option(
            "--undated", help="With --from or --to: also undated claims, by the article's own date."
        ),
    ] = False,
) -> Filters:
    """Return the filters as given; repeated ones widen, different ones narrow."""
    return Filters(
        country=country or (),
        actor=actor or (),
        source=source or (),
        kind=kind or (),
        basis=basis or (),
        start=start,
        end=end,
        undated=undated,
    )


class Output(NamedTuple):
    """The form asked for, or None where the command line decides by what it writes to."""

    form: Format | None
    limit: int | None
    cite: str = ""
    """A citation style, to print each claim with its citation in the text."""


def output(
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="Show at most this many.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON array.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON, one object a line.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="CSV with a header.")] = False,
    tsv: Annotated[bool, typer.Option("--tsv", help="Tab-separated, with a header.")] = False,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Do not page long output.")] = False,
    cite: Annotated[
        str, typer.Option("--cite", metavar="STYLE", help="With each claim its citation in this style.")
    ] = "",
) -> Output:
    """Return the form of output; raise a usage error where two are asked for."""
    asked: dict[Format, bool] = {"json": json, "jsonl": jsonl, "csv": csv, "tsv": tsv}
    forms = [form for form, wanted in asked.items() if wanted]
    if no_pager:
        os.environ["PAGER"] = ""
    if len(forms) > 1:
        raise typer.BadParameter(f"choose one of --{' and --'.join(forms)}")
    return Output(forms[0] if forms else None, limit, cite)


def directory(
    context: typer.Context,
    place: Annotated[Path | None, typer.Argument(metavar="DIR", help="The fact base.")] = None,
    directory: Annotated[
        list[Path] | None, typer.Option("--facts", metavar="DIR", help="The same (or set AFCLI_FACTS).")
    ] = None,
) -> Path:
    """Return the directory named here, before the command, in the environment, or the shipped one."""
    from afcli.places import locate

    return locate(directory or context.obj or (), place)


def base(
    context: typer.Context,
    directory: Annotated[
        list[Path] | None,
        typer.Option("--facts", metavar="DIR", help="Use this fact base, or several (or set AFCLI_FACTS)."),
    ] = None,
) -> Base:
    """Return the fact base in that directory, or those in several as one."""
    from afcli.cache import open_bases
    from afcli.cli.screen import Progress
    from afcli.places import locate_all

    progress = Progress()
    try:
        return open_bases(locate_all(directory or context.obj or ()), progress)
    finally:
        progress.close()


def taking(*bundles: Callable[..., Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of each bundle, and the bundle's value under its name.

    A bundle is a function whose parameters are Typer options. The command's own parameters
    come first, then those of the bundles, all in the one signature that Typer reads.
    """
    offered = {bundle.__name__: {p.name: p for p in _parameters(bundle)} for bundle in bundles}

    def wrap(command: Callable[..., None]) -> Callable[..., None]:
        own = list(_parameters(command, without=offered))
        extra = {p.name: p for parameters in offered.values() for p in parameters.values()}
        by_name = {p.name: p for p in own} | extra
        ordered = sorted(by_name.values(), key=lambda p: p.annotation is not typer.Context)

        @functools.wraps(command)
        def run(**given: Any) -> None:
            values = {
                bundle.__name__: bundle(**{name: given[name] for name in offered[bundle.__name__]})
                for bundle in bundles
            }
            command(**{p.name: given[p.name] for p in own}, **values)

        run.__signature__ = inspect.Signature(ordered)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in ordered}
        return run

    return wrap


def _parameters(function: Callable[..., Any], without: Collection[str] = ()) -> Iterator[inspect.Parameter]:
    """Yield the parameters of *function* with their annotations evaluated.

    Only theirs: what it returns, and the values of bundles, may be known to the type checker alone.
    """
    for name, parameter in inspect.signature(function).parameters.items():
        if name not in without:
            meaning = eval(parameter.annotation, function.__globals__)  # noqa: S307  # our own source
            yield parameter.replace(annotation=meaning, kind=inspect.Parameter.KEYWORD_ONLY)
