"""Tag open drafts again after the names were corrected; anything written by hand stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afcli.authoring import mentions
from afcli.authoring.claim_edits import editing, is_open
from afcli.files import atomic, journal, safe_open
from afcli.files.load import Reader
from afcli.names import is_actor
from afcli.problems import FactsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from afcli.fact_base import FactBase

NAME = "tags.tsv"
"""The file of a base that says which tags its drafts were given: a draft with others was changed by a person."""
_FIELDS = ("actors", "countries", "regions")
Record = dict[str, Any]
Tags = dict[str, list[str]]
"""The ids in each of the fields."""


def table(claims: Iterable[Record]) -> str:
    """Return the tags of *claims* as lines of text: the id, then the ids of each kind of tag."""
    rows = ((claim["id"], *(" ".join(claim.get(field, ())) for field in _FIELDS)) for claim in claims)
    return "".join("\t".join(row) + "\n" for row in [("id", *_FIELDS), *rows])


def tag(directory: Path, sentences: Mapping[str, str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Tag the open drafts of the base in *directory* again, by the names of entities.yaml as they are now.

    Returns the id of each draft that changed, with how, and the ids of those that a person has changed, which
    stay as they are. Raises FactsError, UsageError where `Edits` does.
    """
    facts = _names(directory)
    finder = mentions.Finder({name: e.id for e in facts.entities.values() for name in e.names[1:]})
    sources = {str(s.number): (mentions.family(s.item), s.year) for s in facts.bibliography}
    changed: list[tuple[str, str]] = []
    kept: list[str] = []
    with editing(directory) as edits:
        given = _given(directory)
        with edits.together():
            for record in map(edits.record, edits.ids):
                if not is_open(record.get("status", ""), record["text"]):
                    continue
                text = " ".join(sentences.get(id_, "") for id_ in record["at"])
                now, old = _tags(facts, finder, sources, text), _tags_of(record)
                if old not in (now, given.get(record["id"], _tags_of({}))):
                    kept.append(record["id"])
                    continue
                given[record["id"]] = now
                if old != now:
                    # A draft has no field for the regions that it does not name.
                    edits.set(record["id"], **now | ({} if now["regions"] else {"regions": None}))
                    changed.append((record["id"], _difference(old, now)))
        # Last: a draft that has its new tags already is known by them.
        with journal.refusing(directory):
            atomic.write(directory / NAME, table({"id": id_, **tags} for id_, tags in given.items()).encode())
    return changed, kept


def _names(directory: Path) -> FactBase:
    """Return all of the base but its claims: these may have tags that are no more."""
    reader = Reader(directory)
    facts = reader.front()
    if reader.problems:
        raise FactsError(reader.problems)
    return facts


def _given(directory: Path) -> dict[str, Tags]:
    """Return the tags that each draft was last given; none if nothing says so."""
    try:
        lines = safe_open.content(directory / NAME).decode("utf-8", "replace").splitlines()[1:]
    except OSError:
        return {}
    rows = (line.split("\t") for line in lines)
    return {id_: dict(zip(_FIELDS, map(str.split, tags), strict=False)) for id_, *tags in rows}


def _tags_of(record: Record) -> Tags:
    return {field: list(record.get(field, ())) for field in _FIELDS}


def _tags(
    facts: FactBase, finder: mentions.Finder, sources: Mapping[str, tuple[str, str]], text: str
) -> Tags:
    """Return the tags that *text* suggests."""
    _, rest = mentions.citations(text, sources)
    tags = _tags_of({})
    for entity in (facts.entities[id_] for id_ in finder.ids_in(rest)):
        if is_actor(entity):
            field = {"country": "countries", "region": "regions"}.get(entity.type, "actors")
            tags[field] = [*tags[field], entity.id][:100]
    return tags


def _difference(old: Tags, new: Tags) -> str:
    """Return which tags came and which went, as in `+ghana -togo`."""
    before, after = ({id_ for ids in tags.values() for id_ in ids} for tags in (old, new))
    return " ".join(
        [*(f"+{id_}" for id_ in sorted(after - before)), *(f"-{id_}" for id_ in sorted(before - after))]
    )
