"""Tell pandoc's citations, `[see @key, p. 3; -@other]` and `@key says`, from the text around them."""

from __future__ import annotations

import re
from typing import NamedTuple

PRINTED = "printed:"
"""Before the number of an entry that the article prints, where it is cited by that."""
_KEY = r"-?@(?!\{?(?:fig|tbl|eq|sec|lst):)(?:\{([^}\s]+)\}|([A-Za-z0-9_](?:[\w:.#$%&+?<>~/-]*\w)?))"
"""What pandoc-crossref refers to, figures and tables of the text itself, is no work."""
_BRACKETED = re.compile(rf"[ \u00a0]?\[((?:[^\[\]]*?[\s;(])?{_KEY}[^\[\]]*)\]")
_IN_TEXT = re.compile(rf"(?<![\w@/]){_KEY}(?: \[(?!\^)([^\[\]@]*)\])?")
_PLACE = re.compile(
    r",?\s*((?:pp?\.|pages?|chap\.|chapters?|secs?\.|sections?|§+|paras?\.|vol\.|no\.|fig\.)?\s*\w*\d[\w\s,–-]*)"
)


class Key(NamedTuple):
    """A citation by key: which work, at which place in it, and where in the text it stands."""

    key: str
    place: str
    position: int


def without_keys(text: str) -> tuple[str, list[Key]]:
    """Return *text* without the citations in brackets, and all citations with their positions in it.

    A key that is a word of its sentence, as in `@key says`, stays there: without it the sentence would have no subject.
    """
    found: list[Key] = []
    said, end = "", 0
    for brackets in _BRACKETED.finditer(text):
        said += text[end : brackets.start()]
        end = brackets.end()
        keys = ((one, re.search(_KEY, one)) for one in brackets[1].split(";"))
        found += [Key(key[1] or key[2], _place(one[key.end() :]), len(said)) for one, key in keys if key]
    said += text[end:]
    found += [Key(key[1] or key[2], _place(key[3] or ""), key.start()) for key in _IN_TEXT.finditer(said)]
    return said.strip(), sorted(found, key=lambda key: key.position)


def without_words(text: str) -> str:
    """Return *text* without the keys that are words of it: their digits are no dates."""
    return _IN_TEXT.sub("", text)


def _place(text: str) -> str:
    place = _PLACE.match(text.strip())
    return " ".join(place[1].replace("--", "–").split()).rstrip(" ,") if place else ""
