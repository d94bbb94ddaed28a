"""Recognise the sentences of an article in another edition by their digests."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from afcli.model import FactBase, Section

Standing = Literal["unchanged", "moved", "changed", "gone"]


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


def order(sentence: str) -> tuple[int, int]:
    """Return block and position of a sentence id as numbers, for sorting."""
    block, _, position = sentence.partition(".")
    return int(block), int(position)


def digests_of(sentences: Mapping[str, str]) -> dict[str, str]:
    """Return the digest of each sentence by its id, in the order of the text."""
    return {id_: digest(sentences[id_]) for id_ in sorted(sentences, key=order)}


def trace(digests: Mapping[str, str], sentences: Mapping[str, str]) -> dict[str, Fate]:
    """Return what became of each sentence that has a digest, in a text with these *sentences*.

    A sentence that is not found has changed if something new is between its neighbours; otherwise it is gone.
    """
    from difflib import SequenceMatcher

    new_digests = digests_of(sentences)
    old, new = sorted(digests, key=order), list(new_digests)
    matcher = SequenceMatcher(None, [digests[was] for was in old], list(new_digests.values()), autojunk=False)
    again: dict[str, str] = {}
    for start, new_start, size in matcher.get_matching_blocks():
        again.update(zip(old[start : start + size], new[new_start : new_start + size], strict=True))
    elsewhere: defaultdict[str, deque[str]] = defaultdict(deque)
    in_order = set(again.values())
    for now in new:
        if now not in in_order:
            elsewhere[new_digests[now]].append(now)
    for was in old:
        if was not in again and elsewhere[digests[was]]:
            again[was] = elsewhere[digests[was]].popleft()
    fates = {was: Fate("unchanged" if was == now else "moved", (now,)) for was, now in again.items()}
    taken = set(again.values())
    for _, start, end, new_start, new_end in matcher.get_opcodes():
        lost = [was for was in old[start:end] if was not in again]
        free = tuple(now for now in new[new_start:new_end] if now not in taken)
        for number, was in enumerate(lost):
            there = free[number : number + 1] if len(lost) == len(free) else free
            fates[was] = Fate("changed" if there else "gone", there)
    return fates


def carried(facts: FactBase, fates: Mapping[str, Fate], sentences: Mapping[str, str]) -> FactBase:
    """Return *facts* as they are on the new text: claims on the new sentences, and its outline."""

    def now(sentence: str) -> tuple[str, ...]:
        return fates[sentence].now if sentence in fates else (sentence,)

    claims = (
        claim._replace(at=tuple(dict.fromkeys(new for was in claim.at for new in now(was))))
        for claim in facts.claims
    )
    return facts._replace(claims=tuple(claims), sections=_outline(facts, fates, sentences))


def _outline(facts: FactBase, fates: Mapping[str, Fate], sentences: Mapping[str, str]) -> tuple[Section, ...]:
    """Return the outline of the new text: a section begins where its first block is now."""
    kinds = {block: kind for section in facts.sections for block, (kind, _) in section.blocks.items()}
    beginnings = {next(iter(section.blocks), ""): section for section in facts.sections}
    origins: dict[str, str] = {}
    for was in sorted(fates, key=order):
        for now in fates[was].now:
            origins.setdefault(now.partition(".")[0], was.partition(".")[0])
    lengths = dict(sentence.split(".") for sentence in sorted(sentences, key=order))
    sections: dict[str, Section] = {}
    current = facts.sections[0]
    for block, length in lengths.items():
        origin = origins.get(block, block if not fates else "")
        current = beginnings.get(origin, current)
        section = sections.setdefault(current.id, current._replace(blocks={}))
        section.blocks[block] = (kinds.get(origin, "body"), int(length))
    return tuple(sections.values())
