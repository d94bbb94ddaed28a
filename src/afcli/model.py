"""The contents of a fact base: claims, sources, entities and sections as frozen records, and the JSON form of a claim."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple


class Kind(StrEnum):
    """The kind of a claim; facts/README.md says which applies when."""

    fact = "fact"
    report = "report"
    quote = "quote"
    opinion = "opinion"
    forecast = "forecast"
    question = "question"


class Basis(StrEnum):
    """How a claim's source is known: the article names it, or the contents clearly match."""

    explicit = "explicit"
    inferred = "inferred"


class Status(StrEnum):
    """The review status of a claim: answers have only `read` claims unless you ask for others."""

    read = "read"
    """A person has read it against its sentences; the files say so by no status at all."""
    draft = "draft"
    """Nobody has written it yet."""
    proposed = "proposed"
    """Someone or something has written it, and nobody has read it yet."""
    changed = "changed"
    """It was read, but its sentences have changed since."""
    gone = "gone"
    """It was read, but its sentences are no longer in the article."""
    all = "all"


UNREAD = (Status.draft, Status.proposed, Status.changed, Status.gone)
"""The values of `status` in the files, in the order of a claim's life."""


class Interval(NamedTuple):
    """The first and the last day of a date, inclusive, such as `2021-08-25`; None if open at that end."""

    start: str | None
    end: str | None


class Entity(NamedTuple):
    """Someone or something with names: an actor, a country, a region, a place, a topic."""

    id: str
    """A country's code (ISO 3166-1 alpha-2, or x-...), else a plain word."""
    name: str
    type: str
    """country, region, place, topic; for an actor: person, government, organisation, ..."""
    aliases: tuple[str, ...] = ()
    """Every other name, in any language and script, capitals and demonyms included."""
    role: str = ""
    country: str = ""
    members: tuple[str, ...] = ()
    """For a region: the codes of its countries and the ids of regions within it."""
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the id, the name and all other names."""
        return (self.id, self.name, *self.aliases)


class Section(NamedTuple):
    """A part of the article, with the kind and number of sentences of each of its blocks."""

    id: str
    title: str
    blocks: dict[str, tuple[str, int]]


def _begun(title: str) -> str:
    """Return a title, or the first words of a long one."""
    words = title.split()
    return " ".join(words if len(words) < 6 else [*words[:5], "…"])


class Source(NamedTuple):
    """Where a claim comes from: an entry of the bibliography, or the article itself."""

    key: str
    number: int | None
    """The number printed in the article; None for the article itself."""
    item: dict[str, Any]
    """The CSL item (https://docs.citationstyles.org/en/stable/specification.html)."""

    @property
    def custom(self) -> dict[str, Any]:
        """Return the fact base's additions to the CSL item: notes, printed forms, provenance."""
        custom: dict[str, Any] = self.item.get("custom", {})
        return custom

    @property
    def year(self) -> str:
        """Return the year of publication, or n.d."""
        return str(self.item.get("issued", "n.d."))[:4]

    @property
    def label(self) -> str:
        """Return a short name for lists, such as `Lushenko et al. 2019`; the title if it has no author."""
        names = [a.get("family") or a.get("literal", "") for a in self.item.get("author", [])]
        who = " & ".join(names) if len(names) < 3 else f"{names[0]} et al."
        return f"{who or self.item.get('container-title') or _begun(self.item.get('title', '')) or self.key} {self.year}"

    @property
    def ref(self) -> str:
        """Return the shortest name of the source: its number or `article`, prefixed with its base if any."""
        base, slash, _ = self.key.rpartition("/")
        return f"{base}{slash}{'article' if self.number is None else self.number}"

    def record(self) -> dict[str, Any]:
        """Return the JSON form used in claims."""
        return {"number": self.number, "key": self.key, "label": self.label}


TAGGED = ("actors", "countries", "regions", "said_by")
"""The fields of a claim that hold entities."""
LIFE = ("status", "by", "read_by", "read_on")
"""The fields of a claim that tell its life; each is left out where it is empty."""


class Claim(NamedTuple):
    """One atomic statement of the article, with its provenance."""

    id: str
    text: str
    kind: str
    actors: tuple[Entity, ...]
    countries: tuple[Entity, ...]
    regions: tuple[Entity, ...]
    date: str
    """EDTF (ISO 8601-2), such as `2021-08`; with *date_basis* `writing`, the article's own date."""
    interval: Interval
    date_basis: str
    source: Source
    basis: str
    at: tuple[str, ...]
    """Sentence ids: block and position, such as 40.8."""
    section: Section
    said_by: tuple[Entity, ...] = ()
    note: str = ""
    asks: tuple[str, ...] = ()
    """Questions that the claim answers, in words it does not use; only for search."""
    terms: tuple[str, ...] = ()
    """Other words that somebody may type to find it; only for search."""
    explained: Mapping[str, str] = MappingProxyType({})
    """Findings of check and verify to ignore: the rule, and why the claim is right."""
    status: str = ""
    """draft, proposed, changed or gone; empty once a person has read it."""
    by: str = ""
    """Who or what wrote it, in any words."""
    read_by: str = ""
    """Who has read it against its sentences."""
    read_on: str = ""
    """The day on which that was done, such as `2026-03-09`; empty if nobody has."""

    def _repr_html_(self) -> str:
        """Return the claim and its provenance for a notebook; nothing in it is taken for markup."""
        from html import escape

        names = ", ".join(entity.name for entity in self.actors)
        shown = (self.date, names, f"{self.source.label} ({self.basis})", self.kind, ", ".join(self.at))
        note = f"<br><small><i>{escape(self.note)}</i></small>" if self.note else ""
        provenance = " · ".join(filter(None, (self.id, *shown)))
        # Jupyter would set what stands between dollar signs as a formula.
        return f'<p class="mathjax_ignore tex2jax_ignore">{escape(self.text)}<br><small>{escape(provenance)}</small>{note}</p>\n'

    def record(self) -> dict[str, Any]:
        """Return the JSON object of the claim, the same in every command (docs/json.md)."""
        return {
            "id": self.id,
            "text": self.text,
            "kind": self.kind,
            "actors": [{"id": a.id, "name": a.name} for a in self.actors],
            "countries": [{"code": c.id, "name": c.name} for c in self.countries],
            "regions": [{"id": r.id, "name": r.name} for r in self.regions],
            "date": {"edtf": self.date, **self.interval._asdict(), "basis": self.date_basis},
            "source": self.source.record(),
            "basis": self.basis,
            "said_by": [{"id": s.id, "name": s.name} for s in self.said_by],
            "at": list(self.at),
            "section": self.section.title,
            "note": self.note or None,
            **{field: value for field in LIFE if (value := getattr(self, field))},
        }
