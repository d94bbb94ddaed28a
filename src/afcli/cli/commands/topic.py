"""afcli topic: the claims whose text names a topic, or all topics."""

from afcli.cli.entities import Name, show_entities
from afcli.cli.screen import Output
from afcli.library import Facts, Filtering


def run(name: Name = None, *, filters: Filtering, output: Output, facts: Facts) -> None:
    """List the claims whose text names a topic, or all topics.

    Topics are exercises, treaties, campaigns: neither actors nor places.

    \b
    afcli topic
    afcli topic rubezh
    """
    show_entities("topic", name, filters, output, facts)
