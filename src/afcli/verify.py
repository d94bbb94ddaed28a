"""Hold claims against the sentences that they name: what is moved, missing, copied, or not in the source."""

from __future__ import annotations

import csv
import io
import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from afcli import files
from afcli.digests import carried, digest, trace
from afcli.errors import UsageError
from afcli.model import statements
from afcli.spelling import slips
from afcli.text import fold, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from afcli.digests import Fate
    from afcli.model import Claim, Facts

MAX_RUN = 7
"""The longest run of words that a claim may share with the article."""
_NONE: Mapping[str, str] = MappingProxyType({})

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


class Coverage(NamedTuple):
    """How many sentences of a section must have a claim, and how many have one."""

    title: str
    covered: int
    total: int


class Verdict(NamedTuple):
    """What holding the claims against a text has shown."""

    findings: list[Finding]
    fates: Mapping[str, Fate]
    """What became of each sentence that has a digest."""
    standings: dict[str, int]
    """How many claims stand on sentences that are unchanged, moved, changed or gone; the worst counts."""
    now: Facts
    """The facts with claims and outline carried over to the text."""


def read_sentences(path: Path, option: str = "--article") -> dict[str, str]:
    """Return the sentences of an article by id, from a tab-separated file with `id` and `text`.

    Raises UsageError where *path* cannot be read, has no such columns or a row without a proper id.
    """
    try:
        lines = io.StringIO(files.content(path).decode("utf-8-sig"), newline="")
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or (
            "is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        )
        raise UsageError(f"{option}: {str(path)!r}: {reason}; name a readable file in UTF-8") from None
    if not rows or not {"id", "text"} <= rows[0].keys():
        raise UsageError(
            f"{option}: {str(path)!r} has no columns id and text; write them tab-separated, with a header"
        )
    found: dict[str, str] = {}
    for line, row in enumerate(rows, 2):
        id_ = row["id"] or ""
        if id_ in found or not re.fullmatch(r"[1-9]\d*\.[1-9]\d*", id_, re.ASCII):
            raise UsageError(
                f"{option}: {path}:{line}: {id_!r} is no id, or stands twice; write block.sentence, such as 40.8"
            )
        found[id_] = row["text"] or ""
    return found


def verify(
    facts: Facts, sentences: Mapping[str, str], *, old: Mapping[str, str] = _NONE, max_run: int = MAX_RUN
) -> Verdict:
    """Hold the claims against the *sentences*; what a claim explains is left out.

    Rules: `moved`, `changed`, `gone` (by the digests in the facts, or those of the *old* sentences: the
    sentence of a claim or source stands elsewhere, reads otherwise, or is not there), `missing` (a claim
    names a sentence that the text does not have), `uncovered` (a sentence without a claim), `run` (more
    than *max_run* words in order that the article has too, names of the bibliography excepted),
    `number`, `quote`, `name` (not in the claim's sentences), and `draft` (a claim that is one still).
    """
    digests = facts.digests or {place: digest(text) for place, text in old.items()}
    fates = trace(digests, sentences)
    now = carried(facts, fates, sentences) if fates else facts
    texts = {digest(text): text for text in old.values()}
    standings = dict.fromkeys(("unchanged", "moved", "changed", "gone"), 0)
    found = [
        finding
        for source in facts.bibliography
        if "at" in source.custom
        for finding in _strayed(source.key, (source.custom["at"],), fates, digests, sentences, texts)
    ]
    covered = {place for claim in now.claims for place in claim.at}
    found += [
        Finding("uncovered", place, "no claim stands on this sentence")
        for place in statements(now.sections)
        if place not in covered
    ]
    runs = _runs(now, sentences, max_run)
    near = _Text(now, sentences)
    for claim, claim_now in zip(facts.claims, now.claims, strict=True):
        found += _strayed(claim.id, claim.at, fates, digests, sentences, texts)
        standing = max(
            (fates[p].standing for p in claim.at if p in fates), key=list(standings).index, default=""
        )
        if standing:
            standings[standing] += 1
        missing = [place for place in claim_now.at if place not in sentences]
        found += [Finding("missing", claim.id, f"the article has no sentence {place}") for place in missing]
        if claim.status:
            found.append(Finding("draft", claim.id, "is still to be rewritten"))
        elif not missing and standing != "gone":
            held = _held(claim_now, sentences, near, runs, max_run)
            found += [f for f in held if f.rule not in claim.explained]
    return Verdict(found, fates, standings, now)


def coverage(facts: Facts) -> list[Coverage]:
    """Return for each section that states something how much of it the claims cover."""
    covered = {place for claim in facts.claims for place in claim.at}
    counted = ((section.title, list(statements([section]))) for section in facts.sections)
    return [
        Coverage(title, len(covered.intersection(places)), len(places)) for title, places in counted if places
    ]


def _strayed(
    about: str,
    at: tuple[str, ...],
    fates: Mapping[str, Fate],
    digests: Mapping[str, str],
    sentences: Mapping[str, str],
    texts: Mapping[str, str],
) -> Iterator[Finding]:
    """Yield what became of the sentences at these places, where it is not nothing."""
    for place in at:
        standing, now = fates.get(place, ("unchanged", ()))
        if standing == "moved":
            yield Finding(standing, about, f"{place} stands now at {now[0]}")
        elif standing == "changed":
            text = " ".join(sentences[other] for other in now)
            before = texts.get(digests[place])
            where = "" if now == (place,) else f" ({', '.join(now)})"
            yield Finding(
                standing, about, f"{place} reads now{where}: {_marked(before, text) if before else text}"
            )
        elif standing == "gone":
            yield Finding(standing, about, f"{place} is not in the article any more")


def _marked(before: str, after: str) -> str:
    """Return *after* with the words that were added and removed marked, as in `[-old-] {+new+}`."""
    from difflib import SequenceMatcher

    old, new = before.split(), after.split()
    shown: list[str] = []
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            shown += new[new_start:new_end]
            continue
        removed, added = " ".join(old[start:end]), " ".join(new[new_start:new_end])
        shown += [f"[-{removed}-]"] * bool(removed) + [f"{{+{added}+}}"] * bool(added)
    return " ".join(shown)


def _grams(text: str, max_run: int) -> set[tuple[str, ...]]:
    # A compound counts as its parts: hyphens must not hide a copy.
    found = re.findall(r"\w+", fold(text))
    return {tuple(found[i : i + max_run + 1]) for i in range(len(found) - max_run)}


def _runs(facts: Facts, sentences: Mapping[str, str], max_run: int) -> set[tuple[str, ...]]:
    """Return all runs of words of the article that are too long to be shared, titles excepted."""
    free = {
        f"{block}.{n + 1}"
        for section in facts.sections
        for block, (kind, count) in section.blocks.items()
        if kind in ("title", "heading", "byline", "reference")
        for n in range(count)
    }
    titles = set().union(*(_grams(text, max_run) for place, text in sentences.items() if place in free))
    others = set().union(*(_grams(text, max_run) for place, text in sentences.items() if place not in free))
    return others - titles


def _held(
    claim: Claim, sentences: Mapping[str, str], near: _Text, runs: set[tuple[str, ...]], max_run: int
) -> Iterator[Finding]:
    text = " ".join(sentences[place] for place in claim.at)
    for gram in sorted(_grams(claim.text, max_run) & runs):
        yield Finding("run", claim.id, f"copies {' '.join(gram)!r}")
    for number in _NUMBER.findall(claim.text):
        if number not in _numbers(text) and not _of_the_date(number, claim.date):
            yield Finding("number", claim.id, f"{number} does not stand in {', '.join(claim.at)}")
    plain = fold(text).translate(_NO_QUOTES)
    for quotation in _QUOTATION.findall(claim.text):
        if len(words(quotation)) > max_run:
            yield Finding("quote", claim.id, f"quotes more than {max_run} words: {quotation!r}")
        if fold(quotation).translate(_NO_QUOTES).rstrip(".,;") not in plain:
            yield Finding("quote", claim.id, f"{quotation!r} does not stand in {', '.join(claim.at)}")
    for name in near.unsupported(claim):
        yield Finding("name", claim.id, f"{name} does not stand in {', '.join(claim.at)} or beside it")


_NO_QUOTES = {ord(c): None for c in "'\"‘’“”"}


def _numbers(text: str) -> set[str]:
    spelt = {_NUMBER_WORDS[word] for word in words(text) if word in _NUMBER_WORDS}
    return spelt | set(_NUMBER.findall(text))


def _of_the_date(number: str, date: str) -> bool:
    """Tell whether *number* is a part of the resolved date, with or without a leading zero."""
    return number.lstrip("0") in {part.lstrip("0") for part in re.findall(r"\d+", date)}


class _Text:
    """The sentences of the article as a claim's names are looked for in them."""

    def __init__(self, facts: Facts, sentences: Mapping[str, str]) -> None:
        """Take the names apart once, and the words of each block once."""
        self._entities = [[tuple(words(name)) for name in e.names] for e in facts.entities.values()]
        authors = facts.article.item.get("author", [])
        self._free = _MONTHS | {word for a in authors for name in a.values() for word in words(name)}
        self._blocks: dict[int, list[str]] = {}
        for place, text in sentences.items():
            self._blocks.setdefault(int(place.split(".")[0]), []).append(text)
        self.near = cache(self._near)

    def _near(self, blocks: frozenset[int]) -> tuple[set[str], set[str]]:
        """Return the words of these blocks, and all that claims on them may have besides.

        Neighbours count, for pronouns; of an entity any name may stand for any other.
        """
        around = sorted({block - back for block in blocks for back in range(3)} & self._blocks.keys())
        text = " ".join(sentence for block in around for sentence in self._blocks[block])
        written = words(text)
        present = {*written, *re.findall(r"\w+", fold(text))}
        folded = f" {' '.join(written)} "
        allowed = set(self._free)
        for names in self._entities:
            if any(present.issuperset(name) and f" {' '.join(name)} " in folded for name in names):
                allowed.update(*names)
        return present, allowed

    def unsupported(self, claim: Claim) -> Iterator[str]:
        """Yield the capitalised words of *claim* that the text does not account for, slips allowed."""
        present, allowed = self.near(frozenset(int(place.split(".")[0]) for place in claim.at))
        for token in _NAME.finditer(claim.text):
            starts = token.start() == 0 or claim.text[: token.start()].rstrip().endswith((".", "“"))
            for word in words(token[0]):
                known = any(w in held for w in (word, word.removesuffix("s")) for held in (present, allowed))
                if token[0][0].isupper() and not starts and not known and not slips(word, present):
                    yield token[0]
