"""Vectors in a file: a line that says what it is, a line of JSON, then digests of the texts, scales, and numbers.

Each number of a vector is a byte from -127 to 127, times the vector's scale.
"""

from __future__ import annotations

import json
import math
import sys
import zlib
from array import array
from operator import mul
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_KIND = b"afcli vectors 1\n"
_DIGEST = 16
"""Bytes of the digest of a text."""
_MANY = 5_000
"""From so many vectors on it pays to import numpy."""
_CHUNK = 65_536


class DamagedVectorsError(Exception):
    """The file does not have vectors, or not those that were written."""


class Model(NamedTuple):
    """What made the vectors, and how similar it finds what is not related and what is (gauge.py)."""

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
        quick = often or len(self.digests) >= _MANY
        products = (_quick_products if quick else _products)(self.rows, numbers)
        return [product * scale * own for product, own in zip(products, self.scales, strict=True)]


def packed(vector: Sequence[float], most: int = 127) -> tuple[float, list[int]]:
    """Return a scale, and the numbers of *vector* as integers up to *most*."""
    scale = max(map(abs, vector)) / most or 1.0
    return scale, [round(number / scale) for number in vector]


def _products(rows: bytes, numbers: Sequence[int]) -> Iterator[float]:
    signed, width = array("b", rows).tolist(), len(numbers)
    if sys.version_info >= (3, 12):
        return (math.sumprod(signed[at : at + width], numbers) for at in range(0, len(signed), width))
    return (sum(map(mul, signed[at : at + width], numbers)) for at in range(0, len(signed), width))


def _quick_products(rows: bytes, numbers: Sequence[int]) -> Iterator[float]:
    try:
        import numpy as np
    except ImportError:
        yield from _products(rows, numbers)
        return
    vector = np.array(numbers, np.float32)
    table = np.frombuffer(rows, np.int8).reshape(-1, len(numbers))
    for start in range(0, len(table), _CHUNK):
        yield from (table[start : start + _CHUNK].astype(np.float32) @ vector).tolist()


def digest(text: str) -> bytes:
    """Return what tells *text* from others."""
    from hashlib import blake2b

    return blake2b(text.encode("utf-8", "replace"), digest_size=_DIGEST).digest()


def assembled(
    model: Model, texts: str, digests: Iterable[bytes], rows: Iterable[tuple[float, bytes]]
) -> Vectors:
    """Return vectors of their *digests* and *rows*, which are in one order and all of one width."""
    rows = list(rows)
    width = len(rows[0][1]) if rows else 0
    return Vectors(
        model, width, texts, tuple(digests), [scale for scale, _ in rows], b"".join(row for _, row in rows)
    )


def encoded(vectors: Vectors) -> bytes:
    """Return the content of a file."""
    scales = array("f", vectors.scales)
    if sys.byteorder == "big":
        scales.byteswap()
    body = b"".join(vectors.digests) + scales.tobytes() + vectors.rows
    head = {
        **vectors.model._asdict(),
        "width": vectors.width,
        "texts": vectors.texts,
        "count": len(vectors.digests),
    }
    head["checksum"] = zlib.crc32(body)
    return b"".join((_KIND, json.dumps(head).encode(), b"\n", body))


def read(path: Path) -> Vectors | None:
    """Return the vectors in the file at *path*, or None where there is none; raise DamagedVectorsError."""
    from afcli.files import safe_open

    try:
        with safe_open.opened(path) as file:
            content = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DamagedVectorsError(error.strerror or str(error)) from None
    try:
        kind, head, body = content.split(b"\n", 2)
        found = json.loads(head)
        count, width = found["count"], found["width"]
        if kind + b"\n" != _KIND or found["checksum"] != zlib.crc32(body):
            raise ValueError("not what was written")  # noqa: TRY301  # all faults get one answer
        model = Model(str(found["name"]), float(found["low"]), float(found["high"]))
        scales = array("f", body[count * _DIGEST : count * (_DIGEST + 4)])
        rows = body[count * (_DIGEST + 4) :]
        digests = tuple(body[at : at + _DIGEST] for at in range(0, count * _DIGEST, _DIGEST))
        if not (len(digests) == len(scales) and len(rows) == count * width) or model.low >= model.high:
            raise ValueError("not as many as there should be")  # noqa: TRY301  # the same
    except (ValueError, TypeError, KeyError, RecursionError):
        raise DamagedVectorsError("not what was written there") from None
    if sys.byteorder == "big":
        scales.byteswap()
    return Vectors(model, width, found["texts"], digests, scales, rows)
