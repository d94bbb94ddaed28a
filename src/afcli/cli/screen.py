"""What reaches the person and the pipe: answers on standard output, remarks on standard error."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from afcli.render import Screen, Table, render
from afcli.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afcli.base import Base
    from afcli.cli.options import Output
    from afcli.model import Claim
    from afcli.render import Format
    from afcli.search import Match

FOUND, NOTHING, BROKEN_OUTPUT, INTERRUPTED = 0, 1, 74, 130


def show_claims(
    base: Base,
    claims: Sequence[Claim],
    output: Output,
    total: int | None,
    *,
    matched: Sequence[frozenset[str]] = (),
    matches: Sequence[Sequence[Match]] = (),
    heading: str = "",
    full: bool = False,
    otherwise: str = "",
) -> NoReturn:
    """Write the claims and exit with the status that tells whether there were any.

    They are the first of *total*, where that is known.
    """
    plain: list[tuple[str, ...]] = [(c.id, c.date, c.source.ref, c.text) for c in claims]
    records = [c.record() for c in claims]
    for record, found in zip(records, matches, strict=False):
        record["match"] = [match.record() for match in found]
    remarks = [
        [f"{m.word} → {m.term} in {m.field} ({m.way}, {m.weight:.2f})" for m in found] for found in matches
    ]
    if output.cite:
        from afcli.citations import in_text

        cites = in_text(base, claims, output.cite)
        records = [{**record, "citation": cited} for record, cited in zip(records, cites, strict=True)]
        plain = [(*row, cited) for row, cited in zip(plain, cites, strict=True)]
        remarks = [[*said, cited] for said, cited in zip(remarks or [[]] * len(cites), cites, strict=True)]
    _emit(Table(records, plain, claims, matched, remarks, full, heading), output, total, otherwise)


def show_rows(records: Sequence[dict[str, Any]], output: Output) -> NoReturn:
    """Write other records, up to the limit, and exit likewise; they have no citations."""
    no_citations(output)
    shown = records[: output.limit]
    cells = [["" if value is None else str(value) for value in record.values()] for record in shown]
    _emit(Table(shown, cells), output, len(records))


def no_citations(output: Output) -> None:
    """Raise a usage error where citations are asked for of what is no list of claims."""
    if output.cite:
        raise typer.BadParameter("--cite goes with lists of claims; try: afcli list --cite")


def _emit(table: Table, output: Output, total: int | None, otherwise: str = "") -> NoReturn:
    form = form_of(output)
    write(render(table, form, screen()), laid_out=form == "terminal")
    shown = len(table.records)
    if total is None:
        say(f"the first {shown} shown; --limit N shows more")
    elif total > shown:
        say(f"{shown} of {total} shown; --limit N shows more")
    elif not total:
        say(f"nothing found{otherwise}")
    raise typer.Exit(NOTHING if total == 0 else FOUND)


def for_a_person() -> bool:
    """Tell whether output is laid out for a terminal."""
    return _fitting_form() == "terminal"


def write_marked(lines: Sequence[str]) -> None:
    """Write lines of HTML as a terminal shows them."""
    from afcli.render.marked import page

    write(page(lines, screen()), laid_out=True)


def form_of(output: Output) -> Format:
    """Return the form that was asked for, or that fits what is written to."""
    return output.form or _fitting_form()


def _fitting_form() -> Format:
    return "terminal" if sys.stdout.isatty() or os.environ.get("FORCE_COLOR") else "plain"


def screen() -> Screen:
    """Return what the terminal can do."""
    import shutil

    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Screen(shutil.get_terminal_size().columns, colour, sys.stdout.encoding or "utf-8")


def write(text: str, *, laid_out: bool = False) -> None:
    """Write to standard output; what it cannot encode is written as escapes.

    What goes to a pipe is data and stays as it is. A terminal must not obey it: unless *text*
    was *laid_out* for one, its control characters are shown instead.
    """
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if laid_out and sys.stdout.isatty() and _paged(text):
        return
    sys.stdout.write(text if laid_out or not sys.stdout.isatty() else visible(text))
    sys.stdout.flush()


def _paged(text: str) -> bool:
    """Show what is longer than the screen in the pager, as git does; tell whether that was done."""
    import shutil

    command = os.environ.get("PAGER", "less")
    if command in ("", "cat") or text.count("\n") < shutil.get_terminal_size().lines:
        return False
    import shlex
    import subprocess

    encoding = sys.stdout.encoding or "utf-8"
    charset = {"LESSCHARSET": "utf-8"} if encoding.lower().startswith("utf") else {}
    try:
        # What is given to the user's own pager is a page, never a command.
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
    """Write one line for the person to standard error, broken between words on a terminal."""
    sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if sys.stderr.isatty():
        there = screen()._replace(encoding=sys.stderr.encoding or "utf-8")
        text = "\n".join(_broken(line, there.width) for line in there.shown(text).split("\n"))
    else:
        text = visible(text)
    # Where a remark cannot be written, the answer still can.
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{text}\n")


def _broken(line: str, width: int) -> str:
    if len(line) <= width:
        return line
    import textwrap

    return textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)


class Progress:
    """A bar on standard error for what takes longer than a second, where a person may see it."""

    def __init__(self) -> None:
        """Note when it begins."""
        import time

        self._clock = time.monotonic
        self._started = self._clock()
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        """Show that *done* of *total* is done."""
        if self._bar is None and (self._clock() - self._started < 1 or not sys.stderr.isatty()):
            return
        if self._bar is None:
            from afcli.render.progress import Bar

            self._bar = Bar("compiling the facts", sys.stderr)
        self._bar.show(done, total)

    def close(self) -> None:
        """Take the bar away, whatever has happened."""
        if self._bar is not None:
            self._bar.close()
