"""Read the files of a fact base, check them against each other, and return `Facts`."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli import documents, files, journal
from afcli.cite import bibliography_entry
from afcli.dates import Interval, edtf_interval
from afcli.errors import FactsError, Problem
from afcli.model import Claim, Entity, Facts, Section, Source
from afcli.schema import violations
from afcli.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from afcli.documents import Document, Pointer

MAX_SENTENCES = 2_000_000
"""Of an article, so that a few bytes of outline cannot fill the memory."""
_SENTENCE = re.compile(rb'"at"\s*:\s*\[\s*"([^"]*)"')


def load(directory: Path) -> Facts:
    """Read and check the whole fact base in *directory*.

    Raises FactsError with every problem of every file.
    """
    journal.finish(directory)
    reader = Reader(directory)
    front = reader.front()
    claims = [*reader.written(), *(c for batch in reader.batches() for c in reader.claims(batch))]
    reader.settle(claim.id for claim in claims)
    lines = {("claim", claim.id): place for claim, place in zip(claims, reader.places, strict=True)}
    return front._replace(claims=tuple(claims), lines=reader.lines | lines)


class Batch(NamedTuple):
    """Some lines of one file of JSON Lines, a claim each."""

    path: Path
    first: int
    """The number of the first line."""
    lines: list[bytes]


class Reader:
    """One pass over the files; problems gather in one list until they are settled."""

    def __init__(self, directory: Path) -> None:
        """Read nothing yet."""
        self.directory = directory
        self.problems: list[Problem] = []
        self.entities: dict[str, Entity] = {}
        self.sources: dict[str, Source] = {}
        self.sections: dict[str, Section] = {}
        self.kinds: dict[str, tuple[Section, str, int]] = {}
        self.places: list[tuple[Path, int]] = []
        """Where each claim that was read stands: file and line."""
        self.lines: dict[tuple[str, str], tuple[Path, int]] = {}
        """Where each source and entity stands."""
        self.digests: dict[str, str] = {}
        self.read: set[str] = set()
        """Which files could be read: what they do not hold is unknown."""

    def front(self) -> Facts:
        """Return everything but the claims, as far as it can be read."""
        article = self._article()
        bibliography = self._bibliography()
        self._entities()
        # Where a file could not be read, what it would have defined is not "unknown".
        if article and bibliography is not None:
            self.sources = {"article": article} | {str(s.number): s for s in bibliography}
        references = (
            _reference(s, self.kinds[s.custom["at"].split(".")[0]][0])
            for s in bibliography or ()
            if not self.problems and "at" in s.custom
        )
        return Facts(
            directory=self.directory,
            article=article or Source("article", None, {}),
            sections=tuple(self.sections.values()),
            bibliography=tuple(bibliography or ()),
            entities=self.entities,
            claims=(),
            references=tuple(references),
            digests=self.digests,
        )

    def written(self) -> list[Claim]:
        """Return the sound claims of all files of YAML, in order of their names."""
        before = len(self.problems)
        paths = self._paths(".yaml")
        if not paths and not self._paths(".jsonl") and len(self.problems) == before:
            message = "there are no claims/*.yaml or claims/*.jsonl here"
            self.problems.append(Problem(self.directory, 1, message, "write at least one file of claims"))
        entries = (
            (document, ("claims", place), entry)
            for path in paths
            if (document := self._read(path, "claims"))
            for place, entry in enumerate(document.data["claims"])
        )
        return self._sound(entries)

    def _paths(self, ending: str) -> list[Path]:
        """Return the files of claims whose names end so, in order of their names."""
        folder = self.directory / "claims"
        try:
            return sorted(path for path in folder.iterdir() if path.name.endswith(ending))
        except FileNotFoundError:
            return []
        except OSError as error:
            self.problems.append(documents.unreadable(folder, error))
            return []

    def batches(self, size: int = 65_536) -> Iterator[Batch]:
        """Yield the lines of all files of JSON Lines, in order of their names, up to *size* at once.

        A batch ends between two sentences of the article where it can.
        """
        for path in self._paths(".jsonl"):
            yield from self._pieces(path, size)

    def claims(self, batch: Batch) -> list[Claim]:
        """Return the sound claims of *batch*."""
        documents_ = (
            documents.read_line(batch.path, n, line) for n, line in enumerate(batch.lines, batch.first)
        )
        return self._sound((d, (), d.data) for d in documents_ if d and not self._flawed(d, "claim"))

    def _sound(self, entries: Iterable[tuple[Document, Pointer, dict[str, Any]]]) -> list[Claim]:
        """Return the claims without a problem; note where they stand, and what is wrong with the others."""
        found = []
        for document, pointer, entry in entries:
            if claim := self._claim(document, pointer, entry):
                self.places.append((document.path, document.line((*pointer, "id"))))
                found.append(claim)
        return found

    def _pieces(self, path: Path, size: int) -> Iterator[Batch]:
        first = 1
        held: list[bytes] = []
        try:
            with files.opened(path) as lines:
                while True:
                    held += itertools.islice(lines, size - len(held))
                    if len(held) < size:
                        break
                    cut = next(
                        (
                            n
                            for n in range(size - 1, 0, -1)
                            if _sentence_of(held[n]) != _sentence_of(held[n - 1])
                        ),
                        size,
                    )
                    yield Batch(path, first, held[:cut])
                    first += cut
                    held = held[cut:]
        except OSError as error:
            self.problems.append(documents.unreadable(path, error))
        if held:
            yield Batch(path, first, held)

    def settle(self, ids: Iterable[str]) -> None:
        """Raise every problem so far; the *ids* of all claims, as they were read, must differ."""
        first: dict[str, int] = {}
        for number, id_ in enumerate(ids):
            other = first.setdefault(id_, number)
            if other != number:
                path, line = self.places[number]
                there, there_line = self.places[other]
                message = f"the id {id_!r} stands twice, first in {there.name}:{there_line}"
                self.problems.append(Problem(path, line, message, "give the newer claim a new id"))
        if self.problems:
            raise FactsError(self.problems)

    def _read(self, path: Path, schema: str) -> Document | None:
        """Return the document, or None where it cannot be used at all."""
        try:
            document = documents.read(path)
        except FactsError as error:
            self.problems += error.problems
            return None
        if self._flawed(document, schema):
            return None
        self.read.add(schema)
        return document

    def _flawed(self, document: Document, schema: str) -> bool:
        # A line of JSON that cannot be read has no data to look at.
        unread = document.data is None and document.problems
        found = [*document.problems, *(() if unread else violations(document, schema))]
        self.problems += found
        return bool(found)

    def _article(self) -> Source | None:
        document = self._read(self.directory / "article.yaml", "article")
        if document is None:
            return None
        for number, part in enumerate(document.data["outline"]):
            pointer: Pointer = ("outline", number)
            section = Section(part["id"], part["title"], {})
            self._unique(document, (*pointer, "id"), part["id"], self.sections, section)
            for place, block in enumerate(part["blocks"]):
                entry = (section, block["kind"], int(block["sentences"]))
                self._unique(document, (*pointer, "blocks", place), block["block"], self.kinds, entry)
                section.blocks[block["block"]] = (block["kind"], int(block["sentences"]))
        if sum(sentences for _, _, sentences in self.kinds.values()) > MAX_SENTENCES:
            message = f"the outline has more than {MAX_SENTENCES:,} sentences"
            self.problems.append(document.problem(("outline",), message, "make several fact bases of it"))
        self.digests = document.data.get("digests", {})
        for id_ in self.digests:
            self._sentence(document, ("digests", id_), id_)
        item = document.data["article"]
        self._csl_dates(document, ("article",), item)
        return Source(item["id"], None, item)

    def _bibliography(self) -> list[Source] | None:
        document = self._read(self.directory / "bibliography.yaml", "bibliography")
        if document is None:
            return None
        numbers: dict[str, int] = {}
        keys: dict[str, Source] = {}
        for place, item in enumerate(document.data["references"]):
            pointer: Pointer = ("references", place)
            custom = item["custom"]
            source = Source(item["id"], int(custom["number"]), item)
            self._unique(document, (*pointer, "id"), item["id"], keys, source)
            self.lines["source", source.key] = (document.path, document.line((*pointer, "id")))
            self._unique(document, (*pointer, "custom", "number"), str(source.number), numbers, place)
            self._csl_dates(document, pointer, item)
            if "at" in custom:
                self._sentence(document, (*pointer, "custom", "at"), custom["at"])
        return list(keys.values())

    def _csl_dates(self, document: Document, pointer: Pointer, item: dict[str, Any]) -> None:
        for variable in ("issued", "accessed", "original-date", "event-date", "submitted", "available-date"):
            if variable in item:
                self._interval(document, (*pointer, variable), item[variable])

    def _entities(self) -> None:
        document = self._read(self.directory / "entities.yaml", "entities")
        if document is None:
            return
        for group, type_ in (
            ("countries", "country"),
            ("regions", "region"),
            ("actors", ""),
            ("places", "place"),
            ("topics", "topic"),
        ):
            for place, entry in enumerate(document.data.get(group, [])):
                entity = _entity(entry, type_)
                key = "code" if group == "countries" else "id"
                self._unique(document, (group, place, key), entity.id, self.entities, entity)
                self.lines["entity", entity.id] = (document.path, document.line((group, place, key)))
        self._references_within(document)
        self._shared_names(document)

    def _references_within(self, document: Document) -> None:
        for group, field in (("regions", "members"), ("actors", "country"), ("places", "country")):
            for place, entry in enumerate(document.data.get(group, [])):
                named = entry.get(field, [])
                for number, id_ in enumerate([named] if isinstance(named, str) else named):
                    pointer = (
                        (group, place, field) if isinstance(named, str) else (group, place, field, number)
                    )
                    self._entity_of(document, pointer, id_, ("country", "region"), "country or region")

    def _shared_names(self, document: Document) -> None:
        owner: dict[str, Entity] = {}
        lines = {
            e["code" if g == "countries" else "id"]: (g, n)
            for g in document.data
            for n, e in enumerate(document.data[g])
        }
        for entity in self.entities.values():
            for name in entity.names:
                other = owner.setdefault(fold(name), entity)
                if other is not entity:
                    message = f"the name {name!r} belongs to {other.id} as well"
                    self.problems.append(
                        document.problem(lines[entity.id], message, "give it to one of them")
                    )

    def _claim(self, document: Document, pointer: Pointer, entry: dict[str, Any]) -> Claim | None:
        """Return the claim with its names resolved, or None (and the problems) where one is unknown."""
        before = len(self.problems)

        def entities(field: str, types: tuple[str, ...], what: str) -> tuple[Entity, ...]:
            pairs = enumerate(entry.get(field, []))
            found = (self._entity_of(document, (*pointer, field, n), id_, types, what) for n, id_ in pairs)
            return tuple(e for e in found if e)

        actors = entities("actors", (), "actor")
        countries = entities("countries", ("country",), "country")
        regions = entities("regions", ("region",), "region")
        said_by = entities("said_by", (), "speaker")
        date, key = _written(entry["date"]), _written(entry["source"])
        source = self.sources.get(key)
        if source is None and self.sources:
            message = f"unknown source {key!r}"
            hint = "use a number of bibliography.yaml, or article"
            self.problems.append(document.problem((*pointer, "source"), message, hint))
        if key == "article" and entry["basis"] != "explicit":
            message = "basis: what only the article carries is explicit"
            self.problems.append(
                document.problem((*pointer, "basis"), message, "write explicit, or name a source")
            )
        interval = self._interval(document, (*pointer, "date"), date)
        sections = [self._sentence(document, (*pointer, "at", n), id_) for n, id_ in enumerate(entry["at"])]
        if len(self.problems) > before or source is None or interval is None or sections[0] is None:
            return None
        return Claim(
            id=entry["id"],
            text=entry["text"],
            kind=entry["kind"],
            actors=actors,
            countries=countries,
            regions=regions,
            date=date,
            interval=interval,
            date_basis=entry["date_basis"],
            source=source,
            basis=entry["basis"],
            at=tuple(entry["at"]),
            section=sections[0],
            said_by=said_by,
            note=entry.get("note", ""),
            asks=tuple(entry.get("asks", ())),
            terms=tuple(entry.get("terms", ())),
            explained=entry.get("explained", {}),
            status=entry.get("status", ""),
        )

    def _unique(
        self, document: Document, pointer: Pointer, key: str, known: dict[str, Any], value: Any
    ) -> None:
        if key in known:
            self.problems.append(
                document.problem(pointer, f"{key!r} stands twice", "keep one, or rename the other")
            )
        known.setdefault(key, value)

    def _entity_of(
        self, document: Document, pointer: Pointer, id_: str, types: tuple[str, ...], what: str
    ) -> Entity | None:
        entity = self.entities.get(id_)
        if entity and (not types or entity.type in types):
            return entity
        if "entities" in self.read:
            self.problems.append(
                document.problem(
                    pointer, f"unknown {what} {id_!r}", "add it to entities.yaml, or mend the id"
                )
            )
        return None

    def _sentence(self, document: Document, pointer: Pointer, id_: str) -> Section | None:
        block, _, position = id_.partition(".")
        if block in self.kinds and 1 <= int(position) <= self.kinds[block][2]:
            return self.kinds[block][0]
        if "article" in self.read:
            self.problems.append(
                document.problem(pointer, f"unknown sentence {id_!r}", "see the outline in article.yaml")
            )
        return None

    def _interval(self, document: Document, pointer: Pointer, text: str) -> Interval | None:
        try:
            return edtf_interval(text)
        except ValueError as error:
            self.problems.append(
                document.problem(pointer, str(error), "write 2021, 2021-08, 2021-08-25, 2008/2018 or 1979/..")
            )
            return None


def _written(value: str | float) -> str:
    """Return as text what JSON may write as a whole number, 1.0 among them."""
    return value if isinstance(value, str) else str(int(value))


def _sentence_of(line: bytes) -> bytes:
    """Return the first sentence that a line of JSON names, without reading the rest."""
    found = _SENTENCE.search(line)
    return found[1] if found else b""


def _reference(source: Source, section: Section) -> Claim:
    """Return an entry of the bibliography in the form of a claim, dated by its publication."""
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


def _entity(entry: dict[str, Any], type_: str) -> Entity:
    others: Callable[[str], Iterable[str]] = lambda field: entry.get(field, [])  # noqa: E731  # read like a field
    translations = [name for names in entry.get("names", {}).values() for name in names]
    capital = [entry["capital"]] if "capital" in entry else []
    aliases = dict.fromkeys([*others("demonyms"), *capital, *others("aliases"), *translations])
    return Entity(
        id=entry.get("id") or entry["code"],
        name=entry["name"],
        type=type_ or entry["type"],
        aliases=tuple(aliases),
        role=entry.get("role", ""),
        country=entry.get("country", ""),
        members=tuple(entry.get("members", ())),
        note=entry.get("note", ""),
    )
