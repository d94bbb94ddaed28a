"""The compiled index: never stale, never believed when broken, never in the way."""

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import run

from afcli import cache, files, kept
from afcli.cache import base_in_memory
from afcli.index import decode, encode
from afcli.store import CorruptError, Store, Writer

AFCLI = str(Path(sys.executable).parent / "afcli")
LIST = run("list").out
QUERIES = (["find", "ferry"], ["find", "mensha"], ["country", "south africa"], ["show", "c003"], ["list"])


@pytest.fixture
def world(tmp_path, base):
    """Return a home of its own and a copy of the small fact base."""
    return {"HOME": str(tmp_path), "AFCLI_FACTS": str(base)}


def compiled(world):
    """Return the one file that is kept for the base of *world*."""
    [path] = Path(world["HOME"]).glob(".cache/afcli/*.sqlite")
    return path


def answers(world):
    """Return what every query prints."""
    return [run(*query, env=world) for query in QUERIES]


RIGHT = [run(*query) for query in QUERIES]


def test_the_second_call_reads_what_the_first_compiled(world):
    """And answers the same."""
    assert answers(world) == RIGHT
    before = compiled(world).stat()
    assert answers(world) == RIGHT
    assert compiled(world).stat() == before


@pytest.mark.parametrize("settled", [False, True], ids=["at once", "when the file is old"])
def test_an_edit_of_one_character_is_never_missed(world, settled):
    """Of the same length, in the same moment, with the times set back."""
    path = Path(world["AFCLI_FACTS"]) / "claims" / "1-opening.yaml"
    if settled:
        for file in Path(world["AFCLI_FACTS"]).rglob("*.yaml"):
            os.utime(file, (1_600_000_000, 1_600_000_000))
    run("list", env=world)
    for letter in "XYZ":
        was = path.stat()
        text = path.read_text("utf-8")
        path.write_text(text[: text.index("ferry")] + letter + text[text.index("ferry") + 1 :], "utf-8")
        os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
        assert f" {letter}erry " in run("list", env=world).out
        path.write_text(text, "utf-8")
        assert run("list", env=world).out == LIST


def test_files_that_are_not_recent_are_not_read_again(world, monkeypatch):
    """Their size, times and inode are enough."""
    directory = Path(world["AFCLI_FACTS"])
    monkeypatch.setenv("XDG_CACHE_HOME", world["HOME"])
    for file in directory.rglob("*.yaml"):
        os.utime(file, (1_600_000_000, 1_600_000_000))
    # As if they had been changed an hour before they were compiled.
    monkeypatch.setattr(cache, "_RECENT", -3_600_000_000_000)
    cache.open_base(directory, lambda _done, _total: None)
    known = cache._known(cache._path(directory))  # noqa: SLF001  # what is remembered is the point
    assert set(known) == {p.relative_to(directory).as_posix() for p in cache._files(directory)}  # noqa: SLF001
    opened = []
    true_open = files.opened
    monkeypatch.setattr(files, "opened", lambda path: (opened.append(path.suffix), true_open(path))[1])
    assert cache.open_base(directory, lambda _done, _total: None).total == 6
    assert opened == [".stamp"]


def test_a_claim_that_is_taken_away_is_gone(world):
    """Also when a whole file goes."""
    run("list", env=world)
    (Path(world["AFCLI_FACTS"]) / "claims" / "2-quarrel.yaml").unlink()
    assert run("show", "c005", env=world).status == 1


def test_broken_facts_are_not_answered_from_what_was_kept(world):
    """The errors are shown, with exit status 3."""
    run("list", env=world)
    path = Path(world["AFCLI_FACTS"]) / "claims" / "1-opening.yaml"
    path.write_text(path.read_text("utf-8").replace("kind: fact", "kind: fcat", 1), "utf-8")
    ran = run("list", env=world)
    assert (ran.out, ran.status) == ("", 3)
    assert "1-opening.yaml:" in ran.err


# Faults


def damage(path, change):
    """Replace a file by what *change* makes of its content, keeping its times."""
    was = path.stat()
    path.write_bytes(change(bytearray(path.read_bytes())))
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


def zeroed(start):
    """Return what zeroes 512 bytes."""

    def change(content):
        content[start : start + 512] = bytes(len(content[start : start + 512]))
        return content

    return change


def flipped(random_):
    """Return what changes three bytes anywhere."""

    def change(content):
        for _ in range(3):
            content[random_.randrange(len(content))] ^= random_.randrange(1, 256)
        return content

    return change


def in_process(directory):
    """Return what the queries find, without the cost of processes."""
    base = cache.open_base(directory, lambda _done, _total: None)
    numbers = [*base.numbers()]
    found = [
        [(h.claim.id, h.score, h.claim.text) for h in find_(base, q)]
        for q in ("ferry", "mensha bill", "2018")
    ]
    return [
        [base.claim(n).record() for n in numbers],
        found,
        sorted(base.ids()),
        [e.name for e in base.entities()],
    ]


