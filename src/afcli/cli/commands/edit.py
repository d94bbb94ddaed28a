"""afcli edit: write and review claims one by one, a key per step."""

import contextlib
import gc
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from afcli.cli.commands.drafts import Article
from afcli.cli.options import FactsDirs
from afcli.cli.screen import NOTHING, page_output, say
from afcli.errors import UsageError
from afcli.model import UNREAD, Status

if TYPE_CHECKING:
    from afcli.fact_base import FactBase


def run(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DIR] [ID]...", help="The fact base, and only these claims.", show_default=False
        ),
    ] = None,
    article: Article = None,
    status: Annotated[
        list[Status] | None,
        typer.Option(
            "--status",
            metavar="STATUS",
            help="Only claims that are draft, proposed, changed, gone or read; repeatable.",
        ),
    ] = None,
    by: Annotated[
        str,
        typer.Option("--by", metavar="NAME", help="Who reads; by default git's user.name, or the login."),
    ] = "",
    directory: FactsDirs = None,
) -> None:
    """Write and review claims one by one, beside their sentences.

    Drafts come first, then proposed claims, then changed ones. Every step is saved at once: quit when you like,
    and go on tomorrow. The key ? lists the keys. If standard input is not a terminal, each of its lines is a key
    or an answer.

    \b
    afcli edit my-facts
    afcli edit my-facts c004 c005 --by "Ada Wren"
    """
    from datetime import UTC, datetime

    from afcli.authoring.claim_edits import editing
    from afcli.authoring.review import Review
    from afcli.cli.edit_loop import EditSession
    from afcli.cli.keyboard import keyboard
    from afcli.files.load import load

    gc.enable()  # a sitting lasts hours
    page_output(False)
    place, ids = _place(context, words or [], directory)
    reader = by or _reader()
    with editing(place) as edits:
        base = load(place)
        today = datetime.now(UTC).date().isoformat()
        review = Review(base, edits, reader=reader, today=today)
        review.choose(ids, _statuses(status))
        if review.is_done:
            say(f"no claim in {place} is waiting to be read")
            raise typer.Exit(NOTHING)
        review.read_beside(_sentences(base, article))
        with keyboard() as keys:
            EditSession(review, keys).run()


def _place(
    context: typer.Context, words: Sequence[str], facts: Sequence[Path] | None
) -> tuple[Path, list[str]]:
    """Return the directory and the ids: the first word is a directory if there is one, or if it has a slash."""
    from afcli.files.locate import locate

    given = facts or context.obj or ()
    if words and (os.sep in words[0] or Path(words[0]).is_dir()):
        return locate((), Path(words[0])), list(words[1:])
    return locate(given), list(words)


def _statuses(chosen: Sequence[Status] | None) -> list[str]:
    """Return the values in the files: none for what was read."""
    if not chosen:
        return list(UNREAD)
    each = [*UNREAD, Status.read] if Status.all in chosen else chosen
    return ["" if status == Status.read else str(status) for status in each]


def _reader() -> str:
    import getpass
    import subprocess

    with contextlib.suppress(OSError):
        named = subprocess.run(["git", "config", "user.name"], capture_output=True, check=False, text=True)  # noqa: S607
        if name := named.stdout.strip():
            return name
    with contextlib.suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    raise UsageError("--by: no name found in git's config or the login; give one")


def _sentences(base: "FactBase", article: Path | None) -> Mapping[str, str]:
    """Return the article's sentences if they are known; say so if they are not."""
    from afcli.authoring.article import read_table, sentences
    from afcli.fact_base import sentence_ids

    table = base.directory / "sentences.tsv"
    if article is None and not table.exists():
        say("the sentences cannot be shown or compared with claims; name the article: --article FILE")
        return {}
    known = sentences(article) if article else read_table(table, "edit")
    if known.keys() != {*sentence_ids(base.sections)}:
        option = f"--article: {article}" if article else str(table)
        raise UsageError(
            f"{option} does not have the sentences of the outline; give the edition that the claims rest on with --article, "
            "or update the claims first: afcli verify --fix"
        )
    return known
