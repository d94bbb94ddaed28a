"""afcli accept: proposed claims for drafts, each compared with its sentences."""

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from afcli.authoring.findings import Finding
from afcli.cli.commands.drafts import Article
from afcli.cli.screen import FOUND, NOTHING, say, write
from afcli.errors import UsageError, reason
from afcli.files import safe_open
from afcli.files.locate import locate
from afcli.files.strict_yaml import read_line
from afcli.problems import Problem

if TYPE_CHECKING:
    from afcli.authoring.proposals import ProposalDesk

_LONGEST = 1 << 20
"""The most bytes that the line of a proposal may have."""
_TOGETHER = 16
"""How many proposals of a file are written at once: the disk takes longer than all the rest."""


Ruling = tuple[Any, list[Finding], int]
"""What became of one proposal: itself, what is wrong with it, and its line in the file, or 0."""


def run(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="The proposals, JSON Lines; - reads standard input.")
    ] = "",
    article: Article = None,
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help="Who or what wrote them, if they do not say so.")
    ] = "",
    using: Annotated[
        str,
        typer.Option(
            "--using",
            metavar="COMMAND",
            help="Instead of FILE: have this command write each draft; it reads a prompt and prints JSON.",
        ),
    ] = "",
    *,
    directory: Path,
) -> None:
    """Accept proposed claims for drafts.

    Checks each against the schema, `check` and `verify`, and writes the sound ones as proposed, for a person to
    read. The others come back on standard output as JSON Lines with their findings, and the exit status is 1.
    A proposal is written whole or not at all; sending it twice changes nothing.

    \b
    afcli accept proposals.jsonl my-facts --by 'Ann Lee'
    afcli accept --using './model --quiet' my-facts
    """
    from afcli.authoring.proposals import desk, sentences_of

    if using:
        # There is no file, so what stands in its place is the base.
        directory, file = locate((), Path(file)) if file else directory, ""
    elif not file:
        raise typer.BadParameter("name a FILE of proposals, or - for standard input, or --using COMMAND")
    with desk(directory, sentences_of(directory, article)) as open_desk:
        rulings = _written(open_desk, using, by) if using else _proposed(open_desk, file, by)
        taken, returned = _told(rulings, "" if using else file)
    say(f"{taken} accepted, {returned} returned")
    raise typer.Exit(NOTHING if returned or not taken else FOUND)


def _told(rulings: Iterable[Ruling], file: str) -> tuple[int, int]:
    """Write each proposal that was not taken, as soon as that is known; return how many were, and were not."""
    from afcli.render import json

    taken = returned = 0
    for proposal, wrong, line in rulings:
        if not wrong:
            taken += 1
            continue
        returned += 1
        findings = [{"rule": str(f.rule), "where": f.where, "message": f.message} for f in wrong]
        at = {"line": line} if line else {}
        is_object = isinstance(proposal, dict)
        write(json.lines([{**(proposal if is_object else {}), **at, "findings": findings}]))
        if not is_object:
            say(f"afcli: {'standard input' if file == '-' else file}:{line}: {wrong[0].message}")
    return taken, returned


def _written(desk: "ProposalDesk", command: str, by: str) -> Iterator[Ruling]:
    """Have the command write each open draft; each is on disk before the next is begun."""
    from afcli.authoring.drafting_command import rewrite

    total = sum(1 for _ in desk.drafts())
    for number, (proposal, wrong) in enumerate(rewrite(desk, command, by or command), 1):
        yield proposal, wrong, 0
        if sys.stderr.isatty():
            say(f"{number} of {total}: {proposal['id']} {'left open' if wrong else 'written'}")


def _proposed(desk: "ProposalDesk", file: str, by: str) -> Iterator[Ruling]:
    """Take the proposals of a file, which may be of any size, some lines at a time, each of standard input at once."""
    with _opened(file) as lines:
        numbered = enumerate(_bounded(lines), 1)
        while batch := list(islice(numbered, 1 if file == "-" else _TOGETHER)):
            with desk.together():
                rulings = [_ruling(desk, Path(file), number, line, by) for number, line in batch]
            yield from filter(None, rulings)


def _ruling(desk: "ProposalDesk", path: Path, number: int, line: bytes, by: str) -> Ruling | None:
    """Return what becomes of one line; nothing if it is blank."""
    if len(line) > _LONGEST:
        wrong = [f"is longer than {_LONGEST >> 20} MB; a proposal is a few lines of text"]
    else:
        problems: list[Problem] = []
        if document := read_line(path, number, line, problems):
            return document.data, desk.take(document.data, by), number
        wrong = [problem.advice for problem in problems]
    return (None, [Finding("json", "", message) for message in wrong], number) if wrong else None


def _bounded(lines: BinaryIO) -> Iterator[bytes]:
    """Yield each line, of one that is too long only a beginning that is."""
    while line := lines.readline(_LONGEST + 1):
        rest = line
        while len(rest) > _LONGEST and not rest.endswith(b"\n"):
            rest = lines.readline(_LONGEST + 1)
        yield line


def _opened(file: str) -> BinaryIO:
    if file == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed; give proposals there, one per line")
        return sys.stdin.buffer
    try:
        return safe_open.opened(Path(file))
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {reason(error)}; name a file of proposals") from None
