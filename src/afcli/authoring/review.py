"""Go through the claims that nobody has read: a queue, what each step changes on disk, and how to undo it.

Nothing here prints or asks. A step is whole on disk when its method returns; `undo` puts the files back byte for byte.
"""

from __future__ import annotations

import contextlib
import re
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli.authoring import check, guess_tags, verify
from afcli.authoring.written_dates import dates
from afcli.dates import written_date
from afcli.errors import UsageError
from afcli.fact_base import UNWRITTEN, sentence_ids
from afcli.files.load import Reader
from afcli.model import UNREAD, Entity, Status
from afcli.names import is_actor
from afcli.sounds import slug
from afcli.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from afcli.authoring.claim_edits import Edits
    from afcli.fact_base import FactBase
    from afcli.model import Claim, Source

    _State = tuple[str, dict[str, Claim], tuple[str, ...], int]
    """What the next step is, and the claims, queue and position before it."""

_LIFE = ("draft", "unread")
"""The rules that only say that a claim is still to be read."""
_PROPOSED = {"status": "proposed", "read_by": None, "read_on": None}
"""What becomes of a claim when it is written or changed."""
_OWN = {"asks", "terms", "explained", "read_by", "read_on"}
"""The fields of a claim that a part of it does not have."""
_PACED = 3
"""How many claims must have been read before their pace tells anything."""


class Progress(NamedTuple):
    """How far the base is, and how far this sitting has to go."""

    read: int
    total: int
    left: int
    seconds: float | None
    """What is left at the pace so far; None as long as there is none."""


