"""One normaliser for both sides, the facts and the query; and what a terminal may be shown."""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_BREVE = "\N{COMBINING BREVE}"
_UNSAFE = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def fold(text: str) -> str:
    """Return *text* in lower case, without diacritics, compatibility forms or odd spaces.

    Unicode: NFKD, case folding, nonspacing marks removed (https://unicode.org/reports/tr15/).
    The Cyrillic short i stays what it is, since Russian endings are told by it.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    import unicodedata

    bare: list[str] = []
    for char in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()):
        if char == _BREVE and bare[-1:] == ["и"]:
            bare[-1] = "й"
        elif unicodedata.category(char) != "Mn":
            bare.append(char)
    return " ".join("".join(bare).replace("’", "'").replace("‘", "'").split())


def words(text: str) -> list[str]:
    """Return the folded words of *text*, without punctuation and possessive endings."""
    return [w.removesuffix("'s") for w in WORD.findall(fold(text))]


def visible(text: str) -> str:
    """Return *text* with control, format and bidirectional characters written as escapes.

    What an escape sequence or an override could do to a terminal must be seen, not done
    (https://trojansource.codes). Line breaks and tabs are kept.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c.encode("unicode_escape").decode() if is_unsafe(c) and c not in "\n\t" else c for c in text
    )


def is_unsafe(char: str) -> bool:
    """Tell whether *char* is a control, format or bidirectional character, or no character at all."""
    import unicodedata

    return unicodedata.category(char) in _UNSAFE


def one_line(text: str) -> str:
    """Return *text* with every run of white space as one space: one record stays one line."""
    return " ".join(text.split())
