"""The command that explains the others."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from afcli.cli.screen import write


def help_(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[COMMAND]", help="What to explain.")] = None,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Do not page long output.")] = False,
) -> None:
    """Explain a command, or list them all.

    \b
    afcli help
    afcli help find
    """
    if no_pager:
        os.environ["PAGER"] = ""
    top = context.find_root()
    shown = top
    if name:
        command = top.command.get_command(top, name)  # type: ignore[attr-defined]
        shown = type(top)(command, info_name=name, parent=top)
    write(f"{shown.get_help()}\n", laid_out=True)


COMMANDS = {"help": (help_, ())}
