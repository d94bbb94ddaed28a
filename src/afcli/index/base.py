"""The index of one fact base: every method takes many words, names or numbers at once."""

import contextlib
import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from afcli import __version__
from afcli.errors import DamagedError
from afcli.files import safe_open
from afcli.model import TAGGED, Claim, Entity, Interval, Section, Source
from afcli.names import entity_term
from afcli.text import SMALL, stems, words

FORMAT = f"{__version__} 10 {sys.byteorder}"
"""Increase this by hand when the tables or their content change between versions."""

RENDERED = "citations"
"""The folder of a fact base with citations that pandoc rendered in advance."""

EXPANSIONS = 100
"""The most words that one prefix expands into, the commonest first."""

_FEW = 64
"""The claims of a posting are read with it if there are fewer than this: most are, and each would cost a query."""

COLUMNS = (
    "id", "text", "kind", "actors", "countries", "regions", "date", "first_day", "last_day", "date_basis", "source",
    "basis", "at", "section", "said_by", "note", "life",
)  # fmt: skip
LISTS = (*TAGGED, "at")
"""The columns of a claim, and those of them that hold several values."""

_AMONG = "IN (SELECT value FROM json_each(?))"


@contextlib.contextmanager
def _as_damaged() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OverflowError) as error:
        raise DamagedError(str(error)) from None


class Posting(NamedTuple):
    """The claims that have a term in one field."""

    field: str
    weight: float
    """How much a match there counts, from 0 to 1.1 (index/terms.py)."""
    size: int
    number: int
    """Its number in its index."""
    owner: "Base"


