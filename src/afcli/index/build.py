"""Build the index: check the claims of a fact base, split them into terms, write the tables.

Large bases are read in batches, by one process per processor; the tables do not depend on how many there are.
"""

from __future__ import annotations

import contextlib
import json
import os
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from functools import lru_cache, partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli.csl import bibliography_entry
from afcli.dates import edtf_interval
from afcli.fact_base import STATEMENTS
from afcli.files.load import Reader
from afcli.index.base import FORMAT
from afcli.index.tables import Writer
from afcli.index.terms import LEVELS, Analyser
from afcli.model import LIFE, Claim, Interval
from afcli.sounds import skeleton, sound
from afcli.text import fold, stemmer_version, stems
from afcli.word_frequency import frequencies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from afcli.fact_base import FactBase
    from afcli.files.load import Batch
    from afcli.model import Entity, Section, Source
    from afcli.problems import Problem

_BATCH = 16_384
_CROWD = 100
"""Where more claims come from one sentence, they tell nothing of each other."""
_LARGE = 8 * 1024 * 1024
"""Size of JSON Lines in bytes from which several processes read them."""


class Numbers(defaultdict[Any, "array[int]"]):
    """The numbers of claims, ascending, under each key."""

    def __init__(self) -> None:
        """Begin without any."""
        super().__init__(partial(array, "I"))

    def add(self, others: Numbers | _Packed) -> None:
        """Add the numbers of claims that come after all of these."""
        for key, numbers in others.items():
            self[key] += numbers

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process as three objects, not one for each key."""
        return _Packed, (list(self), array("I", map(len, self.values())), b"".join(self.values()))


class _Packed(NamedTuple):
    """The same as it comes from another process."""

    keys: list[Any]
    counts: array[int]
    numbers: bytes

    def items(self) -> Iterator[tuple[Any, array[int]]]:
        """Yield each key with its numbers."""
        numbers, start = array("I", self.numbers), 0
        for key, count in zip(self.keys, self.counts, strict=True):
            yield key, numbers[start : start + count]
            start += count


@dataclass
class Part:
    """Some claims split into terms."""

    ids: list[str] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    """The stem of each."""
    postings: tuple[Numbers, ...] = field(default_factory=lambda: tuple(Numbers() for _ in LEVELS))
    """By level and term."""
    tags: Numbers = field(default_factory=Numbers)
    """By field and value."""
    dates: Numbers = field(default_factory=Numbers)
    """By EDTF, basis, first and last day."""
    sentences: Numbers = field(default_factory=Numbers)
    origins: list[tuple[Path, int]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, other: Part) -> None:
        """Add the claims of *other*, which come after those already here, without their rows."""
        for ours, theirs in zip(self.postings, other.postings, strict=True):
            ours.add(theirs)
        self.tags.add(other.tags)
        self.dates.add(other.dates)
        self.sentences.add(other.sentences)
        self.ids += other.ids
        self.words |= other.words
        self.origins += other.origins
        self.problems += other.problems


def build(directory: Path, digest: str, path: Path | None, progress: Callable[[int, int], None]) -> Writer:
    """Write the tables of the facts in *directory*, whose content has *digest*, to a new file or to memory.

    *progress* is called with the bytes of JSON Lines done and the total. Raises FactsError with every
    problem of every file, OSError if the file cannot be written.
    """
    analyst = _Analyst(directory)
    writer = Writer(path)
    try:
        whole = Part()
        count = 0
        texts = blake2b(digest_size=16)
        for part in _parts(analyst, progress):
            # The bibliography comes last and is not counted.
            count = len(whole.ids)
            writer.insert("claims", part.rows)
            for _, _, text, *_ in part.rows:
                texts.update(f"{text}\0".encode("utf-8", "replace"))
            whole.add(part)
        analyst.reader.problems += whole.problems
        analyst.reader.origins = whole.origins
        analyst.reader.settle(whole.ids[:count])
        unread = sum(len(numbers) for (field, _), numbers in whole.tags.items() if field == "status")
        about = {"format": FORMAT, "digest": digest, "stemmer": stemmer_version(), "texts": texts.hexdigest()}
        writer.insert(
            "about", [*about.items(), ("claims", count), ("records", len(whole.ids)), ("unread", unread)]
        )
        _write_article(writer, analyst.facts, whole.sentences)
        _write_names(writer, list(analyst.facts.entities.values()))
        _write_words(writer, whole)
        tags, dates = sorted(whole.tags.items()), whole.dates.items()
        writer.insert("tags", ((*key, bisect_left(n, count), _array(n)) for key, n in tags))
        writer.insert("dates", ((*key, bisect_left(n, count), _array(n)) for key, n in dates))
        writer.finish()
    except BaseException:
        writer.close()
        raise
    return writer


def _write_article(writer: Writer, facts: FactBase, claims: Numbers) -> None:
    """Write sections, sentences, each with its *claims*, and sources."""
    sections = list(enumerate(facts.sections))
    writer.insert("sections", [(n, section.id, section.title) for n, section in sections])
    sentences = (
        (f"{block}.{position}", block, position, kind, n, kind in STATEMENTS)
        for n, section in sections
        for block, (kind, count) in section.blocks.items()
        for position in range(1, count + 1)
    )
    writer.insert("sentences", ((*row, _array(claims.get(row[0], ()))) for row in sentences))
    sources = enumerate(facts.sources)
    writer.insert("sources", [(n, s.key, s.number, s.label, _json(s.item)) for n, s in sources])


def _write_names(writer: Writer, entities: Sequence[Entity]) -> None:
    rows = (
        (n, e.id, e.name, e.type, _json(e.aliases), e.role, e.country, _json(e.members), e.note)
        for n, e in enumerate(entities)
    )
    writer.insert("entities", rows)
    names = [(fold(name), stems(name), entity.id) for entity in entities for name in entity.names]
    writer.insert("names", ((n, name, " ".join(key), id_) for n, (name, key, id_) in enumerate(names)))
    writer.insert("name_stems", sorted({(word, n) for n, (_, key, _) in enumerate(names) for word in key}))


def _write_words(writer: Writer, whole: Part) -> None:
    in_claims: dict[str, int] = defaultdict(int)
    for by_term in whole.postings:
        for term, numbers in by_term.items():
            in_claims[term] += len(numbers)
    common = frequencies()
    writer.insert("words", (_word(*pair, in_claims, common) for pair in sorted(whole.words.items())))
    levels = [(level, by_term) for level, by_term in zip(LEVELS, whole.postings, strict=True) if by_term]
    levels.sort(key=lambda pair: (-pair[0][1], pair[0][0]))
    rows = (
        (term, *level, len(by_term[term]), by_term[term])
        for term in sorted(in_claims)
        for level, by_term in levels
        if term in by_term
    )
    writer.insert("postings", ((n, *row) for n, row in enumerate(rows)))


def _word(word: str, term: str, in_claims: Mapping[str, int], common: Mapping[str, float]) -> tuple[Any, ...]:
    heard = sound(word) if len(word) > 3 and word.isascii() and word.isalpha() else None
    return (
        word,
        len(word),
        term,
        in_claims.get(term, 0),
        common.get(term, 0),
        heard,
        heard and skeleton(heard),
    )


class _Analyst:
    """Reads claims and splits them into terms; every process has one."""

    def __init__(self, directory: Path) -> None:
        self.reader = Reader(directory)
        self.facts = self.reader.front()
        self.sections = {section.id: n for n, section in enumerate(self.facts.sections)}
        self.analyser = Analyser(self.facts.entities.values())

    def part(self, claims: Sequence[Claim], first: int) -> Part:
        """Return *claims* split into terms and numbered from *first*, with the problems so far."""
        part = Part([claim.id for claim in claims])
        part.origins, self.reader.origins = self.reader.origins, []
        part.problems, self.reader.problems = self.reader.problems, []
        texts = [self.analyser.analyse(claim.text) for claim in claims]
        of_sentence = Counter(claim.at[0] for claim in claims)
        beside: dict[str, tuple[str, ...]] = defaultdict(tuple)
        for claim, text in zip(claims, texts, strict=True):
            if not claim.status and of_sentence[claim.at[0]] <= _CROWD:
                beside[claim.at[0]] += text.words + text.named
        postings = part.postings
        for number, (claim, text) in enumerate(zip(claims, texts, strict=True), first):
            part.rows.append((number, *self._row(claim)))
            for term, level in self.analyser.levels(claim, text, beside[claim.at[0]]).items():
                postings[level][term].append(number)
            for tag in _tags(claim):
                part.tags[tag].append(number)
            part.dates[claim.date, claim.date_basis, *claim.interval].append(number)
            for sentence in () if claim.status else claim.at:
                part.sentences[sentence].append(number)
        part.words = self.analyser.new_words()
        return part

    def _row(self, claim: Claim) -> tuple[Any, ...]:
        return (
            claim.id,
            claim.text,
            claim.kind,
            _ids(claim.actors),
            _ids(claim.countries),
            _ids(claim.regions),
            claim.date,
            *claim.interval,
            claim.date_basis,
            claim.source.key,
            claim.basis,
            _json(claim.at),
            self.sections[claim.section.id],
            _ids(claim.said_by),
            claim.note,
            _json(life) if (life := {f: value for f in LIFE if (value := getattr(claim, f))}) else None,
        )


@lru_cache(maxsize=10_000)
def _ids(entities: tuple[Entity, ...]) -> str:
    return _json([entity.id for entity in entities])


def _tags(claim: Claim) -> set[tuple[str, str]]:
    """Return the values for filtering *claim*, each with its field."""
    return {
        *(("country", country.id) for country in claim.countries),
        *(("region", region.id) for region in claim.regions),
        *(("actor", actor.id) for actor in (*claim.actors, *claim.said_by)),
        ("source", claim.source.key),
        ("section", claim.section.id),
        ("kind", claim.kind),
        ("basis", claim.basis),
        *([("status", claim.status)] if claim.status else ()),
    }


def _parts(analyst: _Analyst, progress: Callable[[int, int], None]) -> Iterator[Part]:
    """Yield the claims of the YAML files, then each batch of JSON Lines, then the bibliography."""
    written = analyst.reader.written()
    yield analyst.part(written, 0)
    total = sum(map(_size, (analyst.reader.directory / "claims").glob("*.jsonl")))
    done, count = 0, len(written)
    for batch, part in _batches(analyst, count, parallel=total > _LARGE):
        yield part
        done += sum(map(len, batch.lines))
        count += batch.claim_count
        progress(done, total)
    yield analyst.part(list(_references(analyst.facts)), count)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # Whoever reads it says what is wrong.
        return 0


def _batches(analyst: _Analyst, first: int, *, parallel: bool) -> Iterator[tuple[Batch, Part]]:
    """Yield each batch and its claims, numbered from *first*: each line is one, or nothing is built."""
    batches = analyst.reader.batches(_BATCH)
    processors = os.cpu_count() or 1
    if not parallel or processors < 2:
        for batch in batches:
            yield batch, _work(analyst, batch, first)
            first += batch.claim_count
        return
    busy: deque[tuple[Batch, _Worker]] = deque()
    try:
        for batch in batches:
            done = None
            # Keep no more batches in memory than the processes can work on.
            if len(busy) < processors:
                worker = _Worker(analyst.reader.directory)
            else:
                ready, worker = busy[0]
                done = ready, worker.answer()
                busy.popleft()
            busy.append((batch, worker))
            worker.ask(batch, first)
            first += batch.claim_count
            if done:
                yield done
        for ready, worker in busy:
            yield ready, worker.answer()
    finally:
        for _, worker in busy:
            worker.end()


class _Worker:
    """A process that splits batches into terms, one at a time.

    Not a ProcessPoolExecutor: if memory is short, its thread dies and the caller waits for ever.
    """

    def __init__(self, directory: Path) -> None:
        import multiprocessing

        # Nobody else has the other end of the pipe: it closes when either process ends, however that happens.
        self.connection, other = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=_serve, args=(other, directory), daemon=True)
        try:
            self.process.start()
        except OSError as error:
            raise MemoryError(f"no process can be started: {error}") from None
        other.close()

    def ask(self, batch: Batch, first: int) -> None:
        try:
            self.connection.send((batch, first))
        except OSError:
            raise MemoryError("a process that builds the index ended") from None

    def answer(self) -> Part:
        try:
            found: Part | Exception = self.connection.recv()
        except (EOFError, OSError):
            raise MemoryError("a process that builds the index ended") from None
        if isinstance(found, Exception):
            raise found
        return found

    def end(self) -> None:
        self.process.kill()
        self.process.join()


def _serve(connection: Connection, directory: Path) -> None:
    """Answer batches with their segments, or the error, until the other end closes."""
    # The reader is gone, interrupted, or notices when this process ends.
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt, MemoryError):
        try:
            try:
                analyst = _start(directory)
            except RuntimeError:  # no thread can be started
                return
            while True:
                connection.send(_work(analyst, *connection.recv()))
        except (EOFError, OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001  # raised again where it is received
            connection.send(error)


def _start(directory: Path) -> _Analyst:
    import signal
    import threading

    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    analyst = _Analyst(directory)
    analyst.reader.problems.clear()  # the first process reports them
    return analyst


def _end_with_parent() -> None:
    """End this worker once its parent is gone, however that ended: it would wait for work for ever."""
    from multiprocessing import parent_process

    if parent := parent_process():
        parent.join()
        os._exit(1)


def _work(analyst: _Analyst, batch: Batch, first: int) -> Part:
    return analyst.part(analyst.reader.claims(batch), first)


def _references(facts: FactBase) -> Iterator[Claim]:
    """Yield each bibliography entry in the form of a claim, so that it can be found."""
    sections = {block: section for section in facts.sections for block in section.blocks}
    for source in facts.bibliography:
        # An unknown block or an invalid date is reported once everything is read.
        if section := sections.get(source.custom.get("at", "").partition(".")[0]):
            with contextlib.suppress(ValueError):
                yield _reference(source, section)


def _reference(source: Source, section: Section) -> Claim:
    issued = str(source.item.get("issued", ""))
    titles = (source.custom.get(name, "") for name in ("english-title", "short-title", "printed-title"))
    return Claim(
        id=source.key,
        text=bibliography_entry(source),
        kind="reference",
        actors=(),
        countries=(),
        regions=(),
        date=issued,
        interval=edtf_interval(issued) if issued else Interval(None, None),
        date_basis="stated" if issued else "writing",
        source=source,
        basis="explicit",
        at=(source.custom["at"],),
        section=section,
        note=" ".join(source.custom.get("notes", ())),
        terms=tuple(filter(None, titles)),
    )


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _array(numbers: Iterable[int]) -> str:
    return f"[{','.join(map(str, numbers))}]"
