"""Every invocation is a cold start: nothing is imported that the command has no use for."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import HOME, SHIPPED, run

LIBRARIES = {
    "rich",
    "yaml",
    "rapidfuzz",
    "edtf",
    "jsonschema_rs",
    "anyascii",
    "pypandoc",
    "Stemmer",
    "json",
    "csv",
    "mcp",
    "anyio",
    "pydantic",
    "pandas",
    "polars",
}
ROOMS = {
    "index.build",
    "files.load",
    "files.strict_yaml",
    "files.validate",
    "citing.pandoc",
    "citing.exports",
    "citing.citation",
    "authoring.verify",
    "search.find",
    "search.by_name",
    "spelling",
}

USES = [
    (["--version"], set()),
    (["find", "Uzbekistan CSTO", "--json"], {"json", "Stemmer", "search.find"}),
    (["find", "Uzbekisten CSTO", "--json"], {"json", "Stemmer", "search.find", "rapidfuzz", "spelling"}),
    (["find", "Узбекистан", "--json"], {"json", "Stemmer", "search.find"}),
    (["find", "Uzbekistan CSTO"], {"json", "Stemmer", "search.find"}),
    (["country"], {"json"}),
    (["country", "tajikistan", "--json"], {"json", "search.by_name"}),
    (["country", "tajikistan", "--csv"], {"json", "search.by_name", "csv"}),
    (["actor", "rahmon"], {"json", "search.by_name"}),
    (["source", "6", "--jsonl"], {"json", "search.by_name"}),
    (["list", "--kind", "question"], {"json"}),
    (["show", "c042", "--json"], {"json", "search.by_name"}),
    (["cite", "6"], {"json", "search.by_name", "citing.citation"}),
    (["cite", "c059", "--style", "mla", "--json"], {"json", "search.by_name", "citing.citation"}),
    (["find", "border wall", "--cite", "apa"], {"json", "Stemmer", "search.find", "citing.citation"}),
]


MOST = 2_600
"""The most lines of afcli, without cli and render, that a lookup may load: each takes its time, every time."""


def imported(*args, facts="", **env):
    """Return the modules that a run of the command imported, by the interpreter's own account."""
    world = {"PATH": os.environ["PATH"], "HOME": HOME, "AFCLI_FACTS": facts, **env}
    afcli = Path(sys.executable).parent / "afcli"
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", str(afcli), *args], env=world, capture_output=True, check=False
    )
    names = re.findall(r"\| +([\w.]+)$", ran.stderr.decode(), re.MULTILINE)
    assert "typer" in names
    return set(names)


def loaded(*args, facts=""):
    """Return which libraries and rooms a run of the command imported."""
    names = imported(*args, facts=facts)
    rooms = {name.removeprefix("afcli.") for name in names if name.startswith("afcli.")}
    return {name.partition(".")[0] for name in names} & LIBRARIES | rooms & ROOMS


@pytest.mark.parametrize(("args", "wanted"), USES, ids=[" ".join(args) for args, _ in USES])
def test_a_command_imports_only_what_it_uses(args, wanted):
    """The shipped facts, compiled already."""
    run("list", facts=SHIPPED)
    assert loaded(*args, facts=str(SHIPPED)) == wanted


@pytest.mark.parametrize(
    "args",
    [
        ("find", "Uzbekistan CSTO", "--json"),
        ("country", "Tajikistan"),
        ("cite", "6"),
        ("show", "c042", "--json"),
    ],
    ids=" ".join,
)
def test_a_lookup_loads_little(args):
    """Of an index that is fresh, without meaning."""
    run("list", facts=SHIPPED)
    names = imported(*args, facts=str(SHIPPED), AFCLI_MEANING="off")
    core = {
        name
        for name in names
        if f"{name}.".startswith("afcli.") and not name.startswith(("afcli.cli", "afcli.render"))
    }
    # What writes the record of an index is loaded only while that is younger than two seconds.
    core.discard("afcli.files.atomic")
    lines = {name: Path(find_spec(name).origin).read_bytes().count(b"\n") for name in core}
    assert "afcli.index.base" in lines
    assert sum(lines.values()) <= MOST, sorted(lines.items(), key=lambda pair: -pair[1])


def test_only_the_command_that_is_named_is_built():
    """Not the options of all the others."""
    run("list", facts=SHIPPED)
    code = "import sys, os; os._exit = lambda _: print(*sorted(m for m in sys.modules if m.startswith('afcli.cli.')))"
    script = (
        f"{code}; sys.argv = ['afcli', 'show', 'c042', '--json']; from afcli.__main__ import main; main()"
    )
    world = {"PATH": os.environ["PATH"], "HOME": HOME, "AFCLI_FACTS": str(SHIPPED)}
    ran = subprocess.run([sys.executable, "-c", script], env=world, capture_output=True, check=True)
    modules = ran.stdout.decode().splitlines()[-1].split()
    assert [name for name in modules if ".commands." in name] == ["afcli.cli.commands.show"]
