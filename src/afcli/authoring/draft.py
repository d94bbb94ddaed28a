"""Draft a fact base: the files that a person then rewrites, claim by claim."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli.authoring import mentions, name_rules, retag
from afcli.authoring.article import HEADING_NUMBER, names_source
from afcli.authoring.reading.citation_keys import PRINTED, without_words
from afcli.authoring.reading.pieces import ENTRY
from afcli.authoring.written_dates import YEAR, dates, is_edtf
from afcli.csl import DATES
from afcli.errors import UsageError
from afcli.fact_base import STATEMENTS, UNWRITTEN
from afcli.files import journal, strict_yaml
from afcli.model import Section
from afcli.schema import schema, schema_text
from afcli.sounds import slug
from afcli.text import fold, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from afcli.authoring.article import Article
    from afcli.authoring.reading.citation_keys import Key

_NAME_FIELDS = ("family", "given", "literal", "suffix", "dropping-particle", "non-dropping-particle")
SCHEMAS = ".schema"
"""The folder of a fact base in which editors find the JSON Schemas of its files."""
_SCHEMAS = ("article", "bibliography", "claims", "entities", "search")
_QUESTIONS = {
    "person": ("actors", "say who it is."),
    "organisation": ("actors", "say who it is."),
    "place": ("places", "say where it is."),
    "": ("topics", "say what it is, or move it to the actors or places."),
}
"""For each kind of name, its list in entities.yaml, and what the author has to say of it."""
_LIKE = 0.6
"""A printed and an imported entry are the same if they share this part of the title's words."""


class Sentence(NamedTuple):
    """A sentence of the article, with its location, and what the file says of it besides."""

    id: str
    kind: str
    section: Section
    text: str
    cited: tuple[Key, ...] = ()
    item: dict[str, Any] | None = None
    page: str = ""


class Draft(NamedTuple):
    """A drafted fact base, and what its author has to know."""

    files: dict[str, str]
    """The content of each file, by its path within the fact base."""
    remarks: list[str]


def draft(article: Article, items: Sequence[dict[str, Any]], issued: str = "") -> Draft:
    """Return the fact base of *article*.

    *items* is a bibliography in CSL; *issued* is the article's date if it gives none. Raises UsageError if
    neither of them, nor any year in the text, gives a date.
    """
    sections, sentences = _outline(article)
    if not any(sentence.kind in STATEMENTS for sentence in sentences):
        raise UsageError(
            "--article: the file has only headings or references, and no text to draft claims from"
        )
    about = _about(article, sentences, issued)
    sources = _Sources(sentences, [*items, *article.about.items])
    names = _Names(article, sentences)
    claims: dict[str, list[dict[str, Any]]] = {section.id: [] for section in sections}
    for sentence, claim in _claims(sentences, names, sources, about["issued"]):
        claims[sentence.section.id].append(claim)
    front = {
        "article.yaml": {"article": about, "outline": list(map(_entry, sections))},
        "bibliography.yaml": {"references": sources.references},
        "entities.yaml": names.entities,
    }
    by_section = {
        f"claims/{number:02}-{section}.yaml": {"claims": drafted}
        for number, (section, drafted) in enumerate(claims.items(), 1)
        if drafted
    }
    table = [("id", "kind", "section", "text"), *((s.id, s.kind, s.section.title, s.text) for s in sentences)]
    files = {
        **_yaml(front),
        "sentences.tsv": "".join("\t".join(row) + "\n" for row in table),
        **_yaml(by_section),
        retag.NAME: retag.table(claim for drafted in claims.values() for claim in drafted),
        **{f"{SCHEMAS}/{name}.json": schema_text(name) for name in _SCHEMAS},
    }
    which = ", ".join(sources.whole[:5]) + (", …" if len(sources.whole) > 5 else "")
    whole = f"references kept as printed, to be completed in bibliography.yaml: {which}"
    return Draft(files, [whole] if sources.whole else [])


