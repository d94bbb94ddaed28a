"""Which directory of facts is meant."""

from __future__ import annotations

import os
from pathlib import Path

from afcli.errors import UsageError

VARIABLE = "AFCLI_FACTS"


def locate(given: Path | None = None, origin: str = "--facts") -> Path:
    """Return the directory of facts: *given* by *origin*, else $AFCLI_FACTS, else the shipped ones.

    Raises UsageError where that is no directory that holds a fact base.
    """
    if given is not None:
        return _directory(given, origin)
    if named := os.environ.get(VARIABLE):
        return _directory(Path(named), VARIABLE)
    packaged = Path(__file__).parent / "facts"
    # An editable install has no packaged copy: the facts stand in the checkout.
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "facts"


def _directory(path: Path, origin: str) -> Path:
    if not (path / "article.yaml").is_file():
        raise UsageError(f"{origin}: {str(path)!r} is no fact base; name a directory that holds article.yaml")
    return path
