"""Draft a fact base: the files that a person then rewrites, claim by claim."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli.authoring import recognise
from afcli.dates import edtf_interval
from afcli.errors import UsageError
from afcli.files import journal, strict_yaml
from afcli.model import STATEMENTS, Section
from afcli.schema import schema
from afcli.text import fold, romanised, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from afcli.authoring.article import Article

_NAME_FIELDS = ("family", "given", "literal", "suffix", "dropping-particle", "non-dropping-particle")
_LIKE = 0.6
"""A printed and an imported entry are the same if they share this part of the title's words."""


class Sentence(NamedTuple):
    """A sentence of the article, with its location."""

    id: str
    kind: str
    section: Section
    text: str


def files(article: Article, items: Sequence[dict[str, Any]], issued: str = "") -> dict[str, str]:
    """Return the content of each file of the fact base, by its path within it.

    *items* is a bibliography in CSL; *issued* is the article's date if it gives none. Raises UsageError if
    neither of them, nor any year in the text, gives a date.
    """
    sections, sentences = _outline(article)
    if not any(sentence.kind in STATEMENTS for sentence in sentences):
        raise UsageError("--article: it states nothing: there are only headings or references in it")
    about = _about(article, sentences, issued)
    references = _references(sentences, items)
    names = _Names(article, sentences)
    table = [("id", "kind", "section", "text"), *((s.id, s.kind, s.section.title, s.text) for s in sentences)]
    contents = {
        "article.yaml": _yaml({"article": about, "outline": [_entry(section) for section in sections]}),
        "bibliography.yaml": _yaml({"references": references}),
        "entities.yaml": _yaml(names.entities),
        "sentences.tsv": "".join("\t".join(row) + "\n" for row in table),
    }
    claims: dict[str, list[dict[str, Any]]] = {}
    for sentence, claim in _claims(sentences, names, references, about["issued"]):
        claims.setdefault(sentence.section.id, []).append(claim)
    for number, section in enumerate(sections, 1):
        if section.id in claims:
            contents[f"claims/{number:02}-{section.id}.yaml"] = _yaml({"claims": claims[section.id]})
    return contents


def write(directory: Path, contents: Mapping[str, str]) -> None:
    """Write the files into *directory*, all or none.

    Raises UsageError if one of them exists already or cannot be written.
    """
    with journal.refusing(directory), contextlib.ExitStack() as undo:
        journal.finish(directory)
        # A file whose name begins with a dot holds no claims.
        present = [*(directory / name for name in contents), *(directory / "claims").glob("[!.]*")]
        if there := next((path for path in present if path.exists() or path.is_symlink()), None):
            raise UsageError(
                f"{there} exists and is never overwritten; name another directory, or move it away"
            )
        for name in contents:
            parents = (directory / name).parents
            for folder in reversed([parent for parent in parents if not parent.exists()]):
                folder.mkdir()
                undo.callback(_unmake, folder)
        journal.replace(directory, {name: (None, text.encode()) for name, text in contents.items()})
        undo.pop_all()


def _unmake(folder: Path) -> None:
    with contextlib.suppress(OSError):  # the journal will finish what is in it
        folder.rmdir()


def _yaml(data: Any) -> str:
    return "# A draft by afcli new: rewrite it, then take this line away.\n\n" + strict_yaml.dump(data)


def _outline(article: Article) -> tuple[list[Section], list[Sentence]]:
    """Return the sections: each begins with a heading, or with notes or references without one."""
    sections: list[Section] = []
    sentences: list[Sentence] = []
    untitled = {"note": "Notes", "reference": "Bibliography"}
    before = ""
    for number, block in enumerate(article.blocks, 1):
        ending = block.kind in untitled and before not in (block.kind, "heading")
        if block.kind == "heading" or ending or not sections:
            title = (
                block.sentences[0] if block.kind == "heading" else untitled.get(block.kind, "Introduction")
            )
            id_ = _unique(_slug(title) or f"section-{len(sections) + 1}", {s.id for s in sections})
            sections.append(Section(id_, title[:2000], {}))
        section = sections[-1]
        section.blocks[str(number)] = (block.kind, len(block.sentences))
        texts = enumerate(block.sentences, 1)
        sentences += (Sentence(f"{number}.{n}", block.kind, section, text) for n, text in texts)
        before = block.kind
    return sections, sentences


