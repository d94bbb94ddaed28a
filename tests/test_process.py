"""Pipes, terminals, encodings and interruptions, with real processes."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import AFCLI, SHIPPED, WORLD, on_a_terminal, run


@pytest.mark.parametrize(
    ("args", "env", "paged"),
    [
        (["list", "--limit", "30"], {"PAGER": "sed s/^/P:/"}, True),
        (["list", "--limit", "2"], {"PAGER": "sed s/^/P:/"}, False),
        (["--no-pager", "list", "--limit", "30"], {"PAGER": "sed s/^/P:/"}, False),
        (["list", "--limit", "30"], {"PAGER": ""}, False),
        (["list", "--limit", "30"], {"PAGER": "no-such-pager"}, False),
    ],
    ids=["long", "short", "--no-pager", "empty", "missing"],
)
def test_what_is_longer_than_the_screen_goes_through_the_pager(args, env, paged):
    """As git's does; without one it is simply shown."""
    shown, status = on_a_terminal(*args, env=env | {"AFCLI_FACTS": str(SHIPPED)})
    lines = shown.splitlines()
    assert status == 0
    assert len(lines) > 5
    assert all(line.startswith("P:") == paged for line in lines)


PLAIN = """\
African Union

The ferry has crossed from Ivory Coast
to South Africa since 1979.
  c001 · 1979/.. · article (explicit)

The Port Authority of Côte d’Ivoire
reportedly sold two ferries on 5 March
2018.
  c003 · 2018-03-05 · Port Authority ·
  [1] Orlova 2018 (inferred) · report

Ines Vale expects the states of the
African Union to pay.
  c005 · undated · African Union ·
  article (explicit) · forecast
"""


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "TERM=dumb"])
def test_claims_on_a_terminal_without_colour(env):
    """Text and one line of provenance, within the width."""
    assert on_a_terminal("country", "african", "union", width=40, env=env) == (PLAIN, 0)


def test_matches_are_highlighted_in_colour():
    """The word that matched is bold, the provenance dim."""
    shown, _ = on_a_terminal("find", "mennsah", "bill", "--limit", "1")
    assert shown == (
        "\x1b[1mMensah\x1b[0m called the \x1b[1mbill\x1b[0m “a hole in the water”.\n"
        "  \x1b[2mc004 · undated · Kofi Mensah · article (explicit) · quote\x1b[0m\n"
    )


def test_show_on_a_terminal_tells_everything():
    """Every field that holds something, and what its values mean."""
    shown, _ = on_a_terminal("show", "c002", env={"NO_COLOR": "1"})
    assert shown == (
        "c002  Kofi Mensah took over the ferry in March 2018.\n"
        "  kind       fact\n"
        "  date       2018-03 (stated in the article)\n"
        "  actors     Kofi Mensah\n"
        "  countries  none\n"
        "  source     Orlova 2018 (orlova-ferry, no. 1)\n"
        "  basis      explicit\n"
        "  sentence   2.2, 2.3 in “Opening”\n"
        "  note       The text says March; the bibliography gives 4 March 2018.\n"
    )


def test_force_colour_renders_for_a_person_in_a_pipe(afcli):
    """As for `less -R`."""
    ran = afcli("list", "--limit", "1", env={"FORCE_COLOR": "1", "TERM": "xterm"})
    assert ran.out.endswith("  \x1b[2mc001 · 1979/.. · article (explicit)\x1b[0m\n")


