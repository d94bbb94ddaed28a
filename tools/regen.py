"""Write every generated part of the repository; with --check, fail where one is stale.

Generated: the output below each `$ afcli ...` in a `console` block of README.md and docs/,
completions/, man/ and docs/cli.md.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import manual

import completions
from afcli.citing.pandoc import program

ROOT = Path(__file__).parent.parent
TUTORIAL = ROOT / "docs" / "authoring.md"
HOME = tempfile.mkdtemp(prefix="afcli-home-")
BLOCK = re.compile(r"(```console\n)(.*?)(```\n)", re.DOTALL)


def main() -> int:
    """Regenerate, or compare; return 1 where something was stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail where something is stale")
    check = parser.parse_args().check
    stale = [
        (path, text) for path, text in generated() if not path.exists() or path.read_text("utf-8") != text
    ]
    for path, text in stale:
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")  # noqa: T201  # a tool for people
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
    return int(check and bool(stale))


def generated() -> list[tuple[Path, str]]:
    """Return each generated file with the text that it should have."""
    pages = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
    made = [(ROOT / "completions" / name, text) for name, text in completions.scripts().items()]
    made += [(ROOT / name, text) for name, text in manual.pages().items()]
    pages = [page for page in pages if page.name != "cli.md"]
    # The tutorial writes files, and needs what only the extras bring.
    pages.remove(TUTORIAL)
    if find_spec("sentencex") and program():
        folder = Path(HOME) / "authoring"
        shutil.copytree(ROOT / "tests" / "authoring", folder)
        made.append((TUTORIAL, with_outputs(TUTORIAL.read_text("utf-8"), folder)))
    return [*((page, with_outputs(page.read_text("utf-8"), ROOT)) for page in pages), *made]


def with_outputs(page: str, folder: Path) -> str:
    """Return *page* with every console block holding what its commands print now, in *folder*."""
    return BLOCK.sub(lambda block: block[1] + _session(block[2], folder) + block[3], page)


def _session(text: str, folder: Path) -> str:
    commands = [line for line in text.splitlines() if line.startswith("$ ")]
    return "".join(f"{command}\n{_output(command[2:], folder)}" for command in commands)


def _output(command: str, folder: Path) -> str:
    """Return what *command* prints in a shell, both streams, from the installed afcli."""
    world = {
        "AFCLI_MEANING": "off",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": HOME,
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "92",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        env=world,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout.decode()


if __name__ == "__main__":
    sys.exit(main())
