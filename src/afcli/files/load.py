"""Read the files of a fact base, check them against each other, and return `FactBase`."""

from __future__ import annotations

import json
import os
import re
from itertools import chain
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli.csl import DATES
from afcli.dates import edtf_interval
from afcli.fact_base import FactBase
from afcli.files import digests, journal, safe_open, strict_yaml
from afcli.files.validate import violations
from afcli.model import Claim, Entity, Interval, Section, Source
from afcli.problems import FactsError, Problem
from afcli.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from afcli.files.strict_yaml import Document, Pointer

    Blocks = dict[str, Section]
    """The section of each block of the article."""
    _Kind = tuple[tuple[str, ...], str]

MAX_SENTENCES = 2_000_000
"""The maximum for an article, so that a few bytes of outline cannot fill the memory."""
_SENTENCE = re.compile(rb'"at"\s*:\s*\[\s*"([^"]*)"')
_GROUPS = {"countries": "country", "regions": "region", "actors": "", "places": "place", "topics": "topic"}
"""The type of the entities in each list of entities.yaml; each actor gives its own."""
_ID = {"countries": "code"}
"""What is called otherwise than `id` in a list."""

_AUTHORED = ("asks", "terms", "explained")
"""The fields of a claim that no lookup answers with."""

_KINDS: dict[str, _Kind] = {
    "actors": ((), "actor"),
    "countries": (("country",), "country"),
    "regions": (("region",), "region"),
    "said_by": ((), "speaker"),
}
"""The types that these fields of a claim allow (none means all), and what to call them."""
_AREA: _Kind = (("country", "region"), "country or region")


def load(directory: Path) -> FactBase:
    """Read and check the whole fact base in *directory*.

    Raises FactsError with every problem of every file.
    """
    journal.finish(directory)
    reader = Reader(directory)
    facts = reader.front()
    claims = [*reader.written(), *(claim for batch in reader.batches() for claim in reader.claims(batch))]
    known = reader.digests()
    reader.settle(claim.id for claim in claims)
    lines = {("claim", claim.id): origin for claim, origin in zip(claims, reader.origins, strict=True)}
    return facts._replace(claims=tuple(claims), digests=known, lines=reader.lines | lines)


class Batch(NamedTuple):
    """Some lines of one file of JSON Lines, one claim per line."""

    path: Path
    first: int
    """The number of the first line."""
    lines: list[bytes]

    @property
    def claim_count(self) -> int:
        """Return the number of claims if all are valid: lines that are not blank."""
        return sum(map(bool, map(bytes.strip, self.lines)))


