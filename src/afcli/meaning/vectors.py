"""Vectors in a file: a line that says what it is, a line of JSON, then digests of the texts, scales, and numbers.

Each number of a vector is a byte from -127 to 127, times the vector's scale.
"""

import json
import math
import struct
import zlib
from array import array
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from operator import mul
from pathlib import Path
from typing import NamedTuple

from afcli.errors import MeaningError
from afcli.files import safe_open

_KIND = b"afcli vectors 1\n"
_DIGEST = 16
"""Bytes of the digest of a text."""
_MANY = 5_000
"""From so many vectors on it pays to import numpy."""
_CHUNK = 65_536
ANOTHER_LENGTH = "returns vectors of a different length than before"
# Python 3.11 has none.
_sumprod: Callable[[Sequence[int], Sequence[int]], int] = getattr(
    math, "sumprod", lambda p, q: sum(map(mul, p, q))
)


class DamagedVectorsError(Exception):
    """The file does not have vectors, or not those that were written."""


class Model(NamedTuple):
    """What made the vectors, and how similar it finds what is not related and what is (calibrate.py)."""

    name: str
    low: float
    high: float


class Vectors(NamedTuple):
    """The vectors of some texts, in their order."""

    model: Model
    width: int
    texts: str
    """The digest of all texts of an index, if these are they (index/build.py)."""
    digests: tuple[bytes, ...]
    scales: Sequence[float]
    rows: bytes

    def row(self, number: int) -> tuple[float, bytes]:
        """Return scale and numbers of one vector."""
        return self.scales[number], self.rows[number * self.width : (number + 1) * self.width]

    def similarities(self, vector: Sequence[float], *, often: bool = False) -> list[float]:
        """Return the cosine of each with *vector*, whose length is 1; quicker, but not at first, if asked *often*."""
        if not self.digests:
            return []
        scale, numbers = packed(vector, 32_767)
        products = _products(self.rows, numbers, quick=often or len(self.digests) >= _MANY)
        return [product * scale * own for product, own in zip(products, self.scales, strict=True)]


def packed(vector: Sequence[float], most: int = 127) -> tuple[float, list[int]]:
    """Return a scale, and the numbers of *vector* as integers up to *most*."""
    scale = max(map(abs, vector)) / most or 1.0
    return scale, [round(number / scale) for number in vector]


def _products(rows: bytes, numbers: Sequence[int], *, quick: bool) -> list[float]:
    if quick:
        with suppress(ImportError):
            import numpy as np

            vector = np.array(numbers, np.float32)
            table = np.frombuffer(rows, np.int8).reshape(-1, len(numbers))
            chunks = (table[start : start + _CHUNK] for start in range(0, len(table), _CHUNK))
            return [product for chunk in chunks for product in (chunk.astype(np.float32) @ vector).tolist()]
    signed, width = array("b", rows).tolist(), len(numbers)
    return [_sumprod(signed[at : at + width], numbers) for at in range(0, len(signed), width)]


def digest(text: str) -> bytes:
    """Return what tells *text* from others."""
    from hashlib import blake2b

    return blake2b(text.encode("utf-8", "replace"), digest_size=_DIGEST).digest()


def assembled(
    model: Model, texts: str, digests: Iterable[bytes], rows: Iterable[tuple[float, bytes]]
) -> Vectors:
    """Return vectors of their *digests* and *rows*, in one order; raise MeaningError if these differ in length."""
    rows = list(rows)
    width = len(rows[0][1]) if rows else 0
    if any(len(numbers) != width for _, numbers in rows):
        raise MeaningError(f"{model.name} {ANOTHER_LENGTH}")
    scales, numbers = [scale for scale, _ in rows], b"".join(numbers for _, numbers in rows)
    return Vectors(model, width, texts, tuple(digests), scales, numbers)


def encoded(vectors: Vectors) -> bytes:
    """Return the content of a file."""
    count = len(vectors.digests)
    body = b"".join((*vectors.digests, struct.pack(f"<{count}f", *vectors.scales), vectors.rows))
    head = {"width": vectors.width, "texts": vectors.texts, "count": count, "checksum": zlib.crc32(body)}
    return b"".join((_KIND, json.dumps(vectors.model._asdict() | head).encode(), b"\n", body))


def read(path: Path) -> Vectors | None:
    """Return the vectors in the file at *path*, or None where there is none; raise DamagedVectorsError."""
    try:
        with safe_open.opened(path) as file:
            return _decoded(file.read())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DamagedVectorsError(error.strerror or str(error)) from None
    except (ValueError, TypeError, KeyError, RecursionError, struct.error):
        raise DamagedVectorsError("not what was written there") from None


def _decoded(content: bytes) -> Vectors:
    kind, head, body = content.split(b"\n", 2)
    found = json.loads(head)
    model = Model(str(found["name"]), float(found["low"]), float(found["high"]))
    count, width = found["count"], found["width"]
    whole = len(body) == count * (_DIGEST + 4 + width) and zlib.crc32(body) == found["checksum"]
    if kind + b"\n" != _KIND or not whole or model.low >= model.high:
        raise ValueError
    end = count * _DIGEST
    digests = tuple(body[at : at + _DIGEST] for at in range(0, end, _DIGEST))
    scales = struct.unpack_from(f"<{count}f", body, end)
    return Vectors(model, width, found["texts"], digests, scales, body[end + 4 * count :])
