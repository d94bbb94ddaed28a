"""Run the installed command as a real process, on a small made-up fact base or the shipped one."""

import atexit
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
