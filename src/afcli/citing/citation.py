"""Assemble the citation of any set of sources from fragments that pandoc rendered in advance.

Sources affect each other only if they share a first author (year letters, repeated names), or by
their number and position. So tools/citations.py has pandoc render every source alone and the sources
of each author in every order, and stores each text cut where others join it: facts/citations/STYLE.json.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections import defaultdict
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from afcli.citing.styles import SCRIPT, SECONDARY, SHORT, built_in, full_name, style_file
from afcli.csl import as_printed, items, sources_of
from afcli.errors import UsageError
from afcli.model import Claim, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afcli.index.base import Base

Format = Literal["plain", "markdown", "html"]

BRACKETS = {"(": ")", "\\[": "\\]", "[": "]"}
"""The brackets that may open and close an in-text citation; markdown escapes square ones."""
DELIMITER = "; "
"""The separators between parts of a citation in words."""
LABELS = {"page": ("p.", "pp."), "paragraph": ("para.", "paras."), "section": ("sec.", "secs.")}
"""Kinds of locator, singular and plural, as pandoc's markdown writes them."""

_NUMBER = r"\b(?:\d+|[ivxlc]+)\b"


class Locator(NamedTuple):
    """A place within a source: the kind of place, and its number or name."""

    label: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Locator:
        """Return the locator in `p. 5`, `para. 3`, `sec. 2-4` or a bare page number.

        Raises UsageError if it is empty.
        """
        words = r"pages?|paragraphs?|paras?\.?|sections?|secs?\.?|pp?\.?|¶|§{1,2}"
        match = re.fullmatch(rf"(?:({words})(?![a-z])\s*)?(.+)", text.strip(), re.IGNORECASE)
        if not match:
            raise UsageError(f"--locator {text!r} is empty; write 'p. 5', 'para. 3' or 'sec. 2'")
        word = (match[1] or "").casefold()
        if word.startswith(("s", "§")):
            return cls("section", match[2])
        return cls("paragraph" if word.startswith(("para", "¶")) else "page", match[2])

    @property
    def plural(self) -> bool:
        """Tell whether it names several places."""
        return bool(re.search(rf"{_NUMBER}\s*([-–,]|and|&)\s*{_NUMBER}", self.value, re.IGNORECASE))

    def markdown(self) -> str:
        """Return it as pandoc's markdown writes it within a citation."""
        return f"{LABELS[self.label][self.plural]} {self.value}"


class Citation(NamedTuple):
    """A style's output for some sources."""

    text: str
    """The citation, for the text or for a note."""
    entries: list[tuple[str, str]]
    """Key and text of each bibliography entry, in the style's order; a source may have none."""

    @property
    def bibliography(self) -> list[str]:
        """Return the texts of the entries."""
        return [text for _, text in self.entries]


def cite(
    base: Base,
    subjects: Iterable[Source | Claim],
    style: str,
    form: Format = "plain",
    locator: str = "",
    *,
    printed: bool = False,
) -> Citation:
    """Return the output of a style of any name for *subjects*: sources, or one claim; raises as `Facts.cite`."""
    full = check_style(style)
    found = list(subjects)
    if not found:
        raise UsageError("name what to cite")
    if isinstance(found[0], Claim) and len(found) == 1:
        if locator:
            raise UsageError(f"a claim is cited with its own section; leave out the locator or {found[0].id}")
        return cite_claim(base, found[0], full, form)
    keys = dict.fromkeys(subject.key for subject in found if isinstance(subject, Source))
    if any(isinstance(subject, Claim) for subject in found):
        raise UsageError("a claim is cited by itself; cite sources together, claims one by one")
    place = Locator.parse(locator) if locator else None
    return cite_sources(base, list(keys), full, form, place, printed=printed)


