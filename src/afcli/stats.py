"""What a fact base holds, counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from afcli.model import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afcli.base import Base


def counts(base: Base) -> Iterator[dict[str, Any]]:
    """Yield group, name and number: the whole, how much is covered, and the claims by each of their tags."""
    claims = [base.claim(number) for number in base.numbers()]
    sentences = list(statements(base.sections))
    covered = {place for claim in claims for place in claim.at}.intersection(sentences)
    yield _row("base", "claims", len(claims))
    yield _row("base", "sources", len(base.bibliography))
    yield _row("base", "names", sum(len(entity.names) - 1 for entity in base.entities()))
    yield _row("sentences", "with a claim", len(covered))
    yield _row("sentences", "without a claim", len(sentences) - len(covered))
    sections = Counter(claim.section.title for claim in claims)
    yield from (_row("section", section.title, sections[section.title]) for section in base.sections)
    yield from _most("kind", (claim.kind for claim in claims))
    yield from _most("basis", (claim.basis for claim in claims))
    yield from _most("date", (claim.date_basis for claim in claims))
    carried = Counter(claim.source.key for claim in claims)
    for source in sorted(base.sources, key=lambda source: -carried[source.key]):
        yield _row("source", f"{source.label} ({source.key})", carried[source.key])
    yield from _most("country", (country.name for claim in claims for country in claim.countries))
    yield from _most("region", (region.name for claim in claims for region in claim.regions))
    actors = ({actor.name for actor in (*claim.actors, *claim.said_by)} for claim in claims)
    yield from _most("actor", (name for named in actors for name in sorted(named)))


def _most(group: str, names: Iterator[str]) -> Iterator[dict[str, Any]]:
    counted = sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))
    return (_row(group, name, number) for name, number in counted)


def _row(group: str, name: str, number: int) -> dict[str, Any]:
    return {"group": group, "name": name, "count": number}
