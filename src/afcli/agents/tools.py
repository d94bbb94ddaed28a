"""The tools that an agent calls: their schemas and their answers, as plain JSON.

Every statement that an answer holds has its citation and its sentences, so that a model can attribute it;
and where the facts say nothing, the answer says that.
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from afcli import csl
from afcli.citing.citation import in_words, is_rendered
from afcli.citing.styles import SHORT, built_in
from afcli.errors import DamagedError, NotFoundError, UsageError
from afcli.files.validate import fault
from afcli.library import Facts, Filtering, open_facts
from afcli.model import Basis, Claim, Kind, Status
from afcli.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from enum import StrEnum

    from afcli.claim_lists import Claims
    from afcli.model import Source

    Record = dict[str, Any]

_STYLE = "apa"
_LIMIT = 20
_MOST = 100
SILENCE = "The facts say nothing about this. Say so; do not answer from anything else."
_CLOSEST = " `closest` has the closest claims. They do NOT answer the question."

INSTRUCTIONS = """\
afcli answers from the atomic claims of an article, each tied to the sentences that it rests on. Attribute every
statement you take from it with the claim's id, its `citation` and its `at` (block.sentence of the article).
`basis` explicit: the article names that source; inferred: it does not, so cite the article alone. `kind` tells
facts from reports, quotes, opinions, forecasts and questions: keep an opinion an opinion. `note` says what is
doubtful. Where nothing is found the article is silent: say that, and add nothing of your own."""


class Tool(NamedTuple):
    """What a tool is for, what it takes and gives (JSON Schemas), and the function that answers."""

    about: str
    takes: Record
    gives: Record
    answer: Callable[[Facts, Any], Record]


class Session:
    """Where questions are answered: from the facts as their files are now."""

    def __init__(self, *directories: Any) -> None:
        """Open the facts in *directories*; raises as `open_facts`."""
        self._facts = open_facts(*directories)

    @property
    def facts(self) -> Facts:
        """Return the facts, reopened if a file has changed."""
        now = open_facts(*self._facts.directories)
        if _digests(now) != _digests(self._facts):
            self._facts = now
        return self._facts

    def call(self, name: str, given: Mapping[str, Any]) -> Record:
        """Return the answer of the tool *name* to the arguments *given*.

        Raises UsageError for an unknown tool or arguments that its schema forbids, and what the facts raise.
        """
        tool = TOOLS.get(name)
        if tool is None:
            raise UsageError(f"no tool called {name[:60]!r}; the tools are {', '.join(TOOLS)}")
        if wrong := fault(given, tool.takes):
            raise UsageError(wrong)
        return self._asked(lambda facts: tool.answer(facts, given))

    def read(self, uri: str) -> Record:
        """Return what is at *uri*: a claim, or a source with the ids of its claims; raise NotFoundError."""
        return self._asked(lambda facts: _resource(facts, uri))

    def _asked(self, question: Callable[[Facts], Record]) -> Record:
        facts = self.facts
        try:
            return question(facts)
        except DamagedError:
            facts.renew()
            return question(facts)


def _digests(facts: Facts) -> list[Any]:
    return [member.digest for member in facts.base.members]


def _cited(facts: Facts, claims: Sequence[Claim]) -> list[Record]:
    """Return the record of each claim with its citation: APA's where the facts come rendered, else in words."""
    rendered = is_rendered(facts.base, _STYLE)

    def citation(claim: Claim) -> str:
        return facts.cite(claim, style=_STYLE).text if rendered else in_words(facts.base, claim)

    return [{**claim.record(), "citation": citation(claim)} for claim in claims]


def _filtering(given: Mapping[str, Any]) -> Filtering:
    names = {"from": "start", "to": "end"}
    return cast("Filtering", {names.get(name, name): given[name] for name in given if name in _FILTERS})


def _listed(facts: Facts, claims: Claims, given: Mapping[str, Any], name: str = "") -> Record:
    """Return the *claims* that were asked for, with what is said of them; *name* is whom or what they are of."""
    start = given.get("offset", 0)
    shown = claims[start : start + given.get("limit", _LIMIT)]
    end = start + len(shown)
    said = f"{f'{name}: claims' if name else 'Claims'} {start + 1} to {end} of {len(claims)}."
    if not claims:
        said = SILENCE
    elif not shown:
        said = f"There are only {len(claims)} claims; ask with a lower offset."
    elif end < len(claims):
        said += f" Ask with offset {end} for more."
    return {"answered": bool(claims), "said": said, "claims": _cited(facts, shown), "total": len(claims)}


