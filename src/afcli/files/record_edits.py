"""Change single records in a file and nothing else: comments and layout stay as they are."""

from __future__ import annotations

import codecs
import contextlib
import json
import re
import textwrap
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from afcli.files import strict_yaml
from afcli.problems import FactsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    Piece = tuple[int, int, str]
    """Where new text starts and ends in the old, and what it is."""

Record = dict[str, Any]
_WIDTH = 100
_QUOTED_WORD = re.compile(r"([\"'])([\w.-]+)\1")
_DASH = re.compile(r" *-")
_BLANK_LINES = re.compile(r"(?:[^\S\n]*\n)*")


def set_fields(record: Record, fields: Mapping[str, Any], order: Sequence[str]) -> Record:
    """Return *record* with *fields* set, None taken away, and new ones where *order* has them."""
    merged = {field: value for field, value in {**record, **fields}.items() if value is not None}
    new = sorted(merged.keys() - record.keys(), key=order.index)
    names = [name for name in record if name in merged]
    for name in new:
        names.insert(_after(names, name, order) + 1, name)
    return {name: merged[name] for name in names}


def _after(names: Sequence[str], new: str, order: Sequence[str]) -> int:
    """Return the position of the field that *new* follows, by their *order*; -1 if it comes first."""
    before = set(order[: order.index(new)])
    return max((at for at, name in enumerate(names) if name in before), default=-1)


