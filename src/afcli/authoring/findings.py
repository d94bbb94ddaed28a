"""What `check` and `verify` find."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Finding(NamedTuple):
    """One thing to look at: a rule, the claim, source, entity or sentence that breaks it, and how."""

    rule: str
    where: str
    message: str
    path: Path | None = None
    """The file and line to fix, if the finding is about the facts alone."""
    line: int = 0

    def __str__(self) -> str:
        """Format as `file:line: rule: id message`, which editors and CI understand, or as `id: rule: message`."""
        if self.path:
            return f"{self.path}:{self.line}: {self.rule}: {self.where} {self.message}"
        return f"{self.where}: {self.rule}: {self.message}"

    def record(self) -> dict[str, str | int]:
        """Return the JSON object."""
        rule = str(self.rule)
        if self.path:
            file = str(self.path)
            return {"file": file, "line": self.line, "rule": rule, "id": self.where, "message": self.message}
        return {"rule": rule, "where": self.where, "message": self.message}