def _found(facts: Facts, given: Mapping[str, Any]) -> Record:
    answer = facts.answer(given["query"], limit=given.get("limit", 10), **_filtering(given))
    hits = _cited(facts, [hit.claim for hit in answer.hits])
    said = [*answer.remarks]
    if answer.corrected:
        said.append(f"Read as {answer.corrected!r}.")
    if hits and answer.unknown:
        said.append(f"No claim has {' or '.join(map(repr, answer.unknown))}.")
    if answer.more:
        said.append("There are more; ask with a higher limit.")
    if not hits:
        said.append(SILENCE + _CLOSEST * bool(answer.closest))
    return {
        "answered": bool(hits),
        "said": " ".join(said) or "The best first.",
        "claims": hits,
        "total": None if answer.more else len(hits),
        "closest": _cited(facts, answer.closest),
    }


def _of(kind: Any, facts: Facts, given: Mapping[str, Any]) -> Record:
    """Answer with the claims of a country, an actor or a source, or with the names to choose from."""
    chosen = facts.claims(**_filtering(given))

    def tagged(*keys: str) -> Claims:
        of_it: Any = {kind: keys, "status": Status.all}
        return chosen & facts.claims(**of_it)

    if "name" not in given:
        if kind == "source":
            counted = [(s.ref, s.label, len(tagged(s.key))) for s in facts.sources]
        else:
            counted = [(e.id, e.name, number) for e, number in facts.counts(kind, chosen)]
        said = "Names to choose from; ask again with one of them." if counted else SILENCE
        names = [{"id": id_, "name": name, "claims": number} for id_, name, number in counted]
        return {"answered": bool(names), "said": said, "claims": [], "total": 0, "names": names}
    if kind == "source":
        sources = facts.sources_called(given["name"])
        claims = tagged(*(source.key for source in sources))
        return _listed(facts, claims, given, " ".join(source.label for source in sources)) | {"names": []}
    found = facts.entities(kind, given["name"])
    answer = _listed(facts, tagged(*(entity.id for entity in found)), given, found[0].name)
    if not answer["answered"] and (naming := chosen & facts.naming(found, status=Status.all)):
        answer["said"] = f"{found[0].name} acts in no claim, but its name is in {len(naming)}: use find."
    return answer | {"names": []}


def _citations(facts: Facts, given: Mapping[str, Any]) -> Record:
    subjects: list[Claim | Source] = []
    for ref in given["refs"]:
        subjects += facts.named(ref) if ".." in ref or "," in ref else [facts.lookup(ref)]
    style, locator = given.get("style", _STYLE), given.get("locator", "")
    return {"citations": [_citation(facts, subject, style, locator) for subject in subjects]}


def _citation(facts: Facts, subject: Claim | Source, style: str, locator: str) -> Record:
    claim = subject if isinstance(subject, Claim) else None
    sources = csl.sources_of(claim, facts.base.article_of(claim)) if claim else [cast("Source", subject)]
    cited = facts.cite(subject, style=style, locator="" if claim else locator)
    return {
        "claim": claim and claim.id,
        "keys": [source.key for source in sources],
        "style": style,
        "citation": cited.text,
        "bibliography": cited.bibliography,
        "probable": claim.source.label if claim and claim.basis == "inferred" else None,
    }


def _resource(facts: Facts, uri: str) -> Record:
    kind, _, ref = uri.removeprefix("afcli://").partition("/")
    if kind == "claim":
        if claim := facts.get(ref):
            return _cited(facts, [claim])[0]
        raise NotFoundError("claim", ref[:100])
    if kind != "source":
        raise NotFoundError("resource", uri[:100], ["afcli://claim/ID", "afcli://source/REF"])
    source = facts.source(ref)
    return {
        **source.record(),
        "entry": csl.bibliography_entry(source),
        "notes": source.custom.get("notes", []),
        "not_from_article": source.custom.get("not-from-article", []),
        "claims": [claim.id for claim in facts.claims(source=source.key)],
    }


# What the tools take and give


def _object(required: Record, optional: Mapping[str, Any] = MappingProxyType({})) -> Record:
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": [*required],
        "additionalProperties": False,
    }


def _array(items: Record, about: str = "", **limits: int) -> Record:
    return {"type": "array", "items": items, **limits, **({"description": about} if about else {})}


def _text(about: str) -> Record:
    return {**_TEXT, "description": about}


def _texts(about: str, least: int = 0) -> Record:
    return _array(_TEXT, about, minItems=least, maxItems=_MOST)


def _some_of(values: type[StrEnum], about: str) -> Record:
    return _array({"enum": [*map(str, values)]}, about)


