"""Check claims against the sentences they name: what moved, is missing, is copied, or is not in the source."""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from afcli.authoring.compare import differences
from afcli.authoring.findings import Finding
from afcli.authoring.moved_sentences import Edition, block_of, digests_of, trace
from afcli.fact_base import STATEMENTS, sentence_ids
from afcli.model import Status
from afcli.months import MONTH_NAMES
from afcli.names_in_text import find_names, index_names, longest
from afcli.spelling import slips
from afcli.text import pieces, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from afcli.fact_base import FactBase
    from afcli.model import Claim

MAX_RUN = 7
"""The longest run of words that a claim may share with the article."""
STANDINGS = ("unchanged", "moved", "changed", "gone")
"""From best to worst."""
_NONE: Mapping[str, str] = MappingProxyType({})

_QUOTATION = re.compile(r"“([^”]+)”")
_NAME = re.compile(r"(?<![\w.])[^\W\d_][\w’'-]*")
_PRONOUN = re.compile(
    r"\b(?:I|me|my|we|us|our|he|him|his|she|her|they|their|it|its|the (?:country|government|authors?|president|minister|party))\b",
    re.IGNORECASE,
)
_CITABLE = ("title", "heading", "byline", "reference")
"""The kinds of blocks whose words a claim may copy, for they are titles and names."""


class Rule(StrEnum):
    """What verify finds."""

    moved = "moved"
    changed = "changed"
    gone = "gone"
    missing = "missing"
    uncovered = "uncovered"
    draft = "draft"
    run = "run"
    number = "number"
    unit = "unit"
    date = "date"
    negation = "negation"
    hedge = "hedge"
    quote = "quote"
    speaker = "speaker"
    name = "name"


class Coverage(NamedTuple):
    """How many sentences of a section must have a claim, and how many have one."""

    title: str
    covered: int
    total: int


class Verdict(NamedTuple):
    """The result of checking the claims against a text."""

    findings: list[Finding]
    standings: dict[str, int]
    """How many claims name sentences that are unchanged, moved, changed or gone; the worst counts. Empty without digests."""
    coverage: list[Coverage]


def verify(
    facts: FactBase,
    text: Mapping[str, str],
    *,
    old: Mapping[str, str] = _NONE,
    max_run: int = MAX_RUN,
    without: Collection[Rule] = (),
) -> Verdict:
    """Check the claims against the sentences of a *text*; leave out what a claim explains, and the rules *without*.

    Rules: `moved`, `changed`, `gone` (by the digests in the facts, or those of the *old* sentences: the
    sentence of a claim or source has another id, another text, or is not there; the last two also by the
    claim's status), `missing` (a claim names a sentence that the text does not have), `uncovered` (a sentence
    without a claim), `run` (more than *max_run* words in a row that the article has too, except names in the
    bibliography), `number`, `unit`, `date`, `quote`, `name`, `speaker` (not in the claim's sentences), `negation`
    and `hedge` (left out or added), and `draft` (a claim that is still one).
    """
    edition = _Compared(facts, text, old)
    now = edition.carried() if edition.fates else facts
    held = SentenceRules(now, edition.sentences, max_run)
    standings = Counter(edition.standing(claim) for claim in facts.claims)
    findings = [
        finding
        for source in facts.bibliography
        if "at" in source.custom
        for finding in edition.findings(source.key, [source.custom["at"]])
    ]
    covered = {id_ for claim in now.claims if claim.status != Status.gone for id_ in claim.at}
    bare = (id_ for id_ in sentence_ids(now.sections, STATEMENTS) if id_ not in covered)
    findings += [Finding("uncovered", id_, "no claim rests on this sentence") for id_ in bare]
    for claim, claim_now in zip(facts.claims, now.claims, strict=True):
        findings += [finding for finding in edition.of_claim(claim) if finding.rule not in claim.explained]
        if claim.status == Status.draft:
            findings.append(Finding("draft", claim.id, "still has to be rewritten"))
        elif edition.standing(claim) != "gone":
            findings += held.findings(claim_now)
    kept = [finding for finding in findings if finding.rule not in without]
    counts = {standing: standings[standing] for standing in STANDINGS} if edition.fates else {}
    return Verdict(kept, counts, coverage(now))


def coverage(facts: FactBase) -> list[Coverage]:
    """Return how much of each section that states something the claims cover that somebody has read."""
    read = {id_ for claim in facts.claims if not claim.status for id_ in claim.at}
    parts = ((section.title, list(sentence_ids([section], STATEMENTS))) for section in facts.sections)
    return [Coverage(title, len(read.intersection(ids)), len(ids)) for title, ids in parts if ids]


