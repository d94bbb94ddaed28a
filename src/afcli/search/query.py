"""Read a query: loose words, "phrases", -exclusions and field:value filters."""

from typing import NamedTuple

from afcli.errors import UsageError
from afcli.search.filters import Filters
from afcli.text import parts, words

LONGEST = 200
"""The most words that a query may have."""

_SIGNS = frozenset(':"-')
"""A query without these has nothing but words."""


class Query(NamedTuple):
    """A query: words to weigh, phrases that must occur, words that must not, filters."""

    words: str
    filters: Filters
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    without_filters: tuple[Filters, ...] = ()
    remarks: tuple[str, ...] = ()
    """Parts that may have been misread."""


def parse(text: str, filters: Filters) -> Query:
    """Return *text* as a query, adding its field filters to *filters*.

    The fields are country, actor, source, kind, basis and date (`2021-08`, `2021-08..2021-09`,
    `2021..`). Raises UsageError if the value of a known field is missing or malformed, or if there are
    too many words; a word before any other colon is text, with a remark.
    """
    asked = sum(len(parts(token)) or 1 for token in words(text))
    if asked > LONGEST:
        raise UsageError(f"the query has {asked} words; {LONGEST} is the most that is answered")
    if _SIGNS.isdisjoint(text):
        return Query(" ".join(text.split()), filters)
    from afcli.search.fields import read

    return read(text, filters)
