"""Hold claims against the sentences that they name: what is missing, copied, or not in the source."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, NamedTuple

from afcli.errors import UsageError
from afcli.model import statements
from afcli.spelling import slips
from afcli.text import fold, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from afcli.model import Claim, Facts

MAX_RUN = 7
"""The longest run of words that a claim may share with the article."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_QUOTATION = re.compile(r"“([^”]+)”")
_NAME = re.compile(r"[^\W\d_][\w’'-]*")
_NUMBER_WORDS = dict(
    zip(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ],
        map(str, range(13)),
        strict=True,
    )
)
_MONTHS = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)


class Finding(NamedTuple):
    """One thing to look at: a rule, the claim or sentence it concerns, and what was found."""

    rule: str
    where: str
    message: str

    def __str__(self) -> str:
        """Format as `where: rule: message`."""
        return f"{self.where}: {self.rule}: {self.message}"


def read_sentences(path: Path) -> dict[str, str]:
    """Return the sentences of an article by id, from a tab-separated file with `id` and `text`.

    Raises UsageError where *path* cannot be read or has no such columns.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        raise UsageError(f"--article: {str(path)!r}: {reason}; name a readable file in UTF-8") from None
    if not rows or not {"id", "text"} <= rows[0].keys():
        raise UsageError(
            f"--article: {str(path)!r} has no columns id and text; write them tab-separated, with a header"
        )
    return {row["id"]: row["text"] or "" for row in rows}


def verify(facts: Facts, sentences: Mapping[str, str]) -> list[Finding]:
    """Return what is wrong between the claims and the *sentences*, less what a claim explains.

    Rules: `uncovered` (a sentence without a claim), `missing` (a claim names a sentence that the
    text does not have), `run` (more than MAX_RUN words in order that the article has too, names
    of the bibliography excepted), and `number`, `quote`, `name` (not in the claim's sentences).
    """
    covered = {place for claim in facts.claims for place in claim.at}
    found = [
        Finding("uncovered", place, "no claim stands on this sentence")
        for place in statements(facts.sections)
        if place not in covered
    ]
    runs = _runs(facts, sentences)
    for claim in facts.claims:
        missing = [place for place in claim.at if place not in sentences]
        found += [Finding("missing", claim.id, f"the article has no sentence {place}") for place in missing]
        if not missing:
            found += [f for f in _held(facts, claim, sentences, runs) if f.rule not in claim.explained]
    return found


def _grams(text: str) -> set[tuple[str, ...]]:
    # A compound counts as its parts: hyphens must not hide a copy.
    found = re.findall(r"\w+", fold(text))
    return {tuple(found[i : i + MAX_RUN + 1]) for i in range(len(found) - MAX_RUN)}


def _runs(facts: Facts, sentences: Mapping[str, str]) -> set[tuple[str, ...]]:
    """Return all runs of words of the article that are too long to be shared, titles excepted."""
    free = {
        f"{block}.{n + 1}"
        for section in facts.sections
        for block, (kind, count) in section.blocks.items()
        if kind in ("title", "heading", "byline", "reference")
        for n in range(count)
    }
    titles = set().union(*(_grams(text) for place, text in sentences.items() if place in free))
    return set().union(*(_grams(text) for place, text in sentences.items() if place not in free)) - titles


def _held(
    facts: Facts, claim: Claim, sentences: Mapping[str, str], runs: set[tuple[str, ...]]
) -> Iterator[Finding]:
    text = " ".join(sentences[place] for place in claim.at)
    for gram in sorted(_grams(claim.text) & runs):
        yield Finding("run", claim.id, f"copies {' '.join(gram)!r}")
    for number in _NUMBER.findall(claim.text):
        if number not in _numbers(text) and not _of_the_date(number, claim.date):
            yield Finding("number", claim.id, f"{number} does not stand in {', '.join(claim.at)}")
    plain = fold(text).translate(_NO_QUOTES)
    for quotation in _QUOTATION.findall(claim.text):
        if len(words(quotation)) > MAX_RUN:
            yield Finding("quote", claim.id, f"quotes more than {MAX_RUN} words: {quotation!r}")
        if fold(quotation).translate(_NO_QUOTES).rstrip(".,;") not in plain:
            yield Finding("quote", claim.id, f"{quotation!r} does not stand in {', '.join(claim.at)}")
    near = _with_neighbours(claim, sentences)
    for name in _unsupported_names(facts, claim, near):
        yield Finding("name", claim.id, f"{name} does not stand in {', '.join(claim.at)} or beside it")


_NO_QUOTES = {ord(c): None for c in "'\"‘’“”"}


def _numbers(text: str) -> set[str]:
    spelt = {_NUMBER_WORDS[word] for word in words(text) if word in _NUMBER_WORDS}
    return spelt | set(_NUMBER.findall(text))


def _of_the_date(number: str, date: str) -> bool:
    """Tell whether *number* is a part of the resolved date, with or without a leading zero."""
    return number.lstrip("0") in {part.lstrip("0") for part in re.findall(r"\d+", date)}


def _with_neighbours(claim: Claim, sentences: Mapping[str, str]) -> str:
    """Return the claim's sentences with the rest of their blocks and the block before each."""
    blocks = {int(place.split(".")[0]) for place in claim.at}
    near = blocks | {block - 1 for block in blocks} | {block - 2 for block in blocks}
    return " ".join(text for place, text in sentences.items() if int(place.split(".")[0]) in near)


def _unsupported_names(facts: Facts, claim: Claim, text: str) -> Iterator[str]:
    """Yield the capitalised words of the claim that neither *text* nor the other names in it account for.

    A word counts as present when it, or a word from which it is a few slips away, stands there;
    or when it belongs to an entity of which any name stands there; months may be resolved dates.
    """
    present = {*words(text), *re.findall(r"\w+", fold(text))}
    folded = f" {' '.join(words(text))} "
    allowed = {
        word
        for entity in facts.entities.values()
        if any(f" {' '.join(words(name))} " in folded for name in entity.names)
        for name in entity.names
        for word in words(name)
    }
    allowed |= _MONTHS | {
        word for a in facts.article.item.get("author", []) for name in a.values() for word in words(name)
    }
    tokens = list(_NAME.finditer(claim.text))
    for token in tokens:
        for word in words(token[0]):
            starts = token.start() == 0 or claim.text[: token.start()].rstrip().endswith((".", "“"))
            if token[0][0].isupper() and not starts and word not in present | allowed:
                stem = word.removesuffix("s")
                if stem not in present | allowed and not slips(word, present):
                    yield token[0]
