"""afcli stats: the fact base in numbers."""

from afcli.cli.screen import Output, say, show_records
from afcli.library import Facts


def run(*, output: Output, facts: Facts) -> None:
    """Count claims by section, kind, date, source and more.

    Counts claims by section, kind, basis, date, source, country and actor, and the sentences that have a claim.

    \b
    afcli stats
    afcli stats --json
    """
    from afcli.views.stats import counts, lives, statuses

    if life := lives(statuses(facts.base)):
        say(life)
    show_records(list(counts(facts.base)), output)
