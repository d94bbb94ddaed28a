"""Words in Latin letters, and how they sound. Only this module imports anyascii."""

from __future__ import annotations

import re

# Spellings that vary in romanised Russian and Persian names, reduced to one sound.
_SOUNDS = {
    "shch": "c", "dzh": "j", "tch": "c", "zh": "j", "kh": "h", "ch": "c", "sh": "s", "ts": "c", "ph": "f",
    "ck": "k", "q": "k", "x": "ks", "w": "v", "y": "i", "'": "", "-": "",
}  # fmt: skip
_SOUND = "|".join(_SOUNDS)


def latin(text: str) -> str:
    """Return *text* in plain Latin letters."""
    from anyascii import anyascii

    return anyascii(text)


def romanised(word: str) -> str:
    """Return *word* in small Latin letters."""
    return latin(word).lower()


def slug(text: str) -> str:
    """Return the first words of *text* as an id, in Latin letters as far as possible; empty if it has none."""
    latin_words = re.findall(r"[a-z0-9]+", romanised(text).replace("'", ""))
    found = "-".join(latin_words)[:50].strip("-")
    return found if not found or found[0].isalpha() else f"n-{found}"


def sound(word: str) -> str:
    """Return a key that is the same for all Latin spellings of one name."""
    return re.sub(r"(.)\1+", r"\1", re.sub(_SOUND, lambda found: _SOUNDS[found[0]], word))


def skeleton(word: str) -> str:
    """Return the first letter and the consonants of a `sound`: romanisations differ mostly in vowels."""
    return word[:1] + re.sub("[aeiou]", "", word[1:])
