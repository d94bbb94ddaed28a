"""The claims that a paper cites, for `afcli cite --list`."""

import shutil
from pathlib import Path
from typing import NoReturn

import typer

from afcli.cli.screen import FOUND, NOTHING, say, write
from afcli.errors import UsageError, reason
from afcli.library import Facts


def list_cited(facts: Facts, paper: Path, *, stamp: bool, json: bool) -> NoReturn:
    """Show the claims that *paper* cites and whether each has changed since the stamp; with *stamp*, renew it.

    The status is 0 only where every claim is known and none has changed.
    """
    from afcli.citing.cited_keys import cited, with_stamp

    text = _text(paper)
    found = cited(text, facts.base)
    if json:
        from afcli.render.json import array

        write(array([mention.record() for mention in found]))
    else:
        rows = ((m.key, m.standing, ",".join(map(str, m.lines)), m.claim.text) for m in found if m.claim)
        write("".join("\t".join(row) + "\n" for row in rows))
    for mention in found:
        if mention.fault:
            say(f"{paper}:{mention.lines[0]}: {mention.fault}")
    claims = [mention.claim for mention in found if mention.claim]
    if stamp and claims:
        _save(paper, with_stamp(text, paper.suffix, claims))
        say(f"claims stamped in {paper}: {len(claims)}")
    if not found:
        say(f"{paper} cites no claim of these facts")
    wrong = {"unknown"} if stamp else {"unknown", "changed"}
    raise typer.Exit(FOUND if claims and not any(m.standing in wrong for m in found) else NOTHING)


def _text(paper: Path) -> str:
    from afcli.files import safe_open

    try:
        return safe_open.content(paper).decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"--list: {paper} is not text in UTF-8; save it as Markdown, Org or LaTeX") from None
    except OSError as error:
        raise UsageError(f"--list: {paper} cannot be read: {reason(error)}") from None


def _save(paper: Path, text: str) -> None:
    """Rewrite the paper, completely or not at all, with the permissions that it had."""
    from afcli.files import atomic

    whole = paper.resolve()
    try:
        with atomic.temporary(whole) as unfinished:
            unfinished.write_bytes(text.encode())
            shutil.copymode(whole, unfinished)
            atomic.settle(unfinished, whole)
    except OSError as error:
        raise UsageError(f"{paper} cannot be written: {reason(error)}; check its permissions") from None