def write(directory: Path, contents: Mapping[str, str]) -> None:
    """Write the files into *directory*, all or none.

    Raises UsageError if one of them exists already or cannot be written.
    """
    with journal.refusing(directory), contextlib.ExitStack() as undo:
        journal.finish(directory)
        paths = [directory / name for name in contents]
        # A file whose name begins with a dot holds no claims.
        present = [*paths, *(directory / "claims").glob("[!.]*")]
        if there := next((path for path in present if path.exists() or path.is_symlink()), None):
            raise UsageError(
                f"{there} exists and is never overwritten; name another directory, or move it away"
            )
        folders = {folder for path in paths for folder in path.parents}
        for folder in sorted(folder for folder in folders if not folder.exists()):
            folder.mkdir()
            undo.callback(_unmake, folder)
        journal.replace(directory, {name: (None, text.encode()) for name, text in contents.items()})
        undo.pop_all()


def _unmake(folder: Path) -> None:
    with contextlib.suppress(OSError):  # the journal will finish what is in it
        folder.rmdir()


def _yaml(files: Mapping[str, Any]) -> dict[str, str]:
    """Return *files*, by their names, as YAML that says where its schema is."""
    texts = {}
    for name, data in files.items():
        schema_name = name.partition("/")[0].removesuffix(".yaml")
        path = f"{'../' * name.count('/')}{SCHEMAS}/{schema_name}.json"
        texts[name] = (
            f"# yaml-language-server: $schema={path}\n"
            f"# A draft by afcli new: rewrite it, then take this line away.\n\n{strict_yaml.dump(data)}"
        )
    return texts


def _outline(article: Article) -> tuple[list[Section], list[Sentence]]:
    """Return the sections: each begins with a heading, or with notes or references without one."""
    sections: list[Section] = []
    sentences: list[Sentence] = []
    ids: dict[str, int] = {}
    untitled = {"note": "Notes", "reference": "Bibliography"}
    # Where a heading follows the title at once, the title alone is no introduction.
    is_alone = [block.kind for block in article.blocks[:2]] == ["title", "heading"]
    opening = "Title" if is_alone else "Introduction"
    before = ""
    for number, block in enumerate(article.blocks, 1):
        ending = block.kind in untitled and before not in (block.kind, "heading")
        if block.kind == "heading" or ending or not sections:
            title = block.sentences[0] if block.kind == "heading" else untitled.get(block.kind, opening)
            id_ = slug(HEADING_NUMBER.sub("", title)) or slug(title) or f"section-{len(sections) + 1}"
            sections.append(Section(_unique(id_, ids), title[:2000], {}))
        section = sections[-1]
        section.blocks[str(number)] = (block.kind, len(block.sentences))
        sentences += (
            Sentence(f"{number}.{n}", block.kind, section, text, cited, block.item, block.page)
            for n, (text, cited) in enumerate(zip(block.sentences, block.cited, strict=True), 1)
        )
        before = block.kind
    return sections, sentences


def _entry(section: Section) -> dict[str, Any]:
    """Return a section in the form of article.yaml."""
    counts = ((block, kind, str(count)) for block, (kind, count) in section.blocks.items())
    blocks = [dict(zip(("block", "kind", "sentences"), count, strict=True)) for count in counts]
    return {"id": section.id, "title": section.title, "blocks": blocks}


def _about(article: Article, sentences: Sequence[Sentence], issued: str) -> dict[str, Any]:
    """Return the article as a CSL item."""
    about = article.about
    signed = " ".join(s.text for s in sentences if s.kind == "byline")
    date = issued or about.issued or next(iter(dates(signed)), "")
    custom: dict[str, Any] = {}
    if not date:
        date = _latest_year(sentences)
        note = f"{UNWRITTEN} the file gives no date; {date} is the latest year that it names."
        custom = {"custom": {"not-from-article": ["issued"], "notes": [note]}}
    authors = list(map(_person, about.authors))
    titled = (word for word in slug(about.title).split("-") if len(word) > 2 and word.isalpha())
    item = {
        "id": f"{slug(mentions.family({'author': authors})) or next(titled, 'article')}{date[:4]}",
        "type": about.type,
        "title": about.title[:2000] or f"{UNWRITTEN} the file gives no title; write it here",
        "author": authors,
        "issued": date,
        "container-title": about.site,
        "URL": about.url,
    }
    return _filled(item) | custom


