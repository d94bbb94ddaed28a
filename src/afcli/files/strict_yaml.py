"""YAML read strictly: every scalar is its literal string, every value knows its line.

Only this module imports PyYAML, and uses only its event parser: the composer would resolve types, expand
aliases and recurse, and deeply nested input makes libyaml's composer crash the process.
"""

from __future__ import annotations

import errno
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from afcli.errors import reason
from afcli.files import safe_open
from afcli.problems import FactsError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
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
    spans: dict[Pointer, slice] = field(default_factory=dict)
    """The position in the text of YAML of each value, without comments and blank lines after it."""
    keys: dict[Pointer, int] = field(default_factory=dict)
    """Where the key of each value begins."""

    def line(self, pointer: Pointer) -> int:
        """Return the line of *pointer*, or of the nearest part around it."""
        while pointer and pointer not in self.lines:
            pointer = pointer[:-1]
        return self.lines.get(pointer, 1)

    def problem(self, pointer: Pointer, message: str, hint: str = "") -> Problem:
        """Return a problem located at *pointer*."""
        return Problem(self.path, self.line(pointer), message, hint)

    def report(self, pointer: Pointer, message: str, hint: str = "") -> None:
        """Add a problem located at *pointer* to `problems`."""
        self.problems.append(self.problem(pointer, message, hint))


def read(path: Path, problems: list[Problem] | None = None) -> Document:
    """Read the YAML file at *path*; add duplicate keys to *problems*.

    Raises FactsError if the file cannot be read or parsed at all: missing, too large, not
    UTF-8, not YAML, nested deeper than MAX_DEPTH, or using aliases, tags or several documents.
    """
    return parse(path, text(path), problems)


