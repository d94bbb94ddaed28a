"""Build the index of the shipped facts when a wheel is built, so that the first lookup is as quick as the next."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileFacts(BuildHookInterface):  # type: ignore[misc]
    """Adds the index of the shipped facts to the wheel; an editable install builds it on first use."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build it, and have it included."""
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "src"))
        from afcli.index.upkeep import build_shipped

        path = Path(mkdtemp()) / "facts.sqlite"
        build_shipped(Path(self.root) / "facts", path)
        for file in (path, path.with_suffix(".stamp")):
            build_data["force_include"][str(file)] = f"afcli/{file.name}"
