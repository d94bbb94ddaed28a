"""Make the draft of a fact base: the files that a person then rewrites, claim by claim."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli import documents, journal, mentions
from afcli.dates import edtf_interval
from afcli.errors import UsageError
from afcli.lexicon import romanised
from afcli.model import STATEMENTS
from afcli.schema import schema
from afcli.text import fold, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from afcli.article import Article

_NAME_FIELDS = ("family", "given", "literal", "suffix", "dropping-particle", "non-dropping-particle")
_LIKE = 0.6
"""The share of a title's words that makes a printed entry the same as an imported one."""


class Sentence(NamedTuple):
    """A sentence of the article, with where it stands."""

    id: str
    kind: str
    section: int
    text: str


class Section(NamedTuple):
    """A section of the outline, with the number, kind and count of sentences of its blocks."""

    id: str
    title: str
    blocks: list[dict[str, str]]


def files(article: Article, items: Sequence[dict[str, Any]], issued: str = "") -> dict[str, str]:
    """Return the content of each file of the fact base, by its path within it.

    *items* is a bibliography in CSL; *issued* the article's date where it does not give one. Raises
    UsageError where neither it, nor the article, nor any year in the text tells one.
    """
    sections, sentences = _outline(article)
    drafted = [s for s in sentences if s.kind in STATEMENTS]
    if not drafted:
        raise UsageError("--article: it states nothing: there are only headings or references in it")
    about = _about(article, sentences, issued)
    references = _references(sentences, items)
    names = _Names(article, sentences)
    cited = {
        str(item["custom"]["number"]): (_family(item), str(item.get("issued", ""))[:4]) for item in references
    }
    tagger = _Tagger(names, cited, str(about["issued"]), notes=any(s.kind == "note" for s in sentences))
    outline = [section._asdict() for section in sections]
    rows = [(s.id, s.kind, sections[s.section].title, s.text) for s in sentences]
    found = {
        "article.yaml": _yaml({"article": about, "outline": outline}),
        "bibliography.yaml": _yaml({"references": references}),
        "entities.yaml": _yaml(names.entities),
        "sentences.tsv": "".join("\t".join(row) + "\n" for row in [("id", "kind", "section", "text"), *rows]),
    }
    claims = [tagger.claim(number, sentence) for number, sentence in enumerate(drafted, 1)]
    for place, section in enumerate(sections):
        mine = [claim for claim, s in zip(claims, drafted, strict=True) if s.section == place]
        if mine:
            found[f"claims/{place + 1:02}-{section.id}.yaml"] = _yaml({"claims": mine})
    return found


def write(directory: Path, contents: Mapping[str, str]) -> None:
    """Write the files into *directory*, all or none.

    Raises UsageError where one of them is there already, or cannot be written.
    """
    try:
        journal.finish(directory)
        # What begins with a dot is no file of claims.
        standing = [*(directory / name for name in contents), *(directory / "claims").glob("[!.]*")]
        if there := next((path for path in standing if path.exists() or path.is_symlink()), None):
            raise UsageError(
                f"{there} exists and is never overwritten; name another directory, or move it away"
            )
        with contextlib.ExitStack() as undo:
            for name in contents:
                parents = (directory / name).parents
                for folder in reversed([parent for parent in parents if not parent.exists()]):
                    folder.mkdir()
                    undo.callback(_unmake, folder)
            journal.replace(directory, {name: (None, text.encode()) for name, text in contents.items()})
            undo.pop_all()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{directory}: cannot be written: {reason}; check its rights and its room") from None


def _unmake(folder: Path) -> None:
    with contextlib.suppress(OSError):  # what is in it will be finished by the journal
        folder.rmdir()


def _yaml(data: Any) -> str:
    return "# A draft by afcli new: rewrite it, then take this line away.\n\n" + documents.dump(data)


