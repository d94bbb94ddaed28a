"""Run the command line in this process or as one of its own, on a small made-up fact base or the shipped one."""

import contextlib
import gc
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import hypothesis
import pytest

from afcli import cli
from afcli.authoring.verify import MAX_RUN, SentenceRules
from afcli.citing.pandoc import program

PROVE_ALL = bool(os.environ.get("PROVE_ALL"))
"""Whether everything is proved that can be, as in .ci/run, and not only what the README's command has time for."""


def examples(full):
    """Return settings that try *full* examples where all is proved, otherwise a fifth of them."""
    return hypothesis.settings(max_examples=full if PROVE_ALL else full // 5, deadline=None)


# How long an example takes says nothing of whether it is right.
hypothesis.settings.register_profile("proofs", examples(100), deadline=None)
hypothesis.settings.load_profile("proofs")

HERE = Path(__file__).parent
TINY = HERE / "tiny"
SHIPPED = HERE.parent / "facts"
SHIPPED_CLAIMS = sum(p.read_text("utf-8").count("\n  - id: ") for p in (SHIPPED / "claims").iterdir())
ARTICLE = HERE.parent.parent / "shared" / "article" / "sentences.tsv"

# As the process of the command line: what little garbage a call leaves is seldom worth a search of all that pytest holds.
gc.set_threshold(200_000, 50, 100)

# No machine stops during a test: to wait for the disk proves nothing, and takes a third of the time.
os.fsync = lambda _number: None

# That of a worker is within that of the process that started it, which outlives it.
HOMES = os.environ.get("AFCLI_TEST_HOMES") or tempfile.mkdtemp(prefix="afcli-home-")
HOME = str(Path(HOMES) / os.environ.get("PYTEST_XDIST_WORKER", "main"))
"""Where the installed command keeps what it compiles: nothing of the user's is used or changed."""
Path(HOME).mkdir(exist_ok=True)
os.environ["AFCLI_TEST_HOMES"] = HOMES
# Who is ended leaves nothing behind either.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
# The answers of the words alone are the same wherever the tests run; test_meaning.py has the rest.
os.environ["AFCLI_MEANING"] = "off"
# What pandoc printed in another run proves nothing in this one.
os.environ["XDG_CACHE_HOME"] = str(Path(HOME) / "cache")

needs_pandoc = pytest.mark.skipif(
    program() is None and not os.environ.get("PROVE_ALL"),
    reason="needs pandoc, which the extra `styles` brings, for any facts but the shipped ones",
)


needs_new = pytest.mark.skipif(
    (find_spec("sentencex") is None or program() is None) and not os.environ.get("PROVE_ALL"),
    reason="needs the extra `new`, and pandoc, which the extra `styles` brings",
)


needs_mcp = pytest.mark.skipif(
    find_spec("mcp") is None and not os.environ.get("PROVE_ALL"),
    reason="needs the SDK that the extra `mcp` brings",
)


AFCLI = str(Path(sys.executable).parent / "afcli")
WORLD = {
    "PATH": os.environ["PATH"],
    "HOME": HOME,
    "LC_ALL": "C.UTF-8",
    "AFCLI_FACTS": str(TINY),
    "AFCLI_MEANING": "off",
}


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


def run(*args, facts=TINY, env=None, cwd=None, stdin=None, together=False):
    """Run `afcli` with *args* in this process, in a bare environment, and return what it did.

    *together* puts what it prints on standard error among its output, as `2>&1` does.
    Where *env* says which programs or libraries are found, as a process of its own: those are looked up once.
    """
    if env and any(name == "PATH" or name.startswith("PYTHON") for name in env):
        return process(*args, facts=facts, env=env, cwd=cwd)
    world = _world(facts, env)
    streams = {name: io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for name in ("stdout", "stderr")}
    streams["stderr"].reconfigure(errors="backslashreplace")
    streams |= {"stderr": streams["stdout"]} if together else {}
    former = dict(os.environ), {name: getattr(sys, name) for name in ("stdin", "stdout", "stderr")}
    with contextlib.ExitStack() as stack:
        null = stack.enter_context(Path(os.devnull).open(encoding="utf-8"))
        streams["stdin"] = null if stdin is None else io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")
        stack.callback(_restore, *former)
        if cwd:
            stack.enter_context(contextlib.chdir(cwd))
        os.environ.clear()
        os.environ.update(world)
        vars(sys).update(streams)
        try:
            status = cli.run([str(arg) for arg in args])
        except Exception:  # noqa: BLE001  # as the interpreter ends a process
            traceback.print_exc()
            status = 1
    for name in ("stdout", "stderr"):
        streams[name].flush()
    out, err = (streams[name].buffer.getvalue().decode("utf-8") for name in ("stdout", "stderr"))
    return Ran(out, "" if together else err, status)


def _world(facts, env):
    world = WORLD | {"COLUMNS": "80"} | ({"AFCLI_FACTS": str(facts)} if facts else {}) | (env or {})
    return (
        world
        if facts or "AFCLI_FACTS" in (env or {})
        else {k: v for k, v in world.items() if k != "AFCLI_FACTS"}
    )


def _restore(environment, streams):
    os.environ.clear()
    os.environ.update(environment)
    vars(sys).update(streams)


def process(*args, facts=TINY, env=None, **more):
    """Run `afcli` with *args* as a process of its own, in the same environment, and return what it did."""
    world = _world(facts, env)
    done = subprocess.run(
        [AFCLI, *map(str, args)],
        env=world,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        **more,
    )
    return Ran(done.stdout.decode("utf-8"), done.stderr.decode("utf-8"), done.returncode)


def pytest_unconfigure():
    """Leave nothing behind, whichever process of pytest ends."""
    shutil.rmtree(HOME if "PYTEST_XDIST_WORKER" in os.environ else HOMES, ignore_errors=True)


def claim_findings(claim, sentences, base):
    """Return all that `verify` finds in one claim."""
    return list(SentenceRules(base, sentences, MAX_RUN).findings(claim))


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
