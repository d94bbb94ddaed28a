"""Look a fact base over for what its format allows and a careful reader would not."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from afcli.dates import edtf_interval
from afcli.lexicon import SMALL
from afcli.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from afcli.model import Claim, Entity, Facts, Source


class Rule(StrEnum):
    """What is warned of."""

    not_atomic = "not-atomic"
    pronoun = "pronoun"
    untagged = "untagged"
    draft = "draft"
    horizon = "horizon"
    shared_alias = "shared-alias"
    unused_source = "unused-source"
    citation_year = "citation-year"
    missing_field = "missing-field"


class Remark(NamedTuple):
    """One thing to look at: where it stands, the rule, the id that it concerns, and what was found."""

    path: Path
    line: int
    rule: Rule
    about: str
    message: str

    def __str__(self) -> str:
        """Format as `file:line: rule: message`, the form that editors and CI understand."""
        return f"{self.path}:{self.line}: {self.rule}: {self.about} {self.message}"

    def record(self) -> dict[str, str | int]:
        """Return the JSON object."""
        return {
            "file": str(self.path),
            "line": self.line,
            "rule": self.rule.value,
            "id": self.about,
            "message": self.message,
        }


def check(facts: Facts, without: Collection[Rule] = ()) -> list[Remark]:
    """Return every remark in the order of files and lines, less those that the facts explain."""
    names = _Names(facts.entities.values())
    cited = _Cited(facts)
    horizon = _horizon(facts.article)
    used = {claim.source.key for claim in facts.claims}
    found: list[tuple[tuple[str, str], Rule, str]] = []
    for claim in facts.claims:
        said = [*_wording(claim), *names.untagged(claim), *_later(claim, horizon)]
        said += cited.amiss(claim.text, claim.note)
        found += [(("claim", claim.id), *s) for s in said if s[0] not in claim.explained]
    for source in facts.bibliography:
        said = [*_entry(source, used), *cited.amiss(*source.custom.get("notes", ()))]
        found += [(("source", source.key), *s) for s in said if s[0] not in _explained(source)]
    found += [(("entity", id_), Rule.shared_alias, message) for id_, message in _alike(facts)]
    return sorted(
        Remark(*facts.lines[thing], rule, thing[1], message)
        for thing, rule, message in found
        if rule not in without
    )


def _explained(source: Source) -> dict[str, str]:
    explained: dict[str, str] = source.custom.get("explained", {})
    return explained


_QUOTED = re.compile('“[^”]*”|"[^"]*"')
_SENTENCES = re.compile(r"(?<!Prof)(?<!Capt)(?<!Gen)(?<!Col)(?<!Mrs)(?<=[a-z\d’”)]{2})[.!?] +[A-Z]")
_FINITE = r"(?:am|is|are|was|were|has|have|had|do|does|did|will|would|can|could|may|might|must|shall|should|said|says|[a-z]{3,}ed)"
_CLAUSES = re.compile(
    rf"\b{_FINITE}\b.*?, (?:and|but|so|yet|while|whereas) "
    rf"(?:(?:he|she|it|they|this|these|there) |(?!{_FINITE}\b)(?:[\w’'-]+ ){{1,4}}?{_FINITE}\b)"
)
_POINTING = re.compile(
    r"\b(?:he|she|it|they|this|these|those|such|his|her|its|their|him|them)\b", re.IGNORECASE
)
_EXPLETIVE = re.compile(
    r"it(?:’s|'s| (?:is|was|will be|would be|may be|remains?|seems?|appears?))\b.*"
    r"\b(?:that|whether|if|to|how|why|who|whom|what|when|where|which|as)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_EMPTY = SMALL | set(
    """
    according although before besides despite during following meanwhile once since though unlike upon within
    without january february march april may june july august september october november december
    """.split()
)
"""Words that a pronoun cannot stand for."""


def _wording(claim: Claim) -> Iterator[tuple[Rule, str]]:
    """Yield what is amiss with the text itself: a draft, more than one statement, a pronoun for nothing."""
    if claim.status:
        yield Rule.draft, "is a draft; rewrite it and take its status away"
    text = _QUOTED.sub("“”", claim.text)
    if ";" in text:
        yield Rule.not_atomic, "has a semicolon; make two claims of it"
    elif _SENTENCES.search(text):
        yield Rule.not_atomic, "has two sentences; make two claims of it"
    elif _CLAUSES.search(text):
        yield Rule.not_atomic, "has two main clauses; make two claims of it"
    pointing = _POINTING.search(text)
    if pointing and not _EXPLETIVE.match(text, pointing.start()):
        before = _WORD.findall(fold(text[: pointing.start()]))
        # "Before he left, Vale said": what it stands for may follow.
        after = re.search(r"[A-Z]", text[pointing.end() :]) if before else None
        if not after and all(word in _EMPTY for word in before):
            yield Rule.pronoun, f"says {pointing[0]!r} of nothing that was named; name it"


def _horizon(article: Source) -> str:
    """Return the last day of the article's own date, or a day after all others where it has none."""
    issued = article.item.get("issued")
    return (edtf_interval(str(issued)).end if issued else None) or "9999-12-31"


def _later(claim: Claim, horizon: str) -> Iterator[tuple[Rule, str]]:
    latest = claim.interval.end or claim.interval.start or ""
    if claim.kind in ("fact", "report", "quote") and latest > horizon:
        yield (
            Rule.horizon,
            f"is a {claim.kind} of {claim.date}, after the article ({horizon}); make it a forecast, or mend the date",
        )


