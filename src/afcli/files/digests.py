"""The digests of an article's sentences, in a file that only afcli writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afcli.files import strict_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from afcli.problems import Problem

NAME = "digests.tsv"
_HEAD = "# Written by afcli verify --stamp: the sentences of the article, and a digest of each.\n"
_ROW = re.compile(r"((?:[1-9]\d{0,8}[a-z]{0,4}|0[a-z]{1,4})\.[1-9]\d{0,8})\t([0-9a-f]{16})", re.ASCII)


def dump(digests: Mapping[str, str]) -> str:
    """Return the content of the file: a line that says what it is, then one sentence and digest per line."""
    return _HEAD + "".join(f"{sentence}\t{digest}\n" for sentence, digest in digests.items())


def parse(path: Path, problems: list[Problem]) -> strict_yaml.Document:
    """Read the file at *path* into a document like an article's, with `digests` by sentence.

    A line of another form is added to *problems*. Raises FactsError if the file cannot be read at all.
    """
    digests: dict[str, str] = {}
    document = strict_yaml.Document(path, {"digests": digests}, problems=problems)
    for number, line in enumerate(strict_yaml.text(path).splitlines(), 1):
        row = _ROW.fullmatch(line)
        if row and row[1] not in digests:
            digests[row[1]] = row[2]
            document.lines["digests", row[1]] = number
        elif not line.startswith("#"):
            document.lines[()] = number
            message = f"{row[1]!r} appears twice" if row else "is not a sentence and its digest"
            document.report((), message, "delete this file, and let afcli verify --stamp write it")
    return document