class Review:
    """The claims to read, and where in them the reader is."""

    def __init__(self, facts: FactBase, edits: Edits, *, reader: str, today: str) -> None:
        """Take the base, the door to its files, who reads and when."""
        self.facts = facts
        self.sentences: Mapping[str, str] = {}
        self.reader = reader
        self.claims = {claim.id: claim for claim in facts.claims}
        self.queue: tuple[str, ...] = ()
        self.position = 0
        self._edits = edits
        self._today = today
        self._paces: list[float] = []
        self._order: list[str] = []
        self._sources = {name: source for source in facts.sources for name in (source.key, source.ref)}
        self._learn()

    def _learn(self) -> None:
        """Read the names as they are now."""
        self._reader = Reader(self.facts.directory)
        self.entities = self._reader.front(aids=False).entities
        self._rules: tuple[check.ClaimRules, verify.SentenceRules | None] | None = None

    def choose(self, ids: Sequence[str] = (), statuses: Iterable[str] = UNREAD) -> None:
        """Queue the claims with these *ids*, else those of each status in turn, in the order of the files.

        Raises UsageError for an id that no claim has.
        """
        if unknown := next((id_ for id_ in ids if id_ not in self.claims), None):
            raise UsageError(
                f"no claim in {self.facts.directory}, and no directory, is called {unknown!r}; see afcli list --status all"
            )
        chosen = ids or [c.id for status in statuses for c in self.claims.values() if c.status == status]
        self.queue = tuple(dict.fromkeys(chosen))

    def read_beside(self, sentences: Mapping[str, str]) -> None:
        """Take the *sentences* of the article by their ids, in its order: claims are shown beside them and compared with them."""
        self.sentences, self._order = sentences, list(sentences)

    @property
    def claim(self) -> Claim:
        """Return the claim to read now."""
        return self.claims[self.queue[self.position]]

    @property
    def is_done(self) -> bool:
        """Tell whether the queue has come to its end."""
        return self.position >= len(self.queue)

    def progress(self) -> Progress:
        """Return how far it is."""
        read = sum(not claim.status for claim in self.claims.values())
        left = sum(bool(self.claims[id_].status) for id_ in self.queue[self.position :])
        pace = median(self._paces) if len(self._paces) >= _PACED else None
        return Progress(read, len(self.claims), left, pace and pace * left)

    def took(self, seconds: float) -> None:
        """Note how long the last claim took."""
        self._paces.append(seconds)

    def near(self) -> list[tuple[str, str, bool]]:
        """Return the id and text of each sentence of the claim and of those beside it, and whether it is the claim's own."""
        known = [self._order.index(id_) for id_ in self.claim.at if id_ in self.sentences]
        shown = sorted({n for own in known for n in (own - 1, own, own + 1) if 0 <= n < len(self._order)})
        return [(id_, self.sentences[id_], n in known) for n in shown for id_ in [self._order[n]]]

    def own_text(self) -> str:
        """Return the claim's sentences, in its order."""
        return " ".join(self.sentences[id_] for id_ in self.claim.at if id_ in self.sentences)

    def names(self) -> list[Entity | str]:
        """Return who may act in the claim: its actors, then everybody its text and its sentences name.

        After them come the places and topics in its text that are still only guessed, and what may be a new name.
        """
        text = "" if self.claim.status == Status.draft else self.claim.text
        entities = self.entities.values()
        found = guess_tags.named(f"{text}\n{self.own_text()}", entities)
        acting = {entity.id: entity for entity in (*self.claim.actors, *found) if is_actor(entity)}
        others = (entity for entity in guess_tags.named(text, entities) if not is_actor(entity))
        guessed = (entity.name for entity in others if entity.note.startswith(UNWRITTEN))
        return [*acting.values(), *guessed, *guess_tags.unknown(text, entities)]

    def findings(self) -> list[tuple[str, str]]:
        """Return what check and verify find in the claim, each as rule and message; nothing in a draft."""
        claim = self.claim
        if claim.status == Status.draft:
            return []
        if self._rules is None:
            facts = self.facts._replace(entities=self.entities)
            self._rules = (
                check.ClaimRules(facts),
                verify.SentenceRules(facts, self.sentences) if self.sentences else None,
            )
        rules, text = self._rules
        found = [(str(rule), message) for rule, message in rules.amiss(claim) if rule not in _LIFE]
        return found + [(finding.rule, finding.message) for finding in (text.findings(claim) if text else ())]

    def lacking(self) -> list[str]:
        """Return the nearest sentences, those before it first, with the names that its own have not.

        A number or date that its own have not is looked for in the sentences beside it alone: elsewhere it may be another.
        """
        if not self.sentences:
            return []
        at = self.claim.at
        own = self._order.index(at[0]) if at[0] in self.sentences else 0
        # What a sentence leaves out was said before it, as a rule.
        nearest = [*reversed(self._order[:own]), *self._order[own:]]
        beside = self._order[max(own - 1, 0) : own] + self._order[own + 1 : own + 2]
        found: list[str] = []
        for rule, message in self.findings():
            word, missing, _ = message.partition(" is not in ")
            having = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
            within = (nearest if rule == "name" else beside) if missing else []
            found += [id_ for id_ in within if having.search(self.sentences[id_])][:1]
        return [id_ for id_ in dict.fromkeys(found) if id_ not in at]

    # Steps: each changes files.

    def accept(self) -> None:
        """Take the claim as read against its sentences, and go on. What a note asks goes.

        Raises UsageError if it has not been written yet, or if another program changed it while it was read.
        """
        if self.claim.status == Status.draft:
            raise UsageError("it is still a draft; press e to write it")
        shown, now = self.claim, self._read(self.claim.id)
        self.claims = self.claims | {now.id: now}
        if now != shown:
            raise UsageError(f"{now.id} was changed in its file in the meantime; read it again")
        with self._step("accepting"):
            kept, asked, _ = self.claim.note.partition(UNWRITTEN)
            asks = {"note": kept.strip() or None} if asked else {}
            self._set(self.claim.id, status=None, read_by=self.reader, read_on=self._today, **asks)
            self.position += 1

    def write(self, texts: Sequence[str]) -> None:
        """Give the claim its text, or make as many claims of it as there are *texts*; all are proposed then.

        A draft, or a claim that is split, gets its tags from the text as far as that tells them.
        """
        claim, texts = self.claim, [guess_tags.typeset(text) for text in texts]
        fresh = claim.status == Status.draft
        by = self.reader if fresh or not claim.by else claim.by
        written = [
            {"text": text, "by": by, **_PROPOSED} | (self._tags(text) if fresh or texts[1:] else {})
            for text in texts
        ]
        with self._step("writing"):
            self._set(claim.id, **written[0])
            after = claim.id
            for fields in written[1:]:
                after = self._insert(after, fields)

    def keep(self, id_: str, text: str) -> None:
        """Keep the unfinished *text* of a draft, which stays one."""
        with self._step("writing"):
            self._set(id_, text=text)

    def tag(self, **fields: Any) -> None:
        """Set fields as the files have them; None, or an empty list where one may be missing, removes one.

        What was read is proposed again.
        """
        optional = ("regions", "said_by", "asks", "terms", "note")
        fields = {k: None if k in optional and not v else v for k, v in fields.items()}
        if not self.claim.status:
            fields |= _PROPOSED
        with self._step("setting " + " and ".join(fields)):
            self._set(self.claim.id, **fields)

    def date(self, text: str) -> dict[str, str]:
        """Return the fields of a date as people type it, with how it is known as a last word if need be.

        `writing` alone is the article's own date. Raises UsageError if it is no date.
        """
        when, _, basis = text.rpartition(" ")
        if basis not in ("stated", "inferred", "writing"):
            when, basis = text, ""
        if not when:
            return {"date": str(self.facts.article.item["issued"]), "date_basis": basis}
        try:
            edtf = written_date(when)
        except ValueError as error:
            raise UsageError(
                f"{error}; type 2021, 2021-08, August 2021, 25.8.2021, 2008/2018, 1979/.. or writing"
            ) from None
        stated = edtf in dates(self.own_text()) or not self.sentences
        return {"date": edtf, "date_basis": basis or ("stated" if stated else "inferred")}

    def source(self, text: str) -> dict[str, str]:
        """Return the fields of a source by its number, key or label, with `inferred` after it if it is.

        Raises UsageError if there is none.
        """
        ref, _, basis = text.rpartition(" ")
        if basis not in ("explicit", "inferred"):
            ref, basis = text, "explicit"
        source = self._sources.get(ref.strip("[]")) or self._labelled(ref)
        if source is None:
            raise UsageError(
                f"{ref!r} is not the name of exactly one source; type its number, its key, or article"
            )
        return {"source": source.ref, "basis": "explicit" if source.number is None else basis}

    def at(self, text: str) -> list[str]:
        """Return the sentences named in *text*; raise UsageError for one that does not exist."""
        ids = list(dict.fromkeys(re.split(r"[\s,]+", text.strip())))
        known = {*sentence_ids(self.facts.sections)}
        if unknown := next((id_ for id_ in ids if id_ not in known), None):
            raise UsageError(f"the article has no sentence {unknown!r}; see the outline in article.yaml")
        return ids

    def stand(self, at: Sequence[str]) -> None:
        """Set the sentences that the claim stands on; a date of its text that they give becomes its date."""
        given = dates(" ".join(self.sentences.get(id_, "") for id_ in at))
        stated = [date for date in dates(self.claim.text) if date in given]
        is_open = stated and self.claim.date_basis == "writing"
        self.tag(at=list(at), **({"date": stated[0], "date_basis": "stated"} if is_open else {}))

    def explain(self, rule: str, why: str) -> None:
        """Say in the claim why a finding of *rule* is no fault."""
        self.tag(explained={**self.claim.explained, rule: why})

    def drop(self) -> list[str]:
        """Remove the claim; return the sentences that are then without a claim."""
        at = self.claim.at
        with self._step("dropping"):
            self._remove(self.claim.id)
        covered = {id_ for claim in self.claims.values() for id_ in claim.at}
        return [id_ for id_ in at if id_ not in covered]

    def before(self) -> Claim:
        """Return the claim before this one in the files; raise UsageError if this is the first."""
        ids = list(self.claims)
        place = ids.index(self.claim.id)
        if not place:
            raise UsageError("there is no claim before this one")
        return self.claims[ids[place - 1]]

    def merge(self, text: str = "") -> None:
        """Give the sentences of this claim to the one before and remove this one.

        With a *text* for both, the one before is proposed with it and is next to be read.
        """
        claim, before = self.claim, self.before()
        fields: dict[str, Any] = {"at": list(dict.fromkeys([*before.at, *claim.at]))}
        if text:
            fields |= {"text": guess_tags.typeset(text), **_PROPOSED}
            for field in ("actors", "countries"):
                both = (*getattr(before, field), *getattr(claim, field))
                fields[field] = list(dict.fromkeys(entity.id for entity in both))
        with self._step("merging"):
            self._set(before.id, **fields)
            self._remove(claim.id)
            if text:
                self._visit(before.id)

    def add(self, name: str, type_: str, *, code: str = "", members: Sequence[str] = ()) -> Entity:
        """Add a name to entities.yaml and return it: an actor, place or topic, a country by its *code*, a region by its *members*.

        Raises UsageError if the code or a name is taken.
        """
        # One calls a person by the family name alone.
        family = name.rsplit(maxsplit=1)[-1]
        taken = any(fold(family) in map(fold, e.names) for e in self.entities.values())
        aliases = (family,) if type_ == "person" and family != name and not taken else ()
        id_ = code or self._free_id(name)
        if id_ in self.entities:
            raise UsageError(f"the code {code} belongs to {self.entities[code].name}")
        record = {"code" if code else "id": id_, "name": name}
        more = {"aliases": list(aliases), "type": type_, "members": list(members)}
        with self._step(f"adding {name}"):
            self._edits.add_entity(record | {field: value for field, value in more.items() if value})
        self._learn()
        return self.entities[id_]

    def retype(self, entity: Entity, type_: str) -> Entity:
        """Say of a name what it is, and return it: an actor of this type, a place or a topic. A note that only asks goes."""
        asks = {"note": None} if entity.note.startswith(UNWRITTEN) else {}
        with self._step(f"{entity.name} is {type_}"):
            self._edits.retype(entity.id, type_, **asks)
        self._learn()
        return self.entities[entity.id]

    def called(self, name: str) -> Entity | None:
        """Return what has exactly this *name*, of whatever type."""
        return next((e for e in self.entities.values() if fold(name) in map(fold, e.names)), None)

    def undo(self) -> str:
        """Put back what the last step changed, and return what it was; raise UsageError if there was none."""
        said = self._recall(self._edits.undo())
        self._learn()
        return said

    def skip(self) -> None:
        """Leave the claim as it is, and go on."""
        self.position += 1

    def back(self) -> None:
        """Return to the claim before in the queue; raise UsageError at its beginning."""
        if not self.position:
            raise UsageError("this is the claim you started with")
        self.position -= 1

    def meant(self, name: str, *, kinds: Collection[str] = ()) -> Entity | None:
        """Return whoever is called *name*, or whose name begins or ends so if there is only one; None if nobody.

        *kinds* are the types allowed; none means whoever can act. Raises UsageError if several may be meant.
        """
        allowed = [e for e in self.entities.values() if (e.type in kinds if kinds else is_actor(e))]
        typed = fold(name)
        exact = [e for e in allowed if typed in map(fold, e.names)]
        begun = [
            e for e in allowed for n in map(fold, e.names) if n.startswith(typed) or n.endswith(f" {typed}")
        ]
        found = {e.id: e for e in exact or begun}
        if len(found) > 1:
            names = [entity.name for entity in found.values()]
            raise UsageError(f"{name!r} may be {', '.join(names[:4])}; type more of it")
        return next(iter(found.values()), None)

    def _read(self, id_: str) -> Claim:
        """Return a claim as it is in its file; raise UsageError if it names what there is not."""
        claim, wrong = self._reader.record(self._edits.record(id_))
        if claim is None:
            raise UsageError("; ".join(wrong))
        return claim

    def _labelled(self, text: str) -> Source | None:
        typed = fold(text)
        found = [s for s in self.facts.sources if fold(s.label).startswith(typed) and not typed.isdecimal()]
        return found[0] if len(found) == 1 else None

    def _free_id(self, name: str) -> str:
        stem = slug(name) or "name"
        ids = (stem, *(f"{stem}-{n}" for n in range(2, 999)))
        return next(id_ for id_ in ids if id_ not in self.entities)

    def _tags(self, text: str) -> dict[str, Any]:
        fields = guess_tags.tags(text, self.claim, self.entities.values(), self.own_text())
        return {k: None if not v and k in ("regions", "said_by") else v for k, v in fields.items()}

    @contextlib.contextmanager
    def _step(self, said: str) -> Iterator[None]:
        """Change files all at once or not at all, and remember how everything was."""
        past = said, self.claims, self.queue, self.position
        try:
            with self._edits.together(past):
                yield
        except BaseException:
            self._recall(past)
            raise

    def _recall(self, past: _State) -> str:
        said, self.claims, self.queue, self.position = past
        return said

    def _refresh(self, changed: str = "") -> None:
        """Take the claims as they are in the files, if only these come, go or have *changed*."""
        known = {id_: claim for id_, claim in self.claims.items() if id_ != changed}
        self.claims = {id_: known.get(id_) or self._read(id_) for id_ in self._edits.ids}

    def _set(self, id_: str, **fields: Any) -> None:
        self._edits.set(id_, **fields)
        self._refresh(id_)

    def _insert(self, after: str, fields: dict[str, Any]) -> str:
        """Put a claim with these fields, and else those of the one before it, after that one."""
        own = {field: value for field, value in self._edits.record(after).items() if field not in _OWN}
        id_ = self._edits.insert(after, {field: v for field, v in (own | fields).items() if v is not None})
        self._refresh()
        place = self.queue.index(after) + 1
        self.queue = (*self.queue[:place], id_, *self.queue[place:])
        return id_

    def _remove(self, id_: str) -> None:
        self._edits.remove(id_)
        self._refresh()
        self.queue = tuple(other for other in self.queue if other != id_)

    def _visit(self, id_: str) -> None:
        """Make *id_* the claim to read now."""
        passed, rest = (
            [other for other in part if other != id_]
            for part in (self.queue[: self.position], self.queue[self.position :])
        )
        self.queue, self.position = (*passed, id_, *rest), len(passed)
