"""Recognise the sentences of an article in another edition by their digests."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter, defaultdict, deque
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from afcli.errors import UsageError
from afcli.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from afcli.fact_base import FactBase
    from afcli.model import Section

Standing = Literal["unchanged", "moved", "changed", "gone"]
_NONE: Mapping[str, str] = MappingProxyType({})
TABLE = "sentences.tsv"
"""The numbered sentences that `new` leaves beside a base."""
_PIECES = 6
"""The most sentences that one can be split into, or joined from, without a change of words."""
_LIKE = 0.4
"""The share of its words that a new sentence must have from the old one that it replaces."""


class Fate(NamedTuple):
    """What became of a sentence, and the ids of where it is now, or of its replacement."""

    standing: Standing
    now: tuple[str, ...]


def digest(text: str) -> str:
    """Return the digest of a sentence, ignoring Unicode form, the shape of quotation marks and spacing."""
    import hashlib
    import unicodedata

    plain = " ".join(unicodedata.normalize("NFC", text).translate(_QUOTATION_MARKS).split())
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


_QUOTATION_MARKS = dict.fromkeys(map(ord, "'`´‘’‚‛“”„‟«»‹›"), '"')


def digests_of(sentences: Mapping[str, str]) -> dict[str, str]:
    """Return the digest of each sentence by its id, in the order of the text."""
    return {id_: digest(text) for id_, text in sentences.items()}


def block_of(sentence: str) -> str:
    """Return the label of the block of a sentence."""
    return sentence.partition(".")[0]


def labelled(facts: FactBase, sentences: Mapping[str, str], old: Mapping[str, str] = _NONE) -> dict[str, str]:
    """Return the *sentences* of a text under the labels that *facts* know their blocks by, in the order of the text.

    A block with sentences that have a digest in the facts, or in the *old* text, keeps its label wherever it
    stands; a new one gets the number of the block before it with a letter that nothing has yet, such as 36a.
    """
    digests = facts.digests or digests_of(old)
    if not digests:
        return dict(sentences)
    origins = {now: block_of(was) for was, now in _found(digests, sentences).items()}
    votes = Counter((block_of(now), origins[now]) for now in sentences if now in origins)
    blocks: dict[str, list[str]] = {}
    for id_, text in sentences.items():
        blocks.setdefault(block_of(id_), []).append(text)
    labels = _labels(facts, list(dict.fromkeys(map(block_of, digests))), list(blocks), votes)
    return {
        f"{labels[block]}.{position}": text
        for block, texts in blocks.items()
        for position, text in enumerate(texts, 1)
    }


def _labels(
    facts: FactBase, old: list[str], blocks: Sequence[str], votes: Counter[tuple[str, str]]
) -> dict[str, str]:
    """Return the label of each block of a text: that of the block which most of its sentences come from, else another."""
    labels: dict[str, str] = {}
    taken: set[str] = set()
    for (block, label), _ in votes.most_common():
        if block not in labels and label not in taken:
            labels[block] = label
            taken.add(label)
    # A block of which no sentence is left stands between the same neighbours as before.
    known = ["", *(labels.get(block, "") for block in blocks), ""]
    for is_known, run in itertools.groupby(range(1, len(blocks) + 1), key=lambda number: bool(known[number])):
        numbers = list(run)
        first, last = numbers[0], numbers[-1]
        before, after = known[first - 1], known[last + 1]
        between = old[old.index(before) + 1 if before else 0 : old.index(after) if after else len(old)]
        lost = [label for label in between if label not in taken]
        if not is_known and len(lost) == last - first + 1:
            labels.update(zip(blocks[first - 1 : last], lost, strict=True))
            taken.update(lost)
    taken.update(old, (block_of(id_) for claim in facts.claims for id_ in claim.at))
    before = ""
    for block in blocks:
        if block not in labels:
            number = "".join(filter(str.isdigit, before)) or "0"
            labels[block] = next(label for label in map(number.__add__, _letters()) if label not in taken)
            taken.add(labels[block])
        before = labels[block]
    return labels


def _letters() -> Iterator[str]:
    """Yield a, b, ... z, aa, ab, ..."""
    for length in itertools.count(1):
        yield from map("".join, itertools.product("abcdefghijklmnopqrstuvwxyz", repeat=length))


def _found(digests: Mapping[str, str], sentences: Mapping[str, str]) -> dict[str, str]:
    """Return where each sentence is that still is: those in the old order first, then the others."""
    new_digests = digests_of(sentences)
    old, new = list(digests), list(new_digests)
    again: dict[str, str] = {}
    for tag, start, end, new_start, new_end in _opcodes(digests, new_digests):
        if tag == "equal":
            again.update(zip(old[start:end], new[new_start:new_end], strict=True))
    elsewhere: defaultdict[str, deque[str]] = defaultdict(deque)
    in_order = set(again.values())
    for now in new:
        if now not in in_order:
            elsewhere[new_digests[now]].append(now)
    for was in old:
        if was not in again and elsewhere[digests[was]]:
            again[was] = elsewhere[digests[was]].popleft()
    return again


def _opcodes(old: Mapping[str, str], new: Mapping[str, str]) -> list[tuple[str, int, int, int, int]]:
    from difflib import SequenceMatcher

    return list(SequenceMatcher(None, [*old.values()], [*new.values()], autojunk=False).get_opcodes())


def trace(
    digests: Mapping[str, str], sentences: Mapping[str, str], texts: Mapping[str, str] = _NONE
) -> dict[str, Fate]:
    """Return what became of each sentence that has a digest, in a text with these *sentences*; both in their order.

    A sentence has moved if its words are all there, at another place, split or joined with its neighbours. One
    that is not found has changed if something new is between its neighbours; otherwise it is gone. *texts* are
    those of old sentences by their digests, if known: they tell which of several new ones replaces which.
    """
    again = _found(digests, sentences)
    fates = {was: Fate("unchanged" if was == now else "moved", (now,)) for was, now in again.items()}
    taken = set(again.values())
    old, new = list(digests), list(sentences)
    for _, start, end, new_start, new_end in _opcodes(digests, digests_of(sentences)):
        lost = {was: digests[was] for was in old[start:end] if was not in again}
        free = {now: sentences[now] for now in new[new_start:new_end] if now not in taken}
        moved = _recut(lost, free, texts)
        for was, fate in moved.items():
            del lost[was]
            for now in fate.now:
                free.pop(now, "")
        fates |= moved | _replaced(lost, free, texts)
    return fates


def _recut(lost: Mapping[str, str], free: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, Fate]:
    """Return the fates of the *lost* sentences, by their digests, whose words are all in some *free* ones, cut otherwise."""
    fates: dict[str, Fate] = {}
    runs = {digest(" ".join(free[now] for now in run)): run for run in _runs(list(free))}
    used: set[str] = set()
    for was, known in lost.items():
        run = runs.get(known, ())
        if run and used.isdisjoint(run):
            fates[was] = Fate("moved", tuple(run))
            used.update(run)
    before = {was: texts[known] for was, known in lost.items() if known in texts}
    joined = {digest(" ".join(before[was] for was in run)): run for run in _runs(list(before))}
    for now, text in free.items():
        run = joined.get(digest(text), ()) if now not in used else ()
        if run and fates.keys().isdisjoint(run):
            fates |= {was: Fate("moved", (now,)) for was in run}
    return fates


def _runs(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield every run of two or a few of the *ids*."""
    for start in range(len(ids)):
        for end in range(start + 2, min(start + _PIECES, len(ids)) + 1):
            yield ids[start:end]


