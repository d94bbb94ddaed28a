"""How files that others wrote are opened: only regular ones, and never more than is asked for."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 16 * 1024 * 1024


def opened(path: Path) -> BinaryIO:
    """Open the file at *path* to read bytes; raise OSError, without waiting, for a pipe or a device."""
    # A pipe that nobody writes to would keep a plain open waiting.
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    kind = os.fstat(number).st_mode
    if not stat.S_ISREG(kind):
        os.close(number)
        if stat.S_ISDIR(kind):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return os.fdopen(number, "rb")


def content(path: Path) -> bytes:
    """Return the bytes of the file at *path*; raise OSError, EFBIG where there are more than MAX_BYTES."""
    raw = bytearray()
    with opened(path) as file:
        # Not after its size: some files tell none, and any may grow.
        while piece := file.read(1 << 16):
            raw += piece
            if len(raw) > MAX_BYTES:
                raise OSError(errno.EFBIG, f"larger than {MAX_BYTES >> 20} MB", str(path))
    return bytes(raw)
