"""The words of a claim that a query matched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afcli.names_in_text import names_in
from afcli.text import stem, words

if TYPE_CHECKING:
    from afcli.index.base import Base
    from afcli.search.find import Hit


def highlights(base: Base, hit: Hit) -> frozenset[str]:
    """Return the folded words of the claim's text that *hit* matched, including those of names."""
    terms = {match.term for match in hit.matches}
    written = words(hit.claim.text)
    stemmed = tuple(map(stem, written))
    matched = {word for word, term in zip(written, stemmed, strict=True) if term in terms}
    names = {first: found.items() for first, found in base.names_with(stemmed).items()}
    for start, end, ids in names_in(hit.claim.text, stemmed, names):
        if any(f"@{id_}" in terms for id_ in ids):
            matched.update(written[start:end])
    return frozenset(matched)
