"""The command line: each command loads, asks, renders, exits. No other package prints."""

import os
import re
import shutil
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_command_from_info
from typer.models import CommandInfo

from afcli import __version__
from afcli.cli.options import FactsDirs, NoPager, with_shared_options
from afcli.cli.screen import BROKEN_OUTPUT, FOUND, INTERRUPTED, page_output, say, write
from afcli.errors import AfcliError, DamagedError, UsageError, reason

COMMANDS = (
    "find", "list", "country", "actor", "source", "topic", "place", "show", "timeline", "stats", "cite", "styles",
    "export", "mcp", "new", "tag", "edit", "drafts", "accept", "read", "check", "verify", "index", "push",
    "completion", "help", "complete",
)  # fmt: skip
"""Every command, in the order of the help: each is the function `run` of its module in commands."""

_OTHER_WORDS = {
    "search": "find", "query": "find", "grep": "find", "ask": "find", "ls": "list", "get": "show", "view": "show",
    "cat": "show", "init": "new", "create": "new", "lint": "check", "quote": "cite", "person": "actor",
}  # fmt: skip
"""Other programs' names for our commands."""


class Helpful:
    """Help that shows arguments as you type them, and is paged if longer than the screen."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the arguments without the braces that Typer sets around them."""
        return [piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)]  # type: ignore[misc]

    def get_help(self, ctx: Any) -> str:
        """Return the help, without marking required arguments: the usage line shows them."""
        shown: str = super().get_help(ctx)  # type: ignore[misc]
        head, title, options = shown.partition("\nOptions:\n")
        return re.sub(r"\s+\[required\]", "", head) + title + options

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option; its help goes to the screen like any other answer."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        option.callback = _show_help
        return option


def _show_help(ctx: Any, _option: Any, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        write(f"{ctx.get_help()}\n", laid_out=True)
        ctx.exit()


class Command(Helpful, TyperCommand):
    """One command."""

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002  # as declared by Click
        """Return the whole summary, however narrow the terminal."""
        return (self.help or "").partition("\n\n")[0].rstrip(".") + "."


class Commands(Helpful, TyperGroup):
    """The commands; only the one you call is imported and built."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # as declared by Click
        """Return the names in the order of the help, without those only scripts call."""
        return [name for name in COMMANDS if name != "complete"]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # as declared by Click
        """Return the command called *cmd_name*; raise UsageError with the nearest if there is none."""
        if cmd_name not in COMMANDS:
            other = _OTHER_WORDS.get(cmd_name)
            meant = f"; did you mean {other}" if other else _meant(cmd_name, COMMANDS)
            raise UsageError(f"no command called {cmd_name!r}{meant}; see afcli --help")
        if cmd_name not in self.commands:
            self.commands[cmd_name] = _one(cmd_name)
        return self.commands[cmd_name]


def _one(name: str) -> Any:
    """Return the command called *name*."""
    run = with_shared_options(import_module(f"afcli.cli.commands.{name}").run)
    info = CommandInfo(name=name, cls=Command, callback=run, context_settings=_settings())
    return get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)


def _settings() -> dict[str, Any]:
    columns = shutil.get_terminal_size().columns
    # Click itself never lays out help for fewer than fifty columns.
    return {
        "help_option_names": ["-h", "--help"],
        "terminal_width": columns if columns < 52 else None,
    }


def _version(wanted: bool) -> None:
    if wanted:
        write(f"afcli {__version__}\n")
        raise typer.Exit


def root(
    context: typer.Context,
    directory: FactsDirs = None,
    no_pager: NoPager = False,
    version: Annotated[  # noqa: ARG001  # its callback prints and ends
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Look up the claims of an article: who did what, when, where, on whose authority, and how to cite it."""
    context.obj = directory
    if no_pager:
        page_output(False)


def command() -> Any:
    """Return the whole command line as Typer builds it."""
    app = typer.Typer(
        name="afcli",
        cls=Commands,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=_settings(),
    )
    app.callback()(root)
    return get_command(app)


# Click's own error: Typer bundles it and exports it under no public name.
_REFUSED: Any = typer.BadParameter.__mro__[2]

FIRST = """\
afcli answers from one article, claim by claim, with the source of each. Try:

  afcli find "Uzbekistan CSTO"      claims that answer a query, best first
  afcli country Tajikistan          claims that name a country
  afcli show c042                   everything about a claim
  afcli cite 6 --style mla          a source in any citation style
  afcli timeline --from 2021-08     claims on a timeline
  afcli --help                      all commands
"""


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit status; report every known error in one line."""
    page_output()
    try:
        return _run(arguments)
    except _REFUSED as error:
        say(_refusal(error, arguments))
        return int(error.exit_code)
    except DamagedError:
        say("afcli: the index was rebuilt and is damaged again; remove it: afcli index --clear")
    except AfcliError as error:
        first, *others = error.lines()
        for line in (first + _exclusion_meant(first, arguments), *others):
            say(line)
        return error.exit_status
    except (MemoryError, ImportError, SystemError) as error:
        # If memory is short, a library cannot be mapped, or is only half imported.
        if isinstance(error, ImportError) and "map segment" not in str(error):
            raise
        say("afcli: not enough memory; allow more, or split the fact base")
    except OSError as error:
        path = f"{os.fsdecode(error.filename)}: " if error.filename else ""
        say(f"afcli: {path}{reason(error)}; nothing was answered")
    return BROKEN_OUTPUT


def _run(arguments: Sequence[str]) -> int:
    try:
        if not arguments:
            write(FIRST)
            return FOUND
        first, *others = arguments
        if first in COMMANDS and first != "help":
            # Without the others, which only help has to know, it is built sooner.
            return _one(first)(others, prog_name=f"afcli {first}", standalone_mode=False) or FOUND
        return command()(list(arguments), prog_name="afcli", standalone_mode=False) or FOUND
    except typer.Abort:
        return INTERRUPTED
    except typer.Exit as end:
        return end.exit_code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else FOUND


def _meant(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, 1)
    return f"; did you mean {close[0]}" if close else ""


def _exclusion_meant(message: str, arguments: Sequence[str]) -> str:
    """Return what to type for an excluded word, such as -drugs, that was read as options."""
    if "find" not in arguments:
        return ""
    for word in arguments[: arguments.index("--") if "--" in arguments else None]:
        text = word[1:]
        # Its letters were read as options, or the rest of it as an option's value.
        blamed = (
            "missing argument" in message or text[1:] in message or any(f" -{c}" in message for c in text)
        )
        if word.startswith("-") and len(text) > 2 and text.isalpha() and blamed:
            return f"; to leave out {text!r} write -- first: afcli find -- {word}"
    return ""


def _refusal(error: Any, arguments: Sequence[str]) -> str:
    """Return one line that says what is wrong with the arguments and where to look."""
    context = getattr(error, "ctx", None)
    named = [word for word in arguments if word in COMMANDS][:1]
    path = context.command_path if context else " ".join(["afcli", *named])
    # What is wrong with no one option has no value that could be invalid.
    message = " ".join(error.format_message().removeprefix("Invalid value: ").split()).rstrip(".")
    # The error of an option without its value has a name too, but no similar names to offer.
    if hasattr(error, "possibilities"):
        message = f"no such option: {error.option_name}{_meant(error.option_name, error.possibilities or ())}"
    message = f"{message[:1].lower()}{message[1:]}"
    return f"{path}: {message}{_exclusion_meant(message, arguments)}; see {path} --help"
