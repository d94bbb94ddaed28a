"""How common words are in English and Russian at large, whatever the facts say.

The list is made by tools/everyday.py of the counts of pyspellchecker (MIT: everyday.LICENSE).
The words of a base have theirs in its index; the list is read only for a word that no base knows.
"""

from __future__ import annotations

import zlib
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

STEP = 0.5
"""What one level is, as a logarithm."""


@lru_cache(maxsize=4_096)
def frequency(term: str) -> float:
    """Return the logarithm to 10 of how often a stem comes in a thousand million words, 0 where it is rare.

    About 6 for "people", 5 for "wait", 4 for "cotton", 3 for "outnumber"; names are rare.
    """
    at = _listed().find(f" {term} ")
    if at < 0:
        return 0.0
    line = _listed().rfind("\n", 0, at) + 1
    return _logarithm(_listed()[line : _listed().index(" ", line)])


def frequencies() -> Mapping[str, float]:
    """Return the same for all stems that are listed: for many at a time that is quicker."""
    lines = (line.split() for line in _listed().split("\n"))
    return {term: _logarithm(level) for level, *terms in lines for term in terms}


@cache
def _listed() -> str:
    return zlib.decompress(Path(__file__).with_suffix(".bin").read_bytes()).decode()


def _logarithm(level: str) -> float:
    return STEP * (int(level) + 0.5)
