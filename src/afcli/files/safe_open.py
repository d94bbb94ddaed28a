"""Open files from others safely: only regular ones, and only up to a limit."""

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
    return os.fdopen(descriptor(path), "rb")


def descriptor(path: Path) -> int:
    """Open the file at *path* in the same way, without a buffer; return its descriptor, for os.read and os.close."""
    # A plain open would wait for ever on a pipe that nobody writes to.
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    kind = os.fstat(number).st_mode
    if not stat.S_ISREG(kind):
        os.close(number)
        if stat.S_ISDIR(kind):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return number


def content(path: Path) -> bytes:
    """Return the bytes of the file at *path*; raise OSError, EFBIG if there are more than MAX_BYTES."""
    raw = bytearray()
    with opened(path) as file:
        # Do not trust the size: some files report none, and any may grow.
        while piece := file.read(1 << 16):
            raw += piece
            if len(raw) > MAX_BYTES:
                raise OSError(errno.EFBIG, f"larger than {MAX_BYTES >> 20} MB", str(path))
    return bytes(raw)
