"""Hand out drafts to a person or program, and accept the proposed claims that agree with their sentences."""

from __future__ import annotations

import contextlib
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afcli.authoring.check import ClaimRules, Rule
from afcli.authoring.claim_edits import Edits, editing, is_open
from afcli.authoring.findings import Finding
from afcli.authoring.verify import SentenceRules
from afcli.errors import UsageError
from afcli.fact_base import UNWRITTEN
from afcli.files.load import Reader, load
from afcli.files.strict_yaml import Document
from afcli.files.validate import violations
from afcli.model import LIFE, TAGGED, Status
from afcli.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from afcli.fact_base import FactBase
    from afcli.model import Claim

Record = dict[str, Any]

RULES = (
    "Say one thing, in one sentence and in your own words; no more than seven words in the article's order.",
    "If the sentence says two things, give the second under `also`, with a text and fields of its own.",
    "Name whom and what you mean: a pronoun needs its name before it.",
    "Keep what the sentence is unsure of, what it denies and who says it: may, reportedly, not, according to.",
    "Say no number, name or date that the sentence does not give; quote at most seven words, in “ ”.",
    "`kind`: fact; report (others report it); quote (“ ”); opinion (a judgement); forecast; question.",
    "`actors` act or speak; `countries` and `regions` are all that the text names; take ids from `names`.",
    "`date` is when it happened, in EDTF; with date_basis writing, the article's own date.",
    "`source` is the number of the work that the sentence cites for it, else article.",
    "Where the text needs another sentence, name that sentence in `at` too, after its own.",
    "Leave out every field that is right in `tags`.",
)
_NOWHERE = Path()
_BEFORE, _AFTER = 3, 2
"""How many neighbours of a sentence to give."""
_GIVEN = ("text", *LIFE, "id")
"""The fields of a draft that are no tags."""


def wanted() -> Record:
    """Return the JSON Schema of a proposal, whole, for programs that fetch nothing."""
    whole: Record = _inlined(schema("proposal"), "proposal")
    for field in ("line", "findings"):
        del whole["properties"][field]
    return {key: value for key, value in whole.items() if key != "$defs"}


def _inlined(node: Any, name: str) -> Any:
    """Return part of the schema *name* with what it refers to in its place."""
    if isinstance(node, dict) and "$ref" in node:
        file, _, pointer = node["$ref"].partition("#/")
        name = file.removesuffix(".json") or name
        return _inlined(reduce(getitem, pointer.split("/"), schema(name)), name)
    if isinstance(node, dict):
        return {key: _inlined(value, name) for key, value in node.items()}
    return [_inlined(part, name) for part in node] if isinstance(node, list) else node


def drafts(facts: FactBase, sentences: Mapping[str, str]) -> Iterator[Record]:
    """Yield all that is needed to write each open draft: its sentences and their neighbours, tags, names, rules."""
    order = list(sentences)
    places = {id_: place for place, id_ in enumerate(order)}
    names = {entity.id: entity.name for entity in facts.entities.values()}
    form = wanted()

    def given(ids: Iterable[str]) -> list[dict[str, str]]:
        return [{"id": id_, "text": sentences.get(id_, "")} for id_ in ids]

    for claim in facts.claims:
        if not is_open(claim.status, claim.text):
            continue
        own = [places[id_] for id_ in claim.at if id_ in places]
        first, end = min(own, default=0), max(own, default=-1) + 1
        yield {
            "id": claim.id,
            "sentences": given(claim.at),
            "before": given(order[max(first - _BEFORE, 0) : first]),
            "after": given(order[end : end + _AFTER]),
            "section": claim.section.title,
            "tags": tags(claim),
            "names": names,
            "rules": list(RULES),
            "schema": form,
        }


def tags(claim: Claim) -> Record:
    """Return what a draft says of its sentence, as in its file."""
    found: Record = {field: [entity.id for entity in getattr(claim, field)] for field in TAGGED}
    found |= {field: getattr(claim, field) for field in ("kind", "date", "date_basis", "basis", "note")}
    found |= {"source": claim.source.ref, "at": list(claim.at)}
    return {field: value for field, value in found.items() if value or field in ("actors", "countries")}


@contextlib.contextmanager
def desk(directory: Path, sentences: Mapping[str, str]) -> Iterator[ProposalDesk]:
    """Open the base in *directory*, with the *sentences* of its article by id, for proposals; nobody else edits it meanwhile.

    Raises UsageError, naming who has the lock, and FactsError.
    """
    with editing(directory) as edits:
        yield ProposalDesk(edits, sentences)


