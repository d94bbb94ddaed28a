"""The command line within a process: called many times, on any streams, and never by halves."""

import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import zlib

import pytest
from conftest import AFCLI, SHIPPED, TINY, WORLD, on_a_terminal, run

import afcli
from afcli import cli
from afcli.citing.citation import Citation
from afcli.errors import DamagedError
from afcli.index import cache
from afcli.index.base import Base
from afcli.index.upkeep import state
from afcli.library import Facts


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Return what runs the command line here, on the small facts: what it printed, and its status."""
    for name, value in {"AFCLI_FACTS": str(TINY), "XDG_CACHE_HOME": str(tmp_path), "COLUMNS": "80"}.items():
        monkeypatch.setenv(name, value)

    def ask(*args, typed=""):
        streams = {"stdin": io.StringIO(typed), "stdout": io.StringIO(), "stderr": io.StringIO()}
        for name, stream in streams.items():
            monkeypatch.setattr(sys, name, stream)
        status = cli.run(list(map(str, args)))
        return streams["stdout"].getvalue(), streams["stderr"].getvalue(), status

    return ask


CALLS = [
    (), ("--version",), ("find", "hole"), ("find", "zeppelin"), ("list", "--json"), ("show", "c999"), ("actor", "mensah"),
    ("help", "find", "--no-pager"), ("--no-pager", "stats"), ("list", "--limit", "x"), ("check",), ("export", "--format", "csv"),
]  # fmt: skip


def test_it_runs_many_times_in_one_process(asked):
    """On any streams, as the process prints it, and leaves nothing behind."""
    before = dict(os.environ)
    alone = [run(*args) for args in CALLS]
    for _ in range(2):
        assert [asked(*args) for args in CALLS] == [(ran.out, ran.err, ran.status) for ran in alone]
    assert dict(os.environ) == before


def test_one_call_without_the_pager_does_not_change_the_next(monkeypatch, asked):
    """It is asked for each time."""
    paged = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: paged.append(command))
    monkeypatch.setenv("PAGER", "page")
    monkeypatch.setenv("LINES", "2")
    monkeypatch.setattr(cli.screen, "is_terminal", lambda _: True)
    for args in (("list",), ("list", "--no-pager"), ("--no-pager", "list"), ("list",)):
        asked(*args)
    assert paged == [["page"], ["page"]]


def damage(path):
    """Spoil the tables behind the first pages of the index at *path*, and have its stamp say that they are right."""
    content = bytearray(path.read_bytes())
    content[3 * 4096 :] = b"\xff" * len(content[3 * 4096 :])
    path.write_bytes(content)
    stamp = path.with_suffix(".stamp")
    record = json.loads(stamp.read_text())
    record["files"] = [
        [*row[:-1], zlib.crc32(content)] if row[0] == path.name else row for row in record["files"]
    ]
    stamp.write_text(json.dumps(record))


@pytest.mark.parametrize(
    "args",
    [("list",), ("find", "mennsah bill", "--explain"), ("find", "zeppelin"), ("country",), ("actor", "mensah", "--json"),
     ("show", "c002"), ("source", "1"), ("stats",), ("timeline",), ("complete", "id"), ("export", "--format", "json-ld"),
     ("find", "-")],
    ids=" ".join,
)  # fmt: skip
def test_an_index_that_proves_damaged_is_made_anew(args, asked, base, monkeypatch):
    """In the middle of the command, which answers as if nothing had been; so does the next."""
    monkeypatch.setenv("AFCLI_FACTS", str(base))
    wanted = asked(*args, typed="hole\nzeppelin\nbill\n")
    damage(cache.cached(base))
    with pytest.raises(DamagedError):
        list(afcli.open(base).base.claims([0]))
    assert asked(*args, typed="hole\nzeppelin\nbill\n") == wanted
    assert state(base).fresh
    assert afcli.open(base).base.claims([0])


def test_an_index_that_is_damaged_again_is_one_line(asked, monkeypatch):
    """Where making it anew does not help, nothing is tried for ever."""

    def broken(*_):
        raise DamagedError

    asked("list")
    monkeypatch.setattr(Base, "rows", broken)
    out, err, status = asked("list")
    assert (out, err.count("\n"), status) == ("", 1, 74)
    assert err.startswith("afcli: the index ")


def shell(script, **env):
    """Run a line of a shell that has afcli as $AFCLI; return what it printed, and its status."""
    world = WORLD | {"AFCLI": AFCLI} | env
    done = subprocess.run(["bash", "-c", script], env=world, capture_output=True, text=True, check=False)
    return done.stdout, done.stderr, done.returncode


def test_json_is_json_in_any_encoding():
    """What the encoding lacks is escaped as JSON does it."""
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "AFCLI_FACTS": str(SHIPPED)}
    for args in ("source --json", "source --jsonl", "cite --all --json", "export --format csl-json"):
        out, _, status = shell(f"$AFCLI {args}", **ascii_only)
        wanted = shell(f"$AFCLI {args}", AFCLI_FACTS=str(SHIPPED))[0]
        read = [
            [json.loads(line) for line in text.splitlines()] if "--jsonl" in args else json.loads(text)
            for text in (out, wanted)
        ]
        assert out.isascii()
        assert status == 0
        assert read[0] == read[1]


def test_a_character_beyond_the_basic_plane_is_a_pair_of_escapes(asked, base, monkeypatch):
    """JSON knows no longer escapes."""
    text = base / "claims" / "1-opening.yaml"
    text.write_text(text.read_text("utf-8").replace("took over the ferry", "took over the 🚢"), "utf-8")
    monkeypatch.setenv("AFCLI_FACTS", str(base))
    monkeypatch.setattr(cli.screen, "_encoding", lambda _: "ascii")
    out, _, _ = asked("show", "c002", "--json")
    assert r"\ud83d\udea2" in out
    assert "🚢" in json.loads(out)[0]["text"]


@pytest.mark.parametrize(
    "args", ["list --limit 1", "show c999", "list --limt", "find zeppelin", "check /no/where"]
)
def test_remarks_that_cannot_be_written_change_nothing(args):
    """The disk behind standard error is full: answer and status stay."""
    out, _, status = shell(f"$AFCLI {args}")
    assert shell(f"$AFCLI {args} 2>/dev/full") == (out, "", status)


@pytest.mark.parametrize(
    ("args", "last", "status"),
    [
        ("--rebuild", f"not indexed: {TINY}", 1),
        ("--clear", f"not indexed: {TINY}", 0),
        ("", f"not indexed: {TINY}", 1),
    ],
)
def test_an_index_that_cannot_be_kept_is_said_to_be(args, last, status):
    """Nothing is removed, and nothing was to be."""
    done = shell(f"$AFCLI index {args}", XDG_CACHE_HOME="/dev/null")
    assert done == (
        "",
        f"no index can be kept: there is no home directory; set XDG_CACHE_HOME\n{last}\n",
        status,
    )


@pytest.mark.parametrize("args", [("list",), ("--help",), (), ("export", "--format", "sqlite"), ("check",)])
def test_a_reader_that_has_gone_ends_it_quietly(args):
    """As with `| head`."""
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run([AFCLI, *args], env=WORLD, stdout=writes, stderr=subprocess.PIPE, check=False)
    os.close(writes)
    assert (done.stderr, done.returncode) == (b"", 1)


LONG = "a" * 5000


@pytest.mark.parametrize(
    "args",
    [("new", LONG, "--article", TINY / "sentences.tsv"), ("check", LONG), ("index", LONG), ("list", "--facts", LONG),
     ("verify", "--article", LONG), ("export", "-o", LONG), ("new", "x\ny", "--article", "no\nsuch.txt"),
     ("verify", "--article", "no\nsuch.tsv"), ("check", "no\nsuch")],
)  # fmt: skip
def test_a_path_that_cannot_be_is_one_line(args):
    """However long, and whatever stands in it."""
    ran = run(*args)
    assert (ran.out, ran.err.count("\n"), ran.status) == ("", 1, 74 if args[0] == "export" else 2)
    assert "cannot write the answer" not in ran.err


def test_a_style_without_an_entry_for_the_first_source_has_that_of_another(asked, monkeypatch):
    """An interview has none in APA; where no source has one, there is no sample."""

    def cite(_, source, style):
        entries = [(source.key, source.key)] if source.number == 2 and style != "apa" else []
        return Citation("", entries)

    monkeypatch.setattr(Facts, "cite", cite)
    out, _, status = asked("styles", "--json")
    samples = {record["style"]: record["sample"] for record in json.loads(out)}
    assert status == 0
    assert samples.pop("apa") is None
    assert set(samples.values()) == {"costs"}


def test_an_actor_who_is_only_named_is_told_with_the_command(base):
    """It acts in none of the claims asked for; how to list those that name it."""
    for path in (base / "claims").iterdir():
        path.write_text(
            path.read_text("utf-8")
            .replace("actors: [mensah]", "actors: []")
            .replace("said_by: [mensah]", "said_by: []"),
            "utf-8",
        )
    ran = run("actor", "mensah", facts=base)
    hint = "nothing found: Kofi Mensah acts in no claim, but 2 name it; try: afcli find 'Kofi Mensah'\n"
    assert (ran.out, ran.err, ran.status) == ("", hint, 1)
    assert len(run("find", "Kofi Mensah", facts=base).out.splitlines()) == 2
    assert run("actor", "mensah", "--kind", "question", facts=base).err == "nothing found\n"


def test_the_index_is_exported_as_it_is(tmp_path, afcli):
    """Into a file or a pipe; it opens as a database."""
    file = tmp_path / "tiny.sqlite"
    ran = afcli("export", "--format", "sqlite", "-o", file)
    assert (ran.out, ran.err, ran.status) == ("", "", 0)
    piped = subprocess.run(
        [AFCLI, "export", "--format", "sqlite"], env=WORLD, capture_output=True, check=True
    )
    assert piped.stdout == file.read_bytes()
    with sqlite3.connect(file) as tables:
        assert tables.execute("SELECT count(*) FROM claims").fetchone()[0] >= 6


@pytest.mark.parametrize(
    ("args", "err"),
    [
        (("--limit", "2"), "afcli: --format sqlite writes the whole index; leave filters and --limit out\n"),
        (
            ("--country", "za"),
            "afcli: --format sqlite writes the whole index; leave filters and --limit out\n",
        ),
        (
            ("--facts", TINY, "--facts", SHIPPED),
            "afcli: an index covers one fact base; export each separately\n",
        ),
    ],
)
def test_an_export_of_the_index_that_cannot_be_is_one_line(args, err):
    """Nothing is written."""
    ran = run("export", "--format", "sqlite", *args)
    assert (ran.out, ran.err, ran.status) == ("", err, 2)


@pytest.mark.parametrize("form", ["jsonl", "csv", "json-ld", "csl-json", "sqlite", "html", "md", "obsidian"])
def test_an_export_that_cannot_be_written_says_so(afcli, form):
    """Every format with the same line and status."""
    ran = afcli("export", "--format", form, "-o", "/dev/null/x")
    assert (ran.out, ran.status) == ("", 74)
    other = "folder" if form == "obsidian" else "file"
    assert re.fullmatch(
        rf"afcli: /dev/null/x\S* cannot be written: not a directory; name another {other}\n", ran.err
    )


def test_the_index_is_not_shown_on_a_terminal():
    """It is no text."""
    shown, status = on_a_terminal("export", "--format", "sqlite", remarks=True)
    assert status == 2
    assert "add -o FILE" in shown


def test_any_export_can_go_into_a_file(tmp_path, afcli):
    """The same bytes as in a pipe."""
    for form in ("jsonl", "csv", "json-ld", "csl-json"):
        assert afcli("export", "--format", form, "-o", tmp_path / form).status == 0
        assert (tmp_path / form).read_text("utf-8") == afcli("export", "--format", form).out
