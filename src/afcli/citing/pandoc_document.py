"""Turn the citations of claims in a pandoc document into citations of their sources.

Pandoc's citeproc does the rest after it. It joins a place of several words to a citation only behind its brackets, or in
the plural; so the first word of a section's title is the locator, and the others follow as the suffix.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli.citing import pandoc
from afcli.citing.citation import BRACKETS
from afcli.citing.styles import SECONDARY, built_in, full_name, style_file
from afcli.csl import items, sources_of
from afcli.errors import AfcliError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from afcli.index.base import Base
    from afcli.model import Claim, Source

    Inlines = list[dict[str, Any]]

_NUMBERED = re.compile(r"((?:.*/)?[a-z_-]*)\d+", re.DOTALL)
_PLACE = re.compile(
    r"[\s,]*(\{|(pp?|pages?|paras?|paragraphs?|secs?|sections?|chap|chapters?|vol|no|n|nn|fig|l|ll|fol|col|bk|v|vv)\b\.?\s|[§¶]|\d)"
)
_ENTRY = re.compile(
    r"(?m)^\s*@\w+\s*\{\s*([^\s,]+),|\"id\":\s*\"([^\"]+)\"|^\s*-?\s*id:\s*(\S+)|^ID\s+-\s*(\S+)"
)
"""How BibTeX, CSL-JSON, CSL-YAML and RIS give an entry its key."""


class PaperError(AfcliError):
    """Name every claim that a paper cites and the facts do not have."""

    exit_status = 1

    def __init__(self, faults: Sequence[str]) -> None:
        """Take a line for each."""
        super().__init__(f"citations that match nothing in the facts: {len(faults)}")
        self.faults = faults

    def lines(self) -> list[str]:
        """Return a line for each, and their number."""
        return [*self.faults, *super().lines()]


class Keys:
    """What the keys of a paper's citations mean: claims and sources of *base*, or what is the author's own."""

    def __init__(self, base: Base, own: Iterable[str] = ()) -> None:
        """Take the keys of the author's *own* bibliography, which come before those of sources."""
        self._base = base
        self._own = set(own)
        self._sources = {name: s for s in base.sources for name in (s.key, s.ref)}

    @cached_property
    def _forms(self) -> set[str]:
        """Return the ids of all claims without their numbers."""
        return {match[1] for id_ in self._base.ids() if (match := _NUMBERED.fullmatch(id_))}

    def claims(self, keys: Iterable[str]) -> dict[str, Claim]:
        """Return the claim of each key that is the id of one, also in capitals."""
        wanted = {key: key.lower() for key in keys if key not in self._own}
        numbers = {
            i: n for i, n in self._base.numbers_of(set(wanted.values())).items() if self._base.is_claim(n)
        }
        found = dict(zip(numbers, self._base.claims(list(numbers.values())), strict=True))
        return {key: found[id_] for key, id_ in wanted.items() if id_ in found}

    def source(self, key: str) -> Source | None:
        """Return the source with this key, or this number, unless the key is the author's own."""
        return None if key in self._own else self._sources.get(key)

    def fault(self, key: str) -> str:
        """Return what is wrong with a key that means nothing here, if it looks like one of ours; else nothing."""
        if key in self._own or key in self._sources:
            return ""
        if key.rpartition("/")[2].isdigit():
            return f"no source is numbered {key}"
        form = _NUMBERED.fullmatch(key.lower())
        if not form or form[1] not in self._forms:
            return ""
        from afcli.spelling import did_you_mean

        return f"no claim called {key!r}{did_you_mean(key.lower(), self._base.ids())}"


class _Style(NamedTuple):
    """How a style prints what a claim's citation is made of."""

    words: str
    """What joins a source to the one that reports it; empty where both are cited."""
    lists_both: bool
    place: str
    """`joined`: a section's title follows its first word; `behind`: after the brackets; else it is not printed."""
    parts: dict[str, tuple[Inlines, Inlines, Inlines]]
    """By source: the whole citation, what is left of it without the author, and the author."""