class ProposalDesk:
    """Takes proposals for one base."""

    def __init__(self, edits: Edits, sentences: Mapping[str, str]) -> None:
        """Read the base that is edited."""
        self._sentences = sentences
        self._edits = edits
        self.facts = load(edits.directory)
        self._rules = ClaimRules(self.facts)
        self._text = SentenceRules(self.facts, sentences)
        self._reader = Reader(edits.directory)
        self._reader.front(aids=False)

    def drafts(self) -> Iterator[Record]:
        """Yield the drafts that were open when the base was read."""
        return drafts(self.facts, self._sentences)

    def together(self) -> AbstractContextManager[None]:
        """Write what is taken within the `with` statement at once: the disk takes longer than all the rest."""
        return self._edits.together()

    def take(self, proposal: Any, by: str = "") -> list[Finding]:
        """Write the claims of a *proposal* as proposed, or return what is wrong with it, and write nothing.

        One that stands there already is written once. *by* says who wrote it where it does not say so itself.
        """
        if wrong := _form(proposal, by):
            return wrong
        id_ = proposal["id"]
        if id_ not in self._edits.ids:
            return [Finding("unknown", id_, "there is no such draft; use an id that afcli drafts lists")]
        draft = self._edits.record(id_)
        claims = _claims(draft, proposal, by)
        if not is_open(draft.get("status", ""), draft["text"]):
            return [] if self._stands(draft, claims) else [_taken(draft)]
        read, wrong = self._read(claims)
        if wrong:
            return wrong
        gone = dict.fromkeys(draft.keys() - claims[0].keys())
        with self._edits.together():
            self._edits.set(id_, **claims[0], **gone)
            for record in claims[1:]:
                id_ = self._edits.insert(id_, record)
        self._join(read)
        return []

    def mark_read(self, ids: Iterable[str], by: str, on: str) -> list[Finding]:
        """Note that the person *by* has read these claims, on the day *on*; or return what is wrong, and note nothing.

        Raises NotFoundError for an unknown id.
        """
        ids = list(dict.fromkeys(ids))
        records = [self._edits.record(id_) for id_ in ids]
        drafts = [record["id"] for record in records if record.get("status") == Status.draft]
        wrong = [Finding("draft", id_, "is a draft; somebody must write it first") for id_ in drafts]
        wrong = wrong or self._read([{**record, "status": Status.proposed} for record in records])[1]
        if not wrong:
            with self._edits.together():
                for id_ in ids:
                    self._edits.set(id_, status=None, read_by=by, read_on=on)
        return wrong

    def _stands(self, first: Record, claims: list[Record]) -> bool:
        """Tell whether these claims were accepted before."""
        if _said(first) != _said(claims[0]):
            return False
        others = [_said(self._edits.record(id_)) for id_ in self._edits.ids] if claims[1:] else []
        return all(_said(claim) in others for claim in claims[1:])

    def _read(self, claims: list[Record]) -> tuple[list[Claim], list[Finding]]:
        """Return the *claims* with their names resolved, and all findings."""
        read: list[Claim] = []
        wrong: list[Finding] = []
        for record in claims:
            claim, faults = self._reader.record(record)
            wrong += [Finding("format", record["id"], fault) for fault in faults]
            read += [claim] if claim else []
        if wrong:
            return [], wrong
        # What one claim of a sentence leaves out, another may say.
        self._join(read)
        for claim in read:
            fields = self._rules.search_fields(claim, (), self._sentences)
            amiss = [*self._rules.amiss(claim), *fields]
            wrong += [Finding(r, claim.id, m) for r, m in amiss if r != Rule.unread]
            wrong += self._text.findings(claim)
        for claim in read:
            for id_ in claim.at:
                self._text.beside[id_].remove(claim)
        return read, wrong

    def _join(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            for id_ in claim.at:
                self._text.beside.setdefault(id_, []).append(claim)


def _form(proposal: Any, by: str) -> list[Finding]:
    """Return what the schema forbids."""
    claims = [proposal, *(proposal.get("also") or ())] if isinstance(proposal, dict) else []
    id_ = str(proposal.get("id") or "") if claims else ""
    document = Document(_NOWHERE, proposal)
    wrong = [problem.advice for problem in violations(document, "proposal")]
    texts = [str(claim.get("text", "")) for claim in claims if isinstance(claim, dict)]
    still = "is still the text of the draft; write the claim"
    wrong += [still for text in texts if text.startswith(UNWRITTEN)]
    if claims and not (proposal.get("by") or by):
        wrong.append("the field 'by' is missing; say who or what wrote it, or give --by")
    return [Finding("schema", id_, message) for message in wrong]


def _claims(draft: Record, proposal: Record, by: str) -> list[Record]:
    """Return the records of the claims that a proposal makes of its draft."""
    kept = {field: value for field, value in draft.items() if field not in _GIVEN}
    if str(kept.get("note", "")).startswith(UNWRITTEN):
        del kept["note"]
    life = {"status": "proposed", "by": proposal.get("by") or by}
    own = {field: v for field, v in proposal.items() if field not in ("id", "by", "also", "line", "findings")}
    first = {"id": draft["id"], **kept, **own, **life}
    others = enumerate(proposal.get("also", ()), 1)
    return [first, *({"id": f"{draft['id']} also {n}", **kept, **claim, **life} for n, claim in others)]


def _said(record: Record) -> Record:
    """Return what a claim says, whoever says it and wherever it stands."""
    return {
        field: [*map(str, value)] if isinstance(value, list) else str(value)
        for field, value in record.items()
        if field not in ("id", *LIFE)
    }


def _taken(record: Record) -> Finding:
    """Return why a claim no longer takes proposals."""
    id_, status = record["id"], record.get("status")
    if status == Status.proposed:
        why = f"has another proposal, by {record.get('by', 'somebody')}; read that first"
    elif status == Status.draft:
        why = "somebody has already begun to rewrite it; finish it"
    else:
        who = f" by {record['read_by']}" if "read_by" in record else ""
        why = f"has been read{who} in the meantime; only a person may change it"
    return Finding("taken", id_, f"{why}: afcli edit {id_}")


def sentences_of(directory: Path, article: Path | None) -> dict[str, str]:
    """Return the sentences of the *article*, else those that `new` wrote beside the base in *directory*.

    Raises UsageError if there are neither.
    """
    from afcli.authoring.article import sentences

    beside = directory / "sentences.tsv"
    if not article and not beside.is_file():
        raise UsageError(
            f"{beside} is not there, and the drafts need the article's sentences; give --article FILE"
        )
    return sentences(article or beside)
