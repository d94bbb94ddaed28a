"""The user's cache directory, which of its files can be trusted, and writing any file completely."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

from afcli.errors import reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOWHERE = Path(os.devnull)
"""A path that nothing can exist below."""


def cache_folder() -> Path:
    """Return the directory for files that afcli can make again."""
    from platformdirs import user_cache_path

    try:
        return user_cache_path("afcli", appauthor=False)
    except RuntimeError:
        # No home directory is known, as in a container that runs under a bare user number.
        return _NOWHERE / "afcli"


def refused(path: Path) -> str:
    """Return why *path* cannot be used, or an empty string; make its directory if it is missing."""
    if _NOWHERE in path.parents:
        return "there is no home directory; set XDG_CACHE_HOME"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for entry in (path.parent, path):
            if entry.exists():
                status = entry.stat()
                if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
                    return f"{entry} belongs to somebody else"
                if status.st_mode & stat.S_IWOTH:
                    return f"{entry} may be written by others"
        if path.is_dir():
            return f"{path} is a directory; remove it"
    except OSError as error:
        return f"{path.parent}: {reason(error)}"
    return ""


def write(path: Path, content: bytes) -> None:
    """Write *content* to the file at *path*, completely or not at all; raise OSError on failure."""
    with temporary(path) as unfinished:
        unfinished.write_bytes(content)
        settle(unfinished, path)


@contextlib.contextmanager
def temporary(path: Path) -> Iterator[Path]:
    """Give a name beside *path* for a file, which is removed at the end unless it was renamed."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    for old in path.parent.glob(".*.[0-9]*.tmp"):
        with contextlib.suppress(OSError):
            # Left by a killed process: writing one never takes an hour.
            if old == unfinished or old.stat().st_mtime < time.time() - 3600:
                old.unlink()
    try:
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)


def settle(unfinished: Path, path: Path) -> None:
    """Rename a complete file to *path*, so that it survives even a crash of the machine."""
    sync(unfinished)
    unfinished.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Flush a file's content, or a directory's names, to the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
