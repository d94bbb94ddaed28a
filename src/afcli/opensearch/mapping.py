"""The indices of a base in a cluster, their names and mappings (docs/opensearch.md)."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any
from zlib import crc32

from afcli.index.base import COLUMNS as INDEXED
from afcli.index.terms import LEVELS

VERSION = "2"
"""Increase this by hand when the documents or their mappings change between versions."""

KINDS = ("words", "names", "article", "claims")
"""Each base has an index of each kind, and each push a generation of them."""

COLUMNS = (*INDEXED, "authored")
"""The columns of a claim, in the order of its digest; the last holds what only authors need. Empty ones are not sent."""

_WORD = {"type": "keyword", "ignore_above": 8_000}
_MARK = {**_WORD, "doc_values": False}
"""To be found by, never sorted by."""
_OF_WORDS = {"type": "text", "analyzer": "words", "norms": False}
"""Words separated by spaces."""
_SHOWN = {"type": "keyword", "index": False, "doc_values": False}
_KEPT_NUMBER = {"type": "double", "index": False, "doc_values": False}
_KEPT = {"type": "object", "enabled": False}

_ANY = {"key": _WORD, "digest": _SHOWN, "row": _KEPT}


def _fields(names: str, mapping: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return dict.fromkeys(names.split(), mapping)


MAPPINGS: dict[str, dict[str, Any]] = {
    "claims": {
        "number": {"type": "integer"},
        "id": {"type": "keyword"},
        **_fields("kind basis date_basis source section status actors said_by countries regions", _MARK),
        "first_day": {**_MARK, "null_value": ""},
        "last_day": {**_MARK, "null_value": "9999"},
        "stems": _OF_WORDS,
        "postings": {**_OF_WORDS, "index_options": "docs"},
        **_fields("text date at note life authored digest search_digest", _SHOWN),
    },
    "words": {**_ANY, **_fields("sound skeleton", _MARK)},
    "names": {**_ANY, **_fields("id names stems", _MARK)},
    "article": _ANY,
}


def settings(kind: str, shards: int, width: int = 0) -> dict[str, Any]:
    """Return what creates an index of a *kind* for a push: without replicas and refreshes until everything is there.

    Claims with vectors have *width* numbers each.
    """
    whole = {
        "number_of_shards": shards if kind == "claims" else 1,
        "number_of_replicas": 0,
        "refresh_interval": "-1",
        # A node that comes back finds its shards again.
        "unassigned.node_left.delayed_timeout": "5m",
    }
    if kind == "claims":
        whole["analysis"] = {
            "tokenizer": {"words": {"type": "whitespace", "max_token_length": 8_000}},
            "analyzer": {"words": {"type": "custom", "tokenizer": "words"}},
        }
    meta = {"afcli": VERSION}
    mappings = {"dynamic": "strict", "_meta": meta, "properties": MAPPINGS[kind]}
    if kind == "claims" and width:
        vector = {"type": "knn_vector", "dimension": width, "doc_values": True}
        mappings["properties"] = {
            **MAPPINGS[kind],
            "vector": vector,
            "scale": _KEPT_NUMBER,
            "numbers": _SHOWN,
        }
        mappings["_source"] = {"excludes": ["vector"]}
    return {"settings": {"index": whole}, "mappings": mappings}


def index_name(base: str, kind: str, generation: str) -> str:
    """Return the name of an index; its alias is the same without the generation."""
    return f"{alias(base, kind)}.{generation}"


def alias(base: str, kind: str) -> str:
    """Return the name under which the readable index of a *kind* goes."""
    return f"{base}.{kind}"


def buckets(terms: int) -> int:
    """Return over how many documents so many terms are spread."""
    return -(-terms // _IN_BUCKET) or 1


def bucket(term: str, count: int) -> str:
    """Return the key of the document that has the postings of *term*, one of *count*."""
    return f"postings {crc32(term.encode('utf-8', 'replace')) % count:09}"


_IN_BUCKET = 64
"""About so many terms share a document: a document of its own for each would cost more to write than a claim."""


LETTERS = 24
"""The most letters of a node of the trie."""


def node(beginning: str) -> str:
    """Return the key of the node of the trie that has the words with this *beginning*."""
    return f"begin {beginning}"


def document_id(key: str) -> str:
    """Return the id of the document with this key; ids have 512 bytes at most."""
    found = key.encode("utf-8", "replace")
    return key if len(found) <= 500 else f"#{blake2b(found, digest_size=20).hexdigest()}"


_LETTER = {level: chr(ord("A") + number) for number, level in enumerate(LEVELS)}


def token(term: str, field: str, weight: float) -> str:
    """Return what stands for a term in one field of a claim, among its postings."""
    return f"{term}|{_LETTER[field, weight]}"


def digest(content: Any) -> str:
    """Return what tells the content of a document from any other, in whatever order a cluster returns its fields."""
    text = content if isinstance(content, str) else _ordered(content)
    return blake2b(text.encode("utf-8", "replace"), digest_size=10).hexdigest()


def claim_digest(columns: dict[str, Any]) -> str:
    """Return what tells a claim as it was pushed from one that somebody changed in the index."""
    return digest([columns.get(name) for name in COLUMNS])


_ordered = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