def cite_claims(document: dict[str, Any], base: Base, place_of: Callable[[str], str]) -> dict[str, Any]:
    """Return a pandoc *document* (its JSON form) in which citations of claims are those of their sources.

    The metadata gets the sources' items, and the file of a style that comes with afcli. Keys of the author's own stay.
    *place_of* gives `file:line: ` for a key, if it is known. Raises PaperError with all that is unknown, UsageError
    where pandoc is needed and missing.
    """
    meta: dict[str, Any] = document.setdefault("meta", {})
    lists = list(_lists_of_cites(document))
    citations = [one for inlines in lists for node in filter(_is_cite, inlines) for one in node["c"][0]]
    cited = dict.fromkeys(citation["citationId"] for citation in citations)
    keys = Keys(base, _own_keys(meta))
    claims = keys.claims(cited)
    others = [key for key in cited if key not in claims]
    if faults := {key: fault for key in others if (fault := keys.fault(key))}:
        raise PaperError([f"{place_of(key) or f'@{key}: '}{fault}" for key, fault in faults.items()])
    sources = {key: source for key in others if (source := keys.source(key))}
    if not claims and not sources:
        return document
    carriers = {key: sources_of(claim, base.article_of(claim)) for key, claim in claims.items()}
    by_name = any(citation["citationMode"]["t"] != "NormalCitation" for citation in citations)
    style = _style(meta, base, list(carriers.values()), by_name=by_name)
    paper = _Paper(claims, carriers, sources, style)
    for inlines in lists:
        inlines[:] = [new for node in inlines for new in paper.cite(node)]
    references = meta.setdefault("references", {"t": "MetaList", "c": []})
    if references["t"] != "MetaList":
        raise UsageError("the paper's `references` are not a list; write each entry with a dash")
    used = {source.key for source in chain(sources.values(), *carriers.values())}
    references["c"] += [_meta(item) for item in items(s for s in base.sources if s.key in used)]
    if style.lists_both and style.parts:
        _not_cited(meta, sorted(style.parts))
    return document


class _Paper(NamedTuple):
    """What the keys of a paper's citations mean, and how it cites that."""

    claims: dict[str, Claim]
    carriers: dict[str, list[Source]]
    """The sources to cite for each claim, the article last."""
    sources: dict[str, Source]
    style: _Style

    def cite(self, node: dict[str, Any]) -> Inlines:
        """Return what stands for *node*: if it cites ours, another Cite, after the name of an author in the text."""
        cited = node["c"][0] if _is_cite(node) else []
        if not any(one["citationId"] in self.claims.keys() | self.sources.keys() for one in cited):
            return [node]
        before: Inlines = []
        citations: list[dict[str, Any]] = []
        for citation in cited:
            those = [citation]
            if citation["citationId"] in self.claims:
                name, those = self._of_claim(citation)
                before += name
            elif source := self.sources.get(citation["citationId"]):
                those = [{**citation, "citationId": source.key}]
            # Two claims of one section are one place.
            citations += [one for one in those if one is citation or one not in citations]
        return [*before, {"t": "Cite", "c": [citations, node["c"][1]]}]

    def _of_claim(self, citation: dict[str, Any]) -> tuple[Inlines, list[dict[str, Any]]]:
        """Return the author's name, where the text says it, and the citations that stand for that of a claim."""
        source, *others = self.carriers[citation["citationId"]]
        suffix = self._suffix(citation)
        if not others:
            return [], [{**citation, "citationId": source.key, "citationSuffix": suffix}]
        [article] = others
        if not self.style.words:
            first = {**citation, "citationId": source.key, "citationSuffix": []}
            return [], [first, _citation(article.key, suffix=citation["citationSuffix"])]
        whole, rest, author = self.style.parts[source.key]
        mode = citation["citationMode"]["t"]
        shown = whole if mode == "NormalCitation" else rest
        comma = _inlines("," if shown and "," not in plain(shown)[-2:] else "")
        parts = (citation["citationPrefix"], [*shown, *comma], _inlines(self.style.words))
        prefix = [inline for part in parts if part for inline in ({"t": "Space"}, *part)][1:]
        name = [*author, {"t": "Space"}] if mode == "AuthorInText" and author else []
        return name, [{**citation, "citationId": article.key, "citationPrefix": prefix, "citationSuffix": suffix,
                       "citationMode": {"t": "NormalCitation"}}]  # fmt: skip

    def _suffix(self, citation: dict[str, Any]) -> Inlines:
        """Return the suffix of a claim's citation: its section, unless the author names a place."""
        own: Inlines = citation["citationSuffix"]
        if _PLACE.match(plain(own)) or not self.style.place:
            return own
        first, _, others = f"“{self.claims[citation['citationId']].section.title}”".partition(" ")
        if self.style.place == "behind":
            return [*_inlines(f", sec. {first} {others}".rstrip()), *own]
        return [*_inlines(f", {{sec. {first}}}"), *_inlines(f" {others}" * bool(others)), *own]