def _entry(section: Section) -> dict[str, Any]:
    """Return a section in the form of article.yaml."""
    blocks = [
        {"block": block, "kind": kind, "sentences": str(count)}
        for block, (kind, count) in section.blocks.items()
    ]
    return {"id": section.id, "title": section.title, "blocks": blocks}


def _about(article: Article, sentences: Sequence[Sentence], issued: str) -> dict[str, Any]:
    """Return the article as a CSL item."""
    signed = next((s.text for s in sentences if s.kind == "byline"), "")
    date = issued or article.issued or next(recognise.dates(signed), "")
    custom: dict[str, Any] = {}
    if not date:
        date = _latest_year(sentences)
        note = f"DRAFT: the file gives no date; {date} is the latest year that it names."
        custom = {"custom": {"not-from-article": ["issued"], "notes": [note]}}
    authors = [_person(name) for name in article.authors]
    family = next((str(a.get("family") or a["literal"]) for a in authors), "")
    titled = (word for word in _slug(article.title).split("-") if len(word) > 2 and word.isalpha())
    item = {
        "id": f"{_slug(family) or next(titled, 'article')}{date[:4]}",
        "type": article.type,
        "title": article.title[:2000],
        "author": authors,
        "issued": date,
        "container-title": article.site,
        "URL": article.url,
    }
    return _filled(item) | custom


def _latest_year(sentences: Sequence[Sentence]) -> str:
    """Return the latest year in the text that is not in the future; raise UsageError if there is none."""
    from datetime import UTC, datetime

    this_year = str(datetime.now(UTC).year)
    years = (year for s in sentences for year in re.findall(rf"\b{recognise.YEAR}\b", s.text))
    if latest := max((year for year in years if year <= this_year), default=""):
        return latest
    raise UsageError("the article names no year; say when it was published: --date 2021-09")


def _filled(entry: dict[str, Any]) -> dict[str, Any]:
    """Return *entry* without its empty fields."""
    return {field: value for field, value in entry.items() if value}


def _person(name: str) -> dict[str, str]:
    given, _, family = name.rpartition(" ")
    return {"family": family, "given": given} if given else {"literal": name}


