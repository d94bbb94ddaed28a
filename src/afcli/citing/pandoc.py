"""Run pandoc, whose citeproc is the reference for every citation, within limits. Only this module starts it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from afcli.errors import UsageError
from afcli.files import atomic, cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_SECONDS = 30
_MEGABYTES = 512
_HEAP_EXHAUSTED = 251
"""The exit status of a Haskell program that needs more memory than `-M` allows."""


class Pandoc(NamedTuple):
    """A pandoc program."""

    path: str
    version: str

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return its version as numbers."""
        return tuple(map(int, self.version.split(".")))

    @property
    def usable(self) -> bool:
        """Tell whether it is new enough: 3.0 has `pandoc lua` and reads the input that afcli gives it."""
        return self.numbers >= (3, 0)


def program() -> str | None:
    """Return the path of the newest pandoc; None below 3.0."""
    pandoc = newest()
    return pandoc.path if pandoc and pandoc.usable else None


@cache
def newest() -> Pandoc | None:
    """Return the newest pandoc available, on PATH or from `pypandoc-binary`, which may be too old."""
    from importlib.util import find_spec

    # Importing pypandoc would take longer than looking, and it runs every pandoc it can find.
    package = find_spec("pypandoc")
    folders = [None, *([Path(package.origin).parent / "files"] if package and package.origin else [])]
    paths = filter(None, (shutil.which("pandoc", path=folder) for folder in folders))
    pandocs = [Pandoc(path, version) for path in paths if (version := _version(path))]
    return max(pandocs, key=lambda pandoc: pandoc.numbers, default=None)


def _version(path: str) -> str:
    """Return the version that `--version` prints, asked once per program; empty if it does not run."""
    try:
        about = Path(path).stat()
        identity = f"{path} {about.st_size} {about.st_mtime_ns}".encode("utf-8", "replace")
        name = f"{zlib.crc32(identity):08x}-{about.st_size}-{about.st_mtime_ns}.version"
        if version := stored(name):
            return version.decode()
        printed = _bounded([path, "--version"], b"").stdout.decode("utf-8", "replace")
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""
    match = re.match(r"pandoc\S* (\d+(?:\.\d+)+)", printed)
    if not match:
        return ""
    store(name, match[1].encode())
    return match[1]


def run(arguments: Sequence[str], given: bytes, what: str) -> subprocess.CompletedProcess[bytes]:
    """Run pandoc with *given* on its standard input; *what* names that input in messages.

    Raises UsageError if there is no pandoc or only an old one, or if it takes too much time or memory.
    """
    pandoc = newest()
    if pandoc is None:
        raise UsageError("this needs pandoc 3.0 or newer; install it, or: pip install '.[styles]'")
    if not pandoc.usable:
        raise UsageError(
            f"pandoc {pandoc.version} at {pandoc.path} is too old; 3.0 or newer is needed: pip install '.[styles]'"
        )
    try:
        done = _bounded([pandoc.path, "+RTS", f"-M{_MEGABYTES}m", "-RTS", *arguments], given)
        limit = f"{_MEGABYTES} MB" if done.returncode == _HEAP_EXHAUSTED else ""
    except subprocess.TimeoutExpired:
        limit = f"{_SECONDS} seconds"
    if limit:
        raise UsageError(
            f"{what}: pandoc needs more than {limit} for it; does something in it refer to itself?"
        )
    return done


def _bounded(command: list[str], given: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run *command* for a limited time, and never longer than this process lives."""
    posix = os.name == "posix"
    return subprocess.run(  # noqa: S603  # our own arguments
        command,
        input=given,
        capture_output=True,
        check=False,
        timeout=_SECONDS,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        process_group=0 if posix else None,
        preexec_fn=_bind() if posix else None,
    )


def _bind() -> Callable[[], None]:
    """Return a function for the child to call first: limit its processor time and, on Linux, die with its parent."""
    import resource
    import signal

    parent = os.getpid()
    die_with_parent = None
    if sys.platform == "linux":
        import ctypes

        die_with_parent = ctypes.CDLL(None).prctl

    def bind() -> None:
        # It keeps two processors busy at most; if nothing reports the parent's end, this limit ends it.
        resource.setrlimit(resource.RLIMIT_CPU, (2 * _SECONDS, 2 * _SECONDS))
        if die_with_parent:
            die_with_parent(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, prctl(2)
            if os.getppid() != parent:
                os._exit(1)

    return bind


def circular(references: Mapping[str, set[str]]) -> set[str]:
    """Return the items that refer to themselves, directly or not: pandoc would follow them for ever."""
    from graphlib import CycleError, TopologicalSorter

    found: set[str] = set()
    while True:
        try:
            rest = {one: sorted(others - found) for one, others in references.items() if one not in found}
            TopologicalSorter(rest).prepare()
        except CycleError as error:
            found.update(error.args[1])
        else:
            return found


def folder() -> Path:
    """Return the directory in the user's cache for pandoc's output."""
    return cache_folder.folder() / "pandoc"


def stored(name: str) -> bytes:
    """Return the content stored under *name*; nothing if it is missing or damaged."""
    path = folder() / name
    with contextlib.suppress(OSError):
        if not cache_folder.refused(path):
            checksum, _, content = path.read_bytes().partition(b"\n")
            if checksum == _checksum(content):
                return content
    return b""


def store(name: str, content: bytes) -> None:
    """Store *content* under *name*, if possible."""
    path = folder() / name
    with contextlib.suppress(OSError):
        if not cache_folder.refused(path):
            atomic.write(path, _checksum(content) + b"\n" + content)


def _checksum(content: bytes) -> bytes:
    return f"{zlib.crc32(content):08x}".encode()


def clear() -> None:
    """Remove all stored pandoc output."""
    for path in folder().glob("*"):
        path.unlink(missing_ok=True)
