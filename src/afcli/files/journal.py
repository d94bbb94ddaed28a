"""Replace several files of a fact base at once: all of them or none, however the process ends.

Every new file is first written in full beside the old one. Then the journal is written, with digests of
old and new; then each file is renamed. Whoever next opens the base and finds a journal finishes
the change, or undoes it if no file was renamed yet.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from afcli.errors import UnfinishedError, UsageError, reason
from afcli.files import atomic
from afcli.files.locate import JOURNAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NEW = ".afcli-new"
# A base from elsewhere may bring a journal, which must reach no files but those of a base.
_FILES = re.compile(
    r"(article|bibliography|entities)\.yaml|(digests|sentences|tags)\.tsv|claims/[^/\\\0]+\.(yaml|jsonl)"
    r"|search/[^/\\\0]+\.yaml|\.schema/[a-z]+\.json"
)


def replace(directory: Path, contents: Mapping[str, tuple[bytes | None, bytes]]) -> None:
    """Replace the content of files in *directory*, by name, all or none.

    Each comes with its old content, None if there must be no file yet. Raises UnfinishedError if
    a file has changed, UsageError if one cannot be written; in both cases no file is replaced.
    """
    paths = {name: _real(directory, name) for name in contents}
    journal = directory / JOURNAL
    with refusing(directory), _alone(directory), contextlib.ExitStack() as undo:
        _finish(directory)
        for name, (old, _) in contents.items():
            if _read(paths[name]) != old:
                raise UnfinishedError(
                    f"{directory / name} was changed just now by another program; try again"
                )
        for name, real in paths.items():
            unfinished = _beside(real)
            undo.callback(unfinished.unlink, missing_ok=True)
            unfinished.write_bytes(contents[name][1])
            if real.exists():
                shutil.copymode(real, unfinished)
        # After all are written: the disk takes thousands of files at once much faster than one by one.
        for path in (*map(_beside, paths.values()), *{real.parent for real in paths.values()}):
            atomic.sync(path)
        undo.callback(_beside(journal).unlink, missing_ok=True)
        undo.callback(journal.unlink, missing_ok=True)
        files = {name: [_digest(old), _digest(new)] for name, (old, new) in contents.items()}
        _beside(journal).write_text(json.dumps({"files": files}), "utf-8")
        atomic.settle(_beside(journal), journal)
        undo.pop_all()
        _finish(directory)


@contextlib.contextmanager
def refusing(directory: Path) -> Iterator[None]:
    """Raise UsageError instead of OSError if *directory* cannot be written."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{directory}: cannot be written: {reason(error)}; check its permissions and free space"
        ) from None


def finish(directory: Path) -> None:
    """Finish an interrupted change of the files in *directory*, if there is one.

    Raises UnfinishedError if that is impossible.
    """
    journal = directory / JOURNAL
    if not os.path.lexists(journal):
        return
    try:
        with _alone(directory):
            _finish(directory)
    except OSError as error:
        raise UnfinishedError(
            f"{journal}: an interrupted change to these files cannot be finished: {reason(error)}; "
            "make the directory writable and run the command again"
        ) from None


def _finish(directory: Path) -> None:
    journal = directory / JOURNAL
    files = _listed(journal)
    if files is None:
        return
    finished, waiting, altered = [], [], []
    for name, (old, new) in files.items():
        real = _real(directory, name)
        now = _digest(_read(real))
        if now == new:
            finished.append(name)
        elif now == old and _digest(_read(_beside(real))) == new:
            waiting.append(real)
        else:
            altered.append(name)
    if altered and finished:
        raise UnfinishedError(
            f"{journal}: a change to these files was interrupted, and {altered[0]} was edited or lost since; "
            "restore all the files or make them agree, then delete the journal"
        )
    renamed = [] if altered else waiting
    for real in renamed:
        _beside(real).replace(real)
    # Each folder once: thousands of files may be in one.
    for folder in {real.parent for real in renamed}:
        atomic.sync(folder)
    journal.unlink(missing_ok=True)
    atomic.sync(directory)
    for name in files:
        _beside(_real(directory, name)).unlink(missing_ok=True)


def _listed(journal: Path) -> dict[str, tuple[str | None, str]] | None:
    """Return the old and new digests of each file in the *journal*; None if there is no journal."""
    content = _read(journal)
    if content is None:
        return None
    try:
        files = {name: (old, new) for name, (old, new) in json.loads(content)["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        files = {"": (None, "")}
    if not all(map(_FILES.fullmatch, files)):
        raise UnfinishedError(f"{journal}: this is not an afcli journal; delete it once all files are right")
    return files


def _real(directory: Path, name: str) -> Path:
    """Return where a file really is, so that a symbolic link stays one."""
    return Path(os.path.realpath(directory / name))


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name.removeprefix('.')}{_NEW}")


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _digest(content: bytes | None) -> str | None:
    import hashlib

    return None if content is None else hashlib.sha256(content).hexdigest()


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Keep other processes from changing the files of *directory*, if the system has locks."""
    number = os.open(directory, os.O_RDONLY)
    try:
        with contextlib.suppress(ImportError, OSError):  # some network file systems have no locks
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)
