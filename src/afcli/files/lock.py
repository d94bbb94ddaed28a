"""Keep two people from editing a fact base at once: a lock file in it says who is editing."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING

from afcli.errors import UsageError
from afcli.files import journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = ".afcli-lock"


@contextlib.contextmanager
def held(directory: Path) -> Iterator[None]:
    """Hold the lock of the fact base in *directory*; raise UsageError, naming who holds it, if somebody does.

    The system gives up the lock of a process that ends, however it ends; the file alone counts only
    where it was written on another machine.
    """
    path = directory / NAME
    with journal.refusing(directory):
        number = _locked(path)
        os.truncate(number, 0)
        os.write(number, json.dumps(_holder()).encode())
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(number)


def _locked(path: Path) -> int:
    """Return the locked file, opened; raise UsageError if another process has it."""
    while True:
        with contextlib.ExitStack() as stack:
            number = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            stack.callback(os.close, number)
            _refuse_another(path, number)
            # The one who held it may have removed this very file just now.
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(number), path.stat()):
                    stack.pop_all()
                    return number


def _refuse_another(path: Path, number: int) -> None:
    """Lock the opened file; raise UsageError if another process has it, or one on another machine may."""
    locked, holder = _lock(number), _read(number)
    elsewhere = holder and holder.get("host") != _host()
    if locked and not elsewhere:
        return
    who = f"{holder.get('user', 'somebody')} on {holder.get('host', 'some machine')}"
    since = f"process {holder.get('pid', '?')}, since {holder.get('since', '?')}"
    more = f"; if that has ended, delete {path}" if locked else ""
    raise UsageError(f"{path.parent} is being edited by {who} ({since}); wait until that ends{more}")


def _lock(number: int) -> bool:
    try:
        import fcntl

        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return not _read(number)  # some systems, and some network file systems, have no locks
    return True


def _read(number: int) -> dict[str, str]:
    os.lseek(number, 0, os.SEEK_SET)
    try:
        holder = json.loads(os.read(number, 4096) or b"{}")
    except ValueError:
        holder = {}
    return holder if isinstance(holder, dict) else {}


def _holder() -> dict[str, str]:
    import getpass
    from datetime import UTC, datetime

    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a bare user number, as in a container
        user = "somebody"
    now = datetime.now(UTC).isoformat(" ", "minutes")
    return {"user": user, "host": _host(), "pid": str(os.getpid()), "since": now}


def _host() -> str:
    import socket

    return socket.gethostname()
