"""YAML read strictly: every scalar is the string that stands there, every value knows its line.

The door of PyYAML. Only its event parser is used: the composer would resolve types, expand
aliases and recurse, and deeply nested input makes libyaml's composer crash the process.
"""

from __future__ import annotations

import errno
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from afcli import files
from afcli.errors import FactsError, Problem

if TYPE_CHECKING:
    from pathlib import Path

MAX_DEPTH = 20
_DEEP, _FLAT = f"is nested deeper than {MAX_DEPTH} levels", "facts need no more than six"

Pointer = tuple[str | int, ...]


@dataclass(slots=True)
class Document:
    """A parsed file: plain data (dict, list, str) and the line of each part of it."""

    path: Path
    data: Any
    lines: dict[Pointer, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    spans: dict[Pointer, slice] | None = None
    """Where each scalar value stands in the text, if that was asked for."""

    def line(self, pointer: Pointer) -> int:
        """Return the line of *pointer*, or of the nearest part that holds it."""
        while pointer and pointer not in self.lines:
            pointer = pointer[:-1]
        return self.lines.get(pointer, 1)

    def problem(self, pointer: Pointer, message: str, hint: str = "") -> Problem:
        """Return a problem that stands at *pointer*."""
        return Problem(self.path, self.line(pointer), message, hint)


def read(path: Path) -> Document:
    """Read the YAML file at *path*; duplicate keys are noted in `problems`.

    Raises FactsError where the file cannot be read or parsed at all: missing, too large, not
    UTF-8, not YAML, nested deeper than MAX_DEPTH, or using aliases, tags or several documents.
    """
    return parse(path, text(path))


def read_line(path: Path, number: int, line: bytes) -> Document | None:
    """Read one line of a JSON Lines file, an object; return None for a blank one.

    Whatever is wrong with it stands in `problems`, a duplicate key included.
    """
    document = Document(path, None, {(): number})
    hint = "write one JSON object a line, in UTF-8"
    try:
        # Given bytes, json would let halves of surrogate pairs through.
        data = json.loads(line.decode("utf-8-sig"), object_pairs_hook=_unrepeated)
        if b"\\ud" in line or b"\\uD" in line:
            json.dumps(data, ensure_ascii=False).encode()
        document.data = data
    except UnicodeError:
        document.problems.append(document.problem((), "is not UTF-8", hint))
    except _RepeatedKeyError as error:
        document.problems.append(document.problem((), f"the key {error} stands twice", "keep one of the two"))
    except (ValueError, RecursionError) as error:
        if not line.strip():
            return None
        document.problems.append(document.problem((), f"is not JSON: {getattr(error, 'msg', error)}", hint))
    return document


class _RepeatedKeyError(Exception):
    pass


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _RepeatedKeyError(repr(next(key for key in keys if keys.count(key) > 1)))
    return found


def unreadable(path: Path, error: OSError) -> Problem:
    """Return the problem that *path* cannot be read because of *error*."""
    reason = (error.strerror or str(error)).lower()
    return Problem(path, 1, f"cannot be read: {reason}", "check the path and its rights")


def text(path: Path, large: str = "split it into several files") -> str:
    """Return the text of the file at *path*; raise FactsError where it has none that can be used.

    *large* says what to do with one that is too large.
    """
    try:
        raw = files.content(path)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise FactsError([Problem(path, 1, str(error.strerror), large)]) from None
        raise FactsError([unreadable(path, error)]) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FactsError([Problem(path, line, "is not UTF-8", "save the file in UTF-8")]) from None


def dump(data: Any) -> str:
    """Return plain *data* as YAML that people edit: what holds nothing more on one line, nothing shared."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # as declared by PyYAML
            return True

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # the same
            super().increase_indent(flow, indentless=False)

    return str(
        yaml.dump(
            data, Dumper=Dumper, default_flow_style=None, sort_keys=False, allow_unicode=True, width=110
        )
    )


def parse(path: Path, text: str, *, spans: bool = False) -> Document:
    """Read *text*, that of the YAML file at *path*, noting *spans* where they are wanted."""
    import yaml

    document = Document(path, None, spans={} if spans else None)
    builder = _Builder(document)
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        if "nesting depth" in str(error.problem):
            raise FactsError([Problem(path, line, _DEEP, _FLAT)]) from None
        hint = "mend the YAML; quote text that holds ': ' or starts with a mark"
        raise FactsError([Problem(path, line, f"is not YAML: {error.problem}", hint)]) from None
    except yaml.reader.ReaderError as error:
        # Its position is in bytes or characters, as libyaml is there or not; the first one is meant.
        line = text.count("\n", 0, max(text.find(chr(error.character)), 0)) + 1
        message = f"holds the character U+{error.character:04X}, which YAML forbids"
        raise FactsError([Problem(path, line, message, "write it as an escape in double quotes")]) from None
    return document


class _Builder:
    """Turn parser events into data, iteratively, so that depth costs no stack."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.stack: list[tuple[dict[str, Any] | list[Any], Pointer]] = []
        self.keys: list[str | None] = []
        self.documents = 0

    def take(self, event: Any) -> None:
        """Add one event of the parser."""
        name = type(event).__name__
        if name == "ScalarEvent":
            self._untagged(event)
            self._scalar(event)
        elif name in ("MappingStartEvent", "SequenceStartEvent"):
            self._untagged(event)
            self._open({} if name.startswith("Mapping") else [], event)
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self.stack.pop()
            self.keys.pop()
        elif name == "AliasEvent":
            self._refuse(event, f"uses the YAML alias *{event.anchor}", "write the value out")
        elif name == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                self._refuse(event, "holds more than one YAML document", "keep one a file")

    def _refuse(self, event: Any, message: str, hint: str) -> None:
        raise FactsError([Problem(self.document.path, event.start_mark.line + 1, message, hint)])

    def _untagged(self, event: Any) -> None:
        if event.anchor:
            self._refuse(
                event, f"uses the YAML anchor &{event.anchor}", "write the value out where it is used"
            )
        if event.tag and event.tag != "!":
            self._refuse(event, f"uses the YAML tag {event.tag}", "remove it; every value is a string")

    def _scalar(self, event: Any) -> None:
        if self.stack and isinstance(self.stack[-1][0], dict) and self.keys[-1] is None:
            self._key(event)
        else:
            pointer = self._place(event.value, event)
            if self.document.spans is not None:
                self.document.spans[pointer] = slice(event.start_mark.index, event.end_mark.index)

    def _key(self, event: Any) -> None:
        mapping, pointer = self.stack[-1]
        key = event.value
        line = event.start_mark.line + 1
        if key in mapping:
            first = self.document.lines[(*pointer, key)]
            message = f"the key {key!r} stands twice, first in line {first}"
            self.document.problems.append(Problem(self.document.path, line, message, "keep one of the two"))
        self.document.lines[(*pointer, key)] = line
        self.keys[-1] = key

    def _open(self, container: dict[str, Any] | list[Any], event: Any) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self._refuse(event, _DEEP, _FLAT)
        if self.stack and isinstance(self.stack[-1][0], dict) and self.keys[-1] is None:
            self._refuse(event, "has a key that is no plain word", "write keys as words")
        self.stack.append((container, self._place(container, event)))
        self.keys.append(None)

    def _place(self, value: Any, event: Any) -> Pointer:
        if not self.stack:
            self.document.data = value
            return ()
        container, pointer = self.stack[-1]
        if isinstance(container, dict):
            key = self.keys[-1]
            assert key is not None
            container.setdefault(key, value)
            self.keys[-1] = None
            return (*pointer, key)
        container.append(value)
        place = (*pointer, len(container) - 1)
        self.document.lines[place] = event.start_mark.line + 1
        return place
