"""The command that gives shells their completion, and the words that only the program knows."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from afcli.cli.options import base
from afcli.cli.screen import say, write
from afcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afcli.base import Base


class Action(StrEnum):
    """What to do with the script of a shell."""

    show = "show"
    install = "install"


class Shell(StrEnum):
    """Shells that there is a script for."""

    bash = "bash"
    zsh = "zsh"
    fish = "fish"
    powershell = "powershell"


FILES = {
    Shell.bash: "afcli.bash",
    Shell.zsh: "_afcli",
    Shell.fish: "afcli.fish",
    Shell.powershell: "afcli.ps1",
}


def completion(
    action: Annotated[
        Action,
        typer.Argument(metavar="ACTION", help="show or install: print the script, or put it in its place."),
    ],
    shell: Annotated[
        Shell | None,
        typer.Argument(metavar="[SHELL]", help="bash, zsh, fish or powershell; yours unless told."),
    ] = None,
) -> None:
    """Show or install the completion of a shell.

    \b
    afcli completion install
    afcli completion show zsh
    """
    chosen = shell or _own_shell()
    script = _folder() / FILES[chosen]
    if action is Action.show:
        write(script.read_text("utf-8"))
        return
    place, advice = _place(chosen)
    from afcli import kept

    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # A link, as to a collection of settings, stays one.
        kept.write(place.resolve(), script.read_bytes())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{place}: {reason}; try: afcli completion show {chosen}") from None
    say(f"written: {place}; {advice}")


def _folder() -> Path:
    packaged = Path(__file__).parents[1] / "completions"
    # An editable install has no packaged copy: the scripts stand in the checkout.
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "completions"


def _own_shell() -> Shell:
    import os

    name = Path(os.environ.get("SHELL", "")).name
    name = "powershell" if name == "pwsh" else name
    if name not in list(Shell):
        raise UsageError(f"cannot tell your shell; name one of {', '.join(Shell)}")
    return Shell(name)


def _place(shell: Shell) -> tuple[Path, str]:
    """Return where the script of *shell* belongs for this user, and what else is to be done."""
    import os

    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    match shell:
        case Shell.bash:
            source = data / "bash-completion" / "completions" / "afcli"
            return source, f"it works in new shells that have bash-completion; in others: source {source}"
        case Shell.zsh:
            folder = data / "zsh" / "site-functions"
            return folder / "_afcli", f"put 'fpath+=({folder})' before compinit into ~/.zshrc"
        case Shell.fish:
            return (
                config / "fish" / "completions" / "afcli.fish",
                "it works in new shells that have afcli on PATH",
            )
        case Shell.powershell:
            path = config / "powershell" / "afcli.ps1"
            return path, f"put '. {path}' into $PROFILE"


class Words(StrEnum):
    """Kinds of words that a fact base has."""

    country = "country"
    actor = "actor"
    name = "name"
    source = "source"
    id = "id"
    other_country = "other-country"
    other_actor = "other-actor"
    other_name = "other-name"


def complete(
    kind: Annotated[Words, typer.Argument(help="What words.")],
    start: Annotated[str, typer.Argument(help="How claim ids begin.")] = "",
    *,
    base: Base,
) -> None:
    """Print words for the scripts of the shells, each with a description after a tab.

    \b
    afcli complete country
    afcli complete id c04
    """
    # What separates words and lines here may stand within them.
    write(
        "".join(
            f"{' '.join(word.split())}\t{' '.join(said.split())}\n" for word, said in words(base, kind, start)
        )
    )


def words(base: Base, kind: str, start: str = "") -> Iterator[tuple[str, str]]:
    """Yield the words of a kind, each with what it is; an `other-` kind has the other names of its entities."""
    from afcli import names

    other, _, kind = kind.rpartition("-")
    if kind == "source":
        for source in base.sources:
            said = f"{source.label}: {source.custom.get('short-title') or source.item.get('title', '')}"
            yield from ((word, said) for word in dict.fromkeys((source.ref, source.key)))
    elif kind == "id":
        yield from (
            (id_, base.claim(base.number(id_) or 0).text)
            for id_ in sorted(base.ids())
            if id_.startswith(start.lower())
        )
    else:
        fits = names.is_country if kind == "country" else names.is_actor
        found = [
            e for e in base.entities() if fits(e) and (kind != "actor" or e.type not in ("country", "region"))
        ]
        if not other:
            yield from ((entity.name, entity.role or entity.type) for entity in found)
            return
        shown = {entity.name for entity in found}
        for entity in found:
            for alias in dict.fromkeys(entity.aliases):
                if alias not in shown and alias.isprintable():
                    yield alias, entity.name


COMMANDS = {"completion": (completion, ()), "complete": (complete, (base,))}
