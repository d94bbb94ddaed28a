"""A digest of each sentence stands for the text; by it a sentence is known again in another text."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from afcli.model import Facts, Section

Standing = Literal["unchanged", "moved", "changed", "gone"]


class Fate(NamedTuple):
    """What became of a sentence, and the places where it stands now, or what stands now in its place."""

    standing: Standing
    now: tuple[str, ...]


def digest(text: str) -> str:
    """Return the digest of a sentence; Unicode form, shapes of quotation marks and spaces do not count."""
    import hashlib
    import unicodedata

    plain = " ".join(unicodedata.normalize("NFC", text).translate(_QUOTATION_MARKS).split())
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


_QUOTATION_MARKS = dict.fromkeys(map(ord, "'`´‘’‚‛“”„‟«»‹›"), '"')


def order(place: str) -> tuple[int, int]:
    """Return block and position of a sentence as numbers, to sort by."""
    block, _, position = place.partition(".")
    return int(block), int(position)


def trace(digests: Mapping[str, str], sentences: Mapping[str, str]) -> dict[str, Fate]:
    """Return what became of each sentence that has a digest, in a text of these *sentences*.

    What is not found again has changed if something stands now between its neighbours, else it is gone.
    """
    from difflib import SequenceMatcher

    old, new = sorted(digests, key=order), sorted(sentences, key=order)
    new_digests = [digest(sentences[place]) for place in new]
    matcher = SequenceMatcher(None, [digests[place] for place in old], new_digests, autojunk=False)
    fates: dict[str, Fate] = {}
    gaps: list[tuple[list[str], list[str]]] = []
    elsewhere: defaultdict[str, deque[str]] = defaultdict(deque)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            for was, now in zip(old[start:end], new[new_start:new_end], strict=True):
                fates[was] = _kept(was, now)
        else:
            gaps.append((old[start:end], new[new_start:new_end]))
            for place in range(new_start, new_end):
                elsewhere[new_digests[place]].append(new[place])
    for lost, _ in gaps:
        for was in lost:
            if found := elsewhere[digests[was]]:
                fates[was] = _kept(was, found.popleft())
    known = {place for fate in fates.values() for place in fate.now}
    for lost, come in gaps:
        left = [was for was in lost if was not in fates]
        free = tuple(place for place in come if place not in known)
        for number, was in enumerate(left):
            there = (free[number],) if len(left) == len(free) else free
            fates[was] = Fate("changed" if there else "gone", there)
    return fates


def _kept(was: str, now: str) -> Fate:
    return Fate("unchanged" if was == now else "moved", (now,))


def carried(facts: Facts, fates: Mapping[str, Fate], sentences: Mapping[str, str]) -> Facts:
    """Return *facts* as they stand on the new text: claims at the new places, and its outline."""

    def now(place: str) -> tuple[str, ...]:
        return fates[place].now if place in fates else (place,)

    claims = (
        claim._replace(at=tuple(dict.fromkeys(new for place in claim.at for new in now(place))))
        for claim in facts.claims
    )
    return facts._replace(claims=tuple(claims), sections=_outline(facts, fates, sentences))


def _outline(facts: Facts, fates: Mapping[str, Fate], sentences: Mapping[str, str]) -> tuple[Section, ...]:
    """Return the outline of the new text: a section begins where the block that began it stands now."""
    old = {
        block: (section, kind) for section in facts.sections for block, (kind, _) in section.blocks.items()
    }
    first = {next(iter(section.blocks), ""): section for section in facts.sections}
    origins: dict[str, str] = {}
    for was in sorted(fates, key=order):
        for now in fates[was].now:
            origins.setdefault(now.partition(".")[0], was.partition(".")[0])
    lengths: dict[str, int] = {}
    for place in sorted(sentences, key=order):
        lengths[place.partition(".")[0]] = order(place)[1]
    found: dict[str, Section] = {}
    current = facts.sections[0]
    for block, length in lengths.items():
        origin = origins.get(block, block if not fates else "")
        current = first.get(origin, current)
        kind = old[origin][1] if origin in old else "body"
        found.setdefault(current.id, current._replace(blocks={})).blocks[block] = (kind, length)
    return tuple(found.values())
