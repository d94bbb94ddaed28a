"""Which directories of facts are meant."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from afcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VARIABLE = "AFCLI_FACTS"


def locate_all(given: Sequence[Path] = ()) -> list[Path]:
    """Return the directories of facts: those *given* by --facts, else in $AFCLI_FACTS, else the shipped ones.

    Raises UsageError where one is no directory that holds a fact base.
    """
    if given:
        return _each(given, "--facts")
    if named := os.environ.get(VARIABLE):
        # A directory may have a colon in its name.
        parts = [named] if _at_home(Path(named)).is_dir() else filter(None, named.split(os.pathsep))
        return _each(map(Path, parts), VARIABLE)
    packaged = Path(__file__).parent / "facts"
    # An editable install has no packaged copy: the facts stand in the checkout.
    return [packaged if packaged.is_dir() else Path(__file__).parents[2] / "facts"]


def locate(given: Sequence[Path] = (), place: Path | None = None) -> Path:
    """Return the one directory of facts: *place*, else as `locate_all`, which must not find several."""
    if place:
        return _directory(place, "DIR")
    found = locate_all(given)
    if len(found) > 1:
        raise UsageError(f"this takes one fact base; name {' or '.join(map(str, found))}")
    return found[0]


def _each(paths: Iterable[Path], origin: str) -> list[Path]:
    """Return the directories, each once."""
    return list({path.resolve(): _directory(path, origin) for path in map(_at_home, paths)}.values())


def _at_home(path: Path) -> Path:
    """Return *path* with `~` as the home directory, which no shell puts there within a word."""
    return Path(os.path.expanduser(path))  # noqa: PTH111  # where there is no home, that of Path fails


def _directory(path: Path, origin: str) -> Path:
    if not (path / "article.yaml").is_file():
        raise UsageError(f"{origin}: {str(path)!r} is no fact base; name a directory that holds article.yaml")
    return path
