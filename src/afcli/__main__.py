"""The process of the command line: `afcli`, or `python -m afcli`."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
from typing import Any, NoReturn

_CLOSED_OUTPUT = 74


def main() -> NoReturn:
    """Run the command line on the arguments of the process, and end it."""
    # A process this short leaves no garbage worth collecting: that saves 4 ms. `find -` reads many queries.
    if "-" not in sys.argv:
        gc.disable()
    _open_streams()
    _heed_signals()
    from afcli.cli import run

    _leave(run(sys.argv[1:]))


def _open_streams() -> None:
    """Open the null device for each stream the caller closed, so that no other file takes its number.

    Bytes on standard input that cannot be decoded are replaced: one costs no more than its word.
    """
    closed = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name) is None]
    for name in closed:
        null = os.open(os.devnull, os.O_RDWR)
        if name != "stdin":
            setattr(sys, name, os.fdopen(null, "w", encoding="utf-8"))
    if "stdout" in closed:
        sys.stderr.write("afcli: cannot write the answer: standard output is closed\n")
        _leave(_CLOSED_OUTPUT)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def _heed_signals() -> None:
    """End the process on a signal as on Ctrl-C, leaving no half-written file and no other process."""
    import signal

    def end(number: int, _frame: Any) -> NoReturn:
        signal.signal(number, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        # A signal that nohup ignores stays ignored.
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, end)


def _leave(status: int) -> NoReturn:
    """End the process at once: shutting down the interpreter would take a tenth of the whole call."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
