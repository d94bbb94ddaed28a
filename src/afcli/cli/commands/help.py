"""afcli help: what the commands do."""

from typing import Annotated

import typer

from afcli.cli.options import NoPager
from afcli.cli.screen import page_output, write


def run(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[COMMAND]", help="What to explain.")] = None,
    no_pager: NoPager = False,
) -> None:
    """Explain a command, or list them all.

    \b
    afcli help
    afcli help find
    """
    if no_pager:
        page_output(False)
    top = context.find_root()
    shown = top
    if name:
        command = top.command.get_command(top, name)  # type: ignore[attr-defined]
        shown = type(top)(command, info_name=name, parent=top)
    write(f"{shown.get_help()}\n", laid_out=True)
