"""Write claims for other programs: as lines of a fact base, and as linked data.

JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/) with the vocabulary of https://schema.org, the Web Annotation
Vocabulary (https://www.w3.org/TR/annotation-vocab/) for locations in the article, and a few terms of our own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from afcli.model import LIFE, Entity, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afcli.index.base import Base
    from afcli.model import Claim

CONTEXT: dict[str, Any] = {
    "@vocab": "https://schema.org/",
    "afcli": "urn:x-afcli:",
    "oa": "http://www.w3.org/ns/oa#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "Annotation": "oa:Annotation",
    "FragmentSelector": "oa:FragmentSelector",
    "SpecificResource": "oa:SpecificResource",
    "annotated": {"@reverse": "oa:hasBody"},
    "target": "oa:hasTarget",
    "source": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": "oa:hasSelector",
    "value": "rdf:value",
    "kind": "afcli:kind",
    "basis": "afcli:basis",
    "dateBasis": "afcli:date-basis",
    "note": "afcli:note",
    "actor": {"@id": "afcli:actor", "@type": "@id"},
    **{key: {"@type": "@id"} for key in ("author", "about", "appearance", "citation", "isPartOf")},
}
"""The whole context, so that no reader has to fetch it."""

_WORKS = {
    "article-journal": "ScholarlyArticle", "article-newspaper": "NewsArticle", "article-magazine": "Article",
    "book": "Book", "chapter": "Chapter", "report": "Report", "thesis": "Thesis", "webpage": "WebPage",
    "post-weblog": "BlogPosting", "interview": "Conversation",
}  # fmt: skip
_THINGS = {
    "person": "Person", "country": "Country", "region": "Place", "place": "Place", "government": "GovernmentOrganization",
    "organisation": "Organization", "armed-group": "Organization",
}  # fmt: skip
_REQUIRED = ("id", "text", "kind", "actors", "countries", "date", "date_basis", "source", "basis", "at")
_OPTIONAL = ("regions", "said_by", "note", "asks", "terms", "explained", *LIFE)
"""The fields of a claim in the files, in the order they are written."""

Record = dict[str, Any]


def json_lines(claims: Iterable[Claim]) -> str:
    """Return the claims as lines of a file `claims/*.jsonl`, with all their fields."""
    lines = []
    for claim in claims:
        fields = {field: _plain(getattr(claim, field)) for field in _REQUIRED + _OPTIONAL}
        written = {field: value for field, value in fields.items() if value or field in _REQUIRED}
        lines.append(json.dumps(written, ensure_ascii=False) + "\n")
    return "".join(lines)


def _plain(value: Any) -> Any:
    """Return a field of a claim as in the files: an object becomes its id or number."""
    if isinstance(value, Source):
        return value.ref
    if isinstance(value, tuple):
        return [part.id if isinstance(part, Entity) else part for part in value]
    return value if isinstance(value, str) else dict(value)


def json_ld(base: Base, claims: Sequence[Claim]) -> str:
    """Return the claims with their sources and everything they name, as one graph."""
    works = {source.key: source for claim in claims for source in (base.article_of(claim), claim.source)}
    entities = {e.id: e for c in claims for e in (*c.actors, *c.countries, *c.regions, *c.said_by)}
    name = base.claim_counts[0][0]
    graph = [_work(source, name) for source in works.values()]
    graph += [_thing(entity, name) for entity in entities.values()]
    graph += [_claim(claim, base.article_of(claim), name) for claim in claims]
    return json.dumps({"@context": CONTEXT, "@graph": graph}, ensure_ascii=False, indent=1) + "\n"


def _iri(what: str, id_: str, name: str) -> str:
    """Return the IRI of a thing in the base *name*; with several bases its id begins with that already."""
    return f"afcli:{what}:{id_ if '/' in id_ else f'{name}/{id_}'}"


def _source_iri(source: Source, name: str) -> str:
    return _iri("source", "article" if source.ref == "article" else source.key, name)


def _entity_iri(entity: Entity, name: str) -> str:
    return f"afcli:country:{entity.id}" if entity.type == "country" else _iri("entity", entity.id, name)


def _work(source: Source, name: str) -> Record:
    item = source.item
    within = item.get("container-title")
    return _node(
        _source_iri(source, name),
        _WORKS.get(item["type"], "CreativeWork"),
        identifier=source.key,
        position=source.number,
        name=item.get("title"),
        creator=[_creator(person) for person in item.get("author", ())],
        datePublished=item.get("issued"),
        isPartOf={"@type": "Periodical", "name": within} if within else None,
        publisher=item.get("publisher"),
        url=item.get("URL"),
        sameAs=f"https://doi.org/{item['DOI']}" if "DOI" in item else None,
        inLanguage=item.get("language"),
        comment=source.custom.get("notes"),
    )


def _creator(person: dict[str, str]) -> Record:
    if "literal" in person:
        return {"@type": "Organization", "name": person["literal"]}
    return {"@type": "Person"} | _filled(familyName=person.get("family"), givenName=person.get("given"))


def _thing(entity: Entity, name: str) -> Record:
    return _node(
        _entity_iri(entity, name),
        _THINGS.get(entity.type, "Thing"),
        identifier=entity.id,
        name=entity.name,
        alternateName=list(entity.aliases),
        description=entity.role,
    )


def _claim(claim: Claim, article: Source, name: str) -> Record:
    def iris(*entities: Entity) -> list[str]:
        return list(dict.fromkeys(_entity_iri(entity, name) for entity in entities))

    article_iri = _source_iri(article, name)
    selectors = [{"@type": "FragmentSelector", "value": sentence} for sentence in claim.at]
    targets = [{"@type": "SpecificResource", "source": article_iri, "selector": s} for s in selectors]
    return _node(
        _iri("claim", claim.id, name),
        "Claim",
        identifier=claim.id,
        text=claim.text,
        kind=claim.kind,
        author=iris(*claim.said_by),
        actor=iris(*claim.actors),
        about=iris(*claim.actors, *claim.countries, *claim.regions),
        temporalCoverage=claim.date,
        dateBasis=claim.date_basis,
        appearance=article_iri,
        citation=_source_iri(claim.source, name),
        basis=claim.basis,
        note=claim.note,
        annotated={"@type": "Annotation", "target": targets},
    )


def _node(iri: str, type_: str, **properties: Any) -> Record:
    return {"@id": iri, "@type": type_} | _filled(**properties)


def _filled(**properties: Any) -> Record:
    """Return the properties that have a value."""
    return {key: value for key, value in properties.items() if value}
