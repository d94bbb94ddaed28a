"""Write src/afcli/word_frequency.txt: how common the words of English and Russian are at large.

The counts are those of pyspellchecker (MIT; https://github.com/barrust/pyspellchecker), made of film subtitles
(OpenSubtitles 2016, Lison and Tiedemann), in which names are rare:

    pip install pyspellchecker && python tools/word_frequency.py
"""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path

from spellchecker import SpellChecker

from afcli.text import fold, stem
from afcli.word_frequency import STEP

TARGET = Path(__file__).parents[1] / "src" / "afcli" / "word_frequency.txt"
RAREST = {"en": 2.3, "ru": 3.25}
"""The logarithm of how often in a thousand million words a stem must come to be listed."""


def main() -> None:
    """Count the stems of each language and write them, one line a level."""
    levels: dict[int, set[str]] = defaultdict(set)
    for language, rarest in RAREST.items():
        counts = SpellChecker(language=language).word_frequency
        of_stem: dict[str, int] = defaultdict(int)
        for word, count in counts.items():
            folded = fold(word)
            if folded.isalpha() and len(folded) > 1:
                of_stem[stem(folded)] += count
        for found, count in of_stem.items():
            often = math.log10(1e9 * count / counts.total_words)
            if often >= rarest:
                levels[int(often / STEP)].add(found)
    lines = (f"{level} {' '.join(sorted(found))} " for level, found in sorted(levels.items()))
    TARGET.write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()
