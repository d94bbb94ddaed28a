"""Write a folder of notes, and update it without ever overwriting what somebody else wrote there.

A list in the folder has the digest of every note as afcli wrote it: a note that differs is no longer ours.
"""

from __future__ import annotations

import json
import re
from hashlib import blake2b
from typing import TYPE_CHECKING

from afcli.errors import UsageError, WriteError, reason
from afcli.files import atomic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LIST = ".afcli-notes.json"
_NAME = re.compile(r"(?:[A-Za-z0-9_-]+/)?[A-Za-z0-9_-]+\.md")
"""What the list may name: one that came from elsewhere reaches no other file."""


def write_folder(directory: Path, contents: Mapping[str, str]) -> None:
    """Make *directory* hold the notes *contents*, by path, and no older ones of ours.

    Raises UsageError, and writes nothing, if a note is there that afcli did not write, or that was changed
    since; WriteError if the system refuses.
    """
    try:
        _write(directory, {name: text.encode("utf-8", "backslashreplace") for name, text in contents.items()})
    except OSError as error:
        raise WriteError(
            f"{error.filename or directory} cannot be written: {reason(error)}; name another folder"
        ) from None


def _write(directory: Path, contents: Mapping[str, bytes]) -> None:
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory} is a file; name a folder for the notes")
    listed = _listed(directory)
    there = {name: _content(directory / name) for name in {*contents, *listed}}
    ours = {name for name, old in there.items() if old is not None and _digest(old) in listed.get(name, ())}
    strange = sorted(n for n, new in contents.items() if there[n] not in (None, new) and n not in ours)
    if strange:
        others = f" and {len(strange) - 1} more" if len(strange) > 1 else ""
        raise UsageError(
            f"{directory / strange[0]}{others}: not written by afcli, or changed since; nothing was written; move it away or name another folder"
        )
    for folder in sorted({directory, *((directory / name).parent for name in contents)}):
        folder.mkdir(parents=True, exist_ok=True)
    new = {name: [_digest(content)] for name, content in contents.items()}
    # Whenever the process ends, the list knows what it wrote.
    _save(directory / LIST, _dumped({n: [*listed.get(n, ()), *new.get(n, ())] for n in there}))
    for name, content in contents.items():
        if there[name] != content:
            _save(directory / name, content)
    for name in ours - contents.keys():
        (directory / name).unlink()
    _save(directory / LIST, _dumped(new))


def _listed(directory: Path) -> dict[str, list[str]]:
    try:
        found = json.loads((_content(directory / LIST) or b"{}").decode())
        return {
            name: digests
            for name, digests in found.items()
            if _NAME.fullmatch(name) and isinstance(digests, list)
        }
    except (ValueError, AttributeError, TypeError):
        return {}


def _content(path: Path) -> bytes | None:
    """Return what the file at *path* holds, None if there is none; a link is never ours to follow."""
    if path.is_symlink() or path.parent.is_symlink():
        raise UsageError(f"{path} is a link or inside one; nothing was written; name another folder")
    return path.read_bytes() if path.exists() else None


def _save(path: Path, content: bytes) -> None:
    # Hundreds of small files that can be made again: none is worth waiting for the disk.
    with atomic.temporary(path) as unfinished:
        unfinished.write_bytes(content)
        unfinished.replace(path)


def _dumped(digests: Mapping[str, list[str]]) -> bytes:
    return json.dumps(digests, indent=0, sort_keys=True).encode()


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()