def _outline(article: Article) -> tuple[list[Section], list[Sentence]]:
    """Return the sections, each begun by a heading, or by notes or references that have none."""
    sections: list[Section] = []
    sentences: list[Sentence] = []
    without = {"note": "Notes", "reference": "Bibliography"}
    before = ""
    for number, block in enumerate(article.blocks, 1):
        ending = block.kind in without and before not in (block.kind, "heading")
        if block.kind == "heading" or ending or not sections:
            title = block.sentences[0] if block.kind == "heading" else without.get(block.kind, "Introduction")
            id_ = _unique(_slug(title) or f"section-{len(sections) + 1}", {s.id for s in sections})
            sections.append(Section(id_, title[:2000], []))
        counted = {"block": str(number), "kind": block.kind, "sentences": str(len(block.sentences))}
        sections[-1].blocks.append(counted)
        place = len(sections) - 1
        sentences += (
            Sentence(f"{number}.{n}", block.kind, place, text) for n, text in enumerate(block.sentences, 1)
        )
        before = block.kind
    return sections, sentences


def _about(article: Article, sentences: Sequence[Sentence], issued: str) -> dict[str, Any]:
    """Return the article as a CSL item."""
    custom: dict[str, Any] = {}
    signed = next((s.text for s in sentences if s.kind == "byline"), "")
    date = issued or article.issued or next(mentions.dates(signed), "")
    if not date:
        from datetime import UTC, datetime

        this_year = str(datetime.now(UTC).year)
        years = (year for s in sentences for year in re.findall(rf"\b{mentions.YEAR}\b", s.text))
        date = max((year for year in years if year <= this_year), default="")
        if not date:
            raise UsageError("the article names no year; say when it was published: --date 2021-09")
        note = f"DRAFT: the file gives no date; {date} is the latest year that it names."
        custom = {"custom": {"not-from-article": ["issued"], "notes": [note]}}
    authors = [_person(name) for name in article.authors]
    family = next((str(a.get("family") or a["literal"]) for a in authors), "")
    titled = (word for word in _slug(article.title).split("-") if len(word) > 2 and word.isalpha())
    key = _slug(family) or next(titled, "article")
    found = {
        "id": f"{key}{date[:4]}",
        "type": article.type,
        "title": article.title[:2000],
        "author": authors,
        "issued": date,
        "container-title": article.site,
        "URL": article.url,
    }
    return {field: value for field, value in found.items() if value} | custom


def _person(name: str) -> dict[str, str]:
    given, _, family = name.rpartition(" ")
    return {"family": family, "given": given} if given else {"literal": name}


