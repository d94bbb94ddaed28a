"""Write files completely or not at all, and remove them."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

from afcli.errors import WriteError, reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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


def remove(path: Path) -> None:
    """Remove the file at *path*, if there is one; raise WriteError if it cannot be."""
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise WriteError(f"{path} cannot be removed: {reason(error)}; remove it by hand") from None


def sync(path: Path) -> None:
    """Flush a file's content, or a directory's names, to the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