def find_(base, query):
    """Return the hits."""
    from afcli.filters import Filters
    from afcli.search import find

    return find(base, query, Filters(), 10).hits


@pytest.mark.parametrize("seed", range(40))
def test_whatever_byte_changes_no_changed_claim_is_ever_told(seed, base, tmp_path, monkeypatch):
    """Every answer is the right one, whatever was done to the file."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    right = in_process(base)
    [path] = tmp_path.glob("afcli/*.sqlite")
    whole = path.read_bytes()
    random_ = random.Random(seed)  # noqa: S311  # repeatable, not secret
    starts = range(0, len(whole), 512)
    for change in (
        zeroed(starts[seed * len(starts) // 40]),
        flipped(random_),
        lambda c: c[: random_.randrange(len(c))],
    ):
        path.write_bytes(whole)
        damage(path, change)
        assert in_process(base) == right


def test_a_broken_index_is_replaced(world):
    """The call that meets it answers, the next finds a sound one."""
    run("list", env=world)
    damage(compiled(world), lambda content: content[:4096] + bytes(len(content) - 4096))
    assert answers(world) == RIGHT
    assert run("index", env=world).out.endswith("state\tfresh\n")


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + bytes(4080)])
def test_what_is_no_index_is_replaced(world, content):
    """Whatever lies there."""
    run("list", env=world)
    compiled(world).write_bytes(content)
    assert answers(world) == RIGHT


def test_an_index_of_another_format_or_other_facts_is_not_read(tmp_path):
    """Each says what it is."""
    for about in ({"format": 0, "digest": "x"}, {"digest": "x"}):
        writer = Writer(tmp_path / f"{len(about)}.sqlite")
        writer.finish(about)
        with pytest.raises(CorruptError):
            Store(tmp_path / f"{len(about)}.sqlite")


def test_a_remembered_state_that_is_broken_is_not_believed(world):
    """The files are hashed instead."""
    run("list", env=world)
    for content in (b"", b"{", b'{"taken": 1, "files": [[1]]}', b"[]"):
        compiled(world).with_suffix(".stamp").write_bytes(content)
        assert answers(world) == RIGHT


def test_without_a_place_to_keep_it_the_answer_is_the_same(base):
    """A home that is no directory, read-only, absent, or unset."""
    for home in ("/dev/null", "/proc", "/proc/nowhere"):
        world = {"HOME": home, "AFCLI_FACTS": str(base)}
        assert answers(world) == RIGHT


def test_a_full_disk_is_no_reason_not_to_answer(world, tmp_path):
    """What cannot be written whole is not left behind."""
    command = f"ulimit -f 8; exec '{AFCLI}' list"
    env = {"PATH": os.environ["PATH"], **world}
    ran = subprocess.run(["bash", "-c", command], env=env, capture_output=True, check=False)
    assert (ran.stdout.decode(), ran.returncode) == (LIST, 0)
    assert [p for p in tmp_path.rglob("*") if p.suffix in (".sqlite", ".tmp")] == []


def test_a_cache_that_others_may_write_is_not_believed(world):
    """Nor one that belongs to somebody else."""
    run("list", env=world)
    path = compiled(world)
    claims = path.read_bytes()
    path.chmod(0o666)
    assert kept.refused(path) == f"{path} may be written by others"
    damage(path, lambda content: content.replace(b"ferry", b"fairy"))
    assert answers(world) == RIGHT
    if os.geteuid() == 0:
        path.write_bytes(claims)
        path.chmod(0o600)
        os.chown(path, 12345, 12345)
        assert kept.refused(path) == f"{path} belongs to somebody else"
        assert answers(world) == RIGHT
        assert "nothing can be kept" in run("index", env=world).err


def test_many_builders_at_once_all_answer(world):
    """And leave one sound file."""
    env = {"PATH": os.environ["PATH"], **world}
    running = [subprocess.Popen([AFCLI, "list"], env=env, stdout=subprocess.PIPE) for _ in range(6)]
    assert [p.communicate()[0].decode() for p in running] == [LIST] * 6
    assert run("index", env=world).out.endswith("state\tfresh\n")
    assert [p.suffix for p in compiled(world).parent.iterdir() if p.suffix == ".tmp"] == []


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(12))
def test_a_builder_that_is_killed_leaves_nothing_wrong(world, moment):
    """Whenever it happens: the next call answers rightly."""
    env = {"PATH": os.environ["PATH"], **world}
    process = subprocess.Popen([AFCLI, "list"], env=env, stdout=subprocess.PIPE)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(0.04 + 0.015 * moment)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert answers(world) == RIGHT


def test_facts_that_never_stand_still_end_in_a_line(base, monkeypatch, tmp_path):
    """Not in a wrong answer, nor in a loop."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    stamp = cache._stamp  # noqa: SLF001  # the moving file is simulated
    monkeypatch.setattr(cache, "_stamp", lambda *a: stamp(*a[:2])._replace(mtime=random.getrandbits(60)))
    monkeypatch.setattr(cache, "_open", lambda *_: None)
    with pytest.raises(cache.FactsError, match="1 problem"):
        cache.open_base(base, lambda _done, _total: None)


