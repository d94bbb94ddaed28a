"""afcli complete: words for the completion scripts of the shells."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, cast

import typer

from afcli.cli.screen import write
from afcli.library import EntityKind, Facts
from afcli.names import is_country
from afcli.render.delimited import plain

Words = StrEnum(
    "Words",
    {
        "country": "country", "actor": "actor", "topic": "topic", "place": "place", "name": "name",
        "source": "source", "id": "id", "other_country": "other-country", "other_actor": "other-actor",
        "other_topic": "other-topic", "other_place": "other-place", "other_name": "other-name",
    },
)  # fmt: skip
"""Kinds of words in a fact base; an `other-` kind has the entities' other names."""


def run(
    kind: Annotated[Words, typer.Argument(help="What words.")],
    start: Annotated[str, typer.Argument(help="How claim ids begin.")] = "",
    *,
    facts: Facts,
) -> None:
    """Print words for the scripts of the shells, each with a description after a tab.

    \b
    afcli complete country
    afcli complete id c04
    """
    write(plain(words(facts, kind, start)))


def words(facts: Facts, kind: str, start: str = "") -> Iterator[tuple[str, str]]:
    """Yield the words of a *kind*, each with a description; for `other-` kinds, the entities' other names."""
    if kind == "source":
        for source in facts.sources:
            meaning = f"{source.label}: {source.custom.get('short-title') or source.item.get('title', '')}"
            yield from ((word, meaning) for word in dict.fromkeys((source.ref, source.key)))
    elif kind == "id":
        ids = facts.base.ids(start.lower())
        numbers = facts.base.numbers_of(ids)
        yield from ((claim.id, claim.text) for claim in facts.base.claims([numbers[id_] for id_ in ids]))
    else:
        yield from _names(facts, kind)


def _names(facts: Facts, kind: str) -> Iterator[tuple[str, str]]:
    """Yield each entity's name with a description; for an `other-` kind, its other names with that name."""
    of = kind.removeprefix("other-")
    entities = facts.entities("actor" if of == "name" else cast(EntityKind, of))
    if of == "actor":
        entities = [entity for entity in entities if not is_country(entity)]
    if of == kind:
        yield from ((entity.name, entity.role or entity.type) for entity in entities)
        return
    names = {entity.name for entity in entities}
    for entity in entities:
        aliases = (a for a in dict.fromkeys(entity.aliases) if a not in names and a.isprintable())
        yield from ((alias, entity.name) for alias in aliases)
