"""Edit a fact base in place, claim by claim, while nobody else does.

Every change is on disk before its method returns, all of it or nothing, and touches only the lines of what
it changes: comments and layout of all the rest stay byte for byte.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli.errors import NotFoundError, UsageError
from afcli.fact_base import UNWRITTEN
from afcli.files import journal, lock, record_edits
from afcli.files.strict_yaml import Document
from afcli.files.validate import violations
from afcli.model import Status
from afcli.problems import FactsError, Problem
from afcli.schema import schema
from afcli.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from afcli.files.record_edits import Record, Records

_AIDS = ("asks", "terms")
"""The fields of a claim that may be in a file of their own."""
_NAMES = "entities.yaml"
_GROUPS = {"country": "countries", "region": "regions", "place": "places", "topic": "topics"}
"""The list of entities.yaml for each type; every other type is an actor's."""


def is_open(status: str, text: str) -> bool:
    """Tell whether nobody has written a word of the claim with this *status* and *text* yet."""
    return status == Status.draft and text.startswith(UNWRITTEN)


class _Place(NamedTuple):
    """Where a record is: the name of its file, the list in it, the position."""

    file: str
    group: str
    number: int


@contextlib.contextmanager
def editing(directory: Path) -> Iterator[Edits]:
    """Open the fact base in *directory*, which nobody else edits meanwhile.

    Raises UsageError, naming who has the lock, if somebody has, FactsError if a file cannot be read.
    """
    with lock.held(directory):
        journal.finish(directory)
        yield Edits(directory)


