"""What the names of entities tell: who can act, what is a country, which words are codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afcli.text import PIECE, SMALL

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from afcli.model import Entity


def is_code(name: Sequence[str], bearers: Collection[str]) -> bool:
    """Tell whether *name* is a name only in capitals: IN is India, and US a country, but not in and us.

    These are country codes, and two-letter names that are also small words.
    """
    return len(name) == 1 and len(name[0]) == 2 and (name[0] in SMALL or name[0].upper() in bearers)


def capitals(text: str) -> frozenset[str]:
    """Return the two-letter words that *text* writes in capitals, in lower case."""
    pairs = (word for word in PIECE.findall(text) if len(word) == 2)
    return frozenset(word.lower() for word in pairs if word.isascii() and word.isalpha() and word.isupper())


def entity_term(id_: str) -> str:
    """Return the index term of an entity, the same for all its names."""
    return f"@{id_}"


def is_actor(entity: Entity) -> bool:
    """Tell whether *entity* can act: an actor proper, a country or a region."""
    return entity.type not in ("place", "topic")


def is_country(entity: Entity) -> bool:
    """Tell whether *entity* is a country or a region."""
    return entity.type in ("country", "region")


def is_topic(entity: Entity) -> bool:
    """Tell whether *entity* is a topic."""
    return entity.type == "topic"


def is_place(entity: Entity) -> bool:
    """Tell whether *entity* is a place within a country."""
    return entity.type == "place"