HOSTILE = 'text: "\\e[31mred\\e[0m [bold]x[/bold] \\u202egnorw :smile:"'


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"], ["--tsv"]], ids=["claims", "json", "csv", "tsv"])
def test_data_never_commands_a_terminal(base, form):
    """Escapes and bidirectional overrides are shown as such, markup is text."""
    path = base / "claims" / "1-opening.yaml"
    path.write_text(path.read_text().replace("text: Kofi Mensah took over the ferry in March 2018.", HOSTILE))
    shown, status = on_a_terminal("list", *form, "--facts", str(base), env={"NO_COLOR": "1"}, width=200)
    assert status == 0
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[31mred" in shown
    assert "[bold]x[/bold]" in shown
    assert ":smile:" in shown


def test_an_export_never_commands_a_terminal(base):
    """Nor does any other line that a command prints."""
    path = base / "bibliography.yaml"
    path.write_text(path.read_text().replace("title: Паром остаётся", 'title: "\\e[31mПаром\\u202e"'))
    shown, _ = on_a_terminal("cite", "1", "--format", "ris", "--facts", str(base))
    assert "TI  - \\x1b[31mПаром\\u202e\n" in shown


def test_data_reaches_a_pipe_untouched(afcli, base):
    """Read back from JSON it is what the file says."""
    path = base / "claims" / "1-opening.yaml"
    path.write_text(path.read_text().replace("text: Kofi Mensah took over the ferry in March 2018.", HOSTILE))
    [claim] = json.loads(afcli("show", "c002", "--json", facts=base).out)
    assert claim["text"] == "\x1b[31mred\x1b[0m [bold]x[/bold] \u202egnorw :smile:"


def test_hostile_arguments_are_shown_harmless(afcli):
    """What was typed comes back in an error without its escapes."""
    ran = afcli("country", "\x1b[2Jx\u202e")
    assert (ran.err, ran.status) == ("afcli: no country called '\\x1b[2Jx\\u202e'\n", 1)


def test_a_closed_pipe_ends_quietly():
    """As with `| head`."""
    script = f"'{AFCLI}' list --json | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], env=WORLD, capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line_and_a_status():
    """Nothing is lost in silence."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [AFCLI, "list"], env=WORLD, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (
        done.stderr == "afcli: cannot write the answer: No space left on device; nothing more was printed\n"
    )
    assert done.returncode == 74


@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_a_legacy_encoding_loses_nothing(form):
    """What it cannot hold is escaped, in JSON by its own escapes."""
    done = subprocess.run(
        [AFCLI, "source", form],
        env=WORLD | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert (done.stderr, done.returncode) == (b"", 0)
    assert b"\\u041f\\u0430\\u0440\\u043e\\u043c" in done.stdout
    if form == "--json":
        assert json.loads(done.stdout)[0]["title"] == "Паром остаётся"


def test_interrupted_is_130():
    """Ctrl-C while it waits for the next query."""
    process = subprocess.Popen(
        [AFCLI, "find", "-"],
        env=WORLD,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What a shell runs in the background ignores Ctrl-C, and so would all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # no threads here
    )
    process.stdin.write("ferry\n")
    process.stdin.flush()
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    # Its input stays open until it has ended.
    process.wait()
    error = process.communicate()[1]
    assert process.returncode == 130
    assert "Traceback" not in error


COMPILING = """
import os, signal, sys
from afcli.__main__ import main
from afcli.index import build
def work(*_):
    os.write(int(os.environ["TOLD"]), b"at work")
    signal.pause()
build._work = work
build._LARGE = 0
os.cpu_count = lambda: 2
main()
"""
"""Runs afcli with two workers for any base with JSON Lines; the one that gets work never ends it."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "status", "left"),
    [(signal.SIGTERM, 143, 0), (signal.SIGHUP, 129, 0), (signal.SIGINT, 130, 0), (signal.SIGKILL, -9, 1)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_no_worker_outlives_the_command(base, tmp_path, sent, status, left):
    """However it ends; a half written index goes unless nothing could be done any more."""
    claims = base / "claims" / "9-lines.jsonl"
    claims.write_text(run("export", facts=base).out.splitlines()[0].replace("c001", "c901") + "\n", "utf-8")
    reader, writer = os.pipe()
    world = WORLD | {"TOLD": str(writer), "XDG_CACHE_HOME": str(tmp_path / "cache"), "AFCLI_FACTS": str(base)}
    with subprocess.Popen(
        [sys.executable, "-c", COMPILING, "list"],
        env=world,
        pass_fds=[writer],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # no threads here
    ) as process:
        os.close(writer)
        assert os.read(reader, 20) == b"at work"
        process.send_signal(sent)
        # Every process holds the other end of this pipe until it is gone.
        assert select.select([reader], [], [], 60)[0], "a worker is left"
        assert os.read(reader, 20) == b""
        os.close(reader)
        assert process.communicate()[1].count("Traceback") == 0
    assert process.returncode == status
    assert len(list((tmp_path / "cache" / "afcli").glob("*.tmp"))) == left


def test_it_runs_as_a_module(afcli):
    """`python -m afcli` is the same program."""
    done = subprocess.run(
        [sys.executable, "-m", "afcli", "list"], env=WORLD, capture_output=True, text=True, check=True
    )
    assert done.stdout == afcli("list").out
