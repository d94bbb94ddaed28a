"""The loop of `edit`: show a claim, read a key, do what it says, until the reader quits."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import typer

from afcli.authoring.review import Review
from afcli.cli.keyboard import END, Lines
from afcli.cli.screen import is_terminal, say, screen, write
from afcli.errors import AfcliError, UsageError
from afcli.fact_base import UNWRITTEN
from afcli.model import Entity, Kind, Status
from afcli.names import is_actor, is_country
from afcli.render import Screen
from afcli.render import review as page

_HINT = "Return accepts  e text  k kind  w who  m merge  s skip  u undo  ? keys >"
_SHORT_HINT = "Return, e, s, u, ? >"
_KINDS = {
    "f": Kind.fact, "r": Kind.report, "q": Kind.quote, "o": Kind.opinion, "c": Kind.forecast, "u": Kind.question,
}  # fmt: skip
_TYPES = {
    "p": "person", "g": "government", "o": "organisation", "a": "armed-group", "e": "people", "s": "speaker",
    "c": "country", "r": "region", "l": "place", "t": "topic",
}  # fmt: skip
_PARTING = "//"
"""Parts the texts of two claims."""


class EditSession:
    """The claims of a review, one after the other, at a keyboard."""

    def __init__(self, review: Review, keys: Lines) -> None:
        """Take what is read, and where keys come from."""
        self.review = review
        self.keys = keys
        self._given_up: dict[str, str] = {}
        """What was typed for a claim and given up: it comes back."""
        self._is_over = False

    def run(self) -> None:
        """Go on until the queue ends or the reader leaves."""
        self._say(
            "Type the claim and press Return; press Return again to accept it. A single letter is a command: s skips, ? lists all."
        )
        is_refused = False
        try:
            while not (self.review.is_done or self._is_over):
                self._read()
        except KeyboardInterrupt:
            write("\n")
            raise
        except AfcliError:
            is_refused = True
            raise
        finally:
            # A terminal that is gone hears nothing.
            with contextlib.suppress(AfcliError, typer.Exit):
                self._close(is_refused=is_refused)

    def _close(self, *, is_refused: bool) -> None:
        """Leave what was typed for drafts and given up in them, for tomorrow, and say how much is read."""
        for id_, text in self._given_up.items():
            claim = self.review.claims.get(id_)
            if text and claim and claim.status == Status.draft:
                self.review.keep(id_, text)
        read, total, _, _ = self.review.progress()
        waiting = f"; to go on: afcli edit {self.review.facts.directory}" if read < total else ""
        if not is_refused:
            say(f"{read} of {total} claims read{waiting}")

    def _read(self) -> None:
        """Show the claim, and take keys until it is another one's turn."""
        review, start = self.review, time.monotonic()
        here = review.claim.id, review.position
        self.show(page.whole)
        key = "e" if review.claim.status == Status.draft else self._key()
        while True:
            before = review.claims, review.entities
            self._do(key)
            if self._is_over or review.is_done or (review.claim.id, review.position) != here:
                break
            if (review.claims, review.entities) != before:
                self.show(page.below)
            key = self._key()
        if key in ("a", "\n"):
            review.took(time.monotonic() - start)

    def show(self, drawn: Callable[..., str]) -> None:
        """Show the claim, *drawn* by one of the functions of the screens."""
        review, acting = self.review, self.review.claim.actors
        read, total, left, seconds = review.progress()
        rest = f", {_spoken(seconds)}" if seconds is not None else ""
        names = [
            f"?{name}" if isinstance(name, str) else f"{'+' if name in acting else '-'}{name.name}"
            for name in review.names()
        ]
        shown = page.Shown(
            review.claim, review.near(), review.findings(), review.lacking(), names, review.reader,
            f"{read}/{total} read, {left} left{rest}",
        )  # fmt: skip
        write(drawn(shown, _screen()), laid_out=True)

    def _say(self, text: str, begin: str = "  ") -> None:
        write(page.lines([(begin, text, "")], _screen()), laid_out=True)

    def _key(self) -> str:
        return self._asked(_HINT if _screen().width > len(_HINT) + 2 else _SHORT_HINT)

    def _asked(self, hint: str) -> str:
        """Return the next key, asked for with *hint*."""
        write(f"{hint} ", laid_out=True)
        key = self.keys.key()
        write(f"{key}\n" if key.isprintable() else "\n")
        return key

    def _do(self, key: str) -> None:
        """Do what *key* says, and say what is wrong if that cannot be done."""
        try:
            self._heed(key)
        except AfcliError as error:
            said = "; ".join(line.removeprefix("afcli: ") for line in error.lines())
            if where := self.keys.refused():
                raise UsageError(f"{where}: {said}; the rest was not done") from None
            self._say(said)

    def _heed(self, key: str) -> None:
        if key in STEPS:
            STEPS[key].does(self)
        elif key.isdecimal():
            self.toggle(int(key))
        elif key:
            raise UsageError(f"{key!r} is not a key here; ? lists them")

    # What the keys do.

    def enter(self) -> None:
        """Accept the claim if nothing was found in it; write it first if it is a draft."""
        if self.review.claim.status == Status.draft:
            self.text()
            return
        if self.review.findings():
            raise UsageError(
                "there are findings: correct the claim, explain them with x, or accept it anyway with a"
            )
        self.review.accept()

    def text(self) -> None:
        """Write or change the text; what // parts becomes claims of their own."""
        claim = self.review.claim
        is_draft = claim.status == Status.draft
        begun = "" if is_draft and claim.text.startswith(UNWRITTEN) else claim.text
        typed = self._text(self._given_up.pop(claim.id, "") or begun)
        texts = [part.strip() for part in typed.split(_PARTING) if part.strip()]
        if len(typed) == 1:
            # No claim has one letter: it is a key.
            self._heed(typed)
        elif texts and (is_draft or texts != [claim.text]):
            # If it cannot be written it is not lost.
            self._given_up[claim.id] = typed
            self.review.write(texts)
            del self._given_up[claim.id]

    def _text(self, filled: str) -> str:
        """Return a text as typed; keep in mind what is given up, or not finished when the program is ended."""
        claim, typed = self.review.claim, None
        try:
            typed = self.keys.line(
                "text> ", filled, known=self._words(), former=[self.review.own_text()], parted=" "
            )
            return typed or ""
        finally:
            if typed is None:
                self._given_up[claim.id] = self.keys.typed()

    def _words(self) -> list[str]:
        """Return what Tab completes in a text: the names, and the words of the sentences near."""
        names = [name for entity in self.review.entities.values() for name in entity.names[1:]]
        near = " ".join(text for _, text, _ in self.review.near()).split()
        words = [word.strip(".,;:!?()[]“”‘’\"'") for word in near if len(word) > 3]
        return list(dict.fromkeys([*names, *words]))

    def split(self) -> None:
        """Change the text so that it becomes two claims."""
        self._say(f"put {_PARTING} where the text should split into two claims")
        self.text()

    def merge(self) -> None:
        """Give the sentence to the claim before, with one text for both if both have one."""
        claim, before = self.review.claim, self.review.before()
        if claim.status == Status.draft:
            self.review.merge()
            text = "still to be written" if before.status == Status.draft else before.text
            self._say(f"{before.id} rests on {', '.join(claim.at)} too: {text}")
        elif text := self._text(f"{before.text} {claim.text}"):
            self.review.merge(text)

    def kind(self) -> None:
        """Choose the kind by its letter."""
        if kind := self._choice(_KINDS):
            self.review.tag(kind=str(kind))

    def _choice(self, choices: Mapping[str, str]) -> str:
        """Return one of the *choices* by its letter; nothing if another key was typed."""
        key = self._asked("  ".join(f"{letter} {what}" for letter, what in choices.items()) + " >")
        if key not in choices and self.keys.refused():
            raise UsageError(f"{key!r} is not one of {' '.join(choices)}")
        return choices.get(key, "")

    def who(self) -> None:
        """Set the actors."""
        if (ids := self._names("who acts> ", self.review.claim.actors)) is not None:
            self.review.tag(actors=ids)

    def speakers(self) -> None:
        """Set who says it; they are actors too."""
        claim = self.review.claim
        if (ids := self._names("said by> ", claim.said_by)) is not None:
            acting = [actor.id for actor in claim.actors]
            self.review.tag(said_by=ids, actors=list(dict.fromkeys([*acting, *ids])))

    def places(self) -> None:
        """Set the countries and regions."""
        now = (*self.review.claim.countries, *self.review.claim.regions)
        if (ids := self._names("countries, regions> ", now, ("country", "region"))) is not None:
            countries = [id_ for id_ in ids if self.review.entities[id_].type == "country"]
            self.review.tag(countries=countries, regions=[id_ for id_ in ids if id_ not in countries])

    def toggle(self, number: int) -> None:
        """Let whoever has this number act in the claim, or not; say what it is if nobody has said so yet."""
        names = self.review.names()
        if not 1 <= number <= len(names):
            raise UsageError(f"no name here has the number {number}")
        name = names[number - 1]
        chosen = self._added(name) if isinstance(name, str) else name
        if chosen and is_actor(chosen):
            ids = [actor.id for actor in self.review.claim.actors]
            others = [id_ for id_ in ids if id_ != chosen.id]
            self.review.tag(actors=others if chosen.id in ids else [*ids, chosen.id])

    def _names(self, prompt: str, now: Iterable[Entity], types: Sequence[str] = ()) -> list[str] | None:
        """Return the ids of the names typed, commas between; None if that was given up. New names may be added."""
        entities = self.review.entities.values()
        known = [n for e in entities if (e.type in types if types else is_actor(e)) for n in e.names[1:]]
        filled = "".join(f"{entity.name}, " for entity in now)
        typed = self.keys.line(prompt, filled, known=known, parted=",")
        if typed is None:
            return None
        ids: list[str] = []
        for name in filter(None, map(str.strip, typed.split(","))):
            entity = self.review.meant(name, kinds=types) or self._added(name, types)
            if entity is None:
                return None
            ids.append(entity.id)
        return list(dict.fromkeys(ids))

    def _added(self, name: str, types: Sequence[str] = ()) -> Entity | None:
        """Add *name* to entities.yaml as what the next key says, or say what it is; None if the key says nothing."""
        known = self.review.called(name)
        choices = {letter: type_ for letter, type_ in _TYPES.items() if type_ in types or not types}
        if known and (types or is_country(known)):
            raise UsageError(f"{name!r} is {known.name} ({known.id}, {known.type}) already")
        if known:
            choices = {k: type_ for k, type_ in choices.items() if type_ not in ("country", "region")}
        self._say(f"{name!r} is a {known.type}. Change it to a:" if known else f"{name!r} is new. It is a:")
        type_ = self._choice(choices)
        if type_ and known:
            return self.review.retype(known, type_)
        more: dict[str, Any] = {}
        if type_ == "country":
            more["code"] = self.keys.line("code, such as TJ> ")
        elif type_ == "region":
            more["members"] = self._names("its countries> ", (), ("country", "region"))
        return self.review.add(name, type_, **more) if type_ and all(more.values()) else None

    def name(self) -> None:
        """Add a name of any type."""
        if (name := self.keys.line("new name> ")) and (added := self._added(name)):
            self._say(f"added {added.name} as {added.id}")

    def date(self) -> None:
        """Set the date."""
        if typed := self.keys.line("date> ", self.review.claim.date):
            self.review.tag(**self.review.date(typed))

    def source(self) -> None:
        """Set the source."""
        sources = self.review.facts.sources
        known = [name for s in sources for name in (s.ref, s.key, s.label)]
        if typed := self.keys.line("source> ", known=known):
            self.review.tag(**self.review.source(typed))

    def at(self) -> None:
        """Set the sentences that the claim rests on."""
        if typed := self.keys.line("sentences> ", " ".join(self.review.claim.at)):
            self.review.stand(self.review.at(typed))

    def lean(self) -> None:
        """Add the sentences that have the names and numbers that its own have not."""
        lacking = self.review.lacking()
        if not lacking:
            raise UsageError("no sentence nearby has the missing names or numbers; p sets any sentence")
        self.review.stand([*self.review.claim.at, *lacking])

    def note(self) -> None:
        """Set the note; an empty line takes it away."""
        now = self.review.claim.note
        typed = self.keys.line("note> ", "" if now.startswith(UNWRITTEN) else now)
        if typed is not None:
            self.review.tag(note=typed)

    def listed(self, field: str, prompt: str) -> None:
        """Set the texts of a *field*."""
        typed = self.keys.line(f"{prompt}; ; between> ", "; ".join(getattr(self.review.claim, field)))
        if typed is not None:
            self.review.tag(**{field: [part.strip() for part in typed.split(";") if part.strip()]})

    def explain(self) -> None:
        """Say explain a finding: why the claim is right."""
        rules = list(dict.fromkeys(rule for rule, _ in self.review.findings()))
        if not rules:
            raise UsageError("there is no finding to explain")
        for rule in rules:
            if why := self.keys.line(f"{rule}: it is right, because> "):
                self.review.explain(rule, why)

    def drop(self) -> None:
        """Remove the claim."""
        claim = self.review.claim
        bare = self.review.drop()
        left = f"; no claim rests on {', '.join(bare)} now" if bare else ""
        self._say(f"{claim.id} is dropped{left}; u brings it back")

    def undo(self) -> None:
        """Take the last step back."""
        self._say(f"undone: {self.review.undo()}")

    def help(self) -> None:
        """List the keys."""
        listed = {key: step.help for key, step in STEPS.items() if key.isprintable()}
        listed = {"Return": STEPS["\n"].help, **listed}
        width = max(map(len, listed))
        for key, does in listed.items():
            self._say(does, f"  {key:<{width}}  ")

    def leave(self) -> None:
        """Leave."""
        self._is_over = True