def _latest_year(sentences: Sequence[Sentence]) -> str:
    """Return the latest year in the text that is not in the future; raise UsageError if there is none."""
    from datetime import UTC, datetime

    this_year = str(datetime.now(UTC).year)
    years = (year for s in sentences for year in re.findall(rf"\b{YEAR}\b", s.text))
    if latest := max((year for year in years if year <= this_year), default=""):
        return latest
    raise UsageError("the article names no year; say when it was published: --date 2021-09")


def _filled(entry: dict[str, Any]) -> dict[str, Any]:
    """Return *entry* without its empty fields."""
    return {field: value for field, value in entry.items() if value}


def _person(name: str) -> dict[str, str]:
    given, _, family = name.rpartition(" ")
    return {"family": family, "given": given} if given else {"literal": name}


class _Sources:
    """What the article cites: as its bibliography, and as marks and keys in its text."""

    def __init__(self, sentences: Sequence[Sentence], items: Sequence[dict[str, Any]]) -> None:
        entries = [s for s in sentences if s.kind == "reference"]
        short = {entry.id for entry in entries if not entry.item and names_source(entry.text)}
        self._list([entry for entry in entries if entry.id not in short], items)
        known = {e.id for e in entries if e.id in short and mentions.citations(e.text, self.years)[0]}
        if known != short:
            self._list([entry for entry in entries if entry.id not in known], items)
        self.marks = self._marks(sentences)
        self.cited = {s.id: self._cited(s) for s in sentences if s.kind in STATEMENTS}
        """What each sentence cites, its text without that, and the keys that the bibliography lacks."""
        self._explain_beside()

    def _list(self, entries: Sequence[Sentence], items: Sequence[dict[str, Any]]) -> None:
        """List the entries that the article prints, by its numbers, then the items that it does not print."""
        self.references: list[dict[str, Any]] = []
        self.whole: list[str] = []
        """The numbers of the entries that could not be read."""
        self.keys: dict[str, str] = {}
        """The number of each item, by the keys that may cite it."""
        left = list(map(_cleaned, items))
        taken = {0}
        ids: dict[str, int] = {}

        def add(item: dict[str, Any], number: int, keys: Iterable[str], **at: str) -> None:
            # A CSL id may be any text; a citation key may not.
            is_key = re.fullmatch(r"[A-Za-z][A-Za-z0-9_:.-]{0,50}", item["id"])
            id_ = _unique(item["id"] if is_key else slug(item["id"]) or "source", ids)
            custom = {"number": str(number), **at, **item.get("custom", {})}
            self.references.append({**item, "id": id_, "custom": custom})
            self.keys |= dict.fromkeys(keys, str(number))

        for position, entry in enumerate(entries, 1):
            number = _free_number(entry.text, position, taken)
            taken.add(number)
            keys = [f"{PRINTED}{number}"]
            likest = max(left, key=lambda item: _likeness(item, entry.text), default=None)
            if likest and _likeness(likest, entry.text) >= _LIKE:
                item = likest
                left.remove(item)
                keys += _keys(item)
            elif entry.item:
                item = _cleaned(entry.item) | {"id": _key(entry.item)}
                item.pop("page" if item["type"] == "book" else "", None)
            else:
                item = _printed(entry.text)
                self.whole += [str(number)] * ("title" not in item)
            add(item, number, keys, at=entry.id)
        for number, item in enumerate(left, max(taken) + 1):
            add(item, number, _keys(item))
        self.years = {
            item["custom"]["number"]: (mentions.family(item), item.get("issued", "")[:4])
            for item in self.references
        }

    def _marks(self, sentences: Sequence[Sentence]) -> dict[str, mentions.Cited]:
        """Return what each number in brackets stands for: that of the bibliography, if no notes cite."""
        own = {r["custom"].get("at"): r["custom"]["number"] for r in self.references}
        by_kind: dict[str, dict[str, mentions.Cited | None]] = {"note": {}, "reference": {}}
        number = ""
        for entry in sentences:
            if entry.kind not in by_kind:
                continue
            printed = ENTRY.match(entry.text)
            # What follows in a note has its number.
            number = next(filter(None, printed.groups())) if printed else number * (entry.kind == "note")
            item = entry.item or {}
            # A page of a book is the place cited; of an article, its extent.
            page = item.get("page") if item.get("type") == "book" else ""
            cited = mentions.citations(entry.text, self.years)[0]
            if entry.id in own:
                cited = [mentions.Cited(own[entry.id], "", f"p. {page}" if page else "")]
            marks = by_kind[entry.kind]
            if number and not marks.get(number):
                marks[number] = next(iter(cited), None)
        notes, references = by_kind.values()
        # Where notes and references have the same numbers, those in the text are of notes.
        meant_by = notes | (references if notes.keys().isdisjoint(references) else {})
        if not meant_by and all(sentence.kind != "note" for sentence in sentences):
            return {number: mentions.Cited(number, "") for number in self.years}
        return {number: cited._replace(year="") for number, cited in meant_by.items() if cited}

    def _cited(self, sentence: Sentence) -> tuple[list[mentions.Cited], str, list[str]]:
        text = without_words(sentence.text) if sentence.cited else sentence.text
        found, rest = mentions.citations(text, self.years, self.marks)
        numbers = {key: self.keys.get(key.key, self.keys.get(key.key.lower())) for key in sentence.cited}
        by_key = [mentions.Cited(number, "", key.place) for key, number in numbers.items() if number]
        unknown = dict.fromkeys(key.key for key, number in numbers.items() if not number)
        return [*by_key, *found], rest, list(unknown)

    def doubts(self, sentence: Sentence, given: Sequence[str]) -> Iterator[str]:
        """Yield what an author must look at in a sentence that gives these dates."""
        cited, _, unknown = self.cited[sentence.id]
        for number, year, _ in cited[:1]:
            printed = self.years[number][1]
            if year and year != printed:
                yield f"the text cites {year}, the bibliography says {printed or 'no year'}"
        if others := list(dict.fromkeys(c.number for c in cited[1:] if c.number != cited[0].number)):
            yield f"the sentence also cites {', '.join(others)}"
        if unknown:
            yield f"the bibliography lacks {', '.join(unknown)}, which the sentence cites"
        if given[1:]:
            yield f"the sentence also gives {', '.join(given[1:])}"

    def _explain_beside(self) -> None:
        """Say of each source that is cited only beside others, and so carries no claim, where that is."""
        places: dict[str, list[str]] = {}
        for id_, (cited, *_) in self.cited.items():
            for number in dict.fromkeys(source.number for source in cited[1:]):
                places.setdefault(number, []).append(id_)
        first = {cited[0].number for cited, *_ in self.cited.values() if cited}
        for source in self.references:
            number = source["custom"]["number"]
            if number in places and number not in first:
                reason = f"cited beside another work: {', '.join(places[number])}"
                source["custom"].setdefault("explained", {})["unused-source"] = reason[:2000]