class Base:
    """Reads a compiled fact base; `Bases` and `Remote` answer the same for several, and for one in a cluster."""

    remote = False
    """Whether it is in a cluster (opensearch/base.py), or some of several are: there what passes a filter is read late."""
    prefix = ""
    """What begins its ids where several are searched together (index/bases.py)."""
    first = 0
    """What is added to its numbers there."""
    vectors: Any = None
    """Those that a cluster keeps of its claims (opensearch/nearness.py)."""

    def __init__(self, source: Path | sqlite3.Connection, directory: Path) -> None:
        """Open the tables built from the files in *directory*: a file, or a connection to those in memory.

        Raises DamagedError if they are of another version. So does every method if SQLite finds the file damaged.
        """
        if isinstance(source, sqlite3.Connection):
            self._connection = source
        else:
            with _as_damaged():
                # Immutable: the file is only ever replaced as a whole, never written to.
                self._connection = sqlite3.connect(
                    f"{source.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
                )
        about: dict[str, str] = dict(self.rows("SELECT key, value FROM about"))
        if about.get("format") != FORMAT:
            raise DamagedError("another format")
        self.directory = directory
        self.stemmer = about["stemmer"]
        self.claim_count = int(about["claims"])
        self.record_count = int(about["records"])
        """Claims and entries of the bibliography, which are numbered after them."""
        self.digest = about["digest"]
        """What tells the files that it was built from, from others."""
        self.unread_count = int(about["unread"])
        """The claims that are still to be written or read."""
        self.texts_digest = about["texts"]
        """What tells the texts of all these, in their order, from others."""

    @property
    def members(self) -> Sequence["Base"]:
        """Return each base, which has ids and numbers of its own."""
        return (self,)

    @property
    def place(self) -> str:
        """Return where its facts are, for messages."""
        return str(self.directory)

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """Return the rows of a query; pass a list or set among *values* as a JSON array."""
        parameters = [
            json.dumps(list(value), ensure_ascii=False)
            if isinstance(value, list | tuple | set | frozenset)
            else value
            for value in values
        ]
        # What was typed may hold bytes that are no text; no text in the tables equals it.
        parameters = [v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for v in parameters]
        with _as_damaged():
            return self._connection.execute(sql, parameters).fetchall()

    def content(self) -> bytes:
        """Return the whole file."""
        with _as_damaged():
            return self._connection.serialize()

    # Sources, sections, claims

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Return the bibliography, then the article."""
        rows = self.rows("SELECT key, number, item FROM sources ORDER BY position")
        return tuple(Source(key, number, json.loads(item)) for key, number, item in rows)

    def article_of(self, claim: Claim) -> Source:  # noqa: ARG002  # one of several
        """Return the article that *claim* comes from."""
        return self.sources[-1]

    def one_index(self, keys: Iterable[str]) -> tuple["Base", dict[str, str]] | None:  # noqa: ARG002  # of several
        """Return the base that has all of the sources *keys*, and its own key for each source, if there is one."""
        return self, {source.key: source.key for source in self.sources}

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Return the sections of the article, without their blocks."""
        rows = self.rows("SELECT id, title FROM sections ORDER BY number")
        return tuple(Section(id_, title, {}) for id_, title in rows)

    @property
    def claim_counts(self) -> list[tuple[str, int]]:
        """Return the key of each article and the number of its claims."""
        return [(self.sources[-1].key, self.claim_count)]

    def numbers(self) -> Iterable[int]:
        """Return the number of every claim."""
        return range(self.claim_count)

    def is_claim(self, number: int) -> bool:
        """Tell a claim from a bibliography entry."""
        return number < self.claim_count

    def claim(self, number: int) -> Claim:
        """Return the claim or entry with this number."""
        return self.claims([number])[0]

    def claims(self, numbers: Sequence[int]) -> list[Claim]:
        """Return the claims or entries with these numbers, in this order."""
        if missing := [number for number in numbers if number not in self._read]:
            found = self.columns(missing)
            self._learn({id_ for row in found.values() for field in TAGGED for id_ in row[field]})
            sources = {source.key: source for source in self.sources}
            for number, row in found.items():
                tagged = {field: tuple(self._known[id_] for id_ in row[field]) for field in TAGGED}
                interval, source = Interval(*row["interval"]), sources[row["source"]]
                self._read[number] = Claim(**{**row, **tagged, "interval": interval, "source": source})
        return [self._read[number] for number in numbers]

    @cached_property
    def _read(self) -> dict[int, Claim]:
        return {}

    @cached_property
    def _known(self) -> dict[str, Entity]:
        return {}

    @cached_property
    def _held(self) -> dict[int, bytes]:
        return {}

    def _learn(self, ids: AbstractSet[str]) -> None:
        """Read those of the entities that are not yet known, at once."""
        if missing := ids - self._known.keys():
            self._known.update((entity.id, entity) for entity in self.entities(missing))

    def columns(self, numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Return the columns of each claim or entry by its number; ids of entities are tuples."""
        sql = f"SELECT number, {', '.join(COLUMNS)} FROM claims WHERE number {_AMONG}"
        rows = self.rows(sql, set(numbers))
        return {number: self._columns(dict(zip(COLUMNS, row, strict=True))) for number, *row in rows}

    def _columns(self, row: dict[str, Any]) -> dict[str, Any]:
        row |= {name: _ids(row[name]) for name in LISTS}
        row["interval"] = row.pop("first_day"), row.pop("last_day")
        row["section"] = self.sections[row["section"]]
        life = row.pop("life")
        return row | json.loads(life) if life else row

    def numbers_of(self, ids: Iterable[str]) -> dict[str, int]:
        """Return the number of each claim or entry that has one of these *ids*."""
        return dict(self.rows(f"SELECT id, number FROM claims WHERE id {_AMONG}", set(ids)))

    def ids(self, start: str = "") -> list[str]:
        """Return the ids that begin with *start*, sorted."""
        sql = "SELECT id FROM claims WHERE id >= ? AND id < ? ORDER BY id"
        return [id_ for (id_,) in self.rows(sql, start, f"{start}\U0010ffff")]

    def texts(self) -> list[str]:
        """Return the text of each claim and entry, by number."""
        return [text for (text,) in self.rows("SELECT text FROM claims ORDER BY number")]

    def rendered(self, style: str) -> bytes:
        """Return the citations in a style that pandoc rendered in advance; raise OSError if there are none."""
        return safe_open.content(self.directory / RENDERED / f"{style}.json")

    def whole(self, numbers: Sequence[int]) -> Iterator[Claim]:
        """Yield these claims, in the order of the article, with all their fields, those that only authors need too."""
        from afcli.files.load import load

        ids = {claim.id for claim in self.claims(numbers)}
        yield from (claim for claim in load(self.directory).claims if claim.id in ids)

    def checked_count(self) -> int:
        """Return how many sentences were as they are when the claims were last held against the article."""
        from afcli.files import load

        reader = load.Reader(self.directory)
        reader.front()
        return len(reader.digests())

    def coverage(self) -> tuple[int, int]:
        """Return how many sentences need a claim, and how many of them have one that was read."""
        sql = "SELECT count(*), coalesce(sum(claims <> '[]'), 0) FROM sentences WHERE needs_claim"
        [(wanted, covered)] = self.rows(sql)
        return wanted, covered

    # Filters

    def tagged(self, field: str, values: Iterable[str]) -> AbstractSet[int]:
        """Return the numbers of records with any of *values* in *field*: country, region, actor, source, kind, ..."""
        rows = self.rows(f"SELECT claims FROM tags WHERE field = ? AND value {_AMONG}", field, set(values))
        return _union(rows)

    def dated(self, days: Interval, *, undated: bool) -> AbstractSet[int]:
        """Return the numbers of records that overlap *days*; only if *undated*, those dated just by the time of writing."""
        sql = (
            "SELECT claims FROM dates WHERE coalesce(first_day, '') <= ? AND coalesce(last_day, '9999') >= ?"
            " AND (basis <> 'writing' OR ?)"
        )
        return _union(self.rows(sql, days.end or "9999", days.start or "", undated))

    def naming(self, ids: Iterable[str]) -> AbstractSet[int]:
        """Return the numbers of the claims whose text names any of these entities."""
        postings = self.postings({entity_term(id_) for id_ in ids}).values()
        return self.having(posting for found in postings for posting in found if posting.field == "name")

    def having(self, postings: Iterable[Posting]) -> AbstractSet[int]:
        """Return the numbers of the claims that are in any of these postings."""
        return {number for posting in postings for number in self.holders(posting)}

    def with_phrase(self, phrase: str) -> AbstractSet[int]:
        """Return the numbers of the claims whose text has the words of *phrase* in a row."""
        wanted = stems(phrase)
        terms = {term for word, term in zip(words(phrase), wanted, strict=True) if word not in SMALL}
        return self.in_a_row(wanted, terms) if wanted else frozenset()

    def in_a_row(self, wanted: Sequence[str], terms: Iterable[str]) -> AbstractSet[int]:
        """Return the same for the stems *wanted*, all *terms* of which must be among the claim's words."""
        postings = self.postings(terms)
        in_text = [self.having(p for p in postings.get(term, ()) if p.field == "text") for term in terms]
        candidates = frozenset.intersection(*map(frozenset, in_text)) if in_text else self.numbers()
        found = self.columns(candidates).items()
        return {number for number, row in found if _in_a_row(wanted, stems(row["text"]))}

    def counts(self, field: str) -> dict[str, int]:
        """Return the number of claims for each value of *field*; for `date` the values are the bases of dates."""
        if field == "date":
            return dict(self.rows("SELECT basis, sum(count) FROM dates GROUP BY basis"))
        return dict(self.rows("SELECT value, count FROM tags WHERE field = ?", field))

    # Entities

    def entities(self, ids: Iterable[str] | None = None) -> list[Entity]:
        """Return all entities, or those with *ids*, in the order of their file."""
        which, values = ("", []) if ids is None else (f"WHERE id {_AMONG}", [set(ids)])
        rows = self.rows(
            f"SELECT id, name, type, aliases, role, country, members, note FROM entities {which} ORDER BY position",
            *values,
        )
        return [
            Entity(id_, name, type_, _ids(aliases), role, country, _ids(members), note)
            for id_, name, type_, aliases, role, country, members, note in rows
        ]

    def entity(self, id_: str) -> Entity:
        """Return the entity with this id; raise KeyError if there is none."""
        self._learn({id_})
        return self._known[id_]

    def bearers(self, folded: str) -> list[Entity]:
        """Return the entities that bear a folded name, in the order of their file."""
        rows = self.rows("SELECT entity FROM names WHERE name = ? ORDER BY number", folded)
        return [self.entity(id_) for id_ in dict.fromkeys(id_ for (id_,) in rows)]

    def countries_in(self, region: Entity) -> frozenset[str]:
        """Return the codes of all countries of *region*, including those of regions within it."""
        found: set[str] = set()
        seen: set[str] = set()
        todo = [region.id]
        while todo:
            entity = self.entity(todo.pop())
            if entity.type != "region":
                found.add(entity.id)
            elif entity.id not in seen:
                seen.add(entity.id)
                todo.extend(entity.members)
        return frozenset(found)

    def names_with(self, stems: Iterable[str]) -> dict[str, dict[tuple[str, ...], list[str]]]:
        """Return for each of *stems* the names that contain it, as stems, each with the ids of its bearers."""
        found: dict[str, dict[tuple[str, ...], list[str]]] = {}
        for stem, name, id_ in self.rows(
            "SELECT stem, stems, entity FROM name_stems JOIN names ON names.number = name_stems.name"
            f" WHERE stem {_AMONG} ORDER BY name_stems.name",
            set(stems),
        ):
            bearers = found.setdefault(stem, {}).setdefault(tuple(name.split(" ")), [])
            if id_ not in bearers:
                bearers.append(id_)
        return found

    # Words and postings

    def known(self, words: Iterable[str]) -> dict[str, float]:
        """Return the folded *words* that occur anywhere in the facts, each with its frequency at large."""
        return dict(self.rows(f"SELECT word, frequency FROM words WHERE word {_AMONG}", set(words)))

    def beginning(self, prefixes: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
        """Return for each prefix the EXPANSIONS commonest longer words that begin with it, with their counts."""
        sql = "SELECT word, claims FROM words WHERE word > ? AND word < ? ORDER BY claims DESC, word LIMIT ?"
        return {prefix: self.rows(sql, prefix, f"{prefix}\U0010ffff", EXPANSIONS) for prefix in set(prefixes)}

    def of_lengths(self, lengths: Iterable[int]) -> dict[int, list[str]]:
        """Return all words of each of these *lengths*."""
        sql = f"SELECT length, group_concat(word, ' ') FROM words WHERE length {_AMONG} GROUP BY length"
        return {length: words.split(" ") for length, words in self.rows(sql, set(lengths))}

    def starting(self, letters: Iterable[str]) -> dict[str, list[str]]:
        """Return all words that start with each of *letters*."""
        sql = "SELECT group_concat(word, ' ') FROM words WHERE word >= ? AND word < ?"
        found = {letter: self.rows(sql, letter, f"{letter}\U0010ffff")[0][0] for letter in set(letters)}
        return {letter: words.split(" ") if words else [] for letter, words in found.items()}

    def sounding(self, sounds: Iterable[str], skeletons: Iterable[str]) -> list[tuple[str, str, str]]:
        """Return the Latin words that sound alike: each with its sound and its skeleton (sounds.py)."""
        sql = (
            f"SELECT word, sound, skeleton FROM words WHERE sound {_AMONG} OR skeleton {_AMONG} ORDER BY word"
        )
        return self.rows(sql, set(sounds), set(skeletons))

    def postings(self, terms: Iterable[str]) -> dict[str, list[Posting]]:
        """Return the postings of each term, the field with the highest weight first."""
        found: dict[str, list[Posting]] = {}
        for term, field, weight, size, number, claims in self.rows(
            "SELECT term, field, weight, count, number, CASE WHEN count < ? THEN claims END"
            f" FROM postings WHERE term {_AMONG} ORDER BY number",
            _FEW,
            set(terms),
        ):
            found.setdefault(term, []).append(Posting(field, weight, size, number, self))
            if claims:
                self._held[number] = claims
        return found

    def holders(self, posting: Posting) -> Sequence[int]:
        """Return the numbers of the claims of a posting, ascending."""
        claims = self._held.get(posting.number)
        if claims is None:
            [(claims,)] = self.rows("SELECT claims FROM postings WHERE number = ?", posting.number)
        return memoryview(claims).cast("I")


def _in_a_row(wanted: Sequence[str], written: Sequence[str]) -> bool:
    return any(written[at : at + len(wanted)] == wanted for at in range(len(written) - len(wanted) + 1))


@lru_cache(maxsize=4_096)
def _ids(text: str) -> tuple[str, ...]:
    return () if text == "[]" else tuple(json.loads(text))


def _union(rows: Sequence[tuple[str]]) -> set[int]:
    return {number for (claims,) in rows for number in json.loads(claims)}


def together(bases: Sequence[Base]) -> Base:
    """Return one base as it is, several as one; raise UsageError if two have the same key."""
    if len(bases) == 1:
        return bases[0]
    from afcli.index.bases import Bases

    return Bases(bases)
