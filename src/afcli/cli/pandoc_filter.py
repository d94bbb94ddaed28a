"""The pandoc filter `afcli-cite`: standard input and output are pandoc's JSON."""

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from afcli.errors import AfcliError, UsageError
from afcli.library import open_facts

_HELP = """\
afcli-cite is a filter for pandoc: pandoc --filter afcli-cite --citeproc paper.md
Citations such as [@c072] and [@6] become those of the sources; see docs/papers.md.
The metadata `afcli-facts: DIR`, or AFCLI_FACTS, names the fact base.
"""


def main() -> NoReturn:
    """Read a document, cite its claims, write it; name each unknown claim on standard error, and fail."""
    try:
        sys.exit(run(sys.argv[1:]))
    except BrokenPipeError:
        os._exit(1)


def run(arguments: list[str]) -> int:
    """Return the exit status, having written the document or said what is wrong."""
    from afcli.citing.pandoc_document import cite_claims, each, plain

    if "--help" in arguments or "-h" in arguments or not sys.stdin or sys.stdin.isatty():
        sys.stdout.write(_HELP)
        return 0
    try:
        document = _document()
        # None named: those of the environment, else the shipped ones.
        facts = open_facts(*map(plain, each(document["meta"], "afcli-facts")))
        done = cite_claims(document, facts.base, _place_of)
    except AfcliError as error:
        for line in error.lines():
            sys.stderr.write(f"{line}\n")
        return error.exit_status
    sys.stdout.buffer.write(json.dumps(done, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return 0


def _document() -> dict[str, Any]:
    try:
        document: Any = json.load(sys.stdin.buffer)
    except (ValueError, RecursionError):
        document = None
    meta = document.get("meta", {}) if isinstance(document, dict) else None
    if not isinstance(meta, dict) or "blocks" not in document:
        raise UsageError("standard input is not a pandoc document; run pandoc --filter afcli-cite")
    return {**document, "meta": meta}


def _place_of(key: str) -> str:
    """Return `file:line: ` of a key in what pandoc reads; empty where the system does not tell its arguments."""
    from afcli.citing.cited_keys import mentions

    try:
        arguments = Path(f"/proc/{os.getppid()}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    for path in map(os.fsdecode, arguments[1:]):
        try:
            text = Path(path).read_text("utf-8") if Path(path).is_file() else ""
        except (OSError, ValueError):
            continue
        if lines := mentions(text).get(key):
            return f"{path}:{lines[0]}: "
    return ""
