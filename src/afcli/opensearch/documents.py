"""What a push writes: the tables of a checked base (index/tables.py) as documents, in the order of their keys."""

from __future__ import annotations

import base64
import json
from bisect import bisect_left
from functools import lru_cache
from heapq import nsmallest
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli.files import safe_open
from afcli.files.load import Reader
from afcli.index.base import EXPANSIONS, LISTS, RENDERED
from afcli.index.terms import LEVELS
from afcli.opensearch.client import dumps
from afcli.opensearch.mapping import (
    COLUMNS,
    LETTERS,
    VERSION,
    bucket,
    buckets,
    claim_digest,
    digest,
    node,
    token,
)
from afcli.text import words as words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from afcli.index.base import Base
    from afcli.meaning.vectors import Vectors

_SECTION = COLUMNS.index("section")
_OPEN = ("first_day", "last_day")
"""Where these are empty they stand for the first or last of all days (mapping.py)."""
_ROWS = 131_072
"""So many claims are turned into documents at once."""
_HEARD = (("sound", 4), ("skeleton", 5))
_IN_NODE = 128
"""The most words in a node of the trie: a document of its own for each would cost more to write than a claim."""


class Document(NamedTuple):
    """One document, ready to be sent."""

    key: str
    """Its id; documents come in the order of their sort keys."""
    sort: str | int
    digest: str
    source: str
    """JSON."""


def claims(index: Base, vectors: Vectors | None) -> Iterator[Document]:
    """Yield the claims and entries of the bibliography, by number, each with its vector."""
    authored = Reader(index.directory).authored()
    sections = [section.id for section in index.sections]
    stem_of = dict(index.rows("SELECT word, stem FROM words"))
    for first in range(0, index.record_count, _ROWS):
        last = min(first + _ROWS, index.record_count)
        postings = _postings(index, first, last)
        rows = index.rows(
            f"SELECT {', '.join(COLUMNS[:-1])} FROM claims WHERE number >= ? AND number < ? ORDER BY number",  # noqa: S608  # constants
            first,
            last,
        )
        for number, row in enumerate(rows, first):
            fields = _found(row[0], authored) if number < index.claim_count else {}
            columns = dict(zip(COLUMNS, (*row, fields and dumps(fields)), strict=True))
            columns["section"] = sections[row[_SECTION]]
            in_order = " ".join(map(stem_of.__getitem__, words_of(columns["text"])))
            vector = _vector(*vectors.row(number)) if vectors else {}
            yield _claim(
                number, columns, {"stems": in_order, "postings": " ".join(postings[number - first]), **vector}
            )


@lru_cache(maxsize=10_000)
def _parsed(text: str) -> list[str]:
    found: list[str] = json.loads(text)
    return found