def _references(sentences: Sequence[Sentence], items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the entries that the article prints, by its numbers, then the items that it does not print."""
    left = dict(enumerate(map(_cleaned, items)))
    references: list[dict[str, Any]] = []
    taken = {0}
    for position, entry in enumerate((s for s in sentences if s.kind == "reference"), 1):
        number = _free_number(entry.text, position, taken)
        taken.add(number)
        likest = max(left, key=lambda key: _likeness(left[key], entry.text), default=None)
        is_known = likest is not None and _likeness(left[likest], entry.text) >= _LIKE
        item = left.pop(likest) if likest is not None and is_known else _printed(entry.text)
        references.append(_placed(item, number, entry.id))
    references += [_placed(item, number) for number, item in enumerate(left.values(), max(taken) + 1)]
    keys: set[str] = set()
    for item in references:
        # A CSL id may be any text; a citation key may not.
        is_key = re.fullmatch(r"[A-Za-z][A-Za-z0-9_:.-]{0,50}", item["id"])
        item["id"] = _unique(item["id"] if is_key else _slug(item["id"]) or "source", keys)
        keys.add(item["id"])
    return references


def _free_number(entry: str, position: int, taken: Collection[int]) -> int:
    """Return the number printed before *entry*, else its *position*, or the next free number."""
    printed = re.match(r"\[?(\d{1,3})[\].)]", entry)
    number = int(printed[1]) if printed and int(printed[1]) not in taken else position
    while number in taken:
        number += 1
    return number


def _likeness(item: dict[str, Any], entry: str) -> float:
    title = set(words(str(item.get("title", ""))))
    return len(title & set(words(entry))) / len(title) if title else 0.0


def _placed(item: dict[str, Any], number: int, at: str = "") -> dict[str, Any]:
    custom = {"number": str(number)} | ({"at": at} if at else {}) | item.get("custom", {})
    return {**item, "custom": custom}


def _cleaned(item: dict[str, Any]) -> dict[str, Any]:
    """Return a CSL item with only the fields a fact base allows; move the rest to its notes."""
    allowed = schema("bibliography")["$defs"]["item"]["properties"]
    kind = item.get("type", "")
    cleaned: dict[str, Any] = {
        "id": str(item.get("id", "")),
        "type": kind if kind in allowed["type"]["enum"] else "document",
    }
    notes = []
    for field, value in item.items():
        is_allowed = field in allowed and field not in ("id", "type", "custom")
        if isinstance(value, list):
            if is_allowed and (people := _people(value)):
                cleaned[field] = people
        elif field not in ("id", "type") and (text := " ".join(str(value).split())[:1900]):
            is_date = "EDTF" in allowed.get(field, {}).get("description", "")
            if is_allowed and (not is_date or _is_edtf(text)):
                cleaned[field] = text
            else:
                notes.append(f"{field}: {text}")
    return cleaned | ({"custom": {"notes": notes}} if notes else {})


def _people(names: Sequence[Any]) -> list[dict[str, str]]:
    people = ({f: str(n[f]) for f in _NAME_FIELDS if n.get(f)} for n in names if isinstance(n, dict))
    return list(filter(None, people))


def _is_edtf(text: str) -> bool:
    try:
        edtf_interval(text)
    except ValueError:
        return False
    return len(text) <= 60


def _printed(entry: str) -> dict[str, Any]:
    """Return the authors, year and title of a printed entry, as far as they are clear."""
    bare = re.sub(r"^\[?\d{1,3}[\].)]\s*", "", entry)
    year = re.search(rf"\b{recognise.YEAR}\b", bare)
    # A typesetting slip, ‘ for ’, ends a title too; an apostrophe does not.
    quoted = re.search(r"“([^”]{4,})”|\"([^\"]{4,})\"|‘((?:[^’‘]|’(?=\w)){4,})[’‘]", bare)
    head = re.split(rf"[(“‘\"]|\b{recognise.YEAR}\b", bare, maxsplit=1)[0].strip(" ,.:;")
    initials = r"(?:[^\W\d_a-z]\.[ -]?)+"
    family = r"[^\W\d_][\w’'-]+(?: [^\W\d_a-z][\w’'-]+)?"
    people = re.findall(rf"(?:({initials})\s*({family})|({family}), ({initials}))(?=\W|$)", head)
    authors = [{"family": b or c, "given": (a or d).strip()} for a, b, c, d in people]
    title = next(filter(None, quoted.groups())) if quoted else bare
    key = "-".join(_slug(authors[0]["family"] if authors else title).split("-")[:2])
    item = {
        "type": "document",
        "title": title[:2000],
        "author": authors,
        "issued": year[0] if year else "",
        "custom": {"notes": ["DRAFT: read from the printed entry."]},
    }
    return {"id": f"{key}-{year[0]}" if year else key} | _filled(item)


def _family(item: dict[str, Any]) -> str:
    person: dict[str, str] = next(iter(item.get("author", ())), {})
    return str(person.get("family") or person.get("literal") or "")


class _Names:
    """The countries and other names in the text, as entities and as names to search for."""

    def __init__(self, article: Article, sentences: Sequence[Sentence]) -> None:
        self.taken: set[str] = set()
        texts = [s.text for s in sentences if s.kind not in ("reference", "byline")]
        known = recognise.countries()
        geography = recognise.country_names(known)
        finder = recognise.Finder(geography)
        self.codes = list(dict.fromkeys(code for text in texts for code in finder.ids_in(text)))
        countries = [self._country(known[code]) for code in self.codes]
        actors: list[dict[str, Any]] = []
        topics: list[dict[str, Any]] = []
        for name in recognise.names(texts, finder):
            if name.name not in article.authors and self._is_free(name.name):
                if name.kind:
                    actors.append(self._entry(name, type=name.kind, note="DRAFT: say who it is."))
                else:
                    note = "DRAFT: say what it is, or move it to the actors or places."
                    topics.append(self._entry(name, note=note))
        self.entities = {"countries": countries, "actors": actors} | ({"topics": topics} if topics else {})
        self.actors = [entry["id"] for entry in actors]
        own = {name: e["id"] for e in [*actors, *topics] for name in (e["name"], *e.get("aliases", ()))}
        self.finder = recognise.Finder(geography | own)

    def _country(self, country: dict[str, Any]) -> dict[str, Any]:
        """Return the entry of a country without names that belong to another entity."""
        self.taken |= {fold(country["code"]), fold(country["name"])}
        demonyms = list(filter(self._is_free, country["demonyms"]))
        capital = next(filter(self._is_free, filter(None, [country["capital"]])), "")
        aliases = list(filter(self._is_free, country["aliases"]))
        return _filled(country | {"demonyms": demonyms, "capital": capital, "aliases": aliases})

    def _entry(self, name: recognise.Name, **more: str) -> dict[str, Any]:
        id_ = _unique(_slug(name.name) or "name", self.taken)
        self.taken.add(id_)
        aliases = list(filter(self._is_free, name.aliases))
        return _filled({"id": id_, "name": name.name, "aliases": aliases, **more})

    def _is_free(self, name: str) -> bool:
        """Claim *name*, which only one entity may have; tell whether it was free."""
        folded = fold(name)
        free = folded not in self.taken
        self.taken.add(folded)
        return free


def _claims(
    sentences: Sequence[Sentence], names: _Names, references: list[dict[str, Any]], issued: str
) -> Iterator[tuple[Sentence, dict[str, Any]]]:
    """Yield a draft claim for each sentence that states something, using none of its words."""
    sources = {item["custom"]["number"]: (_family(item), item.get("issued", "")[:4]) for item in references}
    # If the article has notes, a number in square brackets refers to one.
    numbered = all(sentence.kind != "note" for sentence in sentences)
    drafted = (sentence for sentence in sentences if sentence.kind in STATEMENTS)
    for number, sentence in enumerate(drafted, 1):
        cited, rest = recognise.citations(sentence.text, sources, numbered=numbered)
        ids = names.finder.ids_in(rest)
        dates = list(dict.fromkeys(recognise.dates(rest)))
        doubts = "; ".join(_doubts(cited, dates, sources))
        claim = {
            "id": f"c{number:03}",
            "text": f"DRAFT: rewrite sentence {sentence.id} in your own words",
            "status": "draft",
            "kind": _kind(sentence.text),
            "actors": [id_ for id_ in ids if id_ in names.actors][:100],
            "countries": [id_ for id_ in ids if id_ in names.codes][:100],
            "date": dates[0] if dates else issued,
            "date_basis": "stated" if dates else "writing",
            "source": cited[0].number if cited else "article",
            "basis": "explicit",
            "at": [sentence.id],
        }
        yield sentence, claim | ({"note": f"DRAFT: {doubts}"[:2000]} if doubts else {})


def _doubts(
    cited: Sequence[recognise.Cited], dates: Sequence[str], sources: Mapping[str, tuple[str, str]]
) -> Iterator[str]:
    for number, year in cited[:1]:
        given = sources[number][1]
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
    """Return the first words of *text* as an id, in Latin letters as far as possible."""
    latin_words = re.findall(r"[a-z0-9]+", romanised(text).replace("'", ""))
    slug = "-".join(latin_words)[:50].strip("-")
    return slug if not slug or slug[0].isalpha() else f"n-{slug}"


def _unique(id_: str, taken: Collection[str]) -> str:
    """Return *id_*, with a number appended if it is taken."""
    unique, number = id_, 1
    while unique in taken:
        number += 1
        unique = f"{id_}-{number}"
    return unique