_TEXT = {"type": "string", "minLength": 1, "maxLength": 500}
_STRING = {"type": "string"}
_STRING_OR_NULL = {"type": ["string", "null"]}
_FILTERS = {
    "country": _texts("Countries or regions that the claim names; any one of them is enough."),
    "actor": _texts("Who acts or speaks in the claim; any one of them is enough."),
    "source": _texts("Sources that carry the claim: number, citation key, or `article`."),
    "kind": _some_of(Kind, "Kinds of claims."),
    "basis": _some_of(Basis, "Whether the article names the source (explicit) or it was inferred."),
    "from": _text("Only claims from this year, month or day on: 2021, 2021-08, August 2021."),
    "to": _text("Only claims up to this year, month or day."),
    "undated": {"type": "boolean", "description": "With from or to: also claims without a date."},
    "status": _some_of(Status, "How far the claims have come; `read`, by a person, by default."),
}
_LIMITED = _FILTERS | {
    "limit": {"type": "integer", "minimum": 1, "maximum": _MOST, "description": f"At most this many; {_LIMIT} by default."},
}  # fmt: skip
_PAGED = _LIMITED | {"offset": {"type": "integer", "minimum": 0, "description": "How many to skip."}}

# That of a claim in the output of every command, here always with its citation.
_SHOWN: Record = schema("output")["items"]
_CLAIM = _SHOWN | {
    "properties": {field: takes for field, takes in _SHOWN["properties"].items() if field != "match"},
    "required": [*_SHOWN["required"], "citation"],
}
_ANSWER = {
    "answered": {"type": "boolean", "description": "Whether the facts have an answer."},
    "said": {"type": "string", "description": "Remarks on the answer, or that the facts are silent."},
    "claims": _array(_CLAIM),
    "total": {"type": ["integer", "null"], "description": "How many there are; null if there are more that were not counted."},
}  # fmt: skip
_NAME = {
    "id": _STRING,
    "name": _STRING,
    "claims": {"type": "integer", "description": "How many claims it has."},
}
_NAMES = {"names": _array(_object(_NAME), "The names to choose from, where none was given.")}
_CLOSE = _array(
    {"$ref": "#/properties/claims/items"}, "If nothing answers, the closest claims. They are not an answer."
)
_CITATION = {
    "claim": _STRING_OR_NULL | {"description": "The claim cited, else null."},
    "keys": _array(_STRING, "The sources cited."),
    "style": _STRING,
    "citation": _STRING | {"description": "For the text, or for a note."},
    "bibliography": _array(_STRING),
    "probable": _STRING_OR_NULL | {"description": "The source that the article does not name but probably used; it is not cited."},
}  # fmt: skip
_REFS = {"refs": _texts("What to cite: claim ids, or sources by number, citation key or `article`.", least=1)}
_IN_STYLE = {
    "style": {"enum": [*SHORT, *built_in()], "description": f"The citation style; {_STYLE} by default."},
    "locator": _text("A place in a source, such as p. 5 or para. 3; a claim brings its own."),
}


def _named(kind: str, about: str, names: str) -> Tool:
    name = {"name": _text(f"{names}; leave it out to see all names.")}
    return Tool(about, _object({}, name | _PAGED), _object(_ANSWER, _NAMES), partial(_of, kind))


TOOLS = {
    "find": Tool(
        "Find the claims that answer a query, best first. Start here.",
        _object({"query": _text("Words, names in any spelling or script, dates, or a whole question.")}, _LIMITED),
        _object(_ANSWER, {"closest": _CLOSE}),
        _found,
    ),
    "show": Tool(
        "Show claims by their ids, with everything about each.",
        _object({"ids": _texts("Claim ids, such as c042, or ranges: c040..c042.", least=1)}),
        _object(_ANSWER),
        lambda facts, given: _listed(facts, facts.named(*given["ids"]), {"limit": _MOST}),
    ),
    "list": Tool(
        "List the claims that pass filters, in the order of the article.",
        _object({}, _PAGED),
        _object(_ANSWER),
        lambda facts, given: _listed(facts, facts.claims(**_filtering(given)), given),
    ),
    "country": _named("country", "List the claims that name a country or region.", "Any of its names, or its code"),
    "actor": _named("actor", "List the claims in which somebody acts or speaks.", "Any of their names"),
    "source": _named("source", "List the claims from a source.", "Number, citation key, or `article`"),
    "cite": Tool(
        "Give the citation of claims or sources in a style: for the text, and for the bibliography.",
        _object(_REFS, _IN_STYLE),
        _object({"citations": _array(_object(_CITATION))}),
        _citations,
    ),
}  # fmt: skip
"""Every tool by its name."""
