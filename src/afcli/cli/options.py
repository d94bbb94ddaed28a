"""The options that several commands share, each declared once. Knows Typer, prints nothing."""

import copy
import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from afcli.cli.screen import Output, page_output, progress_bar
from afcli.errors import DamagedError
from afcli.library import Filtering
from afcli.model import Basis, Kind, Status
from afcli.render import Format

if TYPE_CHECKING:
    from afcli.library import Facts

NoPager = Annotated[bool, typer.Option("--no-pager", help="Do not page long output.")]
Json = Annotated[bool, typer.Option("--json", help="JSON array.")]
FactsDirs = Annotated[
    list[Path] | None,
    typer.Option("--facts", metavar="DIR", help="Use this fact base, or several (or set AFCLI_FACTS)."),
]


_FILTERS: dict[str, tuple[Any, str, str | None, str]] = {
    "country": (list[str] | None, "--country -c", "NAME", "Country or region."),
    "actor": (list[str] | None, "--actor -a", "NAME", "Who acts or speaks."),
    "source": (list[str] | None, "--source -s", "REF", "Number, citation key, or 'article'."),
    "kind": (list[Kind] | None, "--kind -k", "KIND", "fact, report, quote, opinion, forecast, question."),
    "basis": (list[Basis] | None, "--basis", "BASIS", "explicit or inferred: how the source is known."),
    "start": (str, "--from", "DATE", "From this date on: 2021, 2021-08, August 2021."),
    "end": (str, "--to", "DATE", "Up to this year, month or day."),
    "undated": (bool, "--undated", None, "With --from or --to: also undated claims, under the article's date."),
    "status": (list[Status] | None, "--status", "STATUS", "draft, proposed, changed, gone, read (the default) or all."),
}  # fmt: skip
"""Of each filter the type, the flags, what stands for its value, and the help."""


def filters(**given: Any) -> Filtering:
    """Return the filters given."""
    return cast("Filtering", {name: values for name, values in given.items() if values})


filters.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default={bool: False, str: ""}.get(type_),
            annotation=Annotated[type_, typer.Option(*flags.split(), metavar=metavar, help=about)],
        )
        for name, (type_, flags, metavar, about) in _FILTERS.items()
    ]
)


def output(
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="Show at most this many.")
    ] = None,
    json: Json = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON, one object per line.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="CSV with a header.")] = False,
    tsv: Annotated[bool, typer.Option("--tsv", help="Tab-separated, with a header.")] = False,
    no_pager: NoPager = False,
    cite: Annotated[
        str, typer.Option("--cite", metavar="STYLE", help="Add each claim's citation in this style.")
    ] = "",
) -> Output:
    """Return how to write the answer; raise a usage error for two formats at once."""
    every: dict[Format, bool] = {"json": json, "jsonl": jsonl, "csv": csv, "tsv": tsv}
    forms = [form for form, wanted in every.items() if wanted]
    if no_pager:
        page_output(False)
    if len(forms) > 1:
        raise typer.BadParameter(f"choose one of --{' and --'.join(forms)}")
    return Output(forms[0] if forms else None, limit, cite)


def directory(
    context: typer.Context,
    place: Annotated[Path | None, typer.Argument(metavar="DIR", help="The fact base.")] = None,
    directory: Annotated[
        list[Path] | None, typer.Option("--facts", metavar="DIR", help="Same as DIR (or set AFCLI_FACTS).")
    ] = None,
) -> Path:
    """Return the directory given here, before the command, or in the environment, else the shipped one."""
    from afcli.files.locate import locate

    return locate(directory or context.obj or (), place)


def facts(context: typer.Context, directory: FactsDirs = None) -> "Facts":
    """Return the facts in that directory, or those in several as one."""
    from afcli.library import open_facts

    with progress_bar() as progress:
        return open_facts(*(directory or context.obj or ()), progress=progress)


_GROUPS: dict[str, Callable[..., Any]] = {
    group.__name__: group for group in (filters, output, directory, facts)
}


def with_shared_options(command: Callable[..., None]) -> Callable[..., None]:
    """Return *command* with options in place of each parameter that can only be given by its name.

    The group of that name, a function whose parameters are options, makes its value of them. The command's own
    options come first.
    """
    parameters = inspect.signature(command).parameters
    own = {n: p for n, p in parameters.items() if p.kind is not p.KEYWORD_ONLY}
    groups = {n: inspect.signature(_GROUPS[n]).parameters for n in parameters if n not in own}

    @functools.wraps(command)
    def run(**given: Any) -> None:
        values = {name: given[name] for name in own}
        for group, options in groups.items():
            values[group] = _GROUPS[group](**{name: given[name] for name in options})
        try:
            command(**values)
        except DamagedError:
            if "facts" not in values:
                raise
            # Commands write at the end: nothing has been printed yet.
            values["facts"].renew()
            command(**values)

    every = own | {name: p for options in groups.values() for name, p in options.items()}
    keyword = [_plain(p) for p in every.values()]
    run.__signature__ = inspect.Signature(keyword)  # type: ignore[attr-defined]
    run.__annotations__ = {}  # Those of the command, which Typer would believe instead.
    return run


def _plain(parameter: inspect.Parameter) -> inspect.Parameter:
    """Return a parameter with its option as its default: one in the annotation Typer copies four times."""
    keyword = parameter.replace(kind=parameter.KEYWORD_ONLY)
    if not hasattr(parameter.annotation, "__metadata__"):
        return keyword
    option = copy.copy(parameter.annotation.__metadata__[0])
    if option.default is not ...:
        option.param_decls = (option.default, *(option.param_decls or ()))
    option.default = ... if parameter.default is parameter.empty else parameter.default
    return keyword.replace(default=option, annotation=parameter.annotation.__origin__)
