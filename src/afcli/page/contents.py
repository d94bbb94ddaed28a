"""The data of the page: its claims and sources as shown, and where they come from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from afcli import __version__
from afcli.citing.citation import cite_claim, cite_sources, in_words, is_rendered
from afcli.csl import bibliography_entry, sources_of
from afcli.page.vocabulary import vocabulary
from afcli.text import one_line, visible
from afcli.views.timeline import by_date, periods

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afcli.claim_lists import Claims
    from afcli.index.base import Base
    from afcli.library import Facts
    from afcli.model import Claim, Entity, Section, Source

STYLE = "apa"

Record = dict[str, Any]


def contents(facts: Facts, claims: Claims, *, everything: bool) -> Record:
    """Return everything that the page shows and searches, as JSON can hold it."""
    base = facts.base
    read = list(claims)
    carrying = {claim.source.key for claim in read} | {base.article_of(claim).key for claim in read}
    sources = [source for source in base.sources if everything or source.key in carrying]
    # Those with a part in the claims come first, then those that only queries name.
    used = {e.id for c in read for e in (*c.actors, *c.countries, *c.regions, *c.said_by)}
    entities = sorted(base.entities(), key=lambda entity: (entity.id not in used, entity.name.casefold()))
    place = {
        "entity": {entity.id: n for n, entity in enumerate(entities)},
        "source": {source.key: n for n, source in enumerate(sources)},
        "section": {section.id: n for n, section in enumerate(base.sections)},
    }
    citations = Citations(base)
    texts = {text: n for n, text in enumerate(dict.fromkeys(map(citations.of, read)))}
    number = {claim.id: n for n, claim in enumerate(read)}
    return {
        "about": _about(facts, sources, read, everything=everything),
        "sections": [_heading(base, section) for section in base.sections],
        "entities": [_entity(base, entity) for entity in entities],
        "sources": [
            {"key": s.key, "ref": s.ref, "label": plain(s.label), **_printed(s, citations.entry(s))}
            for s in sources
        ],
        "citations": list(texts),
        "claims": [_claim(claim, texts[citations.of(claim)], place) for claim in read],
        "periods": [
            [p.label, p.start, p.end, [number[claim.id] for claim in p.claims]]
            for p in periods(by_date(read))
        ],
        "search": vocabulary(base, [*number, *(s.key for s in sources if s.number is not None)]),
    }


def _heading(base: Base, section: Section) -> str:
    """Return the title of *section*, with its article if there are several: each may have an introduction."""
    prefix = section.id.rpartition("/")[0]
    article = next((s.label for s in base.sources if prefix and s.key == f"{prefix}/article"), "")
    return plain(f"{section.title} ({article})" if article else section.title)


def plain(text: str) -> str:
    """Return *text* on one line, with characters that would turn or hide the rest written as escapes."""
    return visible(one_line(text))


def _about(facts: Facts, sources: Sequence[Source], claims: Sequence[Claim], *, everything: bool) -> Record:
    base = facts.base
    wanted, covered = base.coverage()
    articles = [source for source in base.sources if source.number is None]
    return {
        "title": f"Claims of {plain(' and '.join(article.label for article in articles))}",
        "articles": [
            {
                "label": plain(article.label),
                "title": plain(article.item.get("title", article.key)),
                **_printed(article, plain(bibliography_entry(article))),
            }
            for article in articles
        ],
        "version": __version__,
        "claims": len(claims),
        "all": sum(number for _, number in base.claim_counts) - base.unread_count,
        "readers": Counter(plain(claim.read_by) for claim in claims if claim.read_by).most_common(),
        "whole": everything,
        "sources": sum(source.number is not None for source in sources),
        "sentences": [wanted, covered],
        "checked": sum(member.checked_count() for member in base.members),
        "digests": [member.texts_digest[:12] for member in base.members],
    }


def _entity(base: Base, entity: Entity) -> list[Any]:
    """Return id, name, type and other names of an entity, and for a region the ids of all within it."""
    inside: set[str] = set()
    if entity.type == "region":
        regions = {id_ for id_ in entity.members if base.entity(id_).type == "region"}
        inside = {*base.countries_in(entity), *regions}
    return [entity.id, plain(entity.name), entity.type, list(entity.aliases), sorted(inside)]


def _claim(claim: Claim, citation: int, place: dict[str, dict[str, int]]) -> list[Any]:
    named = (claim.actors, claim.countries, claim.regions, claim.said_by)
    return [
        claim.id,
        plain(claim.text),
        claim.kind,
        *([place["entity"][entity.id] for entity in entities] for entities in named),
        claim.date,
        *claim.interval,
        claim.date_basis,
        place["source"][claim.source.key],
        claim.basis,
        ", ".join(claim.at),
        place["section"][claim.section.id],
        plain(claim.note),
        citation,
    ]


def _printed(source: Source, entry: str) -> Record:
    notes = [plain(note) for note in source.custom.get("notes", ())]
    return {"entry": entry, "url": url_of(source), "notes": notes}


def url_of(source: Source) -> str:
    """Return the address of *source*, if it is one that a browser may be sent to."""
    url = str(source.item.get("URL", ""))
    doi = source.item.get("DOI", "")
    if doi:
        return f"https://doi.org/{doi}"
    return url if url.lower().startswith(("https://", "http://")) else ""


class Citations:
    """The citations of claims and sources in APA style.

    For a base whose citations are not stored they are put together from names and years, so that
    the page is the same with and without pandoc.
    """

    def __init__(self, base: Base) -> None:
        """Take the *base* of the claims."""
        self._base = base
        self._stored = is_rendered(base, STYLE)
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}

    def of(self, claim: Claim) -> tuple[str, ...]:
        """Return what cites *claim* in a text, then the entries of the bibliography."""
        article = self._base.article_of(claim)
        cited = sources_of(claim, article)[0]
        key = (article.key, cited.key, claim.section.id)
        if key not in self._known:
            self._known[key] = tuple(map(plain, self._texts(claim, article)))
        return self._known[key]

    def entry(self, source: Source) -> str:
        """Return the entry of *source* in a reference list."""
        if self._stored and (entries := cite_sources(self._base, [source.key], STYLE).bibliography):
            return plain(entries[0])
        return plain(bibliography_entry(source))

    def _texts(self, claim: Claim, article: Source) -> list[str]:
        if self._stored:
            citation = cite_claim(self._base, claim, STYLE)
            return [citation.text, *citation.bibliography]
        return [in_words(self._base, claim), bibliography_entry(article)]
