"""Turn the files of a fact base into a store: check every claim, take it apart, write it down.

A large base is read in batches, by as many processes as there are processors; what comes out is
the same whatever their number.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli import files, index, store
from afcli.base import BLOCK
from afcli.citations import rendered_freshly
from afcli.facts import Reader
from afcli.lexicon import stemmer_version
from afcli.model import statements
from afcli.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from afcli.errors import Problem
    from afcli.facts import Batch
    from afcli.model import Claim, Entity, Facts

_LARGE = 8 * 1024 * 1024


class _Segment(NamedTuple):
    """Up to index.SEGMENT claims taken apart."""

    claims: int
    blocks: list[bytes]
    pieces: dict[str, bytes]
    ids: list[str]
    words: set[str]
    dates: dict[str, tuple[str | None, str | None]]
    stands_on: set[str]
    """The ids of the sentences that the claims stand on."""
    places: list[tuple[Path, int]]
    problems: list[Problem]


def compile_facts(
    directory: Path, digest: str, path: Path | None, progress: Callable[[int, int], None]
) -> store.Chunks:
    """Write the facts in *directory*, whose content has *digest*, to a new file, or return them as chunks.

    Raises FactsError with every problem of every file, OSError where the file cannot be
    written.
    """
    maker = _Maker(directory)
    facts = maker.facts
    writer = store.Writer(path)
    segments: list[_Segment] = []
    pieces: dict[str, bytearray] = defaultdict(bytearray)
    words: set[str] = set()
    try:
        writer.run("claims", _claim_blocks(maker, segments, pieces, words, progress))
        reader = maker.reader
        reader.problems += [p for s in segments for p in s.problems]
        reader.places = [place for s in segments for place in s.places]
        reader.settle(id_ for s in segments[:-1] for id_ in s.ids)
        writer.run("front", [_json(_front(facts, segments))])
        writer.run("coverage", [_json(_coverage(facts, segments))])
        writer.dictionary("ids", _ids(segments))
        writer.dictionary("entities", _entities(facts.entities.values()))
        writer.dictionary("names", _names(facts.entities.values()))
        writer.dictionary("stems", _stems(maker.analyser.names))
        shelves = _words(words | maker.analyser.vocabulary())
        writer.dictionary("words", shelves)
        writer.dictionary("terms", pieces)
        for path_ in sorted((directory / "citations").glob("*.json")):
            try:
                rendered = files.content(path_)
            except OSError:
                continue
            if rendered_freshly((*facts.bibliography, facts.article), path_.stem, rendered):
                writer.run(f"citations/{path_.stem}", [rendered])
        writer.finish(
            {
                "format": store.FORMAT,
                "digest": digest,
                "stemmer": stemmer_version(),
                "letters": "".join(sorted(shelves)),
                "segments": [s.claims for s in segments],
                "blocks": list(itertools.accumulate((len(s.blocks) for s in segments), initial=0)),
            }
        )
    except BaseException:
        writer.abandon()
        raise
    return writer.chunks


class _Maker:
    """Takes batches of claims apart; every process has one."""

    def __init__(self, directory: Path) -> None:
        self.reader = Reader(directory)
        self.facts = self.reader.front()
        self.numbers = {section.id: n for n, section in enumerate(self.facts.sections)}
        self.analyser = index.Analyser(self.facts.entities.values())

    def segment(self, number: int, claims: Sequence[Claim]) -> _Segment:
        """Return *claims* as the segment with the given number, with all problems until now."""
        levels: dict[str, dict[int, list[int]]] = defaultdict(dict)
        together: dict[str, list[Claim]] = defaultdict(list)
        for claim in claims:
            together[claim.at[0]].append(claim)
        for place, claim in enumerate(claims):
            beside = [other for other in together[claim.at[0]] if other is not claim]
            terms = self.analyser.levels(claim, beside)
            terms.update(dict.fromkeys(index.filter_terms(claim), 0))
            for term, level in terms.items():
                levels[term].setdefault(level, []).append(place)
        places, self.reader.places = self.reader.places, []
        problems, self.reader.problems = self.reader.problems, []
        return _Segment(
            len(claims),
            [_json([self._row(c) for c in claims[n : n + BLOCK]]) for n in range(0, len(claims), BLOCK)],
            {term: index.encode(number, held) for term, held in levels.items()},
            [claim.id for claim in claims],
            self.analyser.vocabulary(),
            {f"{c.date} {c.date_basis}": (c.interval.start, c.interval.end) for c in claims},
            {place for claim in claims for place in claim.at},
            places,
            problems,
        )

    def _row(self, claim: Claim) -> list[Any]:
        return [
            claim.id,
            claim.text,
            claim.kind,
            [e.id for e in claim.actors],
            [e.id for e in claim.countries],
            [e.id for e in claim.regions],
            claim.date,
            claim.interval.start,
            claim.interval.end,
            claim.date_basis,
            claim.source.key,
            claim.basis,
            claim.at,
            self.numbers[claim.section.id],
            [e.id for e in claim.said_by],
            claim.note,
        ]


def _claim_blocks(
    maker: _Maker,
    segments: list[_Segment],
    pieces: dict[str, bytearray],
    words: set[str],
    progress: Callable[[int, int], None],
) -> Iterator[bytes]:
    """Yield the chunks of all claims, then of the bibliography; fill *segments*, *pieces* and *words*."""
    for segment in _segments(maker, progress):
        for term, piece in segment.pieces.items():
            pieces[term] += piece
        yield from segment.blocks
        words |= segment.words
        segments.append(segment._replace(blocks=[b""] * len(segment.blocks), pieces={}, words=set()))


def _segments(maker: _Maker, progress: Callable[[int, int], None]) -> Iterator[_Segment]:
    """Yield the files of YAML together, then every batch of JSON Lines, then the bibliography."""
    written = maker.reader.written()
    starts = range(0, len(written), index.SEGMENT)
    number = 0
    for start in starts:
        yield maker.segment(number, written[start : start + index.SEGMENT])
        number += 1
    total = sum(path.stat().st_size for path in (maker.reader.directory / "claims").glob("*.jsonl"))
    done = 0
    for batch, segment in _each(maker, number, parallel=total > _LARGE):
        yield segment
        number += 1
        done += sum(map(len, batch.lines))
        progress(done, total)
    yield maker.segment(number, maker.facts.references)


def _each(maker: _Maker, number: int, *, parallel: bool) -> Iterator[tuple[Batch, _Segment]]:
    """Yield every batch with its segment, numbered from *number*, in order."""
    batches = enumerate(maker.reader.batches(index.SEGMENT), number)
    processors = os.cpu_count() or 1
    if not parallel or processors < 2:
        yield from ((batch, maker.segment(n, maker.reader.claims(batch))) for n, batch in batches)
        return
    busy: deque[tuple[Batch, _Worker]] = deque()
    try:
        for n, batch in batches:
            done = None
            # No more batches in memory than can be worked on.
            if len(busy) < processors:
                worker = _Worker(maker.reader.directory)
            else:
                ready, worker = busy[0]
                done = ready, worker.answer()
                busy.popleft()
            busy.append((batch, worker))
            worker.ask(n, batch)
            if done:
                yield done
        for ready, worker in busy:
            yield ready, worker.answer()
    finally:
        for _, worker in busy:
            worker.end()


class _Worker:
    """A process that takes batches apart, one at a time.

    Not one of ProcessPoolExecutor's: where memory is short its thread dies, and who asked waits for ever.
    """

    def __init__(self, directory: Path) -> None:
        import multiprocessing

        # Nobody else has the other end of the pipe: it closes when either process ends, however that is.
        self.connection, other = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=_serve, args=(other, directory), daemon=True)
        try:
            self.process.start()
        except OSError as error:
            raise MemoryError(f"no process can be started: {error}") from None
        other.close()

    def ask(self, number: int, batch: Batch) -> None:
        try:
            self.connection.send((number, batch))
        except OSError:
            raise MemoryError("a process that compiles the facts ended") from None

    def answer(self) -> _Segment:
        try:
            found: _Segment | Exception = self.connection.recv()
        except (EOFError, OSError):
            raise MemoryError("a process that compiles the facts ended") from None
        if isinstance(found, Exception):
            raise found
        return found

    def end(self) -> None:
        self.process.kill()
        self.process.join()


def _serve(connection: Connection, directory: Path) -> None:
    """Answer batches with their segments, or what went wrong, until the other end is closed."""
    # Whoever reads them is gone, interrupted, or told by the end of this process.
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt, MemoryError):
        try:
            try:
                _start(directory)
            except RuntimeError:  # no thread can be started
                return
            while True:
                connection.send(_work(*connection.recv()))
        except (EOFError, OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001  # raised again where it is received
            connection.send(error)


_maker: _Maker


def _start(directory: Path) -> None:
    global _maker  # noqa: PLW0603  # one for each worker process
    import signal
    import threading

    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _maker = _Maker(directory)
    _maker.reader.problems.clear()  # the first process reports them


def _end_with_parent() -> None:
    """End this worker once its parent is gone, however that ended: it would wait for work for ever."""
    from multiprocessing import parent_process

    if parent := parent_process():
        parent.join()
        os._exit(1)


def _work(number: int, batch: Batch) -> _Segment:
    return _maker.segment(number, _maker.reader.claims(batch))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _front(facts: Facts, segments: Iterable[_Segment]) -> dict[str, Any]:
    return {
        "article": facts.article.item,
        "bibliography": [source.item for source in facts.bibliography],
        "sections": [[s.id, s.title, s.blocks] for s in facts.sections],
        "dates": {date: days for segment in segments for date, days in segment.dates.items()},
    }


def _coverage(facts: Facts, segments: Iterable[_Segment]) -> list[int]:
    """Return how many sentences must have a claim, and how many of them have one."""
    wanted = set(statements(facts.sections))
    return [len(wanted), len(wanted.intersection(set[str]().union(*(s.stands_on for s in segments))))]


def _ids(segments: Sequence[_Segment]) -> dict[str, bytes]:
    return {
        id_: str(number * index.SEGMENT + place).encode()
        for number, segment in enumerate(segments)
        for place, id_ in enumerate(segment.ids)
    }


def _entities(entities: Iterable[Entity]) -> dict[str, bytes]:
    return {
        e.id: _json([n, e.id, e.name, e.type, e.aliases, e.role, e.country, e.members, e.note])
        for n, e in enumerate(entities)
    }


def _names(entities: Iterable[Entity]) -> dict[str, bytes]:
    """Return the ids of the entities that bear each folded name, in the order of the file."""
    bearers: dict[str, dict[str, None]] = defaultdict(dict)
    for entity in entities:
        for name in entity.names:
            bearers[fold(name)][entity.id] = None
    return {name: _json(list(ids)) for name, ids in bearers.items()}


def _stems(names: dict[tuple[str, ...], set[str]]) -> dict[str, bytes]:
    """Return for each stem the names that hold it, as stems, with the entities that bear them."""
    holders: dict[str, list[Any]] = defaultdict(list)
    for name, ids in names.items():
        for word in dict.fromkeys(name):
            holders[word].append([name, sorted(ids)])
    return {word: _json(held) for word, held in holders.items()}


def _words(vocabulary: Iterable[str]) -> dict[str, bytes]:
    """Return for each first letter the words of each length, sorted, with line breaks around each."""
    shelves: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for word in sorted(vocabulary):
        shelves[word[0]][len(word)].append(word)
    return {
        first: _json({length: "\n".join(("", *words, "")) for length, words in sorted(lengths.items())})
        for first, lengths in shelves.items()
    }
