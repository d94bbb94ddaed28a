"""Compile the shipped facts when a wheel is built, so that the first lookup is as quick as the next."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileFacts(BuildHookInterface):  # type: ignore[misc]
    """Adds the compiled facts to the wheel; an editable install compiles them on first use."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile them, and have them included."""
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "src"))
        from afcli.cache import compile_shipped

        path = Path(mkdtemp()) / "facts.sqlite"
        compile_shipped(Path(self.root) / "facts", path)
        build_data["force_include"][str(path)] = "afcli/facts.sqlite"