def _keys(item: dict[str, Any]) -> Iterator[str]:
    """Yield the keys by which a text may cite *item*: its own, and its identifiers as Manubot writes them."""
    for field in ("DOI", "URL", "ISBN", "PMID", "PMCID"):
        if number := item.get(field):
            yield f"{field}:{number.replace('-', '') if field == 'ISBN' else number}".lower()
    yield item["id"]


def _key(item: dict[str, Any]) -> str:
    """Return a citation key for *item*: the family name or the first word of the title, and the year."""
    name = "-".join(slug(mentions.family(item) or item.get("title", "")).split("-")[:2])
    year = item.get("issued", "")[:4]
    return f"{name}-{year}" if year.isdigit() else name


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


def _cleaned(item: dict[str, Any]) -> dict[str, Any]:
    """Return a CSL item with only the fields a fact base allows; move the rest to its notes."""
    allowed = schema("bibliography")["$defs"]["item"]["properties"]
    type_ = item.get("type", "")
    cleaned: dict[str, Any] = {
        "id": str(item.get("id", "")),
        "type": type_ if type_ in allowed["type"]["enum"] else "document",
    }
    notes = []
    for field, value in item.items():
        if field in cleaned:
            continue
        is_allowed = field in allowed and field != "custom"
        if isinstance(value, list):
            people = [
                _filled({f: str(n.get(f) or "") for f in _NAME_FIELDS}) for n in value if isinstance(n, dict)
            ]
            if is_allowed and any(people):
                cleaned[field] = list(filter(None, people))
        elif text := " ".join(str(value).split())[:1900]:
            if is_allowed and (field not in DATES or (is_edtf(text) and len(text) <= 60)):
                cleaned[field] = text
            else:
                notes.append(f"{field}: {text}")
    return cleaned | ({"custom": {"notes": notes}} if notes else {})


