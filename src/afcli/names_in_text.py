"""Find the names of entities in a text."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeVar

from afcli.names import capitals, is_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

T = TypeVar("T")
Names = dict[str, list[tuple[tuple[str, ...], T]]]
"""Each name, as words, with what it stands for, under its first word."""


def index_names(names: Iterable[tuple[tuple[str, ...], T]]) -> Names[T]:
    """Return *names* in the form for `find_names`: each as words, with what it stands for."""
    found: Names[T] = {}
    for words, meaning in names:
        if words:
            found.setdefault(words[0], []).append((words, meaning))
    return found


def find_names(
    written: Sequence[str], names: Mapping[str, Iterable[tuple[tuple[str, ...], T]]]
) -> Iterator[tuple[int, int, T]]:
    """Yield start, end and meaning of each name whose words occur in a row in *written*, all lengths.

    *names* are grouped by first word; a name under another word is ignored.
    """
    written = tuple(written)
    for start, first in enumerate(written):
        for name, meaning in names.get(first, ()):
            if written[start : start + len(name)] == name:
                yield start, start + len(name), meaning


def longest(found: Iterable[tuple[int, int, T]]) -> Iterator[tuple[int, int, T]]:
    """Yield the longest of the names *found* at each start, without those that begin within another."""
    last = 0
    for start, together in itertools.groupby(found, key=lambda name: name[0]):
        if start >= last:
            name = max(together, key=lambda name: name[1])
            last = name[1]
            yield name


def names_in(
    text: str, written: Sequence[str], names: Mapping[str, Iterable[tuple[tuple[str, ...], Sequence[str]]]]
) -> Iterator[tuple[int, int, Sequence[str]]]:
    """Yield the names that `find_names` finds in the words *written* of *text*, without codes in small letters.

    Here each name stands for the ids of its bearers.
    """
    for start, end, bearers in find_names(written, names):
        if not is_code(written[start:end], bearers) or written[start] in capitals(text):
            yield start, end, bearers
