"""How common words are in English and Russian at large, independent of the facts.

tools/word_frequency.py makes the list from the counts of pyspellchecker (MIT: word_frequency.LICENSE).
An index has the frequencies of its own words; the list is read only for a word that no base knows.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

STEP = 0.5
"""The size of one level, as a logarithm."""


@lru_cache(maxsize=4_096)
def frequency(term: str) -> float:
    """Return the base-10 logarithm of a stem's occurrences per thousand million words, 0 if it is rare.

    About 6 for "people", 5 for "wait", 4 for "cotton", 3 for "outnumber"; names are rare.
    """
    listed = _listed()
    at = listed.find(f" {term} ".encode("utf-8", "replace"))
    if at < 0:
        return 0.0
    line = listed.rfind(b"\n", 0, at) + 1
    return _logarithm(listed[line : listed.index(b" ", line)])


def frequencies() -> Mapping[str, float]:
    """Return the same for all of the stems in the list: faster than asking for many one by one."""
    lines = (line.split() for line in _listed().decode().split("\n"))
    return {term: _logarithm(level) for level, *terms in lines for term in terms}


@cache
def _listed() -> bytes:
    # Neither packed nor decoded: a query with an unknown word has to read it.
    return Path(__file__).with_suffix(".txt").read_bytes()


def _logarithm(level: str | bytes) -> float:
    return STEP * (int(level) + 0.5)
