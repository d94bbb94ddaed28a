"""afcli completion: the completion scripts of the shells."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from afcli.cli.screen import say, write
from afcli.errors import UsageError, WriteError, reason

Action = StrEnum("Action", "show install")
"""What to do with a shell's script."""
Shell = StrEnum("Shell", "bash zsh fish powershell")
"""Shells that have a script."""
_PLACES = {
    "bash": (
        "afcli.bash",
        "XDG_DATA_HOME/bash-completion/completions/afcli",
        "it works in new shells that have bash-completion; in others: source {path}",
    ),
    "zsh": (
        "_afcli",
        "XDG_DATA_HOME/zsh/site-functions/_afcli",
        "put 'fpath+=({path.parent})' before compinit into ~/.zshrc",
    ),
    "fish": (
        "afcli.fish",
        "XDG_CONFIG_HOME/fish/completions/afcli.fish",
        "it works in new shells that have afcli on PATH",
    ),
    "powershell": ("afcli.ps1", "XDG_CONFIG_HOME/powershell/afcli.ps1", "put '. {path}' into $PROFILE"),
}
"""Of each shell the script, where it belongs for this user, and what else to do."""
_FOLDERS = {"XDG_DATA_HOME": ".local/share", "XDG_CONFIG_HOME": ".config"}
"""Where the user's files are unless these variables say otherwise."""


def run(
    action: Annotated[
        Action,
        typer.Argument(metavar="ACTION", help="show or install: print the script, or put it in its place."),
    ],
    shell: Annotated[
        Shell | None,
        typer.Argument(metavar="[SHELL]", help="bash, zsh, fish or powershell; by default yours."),
    ] = None,
) -> None:
    """Show or install shell completion.

    \b
    afcli completion install
    afcli completion show zsh
    """
    chosen = shell or _own_shell()
    name, place, advice = _PLACES[chosen]
    packaged = Path(__file__).parents[2] / "completions"
    # An editable install has no packaged copy: the scripts are in the checkout.
    script = (packaged if packaged.is_dir() else Path(__file__).parents[4] / "completions") / name
    if action is Action.show:
        write(script.read_text("utf-8"))
        return
    variable, _, rest = place.partition("/")
    path = Path(os.environ.get(variable) or Path.home() / _FOLDERS[variable]) / rest
    from afcli.files import atomic

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Keep a symbolic link, such as one to a dotfiles directory.
        atomic.write(path.resolve(), script.read_bytes())
    except OSError as error:
        raise WriteError(f"{path}: {reason(error)}; try: afcli completion show {chosen}") from None
    say(f"written: {path}; {advice.format(path=path)}")


def _own_shell() -> Shell:
    name = Path(os.environ.get("SHELL", "")).name
    name = "powershell" if name == "pwsh" else name
    if name not in list(Shell):
        raise UsageError(f"cannot tell your shell; name one of {', '.join(Shell)}")
    return Shell(name)