class Reader:
    """One pass over the files of a fact base; it collects every problem and raises them only in `settle`."""

    def __init__(self, directory: Path) -> None:
        """Read nothing yet."""
        self.directory = directory
        self.problems: list[Problem] = []
        self.origins: list[tuple[Path, int]] = []
        """File and line of each claim read."""
        self.lines: dict[tuple[str, str], tuple[Path, int]] = {}
        """File and line of each source and entity, and of each entry of search fields, by the id of its claim."""
        # None if the file cannot be read: a name it would define is not "unknown".
        self._blocks: Blocks | None = None
        self._entities: dict[str, Entity] | None = None
        self._sources: dict[str, Source] | None = None
        self._search: dict[str, tuple[Document, Pointer, dict[str, Any]]] = {}
        """The search fields kept in files of their own, by claim."""
        self._article: Document | None = None
        """The file that held the digests in older versions."""

    def front(self, *, aids: bool = True) -> FactBase:
        """Return everything but the claims, as far as it can be read; without *aids*, no search fields are known."""
        article, sections, bibliography = Source("article", None, {}), list[Section](), list[Source]()
        if document := self._read(self.directory / "article.yaml", "article"):
            item = document.data["article"]
            _check_dates(document, ("article",), item)
            article = Source(item["id"], None, item)
            sections, self._blocks = _outline(document)
            self._article = document
        if document := self._read(self.directory / "bibliography.yaml", "bibliography"):
            bibliography = _bibliography(document, self._blocks)
            self._note_lines("source", document, "references")
            if self._blocks is not None:
                self._sources = {"article": article} | {str(source.number): source for source in bibliography}
        if document := self._read(self.directory / "entities.yaml", "entities"):
            self._entities = _entities(document)
            for group in _GROUPS:
                self._note_lines("entity", document, group)
        for path in self._paths("search", ".yaml") if aids else ():
            if document := self._read(path, "search"):
                self._take_search(document)
        return FactBase(
            directory=self.directory,
            article=article,
            sections=tuple(sections),
            bibliography=tuple(bibliography),
            entities=self._entities or {},
            claims=(),
        )

    def digests(self) -> dict[str, str]:
        """Return the digests of the sentences, by id; lookups do not need them."""
        path = self.directory / digests.NAME
        document = article = self._article
        if os.path.lexists(path):
            try:
                document = digests.parse(path, self.problems)
            except FactsError as error:
                self.problems += error.problems
            if article and "digests" in article.data:
                message = f"there are digests in {digests.NAME} too"
                article.report(("digests",), message, "delete those in one of the files")
        if not document:
            return {}
        known: dict[str, str] = document.data.get("digests", {})
        for id_ in known:
            _section_of(document, ("digests", id_), id_, self._blocks)
        return known

    def written(self) -> list[Claim]:
        """Return the valid claims of all YAML files, in order of file name."""
        before = len(self.problems)
        paths = self._paths("claims", ".yaml")
        if not paths and not self._paths("claims", ".jsonl") and len(self.problems) == before:
            message = "there are no claims/*.yaml or claims/*.jsonl here"
            self.problems.append(Problem(self.directory, 1, message, "write at least one file of claims"))
        return [
            claim
            for path in paths
            if (document := self._read(path, "claims"))
            for number, entry in enumerate(document.data["claims"])
            if (claim := self.claim(document, ("claims", number), entry))
        ]

    def batches(self, size: int = 65_536) -> Iterator[Batch]:
        """Yield the lines of all JSON Lines files, in order of file name, in batches of at least *size*.

        A batch ends between two sentences of the article, unless that would more than double it.
        """
        for path in self._paths("claims", ".jsonl"):
            first, lines = 1, list[bytes]()
            try:
                with safe_open.opened(path) as file:
                    for line in file:
                        if len(lines) >= size and (
                            len(lines) == 2 * size or _sentence_of(line) != _sentence_of(lines[-1])
                        ):
                            yield Batch(path, first, lines)
                            first, lines = first + len(lines), []
                        lines.append(line)
            except OSError as error:
                self.problems.append(strict_yaml.unreadable(path, error))
            if lines:
                yield Batch(path, first, lines)

    def claims(self, batch: Batch) -> list[Claim]:
        """Return the valid claims of *batch*."""
        claims = []
        for number, line in enumerate(batch.lines, batch.first):
            document = strict_yaml.read_line(batch.path, number, line, self.problems)
            if document and self._is_valid(document, "claim"):
                claims.append(self.claim(document, (), document.data))
        return [claim for claim in claims if claim]

    def authored(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the id of each claim, in order, and its fields that lookups do not need; the facts must be checked before."""
        self.front()
        files = (strict_yaml.read(path).data["claims"] for path in self._paths("claims", ".yaml"))
        lines = (json.loads(line) for batch in self.batches() for line in batch.lines if line.strip())
        for entry in chain(chain.from_iterable(files), lines):
            _, _, aids = self._search.get(entry["id"], (None, (), {}))
            yield entry["id"], {name: value for name in _AUTHORED if (value := (entry | aids).get(name))}

    def settle(self, ids: Iterable[str]) -> None:
        """Raise every problem so far; the *ids* of all claims, as read, must differ."""
        first: dict[str, int] = {}
        for number, id_ in enumerate(ids):
            other = first.setdefault(id_, number)
            if other != number:
                path, line = self.origins[number]
                there, there_line = self.origins[other]
                message = f"the id {id_!r} appears twice, first in {there.name}:{there_line}"
                self.problems.append(Problem(path, line, message, "give the newer claim a new id"))
        for id_ in sorted({source.key for source in (self._sources or {}).values()} & first.keys()):
            path, line = self.origins[first[id_]]
            message = f"the id {id_!r} is the key of a source too"
            self.problems.append(Problem(path, line, message, "give the claim another id"))
        for id_ in self._search.keys() - first.keys():
            document, pointer, _ = self._search[id_]
            line, hint = document.line((*pointer, "id")), "correct the id, or remove the entry"
            self.problems.append(Problem(document.path, line, f"there is no claim {id_!r}", hint))
        if self.problems:
            raise FactsError(self.problems)

    def _take_search(self, document: Document) -> None:
        """Record the search fields of each claim in one of their files."""
        for number, entry in enumerate(document.data["search"]):
            if entry["id"] in self._search:
                message = f"{entry['id']!r} appears twice among the search fields"
                document.report(("search", number, "id"), message, "join the two entries")
            self._search.setdefault(entry["id"], (document, ("search", number), entry))
        self._note_lines("search", document, "search")

    def _paths(self, name: str, ending: str) -> list[Path]:
        """Return the files in the folder *name* with this suffix, in order of name."""
        folder = self.directory / name
        try:
            return sorted(path for path in folder.iterdir() if path.name.endswith(ending))
        except FileNotFoundError:
            return []
        except OSError as error:
            self.problems.append(strict_yaml.unreadable(folder, error))
            return []

    def _read(self, path: Path, schema: str) -> Document | None:
        """Return the document, or None if it cannot be used at all."""
        before = len(self.problems)
        try:
            document = strict_yaml.read(path, self.problems)
        except FactsError as error:
            self.problems += error.problems
            return None
        return document if self._is_valid(document, schema) and len(self.problems) == before else None

    def _is_valid(self, document: Document, schema: str) -> bool:
        before = len(self.problems)
        self.problems += violations(document, schema)
        return len(self.problems) == before

    def _note_lines(self, kind: str, document: Document, group: str) -> None:
        key = _ID.get(group, "id")
        for number, entry in enumerate(document.data.get(group, ())):
            self.lines.setdefault((kind, entry[key]), (document.path, document.line((group, number, key))))

    def claim(self, document: Document, pointer: Pointer, entry: dict[str, Any]) -> Claim | None:
        """Return the claim with its names resolved, or None, reporting the problems, if one is unknown."""
        before = len(self.problems)
        key, date = _text(entry["source"]), _text(entry["date"])
        named = {
            field: _named(document, (*pointer, field), entry.get(field, ()), kind, self._entities)
            for field, kind in _KINDS.items()
        }
        source = (self._sources or {}).get(key)
        if source is None and self._sources:
            hint = "use a number of bibliography.yaml, or article"
            document.report((*pointer, "source"), f"unknown source {key!r}", hint)
        if key == "article" and entry["basis"] != "explicit":
            message = "basis: a claim of the article itself is always explicit"
            document.report((*pointer, "basis"), message, "write explicit, or name a source")
        interval = _interval(document, (*pointer, "date"), date)
        if entry.get("status") == "gone":
            section = _section_before(entry["at"][0], self._blocks or {})
        else:
            section, *_ = [
                _section_of(document, (*pointer, "at", number), id_, self._blocks)
                for number, id_ in enumerate(entry["at"])
            ]
        if len(self.problems) > before or not source or not interval or not section:
            return None
        self.origins.append((document.path, document.line((*pointer, "id"))))
        aids = self._aids(document, pointer, entry)
        tuples = {"at": entry["at"], "asks": aids.get("asks", ()), "terms": aids.get("terms", ())}
        resolved = {"date": date, "interval": interval, "source": source, "section": section}
        # The schema has already rejected all but the other fields of a claim.
        return Claim(**entry | named | resolved | {field: tuple(value) for field, value in tuples.items()})

    def record(self, record: dict[str, Any]) -> tuple[Claim | None, list[str]]:
        """Return the claim of one *record*, or None with what is wrong with it."""
        document = strict_yaml.Document(self.directory, record, problems=self.problems)
        claim = self.claim(document, (), record)
        wrong = [problem.advice for problem in self.problems]
        self.problems.clear()
        return claim, wrong

    def _aids(self, document: Document, pointer: Pointer, entry: dict[str, Any]) -> dict[str, Any]:
        """Return the record with a claim's search fields: the claim itself, or an entry beside it."""
        if entry["id"] not in self._search:
            return entry
        other, place, aids = self._search[entry["id"]]
        if any(entry.get(field, aids.get(field)) != aids.get(field) for field in ("asks", "terms")):
            message = f"{entry['id']} has search fields here and in {other.path.name}:{other.line(place)}"
            document.report((*pointer, "id"), message, "keep one of the two")
        return aids


def _outline(document: Document) -> tuple[list[Section], Blocks]:
    sections: dict[str, Section] = {}
    blocks: Blocks = {}
    for number, part in enumerate(document.data["outline"]):
        section = Section(part["id"], part["title"], {})
        _add(document, ("outline", number, "id"), sections, section.id, section)
        for position, block in enumerate(part["blocks"]):
            _add(document, ("outline", number, "blocks", position), blocks, block["block"], section)
            section.blocks[block["block"]] = (block["kind"], int(block["sentences"]))
    if sum(count for section in sections.values() for _, count in section.blocks.values()) > MAX_SENTENCES:
        message = f"the outline has more than {MAX_SENTENCES:,} sentences"
        document.report(("outline",), message, "split the fact base")
    return list(sections.values()), blocks


def _bibliography(document: Document, blocks: Blocks | None) -> list[Source]:
    numbers: dict[str, int] = {}
    sources: dict[str, Source] = {}
    for index, item in enumerate(document.data["references"]):
        pointer: Pointer = ("references", index)
        source = Source(item["id"], int(item["custom"]["number"]), item)
        _add(document, (*pointer, "id"), sources, source.key, source)
        _add(document, (*pointer, "custom", "number"), numbers, str(source.number), index)
        _check_dates(document, pointer, item)
        if "at" in source.custom:
            _section_of(document, (*pointer, "custom", "at"), source.custom["at"], blocks)
    return list(sources.values())


def _entities(document: Document) -> dict[str, Entity]:
    entities: dict[str, Entity] = {}
    pointers: dict[str, Pointer] = {}
    for group, type_ in _GROUPS.items():
        for number, entry in enumerate(document.data.get(group, ())):
            entity = _entity(entry, type_)
            _add(document, (group, number, _ID.get(group, "id")), entities, entity.id, entity)
            pointers[entity.id] = (group, number)
    for group, field in (("regions", "members"), ("actors", "country"), ("places", "country")):
        for number, entry in enumerate(document.data.get(group, ())):
            ids = entry.get(field, [])
            _named(document, (group, number, field), [ids] if isinstance(ids, str) else ids, _AREA, entities)
    owners: dict[str, Entity] = {}
    for entity in entities.values():
        for name in entity.names:
            other = owners.setdefault(fold(name), entity)
            if other is not entity:
                message = f"the name {name!r} belongs to {other.id} as well"
                document.report(pointers[entity.id], message, "give it to one of them")
    return entities


def _entity(entry: dict[str, Any], type_: str) -> Entity:
    translations = (name for names in entry.get("names", {}).values() for name in names)
    capital = [entry["capital"]] if "capital" in entry else []
    others = (*entry.get("demonyms", ()), *capital, *entry.get("aliases", ()), *translations)
    return Entity(
        id=entry.get("id") or entry["code"],
        name=entry["name"],
        type=type_ or entry["type"],
        aliases=tuple(dict.fromkeys(others)),
        role=entry.get("role", ""),
        country=entry.get("country", ""),
        members=tuple(entry.get("members", ())),
        note=entry.get("note", ""),
    )


def _add(document: Document, pointer: Pointer, known: dict[str, Any], key: str, value: Any) -> None:
    if key in known:
        document.report(pointer, f"{key!r} appears twice", "keep one, or rename the other")
    known.setdefault(key, value)


def _named(
    document: Document, pointer: Pointer, ids: Sequence[str], kind: _Kind, known: Mapping[str, Entity] | None
) -> tuple[Entity, ...]:
    """Return the entities with these ids; report each one that is not *known*, or not of the *kind*."""
    types, what = kind
    entities = []
    for number, id_ in enumerate(ids):
        entity = known.get(id_) if known else None
        if entity and (not types or entity.type in types):
            entities.append(entity)
        elif known is not None:
            hint = "add it to entities.yaml, or correct the id"
            document.report((*pointer, number), f"unknown {what} {id_!r}", hint)
    return tuple(entities)


def _section_of(document: Document, pointer: Pointer, id_: str, blocks: Blocks | None) -> Section | None:
    """Return the section of a sentence, or None, reporting it, if the outline has no such sentence."""
    block, _, position = id_.partition(".")
    section = blocks.get(block) if blocks else None
    if section and 1 <= int(position) <= section.blocks[block][1]:
        return section
    if blocks is not None:
        document.report(pointer, f"unknown sentence {id_!r}", "see the outline in article.yaml")
    return None


def _section_before(id_: str, blocks: Blocks) -> Section | None:
    """Return the section that a sentence was in before it was gone: that of its block, or of the one numbered before it."""
    block = id_.partition(".")[0]
    before = [other for other in blocks if _number(other) <= _number(block)] or list(blocks)[:1]
    label = block if block in blocks else max(before, key=_number, default="")
    return blocks.get(label)


def _number(block: str) -> int:
    """Return the number of a block, without the letters of one that a later edition has put in."""
    return int(block.rstrip(ascii_lowercase))


def _check_dates(document: Document, pointer: Pointer, item: dict[str, Any]) -> None:
    for variable in DATES:
        if variable in item:
            _interval(document, (*pointer, variable), item[variable])


def _interval(document: Document, pointer: Pointer, text: str) -> Interval | None:
    try:
        return edtf_interval(text)
    except ValueError as error:
        document.report(pointer, str(error), "write 2021, 2021-08, 2021-08-25, 2008/2018 or 1979/..")
        return None


def _text(value: str | float) -> str:
    """Return as text a value that JSON may write as a whole number, even 1.0."""
    return value if isinstance(value, str) else str(int(value))


def _sentence_of(line: bytes) -> bytes:
    """Return the first sentence that a line of JSON names, without reading the rest."""
    named = _SENTENCE.search(line)
    return named[1] if named else b""
