"""The command line: each command loads, asks, renders, exits. The only room that prints."""

from __future__ import annotations

import gc

# Nothing is freed while a process of a tenth of a second starts: what is collected then is found alive.
gc.disable()

import contextlib  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import shutil  # noqa: E402
import sys  # noqa: E402
from importlib import import_module  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TYPE_CHECKING, Annotated, Any, NoReturn  # noqa: E402

import typer  # noqa: E402
from typer.core import TyperCommand, TyperGroup  # noqa: E402
from typer.main import get_command, get_command_from_info  # noqa: E402
from typer.models import CommandInfo  # noqa: E402

from afcli import __version__  # noqa: E402
from afcli.cli.screen import BROKEN_OUTPUT, INTERRUPTED, say, write  # noqa: E402
from afcli.errors import AfcliError, UsageError  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COMMANDS = {
    "find": "find",
    "list": "listing",
    "country": "listing",
    "actor": "listing",
    "source": "listing",
    "topic": "listing",
    "place": "listing",
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
    "help": "help",
    "complete": "completion",
}
"""Every command, in the order of the help, with the module that declares it."""

_OTHER_WORDS = {
    "search": "find", "query": "find", "grep": "find", "ask": "find", "ls": "list", "get": "show", "view": "show",
    "cat": "show", "init": "new", "create": "new", "lint": "check", "quote": "cite", "person": "actor",
}  # fmt: skip
"""What other programs call a command of this one."""


class Helpful:
    """Help that names arguments as they are typed, and is paged where it is longer than the screen."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the arguments without the braces that Typer sets around them."""
        return [piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)]  # type: ignore[misc]

    def get_help(self, ctx: Any) -> str:
        """Return the help; that an argument is required its usage says already."""
        shown: str = super().get_help(ctx)  # type: ignore[misc]
        head, title, options = shown.partition("\nOptions:\n")
        return re.sub(r"\s+\[required\]", "", head) + title + options

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option, which shows the help as every other answer is shown."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        option.callback = _show_help
        return option


def _show_help(ctx: Any, _option: Any, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        write(f"{ctx.get_help()}\n", laid_out=True)
        ctx.exit()


class Command(Helpful, TyperCommand):
    """One command."""


class Commands(Helpful, TyperGroup):
    """The commands, of which only the one that is named is imported and built."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # as declared by Click
        """Return the names in the order of the help, but what only scripts call."""
        return [name for name in COMMANDS if name != "complete"]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # as declared by Click
        """Return the command called *cmd_name*; raise UsageError with the nearest where there is none."""
        if cmd_name not in COMMANDS:
            raise UsageError(f"no command called {cmd_name!r}{_command_meant(cmd_name)}; see afcli --help")
        if cmd_name not in self.commands:
            module = import_module(f"afcli.cli.{COMMANDS[cmd_name]}")
            from afcli.cli.options import taking

            run, bundles = module.COMMANDS[cmd_name]
            info = CommandInfo(name=cmd_name, cls=Command, callback=taking(*bundles)(run))
            self.commands[cmd_name] = get_command_from_info(
                info, pretty_exceptions_short=False, rich_markup_mode=None
            )
        return self.commands[cmd_name]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write each command with its whole summary, however narrow the terminal is."""
        summaries = {
            name: self.get_command(ctx, name).help.partition("\n\n")[0] for name in self.list_commands(ctx)
        }
        with formatter.section("Commands"):
            formatter.write_dl([(name, said.rstrip(".") + ".") for name, said in summaries.items()])


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
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version.")
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
    given = sys.argv[1:] if arguments is None else arguments
    _open_streams()
    _heed_signals()
    try:
        if not given:
            write(FIRST)
            _leave(0)
        _leave(command()(arguments, prog_name="afcli", standalone_mode=False) or 0)
    except _REFUSED as error:
        _refuse(error, given)
        _leave(error.exit_code)
    except typer.Abort:
        _leave(INTERRUPTED)
    except SystemExit as end:
        _leave(end.code if isinstance(end.code, int) else 0)
    except AfcliError as error:
        first, *others = error.lines()
        say(first + _dash_meant(first, given))
        for line in others:
            say(line)
        _leave(error.exit_status)
    except (MemoryError, ImportError, SystemError) as error:
        # Where memory is short, a library cannot be mapped, or is half imported.
        if isinstance(error, ImportError) and "map segment" not in str(error):
            raise
        say("afcli: there is too little memory; allow more, or make several fact bases of this one")
        _leave(BROKEN_OUTPUT)
    except OSError as error:
        # A closed pipe never gets here: Typer ends it quietly.
        say(f"afcli: cannot write the answer: {error.strerror}; nothing more was printed")
        _leave(BROKEN_OUTPUT)


def _open_streams() -> None:
    """Put the null device where the caller closed a stream: what is opened later must not take its number."""
    closed = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name) is None]
    for name in closed:
        null = os.open(os.devnull, os.O_RDWR)
        if name != "stdin":
            setattr(sys, name, os.fdopen(null, "w", encoding="utf-8"))
    if "stdout" in closed:
        say("afcli: cannot write the answer: standard output is closed")
        _leave(BROKEN_OUTPUT)


def _command_meant(name: str) -> str:
    return f"; did you mean {_OTHER_WORDS[name]}" if name in _OTHER_WORDS else _meant(name, COMMANDS)


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


def _dash_meant(said: str, given: Sequence[str]) -> str:
    """Return what to write for a word with a dash before it that was read as an option."""
    if "find" in given:
        for word in given[: given.index("--") if "--" in given else None]:
            if (
                word[0:1] == "-"
                and len(word) > 3
                and word[1:].isalpha()
                and (
                    "missing argument" in said
                    or word[2:] in said
                    or any(f" -{letter}" in said for letter in word[1:])
                )
            ):
                return f"; to leave out {word[1:]!r} write -- first: afcli find -- {word}"
    return ""


def _refuse(error: Any, given: Sequence[str]) -> None:
    """Say in one line what is wrong with the arguments and where to look."""
    context = getattr(error, "ctx", None)
    named = [word for word in given if word in COMMANDS][:1]
    path = context.command_path if context else " ".join(["afcli", *named])
    said = " ".join(error.format_message().split()).rstrip(".")
    # An option without its value has a name too, but nothing like it to offer.
    if hasattr(error, "possibilities"):
        said = f"no such option: {error.option_name}{_meant(error.option_name, error.possibilities or ())}"
    said = f"{said[:1].lower()}{said[1:]}"
    say(f"{path}: {said}{_dash_meant(said, given)}; see {path} --help")


def _leave(status: int) -> NoReturn:
    """End the process at once: to take the interpreter apart would cost a tenth of the whole call."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)
