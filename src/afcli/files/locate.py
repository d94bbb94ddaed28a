"""Find the directories of facts to use."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from afcli.errors import UsageError, reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VARIABLE = "AFCLI_FACTS"
JOURNAL = ".afcli-journal"
"""Exists in a directory of facts while several of its files are being changed (files/journal.py)."""

_ADDRESSES = ("opensearch:/", "opensearch+https:/")
"""How the address of a base in a cluster begins; a path made of one has a single slash there."""


def is_address(text: str | Path) -> bool:
    """Tell the address of a base in a cluster (opensearch/address.py) from a directory."""
    return str(text).startswith(_ADDRESSES)


def locate_all(given: Sequence[Path] = ()) -> list[Path]:
    """Return the directories of facts: those *given* by --facts, else in $AFCLI_FACTS, else the shipped ones.

    The address of a base in a cluster stays as it is. Raises UsageError if one is not a directory with a fact base.
    """
    if given:
        return _each(given, "--facts")
    if named := os.environ.get(VARIABLE):
        # A directory may have a colon in its name.
        one = os.path.isdir(_at_home(Path(named)))  # noqa: PTH112  # Path's raises where the name is too long
        parts = [named] if one else _separated(named)
        return _each(map(Path, parts), VARIABLE)
    packaged = Path(__file__).parents[1] / "facts"
    # An editable install has no packaged copy: the facts are in the checkout.
    return [packaged if packaged.is_dir() else Path(__file__).parents[3] / "facts"]


def locate(given: Sequence[Path] = (), place: Path | None = None) -> Path:
    """Return the one directory of facts: *place*, or the only one that `locate_all` finds."""
    directories = _each([place], "DIR") if place else locate_all(given)
    if any(map(is_address, directories)):
        raise UsageError(
            "this takes the files of a fact base, not its address in a cluster; name a directory"
        )
    if len(directories) > 1:
        raise UsageError(f"this takes one fact base; name {' or '.join(map(str, directories))}")
    return directories[0]


def _each(paths: Iterable[Path], origin: str) -> list[Path]:
    """Return the directories, each once."""
    directories = [_directory(path, origin) for path in map(_at_home, paths)]
    try:
        return list({path.resolve(): path for path in directories}.values())
    except OSError:
        raise UsageError("the working directory was removed; go to another") from None


def _separated(named: str) -> list[str]:
    """Return the parts of a list of directories and addresses, whose own colons separate nothing."""
    if "opensearch" not in named:
        return [part for part in named.split(os.pathsep) if part]
    address = rf"opensearch(?:\+https)?:/+[^/]*/[^{os.pathsep}]*"
    return re.findall(rf"{address}|[^{os.pathsep}]+", named)


def _at_home(path: Path) -> Path:
    """Return *path* with `~` as the home directory: shells do not expand it within a word."""
    return Path(os.path.expanduser(path))  # noqa: PTH111  # where there is no home, that of Path fails


def _directory(path: Path, origin: str) -> Path:
    if is_address(path):
        return path
    try:
        if (path / "article.yaml").is_file():
            return path
        wrong = "is not a fact base"
    except OSError as error:
        wrong = f"cannot be read: {reason(error)}"
    name = f"{str(path)[:200]!r}{'...' * (len(str(path)) > 200)}"
    raise UsageError(f"{origin}: {name} {wrong}; name a directory that holds article.yaml")