def _printed(entry: str) -> dict[str, Any]:
    """Return the authors, year and title of a printed entry, as far as they are clear; without a title, all of it as a note."""
    bare = re.sub(r"^\[?\d{1,3}[\].)]\s*", "", entry)
    seen = re.search(r"\b(?:retrieved|accessed|archived)\b.*", bare, re.IGNORECASE)
    accessed = next(iter(dates(seen[0])), "") if seen else ""
    year = re.search(rf"\b{YEAR}\b", bare[: seen.start()] if seen else bare)
    head = re.split(rf"[(“‘\"]|\b{YEAR}\b", bare, maxsplit=1)[0].strip(" ,.:;")
    initials = r"(?:[^\W\d_a-z]\.[ -]?)+"
    family = r"[^\W\d_][\w’'-]+(?: [^\W\d_a-z][\w’'-]+)?"
    people = re.findall(rf"(?:({initials})\s*({family})|({family}), ({initials}))(?=\W|$)", head)
    authors = [{"family": b or c, "given": (a or d).strip()} for a, b, c, d in people]
    full = r"([^\W\d_a-z][\w’'-]+), ([^\W\d_a-z][\w’'-]+)(?=[.,]? ?(?:\(|$|and\b|&))"
    if not authors and (named := re.match(full, head)):
        authors = [{"family": named[1], "given": named[2]}]
    title = _title(bare)
    note = f"{UNWRITTEN} read from the printed entry." if title else f"{UNWRITTEN} kept as printed: {bare}"
    item = {
        "type": "document",
        "title": title[:2000],
        "author": authors,
        "issued": year[0] if year else "",
        "accessed": accessed,
        "custom": {"notes": [note[:2000]]},
    }
    return {"id": _key(item | {"title": title or bare})} | _filled(item)


def _title(entry: str) -> str:
    """Return the title of a printed entry if it is clear which words it is: those quoted, or those after (2016)."""
    # A typesetting slip, ‘ for ’, ends a title too; an apostrophe does not.
    quoted = re.search(r"“([^”]{4,})”|\"([^\"]{4,})\"|‘((?:[^’‘]|’(?=\w)){4,})[’‘]", entry)
    if quoted:
        return str(next(filter(None, quoted.groups()))).rstrip(".,")
    dotted = re.match(rf"[^()]+\({YEAR}[a-z]?(?:, [^()]*)?\)\. ([^.?!]{{3,}}(?:\?|!|(?=\.)))", entry)
    commas = re.match(rf"[^()]+\({YEAR}[a-z]?\), ([^.,?!]{{3,}}), [^,]+\.?$", entry)
    # Vale, I. 2001. Wells of Alba. Alba Press.
    plain = re.match(
        rf"[^\W\d_a-z][^\d()]+[.,] {YEAR}[a-z]?\. ([^.?!]{{3,}}(?:[?!]|(?=\.)))\.?(?: [^\W\d_a-z]|$)", entry
    )
    found = dotted or commas or plain
    return found[1].strip() if found else ""


