"""However a change of several files ends, the next call finds all of them new, or all of them old."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys

import pytest
from conftest import HERE, TINY, WORLD, needs_new, run

from afcli.authoring import new_edition as edits
from afcli.authoring.article import read_table
from afcli.files import lock
from afcli.files.load import load

OLD = TINY / "sentences.tsv"
LAMP = HERE / "authoring" / "lamp.txt"

DIES = """
import os, signal, sys
left = int(sys.argv.pop(1))
def fatal(work):
    def step(*args, **named):
        global left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return work(*args, **named)
    return step
for name in ("fsync", "replace", "rmdir", "unlink"):
    setattr(os, name, fatal(getattr(os, name)))
from afcli.__main__ import main
main()
"""
"""Runs afcli, and kills it before the n-th step that changes what is on the disk for good."""


def dies(at, *args):
    """Run afcli until its step *at*; return its status."""
    command = [sys.executable, "-c", DIES, str(at), *map(str, args)]
    return subprocess.run(command, env=WORLD, capture_output=True, check=False).returncode


def files(base):
    """Return the content of every file, by name; the lock of a process that died locks nobody out."""
    found = (p for p in sorted(base.rglob("*")) if p.is_file() and p.name != lock.NAME)
    return {p.relative_to(base).as_posix(): p.read_bytes() for p in found}


def moved(base):
    """Return an article in which the last sentences of two blocks have changed places."""
    rows = [line.split("\t") for line in OLD.read_text("utf-8").splitlines()]
    texts = dict(rows) | {"2.3": dict(rows)["4.3"], "4.3": dict(rows)["2.3"]}
    new = base.parent / "new.tsv"
    new.write_text("".join(f"{id_}\t{texts[id_]}\n" for id_, _ in rows), "utf-8")
    return new


def ways(tmp_path, args, base):
    """Kill *args* at every step on a fresh copy of *base*; yield each, until it is done without a kill."""
    for at in range(1, 120):
        copy = tmp_path / str(at) / "base"
        copy.parent.mkdir()
        if base:
            shutil.copytree(base, copy)
        status = dies(at, *(str(copy) if a is None else a for a in args))
        yield at, copy, status
        if status != -signal.SIGKILL:
            return
    pytest.fail("it never came to its end")


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--fix", "--stamp"])
def test_files_are_changed_all_or_none(tmp_path, base, option):
    """Killed before each rename, removal and sync, then run again: the same as at once; queries see one state."""
    assert run("verify", "--article", OLD, "--stamp", base).status == 0
    new = moved(base) if option == "--fix" else OLD
    if option == "--stamp":
        # As older versions wrote them: both files change.
        rows = [row.split("\t") for row in (base / "digests.tsv").read_text("utf-8").splitlines()[1:]]
        old = "".join(f'  "{id_}": "{digest}"\n' for id_, digest in rows)
        with (base / "article.yaml").open("a", encoding="utf-8") as article:
            article.write(f"digests:\n{old}")
        (base / "digests.tsv").unlink()
    whole = tmp_path / "whole"
    shutil.copytree(base, whole)
    before = files(base)
    run("verify", "--article", new, option, whole)
    after = files(whole)
    assert before != after
    seen = set()
    for at, copy, _ in ways(tmp_path, ["verify", "--article", new, option, None], base):
        assert run("list", facts=copy).status == 0, at
        held = {
            name: text for name, text in files(copy).items() if not name.rpartition("/")[2].startswith(".")
        }
        assert held in (before, after), at
        seen.add(held == after)
        run("verify", "--article", new, option, copy)
        assert files(copy) == after, at
    assert seen == {True, False}


@pytest.mark.slow
@needs_new
def test_a_draft_is_whole_or_not_there(tmp_path):
    """Killed anywhere: the next call finds all files, or may write them."""
    assert run("new", tmp_path / "whole", "--article", LAMP).status == 0
    whole = files(tmp_path / "whole")
    seen = set()
    for at, copy, _ in ways(tmp_path, ["new", None, "--article", LAMP], None):
        ran = run("new", copy, "--article", LAMP)
        assert ran.status == 0 or "exists and is never overwritten" in ran.err, at
        seen.add(ran.status)
        assert files(copy) == whole, at
    assert seen == {0, 2}


@pytest.fixture
def broken_off(base, monkeypatch):
    """Return a base whose change stopped between two renames."""
    assert run("verify", "--article", OLD, "--stamp", base).status == 0
    replace, places = os.replace, []

    def stopping(old, new):
        places.append(new)
        if len(places) == 3:  # the journal, one file, another
            raise KeyboardInterrupt
        replace(old, new)

    facts, sentences = load(base), read_table(moved(base))
    monkeypatch.setattr(os, "replace", stopping)
    with pytest.raises(KeyboardInterrupt):
        edits.fix(facts, sentences, {})
    return base


def test_a_change_that_was_broken_off_is_finished_by_any_call(broken_off):
    """The journal goes, and so does what was beside the files."""
    assert run("list", facts=broken_off).status == 0
    assert [p.name for p in broken_off.rglob(".*")] == []
    ran = run("verify", "--article", broken_off.parent / "new.tsv", broken_off)
    assert "6 unchanged, 0 moved, 0 changed, 0 gone\n" in ran.err


def test_what_was_edited_since_is_never_lost(broken_off):
    """One line says which file."""
    unfinished = min(broken_off.rglob("*.afcli-new"))
    edited = unfinished.with_name(unfinished.name.removesuffix(".afcli-new")[1:])
    edited.write_text(edited.read_text("utf-8") + "# mine\n", "utf-8")
    before = files(broken_off)
    ran = run("list", facts=broken_off)
    said = (
        f"afcli: {broken_off}/.afcli-journal: a change to these files was interrupted, and "
        f"{edited.relative_to(broken_off)} was edited or lost since; restore all the files "
        "or make them agree, then delete the journal\n"
    )
    assert (ran.out, ran.err, ran.status) == ("", said, 3)
    assert files(broken_off) == before


def test_a_change_of_which_nothing_was_renamed_is_undone_where_a_file_was_edited(base):
    """The edit stays, the rest is as it was."""
    before = files(base)
    (base / ".afcli-journal").write_text(json.dumps({"files": {"article.yaml": ["0", "1"]}}))
    (base / ".article.yaml.afcli-new").write_text("half")
    assert run("list", facts=base).status == 0
    assert files(base) == before


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"files": []}',
        '{"files": {"../x.yaml": ["0", "1"]}}',
        '{"files": {"claims/../../x.yaml": [1, 2]}}',
    ],
)
def test_a_journal_from_elsewhere_reaches_no_other_file(base, content):
    """One line says so."""
    (base / ".afcli-journal").write_text(content)
    ran = run("list", facts=base)
    said = f"afcli: {base}/.afcli-journal: this is not an afcli journal; delete it once all files are right\n"
    assert (ran.out, ran.err, ran.status) == ("", said, 3)


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write everywhere")
def test_a_base_that_cannot_be_written_is_not_read_half_changed(broken_off):
    """One line says why."""
    folders = [broken_off, *(p for p in broken_off.rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IROTH | stat.S_IXOTH)
    command = [sys.executable, "-m", "afcli", "list", "--facts", str(broken_off)]
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    world = WORLD | {"HOME": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent"}
    done = subprocess.run(command, env=world, capture_output=True, text=True, check=False, cwd="/")
    for folder in folders:
        folder.chmod(0o755)
    said = (
        f"afcli: {broken_off}/.afcli-journal: an interrupted change to these files cannot be finished: "
        "permission denied; make the directory writable and run the command again\n"
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", said, 3)
