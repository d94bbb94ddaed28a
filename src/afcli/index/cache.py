"""Where indexes are kept, and whether each one still matches its files.

An index can be rebuilt at any time. It is written to a temporary file and renamed, so that a reader
sees all of it or nothing. A file beside it, its record, says what the facts and the index looked like when
they were last read. Any file that differs is read and compared again; a missing, stale, foreign or damaged
index is rebuilt, in memory if it cannot be written.
"""

import contextlib
import json
import os
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from afcli.errors import DamagedError
from afcli.files import safe_open
from afcli.files.locate import JOURNAL
from afcli.index.base import Base

Progress = Callable[[int, int], None]

SHIPPED = Path(__file__).parents[1] / "facts.sqlite"
"""The index of the shipped facts, in a wheel."""
_PIECE = 1 << 15
"""Larger pieces of memory must be asked of the system, which takes longer than reading them."""
_RECENT = 2_000_000_000
"""Nanoseconds within which a file's times may fail to show a second write."""


class Stamp(NamedTuple):
    """The data that tell whether a file is unchanged, as in git's index (gitformat-index(5))."""

    name: str
    size: int
    mtime: int
    ctime: int
    inode: int
    checksum: int
    """CRC-32 of the content."""


class Record:
    """What the files looked like when an index was last read."""

    def __init__(self, taken: int = 0, stamps: Iterable[Stamp] = ()) -> None:
        """Take the time, in nanoseconds since the epoch, and the stamp of each file."""
        self.taken = taken
        self.stamps = {stamp.name: stamp for stamp in stamps}

    def holds(self, stamp: Stamp) -> bool:
        """Tell whether the file of *stamp*, whose checksum is not known, is certain to be the same."""
        old = self.stamps.get(stamp.name)
        # A file just written may be written again within one tick of the clock.
        return bool(old and old[:-1] == stamp[:-1] and max(old.mtime, old.ctime) < self.taken - _RECENT)


_NOTHING = Record()


def open_index(directory: Path, progress: Progress, *, shipped: bool = True) -> Base:
    """Return the index of the fact base in *directory*, rebuilding a stale one.

    Without *shipped*, the packaged index is not used. Raises FactsError if the files have errors.
    """
    if os.path.lexists(directory / JOURNAL):
        from afcli.files import journal

        journal.finish(directory)
    if shipped and is_shipped(directory):
        # It is checked in full every time, so that nothing has to be written for it.
        digest = digest_of(stamp_of(file, directory) for file in files_of(directory))
        recorded = read_record(SHIPPED.with_suffix(".stamp")).stamps.get(SHIPPED.name)
        if base := opened(SHIPPED, directory, digest, recorded, stamp_of(SHIPPED, directory)):
            return base
    path, reason = cached(directory), refused(directory)
    if not reason:
        taken, record = time.time_ns(), read_record(record_of(directory))
        stamps = [stamp_of(file, directory, record) for file in (*files_of(directory), path)]
        *of_files, stamp = stamps
        if base := opened(path, directory, digest_of(of_files), record.stamps.get(path.name), stamp):
            if not all(map(record.holds, stamps)):
                write_record(record_of(directory), taken, stamps)
            return base
    from afcli.index.upkeep import rebuilt

    return rebuilt(directory, None if reason else path, progress)


def is_shipped(directory: Path) -> bool:
    """Tell whether the packaged index belongs to *directory*."""
    return directory == SHIPPED.with_name("facts") and SHIPPED.is_file()


def cached(directory: Path) -> Path:
    """Return where the index of the fact base in *directory* is kept, once it is built."""
    return record_of(directory).with_suffix(".sqlite")


def vectors_path(directory: Path) -> Path:
    """Return where the vectors of the claims in *directory* are kept, if there are any (meaning/similarity.py)."""
    return record_of(directory).with_suffix(".vectors")


def refused(directory: Path) -> str:
    """Return why no index can be kept for *directory*, or an empty string."""
    from afcli.files import cache_folder

    return next(filter(None, map(cache_folder.refused, (cached(directory), record_of(directory)))), "")


def record_of(directory: Path) -> Path:
    """Return where the record of the files in *directory* is kept."""
    from afcli.files import cache_folder

    full = directory.resolve()
    return cache_folder.folder() / f"{full.name}-{zlib.crc32(os.fsencode(full)):08x}.stamp"


def files_of(directory: Path) -> Iterator[Path]:
    """Yield the files of a fact base that its index depends on."""
    yield from (directory / name for name in ("article.yaml", "bibliography.yaml", "entities.yaml"))
    for folder, endings in (("claims", (".yaml", ".jsonl")), ("search", (".yaml",))):
        with contextlib.suppress(OSError):
            yield from sorted(path for path in (directory / folder).iterdir() if path.name.endswith(endings))


def stamp_of(path: Path, directory: Path, record: Record = _NOTHING) -> Stamp:
    """Return the stamp of a file, with the checksum from *record* if nothing else has changed."""
    name = f"{path.parent.name}/{path.name}" if path.parent.parent == directory else path.name
    try:
        found = path.stat()
        stamp = Stamp(name, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, 0)
        if record.holds(stamp):
            return record.stamps[name]
        checksum = 0
        file = safe_open.descriptor(path)
        try:
            while piece := os.read(file, _PIECE):
                checksum = zlib.crc32(piece, checksum)
        finally:
            os.close(file)
        return stamp._replace(checksum=checksum)
    except OSError:
        # The reader of the facts reports the fault.
        return Stamp(name, -1, 0, 0, 0, 0)


def digest_of(stamps: Iterable[Stamp]) -> str:
    """Return a digest of the files' content."""
    return " ".join(f"{stamp.name}:{stamp.size}:{stamp.checksum:08x}" for stamp in stamps)


def read_record(path: Path) -> Record:
    """Return the record in *path*, or an empty one."""
    with contextlib.suppress(OSError, ValueError, TypeError, LookupError, RecursionError):
        content = json.loads(safe_open.content(path))
        stamps = [Stamp(*row) for row in content["files"]]
        if all(isinstance(number, int) for stamp in stamps for number in stamp[1:]):
            return Record(int(content["taken"]), stamps)
    return _NOTHING


def write_record(path: Path, taken: int, stamps: Sequence[Stamp]) -> None:
    """Write a record of *stamps* to *path*, if possible."""
    with contextlib.suppress(OSError):
        from afcli.files import atomic

        atomic.write(path, json.dumps({"taken": taken, "files": stamps}).encode())


def opened(path: Path, directory: Path, digest: str, recorded: Stamp | None, stamp: Stamp) -> Base | None:
    """Return the index in *path* if it is complete, of this version and built from files with this *digest*."""
    if recorded is None or recorded.checksum != stamp.checksum:
        return None
    with contextlib.suppress(DamagedError, KeyError, ValueError):
        base = Base(path, directory)
        if base.digest == digest:
            return base
    return None
