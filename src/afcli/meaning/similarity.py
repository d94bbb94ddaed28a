"""How close each claim is in meaning to a text. The vectors of the claims are made once and kept in the cache."""

import contextlib
import heapq
from array import array
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from afcli.errors import MeaningError, reason
from afcli.files import atomic, cache_folder
from afcli.index.base import Base
from afcli.index.cache import vectors_path
from afcli.meaning.embedder import Embedder, open_embedder
from afcli.meaning.vectors import (
    ANOTHER_LENGTH,
    DamagedVectorsError,
    Model,
    Vectors,
    assembled,
    digest,
    encoded,
    packed,
    read,
)

SHIPPED = "meaning.vectors"
"""Among the files of a fact base: vectors that come with it."""
AT_ONCE = 2_000
"""So many claims are embedded unasked: about a minute."""
_BATCH = 16
_KEPT = 500
"""So many vectors of queries are kept, for one asked again."""
_OFTEN = 10
"""After so many queries it pays to import numpy."""


class Near(NamedTuple):
    """How similar each claim is to a text, by its number, and how similar the model finds what is (not) related."""

    parts: list[tuple[int, Any]]
    """The first number of each base, and the similarities of its claims: a list, or those in a cluster."""
    low: float
    high: float

    def similarity(self, number: int) -> float:
        """Return the cosine of the claim's vector and the text's."""
        first, part = next(pair for pair in reversed(self.parts) if pair[0] <= number)
        return float(part[number - first])

    def closeness(self, number: int) -> float:
        """Return the similarity of a claim as 0 for what is not related, 1 for a question and its answer."""
        return (self.similarity(number) - self.low) / (self.high - self.low)

    def nearest(self, count: int, allowed: AbstractSet[int] | None, barred: AbstractSet[int]) -> list[int]:
        """Return the numbers of the *count* nearest of the *allowed* claims, the nearest first."""
        found: list[tuple[float, int]] = []
        for first, part in self.parts:
            if not isinstance(part, list):
                found += part.nearest(count, allowed, barred)
                continue
            passed = (
                (value, number)
                for number, value in enumerate(part, first)
                if (allowed is None or number in allowed) and number not in barred
            )
            found += heapq.nlargest(count, passed, itemgetter(0))
        return [number for _, number in sorted(found, key=lambda pair: (-pair[0], pair[1]))[:count]]


