"""Split a paragraph into sentences. Only this module imports sentencex, Wikimedia's segmenter."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from afcli.authoring.reading.pieces import ENTRY
from afcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_HIDDEN = "\u2060"
"""Stands for a quotation mark: sentencex would keep all that is quoted as one sentence."""
_PLACED = r"\[(?:[^\[\]]{0,200}\b(?:pp?\.|vol\.|No\.) ?\d[^\[\]]{0,60}|(?:\w+[,:]? ){3,12}\w+)\]"
"""A work and a page in brackets, which some print after a sentence."""
_TRAILING = re.compile(
    rf"(?:{_HIDDEN}|\s*{_PLACED}|\s*\[(?:[\d\s,–-]+|[a-z]{{1,2}}|(?:note|nb) \d+)\])+(?=\s|$)\s*"
)
"""Closing quotation marks and the numbers of notes, which belong to the sentence before them."""
_WITH_PLACE = re.compile(rf"[.!?][\"”’){_HIDDEN}]*\s*{_PLACED}(?=\s+[^\W\da-z]|\s+{_HIDDEN})")
_CLOSED_WITHIN = re.compile(rf"[^{_HIDDEN}]*\w{_HIDDEN}\s+[a-z]")
"""A quotation that ends within the sentence, as a title does: “Who reads? Everyone” by Bohannon."""
_ABBREVIATED = re.compile(
    r"\b(?:vols?|nos?|pp?|ch|chap|figs?|eds?|cf|secs?|art|paras?|c|ca|v)\.\s*$", re.IGNORECASE
)
_TITLED = re.compile(r"\b(?:Sh|Smt|Pt)\.\s*$")
"""Titles before a name, as they are written in India, that sentencex takes for the end of a sentence."""


def splitter() -> Callable[[str], tuple[str, ...]]:
    """Return the function that splits a paragraph into sentences, losing no word."""
    try:
        from sentencex import segment
    except ImportError:
        raise UsageError("this needs sentencex; install it: pip install 'afcli[new]'") from None

    def split(text: str) -> tuple[str, ...]:
        # sentencex would take a leading number for the first sentence, or miss the others.
        mark = ENTRY.match(text)
        start = mark.end() if mark else 0
        hidden = re.sub(r"[“”\"]", _HIDDEN, text[start:])
        position, parts = start, list[str]()
        for part in _joined(piece for whole in segment("en", hidden) for piece in _at_places(whole)):
            parts.append(text[position : position + len(part)].strip())
            position += len(part)
        sentences = (text[:start] + parts[0], *filter(None, parts[1:])) if parts else (text,)
        # If sentencex loses a word, keep the paragraph whole.
        return sentences if _squeezed(sentences) == _squeezed([text]) else (text,)

    return split


def _at_places(part: str) -> Iterator[str]:
    """Divide *part* after each work in brackets that stands between two sentences."""
    ends = [0, *(found.end() for found in _WITH_PLACE.finditer(part)), len(part)]
    return (part[start:end] for start, end in pairwise(ends))


def _joined(parts: Iterable[str]) -> Iterator[str]:
    """Yield the sentences of sentencex, without the splits that it makes in error."""
    sentence = ""
    for part in parts:
        trailing = _TRAILING.match(part) if sentence else None
        ended = sentence + (trailing[0] if trailing else "")
        rest = part[trailing.end() :] if trailing else part
        numbered = _ABBREVIATED.search(ended) and rest[:1].isdigit()
        initial = re.fullmatch(rf"{_HIDDEN}[^\W\d_]\.\s*", ended)
        wordless = not re.search(r"[^\W_]", rest)
        titled = _TITLED.search(ended) or (ended.count(_HIDDEN) % 2 and _CLOSED_WITHIN.match(part))
        goes_on = numbered or initial or wordless or titled or (trailing and rest[:1].islower())
        if sentence and not goes_on:
            yield ended
            ended = ""
        sentence = ended + rest
    if sentence:
        yield sentence


def _squeezed(texts: Iterable[str]) -> str:
    return "".join("".join(texts).split())
