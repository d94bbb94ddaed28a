"""Run the installed command as a real process, on a small made-up fact base or the shipped one."""

import atexit
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import hypothesis
import pytest

from afcli.pandoc import program

# How long an example takes says nothing of whether it is right.
hypothesis.settings.register_profile("proofs", deadline=None)
hypothesis.settings.load_profile("proofs")

HERE = Path(__file__).parent
TINY = HERE / "tiny"
SHIPPED = HERE.parent / "facts"
SHIPPED_CLAIMS = sum(p.read_text("utf-8").count("\n  - id: ") for p in (SHIPPED / "claims").iterdir())
ARTICLE = HERE.parent.parent / "shared" / "article" / "sentences.tsv"


HOME = tempfile.mkdtemp(prefix="afcli-home-")
"""Where the installed command keeps what it compiles: nothing of the user's is used or changed."""
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
# What pandoc printed in another run proves nothing in this one.
os.environ["XDG_CACHE_HOME"] = str(Path(HOME) / "cache")

needs_pandoc = pytest.mark.skipif(
    program() is None and not os.environ.get("PROVE_ALL"),
    reason="a fact base that is not the shipped one needs pandoc for styles",
)


needs_new = pytest.mark.skipif(
    (find_spec("sentencex") is None or program() is None) and not os.environ.get("PROVE_ALL"),
    reason="afcli new needs its extra, and pandoc",
)


AFCLI = str(Path(sys.executable).parent / "afcli")
WORLD = {"PATH": os.environ["PATH"], "HOME": HOME, "LC_ALL": "C.UTF-8", "AFCLI_FACTS": str(TINY)}


def on_a_terminal(*args, width=80, env=None, remarks=False):
    """Run `afcli` on a pseudo-terminal; return what it showed, *remarks* on standard error too, and its status."""
    import fcntl
    import pty
    import struct
    import termios

    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    world = WORLD | {"TERM": "xterm-256color"} | (env or {})
    remarks_to = follower if remarks else subprocess.DEVNULL
    command = [AFCLI, *map(str, args)]
    with subprocess.Popen(command, env=world, stdin=follower, stdout=follower, stderr=remarks_to) as process:
        os.close(follower)
        shown = bytearray()
        # Where the other end is closed, Linux fails to read.
        with contextlib.suppress(OSError):
            while piece := os.read(leader, 1 << 16):
                shown += piece
        os.close(leader)
        status = process.wait()
    encoding = world.get("PYTHONIOENCODING", "utf-8")
    return shown.decode(encoding).replace("\r\n", "\n"), status


@dataclass(frozen=True)
class Ran:
    """What a process printed, and its exit status."""

    out: str
    err: str
    status: int


def run(*args, facts=TINY, env=None, **more):
    """Run `afcli` with *args* in a bare environment and return what it did."""
    command = [str(Path(sys.executable).parent / "afcli"), *map(str, args)]
    world = {"PATH": os.environ["PATH"], "HOME": HOME, "COLUMNS": "80", "LC_ALL": "C.UTF-8"}
    if facts:
        world["AFCLI_FACTS"] = str(facts)
    done = subprocess.run(
        command, env=world | (env or {}), capture_output=True, check=False, stdin=subprocess.DEVNULL, **more
    )
    return Ran(done.stdout.decode("utf-8"), done.stderr.decode("utf-8"), done.returncode)


@pytest.fixture
def afcli():
    """Return the runner."""
    return run


@pytest.fixture
def base(tmp_path):
    """Return a copy of the small fact base that a test may break."""
    return Path(shutil.copytree(TINY, tmp_path / "base"))


DATES = ["1979/..", "2018-03-05", "2018-03~", "../2001", "2018?", "2008/2018"]
"""In the order of the claims: open, a day, about a month, open before, an uncertain year, a span."""


@pytest.fixture
def dated(base):
    """Return the small base with a date of every kind."""
    dates = iter(DATES)
    for path in sorted((base / "claims").iterdir()):
        lines = []
        for line in path.read_text("utf-8").splitlines():
            if line.strip().startswith("date:"):
                line = f"    date: {json.dumps(next(dates))}"  # noqa: PLW2901  # each is replaced
            elif line.strip().startswith("date_basis:"):
                line = "    date_basis: stated"  # noqa: PLW2901  # the same
            lines.append(line)
        path.write_text("\n".join(lines) + "\n", "utf-8")
    return base
