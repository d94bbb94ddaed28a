"""Find what the format of a fact base allows but a careful reader would question."""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING

from afcli.authoring.findings import Finding
from afcli.dates import edtf_interval
from afcli.model import Status
from afcli.months import MONTH_NAMES
from afcli.names import is_actor, is_country
from afcli.names_in_text import find_names, index_names, longest
from afcli.text import IRREGULAR, PIECE, SMALL, fold, pieces, stem, stems, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from afcli.fact_base import FactBase
    from afcli.model import Claim, Entity, Source


class Rule(StrEnum):
    """The warnings."""

    not_atomic = "not-atomic"
    pronoun = "pronoun"
    unquoted = "unquoted"
    untagged = "untagged"
    draft = "draft"
    unread = "unread"
    horizon = "horizon"
    shared_alias = "shared-alias"
    unused_source = "unused-source"
    citation_year = "citation-year"
    missing_field = "missing-field"
    too_many = "too-many"
    near_copy = "near-copy"
    own_word = "own-word"


class Extra(StrEnum):
    """Warnings given only on request."""

    unasked = "unasked"


Amiss = tuple[Rule | Extra, str]
"""A rule, and how it is broken."""


def check(
    facts: FactBase,
    without: Collection[Rule] = (),
    extra: Collection[Extra] = (),
    sentences: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Return every finding in the order of files and lines, except those that the facts explain.

    `own-word` needs the *sentences* of the article by their ids.
    """
    rules = ClaimRules(facts)
    used = {claim.source.key for claim in facts.claims}
    found: list[tuple[tuple[str, str], Amiss]] = []
    for claim in facts.claims:
        place = "search" if ("search", claim.id) in facts.lines else "claim"
        found += [(("claim", claim.id), amiss) for amiss in rules.amiss(claim)]
        found += [((place, claim.id), amiss) for amiss in rules.search_fields(claim, extra, sentences)]
    for source in facts.bibliography:
        amiss = [*_entry(source, used), *rules.citations(*source.custom.get("notes", ()))]
        found += [(("source", source.key), a) for a in amiss if a[0] not in _explained(source)]
    found += [(("entity", id_), (Rule.shared_alias, message)) for id_, message in _alike(facts)]
    findings = [
        Finding(rule, thing[1], message, *facts.lines[thing])
        for thing, (rule, message) in found
        if rule not in without
    ]
    return sorted(findings, key=lambda finding: (finding.path, finding.line, *finding[:3]))


class ClaimRules:
    """The rules for single claims, prepared for one fact base."""

    def __init__(self, facts: FactBase) -> None:
        """Read the names and the authors of *facts*; its claims are not looked at."""
        issued = facts.article.item.get("issued")
        self._horizon = (edtf_interval(str(issued)).end if issued else None) or "9999-12-31"
        """The last day of the article's own date, or a day after all others if it has none."""
        self._names = index_names(
            (pieces(name), (entity, name)) for entity in facts.entities.values() for name in entity.names[1:]
        )
        self._years: dict[str, set[str]] = {}
        """Of which years each author has a work; an empty year stands for any."""
        for source in facts.sources:
            known = "issued" in source.item and Rule.citation_year not in _explained(source)
            for author in source.item.get("author", []):
                if family := author.get("family"):
                    self._years.setdefault(family, set()).add(source.year if known else "")
        families = "|".join(re.escape(family) for family in sorted(self._years, key=len, reverse=True))
        beside = r"(?: et al\.?| (?:and|&) [^\W\d]+)?"
        self._cited = re.compile(rf"\b({families}){beside},? \(?(\d{{4}})(?!\d)") if families else None

    def amiss(self, claim: Claim) -> Iterator[Amiss]:
        """Yield each rule that *claim* breaks, with how, except what it explains."""
        found = (
            *_wording(claim),
            *self._untagged(claim),
            *self._later(claim),
            *self.citations(claim.text, claim.note),
        )
        return (fault for fault in found if fault[0] not in claim.explained)

    @staticmethod
    def search_fields(
        claim: Claim, extra: Collection[Extra] = (), sentences: Mapping[str, str] | None = None
    ) -> Iterator[Amiss]:
        """Yield the same of its asks and terms."""
        found = _search_fields(claim, extra, sentences or {})
        return (fault for fault in found if fault[0] not in claim.explained)

    def citations(self, *texts: str) -> Iterator[Amiss]:
        """Yield each citation with a year in which its author has no source."""
        for author, year in self._cited.findall("\n".join(texts)) if self._cited else ():
            if self._years[author].isdisjoint(("", year)):
                given = " and ".join(sorted(self._years[author]))
                yield Rule.citation_year, f"cites {author} {year}, but the bibliography has {given}"

    def _later(self, claim: Claim) -> Iterator[Amiss]:
        latest, horizon = claim.interval.end or claim.interval.start or "", self._horizon
        if claim.kind in ("fact", "report", "quote") and latest > horizon:
            yield (
                Rule.horizon,
                f"is a {claim.kind} of {claim.date}, after the article ({horizon}); make it a forecast, or correct the date",
            )

    def _untagged(self, claim: Claim) -> Iterator[Amiss]:
        """Yield each country or region that the text names, and whoever it begins with and acts, if the tag is lacking."""
        tokens = list(PIECE.finditer(claim.text))
        folded = [fold(token[0]) for token in tokens]
        # "IT" is not "it"; "post-Soviet" does not name the Soviet Union.
        named = [
            (start, end, entity)
            for start, end, (entity, name) in find_names(folded, self._names)
            if _is_cased_alike(name, tokens[start][0]) and claim.text[: tokens[start].start()][-1:] != "-"
        ]
        tagged = {entity.id for entity in (*claim.countries, *claim.regions)}
        for _, _, entity in longest(named):
            # "American" in the name of a society names the society.
            if is_country(entity) and entity.id not in tagged:
                tagged.add(entity.id)
                field = "countries" if entity.type == "country" else "regions"
                yield Rule.untagged, f"names {entity.name}, but {field} lacks {entity.id}; add it"
        acting = {entity.id for entity in (*claim.actors, *claim.said_by)}
        for start, end, actor in list(longest(named))[:1]:
            is_first = start == 0 or (start == 1 and folded[0] == "the")
            is_new = is_actor(actor) and not is_country(actor) and actor.id not in acting
            if is_first and is_new and _ACTING.match(claim.text, tokens[end - 1].end()):
                yield Rule.untagged, f"begins with {actor.name}, but actors lacks {actor.id}; add it"


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
_LIFE: dict[str, str] = {
    Status.proposed: "proposed but not read yet",
    Status.changed: "based on sentences that have changed since it was read",
    Status.gone: "based on sentences that are no longer in the article",
}
_WORD = re.compile(r"[^\W\d_]+")
_EMPTY = {
    *SMALL,
    *(name.lower() for name in MONTH_NAMES),
    *"according although before besides despite during following meanwhile once since though".split(),
    *"unlike upon within without".split(),
}
"""Words that no pronoun can refer to."""


def _wording(claim: Claim) -> Iterator[Amiss]:
    """Yield faults of the text itself: a draft, more than one statement, a pronoun that refers to nothing."""
    if claim.status == Status.draft:
        yield Rule.draft, "is a draft; rewrite it and remove its status"
    elif claim.status:
        yield (
            Rule.unread,
            f"is {_LIFE[claim.status]}; compare it with its sentences, then remove its status",
        )
    if claim.kind == "quote" and claim.status != Status.draft and not _QUOTED.search(claim.text):
        yield Rule.unquoted, "is a quote, but quotes nothing; correct its kind, or quote in “ ”"
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
        # In "Before he left, Vale said" the name follows the pronoun.
        after = re.search(r"[A-Z]", text[pointing.end() :]) if before else None
        if not after and all(word in _EMPTY for word in before):
            yield Rule.pronoun, f"says {pointing[0]!r} without saying what that is; name it"


_PAST = "|".join(IRREGULAR.keys() - set("authorities authority children feet men people wives women".split()))
_DONE = rf"(?:[a-z]+ed|(?:fore|out|over|re|under|with)?(?:{_PAST})|beat|cut|found|hit|left|let|put|quit|set|shut|spread|swore)\b"
_DO = r"(?:[a-z]+s|argue|believe|claim|expect|fear|hope|keep|plan|promise|say|see|think|want|work|write)\b"
_STATE = (
    r"(?:(?:belong|consist|contain|date|exist|face|lack|last|lie|matter|mean|measure|own|remain|resemble|seem|stand|weigh)(?:s|e?d)?"
    r"|is|was|has|as|its|this|thus|always|besides|towards|been|born|lay|meant|stood)\b"
)
_ADVERB = r"(?:(?:[a-z]+ly|again|already|also|even|ever|just|later|long|never|not|now|often|once|only|since|soon|still) )*"
_ACTING = re.compile(
    r"(?: and (?:[Tt]he )?[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*)? "
    rf"{_ADVERB}(?:(?:has|have|had) (?:to [a-z]+|{_ADVERB}(?!been\b){_DONE})"
    rf"|(?:can|could|did|do|does|may|might|must|shall|should|will|would) {_ADVERB}(?!be\b)[a-z]+"
    rf"|(?!{_STATE})(?:{_DO}|{_DONE}))"
)
"""What follows a name whose bearer does something, and is not only described (is seen as, has little leverage)."""


def _is_cased_alike(name: str, written: str) -> bool:
    return written.isupper() if name.isupper() else written[0].isupper() or not name[0].isupper()


MAX_ASKS, MAX_TERMS = 5, 10


def _search_fields(claim: Claim, extra: Collection[Extra], sentences: Mapping[str, str]) -> Iterator[Amiss]:
    """Yield faults of the search fields of a claim."""
    if Extra.unasked in extra and not claim.asks:
        yield Extra.unasked, "has no asks; add questions that it answers"
    if len(claim.asks) > MAX_ASKS:
        yield Rule.too_many, f"has {len(claim.asks)} asks; keep the best {MAX_ASKS}"
    if len(claim.terms) > MAX_TERMS:
        yield Rule.too_many, f"has {len(claim.terms)} terms; keep the best {MAX_TERMS}"
    for (one, its), (other, others) in combinations([(ask, _content(ask)) for ask in claim.asks], 2):
        # Asks of three words that share two are nearly the same, unless they share only a name.
        if 2 * len(its & others) >= len(its | others):
            yield Rule.near_copy, f"asks {one!r} and {other!r}, nearly the same; keep one"
    written = {part for id_ in claim.at for part in stems(sentences.get(id_, ""))}
    for term in claim.terms:
        if _content(term) <= written:
            yield Rule.own_word, f"has the term {term!r}, which its own sentences say; remove it"


def _content(text: str) -> set[str]:
    """Return the stems of *text* without small words; if there are only small words, all stems, or *text* itself."""
    return {stem(word) for word in words(text) if word not in SMALL} or set(stems(text)) or {text}


_WANTED = {
    "author": ("author", "editor"),
    "title": ("title",),
    "outlet": ("container-title", "publisher"),
    "date": ("issued",),
}
_UNPRINTED = ("interview", "personal_communication")


def _entry(source: Source, used: Collection[str]) -> Iterator[Amiss]:
    if source.key not in used:
        yield Rule.unused_source, f"(number {source.number}) carries no claim; name it in one, or explain it"
    wanted = {"author", "date"} if source.item["type"] in _UNPRINTED else _WANTED.keys()
    for what, fields in _WANTED.items():
        if what in wanted and not any(field in source.item for field in fields):
            yield Rule.missing_field, f"has no {what}; add {' or '.join(fields)}, or explain it"


def _alike(facts: FactBase) -> Iterator[tuple[str, str]]:
    """Yield each entity that shares a name with another, ignoring hyphens, marks and spaces."""
    owner: dict[str, tuple[Entity, str]] = {}
    for entity in facts.entities.values():
        for name in entity.names:
            other, its_name = owner.setdefault("".join(pieces(name)), (entity, name))
            if other is not entity:
                yield entity.id, f"is called {name!r}, and {other.id} {its_name!r}; give it to one of them"
