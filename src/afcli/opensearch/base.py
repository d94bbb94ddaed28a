"""One fact base in a cluster: it answers as index/base.py does, from documents instead of tables."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from afcli.errors import EngineError, UsageError
from afcli.index.base import EXPANSIONS, LISTS, Base, Posting
from afcli.index.terms import LEVELS
from afcli.model import TAGGED, Entity, Section, Source
from afcli.opensearch import address as addresses
from afcli.opensearch.client import PAGE, Cluster
from afcli.opensearch.mapping import (
    COLUMNS,
    LETTERS,
    VERSION,
    alias,
    bucket,
    claim_digest,
    digest,
    document_id,
    index_name,
    node,
    token,
)
from afcli.opensearch.selection import Selection, either
from afcli.text import stem, stemmer_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from afcli.model import Claim, Interval
    from afcli.opensearch.selection import Condition

_FIELDS = {"country": ("countries",), "region": ("regions",), "actor": ("actors", "said_by")}
_COLUMNS = ["number", "digest", *COLUMNS]
_IN_SEARCH = [*_COLUMNS, "postings", "scale", "numbers"]
_TERMS = 50_000
"""A cluster takes 65,536 values in one condition."""
_WORDS = 200
"""So many words are asked for in one request, each with all its beginnings."""


def open_base(path: Path) -> Remote:
    """Return the base at an address; raise EngineError where it cannot be reached, is missing or half pushed."""
    address = addresses.parse(path)
    return Remote(Cluster(address))


class Remote(Base):
    """Reads the base that the aliases of an address name when it is opened."""

    remote = True

    def __init__(self, cluster: Cluster) -> None:
        """Read what every command needs: the sections and sources."""
        self.cluster = cluster
        self.address = cluster.address
        self.directory = Path(str(self.address))
        hits = self._front()
        self.generation = hits[0]["_index"].rpartition(".")[2]
        self.digest = self.generation
        about = self._checked(hits[0])[0]
        if about["afcli"] != VERSION or about["stemmer"] != stemmer_version():
            raise EngineError(
                f"{self.address} was pushed by another version of afcli; push it again: afcli push DIR {self.address}"
            )
        self.stemmer = about["stemmer"]
        self.claim_count = about["claims"]
        self.record_count = about["records"]
        self.unread_count = about["unread"]
        self.texts_digest = about["texts"]
        self._about = about
        if about["model"]:
            from afcli.opensearch.nearness import RemoteVectors

            self.vectors = RemoteVectors(self, *about["model"])
        self._rows: dict[int, tuple[float, bytes]] = {}
        rows = [(hit["_source"]["key"], self._checked(hit)[0]) for hit in hits[1:]]
        self.sections = tuple(Section(row[0], row[1], {}) for key, row in rows if key.startswith("section "))
        self._sections = {section.id: section for section in self.sections}
        self.sources = tuple(Source(*row) for key, row in rows if key.startswith("source "))
        self._authored: dict[int, str] = {}
        self._nodes: dict[str, Any] = {}
        self._named: dict[str, dict[tuple[str, ...], list[str]]] = {}
        self._levels: dict[str, list[Posting]] = {}
        self._marks: list[str] = []
        self._claims: dict[int, dict[str, Any]] = {}
        self._entities: dict[str, tuple[str, Entity] | None] = {}
        self._postings_of: dict[int, frozenset[str]] = {}

    @property
    def place(self) -> str:
        """Return the address, without credentials."""
        return str(self.address)

    def _front(self) -> list[Any]:
        """Return the documents about the base, the sections and the sources, the first of them about it."""
        parts = ({"prefix": {"key": start}} for start in ("about", "section ", "source "))
        name = alias(self.address.base, "article")
        body = {"query": either(*parts), "sort": ["key"], "size": PAGE}
        try:
            answer = self.cluster.search(name, body)
        except EngineError:
            self._explain()
            raise
        hits: list[Any] = answer["hits"]["hits"]
        if len(hits) == PAGE:
            body["search_after"] = hits[-1]["sort"]
            hits += self.cluster.all(hits[0]["_index"], body)
        if not hits or hits[0]["_source"]["key"] != "about":
            raise EngineError(
                f"{self.address} has no base that afcli wrote; push one: afcli push DIR {self.address}"
            )
        return hits

    def _explain(self) -> None:
        """Raise EngineError where the base is missing or half pushed, or what answers is no OpenSearch."""
        base = self.address.base
        self.cluster.greet()
        if self.cluster.ask("GET", f"/_alias/{alias(base, 'article')}", absent=False):
            return
        begun = self.cluster.ask("GET", f"/_cat/indices/{base}.*", format="json")
        what = "is only partly pushed; continue with" if begun else "has no base of this name; create it with"
        raise EngineError(f"{self.address} {what}: afcli push DIR {self.address}")

    # Reading documents

    def _index(self, kind: str) -> str:
        return index_name(self.address.base, kind, self.generation)

    def _search(self, kind: str, query: Condition, **more: Any) -> Iterator[Any]:
        """Yield the rows, as pushed, of all documents of a *kind* that a query finds, by key."""
        body = {"query": query, "sort": ["key"], **more}
        return (hit["_source"] for hit in self.cluster.all(self._index(kind), body) if self._checked(hit))

    def _with(self, kind: str, field: str, values: Sequence[Any], **more: Any) -> Iterator[Any]:
        """Yield the documents that have one of these *values*, each of which only one has."""
        for start in range(0, len(values), PAGE):
            body = {"query": {"terms": {field: values[start : start + PAGE]}}, "size": PAGE, **more}
            for hit in self.cluster.search(self._index(kind), body)["hits"]["hits"]:
                if kind == "claims" or self._checked(hit):
                    yield hit["_source"]

    def _checked(self, hit: Any) -> Any:
        """Return the row of a document; raise EngineError if it is not as it was pushed."""
        source = hit["_source"]
        fields = {name: value for name, value in source.items() if name not in ("key", "digest")}
        if source.get("digest") != digest([source.get("key", ""), fields]):
            self._altered(source.get("key", hit["_id"]))
        return source["row"]

    def _altered(self, what: str) -> NoReturn:
        raise EngineError(
            f"{self.address}: {what} was changed in the cluster after it was pushed;"
            f" afcli push --anew DIR {self.address} writes everything again"
        )

    # Sources, sections, claims

    def columns(self, numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Return the columns of each claim or entry by its number; ids of entities are tuples."""
        wanted = sorted(set(numbers))
        missing = [number for number in wanted if number not in self._claims]
        found = {number: self._claims[number] for number in wanted if number in self._claims}
        for source in self._with("claims", "number", missing, _source=_COLUMNS):
            found[source["number"]] = self._claim(source)
        self._know_entities(found.values())
        if lost := set(wanted) - found.keys():
            self._altered(f"claim number {min(lost) + 1}")
        return found

    def _claim(self, source: dict[str, Any]) -> dict[str, Any]:
        if source["digest"] != claim_digest(source):
            self._altered(source["id"])
        columns: dict[str, Any] = {name: source.get(name, "") for name in COLUMNS}
        columns |= {name: tuple(source.get(name, ())) for name in LISTS}
        self._authored[source["number"]] = columns.pop("authored") or "{}"
        columns |= json.loads(columns.pop("life") or "{}")
        columns["interval"] = columns.pop("first_day"), columns.pop("last_day")
        return columns | {"section": self._sections[columns["section"]]}

    def whole(self, numbers: Sequence[int]) -> Iterator[Claim]:
        """Yield these claims with all their fields, those that only authors need too."""
        for number, claim in zip(numbers, self.claims(numbers), strict=True):
            fields: dict[str, Any] = json.loads(self._authored[number])
            tuples: dict[str, Any] = {k: tuple(v) for k, v in fields.items() if isinstance(v, list)}
            yield claim._replace(**{**fields, **tuples})

    def numbers_of(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the number of each claim or entry that has one of these *ids*."""
        found = self._with("claims", "id", sorted(set(ids)), _source=["id", "number"])
        return {source["id"]: source["number"] for source in found}

    def ids(self, start: str = "") -> list[str]:
        """Return the ids that begin with *start*, sorted."""
        body = {"query": {"prefix": {"id": start}}, "sort": ["id"], "_source": False}
        return [hit["sort"][0] for hit in self.cluster.all(self._index("claims"), body)]

    def texts(self) -> list[str]:
        """Return the text of each claim and entry, by number."""
        body = {"sort": ["number"], "_source": ["text"]}
        return [hit["_source"]["text"] for hit in self.cluster.all(self._index("claims"), body)]

    def checked_count(self) -> int:
        """Return how many sentences were as they are when the claims were last held against the article."""
        return int(self._about["checked"])

    def coverage(self) -> tuple[int, int]:
        """Return how many sentences need a claim, and how many of them have one."""
        wanted, covered = self._about["coverage"]
        return wanted, covered

    # Filters

    def tagged(self, field: str, values: Iterable[str]) -> Selection:
        """Return the records with any of *values* in *field*, as a condition."""
        wanted = sorted(set(values))
        fields = _FIELDS.get(field, (field,))
        return Selection({self: either(*({"terms": {name: wanted}} for name in fields))})

    def dated(self, days: Interval, *, undated: bool) -> Selection:
        """Return the records that overlap *days*; only if *undated*, those dated just by the time of writing."""
        conditions: list[Condition] = [
            {"range": {"first_day": {"lte": days.end or "9999"}}},
            {"range": {"last_day": {"gte": days.start or ""}}},
        ]
        stated: dict[str, Any] = {} if undated else {"must_not": [{"term": {"date_basis": "writing"}}]}
        return Selection({self: {"bool": {"filter": conditions, **stated}}})

    def having(self, postings: Iterable[Posting]) -> Selection:
        """Return the claims of these postings."""
        return Selection({self: {"terms": {"postings": [self.token_of(posting) for posting in postings]}}})

    def in_a_row(self, wanted: Sequence[str], terms: Iterable[str]) -> Selection:
        """Return the claims whose text has the stems *wanted* in a row, and all *terms* among its words."""
        phrase: Condition = {"match_phrase": {"stems": " ".join(wanted)}}
        found = self.postings(terms)
        in_text: list[Condition] = [
            {"terms": {"postings": [self.token_of(p) for p in found.get(term, ()) if p.field == "text"]}}
            for term in terms
        ]
        if not in_text:
            in_text = [{"range": {"number": {"lt": self.claim_count}}}]
        return Selection({self: {"bool": {"filter": [phrase, *in_text]}}})

    def meeting(self, wanted: Condition) -> Iterator[int]:
        """Yield the number of every claim that meets a condition, as the bases searched together count them."""
        body = {"query": {"bool": {"filter": [wanted]}}, "sort": ["number"], "_source": False}
        for hit in self.cluster.all(self._index("claims"), body):
            yield hit["sort"][0] + self.first

    def sizes(self, numbers: AbstractSet[int], conditions: Sequence[Condition]) -> list[int]:
        """Return how many of *numbers*, as the bases searched together count them, meet each condition."""
        own = sorted(n for number in numbers if 0 <= (n := number - self.first) < self.record_count)
        among: Condition = {"range": {"number": {"lt": self.claim_count}}}
        whole = own == list(range(self.claim_count))
        found = [0] * len(conditions)
        for start in range(0, len(own), len(own) if whole else _TERMS):
            if not whole:
                among = {"terms": {"number": own[start : start + _TERMS]}}
            body = {
                "size": 0,
                "query": among,
                "aggs": {str(n): {"filter": condition} for n, condition in enumerate(conditions)},
            }
            for position, count in self.cluster.search(self._index("claims"), body)["aggregations"].items():
                found[int(position)] += count["doc_count"]
        return found

    def counts(self, field: str) -> dict[str, int]:
        """Return the number of claims for each value of *field*; for `date` the values are the bases of dates."""
        return {
            value: count
            for source in self._with("article", "key", [f"count {field}"])
            for value, count in source["row"][0]
        }

    # Entities

    def entities(self, ids: Iterable[str] | None = None) -> list[Entity]:
        """Return all entities, or those with *ids*, in the order of their file."""
        if ids is None:
            return [
                self._entity(source["row"]["entity"]) for source in self._search("names", {"match_all": {}})
            ]
        wanted = set(ids)
        missing = sorted(wanted - self._entities.keys())
        self._entities |= dict.fromkeys(missing)
        for source in self._with("names", "id", missing):
            self._take_entity(source)
        known = filter(None, (self._entities[id_] for id_ in wanted))
        return [entity for _, entity in sorted(known, key=lambda pair: pair[0])]

    def _take_entity(self, source: Mapping[str, Any]) -> None:
        self._entities[source["id"]] = source["key"], self._entity(source["row"]["entity"])

    def _entity(self, row: Sequence[Any]) -> Entity:
        id_, name, type_, aliases, role, country, members, note = row
        return Entity(id_, name, type_, tuple(aliases), role, country, tuple(members), note)

    def bearers(self, folded: str) -> list[Entity]:
        """Return the entities that bear a folded name, in the order of their file."""
        found = self._search("names", {"term": {"names": folded}})
        return [self._entity(source["row"]["entity"]) for source in found]

    def names_with(self, stems: Iterable[str]) -> dict[str, dict[tuple[str, ...], list[str]]]:
        """Return for each of *stems* the names that contain it, as stems, each with the ids of its bearers."""
        wanted = set(stems)
        if missing := wanted - self._named.keys():
            self._look_up((), missing)
        return {stem: self._named[stem] for stem in wanted if self._named[stem]}

    def _asking_names(self, stems: AbstractSet[str]) -> tuple[str, dict[str, Any]]:
        query = {"terms": {"stems": sorted(stems)}}
        return self._index("names"), {"query": query, "sort": ["key"], "size": PAGE}

    def _take_names(self, stems: AbstractSet[str], answer: Any) -> None:
        hits = answer["hits"]["hits"]
        if len(hits) == PAGE:
            _, body = self._asking_names(stems)
            hits += self.cluster.all(self._index("names"), {**body, "search_after": hits[-1]["sort"]})
        self._named |= {stem: {} for stem in stems}
        for hit in hits:
            names = self._checked(hit)["names"]
            self._take_entity(hit["_source"])
            for _, key in names:
                name = tuple(key.split(" "))
                for part in stems & set(name):
                    bearers = self._named[part].setdefault(name, [])
                    if hit["_source"]["id"] not in bearers:
                        bearers.append(hit["_source"]["id"])

    # Words and postings

    def known(self, words: Iterable[str]) -> dict[str, float]:
        """Return the folded *words* that occur anywhere in the facts, each with its frequency at large."""
        wanted = set(words)
        self._read_words(wanted)
        found = {word: self._node(word)[0].get(word) for word in wanted}
        return {word: row[1] for word, row in found.items() if row}

    def _read_words(self, words: AbstractSet[str]) -> None:
        """Read in one request all that is asked of words next: what they begin, and what has their stems."""
        missing = sorted(word for word in words if word[:LETTERS] not in self._nodes)
        for start in range(0, len(missing), _WORDS):
            some = missing[start : start + _WORDS]
            self._look_up(some, frozenset(map(stem, some)))

    def _look_up(self, words: Iterable[str], stems: AbstractSet[str]) -> None:
        found, names = self.cluster.searches([self._asking_words(words, stems), self._asking_names(stems)])
        self._take_words(words, stems, found)
        self._take_names(stems, names)

    def _node(self, word: str) -> Any:
        """Return the words of the deepest node of the trie on the way to *word*, and the commonest if it has others below."""
        return next(found for n in range(LETTERS, -1, -1) if (found := self._nodes.get(word[:n])))

    def _asking_words(self, words: Iterable[str], terms: Iterable[str]) -> tuple[str, dict[str, Any]]:
        keys = {node(word[:n]) for word in words for n in range(min(len(word), LETTERS) + 1)}
        keys |= {bucket(term, self._about["buckets"]) for term in terms}
        query = {"ids": {"values": list(map(document_id, keys))}}
        return self._index("words"), {"query": query, "size": len(keys)}

    def _take_words(self, words: Iterable[str], terms: Iterable[str], answer: Any) -> None:
        self._nodes |= {word[:LETTERS]: None for word in words if word[:LETTERS] not in self._nodes}
        buckets: list[dict[str, Any]] = []
        for hit in answer["hits"]["hits"]:
            row = self._checked(hit)
            if len(row) == 1:
                buckets += row
            else:
                self._nodes[hit["_source"]["key"].partition(" ")[2]] = row
        for term in terms:
            found: list[Any] = next((bucket[term] for bucket in buckets if term in bucket), [])
            self._levels[term] = [
                Posting(field, weight, size, self._number(token(term, field, weight)), self)
                for (field, weight), size in ((LEVELS[level], size) for level, size in found)
            ]

    def beginning(self, prefixes: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
        """Return for each prefix the EXPANSIONS commonest longer words that begin with it, with their counts."""
        wanted = set(prefixes)
        self._read_words(wanted)
        return {prefix: self._begun(prefix) for prefix in wanted}

    def _begun(self, prefix: str) -> list[tuple[str, int]]:
        words, common = self._node(prefix)
        if common is None:
            common = sorted(
                ((word, row[0]) for word, row in words.items()), key=lambda pair: (-pair[1], pair[0])
            )
        longer = [(word, count) for word, count in common if word != prefix and word.startswith(prefix)]
        return longer[:EXPANSIONS]

    def of_lengths(self, lengths: Iterable[int]) -> dict[int, list[str]]:
        """Return all words of each of these *lengths*."""
        keys = [f"length {length:09}" for length in set(lengths) if length >= 0]
        return {int(key): words for key, words in self._packed(keys)}

    def _packed(self, keys: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
        for source in self._with("words", "key", keys):
            yield source["key"].partition(" ")[2], source["row"][0].split(" ")

    def starting(self, letters: Iterable[str]) -> dict[str, list[str]]:
        """Return all words that start with each of *letters*; with no letter, all words."""
        wanted = set(letters)
        found: dict[str, list[str]] = {letter: [] for letter in wanted}
        found |= self._packed([f"initial {letter}" for letter in wanted])
        if "" in wanted:
            every = self._search("words", {"prefix": {"key": "initial "}})
            found[""] = [word for source in every for word in source["row"][0].split(" ")]
        return found

    def sounding(self, sounds: Iterable[str], skeletons: Iterable[str]) -> list[tuple[str, str, str]]:
        """Return the Latin words that sound alike: each with its sound and its skeleton (sounds.py)."""
        sounds, skeletons = set(sounds), set(skeletons)
        alike = either({"terms": {"sound": list(sounds)}}, {"terms": {"skeleton": list(skeletons)}})
        return sorted(
            (word, sound, skeleton)
            for source in self._search("words", alike)
            for word, (_, _, sound, skeleton) in source["row"][0].items()
            if sound in sounds or skeleton in skeletons
        )

    def postings(self, terms: Iterable[str]) -> dict[str, list[Posting]]:
        """Return the postings of each term, the field with the highest weight first."""
        wanted = set(terms)
        if missing := wanted - self._levels.keys():
            self._take_words((), missing, self.cluster.search(*self._asking_words((), missing)))
        return {term: self._levels[term] for term in wanted if self._levels[term]}

    def _number(self, mark: str) -> int:
        self._marks.append(mark)
        return len(self._marks) - 1

    def token_of(self, posting: Posting) -> str:
        """Return what the claims of a posting have among theirs."""
        return self._marks[posting.number]

    def holders(self, posting: Posting) -> list[int]:
        """Return the numbers of the claims of a posting, ascending."""
        wanted = {"term": {"postings": self._marks[posting.number]}}
        return [number - self.first for number in self.meeting(wanted)]

    def postings_of(self, number: int) -> frozenset[str]:
        """Return the tokens of the postings that a claim is in."""
        if number not in self._postings_of:
            body = {"query": {"term": {"number": number}}, "_source": _IN_SEARCH, "size": 1}
            self.take(self.cluster.search(self._index("claims"), body)["hits"]["hits"])
        return self._postings_of[number]

    def row_of(self, number: int) -> tuple[float, bytes]:
        """Return scale and numbers of the vector of a claim (meaning/vectors.py)."""
        self.postings_of(number)
        return self._rows[number]

    def take(self, hits: Iterable[Any]) -> list[int]:
        """Keep the claims found, with their postings; return their numbers."""
        numbers = []
        for hit in hits:
            source = hit["_source"]
            number: int = source["number"]
            self._claims[number] = self._claim(source)
            self._postings_of[number] = frozenset(source["postings"].split(" "))
            if row := source.get("numbers"):
                self._rows[number] = source["scale"], base64.b64decode(row)
            numbers.append(number)
        self._know_entities(self._claims[number] for number in numbers)
        return numbers

    def _know_entities(self, claims: Iterable[dict[str, Any]]) -> None:
        """Read the entities of *claims* at once: they are asked for one by one."""
        self.entities(id_ for claim in claims for field in TAGGED for id_ in claim[field])

    def ranked(self, query: Mapping[str, Any], size: int, after: Sequence[Any] = ()) -> list[Any]:
        """Return the hits of a query by score, then by number, each with its postings."""
        body = {
            "query": query,
            "sort": [{"_score": "desc"}, {"number": "asc"}],
            "size": size,
            "_source": _IN_SEARCH,
            "track_total_hits": False,
            **({"search_after": list(after)} if after else {}),
        }
        hits: list[Any] = self.cluster.search(self._index("claims"), body)["hits"]["hits"]
        return hits

    # What is not in tables

    def rendered(self, style: str) -> bytes:
        """Return the citations that pandoc rendered; raise FileNotFoundError if there are none in this style."""
        for source in self._with("article", "key", [f"style {style}"]):
            return str(source["row"][0]).encode()
        raise FileNotFoundError(style)

    def content(self) -> bytes:
        """Raise UsageError: a cluster has no tables."""
        raise UsageError(
            f"{self.address} is not an SQLite file; export the index where the files of the base are"
        )
