"""Claims and sources in Markdown: one document for a wiki, or a folder of notes for Obsidian.

CommonMark (https://spec.commonmark.org/0.31.2/); whatever stands in the facts is text, never markup.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from afcli.page.contents import Citations, plain, url_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from afcli.claim_lists import Claims
    from afcli.library import Facts
    from afcli.model import Claim, Source

_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
"""Names that Windows gives to devices."""


def wiki(facts: Facts, claims: Claims) -> str:
    """Return one Markdown document: the claims by section, and the sources with the ids of their claims."""
    title = " · ".join(_text(article.item.get("title", article.key)) for article in _articles(facts))
    citations = Citations(facts.base)
    resting = _grouped(claims, lambda claim: claim.source.key)

    def said(claim: Claim) -> str:
        source = f"[{_text(claim.source.label)}](#source-{claim.source.ref})"
        return f"{_anchor(claim.id)}**{claim.id}** {_said(claim, source)}"

    lines = [
        f"- {_anchor(f'source-{source.ref}')}{_entry(source, citations)}  \n"
        f"  Claims: {', '.join(f'[{c.id}](#{c.id})' for c in resting[source.key])}"
        for source in facts.sources
        if source.key in resting
    ]
    parts = [f"# {title}", *_by_section(facts, claims, said), "## Sources", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def notes(facts: Facts, claims: Claims) -> dict[str, str]:
    """Return the notes, by their paths: one a claim, one a source, and one that leads to all of them."""
    names = _file_names([claim.id for claim in claims], "claims/")
    resting = _grouped(claims, lambda claim: claim.source.key)
    sources = [source for source in facts.sources if source.key in resting]
    names_of_sources = _file_names([source.key for source in sources], "sources/")
    citations = Citations(facts.base)
    leading = _by_section(facts, claims, lambda c: f"{_link(c.id, names[c.id])} {_text(c.text)}")
    found = {"Claims.md": _note({"tags": ["claims"]}, leading)}
    for claim in claims:
        found[names[claim.id]] = _claim_note(claim, names_of_sources[claim.source.key], citations)
    for source in sources:
        links = [f"- {_link(c.id, names[c.id], up=1)} {_text(c.text)}" for c in resting[source.key]]
        aliases = [plain(source.label)]
        fields = {"id": source.key, "number": source.number, "aliases": aliases, "tags": ["source"]}
        said = [_entry(source, citations), *(_text(note) for note in source.custom.get("notes", ()))]
        found[names_of_sources[source.key]] = _note(fields, [*said, "## Claims", "\n".join(links)])
    return found


def _claim_note(claim: Claim, source: str, citations: Citations) -> str:
    fields = {
        "id": claim.id,
        "kind": claim.kind,
        "date": claim.date if claim.date_basis != "writing" else None,
        "actors": [plain(entity.name) for entity in claim.actors],
        "countries": [plain(entity.name) for entity in (*claim.countries, *claim.regions)],
        "source": claim.source.key,
        "basis": claim.basis,
        "section": plain(claim.section.title),
        "sentences": list(claim.at),
        "tags": ["claim", f"claim/{claim.kind}"],
    }
    cited = citations.of(claim)[0]
    parts = [
        _text(claim.text),
        *([f"> {_text(claim.note)}"] if claim.note else []),
        f"Source: {_link(claim.source.label, source, up=1)}, {claim.basis}  \nCite: {_text(cited)}",
    ]
    return _note(fields, parts)


def _by_section(facts: Facts, claims: Claims, said: Callable[[Claim], str]) -> list[str]:
    """Return where the *claims* come from, then each section with a line for each of its claims, as it is *said*."""
    citations = Citations(facts.base)
    from_ = "; ".join(_text(citations.entry(article)) for article in _articles(facts))
    parts = [f"{len(claims)} claims from: {from_}\n\nClaims repeat the article, errors included."]
    groups = _grouped(claims, lambda claim: claim.section.id)
    for section in facts.base.sections:
        if section.id in groups:
            lines = [f"- {said(claim)}" for claim in groups[section.id]]
            parts += [f"## {_text(section.title)}", "\n".join(lines)]
    return parts


def _articles(facts: Facts) -> list[Source]:
    return [source for source in facts.sources if source.number is None]


def _note(fields: Mapping[str, Any], parts: Iterable[str]) -> str:
    """Return a note with *fields* as properties: JSON on one line is YAML too."""
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value]
    return "\n".join(["---", *lines, "---", ""]) + "\n\n".join(parts) + "\n"


def _said(claim: Claim, source: str) -> str:
    names = dict.fromkeys(e.name for e in (*claim.said_by, *claim.actors, *claim.countries, *claim.regions))
    where = [
        claim.date if claim.date_basis != "writing" else "",
        _text(", ".join(names)),
        f"{source}, {claim.basis}",
        claim.kind,
        ", ".join(claim.at),
    ]
    note = f"  \n  Note: {_text(claim.note)}" if claim.note else ""
    return f"{_text(claim.text)} ({'; '.join(filter(None, where))}){note}"


def _entry(source: Source, citations: Citations) -> str:
    entry = citations.entry(source)
    url = url_of(source)
    return _text(entry) if not url or url in entry else f"{_text(entry)} <{url}>"


def _grouped(claims: Iterable[Claim], key: Callable[[Claim], str]) -> dict[str, list[Claim]]:
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(key(claim), []).append(claim)
    return groups


def _anchor(id_: str) -> str:
    return f'<a id="{id_}"></a>'


def _link(label: str, path: str, up: int = 0) -> str:
    return f"[{_text(label)}]({'../' * up}{path})"


def _text(text: str) -> str:
    """Return *text* so that Markdown, HTML and Obsidian show it as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$%=^&!])", r"\\\1", plain(text))


def _file_names(ids: Iterable[str], folder: str) -> dict[str, str]:
    """Return a path for each of *ids* that every file system takes, no two alike however it folds letters."""
    taken: set[str] = set()
    paths: dict[str, str] = {}
    for id_ in ids:
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", id_).strip("-")[:80] or "note"
        stem = f"{stem}_" if stem.casefold() in _RESERVED else stem
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.casefold())
        paths[id_] = f"{folder}{name}.md"
    return paths
