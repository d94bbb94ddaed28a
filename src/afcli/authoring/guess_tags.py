"""Guess the tags of a claim from its text, for a reader to confirm with one key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from afcli.authoring.written_dates import dates
from afcli.months import MONTH_NAMES
from afcli.names import is_actor, is_country
from afcli.names_in_text import find_names, index_names, longest
from afcli.text import PIECE, SMALL, fold, pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afcli.model import Claim, Entity

_SAYING = (
    r"(?:(?:said|says|claims|claimed|announced|announces|promised|promises)\b"
    r"|(?:told|tells|wrote|writes|argued|argues|stated|states|explained|recalled|warned)\b[^,.;]*?(?: that\b|: | “))"
)
_KINDS = {
    "question": r"\?”*$",
    "quote": r"“[^”]+ [^”]+”",
    "forecast": r"\b(?:expects?|expected|fears?|feared|predicts?|predicted|hopes?|hoped|might|likely)\b",
    "report": rf"\b{_SAYING}|\b(?:planned|plans|reported|rumou?red|agreed|pledged|vowed|reportedly|allegedly)\b",
}
"""What tells the kind of a claim; the first that is there counts."""
_WORD = r"[^\W\d_a-z][^\W\d_]+(?:[’'-][^\W\d_]{2,})*(?!\w)"
_RUN = re.compile(rf"(?<![\w“.-]){_WORD}(?: (?:(?:of|for|de|van|von|bin|al) )?{_WORD})*")
_DATED = {month.lower() for month in MONTH_NAMES}
_NO_ACT = frozenset(
    "also among as at been by for from in is are was were near of on over that under where which who".split()
)
"""Words after a name whose bearer does not act."""


def named(text: str, entities: Iterable[Entity]) -> list[Entity]:
    """Return the entities that *text* names, in its order; "IT" is not "it"."""
    return list({entity.id: entity for _, _, entity in _found(text, entities)}.values())


def unknown(text: str, entities: Iterable[Entity]) -> list[str]:
    """Return what looks like a name in *text* and is not one of the *entities*: words with capitals, not the first alone."""
    known = {
        piece for _, _, entity in _found(text, entities) for name in entity.names for piece in pieces(name)
    }
    names = []
    for run in _RUN.finditer(text):
        words = run[0].split()
        if not run.start() and (fold(words[0]) in SMALL or len(words) == 1):
            words = words[1:]
        if words and not known.issuperset(pieces(" ".join(words))) and _DATED.isdisjoint(map(fold, words)):
            names.append(" ".join(words))
    return list(dict.fromkeys(names))


def typeset(text: str) -> str:
    """Return *text* on one line, with quotations in “ ”, as claims have them, where a keyboard has only straight ones."""
    return re.sub(r'(?<!\w)"([^"]+)"(?!\w)', r"“\1”", " ".join(text.split()))


def tags(text: str, claim: Claim, entities: Iterable[Entity], sentence: str) -> dict[str, Any]:
    """Return the fields of *claim* that *text* tells, as the files have them.

    A date is taken only if the *sentence* gives it too, or is not known: a slip must not pass for an inferred date.
    """
    found = list(_found(text, entities))
    first = _beginning(text, found) if found else None
    acting = [entity for _, _, entity in found if is_actor(entity) and not is_country(entity)]
    actors = dict.fromkeys(entity.id for entity in [*filter(None, [first]), *acting])
    # As check has it, a name such as "British Government" names the country too.
    lands = [entity for _, _, entity in _found(text, filter(is_country, entities))]
    countries = dict.fromkeys(entity.id for entity in lands if entity.type == "country")
    regions = dict.fromkeys(entity.id for entity in lands if entity.type == "region")
    fields: dict[str, Any] = {
        "kind": _kind(text, claim.kind),
        "actors": list(actors),
        "countries": list(countries),
        "regions": list(regions),
        "said_by": [first.id] if first and _speaks(text, first) else [],
    }
    given = dates(sentence)
    if stated := [date for date in dates(text) if date in given or not sentence]:
        fields |= {"date": stated[0], "date_basis": "stated"}
    return fields


def _found(text: str, entities: Iterable[Entity]) -> Iterable[tuple[int, int, Entity]]:
    tokens = PIECE.findall(text)
    folded = [fold(token) for token in tokens]
    index = index_names((pieces(name), (e, name)) for e in entities for name in e.names[1:])
    cased = (
        (start, end, entity)
        for start, end, (entity, name) in find_names(folded, index)
        if (
            tokens[start].isupper() if name.isupper() else tokens[start][0].isupper() or not name[0].isupper()
        )
    )
    return longest(cased)


def _beginning(text: str, found: Sequence[tuple[int, int, Entity]]) -> Entity | None:
    """Return whoever *text* begins with, if that one acts; a demonym does not."""
    words = [fold(word) for word in PIECE.findall(text)]
    start, end, entity = found[0]
    begins = start == 0 or (start == 1 and words[0] == "the")
    said, after = " ".join(words[start:end]), "".join(words[end : end + 1])
    own = (entity.name,) if entity.type == "country" else (entity.name, *entity.aliases)
    acts = after.isalpha() and after not in _NO_ACT and is_actor(entity)
    return entity if begins and acts and said in {" ".join(pieces(name)) for name in own} else None


def _speaks(text: str, first: Entity) -> bool:
    """Tell whether *text* is what the one that it begins with says."""
    names = "|".join(re.escape(name) for name in sorted(first.names[1:], key=len, reverse=True))
    return bool(re.match(rf"(?:The )?(?:{names}) {_SAYING}", text))


def _kind(text: str, drafted: str) -> str:
    other = "fact" if drafted in ("quote", "question") else drafted
    return next((kind for kind, form in _KINDS.items() if re.search(form, text)), other)