def _replaced(lost: Mapping[str, str], free: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, Fate]:
    """Return the fates of sentences that are no longer there, given those that are new in their place."""
    if len(lost) == len(free):
        return {was: Fate("changed", (now,)) for was, now in zip(lost, free, strict=True)}
    there = {was: list(free) for was in lost}
    if free and texts.keys() >= {*lost.values()}:
        there = {was: [] for was in lost}
        before = {was: {*words(texts[known])} for was, known in lost.items()}
        for now, text in free.items():
            written = {*words(text)}
            shares = {was: len(written & before[was]) for was in lost}
            best = max(shares, key=shares.__getitem__, default="")
            if best and shares[best] >= _LIKE * max(len(written), 1):
                there[best].append(now)
    return {was: Fate("changed" if now else "gone", tuple(now)) for was, now in there.items()}


class Edition:
    """A text under the labels of a base, and what became of the sentences with a digest in it."""

    def __init__(self, facts: FactBase, text: Mapping[str, str], old: Mapping[str, str] = _NONE) -> None:
        """Compare the *text* with the digests of *facts*, or else with the *old* text.

        The old words of a sentence are those of the *old* text, or else of the table beside the base.
        """
        from afcli.authoring.article import read_table

        self._facts = facts
        self.digests = facts.digests or digests_of(old)
        self.sentences = labelled(facts, text, old)
        if not old:
            with contextlib.suppress(UsageError):
                old = read_table(facts.directory / TABLE)
        self.old_texts = {digest(text): text for text in old.values()}
        self.fates = trace(self.digests, self.sentences, self.old_texts)

    def places(self, at: Iterable[str]) -> tuple[str, ...]:
        """Return where the sentences *at* these places are now, each once."""
        now = (self.fates[was].now if was in self.fates else (was,) for was in at)
        return tuple(dict.fromkeys(itertools.chain.from_iterable(now)))

    def carried(self) -> FactBase:
        """Return the facts as they are on the text: claims on the sentences that there still are, and its outline."""
        claims = tuple(claim._replace(at=self.places(claim.at)) for claim in self._facts.claims)
        return self._facts._replace(claims=claims, sections=self._outline())

    def _outline(self) -> tuple[Section, ...]:
        """Return the outline of the text.

        A block stays in its section, unless it is now between two blocks of another; a new one joins that before it.
        """
        sections = self._facts.sections
        own = {block: section for section in sections for block in section.blocks}
        counts = Counter(map(block_of, self.sentences))
        beside = set(itertools.pairwise(own))
        known = [block for block in counts if block in own]
        for before, block, after in zip(known, known[1:], known[2:], strict=False):
            there = own[before] if own[before].id == own[after].id else own[block]
            if len(own[block].blocks) > 1 and beside.isdisjoint([(before, block), (block, after)]):
                own[block] = there
        kinds = {block: kind for section in sections for block, (kind, _) in section.blocks.items()}
        current = own[known[0]] if known else sections[0]
        found: dict[str, Section] = {}
        for block, count in counts.items():
            current = own.get(block, current)
            section = found.setdefault(current.id, current._replace(blocks={}))
            section.blocks[block] = (kinds.get(block, "body"), count)
        return tuple(found.values())
