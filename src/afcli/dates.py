"""Dates in EDTF (ISO 8601-2) as intervals of days. Only this module imports the edtf library."""

from __future__ import annotations

import re
from functools import cache

from afcli.errors import UsageError
from afcli.model import Interval
from afcli.months import MONTHS

_OPEN = ("", "..")
_PLAIN = r"\d{4}(?:-(?:0\d|1[0-2])(?:-\d{2})?)?[?~%]?"
"""A day, month or year, whether or not uncertain or approximate: its days are the same."""
_PARTIAL = r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?"


@cache
def edtf_interval(text: str) -> Interval:
    """Return the days of *text*, a date in EDTF level 0 or 1.

    Seasons are those of the northern hemisphere in whole months. An unknown end counts as
    open, since it limits nothing. Raises ValueError if *text* is not EDTF
    (https://www.loc.gov/standards/datetime/).
    """
    left, slash, right = text.partition("/")
    bounds = [bound for bound in ((left, right) if slash else (text,)) if not (slash and bound in _OPEN)]
    if not bounds or not all(re.fullmatch(_PLAIN, bound) for bound in bounds):
        return _by_grammar(text)
    # Nearly all dates are plain, and need no grammar that takes 100 ms to load.
    first, last = bounds[0].rstrip("?~%"), bounds[-1].rstrip("?~%")
    start = None if slash and left in _OPEN else partial_date(first).start
    end = None if slash and right in _OPEN else partial_date(last).end
    return _ordered(text, start, end)


def _by_grammar(text: str) -> Interval:
    import edtf

    try:
        parsed = edtf.parse_edtf(text)
    except edtf.EDTFParseException as error:
        raise ValueError(f"{text!r} is not an EDTF date") from error
    left, slash, right = text.partition("/")
    start = None if slash and left in _OPEN else _day(text, parsed.lower_strict())
    end = None if slash and right in _OPEN else _day(text, parsed.upper_strict())
    return _ordered(text, start, end)


def _ordered(text: str, start: str | None, end: str | None) -> Interval:
    if start and end and start > end:
        raise ValueError(f"{text!r} ends before it starts")
    return Interval(start, end)


def _day(text: str, when: object) -> str:
    try:
        year, month, day = when[0], when[1], when[2]  # type: ignore[index]
    except TypeError:
        raise ValueError(f"{text!r} names no day, month or year") from None
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= _days(year, month)):
        raise ValueError(f"{text!r} names a day that does not exist")
    return f"{year:04}-{month:02}-{day:02}"


def _days(year: int, month: int) -> int:
    import calendar

    return calendar.monthrange(year, month)[1]


_WRITTEN = (
    r"(?P<y>\d{4})[-./](?P<m>\d{1,2})(?:[-./](?P<d>\d{1,2}))?",
    r"(?:(?P<d>\d{1,2})[-./])?(?P<m>\d{1,2})[-./](?P<y>\d{4})",
    r"(?:(?P<d>\d{1,2})(?:st|nd|rd|th)? )?(?P<name>[a-z]+)\.? (?P<y>\d{4})",
    r"(?P<name>[a-z]+)\.? (?P<d>\d{1,2})(?:st|nd|rd|th)? (?P<y>\d{4})",
)


def asked_date(text: str) -> Interval:
    """Return the days of a date as people type it: `2021-8`, `08/2021`, `25.8.2021`, `August 2021`.

    A number before a month is its day, as in a query. Raises ValueError as `partial_date` does.
    """
    return partial_date(_spelt(text))


def asked_days(first: str, last: str) -> Interval:
    """Return the days from one date, typed as in `asked_date`, to another, either perhaps empty; raise UsageError."""
    try:
        start = asked_date(first).start if first else None
        end = asked_date(last).end if last else None
    except ValueError as error:
        raise UsageError(str(error)) from None
    if start and end and start > end:
        raise UsageError(f"--from {first} lies after --to {last}; swap them")
    return Interval(start, end)


def written_date(text: str) -> str:
    """Return in EDTF a date that people type as in `asked_date`, or in EDTF; raise ValueError if it is neither."""
    edtf = _spelt(text)
    edtf_interval(edtf)
    return edtf


def _spelt(text: str) -> str:
    """Return a month or a day in words or figures as YYYY-MM or YYYY-MM-DD, and any other text as it is."""
    plain = " ".join(text.casefold().replace(",", " ").split())
    for form in _WRITTEN:
        if found := re.fullmatch(form, plain):
            parts = found.groupdict()
            name = parts.get("name")
            month = MONTHS.get(name, 0) if name else int(parts["m"])
            if month:
                day = f"-{int(parts['d']):02}" if parts["d"] else ""
                return f"{parts['y']}-{month:02}{day}"
    return text


def partial_date(text: str) -> Interval:
    """Return the days of a plain `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as options take it.

    Raises ValueError for any other form and for days that do not exist.
    """
    match = re.fullmatch(_PARTIAL, text)
    if not match:
        raise ValueError(f"{text!r} is not a date; write YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if not year or (month is not None and not 1 <= month <= 12):
        raise ValueError(f"{text!r} is not a date; months run from 01 to 12")
    last_month = month or 12
    last_day = _days(year, last_month)
    if day is not None and not 1 <= day <= last_day:
        raise ValueError(f"{text!r} is not a date; that month has {last_day} days")
    return Interval(
        f"{year:04}-{month or 1:02}-{day or 1:02}", f"{year:04}-{last_month:02}-{day or last_day:02}"
    )
