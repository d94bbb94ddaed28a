"""Output to people and pipes: answers on standard output, remarks on standard error."""

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, NoReturn, TextIO

import typer

from afcli.errors import WriteError
from afcli.render import Format, Row, Screen, render
from afcli.text import visible

FOUND, NOTHING, BROKEN_OUTPUT, INTERRUPTED = 0, 1, 74, 130

_paged = True
"""Whether long output goes through the pager."""


class Output(NamedTuple):
    """How to write an answer."""

    form: Format | None
    """None to choose by the output stream."""
    limit: int | None
    cite: str = ""
    """A citation style, to print each claim with its citation in the text."""


def show(
    rows: list[Row],
    output: Output,
    total: int | None,
    *,
    heading: str = "",
    full: bool = False,
    otherwise: str = "nothing found",
) -> NoReturn:
    """Write the rows, the first of *total* if that is known, and exit with the right status.

    *full* shows everything known about each claim; *otherwise* is the remark if there are none.
    """
    form = form_of(output)
    write(render(rows, form, screen(), heading=heading, full=full), laid_out=form == "terminal")
    if total is None:
        say(f"the first {len(rows)} shown; --limit N shows more")
    elif total > len(rows):
        say(f"{len(rows)} of {total} shown; --limit N shows more")
    elif not total:
        say(otherwise)
    raise typer.Exit(NOTHING if total == 0 else FOUND)


def show_records(records: list[dict[str, Any]], output: Output) -> NoReturn:
    """Write records other than claims, up to the limit, and exit in the same way."""
    refuse_citations(output)
    cells = ([str(value) if value is not None else "" for value in record.values()] for record in records)
    show(list(map(Row, records, cells))[: output.limit], output, len(records))


def refuse_citations(output: Output) -> None:
    """Raise a usage error if citations are asked for in a list of anything but claims."""
    if output.cite:
        raise typer.BadParameter("--cite works only with lists of claims; try: afcli list --cite apa")


def form_of(output: Output) -> Format:
    """Return the format asked for, or the one that suits the output stream."""
    return output.form or ("terminal" if for_a_person() else "plain")


def for_a_person() -> bool:
    """Tell whether output is laid out for a terminal unless a format is asked for."""
    return is_terminal(sys.stdout) or bool(os.environ.get("FORCE_COLOR"))


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a person is at the other end of *stream*, which is None if it is closed."""
    return stream is not None and stream.isatty()


def screen() -> Screen:
    """Return what the terminal can do."""
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Screen(shutil.get_terminal_size().columns, colour, _encoding(sys.stdout))


def page_output(wanted: bool = True) -> None:
    """Turn paging of output longer than the screen on or off."""
    global _paged  # noqa: PLW0603  # a context variable would cost each start 0.2 ms
    _paged = wanted


def write(content: str | bytes, *, laid_out: bool = False) -> None:
    """Write to standard output, with escapes for characters it cannot encode. Raises WriteError.

    Output to a pipe is data and stays as it is. A terminal must not obey it: unless a text
    was *laid_out* for one, its control characters are made visible.
    """
    if isinstance(content, str):
        if is_terminal(sys.stdout):
            if laid_out and _shown_by_pager(content):
                return
            content = content if laid_out else visible(content)
        content = _encodable(content, sys.stdout)
    try:
        if isinstance(content, bytes):
            sys.stdout.buffer.write(content)
        else:
            sys.stdout.write(content)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough.
        raise typer.Exit(NOTHING) from None
    except OSError as error:
        reason = f"cannot write the answer: {error.strerror}; nothing more was printed"
        raise WriteError(reason) from None


def _encoding(stream: TextIO) -> str:
    return stream.encoding or "utf-8"


def _encodable(text: str, stream: TextIO) -> str:
    r"""Return *text* with \u escapes, which JSON reads, for what *stream* cannot encode."""
    encoding = _encoding(stream)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        import json

        unknown = {char for char in set(text) if char.encode(encoding, "ignore") == b""}
        return text.translate({ord(char): json.dumps(char)[1:-1] for char in unknown})
    return text


def _shown_by_pager(text: str) -> bool:
    """Show text longer than the screen in the pager, as git does; tell whether that was done."""
    command = os.environ.get("PAGER", "less") if _paged else ""
    if command in ("", "cat") or text.count("\n") < shutil.get_terminal_size().lines:
        return False
    import shlex
    import subprocess

    encoding = _encoding(sys.stdout)
    charset = {"LESSCHARSET": "utf-8"} if encoding.lower().startswith("utf") else {}
    try:
        # The user chooses the pager; the text is its input, never part of the command.
        subprocess.run(  # noqa: S603
            shlex.split(command),
            input=text.encode(encoding, "backslashreplace"),
            env={"LESS": "FRX", **charset, **os.environ},
            check=False,
        )
    except (OSError, ValueError):
        return False
    return True


def say(text: str) -> None:
    """Write one line for people to standard error, broken between words on a terminal."""
    text = text.replace("\r", "\\r").replace("\n", "\\n")
    # If a remark cannot be written, the answer still can.
    with contextlib.suppress(OSError, ValueError):
        if is_terminal(sys.stderr):
            terminal = screen()._replace(encoding=_encoding(sys.stderr))
            text = terminal.shown(text)
            if len(text) > terminal.width:
                import textwrap

                text = textwrap.fill(text, terminal.width, break_long_words=False, break_on_hyphens=False)
        sys.stderr.write(_encodable(f"{visible(text)}\n", sys.stderr))
        sys.stderr.flush()


@contextlib.contextmanager
def progress_bar(title: str = "indexing the facts") -> Iterator[Callable[[int, int], None]]:
    """Give what shows how much of how much is done: a bar on standard error, if a person waits over a second."""
    import time

    started = time.monotonic()
    draw: Callable[[int, int], None] | None = None
    with contextlib.ExitStack() as shown:

        def show(done: int, total: int) -> None:
            nonlocal draw
            if draw is None and time.monotonic() - started > 1 and is_terminal(sys.stderr):
                from afcli.render.progress import bar

                draw = shown.enter_context(bar(title, sys.stderr))
            if draw:
                draw(done, total)

        yield show