class Step(NamedTuple):
    """What a key does, and the line about it."""

    does: Callable[[EditSession], None]
    help: str


STEPS = {
    "\n": Step(EditSession.enter, "accept: the claim is true to its sentences and has no findings"),
    "a": Step(lambda sitting: sitting.review.accept(), "accept anyway"),
    "e": Step(
        EditSession.text, f"text; {_PARTING} makes two claims of it; up inserts the sentence, Tab completes"
    ),
    "k": Step(EditSession.kind, "kind"),
    "1": Step(
        lambda sitting: sitting.toggle(1),
        "(or 2 to 9) switch whether this name is an actor; one with a ? is added to entities.yaml first",
    ),
    "w": Step(EditSession.who, "who acts, commas between; Tab completes; a new name is added"),
    "c": Step(EditSession.places, "countries and regions"),
    "d": Step(EditSession.date, "date: August 2021, 2021-08, 2008/2018, 1979/.., writing; inferred after it"),
    "r": Step(EditSession.source, "source: number, key or article; inferred after it"),
    "y": Step(EditSession.speakers, "who says it"),
    "p": Step(EditSession.at, "sentences it rests on"),
    "@": Step(EditSession.lean, "add the sentences that have the missing names"),
    "n": Step(EditSession.note, "note; an empty one is removed"),
    "f": Step(
        lambda sitting: sitting.listed("asks", "questions that it answers"), "questions that it answers"
    ),
    "t": Step(lambda sitting: sitting.listed("terms", "other words for it"), "other words for it"),
    "x": Step(EditSession.explain, "explain a finding: why the claim is right"),
    "+": Step(EditSession.name, "add a name to entities.yaml, or say what a topic or place is"),
    "/": Step(EditSession.split, "split"),
    "m": Step(EditSession.merge, "merge with the claim before"),
    "s": Step(lambda sitting: sitting.review.skip(), "skip"),
    "b": Step(lambda sitting: sitting.review.back(), "back"),
    "D": Step(EditSession.drop, "drop the claim"),
    "u": Step(EditSession.undo, "undo, as often as you like"),
    "=": Step(lambda sitting: sitting.show(page.whole), "show it again, with its sentences"),
    "?": Step(EditSession.help, "these keys"),
    "q": Step(EditSession.leave, "quit; next time it goes on from here"),
    END: Step(EditSession.leave, ""),
}
"""Every key, in the order of its help."""


def _screen() -> Screen:
    """Return what the terminal can do; a pipe has no colours."""
    drawn = screen()
    return drawn._replace(colour=drawn.colour and is_terminal(sys.stdout))


def _spoken(seconds: float) -> str:
    """Return a length of time as one says it."""
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"~{minutes} min" if minutes else "under a minute"
    return f"~{minutes // 60} h {minutes % 60:02} min"