class _Compared(Edition):
    """An edition with what is to be said about each claim on it."""

    def __init__(self, facts: FactBase, text: Mapping[str, str], old: Mapping[str, str]) -> None:
        super().__init__(facts, text, old)
        self.replaced: dict[str, list[str]] = {}
        """The old text of the sentence at each place, if it is known to have changed."""
        for was, fate in trace(digests_of(old), self.sentences, self.old_texts).items():
            for now in fate.now if fate.standing == "changed" else ():
                self.replaced.setdefault(now, []).append(old[was])

    def standing(self, claim: Claim) -> str:
        """Return the worst fate of the claim's sentences, or its status; nothing if no sentence has a digest."""
        fates = [self.fates[id_].standing for id_ in claim.at if id_ in self.fates]
        marked = [claim.status] if claim.status in STANDINGS else []
        return "gone" if "gone" in marked else max([*fates, *marked], key=STANDINGS.index, default="")

    def of_claim(self, claim: Claim) -> Iterator[Finding]:
        """Yield what became of the sentences of *claim*, now or before."""
        if claim.status == Status.gone:
            yield Finding("gone", claim.id, f"{', '.join(claim.at)} is no longer in the article")
            return
        found = list(self.findings(claim.id, claim.at))
        yield from found
        if claim.status == Status.changed and "changed" not in [finding.rule for finding in found]:
            at = [id_ for id_ in claim.at if id_ in self.replaced] or claim.at
            before = " ".join(text for id_ in at for text in self.replaced.get(id_, ()))
            text = " ".join(self.sentences.get(id_, "") for id_ in at)
            difference = _marked(before.split(), text.split()) if before else text
            verb = "reads" if len(at) == 1 else "read"
            yield Finding("changed", claim.id, f"{', '.join(at)} now {verb}: {difference}")

    def findings(self, about: str, at: Iterable[str]) -> Iterator[Finding]:
        """Yield what became of these sentences, named by *about*, if anything did."""
        for was in at:
            standing, now = self.fates.get(was, ("unchanged", ()))
            if standing == "moved":
                joined = ", joined with its neighbour" * (now == (was,))
                yield Finding(standing, about, f"{was} is now at {', '.join(now)}{joined}")
            elif standing == "changed":
                where = "" if now == (was,) else f" ({', '.join(now)})"
                yield Finding(standing, about, f"{was} now reads{where}: {self._difference(was, now)}")
            elif standing == "gone":
                yield Finding(standing, about, f"{was} is no longer in the article")

    def _difference(self, was: str, now: Iterable[str]) -> str:
        """Return the new text; if the old one is known, with removals and additions marked."""
        text = " ".join(self.sentences[id_] for id_ in now)
        before = self.old_texts.get(self.digests[was])
        return _marked(before.split(), text.split()) if before else text


def _marked(old: list[str], new: list[str]) -> str:
    """Return the *new* words with additions and removals marked, as in `[-old-] {+new+}`."""
    from difflib import SequenceMatcher

    shown: list[str] = []
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        removed, added = " ".join(old[start:end]), " ".join(new[new_start:new_end])
        if tag == "equal":
            shown.append(added)
        else:
            shown += [f"[-{removed}-]"] * bool(removed) + [f"{{+{added}+}}"] * bool(added)
    return " ".join(shown)