def _style(meta: dict[str, Any], base: Base, carriers: list[list[Source]], *, by_name: bool) -> _Style:
    """Return how the paper's style cites the *carriers* of claims: known of a shipped style, tried out with pandoc.

    *by_name* tells whether the text names any of their authors itself.
    """
    name = _style_name(meta)
    words, lists_both = SECONDARY.get(name, ("", True))
    if not carriers:
        return _Style(words, lists_both, "", {})
    reported = sorted({both[0].key for both in carriers if words and len(both) > 1})
    article = carriers[0][-1]
    places = (", sec. 7654", ", {sec. Trialword} following")
    tried = [_citation(article.key, suffix=_inlines(text)) for text in places]
    kept = ("csl", "citation-style", "lang", "locale")
    head = {key: value for key, value in meta.items() if key in kept}
    head["references"] = _meta(items(s for s in base.sources if s.key in (*reported, article.key)))
    wanted, joined, *wholes = _printed(head, [*tried, *map(_citation, reported)])
    place = "" if "7654" not in plain(wanted) else "behind"
    if place and plain(joined) == plain(wanted).replace("7654", "Trialword following"):
        place = "joined"
    names: list[tuple[Inlines, Inlines]] = [([], [])] * len(reported)
    if by_name and reported:
        # Apart from those above, after which a source would be cited shorter or as "ibid".
        modes = ("SuppressAuthor", "AuthorInText")
        printed = _printed(head, [_citation(key, mode) for key in reported for mode in modes])
        names = list(zip(printed[::2], printed[1::2], strict=True))
    parts = {
        key: (_bare(whole), _bare(rest), _author(text, rest))
        for key, whole, (rest, text) in zip(reported, wholes, names, strict=True)
    }
    return _Style(words, lists_both, place, parts)


def _style_name(meta: dict[str, Any]) -> str:
    """Return the full name of the paper's style; where it is only named, have pandoc find the file that comes with afcli."""
    named = plain(meta.get("csl") or meta.get("citation-style") or [])
    if not named:
        return "chicago-author-date"  # what pandoc takes
    if full_name(named) in built_in() and not Path(named).is_file():
        meta["csl"] = _meta(str(style_file(full_name(named))))
    return full_name(Path(named).name.removesuffix(".csl"))


def _printed(meta: dict[str, Any], trials: Iterable[dict[str, Any]]) -> list[Inlines]:
    """Return what pandoc's citeproc makes of each citation."""
    blocks = [{"t": "Para", "c": [{"t": "Cite", "c": [[trial], _inlines("?")]}]} for trial in trials]
    meta = {**meta, "suppress-bibliography": {"t": "MetaBool", "c": True}}
    document = {"pandoc-api-version": [1, 23], "meta": meta, "blocks": blocks}
    done = pandoc.run(
        ["-f", "json", "-t", "json", "--citeproc"], json.dumps(document).encode(), "the paper's style"
    )
    if done.returncode:
        complaint = " ".join(done.stderr.decode("utf-8", "replace").split())
        raise UsageError(f"pandoc cannot use the paper's style: {complaint[:200]}")
    return [_unwrapped(block["c"]) for block in json.loads(done.stdout)["blocks"] if block["t"] == "Para"]


# Pandoc's JSON


