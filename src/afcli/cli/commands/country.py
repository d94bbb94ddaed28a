"""afcli country: the claims that name a country, or all countries."""

from afcli.cli.entities import Name, show_entities
from afcli.cli.screen import Output
from afcli.library import Facts, Filtering


def run(name: Name = None, *, filters: Filtering, output: Output, facts: Facts) -> None:
    """List the claims that name a country, or all countries.

    \b
    afcli country Tajikistan
    afcli country central asia --kind forecast
    """
    show_entities("country", name, filters, output, facts)
