"""The manual and the help: they fit, and their examples run."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from conftest import HERE, HOME, SHIPPED, needs_mcp, needs_new, process, run

from afcli.cli import COMMANDS

ROOT = Path(__file__).parent.parent
NAMED = [name for name in COMMANDS if name != "complete"]
LAST_WORDS = {
    "my-facts": str(SHIPPED),
    "article.txt": str(HERE / "authoring" / "lamp.txt"),
    "new.txt": str(HERE / "authoring" / "lamp-2.txt"),
    "saved.html": str(HERE / "authoring" / "lamp.html"),
    "refs.bib": str(HERE / "authoring" / "lamp.bib"),
}
"""What examples name in general, and what stands for it here."""

# A server is a process of its own; here nobody asks it anything.
NEEDS = {"new": needs_new, "verify": needs_new, "mcp": (needs_mcp, pytest.mark.slow)}


@cache
def shown(name):
    """Return the help of a command."""
    return run(name, "--help").out


def examples(name):
    """Return the examples in it."""
    return [line.strip() for line in shown(name).splitlines() if line.startswith("  afcli ")]


@pytest.mark.parametrize("name", NAMED)
def test_help_fits_a_screen_and_shows_examples(name):
    """It opens with what the command is for."""
    lines = shown(name).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 42
    assert re.fullmatch(r"  [A-Z][^.]*\.", lines[2])
    assert 1 <= len(examples(name)) <= 2


@pytest.mark.parametrize("which", [0, -1], ids=["first", "last"])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=NEEDS.get(name, ()))
        for name in NAMED
        if name != "push"  # test_opensearch.py has the cluster that it needs
    ],
)
def test_examples_run(name, which, tmp_path):
    """Each as it is written, on the shipped facts."""
    example = examples(name)[which]
    own = str(tmp_path / "my-facts") if name == "new" else str(tmp_path / "facts")
    written = name in ("edit", "tag", "drafts", "accept", "read")
    meant = LAST_WORDS | ({"my-facts": own} if written or name == "new" else {})
    if name == "accept":
        proposal = {"id": "c003", "text": "Port Alba has had a lamp since 1911."}
        (tmp_path / "proposals.jsonl").write_text(json.dumps(proposal) + "\n", "utf-8")
        meant["proposals.jsonl"] = str(tmp_path / "proposals.jsonl")
        meant["./model --quiet"] = shlex.join([sys.executable, str(HERE / "authoring" / "model.py")])
    words = [meant.get(word, word) for word in shlex.split(example)[1:]]
    # What an example rewrites is a copy.
    facts = SHIPPED
    if name in ("verify", "read"):
        facts = shutil.copytree(HERE / "authoring" / "draft", tmp_path / "facts")
        shutil.copytree(HERE / "authoring" / "rewritten", facts, dirs_exist_ok=True)
    elif written:
        facts = shutil.copytree(HERE / "authoring" / "draft", tmp_path / "facts")
    env = {"HOME": str(tmp_path), "SHELL": "/bin/bash"}
    if name != "index":
        env["XDG_CACHE_HOME"] = str(Path(HOME) / ".cache")
    ran = (process if name == "mcp" else run)(*words, facts=facts, env=env, cwd=tmp_path)
    # Where nothing was compiled yet, and where something is left to mend, the status is 1.
    assert ran.status == (1 if words == ["index"] or {"--fix", "--using"} & {*words} else 0), ran.err
    silent = {"completion", "index", "verify", "check", "read", "tag", "accept", "mcp"}
    assert ran.out or name in silent or "-o" in words


def test_the_whole_help_cuts_no_summary(afcli):
    """Every command with its sentence."""
    ran = afcli("--help")
    assert "..." not in ran.out.partition("Commands:")[2]
    assert re.findall(r"^  (\w+) +[A-Z]", ran.out.partition("Commands:")[2], re.MULTILINE) == NAMED


def test_without_arguments_it_says_what_to_try_first(afcli):
    """In ten lines at most, and each of them runs."""
    ran = afcli()
    assert (ran.err, ran.status) == ("", 0)
    assert ran.out.count("\n") <= 10
    for line in re.findall(r"^  afcli (.*?)  ", ran.out, re.MULTILINE):
        assert run(*shlex.split(line), facts=SHIPPED).status == 0


@pytest.mark.slow
def test_the_manual_page_renders_without_a_warning():
    """As man shows it."""
    if not shutil.which("groff"):
        assert not os.environ.get("PROVE_ALL"), "groff is missing"
        pytest.skip("groff is missing")
    command = ["groff", "-man", "-ww", "-Tutf8", "-z", str(ROOT / "man" / "afcli.1")]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stderr == ""


def test_the_manual_names_every_command_and_option():
    """And nothing that does not exist."""
    page = (ROOT / "man" / "afcli.1").read_text("utf-8").replace("\\-", "-")
    for name in NAMED:
        assert f".SS afcli {name}" in page
        for option in re.findall(r"^ +(?:-\w, )?(--[\w-]+)", shown(name), re.MULTILINE):
            assert option == "--help" or option in page
