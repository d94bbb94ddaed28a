"""afcli place: the claims whose text names a place, or all places."""

from afcli.cli.entities import Name, show_entities
from afcli.cli.screen import Output
from afcli.library import Facts, Filtering


def run(name: Name = None, *, filters: Filtering, output: Output, facts: Facts) -> None:
    """List the claims whose text names a place, or all places.

    Places are valleys, rivers, cities: anything smaller than a country.

    \b
    afcli place
    afcli place panjshir
    """
    show_entities("place", name, filters, output, facts)