class Meaning:
    """The claims of a base as vectors. Nothing is loaded before it is asked."""

    def __init__(self, base: Base, progress: Callable[[int, int], None]) -> None:
        """Take what shows that claims are embedded, called with how many are done and of how many."""
        self._base = base
        self._progress = progress
        self._ready: tuple[Embedder, list[Vectors]] | None = None
        self._failed = False
        self._expected: Sequence[str] = ()
        self._known: dict[str, list[float]] = {}

    def expect(self, texts: Sequence[str]) -> None:
        """Take the texts that come next, to embed several at once: that takes half the time."""
        self._expected = texts

    def near(self, text: str) -> Near | None:
        """Return how near the claims come to *text*.

        Raises MeaningError, once, where this cannot be told; from then on it returns None.
        """
        if self._failed:
            return None
        try:
            embedder, kept = self._ready = self._ready or self.prepare(AT_ONCE)
            vector, often = self._vector(text, embedder, kept), len(self._known) > _OFTEN
            each = [vectors.similarities(vector, often=often) for vectors in kept]
        except MeaningError as error:
            self._failed = True
            raise MeaningError(f"{error}; answered by words alone") from None
        model = next((vectors.model for vectors in kept if vectors.digests), kept[0].model)
        firsts = (member.first for member in self._base.members)
        return Near(list(zip(firsts, each, strict=True)), model.low, model.high)

    def _vector(self, text: str, embedder: Embedder, kept: list[Vectors]) -> list[float]:
        """Return the vector of a query, embedding those that come next with it."""
        if text not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            new = (expected for expected in self._expected if expected not in self._known)
            texts = list(dict.fromkeys([text, *new]))[:_BATCH]
            self._known |= zip(texts, embedder.embed(texts, query=True), strict=True)
        vector = self._known[text]
        if any(vectors.digests and vectors.width != len(vector) for vectors in kept):
            raise MeaningError(f"{embedder.name} {ANOTHER_LENGTH}")
        return vector

    def prepare(self, at_most: int | None = None, *, anew: bool = False) -> tuple[Embedder, list[Vectors]]:
        """Return the model and the vectors of each base; embed what is new, but not if that is *at_most* or more.

        *anew* does without vectors that are damaged. Raises MeaningError.
        """
        if any(member.remote and not member.vectors for member in self._base.members):
            raise MeaningError("a base in a cluster has no vectors")
        embedder = open_embedder()
        return embedder, [self._vectors(index, embedder, at_most, anew=anew) for index in self._base.members]

    def _vectors(self, index: Base, embedder: Embedder, at_most: int | None, *, anew: bool) -> Any:
        if index.remote:
            if index.vectors.model.name != embedder.name:
                raise MeaningError(f"{index.place} has the vectors of {index.vectors.model.name}")
            return index.vectors
        kept = []
        own = vectors_path(index.directory)
        for path in _files(index):
            vectors = _read(path, anew=anew)
            if vectors and vectors.model.name == embedder.name:
                if _fit(vectors, index):
                    return vectors
                kept.append(vectors)
        texts = index.texts()
        if not texts:
            return assembled(Model(embedder.name, 0.0, 1.0), index.texts_digest, (), ())
        digests = [digest(text) for text in texts]
        rows = {key: vectors.row(n) for vectors in reversed(kept) for n, key in enumerate(vectors.digests)}
        missing = {key: text for key, text in zip(digests, texts, strict=True) if key not in rows}
        if at_most is not None and len(missing) >= at_most:
            minutes = -(-len(missing) // AT_ONCE)
            raise MeaningError(
                f"{len(missing)} claims have no vectors yet; afcli index --meaning makes them in about {minutes} min"
            )
        if refused := cache_folder.refused(own):
            raise MeaningError(f"no vectors can be kept: {refused}")
        from afcli.meaning.calibrate import gauged

        model = kept[0].model if kept else gauged(embedder)
        try:
            self._embed(missing, rows, embedder)
        except BaseException:
            # What was done before an interruption is not lost.
            done = {key: rows[key] for key in digests if key in rows}
            with contextlib.suppress(MeaningError):
                _write(own, assembled(model, "", done, done.values()))
            raise
        vectors = assembled(model, index.texts_digest, digests, [rows[key] for key in digests])
        _write(own, vectors)
        return vectors

    def _embed(
        self, texts: dict[bytes, str], rows: dict[bytes, tuple[float, bytes]], embedder: Embedder
    ) -> None:
        """Add the vectors of *texts* to *rows*."""
        keys = list(texts)
        for start in range(0, len(keys), _BATCH):
            batch = keys[start : start + _BATCH]
            found = embedder.embed([texts[key] for key in batch], query=False)
            for key, (scale, numbers) in zip(batch, map(packed, found), strict=True):
                rows[key] = scale, array("b", numbers).tobytes()
            self._progress(start + len(batch), len(keys))


def kept(index: Base) -> Vectors | None:
    """Return the vectors of exactly the claims of *index*, if there are any."""
    found = filter(None, (_read(path, anew=True) for path in _files(index)))
    return next((vectors for vectors in found if _fit(vectors, index)), None)


def _files(index: Base) -> tuple[Path, ...]:
    own = vectors_path(index.directory)
    shipped = index.directory / SHIPPED
    # What comes with the facts needs no cache, not even an empty one.
    return (own, shipped) if own.is_file() and not cache_folder.refused(own) else (shipped,)


def _fit(vectors: Vectors, index: Base) -> bool:
    return vectors.texts == index.texts_digest and len(vectors.digests) == index.record_count


def _read(path: Path, *, anew: bool) -> Vectors | None:
    try:
        return read(path)
    except DamagedVectorsError as error:
        if anew:
            return None
        raise MeaningError(f"{path} is damaged: {error}; afcli index --meaning rebuilds it") from None


def _write(path: Path, vectors: Vectors) -> None:
    try:
        atomic.write(path, encoded(vectors))
    except OSError as error:
        raise MeaningError(f"{path} cannot be written: {reason(error)}") from None


def discard(directory: Path) -> None:
    """Forget the vectors kept of the fact base in *directory*; raise WriteError where they cannot be removed."""
    atomic.remove(vectors_path(directory))


def state(directory: Path) -> str:
    """Return in a few words which vectors there are of the fact base in *directory*, or nothing."""
    for path in (vectors_path(directory), directory / SHIPPED):
        try:
            vectors = read(path)
        except DamagedVectorsError as error:
            return f"{path}: {error}"
        if vectors:
            return f"{path}: {len(vectors.digests)} vectors of {vectors.model.name}"
    return ""