class SentenceRules:
    """The sentences of the article, prepared for holding claims against them."""

    def __init__(self, facts: FactBase, sentences: Mapping[str, str], max_run: int = MAX_RUN) -> None:
        """Read every sentence once."""
        self.sentences = sentences
        self.entities = facts.entities
        self.max_run = max_run
        self.length = max_run + 1
        """Of a run that is too long."""
        self.wholes = index_names(
            (name, " ".join(name))
            for entity in facts.entities.values()
            for name in {pieces(_joined(name)) for name in entity.names}
            if len(name) > 1
        )
        citable = set(sentence_ids(facts.sections, _CITABLE))
        self.runs = self._runs(sentences.keys() - citable) - self._runs(sentences.keys() & citable)
        self.names = index_names(
            (words(name), entity.names) for entity in facts.entities.values() for name in entity.names
        )
        authors = facts.article.item.get("author", [])
        self.allowed = {name.lower() for name in MONTH_NAMES} | {
            word for author in authors for name in author.values() for word in words(name)
        }
        self.blocks: dict[str, list[str]] = {}
        for id_, text in sentences.items():
            self.blocks.setdefault(block_of(id_), []).append(text)
        self.around = cache(self._around)
        self.beside: dict[str, list[Claim]] = {}
        for claim in facts.claims:
            for id_ in claim.at if claim.status not in (Status.draft, Status.gone) else ():
                self.beside.setdefault(id_, []).append(claim)

    def findings(self, claim: Claim) -> Iterator[Finding]:
        """Yield what is wrong with *claim*, except what it explains."""
        missing = [id_ for id_ in claim.at if id_ not in self.sentences]
        for id_ in missing:
            yield Finding("missing", claim.id, f"the article has no sentence {id_}")
        for rule, message in () if missing else self._differences(claim):
            if rule not in claim.explained:
                yield Finding(rule, claim.id, message)

    def _differences(self, claim: Claim) -> Iterator[tuple[str, str]]:
        """Yield what *claim* copies from the article, and what it says that its sentences do not."""
        at = ", ".join(claim.at)
        for run in self._copied(claim.text):
            yield "run", f"copies {' '.join(run).replace('_', '.')!r}"
        for quotation in _QUOTATION.findall(claim.text):
            if len(words(quotation)) > self.max_run:
                yield "quote", f"quotes more than {self.max_run} words: {quotation!r}"
        siblings = {other.id: other.text for id_ in claim.at for other in self.beside.get(id_, ())}
        siblings.pop(claim.id, None)
        yield from differences(claim, {id_: self.sentences[id_] for id_ in claim.at}, siblings.values())
        present, allowed = self.around(frozenset(map(block_of, claim.at)))
        for speaker in self._unheard(claim, present):
            yield "speaker", f"{speaker} does not speak in {at}"
        for name in _unsupported(claim.text, present, allowed):
            yield "name", f"{name} is not in {at} or beside it"

    def _runs(self, ids: Iterable[str]) -> set[tuple[str, ...]]:
        """Return every run of words in these sentences that is too long to copy, as short as it may be."""
        texts = (self._written(self.sentences[id_]) for id_ in ids)
        return {text[n : n + self.length] for text in texts for n in range(len(text) - self.max_run)}

    def _written(self, text: str) -> tuple[str, ...]:
        """Return the words of *text*; a compound counts as its parts, so that hyphens hide no copy, a name as one word."""
        written = pieces(_joined(text))
        parts: list[str] = []
        last = 0
        for start, end, whole in longest(find_names(written, self.wholes)):
            parts += [*written[last:start], whole]
            last = end
        return (*parts, *written[last:])

    def _copied(self, text: str) -> list[tuple[str, ...]]:
        """Return each run of words in *text* that the article has too and that is too long, as far as it goes."""
        written = self._written(text)
        runs: list[list[int]] = []
        for start in range(len(written)):
            if written[start : start + self.length] not in self.runs:
                continue
            if not runs or start >= runs[-1][1]:
                runs.append([start, start])
            runs[-1][1] = start + self.length
        return [written[start:end] for start, end in runs]

    def _unheard(self, claim: Claim, present: set[str]) -> Iterator[str]:
        """Yield the speakers of *claim* whom its sentences do not name; a pronoun may mean anybody *present* just before."""
        text = " ".join(self.sentences[id_] for id_ in claim.at)
        within = {*words(text), *pieces(text)}
        for speaker in claim.said_by:
            country = self.entities.get(speaker.country)
            names = [set(words(name)) for name in (*speaker.names, *(country.names if country else ()))]
            names += [{words(speaker.name)[-1]}] * (speaker.type == "person")
            where = (within, present) if _PRONOUN.search(text) else (within,)
            if not any(name <= known for name in names for known in where):
                yield speaker.name

    def _around(self, blocks: frozenset[str]) -> tuple[set[str], set[str]]:
        """Return the words of these blocks and of the two before each, for pronouns; and all words a claim may use.

        Any name of an entity mentioned there may replace any other.
        """
        order = list(self.blocks)
        numbers = [order.index(block) for block in blocks]
        near = sorted({max(number - back, 0) for number in numbers for back in range(3)})
        text = " ".join(sentence for number in near for sentence in self.blocks[order[number]])
        written = words(text)
        present = {*written, *pieces(text)}
        named = (name for _, _, names in find_names(written, self.names) for name in names)
        return present, present | self.allowed | {word for name in named for word in words(name)}


_POINT = re.compile(r"(?<=\w)\.(?=\w)")
_MARK = re.compile(r"(?<=\w)[’']s\b|(?<=\d),(?=\d)|(?<=\w)[’'](?=\w)")


def _joined(text: str) -> str:
    """Return *text* with 68.9, sci-hub.org and Vale’s as the words that a reader counts."""
    return _MARK.sub("", _POINT.sub("_", text))


def _unsupported(text: str, present: set[str], allowed: set[str]) -> Iterator[str]:
    """Yield the capitalised words within a sentence of *text* that are not *allowed*, nor slips of those *present*."""
    for token in _NAME.finditer(text):
        before = text[: token.start()].rstrip()
        if not token[0][0].isupper() or not before or before.endswith((".", "“")):
            continue
        for word in words(token[0]):
            parts = {part for part in pieces(word) if not part.isdigit()}
            is_known = parts <= allowed or not {word, word.removesuffix("s")}.isdisjoint(allowed)
            if not is_known and not slips(word, present):
                yield token[0]
