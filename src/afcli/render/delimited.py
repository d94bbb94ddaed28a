"""Records as rows: bare cells for a pipe, or full tables with a header."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from afcli.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def plain(rows: Iterable[Sequence[str]]) -> str:
    """Return one record per line, with tabs between cells and no header."""
    return "".join("\t".join(one_line(cell) for cell in row) + "\n" for row in rows)


def table(records: Sequence[dict[str, Any]], delimiter: str) -> str:
    """Return the records with every field and a header; nested fields as `date_start`.

    CSV follows RFC 4180 except for its line ends. White space inside a cell becomes one space.
    """
    rows = [_flat(record) for record in records]
    if not rows:
        return ""
    import csv

    out = io.StringIO()
    # Some fields stand only where they are set.
    columns = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(out, list(columns), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _flat(record: dict[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat.update({f"{key}_{inner}": _cell(part) for inner, part in value.items()})
        else:
            flat[key] = _cell(value)
    return flat


def _cell(value: Any) -> str:
    """Return a field as text; in a list an entity is its name, a match all its values, which contain no white space."""
    match value:
        case None:
            return ""
        case list():
            return "; ".join(map(_cell, value))
        case {"name": name}:
            return one_line(name)
        case dict():
            return " ".join(map(str, value.values()))
    return one_line(str(value))
