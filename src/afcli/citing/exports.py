"""Write sources for other programs: BibTeX, BibLaTeX, RIS, CSL-JSON and CSL-YAML."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from afcli.csl import DATES, csl_json, items, plain_date
from afcli.months import MONTH_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afcli.model import Source

_TYPES = {
    "article-journal": ("article", "article", "JOUR"),
    "article-magazine": ("article", "article", "MGZN"),
    "article-newspaper": ("article", "article", "NEWS"),
    "book": ("book", "book", "BOOK"),
    "chapter": ("incollection", "incollection", "CHAP"),
    "paper-conference": ("inproceedings", "inproceedings", "CPAPER"),
    "report": ("report", "techreport", "RPRT"),
    "thesis": ("thesis", "phdthesis", "THES"),
    "webpage": ("online", "misc", "ELEC"),
    "post-weblog": ("online", "misc", "BLOG"),
    "interview": ("misc", "misc", "PCOMM"),
    "personal_communication": ("misc", "misc", "PCOMM"),
}
"""The name of each CSL type in BibLaTeX, BibTeX and RIS."""
_OTHER_TYPE = ("misc", "misc", "GEN")
_LANGID = {
    "en": "english", "en-GB": "british", "en-US": "american", "ru": "russian", "de": "german", "fr": "french",
}  # fmt: skip
_SUBTYPES = {"article-newspaper": "newspaper", "article-magazine": "magazine"}
_OPEN, _CLOSED = "\1", "\2"
"""What stands for a brace that has its other, until the rest is escaped."""
_ESCAPES = str.maketrans({letter: rf"\{letter}" for letter in "&%$#_"} | {
    _OPEN: r"\{", _CLOSED: r"\}", "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
})  # fmt: skip


def export(sources: Sequence[Source], form: str) -> str:
    """Return *sources* in the *form* bibtex, biblatex, ris, csl-json or csl-yaml."""
    match form:
        case "csl-json":
            pairs = zip(items(sources), csl_json(items(sources)), strict=True)
            return json.dumps([_managed(*pair) for pair in pairs], ensure_ascii=False, indent=2) + "\n"
        case "csl-yaml":
            # JSON is YAML too.
            lines = (f"- {json.dumps(item, ensure_ascii=False)}\n" for item in items(sources))
            return "references:\n" + "".join(lines)
        case "ris":
            return "\n".join(map(_ris_entry, sources))
    return "\n".join(_tex_entry(source, biblatex=form == "biblatex") for source in sources)


def _managed(item: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """Return *written*, the CSL-JSON of *item*, so that Zotero loses none of it and another reader reads the same.

    Zotero takes only a family and a given name, one plain date, and the variables that its type of item has a field for. It
    and others read particles and suffixes within those names, dates in EDTF, and `variable: value` in the note.
    """
    done: dict[str, Any] = {}
    noted: list[str] = []
    for variable, value in written.items():
        has_room = variable in _EVERYWHERE or item["type"] in _ROOM.get(variable, ())
        if isinstance(value, list):
            people = [_managed_name(person) for person in value]
            if has_room:
                done[variable] = people
            else:
                # Zotero would take them for authors.
                noted += [f"{variable}: {_noted_name(person)}" for person in people]
            continue
        done[variable] = value
        if variable in DATES and not plain_date(str(item[variable])):
            done[variable] = {**value, "raw": str(item[variable])}
        if not has_room:
            noted.append(f"{variable}: {' '.join(str(item[variable]).split())}")
    if item["type"] in _UNKNOWN:
        noted.append(f"type: {item['type']}")
    return {**done, "note": "\n".join([*noted, *filter(None, [item.get("note")])])} if noted else done


def _managed_name(person: dict[str, str]) -> dict[str, str]:
    if "literal" in person:
        return person
    given = " ".join(filter(None, (person.get("given"), person.get("dropping-particle"))))
    name = {"family": _family(person), "given": ", ".join(filter(None, (given, person.get("suffix"))))}
    return {part: text for part, text in name.items() if text}


def _noted_name(person: dict[str, str]) -> str:
    name = person.get("literal") or " || ".join((person.get("family", ""), person.get("given", "")))
    return " ".join(name.split())


_EVERYWHERE = {
    "id", "type", "title", "title-short", "URL", "accessed", "issued", "language", "abstract", "note", "author",
}  # fmt: skip
_PRESS = {"article-journal", "article-magazine", "article-newspaper"}
_VOLUMES = {"book", "chapter", "paper-conference"}
_ISSUED = {*_VOLUMES, "report", "thesis"}
_ROOM = {
    "container-title": {*_PRESS, "chapter", "paper-conference", "webpage", "post-weblog"},
    "collection-title": {*_VOLUMES, "article-journal", "report"},
    "publisher": _ISSUED,
    "publisher-place": {*_ISSUED, "article-newspaper"},
    "volume": {*_VOLUMES, "article-journal", "article-magazine"},
    "issue": {"article-journal", "article-magazine"},
    "page": {*_PRESS, "chapter", "paper-conference", "report"},
    "edition": {"book", "chapter", "article-newspaper"},
    "genre": {"report", "thesis", "webpage", "post-weblog", "personal_communication"},
    "ISBN": _VOLUMES,
    "ISSN": _PRESS,
    "DOI": {"article-journal", "paper-conference"},
    "editor": {*_VOLUMES, "article-journal", "report"},
    "translator": {*_TYPES} - {"thesis"},
    "collection-editor": {*_VOLUMES, "report"},
    "container-author": {"chapter"},
    "interviewer": {"interview"},
    "recipient": {"personal_communication"},
    "reviewed-author": _PRESS,
}
"""The types whose items in Zotero have a field for a variable, in its older versions too (zotero-schema, schema.json)."""
_UNKNOWN = {
    "classic", "collection", "entry", "event", "figure", "musical_score", "pamphlet", "performance", "periodical",
    "regulation", "review", "review-book", "treaty",
}  # fmt: skip
"""The types that Zotero makes mere documents."""


def _tex_entry(source: Source, *, biblatex: bool) -> str:
    item = source.item
    type_ = item["type"]
    in_journal = type_.startswith("article")
    container, language = item.get("container-title", ""), item.get("language", "")
    by_institution = type_ == "report" or (biblatex and type_ == "thesis")
    fields = {
        "entrysubtype": _SUBTYPES.get(type_, "") if biblatex else "",
        "author": " and ".join(map(_tex_name, item.get("author", []))),
        "editor": " and ".join(map(_tex_name, item.get("editor", []))),
        "title": _tex_title(item.get("title", "")),
        "volume": _tex(item.get("volume", "")),
        "pages": _tex(item.get("page", "")).replace("-", "--"),
        "doi": _verbatim(item.get("DOI", "")),
        "url": _verbatim(item.get("URL", "")),
        "booktitle": "" if in_journal else _tex_title(container),
        "type": _tex(item.get("genre", "")),
        **_tex_date(str(item.get("issued", "")), biblatex=biblatex),
        "journaltitle" if biblatex else "journal": _tex(container) if in_journal else "",
        "number": _tex(item.get("issue", "")),
        "institution" if by_institution else "publisher": _whole(_tex(item.get("publisher", ""))),
        "langid" if biblatex else "language": _LANGID.get(language, "" if biblatex else _tex(language)),
    }
    lines = [
        f"  {name} = {value if name == 'month' else f'{{{value}}}'}"
        for name, value in fields.items()
        if value
    ]
    key = re.sub(r"[^\w:./+-]", "-", source.key)
    name = _TYPES.get(type_, _OTHER_TYPE)[0 if biblatex else 1]
    return f"@{name}{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _tex_date(issued: str, *, biblatex: bool) -> dict[str, str]:
    """Return the fields of a date: BibLaTeX reads EDTF, BibTeX has no seasons or spans."""
    if biblatex:
        # No escape may get into it.
        return {"date": re.sub(r"[^0-9A-Za-z.,/?~%:+-]", "", issued)}
    year, month, day = plain_date(issued.rstrip("?~%")) or (_tex(issued.partition("-")[0]), 0, 0)
    return {
        "year": year,
        "month": MONTH_NAMES[month - 1][:3].lower() if month else "",
        "day": str(day or ""),
    }


def _tex(text: str) -> str:
    """Return *text* on one line, with braces balanced: BibTeX counts escaped ones too."""
    text = " ".join(text.replace(_OPEN, "").replace(_CLOSED, "").split())
    before = ""
    while text != before:
        before, text = text, re.sub(r"\{([^{}]*)\}", rf"{_OPEN}\1{_CLOSED}", text)
    return text.translate(_ESCAPES)


def _verbatim(text: str) -> str:
    """Return a DOI or URL, which allows no escapes, without characters that would end its field."""
    return re.sub(r"[{}\\\s]", lambda c: "".join(f"%{byte:02X}" for byte in c[0].encode()), text.strip())


def _tex_title(text: str) -> str:
    """Return a title in which no style may lower a capital, or raise a letter after a colon."""
    capital = r"[^\s–—-]*[^\W\d_a-zа-яё][^\s–—-]*|(?<=: )\w+"
    return re.sub(capital, lambda word: f"{{{word[0]}}}", _tex(text))


def _tex_name(person: dict[str, str]) -> str:
    if "literal" in person:
        return f"{{{_tex(person['literal'])}}}"
    family = _tex(_family(person))
    family = f"{{{family}}}" if " " in family else family
    parts = (family, _tex(person.get("suffix", "")), _tex(person.get("given", "")))
    return ", ".join(filter(None, map(_whole, parts)))


def _family(person: dict[str, str]) -> str:
    return " ".join(filter(None, (person.get("non-dropping-particle"), person.get("family"))))


def _whole(part: str) -> str:
    """Return *part* protected: no comma in it separates a name, and no "and" makes two."""
    return f"{{{part}}}" if re.search(r"(?i)[,=]|\b(and|others)\b", part) and part[0] != "{" else part


def _ris_entry(source: Source) -> str:
    item = source.item
    first, _, last = item.get("page", "").partition("-")
    issued = str(item.get("issued", ""))
    fields = [
        ("TY", _TYPES.get(item["type"], _OTHER_TYPE)[2]),
        ("ID", source.key),
        *(("AU", _ris_name(person)) for person in item.get("author", [])),
        *(("ED", _ris_name(person)) for person in item.get("editor", [])),
        ("TI", item.get("title", "")),
        ("T2", item.get("container-title", "")),
        ("PB", item.get("publisher", "")),
        ("PY", issued[:4]),
        ("DA", "/".join([*issued.split("-"), "", "", ""][:3]) + "/" if issued else ""),
        ("VL", item.get("volume", "")),
        ("IS", item.get("issue", "")),
        ("SP", first),
        ("EP", last),
        ("DO", item.get("DOI", "")),
        ("UR", item.get("URL", "")),
        ("M3", item.get("genre", "")),
        ("LA", item.get("language", "")),
    ]
    return "".join(f"{tag}  - {' '.join(value.split())}\n" for tag, value in fields if value) + "ER  - \n"


def _ris_name(person: dict[str, str]) -> str:
    parts = (_family(person), person.get("given"), person.get("suffix"))
    return person.get("literal") or ", ".join(filter(None, parts))