def _references(sentences: Sequence[Sentence], items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the entries that the article prints, by its numbers, then the items that it does not print."""
    left = [_sound(item) for item in items]
    found: list[dict[str, Any]] = []
    taken = {0}
    for place, entry in enumerate((s for s in sentences if s.kind == "reference"), 1):
        printed = re.match(r"\[?(\d{1,3})[\].)]", entry.text)
        number = int(printed[1]) if printed and int(printed[1]) not in taken else place
        while number in taken:
            number += 1
        taken.add(number)
        item = max(left, key=lambda item: _likeness(item, entry.text), default={})
        if _likeness(item, entry.text) >= _LIKE:
            left.remove(item)
        else:
            item = _printed(entry.text)
        found.append(_placed(item, number, entry.id))
    found += [_placed(item, number) for number, item in enumerate(left, max(taken) + 1)]
    keys: set[str] = set()
    for item in found:
        # An id of CSL may be any text; a citation key may not.
        known = re.fullmatch(r"[A-Za-z][A-Za-z0-9_:.-]{0,50}", item["id"])
        item["id"] = _unique(item["id"] if known else _slug(item["id"]) or "source", keys)
        keys.add(item["id"])
    return found


def _likeness(item: dict[str, Any], entry: str) -> float:
    title = set(words(str(item.get("title", ""))))
    return len(title & set(words(entry))) / len(title) if title else 0.0


def _placed(item: dict[str, Any], number: int, at: str = "") -> dict[str, Any]:
    custom = {"number": str(number)} | ({"at": at} if at else {}) | item.get("custom", {})
    return {**item, "custom": custom}


def _sound(item: dict[str, Any]) -> dict[str, Any]:
    """Return a CSL item with only what a fact base takes; the rest is kept in its notes."""
    allowed = schema("bibliography")["$defs"]["item"]["properties"]
    kind = item.get("type", "")
    found: dict[str, Any] = {
        "id": str(item.get("id", "")),
        "type": kind if kind in allowed["type"]["enum"] else "document",
    }
    notes = []
    for field, value in item.items():
        if field in found:
            continue
        if isinstance(value, list):
            people = ({k: str(p[k]) for k in _NAME_FIELDS if p.get(k)} for p in value if isinstance(p, dict))
            named = [person for person in people if person]
            if field in allowed and named:
                found[field] = named
        elif text := " ".join(str(value).split())[:1900]:
            dated = "EDTF" in allowed.get(field, {}).get("description", "")
            if field in allowed and field != "custom" and (not dated or _is_edtf(text)):
                found[field] = text
            else:
                notes.append(f"{field}: {text}")
    return found | ({"custom": {"notes": notes}} if notes else {})


def _is_edtf(text: str) -> bool:
    try:
        edtf_interval(text)
    except ValueError:
        return False
    return len(text) <= 60


def _printed(entry: str) -> dict[str, Any]:
    """Return what can be read from a printed entry: authors, year and title, as far as they are plain."""
    bare = re.sub(r"^\[?\d{1,3}[\].)]\s*", "", entry)
    year = re.search(rf"\b{mentions.YEAR}\b", bare)
    # A printer's slip, ‘ for ’, ends a title as well; an apostrophe does not.
    quoted = re.search(r"“([^”]{4,})”|\"([^\"]{4,})\"|‘((?:[^’‘]|’(?=\w)){4,})[’‘]", bare)
    head = re.split(rf"[(“‘\"]|\b{mentions.YEAR}\b", bare, maxsplit=1)[0].strip(" ,.:;")
    initials = r"(?:[^\W\d_a-z]\.[ -]?)+"
    family = r"[^\W\d_][\w’'-]+(?: [^\W\d_a-z][\w’'-]+)?"
    people = re.findall(rf"(?:({initials})\s*({family})|({family}), ({initials}))(?=\W|$)", head)
    authors = [{"family": b or c, "given": (a or d).strip()} for a, b, c, d in people]
    title = next(filter(None, quoted.groups())) if quoted else bare
    key = "-".join(_slug(authors[0]["family"] if authors else title).split("-")[:2])
    found = {
        "id": f"{key}-{year[0]}" if year else key,
        "type": "document",
        "title": title[:2000],
        "author": authors,
        "issued": year[0] if year else "",
        "custom": {"notes": ["DRAFT: read from the printed entry."]},
    }
    return {field: value for field, value in found.items() if value or field == "id"}


def _family(item: dict[str, Any]) -> str:
    person: dict[str, str] = next(iter(item.get("author", ())), {})
    return str(person.get("family") or person.get("literal") or "")


class _Names:
    """The countries that the text names, and other names in it, as entities and as names to be found."""

    def __init__(self, article: Article, sentences: Sequence[Sentence]) -> None:
        self.taken: set[str] = set()
        texts = [s.text for s in sentences if s.kind not in ("reference", "byline")]
        known = mentions.countries()
        geography = mentions.country_names(known)
        finder = mentions.Finder(geography)
        self.codes = list(dict.fromkeys(code for text in texts for code in finder.found(text)))
        countries = [self._country(known[code]) for code in self.codes]
        actors, topics = [], []
        for name in mentions.names(texts, finder):
            entry = self._entry(name) if name.name not in article.authors else None
            if entry and name.kind:
                actors.append({**entry, "type": name.kind, "note": "DRAFT: say who it is."})
            elif entry:
                note = "DRAFT: say what it is, or move it to the actors or places."
                topics.append({**entry, "note": note})
        self.entities = {"countries": countries, "actors": actors} | ({"topics": topics} if topics else {})
        self.actors = [entry["id"] for entry in actors]
        own = {name: e["id"] for e in [*actors, *topics] for name in (e["name"], *e.get("aliases", ()))}
        self.finder = mentions.Finder(geography | own)

    def _country(self, country: mentions.Country) -> dict[str, Any]:
        self._free(country.code)
        self._free(country.name)
        found = {
            "code": country.code,
            "name": country.name,
            "demonyms": [demonym for demonym in country.demonyms if self._free(demonym)],
            "capital": country.capital if country.capital and self._free(country.capital) else "",
            "aliases": [alias for alias in country.aliases if self._free(alias)],
        }
        return {field: value for field, value in found.items() if value}

    def _entry(self, name: mentions.Name) -> dict[str, Any] | None:
        """Return the id and names of an entity, or None where its name is another's already."""
        if not self._free(name.name):
            return None
        id_ = _unique(_slug(name.name) or "name", self.taken)
        self._free(id_)
        aliases = [alias for alias in name.aliases if self._free(alias)]
        return {"id": id_, "name": name.name} | ({"aliases": aliases} if aliases else {})

    def _free(self, name: str) -> bool:
        """Take *name*, which only one entity may have; tell whether it could be taken."""
        folded = fold(name)
        free = folded not in self.taken
        self.taken.add(folded)
        return free


class _Tagger:
    """What it takes to draft a claim from a sentence."""

    def __init__(
        self, names: _Names, sources: dict[str, tuple[str, str]], issued: str, *, notes: bool
    ) -> None:
        self.names = names
        self.sources = sources
        self.issued = issued
        # Where the article has notes, a number in square brackets leads to one of them.
        self.numbered = not notes

    def claim(self, number: int, sentence: Sentence) -> dict[str, Any]:
        """Return a draft claim on *sentence*, in none of its words."""
        cited, rest = mentions.citations(sentence.text, self.sources, numbered=self.numbered)
        ids = self.names.finder.found(rest)
        dates = list(dict.fromkeys(mentions.dates(rest)))
        claim = {
            "id": f"c{number:03}",
            "text": f"DRAFT: rewrite sentence {sentence.id} in your own words",
            "status": "draft",
            "kind": _kind(sentence.text),
            "actors": [id_ for id_ in ids if id_ in self.names.actors][:100],
            "countries": [id_ for id_ in ids if id_ in self.names.codes][:100],
            "date": dates[0] if dates else self.issued,
            "date_basis": "stated" if dates else "writing",
            "source": cited[0].number if cited else "article",
            "basis": "explicit",
            "at": [sentence.id],
        }
        doubts = "; ".join(self._doubts(cited, dates))
        return claim | ({"note": f"DRAFT: {doubts}"[:2000]} if doubts else {})

    def _doubts(self, cited: Sequence[mentions.Cited], dates: Sequence[str]) -> Iterator[str]:
        for number, year in cited[:1]:
            given = self.sources[number][1]
            if year and year != given:
                yield f"the text cites {year}, the bibliography says {given or 'no year'}"
        if others := list(dict.fromkeys(c.number for c in cited[1:] if c.number != cited[0].number)):
            yield f"the sentence also cites {', '.join(others)}"
        if dates[1:]:
            yield f"the sentence also gives {', '.join(dates[1:])}"


def _kind(text: str) -> str:
    if re.search(r"\?[”’\"')\]]*$", text):
        return "question"
    return "quote" if re.search(r"“[^”]+ [^”]+”|‘[^’]+ [^’]+’|\"[^\"]+ [^\"]+\"", text) else "fact"


def _slug(text: str) -> str:
    """Return the first words of *text* as an id, in Latin letters as far as there are any for it."""
    found = re.findall(r"[a-z0-9]+", romanised(text).replace("'", ""))
    slug = "-".join(found)[:50].strip("-")
    return slug if not slug or slug[0].isalpha() else f"n-{slug}"


def _unique(id_: str, taken: Collection[str]) -> str:
    return next(i for n in range(1, 1_000_000) if (i := id_ if n == 1 else f"{id_}-{n}") not in taken)
