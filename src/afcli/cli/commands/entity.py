"""afcli country, actor, topic and place: the claims of one entity, or all entities of that kind."""

from typing import Annotated, Any, cast

import typer

from afcli.cli.listing import show_claims
from afcli.cli.screen import Output, show_records
from afcli.library import EntityKind, Facts, Filtering
from afcli.model import Entity, Status

HELP = {
    "country": """List the claims that name a country, or all countries.

    \b
    afcli country Tajikistan
    afcli country central asia --kind forecast
    """,
    "actor": """List the claims in which somebody acts or speaks, or all actors.

    \b
    afcli actor Rakhmon
    afcli actor taliban --kind report
    """,
    "topic": """List the claims whose text names a topic, or all topics.

    Topics are exercises, treaties, campaigns: neither actors nor places.

    \b
    afcli topic
    afcli topic rubezh
    """,
    "place": """List the claims whose text names a place, or all places.

    Places are valleys, rivers, cities: anything smaller than a country.

    \b
    afcli place
    afcli place panjshir
    """,
}


def run(
    context: typer.Context,
    name: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]", help="Any of its names; no quotes needed.")
    ] = None,
    *,
    filters: Filtering,
    output: Output,
    facts: Facts,
) -> None:
    """List the claims of the entity *name*; without a name, count those of each. The command's name is the kind."""
    kind = cast("EntityKind", context.info_name)
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
