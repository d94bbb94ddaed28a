"""Have a command rewrite the drafts: any program that reads a prompt on standard input and prints text."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

from afcli.errors import EngineError, UsageError, reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from afcli.authoring.findings import Finding
    from afcli.authoring.proposals import ProposalDesk, Record

TRIES = 3
"""How often a command may correct a claim before the draft is left open."""

_TASK = """\
Below is one sentence of an article, with its neighbours. Write what it states as a claim in your own words.
Answer with one JSON object that fits the schema, and with nothing else.

Rules:
{rules}

Names, by id:
{names}

Schema:
{schema}

The draft, with its sentences and tags:
{draft}
"""
_AGAIN = """\

You answered:
{answer}

That cannot be accepted; correct it and answer again:
{findings}
"""


def rewrite(desk: ProposalDesk, command: str, by: str) -> Iterator[tuple[Any, list[Finding]]]:
    """Have a *command* line of the user's write each open draft; yield its last proposal, and what is wrong with that.

    It is run without a shell, once for each try. Raises UsageError if it cannot be split into words or started,
    EngineError if it fails.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--using: {command!r}: {str(error).lower()}; quote it as in a shell") from None
    if not words:
        raise UsageError("--using: names no command")
    for draft in list(desk.drafts()):
        prompt = task = _prompt(draft)
        for _ in range(TRIES):
            answer = _answer(words, prompt, command)
            proposal = {**_object(answer), "id": draft["id"], "by": by}
            wrong = desk.take(proposal)
            if not wrong:
                break
            prompt = task + _AGAIN.format(answer=answer.strip(), findings=_listed(map(str, wrong)))
        yield proposal, wrong


def _answer(words: Sequence[str], prompt: str, command: str) -> str:
    try:
        # The user chooses the command; the prompt is its input, never part of it.
        done = subprocess.run(words, input=prompt.encode(), capture_output=True, check=False)  # noqa: S603
    except OSError as error:
        raise UsageError(f"--using: {words[0]!r}: {reason(error)}; name a command") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise EngineError(
            f"--using: {command!r} ended with status {done.returncode}{f': {said[-1]}' if said else ''}"
        )
    return done.stdout.decode("utf-8", "replace")


def _prompt(draft: Record) -> str:
    own = {field: value for field, value in draft.items() if field not in ("names", "rules", "schema")}
    names = (f"{id_}: {name}" for id_, name in draft["names"].items())
    return _TASK.format(
        rules=_listed(draft["rules"]),
        names=_listed(names),
        schema=json.dumps(draft["schema"], ensure_ascii=False),
        draft=json.dumps(own, ensure_ascii=False, indent=1),
    )


def _listed(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _object(answer: str) -> dict[str, Any]:
    """Return the JSON object within an *answer*, whatever stands around it; an empty one if there is none."""
    start, end = answer.find("{"), answer.rfind("}")
    try:
        found = json.loads(answer[start : end + 1])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
