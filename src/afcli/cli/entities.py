"""The claims of an entity, or the entities of a kind: `country`, `actor`, `topic` and `place`."""

from typing import Annotated, Any, NoReturn

import typer

from afcli.cli.listing import show_claims
from afcli.cli.screen import Output, show_records
from afcli.library import EntityKind, Facts, Filtering
from afcli.model import Entity, Status

Name = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]", help="Any of its names; no quotes needed.")
]


def show_entities(
    kind: EntityKind, name: list[str] | None, filters: Filtering, output: Output, facts: Facts
) -> NoReturn:
    """Show the claims of the entity *name*; without a name, all entities of the *kind* with their counts; and exit."""
    if not name:
        counts = facts.counts(kind, facts.claims(**filters))
        show_records([_counted(kind, entity, count) for entity, count in counts], output)
    found = facts.entities(kind, " ".join(name))
    heading = actor = found[0].name
    hint = ""
    if kind in ("topic", "place"):
        claims = facts.naming(found, **filters)
    else:
        tagged: Any = {kind: [entity.id for entity in found], "status": Status.all}
        claims = facts.claims(**filters) & facts.claims(**tagged)
    if kind == "actor":
        heading = ", ".join(filter(None, (heading, found[0].role)))
        if not claims and (naming := facts.naming(found, **filters)):
            from afcli.names import is_country

            lister = "country" if is_country(found[0]) else "find"
            hint = f": {actor} acts in no claim, but {len(naming)} name it; try: afcli {lister} '{actor}'"
    show_claims(facts, claims, output, filters, heading=heading, hint=hint)


def _counted(kind: EntityKind, entity: Entity, count: int) -> dict[str, Any]:
    id_ = "code" if kind == "country" else "id"
    type_ = {"type": entity.type} if kind == "actor" else {}
    return {id_: entity.id, "name": entity.name, **type_, "claims": count}
