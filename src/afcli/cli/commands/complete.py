"""afcli complete: words for the completion scripts of the shells."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, cast

import typer

from afcli.cli.options import facts, taking
from afcli.cli.screen import write
from afcli.facts import EntityKind, Facts
from afcli.names import is_country
from afcli.text import one_line


class Words(StrEnum):
    """Kinds of words in a fact base."""

    country = "country"
    actor = "actor"
    topic = "topic"
    place = "place"
    name = "name"
    source = "source"
    id = "id"
    other_country = "other-country"
    other_actor = "other-actor"
    other_topic = "other-topic"
    other_place = "other-place"
    other_name = "other-name"


@taking(facts)
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
    # The separators of words and lines may occur within a word.
    write("".join(f"{one_line(w)}\t{one_line(meaning)}\n" for w, meaning in words(facts, kind, start)))


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
        yield from _names(facts, kind.removeprefix("other-"), other=kind.startswith("other-"))


def _names(facts: Facts, kind: str, *, other: bool) -> Iterator[tuple[str, str]]:
    """Yield the name of each entity of a *kind* with a description, or each of its *other* names with the main one."""
    entities = facts.entities("actor" if kind == "name" else cast(EntityKind, kind))
    if kind == "actor":
        entities = [entity for entity in entities if not is_country(entity)]
    if not other:
        yield from ((entity.name, entity.role or entity.type) for entity in entities)
        return
    names = {entity.name for entity in entities}
    for entity in entities:
        for alias in dict.fromkeys(entity.aliases):
            if alias not in names and alias.isprintable():
                yield alias, entity.name