def cite_sources(
    base: Base,
    keys: Sequence[str],
    style: str,
    form: Format = "plain",
    locator: Locator | None = None,
    *,
    printed: bool = False,
) -> Citation:
    """Return the output of *style*, a name that `check_style` gave, for the sources *keys* together.

    *locator* is a place in the only source; *printed* leaves out details that the article does not print.
    Uses the stored fragments if they are fresh, otherwise pandoc. Raises UsageError if there is a locator
    for several sources, or if pandoc is needed and missing.
    """
    if locator and len(keys) > 1:
        raise UsageError("--locator goes with one source; cite them one by one")
    if one := base.one_index(keys):
        index, own_key = one
        own_keys = [own_key[key] for key in keys]
        cited = [source for source in index.sources if source.key in own_keys]
        # Details that other sources lack do not change the output for these.
        as_rendered = not printed or as_printed(cited) == cited
        if as_rendered and (fragments := _fragments(index, style)):
            key_of = dict(zip(own_keys, keys, strict=True))
            entries = [(key_of[own], text) for own, text in _entries(fragments, own_keys, form)]
            return Citation(_text(fragments, own_keys, form, locator), entries)
    sources = as_printed(base.sources) if printed else base.sources
    return _by_pandoc(style, sources, keys, form, locator)


def cite_claim(base: Base, claim: Claim, style: str, form: Format = "plain") -> Citation:
    """Return the output of *style* for *claim*: its source as the article reports it, with the section.

    The text names both, with the section as the locator; the style decides which entries it lists
    (`styles.SECONDARY`). A claim that is only known from the article is cited as the article's. Raises as
    `cite_sources`.
    """
    article = base.article_of(claim)
    source = sources_of(claim, article)[0]
    section = Locator("section", f"“{claim.section.title}”")
    reported = cite_sources(base, [article.key], style, form, section)
    if source is article:
        return reported
    words, lists_both = SECONDARY.get(style, ("", True))
    both = [source.key, article.key]
    if not words:
        return cite_sources(base, both, style, form)
    original = cite_sources(base, [source.key], style, form).text
    opening = opening_of([original])
    closing = BRACKETS.get(opening, ".")
    text = f"{original.removesuffix(closing)}, {words} {reported.text.removeprefix(opening)}"
    return Citation(text, cite_sources(base, both if lists_both else [article.key], style, form).entries)


def in_words(base: Base, claim: Claim) -> str:
    """Return a citation of *claim* of names and years alone, for facts that were not rendered in advance."""
    labels = [source.label for source in sources_of(claim, base.article_of(claim))]
    return f"({', as cited in '.join(labels)}, Section “{claim.section.title}”)"


def check_style(name: str) -> str:
    """Return the full name of the built-in style *name*, or the path of a CSL file, maybe in pandoc's own folder.

    Raises UsageError, with the nearest names, if there is none.
    """
    style = full_name(name)
    if style in built_in():
        return style
    own = Path(os.path.expanduser("~/.pandoc/csl")) / f"{style}.csl"  # noqa: PTH111  # Path's raises without a home
    with suppress(OSError):
        for path in (Path(style), own):
            if path.is_file():
                return str(path)
    from afcli.spelling import did_you_mean

    near = did_you_mean(name.casefold(), [*SHORT, *built_in()])
    raise UsageError(f"no style called {name[:200]!r}{near or '; see afcli styles, or name a CSL file'}")


def is_rendered(base: Base, style: str) -> bool:
    """Tell whether the output of *style* for everything in *base* is at hand, without pandoc."""
    return all(_fragments(member, style) for member in base.members)


def groups(sources: Sequence[Source]) -> list[list[str]]:
    """Return the keys of sources that can affect each other: those with the same first author."""
    by_author: dict[str, list[str]] = defaultdict(list)
    for source in sources:
        for author in source.item.get("author", [])[:1]:
            by_author[author.get("family") or author.get("literal", "")].append(source.key)
    return [keys for keys in by_author.values() if len(keys) > 1]


def opening_of(texts: Sequence[str]) -> str:
    """Return the bracket that opens all *texts*, or an empty string."""
    return next((bracket for bracket in BRACKETS if all(text.startswith(bracket) for text in texts)), "")


def stamp(style: str, sources: Sequence[Source]) -> int:
    """Return a checksum of everything the fragments depend on: the items, the style and the script."""
    described = json.dumps(items(sources), ensure_ascii=False, sort_keys=True).encode()
    return zlib.crc32(style_file(style).read_bytes() + SCRIPT.read_bytes() + described)


