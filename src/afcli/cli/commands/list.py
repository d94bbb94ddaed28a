"""afcli list: every claim, or those that pass the filters."""

from afcli.cli.listing import show_claims
from afcli.cli.screen import Output
from afcli.library import Facts, Filtering


def run(*, filters: Filtering, output: Output, facts: Facts) -> None:
    """List all claims, or those that pass the filters.

    Claims that nobody has read against the article yet are left out; --status includes them.

    \b
    afcli list --kind question
    afcli list --from 2021-08 --to 2021-09 --csv
    """
    show_claims(facts, facts.claims(**filters), output, filters)
