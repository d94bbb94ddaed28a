"""The words of a query that are no plain words: dates in any form, compounds, numbers with units."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afcli.months import MONTHS
from afcli.text import parts, stems

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afcli.index.base import Base

_DAY_FIRST = r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})"
_ISO = r"(\d{4})-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?"
_YEAR = r"1\d{3}|20\d\d"
_DAY = r"(0?[1-9]|[12]\d|3[01])(st|nd|rd|th)?"
_MEASURE = r"(\d+)([^\W\d_]+)"


def parted(written: Sequence[str], base: Base) -> Iterator[str]:
    """Yield the words to interpret: known compounds whole, numbers and units apart."""
    special = [word for word in written if parts(word) or _matched(_MEASURE, word)]
    if not special:
        yield from written
        return
    known = base.known(special)
    names = base.names_with({stems(word)[0] for word in special if stems(word)})
    for word in written:
        measure = _matched(_MEASURE, word)
        if word in known or _matched(_DAY_FIRST, word) or _matched(_ISO, word):
            yield word
        elif measure:
            yield from measure.groups()
        elif parts(word) and stems(word) not in names.get(stems(word)[0], {}):
            yield from parts(word)
        else:
            yield word


def dates(asked: Sequence[str]) -> Iterator[tuple[tuple[int, ...], str]]:
    """Yield the days, months and years in the words, in any of the usual forms, as terms with their positions."""

    def at(position: int, form: str) -> re.Match[str] | None:
        return _matched(form, asked[position]) if 0 <= position < len(asked) else None

    for position, word in enumerate(asked):
        if found := _matched(_DAY_FIRST, word):
            yield (position,), f"#{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
        elif _matched(_ISO, word) or _matched(_YEAR, word):
            yield (position,), f"#{word}"
        elif word in MONTHS:
            month = f"{MONTHS[word]:02}"
            yield (position,), f"#--{month}"
            if year := at(position + 1, _YEAR):
                yield (position, position + 1), f"#{year[0]}-{month}"
            for beside, after in ((position - 1, position + 1), (position + 1, position + 2)):
                if day := at(beside, _DAY):
                    of_month = f"{month}-{int(day[1]):02}"
                    yield (position, beside), f"#--{of_month}"
                    if year := at(after, _YEAR):
                        yield (position, beside, after), f"#{year[0]}-{of_month}"


def _matched(form: str, word: str) -> re.Match[str] | None:
    # Most words have no digit and need no regular expression compiled.
    return re.fullmatch(form, word) if any(map(str.isdigit, word)) else None