def read_line(path: Path, number: int, line: bytes, problems: list[Problem]) -> Document | None:
    """Read one line of a JSON Lines file, an object; return None for a blank one.

    If it cannot be read, add that to *problems* and return None too.
    """
    document = Document(path, None, {(): number}, problems)
    hint = "write one JSON object per line, in UTF-8"
    try:
        # Given bytes, json would accept unpaired surrogates.
        document.data = _decode(line.decode("utf-8-sig"))
        if b"\\ud" in line or b"\\uD" in line:
            json.dumps(document.data, ensure_ascii=False).encode()
    except UnicodeError:
        document.report((), "is not UTF-8", hint)
    except KeyError as error:
        document.report((), f"the key {error} appears twice", "keep one of the two")
    except (ValueError, RecursionError) as error:
        if line.strip():
            document.report((), f"is not JSON: {getattr(error, 'msg', error)}", hint)
    else:
        return document
    return None


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as a mapping; raise KeyError for a key that appears twice."""
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        keys = [key for key, _ in pairs]
        raise KeyError(next(key for key in keys if keys.count(key) > 1))
    return mapping


_decode = json.JSONDecoder(object_pairs_hook=_unrepeated).decode


def unreadable(path: Path, error: OSError) -> Problem:
    """Return the problem that *path* cannot be read because of *error*."""
    return Problem(path, 1, f"cannot be read: {reason(error)}", "check the path and its permissions")


def text(path: Path, large: str = "split it into several files") -> str:
    """Return the text of the file at *path*; raise FactsError if it has no usable text.

    *large* says what to do about a file that is too large.
    """
    try:
        raw = safe_open.content(path)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise FactsError([Problem(path, 1, str(error.strerror), large)]) from None
        raise FactsError([unreadable(path, error)]) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FactsError([Problem(path, line, "is not UTF-8", "save the file in UTF-8")]) from None


def dump(data: Any, *, flow: bool | None = None, width: float = 110) -> str:
    """Return plain *data* as YAML for people to edit: innermost collections on one line, no aliases.

    *flow* sets all collections on one line, or none; no line is longer than *width* if that can be.
    """
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # as declared by PyYAML
            return True

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # the same
            super().increase_indent(flow, indentless=False)

    return str(
        yaml.dump(
            data, Dumper=Dumper, default_flow_style=flow, sort_keys=False, allow_unicode=True, width=width
        )
    )


def parse(path: Path, text: str, problems: list[Problem] | None = None) -> Document:
    """Read *text*, from the YAML file at *path*; raises as `read`."""
    import yaml

    document = Document(path, None, problems=[] if problems is None else problems)
    try:
        events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        _Reader(document, text, events).read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        if "nesting depth" in str(error.problem):
            raise FactsError([Problem(path, line, _DEEP, _FLAT)]) from None
        hint = "correct the YAML; quote text that holds ': ' or starts with a mark"
        raise FactsError([Problem(path, line, f"is not YAML: {error.problem}", hint)]) from None
    except yaml.reader.ReaderError as error:
        # The position is in bytes or characters, depending on libyaml; use the first one.
        line = text.count("\n", 0, max(text.find(chr(error.character)), 0)) + 1
        message = f"holds the character U+{error.character:04X}, which YAML forbids"
        raise FactsError([Problem(path, line, message, "write it as an escape in double quotes")]) from None
    return document


class _Reader:
    """Turn the events of PyYAML's parser into the data of a document."""

    def __init__(self, document: Document, text: str, events: Iterator[Any]) -> None:
        self.document = document
        self.text = text
        self.events = events
        self.event: Any = None
        self.end = 0
        """Where the last value ended."""

    def read(self) -> None:
        """Read the only document of a file."""
        while not self._is_next("StreamEndEvent"):
            if type(self.event).__name__ == "DocumentStartEvent":
                if self.document.spans:
                    self._refuse("holds more than one YAML document", "keep one per file")
                self._is_next("")
                self.document.data = self._value(())

    def _is_next(self, kind: str) -> bool:
        """Go to the next event, and tell whether it is of this *kind*."""
        self.event = next(self.events)
        return type(self.event).__name__ == kind

    def _value(self, pointer: Pointer) -> Any:
        """Return the value that the event begins, and note where it is."""
        self._check(pointer)
        start = self.event.start_mark.index
        value: Any
        match type(self.event).__name__:
            case "ScalarEvent":
                value = self.event.value
                # A block scalar takes the blank lines below it.
                self.end = start + len(self.text[start : self.event.end_mark.index].rstrip())
            case "MappingStartEvent":
                value = {}
                while not self._is_next("MappingEndEvent"):
                    place = self._key(value, pointer)
                    self._is_next("")
                    value.setdefault(place[-1], self._value(place))
            case _:
                value = []
                while not self._is_next("SequenceEndEvent"):
                    place = (*pointer, len(value))
                    self.document.lines[place] = self.event.start_mark.line + 1
                    value.append(self._value(place))
        # A collection of lines ends with the last of its values; the parser looks for more below it.
        if self.text[start : start + 1] in ("[", "{"):
            self.end = self.event.end_mark.index
        self.document.spans[pointer] = slice(start, self.end)
        return value

    def _key(self, mapping: dict[str, Any], pointer: Pointer) -> Pointer:
        """Note the key of a *mapping* that the event is, and return where its value will be."""
        self._check(pointer)
        if type(self.event).__name__ != "ScalarEvent":
            self._refuse("has a key that is not a plain word", "write keys as words")
        key, line = self.event.value, self.event.start_mark.line + 1
        place = (*pointer, key)
        if key in mapping:
            message = f"the key {key!r} appears twice, first in line {self.document.lines[place]}"
            self.document.problems.append(Problem(self.document.path, line, message, "keep one of the two"))
        self.document.lines[place] = line
        self.document.keys[place] = self.event.start_mark.index
        return place

    def _check(self, pointer: Pointer) -> None:
        """Refuse an event that takes more of YAML than facts need."""
        event = self.event
        if type(event).__name__ == "AliasEvent":
            self._refuse(f"uses the YAML alias *{event.anchor}", "write the value out")
        if event.anchor:
            hint = "write the value out where it is used"
            self._refuse(f"uses the YAML anchor &{event.anchor}", hint)
        if event.tag and event.tag != "!":
            self._refuse(f"uses the YAML tag {event.tag}", "remove it; every value is a string")
        if type(event).__name__ != "ScalarEvent" and len(pointer) >= MAX_DEPTH:
            self._refuse(_DEEP, _FLAT)

    def _refuse(self, message: str, hint: str) -> NoReturn:
        raise FactsError([Problem(self.document.path, self.event.start_mark.line + 1, message, hint)])
