"""A compiled fact base as one file of numbered, checked chunks. The door of SQLite.

Every chunk carries a checksum over its number and content, so that a read proves what it
returns without reading the rest. Chunks form parts; a part is either a plain run of chunks or a
dictionary whose keys are spread over a fixed number of chunks by their hash. So a key that is
missing is known to be missing: its chunk stands, is sound, and does not hold it.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import sqlite3
import zlib
from typing import TYPE_CHECKING, Any

from afcli import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

FORMAT = f"{__version__} 5"
"""Another version may store something else; between versions the number is counted up by hand."""

_RAW, _DEFLATED = b"\x00", b"\x01"
_BUCKET = 2048
"""About how many bytes a chunk of a dictionary holds."""
_KEPT = 1024
"""How many unpacked chunks a process keeps."""

_ABOUT = {"digest": str, "stemmer": str, "letters": str, "segments": list, "blocks": list, "parts": dict}
"""What chunk 0 holds besides the format."""
_PARTS = {"claims", "front", "coverage", "ids", "entities", "names", "stems", "words", "terms"}

Chunks = dict[int, bytes]


class CorruptError(Exception):
    """A chunk is missing or not what was written, or was not written by this version."""


class Writer:
    """Collects chunks into a file, or into memory where no file is given."""

    def __init__(self, path: Path | None = None) -> None:
        """Start a new file at *path*, which must not exist; this and all writing may raise OSError."""
        self.chunks: Chunks = {}
        self.parts: dict[str, tuple[int, int]] = {}
        self._next = 1
        with _as_oserror():
            self._file = None if path is None else sqlite3.connect(path, isolation_level=None)
            if self._file:
                # Nobody reads the file before it is complete, synced and renamed.
                self._file.executescript(
                    "PRAGMA journal_mode=off; PRAGMA synchronous=off; PRAGMA page_size=4096;"
                    "CREATE TABLE chunks (n INTEGER PRIMARY KEY, body BLOB NOT NULL); BEGIN"
                )

    def run(self, name: str, bodies: Iterable[bytes]) -> None:
        """Add a part that is a run of chunks."""
        first = self._next
        for body in bodies:
            self._put(self._next, body)
            self._next += 1
        self.parts[name] = (first, self._next - first)

    def dictionary(self, name: str, entries: Mapping[str, bytes | bytearray]) -> None:
        """Add a part that is a dictionary."""
        size = sum(map(len, entries.values())) + 12 * len(entries)
        buckets: list[list[str]] = [[] for _ in range(max(1, size // _BUCKET))]
        for key in entries:
            buckets[_hash(key) % len(buckets)].append(key)
        self.run(name, (_bucket({key: entries[key] for key in keys}) for keys in buckets))

    def finish(self, about: dict[str, Any]) -> None:
        """Write what the file is *about* and close it."""
        self._put(0, json.dumps({**about, "parts": self.parts}).encode())
        if self._file:
            with _as_oserror():
                self._file.execute("COMMIT")
                self._file.close()

    def abandon(self) -> None:
        """Close the file without finishing it."""
        if self._file:
            self._file.close()

    def _put(self, number: int, body: bytes) -> None:
        packed = zlib.compress(body, 6) if len(body) > 100 else body
        payload = _DEFLATED + packed if len(packed) < 0.9 * len(body) else _RAW + body
        checked = _checksum(number, payload) + payload
        if self._file:
            with _as_oserror():
                self._file.execute("INSERT INTO chunks VALUES (?, ?)", (number, checked))
        else:
            self.chunks[number] = checked


class Store:
    """Reads what a Writer wrote. Raises CorruptError for whatever is not as it was written."""

    def __init__(self, source: Path | Chunks) -> None:
        """Open a file, or chunks in memory; raise CorruptError where it is none of ours."""
        self._read = source.get if isinstance(source, dict) else _Reader(source)
        self._kept: dict[int, Any] = {}
        self.spare: Callable[[], Store] | None = None
        """What gives the same store, built afresh, where a chunk proves corrupt."""
        about = json.loads(self._chunk(0))
        if not isinstance(about, dict) or about.get("format") != FORMAT:
            raise CorruptError("another format")
        if any(not isinstance(about.get(name), type_) for name, type_ in _ABOUT.items()):
            raise CorruptError("something is missing")
        if not about["parts"].keys() >= _PARTS:
            raise CorruptError("a part is missing")
        self.about: dict[str, Any] = about

    def renew(self) -> None:
        """Go on with the same facts built afresh."""
        if self.spare is None:
            raise CorruptError("nothing to renew it from")
        fresh, self.spare = self.spare(), None
        if fresh.about["digest"] != self.about["digest"]:
            raise CorruptError("the facts have changed meanwhile")
        self._read, self.about = fresh._read, fresh.about  # noqa: SLF001  # another of this class
        self._kept.clear()

    def length(self, part: str) -> int:
        """Return the number of chunks of a part."""
        return int(self.about["parts"][part][1])

    def at(self, part: str, place: int) -> bytes:
        """Return the chunk at a place of a run."""
        first, count = self.about["parts"][part]
        if not 0 <= place < count:
            raise IndexError(place)
        return self._chunk(first + place)

    def json(self, part: str, place: int = 0) -> Any:
        """Return the JSON at a place of a run; it is kept for the next time."""
        number = self.about["parts"][part][0] + place
        if number not in self._kept:
            self._keep(number, json.loads(self.at(part, place)))
        return self._kept[number]

    def get(self, part: str, key: str) -> bytes | None:
        """Return what a dictionary holds under *key*."""
        first, count = self.about["parts"][part]
        ends, values = self._dictionary(first + _hash(key) % count)
        if key not in ends:
            return None
        start, end = ends[key]
        return values[start:end]

    def items(self, part: str) -> Iterator[tuple[str, bytes]]:
        """Yield all that a dictionary holds, in no meaningful order."""
        first, count = self.about["parts"][part]
        for number in range(first, first + count):
            ends, values = self._dictionary(number)
            yield from ((key, values[start:end]) for key, (start, end) in ends.items())

    def _dictionary(self, number: int) -> tuple[dict[str, tuple[int, int]], bytes]:
        if number not in self._kept:
            head, _, values = self._chunk(number).partition(b"\n")
            self._keep(number, (json.loads(head), values))
        found: tuple[dict[str, tuple[int, int]], bytes] = self._kept[number]
        return found

    def _keep(self, number: int, value: Any) -> None:
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[number] = value

    def _chunk(self, number: int) -> bytes:
        try:
            return _unpacked(number, self._read(number))
        except CorruptError:
            if not hasattr(self, "about"):
                raise CorruptError(number) from None
            # Built from the same facts, every chunk has the same number.
            self.renew()
            return _unpacked(number, self._read(number))


@contextlib.contextmanager
def _as_oserror() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise OSError(str(error)) from None


class _Reader:
    """Gives the chunks of a file, which is closed when nobody needs it any more."""

    def __init__(self, path: Path) -> None:
        try:
            # Immutable: the file is replaced as a whole and never written to.
            self._file = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        except sqlite3.Error as error:
            raise CorruptError(str(error)) from None

    def __call__(self, number: int) -> bytes | None:
        try:
            row = self._file.execute("SELECT body FROM chunks WHERE n = ?", (number,)).fetchone()
        except (sqlite3.Error, OverflowError) as error:
            raise CorruptError(str(error)) from None
        return row[0] if row else None

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError):
            self._file.close()


def _unpacked(number: int, checked: bytes | None) -> bytes:
    if not isinstance(checked, bytes) or checked[:4] != _checksum(number, checked[4:]):
        raise CorruptError(number)
    return zlib.decompress(checked[5:]) if checked[4:5] == _DEFLATED else checked[5:]


def _checksum(number: int, payload: bytes) -> bytes:
    return zlib.crc32(payload, number).to_bytes(4, "little")


def _hash(key: str) -> int:
    return zlib.crc32(key.encode("utf-8", "surrogatepass"))


def _bucket(entries: dict[str, bytes | bytearray]) -> bytes:
    ends = list(itertools.accumulate(map(len, entries.values()), initial=0))
    places = dict(zip(entries, itertools.pairwise(ends), strict=True))
    return json.dumps(places, separators=(",", ":")).encode() + b"\n" + b"".join(entries.values())
