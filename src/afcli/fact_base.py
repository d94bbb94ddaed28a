"""A whole fact base as in its files, and the sentences of its article."""

from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from afcli.model import Claim, Entity, Section, Source

UNWRITTEN = "DRAFT:"
"""What a text or a note begins with until somebody writes it."""
STATEMENTS = ("lede", "body", "caption", "note")
"""The kinds of blocks whose sentences must all have a claim."""


def sentence_ids(sections: Iterable[Section], kinds: Container[str] | None = None) -> Iterator[str]:
    """Yield the ids of all sentences, or of those in blocks of these *kinds*: block and position, as 40.8."""
    for section in sections:
        for block, (kind, count) in section.blocks.items():
            if kinds is None or kind in kinds:
                yield from (f"{block}.{position}" for position in range(1, count + 1))


class FactBase(NamedTuple):
    """A whole fact base as in its files: the article, its bibliography, names and claims."""

    directory: Path
    """The directory of its files."""
    article: Source
    sections: tuple[Section, ...]
    bibliography: tuple[Source, ...]
    entities: dict[str, Entity]
    claims: tuple[Claim, ...]
    digests: Mapping[str, str] = MappingProxyType({})
    """The digest of each sentence when the claims were last checked against the article."""
    lines: Mapping[tuple[str, str], tuple[Path, int]] = MappingProxyType({})
    """File and line of each ("claim", id), ("source", key) and ("entity", id), and of each ("search", id of a claim)."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the bibliography, then the article."""
        return (*self.bibliography, self.article)
