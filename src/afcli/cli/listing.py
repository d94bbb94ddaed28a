"""The commands that list claims by what they are tagged with, and show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from afcli.cli.options import Output, base, filters, output
from afcli.cli.screen import show_claims, show_rows
from afcli.filters import Filters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from afcli.base import Base
    from afcli.model import Entity, Source

Name = Annotated[list[str] | None, typer.Argument(metavar="[NAME]", help="Any name of it; no quotes needed.")]


def list_(*, filters: Filters, output: Output, base: Base) -> None:
    """List every claim, or those that pass the filters.

    \b
    afcli list --kind question
    afcli list --from 2021-08 --to 2021-09 --csv
    """
    _show(base, filters.claims(base), output)


def country(name: Name = None, *, filters: Filters, output: Output, base: Base) -> None:
    """List the claims that name a country, or all countries.

    \b
    afcli country Tajikistan
    afcli country central asia --kind forecast
    """
    from afcli import names

    chosen = filters.claims(base)
    if name:
        places = names.find_country(base, " ".join(name))
        only = Filters(country=[place.id for place in places])
        _show(base, _narrowed(base, chosen, only), output, heading=places[0].name)
    counted = _counted(base, chosen, names.is_country, ("country", "region"))
    show_rows([{"code": e.id, "name": e.name, "claims": n} for e, n in counted], output)


def actor(name: Name = None, *, filters: Filters, output: Output, base: Base) -> None:
    """List the claims in which somebody acts, or all actors.

    \b
    afcli actor Rakhmon
    afcli actor taliban --kind report
    """
    from afcli import names

    chosen = filters.claims(base)
    if name:
        who = names.find_actor(base, " ".join(name))
        only = Filters(actor=[actor.id for actor in who])
        _show(base, _narrowed(base, chosen, only), output, heading=_titled(who[0]))
    counted = _counted(base, chosen, names.is_actor, ("actor",))
    show_rows([{"id": e.id, "name": e.name, "type": e.type, "claims": n} for e, n in counted], output)


def source(
    name: Annotated[
        list[str] | None, typer.Argument(metavar="[REF]", help="Number, citation key, or 'article'.")
    ] = None,
    *,
    filters: Filters,
    output: Output,
    base: Base,
) -> None:
    """List the claims that a source carries, or the bibliography.

    \b
    afcli source 6
    afcli source article --kind opinion
    """
    from afcli import names

    chosen = filters.claims(base)
    if name:
        found = names.find_source(base, " ".join(name))
        only = Filters(source=[source.key for source in found])
        _show(base, _narrowed(base, chosen, only), output, heading="\n\n".join(map(_described, found)))
    held = set(chosen)
    rows = [
        {**s.record(), "title": s.item.get("title"), "claims": len(held & base.holders("source", [s.key]))}
        for s in base.sources
    ]
    show_rows(rows, output)


def topic(name: Name = None, *, filters: Filters, output: Output, base: Base) -> None:
    """List the claims whose text names a topic, or all topics.

    Exercises, treaties, campaigns: what is neither somebody nor somewhere.

    \b
    afcli topic
    afcli topic rubezh
    """
    from afcli import names

    _naming(names.find_topic, names.is_topic, name, filters, output, base)


def place(name: Name = None, *, filters: Filters, output: Output, base: Base) -> None:
    """List the claims whose text names a place, or all places.

    Valleys, rivers, cities: what is smaller than a country.

    \b
    afcli place
    afcli place panjshir
    """
    from afcli import names

    _naming(names.find_place, names.is_place, name, filters, output, base)


def _naming(
    find: Callable[[Base, str], list[Entity]],
    fits: Callable[[Entity], bool],
    name: list[str] | None,
    filters: Filters,
    output: Output,
    base: Base,
) -> NoReturn:
    """Show the claims that name one entity, or how many claims name each that *fits*."""
    chosen = filters.claims(base)
    if name:
        found = find(base, " ".join(name))
        held = base.naming(entity.id for entity in found)
        _show(base, [number for number in chosen if number in held], output, heading=found[0].name)
    counted = [(e, len(base.naming([e.id]).intersection(chosen))) for e in filter(fits, base.entities())]
    counted.sort(key=lambda pair: (-pair[1], pair[0].name))
    show_rows([{"id": e.id, "name": e.name, "claims": n} for e, n in counted if n], output)


def show(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Claim ids, such as c042, or c040..c042.")
    ],
    *,
    output: Output,
    base: Base,
) -> None:
    """Show everything that is known of a claim.

    \b
    afcli show c042
    afcli show c042 c050..c053 --json
    """
    from afcli import names

    numbers = dict.fromkeys(number for id_ in ids for number in names.find_claims(base, id_))
    claims = [base.claim(number) for number in numbers]
    show_claims(base, claims[: output.limit], output, len(claims), full=True)


def _narrowed(base: Base, chosen: Iterable[int], only: Filters) -> list[int]:
    allowed = only.numbers(base) or set()
    return [number for number in chosen if number in allowed]


def _show(base: Base, chosen: list[int], output: Output, heading: str = "") -> NoReturn:
    show_claims(base, [base.claim(n) for n in chosen[: output.limit]], output, len(chosen), heading=heading)


def _counted(
    base: Base, chosen: Iterable[int], fits: Callable[[Entity], bool], fields: tuple[str, ...]
) -> list[tuple[Entity, int]]:
    """Return each entity with the number of claims it stands in, the most frequent first; none without."""
    held = set(chosen)
    counts = (
        (entity, len(held & set().union(*(base.holders(field, [entity.id]) for field in fields))))
        for entity in filter(fits, base.entities())
    )
    return sorted(((e, n) for e, n in counts if n), key=lambda pair: (-pair[1], pair[0].name))


def _titled(entity: Entity) -> str:
    return f"{entity.name}, {entity.role}" if entity.role else entity.name


def _described(source: Source) -> str:
    from afcli.cite import bibliography_entry

    number = "" if source.number is None else f"[{source.number}] "
    added = ", ".join(source.custom.get("not-from-article", []))
    return "\n".join(
        [
            number + bibliography_entry(source),
            *source.custom.get("notes", []),
            *([f"Not from the article: {added}"] if added else []),
        ]
    )


COMMANDS = {
    "list": (list_, (filters, output, base)),
    "country": (country, (filters, output, base)),
    "actor": (actor, (filters, output, base)),
    "source": (source, (filters, output, base)),
    "topic": (topic, (filters, output, base)),
    "place": (place, (filters, output, base)),
    "show": (show, (output, base)),
}
