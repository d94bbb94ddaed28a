"""Where compiled fact bases are kept, and whether one is still that of its files.

A compiled base is disposable. It is written to a temporary file, synced and renamed, so that a
reader sees all of it or nothing; whatever is missing, stale, foreign or broken is compiled anew,
in memory where nothing can be written.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import zlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from afcli import files, journal, kept
from afcli.base import Base
from afcli.errors import FactsError, Problem, WriteError
from afcli.store import CorruptError, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Progress = Callable[[int, int], None]

SHIPPED = Path(__file__).parent / "facts.sqlite"
"""The compiled form of the shipped facts, in a wheel."""
_RECENT = 2_000_000_000
"""Nanoseconds within which a file's times need not show that it was written again."""
_PATIENCE = 3


class Stamp(NamedTuple):
    """What tells whether a file is still the same, as git's index does (gitformat-index(5))."""

    name: str
    size: int
    mtime: int
    ctime: int
    inode: int
    checksum: int


class State(NamedTuple):
    """Where the compiled form of a base is, and in which state."""

    path: Path
    size: int
    """In bytes; nought where it is not there."""
    built: float
    """Seconds since the epoch."""
    fresh: bool
    reason: str = ""
    """Why nothing can be kept there, where so."""


def open_base(directory: Path, progress: Progress) -> Base:
    """Return the fact base in *directory*, compiled if it is not yet, or not as it stands now.

    Raises FactsError where the files are wrong.
    """
    journal.finish(directory)
    if SHIPPED.is_file() and directory == SHIPPED.with_name("facts"):
        digest = _digest([_stamp(directory, path) for path in _files(directory)])
        if store := _open(SHIPPED, digest):
            store.spare = lambda: Store(_compiled(directory, digest, None, progress))
            return Base(store, directory)
    return Base(_kept(directory, progress), directory)


def open_bases(directories: Sequence[Path], progress: Progress) -> Base:
    """Return the fact base in one directory, or those in several as one; raises as `open_base` does."""
    if len(directories) == 1:
        return open_base(directories[0], progress)
    from afcli.bases import Bases

    return Bases(open_base(directory, progress) for directory in directories)


def base_in_memory(directory: Path) -> Base:
    """Return the fact base in *directory*, compiled now and kept nowhere."""
    return Base(Store(_compiled(directory, "", None, lambda _done, _total: None)), directory)


def compile_shipped(directory: Path, path: Path) -> None:
    """Compile the facts in *directory* to *path*, for a wheel.

    The wheel does not hold what pandoc printed once more: it is left out of what tells staleness.
    """
    digest = _digest([_stamp(directory, file) for file in _files(directory) if file.suffix != ".json"])
    _compiled(directory, digest, path, lambda _done, _total: None)


def state(directory: Path) -> State:
    """Return the state of what is kept of the fact base in *directory*."""
    path = SHIPPED
    if not (path.is_file() and directory == path.with_name("facts")):
        path = _path(directory)
    reason = kept.refused(path)
    digest = _digest([_stamp(directory, file) for file in _files(directory)])
    if not path.is_file():
        return State(path, 0, 0.0, fresh=False, reason=reason)
    found = path.stat()
    return State(path, found.st_size, found.st_mtime, fresh=_open(path, digest) is not None, reason=reason)


def clear(directory: Path) -> None:
    """Remove what is kept of the fact base in *directory*; raise WriteError where it cannot be removed."""
    path = _path(directory)
    for file in (path, path.with_suffix(".stamp")):
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise WriteError(f"{file} cannot be removed: {reason}; remove it by hand") from None


def _kept(directory: Path, progress: Progress) -> Store:
    """Return the store from the user's cache, written there now where it is missing or stale."""
    path = _path(directory)
    usable = not kept.refused(path)
    for _ in range(_PATIENCE):
        taken = time.time_ns()
        known = _known(path) if usable else {}
        stamps = [_stamp(directory, file, known) for file in _files(directory)]
        digest = _digest(stamps)
        store = _open(path, digest) if usable else None
        if store:
            if any(known.get(stamp.name) != stamp for stamp in stamps):
                _remember(path, taken, stamps)
        else:
            store = _written(directory, digest, path if usable else None, progress)
            if [_stamp(directory, file) for file in _files(directory)] != stamps:
                continue
            if usable:
                _remember(path, taken, stamps)
        store.spare = partial(_replaced, directory, digest, path, progress)
        return store
    raise FactsError([Problem(directory, 1, "the files change while they are read", "try again")])


def _path(directory: Path) -> Path:
    place = directory.resolve()
    return kept.folder() / f"{place.name}-{zlib.crc32(os.fsencode(place)):08x}.sqlite"


def _files(directory: Path) -> Iterator[Path]:
    yield from (directory / name for name in ("article.yaml", "bibliography.yaml", "entities.yaml"))
    for folder, endings in (("claims", (".yaml", ".jsonl")), ("citations", (".json",))):
        with contextlib.suppress(OSError):
            yield from sorted(p for p in (directory / folder).iterdir() if p.name.endswith(endings))


def _stamp(directory: Path, path: Path, known: dict[str, Stamp] | None = None) -> Stamp:
    """Return the stamp of a file, its checksum from *known* where nothing else can have changed."""
    name = path.relative_to(directory).as_posix()
    try:
        found = path.stat()
        seen = Stamp(name, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, 0)
        former = (known or {}).get(name)
        if former and former[:-1] == seen[:-1]:
            return former
        checksum = 0
        with files.opened(path) as file:
            while piece := file.read(1 << 20):
                checksum = zlib.crc32(piece, checksum)
        return seen._replace(checksum=checksum)
    except OSError:
        # The reader of the facts says what is wrong with it.
        return Stamp(name, -1, 0, 0, 0, 0)


def _digest(stamps: list[Stamp]) -> str:
    return " ".join(f"{stamp.name}:{stamp.size}:{stamp.checksum:08x}" for stamp in stamps)


def _known(path: Path) -> dict[str, Stamp]:
    """Return the stamps taken last, but for files that were then too new to be told apart by time."""
    try:
        found = json.loads(files.content(path.with_suffix(".stamp")))
        stamps = [Stamp(*row) for row in found["files"]]
        taken = found["taken"]
        return {s.name: s for s in stamps if max(s.mtime, s.ctime) < taken - _RECENT}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _remember(path: Path, taken: int, stamps: list[Stamp]) -> None:
    with contextlib.suppress(OSError):
        kept.write(path.with_suffix(".stamp"), json.dumps({"taken": taken, "files": stamps}).encode())


def _open(path: Path, digest: str) -> Store | None:
    """Return the store in *path* if it is sound so far and was compiled from these files."""
    if not path.is_file():
        return None
    try:
        store = Store(path)
    except (CorruptError, OSError, ValueError):
        return None
    return store if store.about["digest"] == digest else None


def _written(directory: Path, digest: str, path: Path | None, progress: Progress) -> Store:
    if path:
        with contextlib.suppress(OSError, CorruptError), kept.temporary(path) as temporary:
            _compiled(directory, digest, temporary, progress)
            kept.settle(temporary, path)
            return Store(path)
    return Store(_compiled(directory, digest, None, progress))


def _replaced(directory: Path, digest: str, path: Path, progress: Progress) -> Store:
    """Return the store built afresh in memory; the broken file goes, so that the next call builds it."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
    return Store(_compiled(directory, digest, None, progress))


def _compiled(directory: Path, digest: str, path: Path | None, progress: Progress) -> dict[int, bytes]:
    from afcli.compile import compile_facts

    return compile_facts(directory, digest, path, progress)