class Edits:
    """A fact base that is being edited.

    Its methods raise NotFoundError for an unknown id, UsageError if a record would break the format or a file cannot be written, UnfinishedError
    if another program wrote it just now, FactsError if a file cannot be read, or has a record
    laid out in a way that cannot be changed in place. In each case nothing was changed.
    """

    def __init__(self, directory: Path) -> None:
        """Read the files in *directory*."""
        self.directory = directory
        self._files: dict[str, Records] = {}
        self._before: dict[str, bytes] = {}
        """The content on disk of each file with changes that are not written yet."""
        self._done: list[tuple[Any, dict[str, tuple[bytes, bytes]]]] = []
        self._depth = 0
        claims = [*sorted(directory.glob("claims/*.yaml")), *sorted(directory.glob("claims/*.jsonl"))]
        for path in (*claims, *sorted(directory.glob("search/*.yaml")), directory / _NAMES):
            name = path.relative_to(directory).as_posix()
            self._take(name, self._content(name))
        self._find()

    # Reading

    @property
    def ids(self) -> list[str]:
        """Return the ids of all claims, in the order of the files."""
        return list(self._claims)

    def record(self, claim_id: str) -> Record:
        """Return a claim as in its file, with its search fields wherever they stand."""
        found = dict(self._at(self._place(claim_id)))
        if claim_id in self._aids:
            aids = self._at(self._aids[claim_id])
            found |= {field: aids[field] for field in _AIDS if field in aids}
        return found

    # Changes

    def set(self, claim_id: str, **fields: Any) -> None:
        """Set *fields* of a claim, as in the files: ids and dates as text, lists of them; None takes a field away."""
        place = self._place(claim_id)
        aids = {field: fields.pop(field) for field in _AIDS if field in fields and claim_id in self._aids}
        with self.together():
            if aids:
                self._set(self._aids[claim_id], aids)
            if fields:
                self._set(place, fields)

    def insert(self, after_id: str, record: Record) -> str:
        """Put a new claim, of the fields of *record*, right after *after_id*, and return its id, a new one."""
        place = self._place(after_id)
        id_ = self._new_id(after_id)
        record = record_edits.set_fields({"id": id_}, record | {"id": id_}, _order("claims"))
        self._insert(place._replace(number=place.number + 1), record)
        return id_

    def remove(self, claim_id: str) -> None:
        """Take a claim away, with its search fields."""
        place = self._place(claim_id)
        with self.together():
            if claim_id in self._aids:
                self._remove(self._aids[claim_id])
            self._remove(place)

    def add_entity(self, record: Record) -> str:
        """Add a name to entities.yaml, by its `type`: country, region, place, topic, else an actor; return its id."""
        group = _GROUPS.get(record.get("type", ""), "actors")
        id_ = str(record.get("code" if group == "countries" else "id", ""))
        if group != "actors":
            record = {field: value for field, value in record.items() if field != "type"}
        file = self._file(_NAMES)
        others = (entity for each in ("actors", *_GROUPS.values()) for entity in file.records(each))
        known = {fold(name): names[0] for names in map(_named, others) for name in names}
        for name in _named(record):
            if other := known.get(fold(name)):
                raise UsageError(f"{id_}: the name {name!r} belongs to {other}; leave it to one of them")
        self._insert(_Place(_NAMES, group, len(file.records(group))), record)
        return id_

    def retype(self, entity_id: str, type_: str, **fields: Any) -> None:
        """Move an actor, place or topic to the list of another *type_*, with all that it has; None takes a field away."""
        place, record = next(
            (_Place(_NAMES, group, number), record)
            for group in ("actors", "places", "topics")
            for number, record in enumerate(self._file(_NAMES).records(group))
            if record.get("id") == entity_id
        )
        changed = dict(record) | fields | {"type": type_}
        with self.together():
            self._remove(place)
            self.add_entity({field: value for field, value in changed.items() if value is not None})

    @contextlib.contextmanager
    def together(self, memo: Any = None) -> Iterator[None]:
        """Write all changes within the `with` statement at once; none of them if one fails. `undo` gives the *memo* back."""
        self._depth += 1
        try:
            yield
            if self._depth == 1:
                self._write(memo)
        except BaseException:
            if self._depth == 1:
                for name, content in self._before.items():
                    self._take(name, content)
                self._before.clear()
                self._find()
            raise
        finally:
            self._depth -= 1

    def undo(self) -> Any:
        """Take the last change back, byte for byte, and return its memo.

        Raises UsageError if there is none, UnfinishedError if a file was changed since by another program.
        """
        if not self._done:
            raise UsageError("there is nothing to undo yet")
        memo, contents = self._done[-1]
        journal.replace(self.directory, {name: (new, old) for name, (old, new) in contents.items()})
        self._done.pop()
        for name, (old, _) in contents.items():
            self._take(name, old)
        self._find()
        return memo

    # The files

    def _content(self, name: str) -> bytes:
        try:
            return (self.directory / name).read_bytes()
        except OSError as error:
            problem = Problem(self.directory / name, 1, f"cannot be read: {error.strerror}")
            raise FactsError([problem]) from None

    def _take(self, name: str, content: bytes) -> None:
        self._files[name] = record_edits.Records(self.directory / name, content)

    def _file(self, name: str) -> Records:
        """Return a file as it is now, read again if somebody else wrote it."""
        if name not in self._before:
            content = self._content(name)
            if content != self._files[name].content:
                self._take(name, content)
                self._find()
        return self._files[name]

    def _find(self) -> None:
        """Note where each claim is, and each claim's search fields."""
        self._claims, self._aids = (
            {
                str(record.get("id")): _Place(name, group, number)
                for name, file in self._files.items()
                if name.startswith(group)
                for number, record in enumerate(file.records(group))
            }
            for group in ("claims", "search")
        )

    def _place(self, claim_id: str) -> _Place:
        if claim_id in self._claims:
            self._file(self._claims[claim_id].file)
        if claim_id not in self._claims:
            raise NotFoundError("claim", claim_id)
        return self._claims[claim_id]

    def _at(self, place: _Place) -> Record:
        return self._file(place.file).records(place.group)[place.number]

    def _new_id(self, beside: str) -> str:
        """Return a free id like that of the claim *beside*: with the next number that is free above all."""
        stem, digits = re.fullmatch(r"(.*?)(\d*)", beside).groups()  # type: ignore[union-attr]  # matches anything
        pattern = re.compile(rf"{re.escape(stem)}(\d+)")
        numbers = [int(found[1]) for id_ in self._claims if (found := pattern.fullmatch(id_))]
        return f"{stem if digits else f'{stem}-'}{max(numbers, default=1) + 1:0{len(digits)}}"

    # Splicing

    def _set(self, place: _Place, fields: dict[str, Any]) -> None:
        file, order = self._file(place.file), _order(place.group)
        record = record_edits.set_fields(self._at(place), fields, order)
        if record.keys() == {"id"}:
            self._remove(place)
            return
        self._check(place, record)
        self._stage(place.file, file.changed(place.group, place.number, fields, order))

    def _insert(self, place: _Place, record: Record) -> None:
        self._check(place, record)
        file = self._file(place.file)
        self._stage(place.file, file.with_record(place.group, place.number, record))

    def _remove(self, place: _Place) -> None:
        self._stage(place.file, self._file(place.file).without(place.group, place.number))

    def _check(self, place: _Place, record: Record) -> None:
        """Raise UsageError if the *record* would break the format of its file."""
        path = self.directory / place.file
        others: Record = {"countries": [], "actors": []} if place.file == _NAMES else {}
        kind = "entities" if others else place.group
        for problem in violations(Document(path, {**others, place.group: [record]}), kind):
            raise UsageError(f"{record.get('id') or record.get('code')}: {problem.advice}")

    def _stage(self, name: str, content: bytes) -> None:
        """Take the new content of a file; write it unless several changes go together."""
        if content == self._files[name].content:
            return
        with self.together():
            self._before.setdefault(name, self._files[name].content)
            self._take(name, content)
            self._find()

    def _write(self, memo: Any) -> None:
        contents = {
            name: (old, self._files[name].content)
            for name, old in self._before.items()
            if old != self._files[name].content
        }
        if contents:
            journal.replace(self.directory, contents)
            self._done.append((memo, contents))
        self._before.clear()


def _named(entity: Record) -> list[str]:
    """Return the id of an entity in its file, then its names."""
    names = [entity.get("id") or entity.get("code"), entity.get("name"), entity.get("capital")]
    names += [*entity.get("aliases", ()), *entity.get("demonyms", ())]
    names += [name for of in entity.get("names", {}).values() for name in of]
    return [str(name) for name in names if name]


def _order(group: str) -> list[str]:
    """Return the fields of a record in the order in which they are written."""
    if group == "search":
        return ["id", *_AIDS]
    return list(schema("claims")["$defs"]["claim"]["properties"])
