"""Write claims for other programs: as lines of a fact base again, and as linked data.

JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/) with the words of https://schema.org, of the Web Annotation
Vocabulary (https://www.w3.org/TR/annotation-vocab/) for where in the article a claim stands, and a few of its own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afcli.base import Base
    from afcli.model import Claim, Entity, Source

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
"""Everything is spelt out here: no reader has to fetch it."""

_WORKS = {
    "article-journal": "ScholarlyArticle", "article-newspaper": "NewsArticle", "article-magazine": "Article",
    "book": "Book", "chapter": "Chapter", "report": "Report", "thesis": "Thesis", "webpage": "WebPage",
    "post-weblog": "BlogPosting", "interview": "Conversation",
}  # fmt: skip
_THINGS = {
    "person": "Person", "country": "Country", "region": "Place", "place": "Place", "government": "GovernmentOrganization",
    "organisation": "Organization", "armed-group": "Organization",
}  # fmt: skip


def json_lines(claims: Iterable[Claim]) -> str:
    """Return the claims as the lines of a file `claims/*.jsonl`, with all that the files hold of them."""
    return "".join(f"{json.dumps(_written(claim), ensure_ascii=False)}\n" for claim in claims)


def _written(claim: Claim) -> dict[str, Any]:
    optional = {
        "regions": [entity.id for entity in claim.regions],
        "said_by": [entity.id for entity in claim.said_by],
        "note": claim.note,
        "asks": list(claim.asks),
        "terms": list(claim.terms),
        "explained": dict(claim.explained),
        "status": claim.status,
    }
    return {
        "id": claim.id,
        "text": claim.text,
        "kind": claim.kind,
        "actors": [entity.id for entity in claim.actors],
        "countries": [entity.id for entity in claim.countries],
        "date": claim.date,
        "date_basis": claim.date_basis,
        "source": claim.source.ref,
        "basis": claim.basis,
        "at": list(claim.at),
        **{field: value for field, value in optional.items() if value},
    }


def json_ld(base: Base, claims: Sequence[Claim]) -> str:
    """Return the claims with their sources and all that they name, as one graph."""
    works = {source.key: source for claim in claims for source in (base.article_of(claim), claim.source)}
    named = {e.id: e for c in claims for e in (*c.actors, *c.countries, *c.regions, *c.said_by)}
    name = base.parts[0][0]
    graph = [
        *(_work(source, name) for source in works.values()),
        *(_thing(entity, name) for entity in named.values()),
        *(_claim(claim, base.article_of(claim), name) for claim in claims),
    ]
    return json.dumps({"@context": CONTEXT, "@graph": graph}, ensure_ascii=False, indent=1) + "\n"


def _iri(what: str, id_: str, name: str) -> str:
    """Return what names a thing of the base *name* everywhere; several bases have it in their ids already."""
    return f"afcli:{what}:{id_ if '/' in id_ else f'{name}/{id_}'}"


def _source(source: Source, name: str) -> str:
    return _iri("source", "article" if source.ref == "article" else source.key, name)


def _entity(entity: Entity, name: str) -> str:
    return f"afcli:country:{entity.id}" if entity.type == "country" else _iri("entity", entity.id, name)


def _work(source: Source, name: str) -> dict[str, Any]:
    item = source.item
    people = (
        {"@type": "Organization", "name": person["literal"]}
        if "literal" in person
        else {"@type": "Person", "familyName": person.get("family"), "givenName": person.get("given")}
        for person in item.get("author", ())
    )
    within = item.get("container-title")
    return _filled(
        {
            "@id": _source(source, name),
            "@type": _WORKS.get(item["type"], "CreativeWork"),
            "identifier": source.key,
            "position": source.number,
            "name": item.get("title"),
            "creator": [_filled(person) for person in people],
            "datePublished": item.get("issued"),
            "isPartOf": {"@type": "Periodical", "name": within} if within else None,
            "publisher": item.get("publisher"),
            "url": item.get("URL"),
            "sameAs": f"https://doi.org/{item['DOI']}" if "DOI" in item else None,
            "inLanguage": item.get("language"),
            "comment": source.custom.get("notes"),
        }
    )


def _thing(entity: Entity, name: str) -> dict[str, Any]:
    return _filled(
        {
            "@id": _entity(entity, name),
            "@type": _THINGS.get(entity.type, "Thing"),
            "identifier": entity.id,
            "name": entity.name,
            "alternateName": list(entity.aliases),
            "description": entity.role,
        }
    )


def _claim(claim: Claim, article: Source, name: str) -> dict[str, Any]:
    about = dict.fromkeys(_entity(e, name) for e in (*claim.actors, *claim.countries, *claim.regions))
    places = [
        {
            "@type": "SpecificResource",
            "source": _source(article, name),
            "selector": {"@type": "FragmentSelector", "value": place},
        }
        for place in claim.at
    ]
    return _filled(
        {
            "@id": _iri("claim", claim.id, name),
            "@type": "Claim",
            "identifier": claim.id,
            "text": claim.text,
            "kind": claim.kind,
            "author": [_entity(speaker, name) for speaker in claim.said_by],
            "actor": [_entity(actor, name) for actor in claim.actors],
            "about": list(about),
            "temporalCoverage": claim.date,
            "dateBasis": claim.date_basis,
            "appearance": _source(article, name),
            "citation": _source(claim.source, name),
            "basis": claim.basis,
            "note": claim.note,
            "annotated": {"@type": "Annotation", "target": places},
        }
    )


def _filled(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record without what is not known."""
    return {key: value for key, value in record.items() if value}
