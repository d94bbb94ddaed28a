"""Records as JSON: an array, or one object per line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from afcli.text import is_unsafe

if TYPE_CHECKING:
    from collections.abc import Sequence


def array(records: Sequence[dict[str, Any]]) -> str:
    """Return one JSON array, with one object per line; `[]` if there are no records."""
    if not records:
        return "[]\n"
    return "[\n" + ",\n".join(_object(record) for record in records) + "\n]\n"


def lines(records: Sequence[dict[str, Any]]) -> str:
    """Return JSON Lines (https://jsonlines.org)."""
    return "".join(_object(record) + "\n" for record in records)


def _object(record: dict[str, Any]) -> str:
    """Return *record* on one line, readable in any script, but without terminal control codes."""
    text = json.dumps(record, ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(json.dumps(c)[1:-1] if is_unsafe(c) else c for c in text)