# The command


def test_index_shows_rebuilds_and_clears(world):
    """Where it is, its size and age."""
    assert run("index", env=world).status == 1
    rebuilt = run("index", "--rebuild", env=world)
    fields = dict(line.split("\t") for line in rebuilt.out.splitlines())
    assert list(fields) == ["facts", "index", "size", "built", "state"]
    assert (fields["facts"], fields["index"]) == (world["AFCLI_FACTS"], str(compiled(world)))
    assert fields["size"] == f"{compiled(world).stat().st_size} bytes"
    assert run("index", "--clear", env=world).status == 0
    assert list(Path(world["HOME"]).glob(".cache/afcli/*")) == []


# JSON Lines


@pytest.fixture
def lined(base):
    """Return the small base with its claims as JSON Lines."""
    from afcli import documents

    paths = sorted((base / "claims").iterdir())
    entries = [entry for path in paths for entry in documents.read(path).data["claims"]]
    for path in paths:
        path.unlink()
    (base / "claims" / "all.jsonl").write_text(
        "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), "utf-8"
    )
    return base


def test_json_lines_answer_as_yaml_does(lined, tmp_path):
    """The same claims, the same answers."""
    assert answers({"HOME": str(tmp_path), "AFCLI_FACTS": str(lined)}) == RIGHT


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"kind": "fact"', '"kind": "fcat"', ":1: kind: 'fcat' is not valid here; use fact, report, quote"),
        ('"kind": "fact"', '"kind": 3', ":1: kind: this value is not valid here"),
        ('"kind": "fact"', '"kind": "fact", "kind": "fact"', ":1: the key 'kind' stands twice"),
        ('"kind": "fact"', '"kinds": "fact"', ":1: unknown field 'kinds'"),
        ('"id": "c002"', '"id": "c001"', ":2: the id 'c001' stands twice, first in all.jsonl:1"),
        ('"at": ["2.1"]', '"at": ["99.1"]', "unknown sentence '99.1'"),
        ("{", "[", ":1: is not JSON: "),
        ("ferry", "\\ud800", ":1: is not UTF-8"),
    ],
)
def test_broken_json_lines_name_file_and_line(lined, old, new, message):
    """By the same rules as YAML."""
    path = lined / "claims" / "all.jsonl"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    ran = run("list", facts=lined)
    assert (ran.out, ran.status) == ("", 3)
    assert f"all.jsonl{message}" in ran.err or message in ran.err
    assert "Traceback" not in ran.err


def test_blank_lines_and_bytes_that_are_no_text(lined):
    """The former are nothing, the latter an error in its line."""
    path = lined / "claims" / "all.jsonl"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\n\n", 1))
    assert run("list", facts=lined).out == LIST
    path.write_bytes(b"\xff\xfe\n" + path.read_bytes())
    assert "all.jsonl:1: is not UTF-8" in run("list", facts=lined).err


# Postings and ranking


@pytest.mark.parametrize("places", [[0], [0, 1, 2], [5, 300, 65_535], list(range(0, 65_536, 7)), [65_535]])
def test_postings_are_read_as_they_were_written(places):
    """Dense and sparse ones."""
    pieces = encode(3, {2: places, 5: [1]}) + encode(4, {0: places})
    read = [(p.segment, p.level, p.size, list(p.places())) for p in decode(pieces)]
    assert read == [(3, 2, len(places), places), (3, 5, 1, [1]), (4, 0, len(places), places)]


def test_nothing_is_skipped_that_would_be_among_the_best(tmp_path):
    """Ten thousand claims: the ten best are those of scoring them all."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
    try:
        import scale
    finally:
        sys.path.pop(0)
    world = scale.World()
    texts, _ = scale.write(world, tmp_path / "base", 10_000)
    base = base_in_memory(tmp_path / "base")
    queries = scale._queries(world, texts, 12)  # noqa: SLF001  # a program, not a package
    long_ones = [" ".join(random.Random(n).sample(world.words[:400], 7)) for n in range(12)]  # noqa: S311
    for query in [q.partition(" country:")[0] for asked in queries.values() for q in asked] + long_ones:
        assert scale.best(base, query) == scale.exhaustive(base, query)[:10], query


def test_the_file_is_plain_sqlite(world):
    """It can be looked into with the usual tools."""
    run("list", env=world)
    with contextlib.closing(sqlite3.connect(compiled(world))) as file:
        [(count,)] = file.execute("SELECT count(*) FROM chunks")
    assert count > 5
    assert shutil.which("sqlite3") is None or b"chunks" in subprocess.check_output(
        ["sqlite3", str(compiled(world)), ".tables"]
    )