def _found(id_: str, authored: Iterator[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    return next(fields for other, fields in authored if other == id_)


def _vector(scale: float, row: bytes) -> dict[str, Any]:
    """Return a vector as what is read, and as what the cluster multiplies with a query's."""
    numbers = memoryview(row).cast("b").tolist()
    exact = {number: float(f"{number * scale:.8g}") for number in set(numbers)}
    vector = [exact[number] for number in numbers]
    return {"scale": scale, "numbers": base64.b64encode(row).decode(), "vector": vector}


def _postings(index: Base, first: int, last: int) -> list[list[str]]:
    """Return the tokens of each of these claims, the best field of a term only."""
    found: list[list[str]] = [[] for _ in range(first, last)]
    rows = index.rows("SELECT term, field, weight, claims FROM postings ORDER BY number")
    for term, field, weight, blob in rows:
        numbers = memoryview(blob).cast("I")
        mark = token(term, field, weight)
        for number in numbers[bisect_left(numbers, first) : bisect_left(numbers, last)].tolist():
            found[number - first].append(mark)
    return found


def _claim(number: int, columns: dict[str, Any], search: dict[str, Any]) -> Document:
    columns |= {name: _parsed(columns[name]) for name in LISTS}
    sent = {name: value for name, value in columns.items() if value or name in _OPEN}
    own = claim_digest(sent)
    by_search = digest("\0".join(map(str, (number, *search.values()))))
    sent |= {"number": number, "digest": own, "search_digest": by_search, **search}
    if columns["life"] and (status := json.loads(columns["life"]).get("status")):
        sent["status"] = status
    return Document(columns["id"], number, own + by_search, dumps(sent))


def words(index: Base) -> Iterator[Document]:
    """Yield all words of each length and first letter, those with one beginning, and the postings of each term."""
    rows = index.rows("SELECT word, length, claims, frequency, sound, skeleton FROM words ORDER BY word")
    kept: list[tuple[str, dict[str, Any]]] = []
    for name, of in (("initial", lambda row: row[0][0]), ("length", lambda row: f"{row[1]:09}")):
        kept += _packed(name, rows, of)
    levels = index.rows("SELECT term, field, weight, count FROM postings ORDER BY number")
    count = _buckets(index)
    of_bucket: dict[str, dict[str, Any]] = {}
    for term, field, weight, size in levels:
        of = of_bucket.setdefault(bucket(term, count), {}).setdefault(term, [])
        of.append((LEVELS.index((field, weight)), size))
    kept += [(key, {"row": [terms]}) for key, terms in of_bucket.items()]
    return _documents([*kept, *_nodes(rows)])


def _buckets(index: Base) -> int:
    return buckets(index.rows("SELECT count(DISTINCT term) FROM postings")[0][0])


def _packed(
    name: str, rows: Iterable[Sequence[Any]], of: Callable[[Sequence[Any]], str]
) -> list[tuple[str, dict[str, Any]]]:
    words: dict[str, list[str]] = {}
    for row in rows:
        words.setdefault(of(row), []).append(row[0])
    return [(f"{name} {key}", {"row": [" ".join(found)]}) for key, found in words.items()]


def _nodes(rows: list[Sequence[Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the nodes of a trie of the words; where a node has too many, the commonest, and nodes of longer beginnings."""
    todo = [("", rows)]
    for beginning, found in todo:
        here, common = found, None
        if len(found) > _IN_NODE and len(beginning) < LETTERS:
            itself = found[0][0] == beginning
            here, longer = found[:itself], found[itself:]
            letters = len(beginning) + 1
            todo += [(b, list(of)) for b, of in groupby(longer, lambda row: row[0][:letters])]  # noqa: B023  # used at once
            common = [row[0:3:2] for row in nsmallest(EXPANSIONS, longer, lambda row: (-row[2], row[0]))]
        heard = {name: sorted({row[at] for row in here} - {None}) for name, at in _HEARD}
        yield node(beginning), {**heard, "row": [{word: of for word, _, *of in here}, common]}


def names(index: Base) -> Iterator[Document]:
    """Yield the entities, each with its names."""
    named: dict[str, list[tuple[str, str]]] = {}
    for name, key, entity in index.rows("SELECT name, stems, entity FROM names ORDER BY number"):
        named.setdefault(entity, []).append((name, key))
    kept = []
    for number, entity in enumerate(index.entities()):
        of = named.get(entity.id, [])
        fields = {
            "id": entity.id,
            "names": list(dict.fromkeys(name for name, _ in of)),
            "stems": list(dict.fromkeys(stem for _, key in of for stem in key.split(" ") if stem)),
            "row": {"entity": list(entity), "names": of},
        }
        kept.append((f"{number:09}", fields))
    return _documents(kept)


def article(index: Base, vectors: Vectors | None) -> Iterator[Document]:
    """Yield what is known of the whole base: its size, its sections, sources, counts and rendered citations."""
    kept: list[tuple[str, Any]] = [
        ("about", {"afcli": VERSION, "stemmer": index.stemmer, "texts": index.texts_digest, "claims": index.claim_count,
                   "records": index.record_count, "unread": index.unread_count,
                   "coverage": list(index.coverage()), "model": vectors and [*vectors.model, vectors.width],
                   "checked": index.checked_count(), "buckets": _buckets(index)}),
        *((f"section {n:09}", [section.id, section.title]) for n, section in enumerate(index.sections)),
        *((f"source {n:09}", list(source)) for n, source in enumerate(index.sources)),
        *((f"count {field}", list(index.counts(field).items()))
          for field in ("actor", "basis", "country", "date", "kind", "region", "section", "source", "status")),
        *((f"style {path.stem}", safe_open.content(path).decode("utf-8"))
          for path in sorted((index.directory / RENDERED).glob("*.json"))),
    ]  # fmt: skip
    return _documents((key, {"row": [value]}) for key, value in kept)


def _documents(kept: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[Document]:
    """Yield documents sorted by their keys, as OpenSearch sorts them."""
    for key, fields in sorted(kept, key=lambda pair: pair[0].encode("utf-8", "replace")):
        made = digest([key, fields])
        yield Document(key, key, made, dumps({"key": key, **fields, "digest": made}))
