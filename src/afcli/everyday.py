"""How common words are in English and Russian at large, independent of the facts.

tools/everyday.py makes the list from the counts of pyspellchecker (MIT: everyday.LICENSE).
An index has the frequencies of its own words; the list is read only for a word that no base knows.
"""

from __future__ import annotations

import zlib
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
    at = _listed().find(f" {term} ")
    if at < 0:
        return 0.0
    line = _listed().rfind("\n", 0, at) + 1
    return _logarithm(_listed()[line : _listed().index(" ", line)])


def frequencies() -> Mapping[str, float]:
    """Return the same for all of the stems in the list: faster than asking for many one by one."""
    lines = (line.split() for line in _listed().split("\n"))
    return {term: _logarithm(level) for level, *terms in lines for term in terms}


@cache
def _listed() -> str:
    return zlib.decompress(Path(__file__).with_suffix(".bin").read_bytes()).decode()


def _logarithm(level: str) -> float:
    return STEP * (int(level) + 0.5)