class Records:
    """A file of records, each at a place, a list and a position in it: YAML with lists at its top, or JSON Lines, all claims."""

    def __init__(self, path: Path, content: bytes) -> None:
        """Take the *content* of the file at *path*; raise FactsError if it cannot be parsed."""
        self.path = path
        self.content = content
        self._are_lines = path.suffix == ".jsonl"
        self._document = _parsed(path, content)
        self._mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
        self._text = content.removeprefix(self._mark).decode()
        self._newline = "\r\n" if "\r\n" in self._text else "\n"
        if not isinstance(self._document.data, dict):
            raise FactsError(
                [self._document.problem((), "holds no lists", "write a key and a list below it")]
            )

    def records(self, group: str) -> list[Record]:
        """Return the records of the list *group*; none if there is no such list."""
        found = self._document.data.get(group)
        return found if isinstance(found, list) else []

    def changed(self, group: str, number: int, fields: Mapping[str, Any], order: Sequence[str]) -> bytes:
        """Return the content with *fields* of a record set, None to take one away; *order* is that of all fields."""
        pointer, record = (group, number), self.records(group)[number]
        fields = {
            name: value for name, value in self._plain(dict(fields)).items() if value != record.get(name)
        }
        if not fields:
            return self.content
        expected = self._copy(group)
        expected[group][number] = set_fields(record, fields, order)
        if self._is_flow(pointer):
            span, new = self._span(pointer), expected[group][number]
            text = self._text[span]
            for name in record.keys() & new.keys():
                if found := re.search(rf'"?{re.escape(name)}"?\s*:\s*\[[^\]]*', text):
                    field = _reworded(found[0], record[name], new[name])
                    text = text[: found.start()] + field + text[found.end() :]
            pieces = [(span.start, span.stop, text if self._says(text, new) else _json(new))]
            return self._result(pieces, expected, pointer)
        return self._result(self._pieces(pointer, record, fields, order), expected, pointer)

    def with_record(self, group: str, number: int, record: Record) -> bytes:
        """Return the content with one record more at the position *number*, set apart as the others are."""
        record = self._plain(record)
        expected = self._copy(group)
        expected[group].insert(number, record)
        return self._result([self._addition(group, number, record)], expected, (group,))

    def without(self, group: str, number: int) -> bytes:
        """Return the content without a record, and without one of the gaps beside it."""
        expected = self._copy(group)
        del expected[group][number]
        span = self._span((group, number))
        start, stop = span.start, span.stop
        last = number + 1 == len(self.records(group))
        pieces: list[Piece] = []
        if self._is_flow((group,)):
            if number:
                start = self._span((group, number - 1)).stop
            elif not last:
                stop = self._span((group, 1)).start
        else:
            start, stop = self._start(group, number), self._line_end(stop)
            if not last:
                stop = _BLANK_LINES.match(self._text, stop).end()  # type: ignore[union-attr]  # matches anything
            elif number:
                start = self._line_end(len(self._text[:start].rstrip()))
            elif not self._are_lines:
                colon = self._colon(group)
                pieces = [(colon, colon, " []")]
        return self._result([*pieces, (start, stop, "")], expected, (group,))

    # Pieces of new text

    def _addition(self, group: str, number: int, record: Record) -> Piece:
        """Return the piece that puts a new *record* at the position *number*."""
        if not self.records(group):
            return self._first(group, record)
        beside = max(number - 1, 0)
        span = self._span((group, beside))
        if self._is_flow((group,)):
            at, text = (span.stop, f", {_json(record)}") if number else (span.start, f"{_json(record)}, ")
            return at, at, text
        start = self._start(group, beside)
        entry = self._entry(record, self._text.find("-", start) - start)
        if number:
            return self._lines_at(self._line_end(span.stop), [*self._gap(group), entry])
        return self._lines_at(start, [entry, *self._gap(group)])

    def _first(self, group: str, record: Record) -> Piece:
        """Return the piece that begins the list *group*."""
        if self._are_lines:
            return self._lines_at(0, [_json(record)])
        entry = self._newline + self._entry(record, 2)
        if (group,) in self._document.keys:
            return self._colon(group), self._span((group,)).stop, entry
        return self._lines_at(len(self._text), ["", f"{group}:{entry}"])

    def _gap(self, group: str) -> list[str]:
        """Return the blank line between the records of a list, or nothing if they stand close."""
        if len(self.records(group)) < 2:
            return []
        stop = self._line_end(self._span((group, 0)).stop)
        return [] if self._text[stop : self._line_end(stop)].strip() else [""]

    def _pieces(
        self, pointer: strict_yaml.Pointer, record: Record, fields: Record, order: Sequence[str]
    ) -> list[Piece]:
        """Return what to replace in a record, field by field."""
        keys = {name: self._document.keys[*pointer, name] for name in record}
        first, *others = sorted(keys.values())
        column = first - self._line_start(first)
        staying = [name for name in record if fields.get(name, "") is not None]
        added: dict[int, list[str]] = {}
        pieces: list[Piece] = []
        for name in sorted(fields, key=order.index):
            value, stop = fields[name], self._span((*pointer, name)).stop if name in record else 0
            if value is None:
                # The field beside the dash leaves its place to the next.
                beside = (first, others[0]) if keys[name] == first else None
                pieces.append((*(beside or (self._line_start(keys[name]), self._line_end(stop))), ""))
            elif stop:
                text = _reworded(self._text[keys[name] : stop], record[name], value)
                is_kept = not isinstance(value, str) and self._says(text, {name: value})
                pieces.append((keys[name], stop, text if is_kept else self._field(name, value, column)))
            else:
                anchor = staying[max(_after(staying, name, order), 0)]
                at = self._line_end(self._span((*pointer, anchor)).stop)
                added.setdefault(at, []).append(" " * column + self._field(name, value, column))
        return [*pieces, *(self._lines_at(at, lines) for at, lines in added.items())]

    def _lines_at(self, at: int, lines: Sequence[str]) -> Piece:
        """Return the piece that puts whole *lines* at the position *at*, after a line that may lack its end."""
        text = self._newline.join([*lines, ""])
        if at and self._text[at - 1] != "\n":
            text = self._newline + text.removesuffix(self._newline)
        return at, at, text

    def _field(self, name: str, value: Any, column: int) -> str:
        """Return a field with its value, its lines after the first indented by *column*."""
        width = _WIDTH - column
        in_line = isinstance(value, list) and not any(" " in part for part in value)
        text = strict_yaml.dump({name: value}, flow=None if in_line else False, width=width)
        if isinstance(value, str) and text.count("\n") > 1:
            # As people write it, unless folding would change it.
            folded = textwrap.wrap(value, width - 2, break_long_words=False, break_on_hyphens=False)
            if value.isprintable() and " ".join(folded) == value:
                text = f"{name}: >-\n" + "".join(f"  {line}\n" for line in folded)
        return textwrap.indent(text, " " * column).strip(" \n").replace("\n", self._newline)

    def _entry(self, record: Record, column: int) -> str:
        """Return a record as an entry of a list whose dashes stand in this *column*, or as a line of JSON."""
        if self._are_lines:
            return _json(record)
        margin = self._newline + " " * (column + 2)
        fields = (self._field(name, value, column + 2) for name, value in record.items())
        return " " * column + "- " + margin.join(fields)

    def _result(self, pieces: list[Piece], expected: Any, pointer: strict_yaml.Pointer) -> bytes:
        """Return the content with the *pieces* in it; raise FactsError unless it then says what is *expected*."""
        text = self._text
        for start, stop, new in sorted(pieces, key=lambda piece: piece[:2], reverse=True):
            text = text[:start] + new + text[stop:]
        content = self._mark + text.encode()
        try:
            said = _parsed(self.path, content).data
        except FactsError:
            said = None
        if said != expected:
            message = "is laid out in a way that cannot be changed in place"
            raise FactsError([self._document.problem(pointer, message, "write it one field per line")])
        return content

    def _says(self, text: str, expected: Any) -> bool:
        with contextlib.suppress(FactsError, ValueError):
            read = json.loads(text) if self._are_lines else strict_yaml.parse(self.path, text).data
            return bool(read == expected)
        return False

    def _copy(self, group: str) -> dict[str, Any]:
        """Return the data, to change which records there are in the list *group*."""
        return {**self._document.data, group: [*self.records(group)]}

    def _plain(self, value: Any) -> Any:
        """Return *value* as it is read from the file."""
        return json.loads(json.dumps(value)) if self._are_lines else _texts(value)

    # Positions

    def _span(self, pointer: strict_yaml.Pointer) -> slice:
        return self._document.spans[pointer]

    def _is_flow(self, pointer: strict_yaml.Pointer) -> bool:
        span = self._document.spans.get(pointer)
        return span is not None and self._text[span.start] in "[{"

    def _colon(self, group: str) -> int:
        """Return the position after the colon of the list *group*."""
        return self._text.index(":", self._document.keys[group,]) + 1

    def _start(self, group: str, number: int) -> int:
        """Return where the lines of a record begin, with its dash."""
        at = self._line_start(self._span((group, number)).start)
        while not self._are_lines and not _DASH.match(self._text, at):
            at = self._line_start(at - 1)
        return at

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        """Return the position after the end of the line."""
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end + 1


