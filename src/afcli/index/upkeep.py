"""Maintain indexes: build and discard them, tell their state."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, NamedTuple

from afcli.errors import DamagedError
from afcli.files import atomic
from afcli.index import cache
from afcli.index.base import Base
from afcli.index.build import build
from afcli.problems import FactsError, Problem

if TYPE_CHECKING:
    from pathlib import Path

_ATTEMPTS = 3


def rebuilt(directory: Path, path: Path | None, progress: cache.Progress) -> Base:
    """Return the index of the fact base in *directory*, built now and written to *path* if possible.

    Raises FactsError if the files have errors, or change all the time.
    """
    for _ in range(_ATTEMPTS):
        taken = time.time_ns()
        stamps = [cache.stamp_of(file, directory) for file in cache.files_of(directory)]
        digest = cache.digest_of(stamps)
        base, stamp = _built(directory, digest, path, progress)
        if cache.digest_of(cache.stamp_of(file, directory) for file in cache.files_of(directory)) == digest:
            if stamp:
                cache.write_record(cache.record_of(directory), taken, [*stamps, stamp])
            return base
    raise FactsError([Problem(directory, 1, "the files change while they are read", "try again")])


def _built(
    directory: Path, digest: str, path: Path | None, progress: cache.Progress
) -> tuple[Base, cache.Stamp | None]:
    """Return the index, and the stamp of its file if that could be written."""
    if path:
        with contextlib.suppress(OSError, DamagedError), atomic.temporary(path) as unfinished:
            build(directory, digest, unfinished, progress).close()
            stamp = cache.stamp_of(unfinished, directory)
            atomic.settle(unfinished, path)
            return Base(path, directory), cache.stamp_of(path, directory)._replace(checksum=stamp.checksum)
    return Base(build(directory, digest, None, progress).connection, directory), None


def discard(directory: Path) -> None:
    """Remove the index of the fact base in *directory*, unless it is the shipped one; raises WriteError."""
    for file in (cache.cached(directory), cache.record_of(directory)):
        atomic.remove(file)


class State(NamedTuple):
    """The location and state of a base's index."""

    path: Path
    size: int
    """In bytes; 0 if there is none."""
    built: float
    """Seconds since the epoch."""
    fresh: bool
    reason: str = ""
    """Why no index can be kept there, if so."""


def state(directory: Path) -> State:
    """Return the state of the index of the fact base in *directory*."""
    if cache.is_shipped(directory):
        path, record_path, refused = cache.SHIPPED, cache.SHIPPED.with_suffix(".stamp"), ""
    else:
        path, record_path = cache.cached(directory), cache.record_of(directory)
        refused = cache.refused(directory)
    if not path.is_file():
        return State(path, 0, 0.0, fresh=False, reason=refused)
    record = cache.read_record(record_path)
    digest = cache.digest_of(cache.stamp_of(file, directory, record) for file in cache.files_of(directory))
    stamp = cache.stamp_of(path, directory, record)
    fresh = cache.opened(path, directory, digest, record.stamps.get(path.name), stamp) is not None
    return State(path, stamp.size, stamp.mtime / 1e9, fresh=fresh, reason=refused)


def open_in_memory(directory: Path) -> Base:
    """Return the fact base in *directory*, built now and not kept."""
    return _built(directory, "", None, lambda _done, _total: None)[0]


def build_shipped(directory: Path, path: Path) -> None:
    """Build the index of the facts in *directory* at *path*, with its record beside it, for a wheel."""
    digest = cache.digest_of(cache.stamp_of(file, directory) for file in cache.files_of(directory))
    build(directory, digest, path, lambda _done, _total: None).close()
    stamp = cache.stamp_of(path, directory)
    cache.write_record(path.with_suffix(".stamp"), 0, [stamp])