def _lists_of_cites(node: Any) -> Iterator[Inlines]:
    """Yield every list in *node* that has a Cite in it, also in metadata and in the parts of others."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            waiting += reversed(found.values())
        elif isinstance(found, list):
            if any(map(_is_cite, found)):
                yield found
            waiting += reversed(found)


def _is_cite(node: Any) -> bool:
    return isinstance(node, dict) and node.get("t") == "Cite"


def _citation(key: str, mode: str = "NormalCitation", suffix: Inlines | None = None) -> dict[str, Any]:
    return {"citationId": key, "citationPrefix": [], "citationSuffix": suffix or [],
            "citationMode": {"t": mode}, "citationNoteNum": 0, "citationHash": 0}  # fmt: skip


def _inlines(text: str) -> Inlines:
    pieces = re.split(r"( )", text)
    return [{"t": "Space"} if piece == " " else {"t": "Str", "c": piece} for piece in pieces if piece]


def plain(node: Any) -> str:
    """Return the text of inlines, or of a value of the metadata."""
    if isinstance(node, str):
        return node
    if isinstance(node, list):
        return "".join(map(plain, node))
    if not isinstance(node, dict):
        return ""
    match node.get("t"):
        case "Space" | "SoftBreak":
            return " "
        case "Quoted":
            return f"“{plain(node['c'][1])}”"
        case "Span" | "Link" | "Cite" | "Code" | "Image" | "Div":
            return plain(node["c"][1])
    return plain(node.get("c", ""))


def _meta(value: Any) -> dict[str, Any]:
    """Return *value* as metadata, in which text is no Markdown."""
    if isinstance(value, dict):
        return {"t": "MetaMap", "c": {key: _meta(inner) for key, inner in value.items()}}
    if isinstance(value, list):
        return {"t": "MetaList", "c": list(map(_meta, value))}
    return {"t": "MetaString", "c": str(value)}


def _not_cited(meta: dict[str, Any], keys: Sequence[str]) -> None:
    """Have the bibliography list *keys* too, beside what the author's `nocite` names."""
    cite = {"t": "Cite", "c": [[_citation(key, "AuthorInText") for key in keys], _inlines("?")]}
    old = meta.get("nocite", {})
    if old.get("t") == "MetaBlocks":
        old["c"].append({"t": "Para", "c": [cite]})
    else:
        before = old["c"] if old.get("t") == "MetaInlines" else []
        meta["nocite"] = {"t": "MetaInlines", "c": [*before, cite]}


def _unwrapped(inlines: Inlines) -> Inlines:
    """Return the content of a Cite, and of the spans around it."""
    while len(inlines) == 1 and inlines[0]["t"] in ("Cite", "Span"):
        inlines = inlines[0]["c"][1]
    return inlines


def _bare(inlines: Inlines) -> Inlines:
    """Return a citation without its brackets; that in a note without its last stop."""
    if inlines and inlines[-1]["t"] == "Note":
        inlines = _unwrapped(inlines[-1]["c"][0]["c"])
        if [inline.get("c") for inline in inlines[-2:]] in ([".", "”"], [".", "’"]):
            # Where a stop stands within the quotation marks, so does a comma.
            return [*inlines[:-2], *_inlines(f",{inlines[-1]['c']}")]
        return _trimmed(inlines, "", ".")
    opening = next((bracket for bracket in BRACKETS if plain(inlines).startswith(bracket)), "")
    return _trimmed(inlines, opening, BRACKETS[opening]) if opening else inlines


def _trimmed(inlines: Inlines, opening: str, closing: str) -> Inlines:
    """Return *inlines* without this beginning and end."""
    trimmed = [dict(inline) for inline in inlines]
    if trimmed and trimmed[0]["t"] == "Str":
        trimmed[0]["c"] = trimmed[0]["c"].removeprefix(opening)
    if trimmed and trimmed[-1]["t"] == "Str":
        trimmed[-1]["c"] = trimmed[-1]["c"].removesuffix(closing)
    return [inline for inline in trimmed if inline != {"t": "Str", "c": ""}]


def _author(text: Inlines, rest: Inlines) -> Inlines:
    """Return the author's name in *text*, a citation whose author the text says; *rest* is what follows it there."""
    noted = next((at for at, inline in enumerate(text) if inline["t"] == "Note"), len(text) - len(rest))
    name = text[:noted]
    while name and name[-1]["t"] == "Space":
        name = name[:-1]
    return name


def _own_keys(meta: dict[str, Any]) -> set[str]:
    """Return the keys of the author's own bibliography, in the metadata and in the files that it names."""
    entries = (entry for entry in each(meta, "references") if entry["t"] == "MetaMap")
    keys = {plain(entry["c"].get("id", "")) for entry in entries}
    for path in map(plain, each(meta, "bibliography")):
        # Where there is no such file here, pandoc finds it elsewhere, or says that it is missing.
        with suppress(OSError, ValueError):
            keys.update(*_ENTRY.findall(Path(path).read_text("utf-8", "replace")))
    return keys - {""}


def each(meta: dict[str, Any], name: str) -> Any:
    """Return the values that the metadata has under *name*, in a list or alone."""
    value = meta.get(name, {"t": "MetaList", "c": []})
    return value["c"] if value["t"] == "MetaList" else [value]
