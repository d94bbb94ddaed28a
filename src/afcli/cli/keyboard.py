"""Read keys and lines from a terminal or a pipe; the terminal is restored however the program ends."""

import codecs
import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from afcli.cli.screen import is_terminal, write
from afcli.errors import UsageError

END = "\x04"
"""What `key` returns where nothing more will come."""


@contextlib.contextmanager
def keyboard() -> Iterator["Lines"]:
    """Open the terminal for single keys, or standard input for lines of keys if it is none; raise UsageError if it is closed."""
    if sys.stdin is None:
        raise UsageError("standard input is closed; give keys there, or run this in a terminal")
    try:
        import readline
        import termios
    except ImportError:  # Windows
        yield Lines(sys.stdin)
        return
    if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        yield Lines(sys.stdin)
        return
    terminal = Terminal(termios, readline)
    try:
        yield terminal
    finally:
        terminal.take()


class Lines:
    """Lines of keys: each letter is a key; after a key that asks for a line, what follows it up to the line's end.

    An empty line is the return key. What is taken is written out, so that a transcript can be read. What follows
    a key that cannot be heeded must not be taken for others: the first such key ends it all.
    """

    def __init__(self, stream: TextIO) -> None:
        """Read from *stream*."""
        self._stream = stream
        self._rest: str | None = None
        """What was not yet taken of the line; None before its beginning."""
        self._number = 0

    def refused(self) -> str:
        """Return where a key was that cannot be heeded; empty if a person will type another. What was typed ahead goes."""
        return f"standard input:{self._number}"

    def _next(self) -> str:
        self._number += 1
        return self._stream.readline()

    def key(self) -> str:
        """Return the next key; the end of a line with keys in it is none."""
        if not self._rest:
            line = self._next()
            if not line:
                return END
            self._rest = line.rstrip("\n")
            if not self._rest:
                return "\n"
        key, self._rest = self._rest[0], self._rest[1:]
        return key

    def typed(self) -> str:
        """Return the text of an unfinished line; here a line is taken whole."""
        return ""

    def line(self, prompt: str, filled: str = "", **aids: Sequence[str]) -> str | None:  # noqa: ARG002  # for terminals
        """Return a line typed after *prompt*, without space around it; None if it was given up.

        Here it is the rest of the line, or the next one if there is nothing left of it. At a terminal it starts as
        *filled*; of its *aids*, Tab completes it from what is `known`, in parts between the characters `parted`, and
        the arrow up gives the `former` lines, the last first.
        """
        taken = self._rest or self._next()
        self._rest = None
        write(f"{prompt}{taken.strip()}\n")
        return taken.strip() if taken else None


class Terminal(Lines):
    """A terminal that gives each key at once, and lines edited with readline."""

    def __init__(self, termios: Any, readline: Any) -> None:
        """Keep how the terminal was, then take keys without waiting for the return key."""
        self._termios, self._readline = termios, readline
        self._number = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._number)
        self._keys, self._line = termios.ICANON | termios.ECHO, termios.ICANON
        self._candidates: Sequence[str] = ()
        self._typed = ""
        libedit = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
        if not libedit:
            for setting in ("completion-ignore-case on", "show-all-if-ambiguous on"):
                readline.parse_and_bind(f"set {setting}")
        readline.set_auto_history(False)
        readline.set_completer(self._complete)
        # Who goes on after Ctrl-Z finds the terminal as it was left.
        signal.signal(signal.SIGCONT, lambda *_: self.take(self._keys))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._remember_at(number)
        self.take(self._keys)

    def take(self, without: int = 0) -> None:
        """Set the terminal as it was, but *without* some of its ways, unless it is gone."""
        mode = list(self._before)
        mode[3] &= ~without
        with contextlib.suppress(self._termios.error):
            # What was typed ahead stays.
            self._termios.tcsetattr(self._number, self._termios.TCSADRAIN, mode)

    def _remember_at(self, number: int) -> None:
        """Keep the unfinished line when this signal comes: readline forgets it before the exception is caught."""
        former = signal.getsignal(number)

        def end(number: int, frame: Any) -> None:
            self._remember()
            if callable(former):
                former(number, frame)

        if callable(former):
            signal.signal(number, end)

    def _remember(self) -> None:
        self._typed = self._readline.get_line_buffer().strip() or self._typed

    def _watch(self, is_over: threading.Event) -> None:
        """Remember the line again and again: a terminal that is closed may end it before its signal comes."""
        while not is_over.wait(0.1):
            self._remember()

    def key(self) -> str:
        """Return the next key; an empty string for one without a character, such as an arrow."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        key = ""
        while not key:
            read = os.read(self._number, 1)
            if not read:
                return END
            key = decoder.decode(read)
        if key != "\x1b":
            return key.replace("\r", "\n")
        # An arrow or another such key sends more.
        while select.select([self._number], [], [], 0.02)[0]:
            if (read := os.read(self._number, 1)).isalpha() or not read:
                break
        return ""

    def refused(self) -> str:
        """Forget what was typed ahead, or pasted: none of it was meant as a key."""
        self._termios.tcflush(self._number, self._termios.TCIFLUSH)
        return ""

    def line(self, prompt: str, filled: str = "", **aids: Sequence[str]) -> str | None:
        """Return a line edited with readline."""
        readline = self._readline
        self._candidates, self._typed = aids.get("known", ()), ""
        readline.clear_history()
        for text in aids.get("former", ()):
            readline.add_history(text)
        readline.set_completer_delims(aids.get("parted", ""))
        readline.set_startup_hook(lambda: readline.insert_text(filled))
        # Readline shows what is typed only where it finds the echo on.
        self.take(self._line)
        is_over = threading.Event()
        threading.Thread(target=self._watch, args=[is_over], daemon=True).start()
        try:
            return input(prompt).strip()
        except (KeyboardInterrupt, EOFError):
            write("\n")
            return None
        finally:
            is_over.set()
            readline.set_startup_hook(None)
            self.take(self._keys)

    def typed(self) -> str:
        """Return the text of the line being edited."""
        return self._typed

    def _complete(self, begun: str, number: int) -> str | None:
        """Return a candidate that begins as the word or part of the line before the cursor."""
        from afcli.text import fold

        space = begun[: len(begun) - len(begun.lstrip())]
        typed = fold(begun)
        fitting = [space + c for c in self._candidates if typed and fold(c).startswith(typed)]
        return dict(enumerate(dict.fromkeys(fitting))).get(number)