@lru_cache(maxsize=8)
def _parsed(path: Path, content: bytes) -> strict_yaml.Document:
    """Parse *content* once: what a change has made is what the next one starts from."""
    if path.suffix == ".jsonl":
        return _lines(path, content.removeprefix(codecs.BOM_UTF8))
    try:
        return strict_yaml.parse(path, content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return strict_yaml.read(path)  # says what is wrong, and where


def _lines(path: Path, content: bytes) -> strict_yaml.Document:
    """Return lines of JSON as a document with a list of claims."""
    document = strict_yaml.Document(path, {"claims": []})
    records, at = document.data["claims"], 0
    for number, line in enumerate(content.splitlines(keepends=True), 1):
        read = strict_yaml.read_line(path, number, line, document.problems)
        text = line.decode("utf-8", "replace")
        if read:
            pointer = ("claims", len(records))
            document.lines[pointer] = number
            start = at + len(text) - len(text.lstrip())
            document.spans[pointer] = slice(start, start + len(text.strip()))
            records.append(read.data)
        at += len(text)
    if document.problems:
        raise FactsError(document.problems)
    return document


def _reworded(text: str, old: Any, new: Any) -> str:
    """Return *text* with those words in quotation marks replaced where they stand that differ in *old* and *new*."""
    new_of = dict(zip(_words(old), _words(new), strict=False))
    return _QUOTED_WORD.sub(lambda found: found[1] + new_of.get(found[2], found[2]) + found[1], text)


def _words(value: Any) -> list[str]:
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return [word for part in parts for word in _words(part)]
    return [str(value)]


def _json(record: Record) -> str:
    """Return a record in one line; JSON is YAML too."""
    return json.dumps(record, ensure_ascii=False)


def _texts(value: Any) -> Any:
    """Return *value* as YAML is read here: every scalar as text."""
    if isinstance(value, dict):
        return {str(key): _texts(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_texts(part) for part in value]
    return value if value is None else str(value)
