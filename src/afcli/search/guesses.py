"""What a word that the facts do not have may be meant for: another spelling, or a name in another script."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from afcli.index.base import EXPANSIONS
from afcli.text import is_cyrillic, stem, words
from afcli.word_frequency import frequency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afcli.index.base import Base
    from afcli.search.interpret import Candidates


def add_sounding(missed: Sequence[str], found: dict[str, Candidates], base: Base) -> None:
    """Add to Cyrillic words the Latin words that sound like them."""
    cyrillic = [word for word in missed if is_cyrillic(word)]
    if not cyrillic:
        return
    from afcli.sounds import romanised, skeleton, sound

    sounds = {word: sound(romanised(word)) for word in cyrillic}
    bare = {word: skeleton(heard) for word, heard in sounds.items()}
    alike = base.sounding(sounds.values(), {key for key in bare.values() if len(key) > 3})
    for word, heard in sounds.items():
        for other, its_sound, its_skeleton in alike:
            if its_sound == heard or (len(bare[word]) > 3 and its_skeleton == bare[word]):
                found[word].setdefault(stem(other), (0.8, "transliteration", other))


def add_misspelt(missed: Sequence[str], found: dict[str, Candidates], base: Base) -> None:
    """Add to words that are still unknown the known words that they may misspell."""
    if not missed:
        return
    from afcli.spelling import allowance, begun, misspelt

    starting = base.starting({word[0] for word in missed})
    # Typos seldom affect the first letter, and in a short word they make another word.
    meant = {word: misspelt(word, starting[word[0]], 1) for word in missed}
    left = {
        word: range(len(word) - allowance(word), len(word) + allowance(word) + 1)
        for word in missed
        if not meant[word] and len(word) > 5
    }
    near = base.of_lengths({length for lengths in left.values() for length in lengths}) if left else {}
    for word, lengths in left.items():
        meant[word] = misspelt(word, itertools.chain.from_iterable(near.get(n, ()) for n in lengths))
    for word in missed:
        close_words = meant[word] or begun(word, starting[word[0]])
        for other, close in sorted(close_words.items(), key=lambda pair: (-pair[1], pair[0]))[:EXPANSIONS]:
            found[word].setdefault(stem(other), (0.85 * close, "typo", other))


def spellings(base: Base, unknown: Sequence[str]) -> list[str]:
    """Return the names that *unknown* words may misspell, skipping dictionary words: these are not misspelt."""
    from afcli.spelling import resembling

    names = sorted((name for entity in base.entities() for name in entity.names[1:]), key=len)
    known: dict[str, str] = {}
    for name in names:
        for part in (*words(name), "".join(words(name))):
            known.setdefault(part, name)
    misspelt = [word for word in unknown if not frequency(stem(word))]
    return list(dict.fromkeys(known[part] for word in misspelt for part in resembling(word, known)))[:3]
