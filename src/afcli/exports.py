"""Write sources for other programs: BibTeX, BibLaTeX, RIS, CSL-JSON and CSL-YAML."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from afcli.pandoc import csl_json, items

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from afcli.model import Source

_BIBLATEX_TYPES = {
    "article-journal": "article", "article-magazine": "article", "article-newspaper": "article", "book": "book",
    "chapter": "incollection", "paper-conference": "inproceedings", "report": "report", "thesis": "thesis",
    "webpage": "online", "post-weblog": "online",
}  # fmt: skip
_BIBTEX_TYPES = _BIBLATEX_TYPES | {
    "report": "techreport",
    "thesis": "phdthesis",
    "webpage": "misc",
    "post-weblog": "misc",
}
_RIS_TYPES = {
    "article-journal": "JOUR", "article-magazine": "MGZN", "article-newspaper": "NEWS", "book": "BOOK", "chapter": "CHAP",
    "paper-conference": "CPAPER", "report": "RPRT", "thesis": "THES", "webpage": "ELEC", "post-weblog": "BLOG",
    "interview": "PCOMM", "personal_communication": "PCOMM",
}  # fmt: skip
_LANGID = {
    "en": "english",
    "en-GB": "british",
    "en-US": "american",
    "ru": "russian",
    "de": "german",
    "fr": "french",
}
_SUBTYPES = {"article-newspaper": "newspaper", "article-magazine": "magazine"}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
}


def export(sources: Sequence[Source], form: str) -> str:
    """Return *sources* in the *form* bibtex, biblatex, ris, csl-json or csl-yaml."""
    return EXPORTS[form](sources)


def _csl_json(sources: Sequence[Source]) -> str:
    return json.dumps(csl_json(items(sources)), ensure_ascii=False, indent=2) + "\n"


def _csl_yaml(sources: Sequence[Source]) -> str:
    """JSON is YAML too; one item a line."""
    return "references:\n" + "".join(f"- {json.dumps(item, ensure_ascii=False)}\n" for item in items(sources))


def _biblatex(sources: Sequence[Source]) -> str:
    return "\n".join(
        _tex_entry(s, _BIBLATEX_TYPES.get(s.item["type"], "misc"), _biblatex_fields(s.item)) for s in sources
    )


def _bibtex(sources: Sequence[Source]) -> str:
    return "\n".join(
        _tex_entry(s, _BIBTEX_TYPES.get(s.item["type"], "misc"), _bibtex_fields(s.item)) for s in sources
    )


def _biblatex_fields(item: dict[str, Any]) -> dict[str, str]:
    report = item["type"] in ("report", "thesis")
    return {
        "entrysubtype": _SUBTYPES.get(item["type"], ""),
        **_shared_fields(item),
        # As EDTF has it, which no escape may come into.
        "date": re.sub(r"[^0-9A-Za-z.,/?~%:+-]", "", str(item.get("issued", ""))),
        "journaltitle": _tex(item.get("container-title", "")) if item["type"].startswith("article") else "",
        "number": _tex(item.get("issue", "")),
        "institution" if report else "publisher": _whole(_tex(item.get("publisher", ""))),
        "langid": _LANGID.get(item.get("language", ""), ""),
    }


def _bibtex_fields(item: dict[str, Any]) -> dict[str, str]:
    year, month, day = _date(item)
    return {
        **_shared_fields(item),
        "year": year,
        "month": month,
        "day": day,
        "journal": _tex(item.get("container-title", "")) if item["type"].startswith("article") else "",
        "number": _tex(item.get("issue", "")),
        "institution" if item["type"] == "report" else "publisher": _whole(_tex(item.get("publisher", ""))),
        "language": _LANGID.get(item.get("language", ""), _tex(item.get("language", ""))),
    }


def _shared_fields(item: dict[str, Any]) -> dict[str, str]:
    return {
        "author": " and ".join(map(_tex_name, item.get("author", []))),
        "editor": " and ".join(map(_tex_name, item.get("editor", []))),
        "title": _tex_title(item.get("title", "")),
        "volume": _tex(item.get("volume", "")),
        "pages": _tex(item.get("page", "")).replace("-", "--"),
        "doi": _verbatim(item.get("DOI", "")),
        "url": _verbatim(item.get("URL", "")),
        "booktitle": ""
        if item["type"].startswith("article")
        else _tex_title(item.get("container-title", "")),
        "type": _tex(item.get("genre", "")),
    }


def _tex_entry(source: Source, type_: str, fields: dict[str, str]) -> str:
    lines = [
        f"  {name} = {value if name == 'month' else f'{{{value}}}'}"
        for name, value in fields.items()
        if value
    ]
    key = re.sub(r"[^\w:./+-]", "-", source.key)
    return f"@{type_}{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _date(item: dict[str, Any]) -> tuple[str, str, str]:
    """Return year, month and day; a season is no month."""
    issued = str(item.get("issued", ""))
    found = re.match(r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-([0-9]{2}))?)?(?![0-9/-])", issued)
    if not found:
        return _tex(issued.partition("-")[0]), "", ""
    year, month, day = found.groups()
    return year, _MONTHS[int(month) - 1] if month else "", str(int(day)) if day else ""


def _tex(text: str) -> str:
    """Return *text* on one line, with braces balanced: BibTeX counts escaped ones too."""
    text = " ".join(text.split())
    opened: list[int] = []
    paired: set[int] = set()
    for place, letter in enumerate(text):
        if letter == "{":
            opened.append(place)
        elif letter == "}" and opened:
            paired |= {opened.pop(), place}
    return "".join(
        rf"\{c}" if c in "&%$#_" or place in paired else _SPECIAL.get(c, c) for place, c in enumerate(text)
    )


def _verbatim(text: str) -> str:
    """Return a DOI or an address, where no escape is read, without what would end its field."""
    return re.sub(r"[{}\\\s]", lambda c: "".join(f"%{byte:02X}" for byte in c[0].encode()), text.strip())


def _tex_title(text: str) -> str:
    """Return a title whose capitals no style may lower, nor raise what follows a colon."""
    capital = r"[^\s–—-]*[^\W\d_a-zа-яё][^\s–—-]*|(?<=: )\w+"
    return re.sub(capital, lambda word: f"{{{word[0]}}}", _tex(text))


def _tex_name(person: dict[str, str]) -> str:
    if "literal" in person:
        return f"{{{_tex(person['literal'])}}}"
    family = _tex(" ".join(filter(None, (person.get("non-dropping-particle"), person.get("family")))))
    family = f"{{{family}}}" if " " in family else family
    parts = (family, _tex(person.get("suffix", "")), _tex(person.get("given", "")))
    return ", ".join(filter(None, map(_whole, parts)))


def _whole(part: str) -> str:
    """Return *part* so that no comma in it parts a name, and no "and" makes two."""
    return f"{{{part}}}" if re.search(r"(?i)[,=]|\b(and|others)\b", part) and part[0] != "{" else part


def _ris(sources: Sequence[Source]) -> str:
    return "\n".join(map(_ris_entry, sources))


def _ris_entry(source: Source) -> str:
    item = source.item
    first, _, last = item.get("page", "").partition("-")
    issued = str(item.get("issued", ""))
    fields = [
        ("TY", _RIS_TYPES.get(item["type"], "GEN")),
        ("ID", source.key),
        *(
            ("AU", a.get("literal") or ", ".join(filter(None, (a.get("family"), a.get("given")))))
            for a in item.get("author", [])
        ),
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


EXPORTS: dict[str, Callable[[Sequence[Source]], str]] = {
    "bibtex": _bibtex,
    "biblatex": _biblatex,
    "ris": _ris,
    "csl-json": _csl_json,
    "csl-yaml": _csl_yaml,
}
"""The forms of export."""