@cache
def _fragments(index: Base, style: str) -> dict[str, Any] | None:
    """Return the stored fragments of *style*, or None if they are missing or stale."""
    if style not in built_in():
        return None
    try:
        fragments: dict[str, Any] = json.loads(index.rendered(style))
        return fragments if fragments["stamp"] == stamp(style, index.sources) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _by_pandoc(
    style: str, sources: Sequence[Source], keys: Sequence[str], form: Format, locator: Locator | None
) -> Citation:
    from afcli.citing.citeproc import render

    suffix = f", {locator.markdown()}" if locator else ""
    cite = "[" + "; ".join(f"@{key}" for key in keys) + f"{suffix}]"
    [result] = render(style_file(style), sources, [cite])
    return Citation(
        result["cite"][form], [(entry["id"], entry[form]) for entry in result["entries"] if entry["plain"]]
    )


def _companies(fragments: dict[str, Any], keys: Sequence[str]) -> list[list[str]]:
    """Return *keys* grouped by first author, in order; most sources are alone."""
    group_of = {key: tuple(group) for group in fragments["groups"] for key in group}
    companies: dict[Sequence[str], list[str]] = defaultdict(list)
    for key in keys:
        companies[group_of.get(key, (key,))].append(key)
    return list(companies.values())


def _entries(fragments: dict[str, Any], keys: Sequence[str], form: Format) -> list[tuple[str, str]]:
    """Return key and text of each bibliography entry of *keys*; `{}` in a fragment stands for its number."""
    texts: dict[str, str] = {}
    for company in _companies(fragments, sorted(keys)):
        entries = fragments["entries"][" ".join(company)]
        texts |= {key: entry[form] for key, entry in entries.items()}
    listed = keys if fragments["in_order_cited"] else fragments["bibliography_order"]
    cited = [key for key in listed if key in texts]
    return [(key, texts[key].replace("{}", str(number))) for number, key in enumerate(cited, 1)]


def _text(fragments: dict[str, Any], keys: Sequence[str], form: Format, locator: Locator | None) -> str:
    """Return the citation of *keys*.

    Each part has two texts: one before another part, and one at the end. A group has as many parts as
    sources, or only one if the style contracts its sources, as in `Panfilova 2021a, 2021b`.
    """
    if locator:
        return _located(fragments["located"][keys[0]][locator.label], form, locator, fragments["page_range"])
    if numeric := fragments["numeric"]:
        return str(numeric[len(keys) - 1][form])
    ordered = sorted(keys, key=fragments["text_order"].__getitem__)
    parts: dict[str, dict[str, Any]] = {}
    for company in _companies(fragments, ordered):
        parts |= zip(company, fragments["parts"][" ".join(company)], strict=False)
    *followed, last = (parts[key] for key in ordered if key in parts)
    texts = [*(part["followed"][form] for part in followed), last["last"][form]]
    return str(fragments["opening"][form] + DELIMITER.join(texts))


def _located(located: dict[str, Any], form: Format, locator: Locator, page_range: str) -> str:
    """Return the citation of one source with its locator; ranges get the style's dash and form."""
    dash = located["dash"]
    how = page_range if locator.label == "page" else ""
    value = re.sub(
        rf"({_NUMBER})\s*[-–]\s*({_NUMBER})",
        lambda bounds: bounds[1] + dash + _last_page(bounds[1], bounds[2], how),
        locator.value,
        flags=re.IGNORECASE,
    )
    return str(located["several" if locator.plural else "one"][form]).replace("{}", value)


def _last_page(first: str, last: str, how: str) -> str:
    """Return the end of a page range with the digits that CSL's `page-range-format` *how* keeps.

    https://docs.citationstyles.org/en/stable/specification.html#appendix-v-page-range-formats
    """
    if not (how and first.isdigit() and last.isdigit()):
        return last
    last = first[: max(len(first) - len(last), 0)] + last
    if len(first) != len(last) or how == "expanded":
        return last
    changed = next((len(last) - n for n in range(len(last)) if first[n] != last[n]), 0)
    if how == "minimal":
        return last[-changed:]
    if how == "minimal-two":
        return last[-max(changed, 2) :]
    page = int(first)
    if page < 100 or page % 100 == 0 or (how == "chicago" and len(first) == 4 and changed == 3):
        return last
    return last[-max(changed, 1 if page % 100 < 10 else 2) :]
