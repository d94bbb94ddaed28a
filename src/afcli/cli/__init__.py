"""The command line: each command loads, asks, renders, exits. The only room that prints."""

from __future__ import annotations

import gc

# Nothing is freed while a process of a tenth of a second starts: what is collected then is found alive.
gc.disable()

import contextlib  # noqa: E402
import os  # noqa: E402
import shutil  # noqa: E402
import sys  # noqa: E402
from importlib import import_module  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TYPE_CHECKING, Annotated, Any, NoReturn  # noqa: E402

import typer  # noqa: E402
from typer.core import TyperGroup  # noqa: E402
from typer.main import get_command, get_command_from_info  # noqa: E402
from typer.models import CommandInfo  # noqa: E402

from afcli import __version__  # noqa: E402
from afcli.cli.screen import BROKEN_OUTPUT, INTERRUPTED, say, write  # noqa: E402
from afcli.errors import AfcliError, UsageError  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable

COMMANDS = {
    "find": "find",
    "list": "listing",
    "country": "listing",
    "actor": "listing",
    "source": "listing",
    "show": "listing",
    "timeline": "views",
    "stats": "views",
    "cite": "cite",
    "styles": "cite",
    "export": "export",
    "new": "new",
    "check": "check",
    "verify": "verify",
    "index": "index",
    "completion": "completion",
    "complete": "completion",
}
"""Every command, in the order of the help, with the module that declares it."""


class Commands(TyperGroup):
    """The commands, of which only the one that is named is imported and built."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # as declared by Click
        """Return the names in the order of the help, but what only scripts call."""
        return [name for name in COMMANDS if name != "complete"]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # as declared by Click
        """Return the command called *cmd_name*; raise UsageError with the nearest where there is none."""
        if cmd_name not in COMMANDS:
            raise UsageError(f"no command called {cmd_name!r}{_meant(cmd_name, COMMANDS)}; see afcli --help")
        if cmd_name not in self.commands:
            module = import_module(f"afcli.cli.{COMMANDS[cmd_name]}")
            from afcli.cli.options import taking

            run, bundles = module.COMMANDS[cmd_name]
            info = CommandInfo(name=cmd_name, callback=taking(*bundles)(run))
            self.commands[cmd_name] = get_command_from_info(
                info, pretty_exceptions_short=False, rich_markup_mode=None
            )
        return self.commands[cmd_name]


def _version(wanted: bool) -> None:
    if wanted:
        write(f"afcli {__version__}\n")
        raise typer.Exit


def root(
    context: typer.Context,
    directory: Annotated[
        list[Path] | None,
        typer.Option("--facts", metavar="DIR", help="Use this fact base, or several (or set AFCLI_FACTS)."),
    ] = None,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Do not page long output.")] = False,
    version: Annotated[  # noqa: ARG001  # its callback prints and ends
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Look up the claims of an article: who did what, when, where, on whose authority, and how to cite it."""
    context.obj = directory
    if no_pager:
        os.environ["PAGER"] = ""


def command() -> Any:
    """Return the whole command line as Typer builds it."""
    columns = shutil.get_terminal_size().columns
    app = typer.Typer(
        name="afcli",
        cls=Commands,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        # Click itself lays help out for fifty columns at least.
        context_settings={
            "help_option_names": ["-h", "--help"],
            "terminal_width": columns if columns < 52 else None,
        },
    )
    app.callback()(root)
    return get_command(app)


# Click's own error, which Typer carries within itself and exports by no public name.
_REFUSED: Any = typer.BadParameter.__mro__[2]

FIRST = """\
afcli answers from one article, claim by claim, with the source of each. Try:

  afcli find "Uzbekistan CSTO"      claims that answer a query, best first
  afcli country Tajikistan          claims that name a country
  afcli show c042                   everything that is known of a claim
  afcli cite 6 --style mla          a source in any citation style
  afcli timeline --from 2021-08     claims along time
  afcli --help                      all commands
"""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every error that afcli knows ends in one line and its exit status."""
    _heed_signals()
    try:
        if not (sys.argv[1:] if arguments is None else arguments):
            write(FIRST)
            _leave(0)
        _leave(command()(arguments, prog_name="afcli", standalone_mode=False) or 0)
    except _REFUSED as error:
        _refuse(error)
        _leave(error.exit_code)
    except typer.Abort:
        _leave(INTERRUPTED)
    except SystemExit as end:
        _leave(end.code if isinstance(end.code, int) else 0)
    except AfcliError as error:
        for line in error.lines():
            say(line)
        _leave(error.exit_status)
    except OSError as error:
        # A closed pipe never gets here: Typer ends it quietly.
        say(f"afcli: cannot write the answer: {error.strerror}; nothing more was printed")
        _leave(BROKEN_OUTPUT)


def _heed_signals() -> None:
    """Have what ends a process end it as Ctrl-C does: nothing half written stays, no other process."""
    import signal

    def end(number: int, _frame: Any) -> NoReturn:
        signal.signal(number, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        # What nohup ignores stays ignored.
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, end)


def _meant(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, 1)
    return f"; did you mean {close[0]}" if close else ""


def _refuse(error: Any) -> None:
    """Say in one line what is wrong with the arguments and where to look."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "afcli"
    said = " ".join(error.format_message().split()).rstrip(".")
    if wrong := getattr(error, "option_name", ""):
        said = f"no such option: {wrong}{_meant(wrong, error.possibilities or ())}"
    say(f"{path}: {said[:1].lower()}{said[1:]}; see {path} --help")


def _leave(status: int) -> NoReturn:
    """End the process at once: to take the interpreter apart would cost a tenth of the whole call."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)
