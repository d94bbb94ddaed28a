"""The keys that the text of a paper cites, each with its lines: Markdown, Org and LaTeX."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from afcli.citing.pandoc_document import Keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from afcli.index.base import Base
    from afcli.model import Claim

Standing = Literal["same", "changed", "new", "unknown"]

_KEY = r"[\w][\w]*(?:[:.#$%&+?<>~/-]+\w+)*"
_MARKDOWN = re.compile(rf"(?<![\w@\\])@\{{?({_KEY})|\bcite:({_KEY})")
_LATEX = re.compile(r"\\[a-zA-Z]*cite[a-zA-Z]*\*?((?:\s*\[[^\]]*\])*)\s*\{([^{}]*)\}")
_FENCE = re.compile(
    r"(?ms)^(?P<fence>```+|~~~+).*?^(?P=fence)|^#\+begin_(?:src|example).*?^#\+end_|`[^`\n]+`", re.IGNORECASE
)
_READING = ("by", "read_by", "read_on")
"""Who wrote and read a claim changes nothing of what it says."""
_HEAD = "afcli: the claims cited here, as they were read; afcli cite --list --stamp writes this"
_ROW = re.compile(r"(?m)^(?:[#%] )?(\S+) ([0-9a-f]{16})\r?$")
_STAMP = re.compile(
    rf"(?m)^(?:<!-- {re.escape(_HEAD)}(?:.|\n)*?-->|[#%] {re.escape(_HEAD)}(?:\r?\n[#%] \S+ [0-9a-f]{{16}})*)[ \t]*\r?\n?"
)


def mentions(text: str) -> dict[str, list[int]]:
    """Return the lines on which each key is cited, in the order of the text; code is skipped."""
    shown = _FENCE.sub(lambda code: "\n" * code[0].count("\n"), text)
    found = [(match.start(), match[1] or match[2]) for match in _MARKDOWN.finditer(shown)]
    for match in _LATEX.finditer(shown):
        found += [(match.start(2), key.strip()) for key in match[2].split(",") if key.strip()]
    lines: dict[str, list[int]] = {}
    line, last = 1, 0
    for at, key in sorted(found):
        line += shown.count("\n", last, at)
        last = at
        if line not in lines.setdefault(key, []):
            lines[key].append(line)
    return lines


class Mention(NamedTuple):
    """A claim that a paper cites, or a key that looks like one."""

    key: str
    lines: list[int]
    claim: Claim | None
    standing: Standing
    """`unknown` where no claim has the key; `new` where the paper has no digest of it."""
    fault: str = ""

    def record(self) -> dict[str, Any]:
        """Return the JSON form."""
        text = self.claim.text if self.claim else None
        return {"id": self.claim.id if self.claim else self.key, "standing": self.standing, "lines": self.lines, "text": text}  # fmt: skip


def cited(text: str, base: Base) -> list[Mention]:
    """Return the claims of *base* that a paper with this *text* cites, each with what became of it since its stamp."""
    found = mentions(text)
    keys = Keys(base)
    claims = keys.claims(found)
    stamped = dict(_ROW.findall("".join(match[0] for match in _STAMP.finditer(text))))
    listed: dict[str, Mention] = {}
    for key, lines in found.items():
        if claim := claims.get(key):
            old = stamped.get(claim.id)
            standing: Standing = "new" if old is None else "same" if old == digest(claim) else "changed"
            before = listed[claim.id].lines if claim.id in listed else []
            listed[claim.id] = Mention(claim.id, sorted({*before, *lines}), claim, standing)
        elif fault := keys.fault(key):
            listed[key] = Mention(key, lines, None, "unknown", fault)
    return list(listed.values())


def digest(claim: Claim) -> str:
    """Return what tells a claim, its text and its provenance, from what it was before."""
    said = {field: value for field, value in claim.record().items() if field not in _READING}
    written = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def with_stamp(text: str, suffix: str, claims: Iterable[Claim]) -> str:
    """Return the *text* of a paper with the digests of *claims* in a comment at its end; *suffix* tells its language."""
    rows = [f"{claim.id} {digest(claim)}" for claim in claims]
    end = "\r\n" if "\r\n" in text else "\n"
    mark = {".org": "# ", ".tex": "% ", ".ltx": "% "}.get(suffix.lower())
    block = [f"<!-- {_HEAD}", *rows, "-->"] if mark is None else [f"{mark}{line}" for line in (_HEAD, *rows)]
    bare = _STAMP.sub("", text).rstrip()
    return f"{bare}{end}{end}" + "".join(f"{line}{end}" for line in block)
