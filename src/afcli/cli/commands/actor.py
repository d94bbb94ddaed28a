"""afcli actor: the claims in which somebody acts or speaks, or all actors."""

from afcli.cli.entities import Name, show_entities
from afcli.cli.screen import Output
from afcli.library import Facts, Filtering


def run(name: Name = None, *, filters: Filtering, output: Output, facts: Facts) -> None:
    """List the claims in which somebody acts or speaks, or all actors.

    \b
    afcli actor Rakhmon
    afcli actor taliban --kind report
    """
    show_entities("actor", name, filters, output, facts)
