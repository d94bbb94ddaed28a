"""Read what a query has besides loose words: "phrases", -exclusions and field:value filters."""

from __future__ import annotations

import re
from typing import Any

from afcli.dates import asked_date
from afcli.errors import UsageError
from afcli.model import Basis, Kind
from afcli.search.filters import Filters
from afcli.search.query import Query

_PIECE = re.compile(r"""(?P<minus>-)?(?:(?P<field>[A-Za-z]+):)?(?:"(?P<phrase>[^"]*)"|(?P<word>\S+))""")


_CHOICES: dict[str, type[Kind | Basis]] = {"kind": Kind, "basis": Basis}
_FIELDS = ("country", "actor", "source", "kind", "basis", "date")


def read(text: str, filters: Filters) -> Query:
    """Return *text* as a query; raises as `parse`."""
    words: list[str] = []
    phrases: list[str] = []
    without: list[str] = []
    without_filters: list[Filters] = []
    remarks: list[str] = []
    for piece in _PIECE.finditer(text):
        field, value, remark = _read(piece, last=not text[piece.end() :].strip())
        remarks += filter(None, [remark])
        if field:
            if piece["minus"]:
                without_filters.append(_added(Filters(), field, value))
            else:
                filters = _added(filters, field, value)
        elif piece["minus"]:
            without.append(value)
        else:
            words.append(value)
            if piece["phrase"] is not None and value:
                phrases.append(value)
    return Query(
        " ".join(words), filters, tuple(phrases), tuple(without), tuple(without_filters), tuple(remarks)
    )


def _read(piece: re.Match[str], *, last: bool) -> tuple[str, str, str]:
    """Return the field of a filter or an empty string, the value or words, and a remark."""
    field, phrase = piece["field"] or "", piece["phrase"]
    value = (piece["word"] if phrase is None else phrase).strip()
    if field.casefold() in _FIELDS:
        return field.casefold(), value, ""
    if field:
        words = f"{field}: {value}" if phrase is None else f"{field} {value}"
        # A URL is not a filter, and nobody takes it for one.
        remark = f"{field}: is not a filter, so {f'{field} {value}'!r} was searched as words; filters are {': '.join(_FIELDS)}:"
        return "", words, "" if value.startswith("//") else remark
    if phrase is None and value.endswith(":") and value[:-1] in _FIELDS:
        if last:
            return value[:-1], "", ""
        return "", value, f"{value} filters only the word right after it, so it was searched as a word"
    return "", value, ""


def _added(filters: Filters, field: str, value: str) -> Filters:
    """Return *filters* with one more; raise UsageError if its value is missing or malformed."""
    if field == "date":
        return _dated(filters, value)
    if field not in _CHOICES:
        if not value:
            raise UsageError(
                f'{field}: needs a name; write {field}:name or {field}:"two words"; afcli {field} lists them'
            )
    elif value.casefold() not in list(_CHOICES[field]):
        fault = f"{field}:{value} is unknown" if value else f"{field}: needs a value"
        raise UsageError(f"{fault}; write {field}: and one of {', '.join(_CHOICES[field])}")
    else:
        value = value.casefold()
    more: dict[str, Any] = {field: (*getattr(filters, field), value)}
    return filters._replace(**more)


def _dated(filters: Filters, value: str) -> Filters:
    start, dots, end = value.partition("..")
    if not dots:
        end = start
    try:
        for bound in filter(None, (start, end)):
            asked_date(bound)
        if not (start or end):
            raise ValueError("no bound")  # noqa: TRY301  # both faults get one answer
    except ValueError:
        message = f"date:{value} is not a date; write date:2021, date:2021-08-25, date:2021-08..2021-09 or date:2021-08.."
        raise UsageError(message) from None
    return filters._replace(start=start, end=end)