_PIECE = re.compile(r"\w+")
_NOT_ACTING = frozenset(
    """
    also among as at been by for from in is are was were near of on over that under where which who whom whose
    with within
    """.split()
)
"""What follows a name that does not act: it is described, or part of another."""


class _Token(NamedTuple):
    written: str
    folded: str
    before: str
    """The character before it."""
    after: str
    """The two characters after it."""


_Found = dict[tuple[str, ...], tuple["Entity", str]]


class _Names:
    """The names of the entities, to be found in texts."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self.all: _Found = {}
        self.geographic: _Found = {}
        for entity in entities:
            for name in entity.names[1:]:
                pieces = tuple(_PIECE.findall(fold(name)))
                self.all.setdefault(pieces, (entity, name))
                if entity.type in ("country", "region"):
                    self.geographic.setdefault(pieces, (entity, name))
        self.longest = max(map(len, self.all), default=0)

    def untagged(self, claim: Claim) -> Iterator[tuple[Rule, str]]:
        """Yield the countries and regions that the text names, and the actor that acts, without a tag."""
        text = claim.text
        tokens = [
            _Token(p[0], fold(p[0]), text[: p.start()][-1:], text[p.end() : p.end() + 2])
            for p in _PIECE.finditer(text)
        ]
        tagged = {e.id for e in (*claim.countries, *claim.regions)}
        place = 0
        while place < len(tokens):
            entity, length = self._at(self.geographic, tokens, place)
            if entity and entity.id not in tagged:
                tagged.add(entity.id)
                field = "countries" if entity.type == "country" else "regions"
                yield Rule.untagged, f"names {entity.name}, but {field} lacks {entity.id}; add it"
            place += length
        actor = self._acting(tokens)
        if actor and actor.id not in {e.id for e in (*claim.actors, *claim.said_by)}:
            yield Rule.untagged, f"begins with {actor.name}, but actors lacks {actor.id}; add it"

    def _at(self, names: _Found, tokens: list[_Token], place: int) -> tuple[Entity | None, int]:
        """Return the entity with the longest name that stands at *place*, and the length of that name."""
        for length in range(min(self.longest, len(tokens) - place), 0, -1):
            entity, name = names.get(tuple(t.folded for t in tokens[place : place + length]), (None, ""))
            # "IT" is not "it"; what was post-Soviet is not the Soviet Union.
            if entity and _cased_alike(name, tokens[place].written) and tokens[place].before != "-":
                return entity, length
        return None, 1

    def _acting(self, tokens: list[_Token]) -> Entity | None:
        """Return the actor whose name the text begins with, where it stands for itself and does something."""
        for start in range(2 if tokens and tokens[0].folded == "the" else 1):
            entity, length = self._at(self.all, tokens, start)
            if entity and start + length < len(tokens):
                last, following = tokens[start + length - 1], tokens[start + length]
                acts = last.after.startswith(" ") and following.folded not in _NOT_ACTING
                named = entity.type not in ("country", "region", "place", "topic")
                return entity if acts and named and following.written.islower() else None
        return None


def _cased_alike(name: str, written: str) -> bool:
    return written.isupper() if name.isupper() else written[0].isupper() or not name[0].isupper()


class _Cited:
    """The authors of the sources with the years of what they wrote, to be found in texts."""

    def __init__(self, facts: Facts) -> None:
        self.years: dict[str, set[str]] = {}
        for source in facts.sources:
            for author in source.item.get("author", []):
                if family := author.get("family"):
                    # Where one is undated, or was looked over already, any year may be right.
                    known = "issued" in source.item and Rule.citation_year not in _explained(source)
                    self.years.setdefault(family, set()).add(source.year if known else "")
        families = "|".join(re.escape(f) for f in sorted(self.years, key=len, reverse=True))
        beside = r"(?: et al\.?| (?:and|&) [^\W\d]+)?"
        self.pattern = re.compile(rf"\b({families}){beside},? \(?(\d{{4}})(?!\d)") if families else None

    def amiss(self, *texts: str) -> Iterator[tuple[Rule, str]]:
        """Yield each citation whose year is not that of a source by that author."""
        for author, year in (found for text in texts if self.pattern for found in self.pattern.findall(text)):
            if "" not in self.years[author] and year not in self.years[author]:
                given = " and ".join(sorted(self.years[author]))
                yield Rule.citation_year, f"cites {author} {year}, but the bibliography has {given}"


_WANTED = {
    "author": ("author", "editor"),
    "title": ("title",),
    "outlet": ("container-title", "publisher"),
    "date": ("issued",),
}
_UNPRINTED = ("interview", "personal_communication")


def _entry(source: Source, used: Collection[str]) -> Iterator[tuple[Rule, str]]:
    if source.key not in used:
        yield Rule.unused_source, f"(number {source.number}) carries no claim; name it in one, or explain it"
    wanted = {"author", "date"} if source.item["type"] in _UNPRINTED else _WANTED.keys()
    for what, fields in _WANTED.items():
        if what in wanted and not any(field in source.item for field in fields):
            yield Rule.missing_field, f"has no {what}; add {' or '.join(fields)}, or explain it"


def _alike(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield each entity with a name that another has too, but for hyphens, marks and spaces."""
    owner: dict[str, tuple[Entity, str]] = {}
    for entity in facts.entities.values():
        for name in entity.names:
            other, its_name = owner.setdefault("".join(_PIECE.findall(fold(name))), (entity, name))
            if other is not entity:
                yield entity.id, f"is called {name!r}, and {other.id} {its_name!r}; give it to one of them"