class _Names:
    """The countries and other names in the text, as entities and as names to search for."""

    def __init__(self, article: Article, sentences: Sequence[Sentence]) -> None:
        self.taken: dict[str, int] = {}
        texts = [s.text for s in sentences if s.kind not in ("reference", "byline")]
        known = mentions.countries()
        geography = mentions.country_names(known)
        finder = mentions.Finder(geography)
        codes = dict.fromkeys(code for text in texts for code in finder.ids_in(text))
        countries = [self._country(known[code]) for code in codes]
        groups: dict[str, list[dict[str, Any]]] = {"actors": [], "places": [], "topics": []}
        for name in name_rules.names(texts, finder):
            if name.name not in article.about.authors and self._is_free(name.name):
                group, question = _QUESTIONS[name.kind]
                groups[group].append(self._entry(name, name.kind if group == "actors" else "", question))
        self.actors = {entry["id"] for entry in groups["actors"]}
        own = {
            name: entry["id"]
            for entries in groups.values()
            for entry in entries
            for name in (entry["name"], *entry.get("aliases", ()))
        }
        self.finder = mentions.Finder(geography | own)
        # Victoria is not named where only Queen Victoria Street is.
        named_at_last = {id_ for text in texts for id_ in self.finder.ids_in(text)}
        countries = [country for country in countries if country["code"] in named_at_last]
        self.codes = {country["code"] for country in countries}
        self.entities = {"countries": countries, "actors": groups.pop("actors"), **_filled(groups)}

    def _country(self, country: dict[str, Any]) -> dict[str, Any]:
        """Return the entry of a country without names that belong to another entity."""
        for own in (country["code"], country["name"]):
            self._is_free(own)
        demonyms = list(filter(self._is_free, country["demonyms"]))
        capital = next(filter(self._is_free, filter(None, [country["capital"]])), "")
        aliases = list(filter(self._is_free, country["aliases"]))
        return _filled(country | {"demonyms": demonyms, "capital": capital, "aliases": aliases})

    def _entry(self, name: name_rules.Name, type_: str, question: str) -> dict[str, Any]:
        id_ = _unique(slug(name.name) or "name", self.taken)
        aliases = list(filter(self._is_free, name.aliases))
        note = f"{UNWRITTEN} {question}"
        return _filled({"id": id_, "name": name.name, "aliases": aliases, "type": type_, "note": note})

    def _is_free(self, name: str) -> bool:
        """Claim *name*, which only one entity may have; tell whether it was free."""
        folded = fold(name)
        free = folded not in self.taken
        self.taken.setdefault(folded, 1)
        return free


def _claims(
    sentences: Sequence[Sentence], names: _Names, sources: _Sources, issued: str
) -> Iterator[tuple[Sentence, dict[str, Any]]]:
    """Yield a draft claim for each sentence that states something, using none of its words."""
    drafted = [sentence for sentence in sentences if sentence.kind in STATEMENTS]
    spoken = _within_quotes(drafted)
    for number, sentence in enumerate(drafted, 1):
        cited, rest, _ = sources.cited[sentence.id]
        ids = names.finder.ids_in(rest)
        given = dates(rest)
        notes = [f"Page {sentence.page}."] * bool(sentence.page)
        notes += [f"Cited at {source.place}." for source in cited[:1] if source.place]
        if doubts := "; ".join(sources.doubts(sentence, given)):
            notes.append(f"{UNWRITTEN} {doubts}")
        claim = {
            "id": f"c{number:03}",
            "text": f"{UNWRITTEN} rewrite sentence {sentence.id} in your own words",
            "status": "draft",
            "kind": "quote" if sentence.id in spoken else _kind(sentence.text),
            "actors": [id_ for id_ in ids if id_ in names.actors][:100],
            "countries": [id_ for id_ in ids if id_ in names.codes][:100],
            "date": given[0] if given else issued,
            "date_basis": "stated" if given else "writing",
            "source": cited[0].number if cited else "article",
            "basis": "explicit",
            "at": [sentence.id],
        }
        yield sentence, claim | ({"note": " ".join(notes)[:2000]} if notes else {})


def _within_quotes(sentences: Sequence[Sentence]) -> set[str]:
    """Return the ids of the sentences that are part of a longer quotation."""
    spoken, last, is_open = set[str](), "", False
    for sentence in sentences:
        block = sentence.id.partition(".")[0]
        is_open = was_open = is_open and block == last
        last = block
        for mark in re.findall(r"[“”\"]", sentence.text):
            is_open = not is_open if mark == '"' else mark == "“"
        if was_open or is_open:
            spoken.add(sentence.id)
    return spoken


def _kind(text: str) -> str:
    if re.search(r"\?[”’\"')\]]*$", text):
        return "question"
    # Fewer than four words are a title or a term.
    quoted = re.findall(r"“([^”]+)”|‘([^’]+)’|\"([^\"]+)\"", text)
    return "quote" if any("".join(words).count(" ") > 2 for words in quoted) else "fact"


def _unique(id_: str, taken: dict[str, int]) -> str:
    """Take *id_*, with a number appended if it is taken; *taken* says how far each has been counted."""
    unique = id_
    while unique in taken:
        taken[id_] += 1
        unique = f"{id_}-{taken[id_]}"
    taken[unique] = 1
    return unique
