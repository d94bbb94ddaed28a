"""Embed the claims of the shipped facts for the wheel, those that are new or changed.

tools/vectors.py            write facts/meaning.vectors; needs the extra `meaning`
tools/vectors.py --check    tell whether it is of the claims as they are; needs no extra
"""

from __future__ import annotations

import sys
from pathlib import Path

from afcli.files import atomic
from afcli.index import cache
from afcli.index.upkeep import open_in_memory
from afcli.meaning import similarity
from afcli.meaning.vectors import read

FACTS = Path(__file__).parents[1] / "facts"


def fresh() -> bool:
    """Tell whether the file holds a vector of each text, in the order of the index."""
    vectors = read(FACTS / similarity.SHIPPED)
    return vectors is not None and vectors.texts == open_in_memory(FACTS).texts_digest


def main() -> int:
    """Write the file, or with --check return 1 where it is stale."""
    if "--check" in sys.argv[1:]:
        if not fresh():
            sys.stderr.write("facts/meaning.vectors is not of these claims; run tools/vectors.py\n")
        return int(not fresh())
    similarity.discard(FACTS)
    if not fresh():
        similarity.Meaning(
            open_in_memory(FACTS), lambda done, total: sys.stderr.write(f"{done} of {total}\n")
        ).prepare(anew=True)
        atomic.write(FACTS / similarity.SHIPPED, cache.vectors_path(FACTS).read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
