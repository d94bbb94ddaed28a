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
import zlib
from pathlib import Path

import pytest
from conftest import AFCLI, PROVE_ALL, run

from afcli.files import cache_folder, safe_open
from afcli.index import cache
from afcli.index.upkeep import open_in_memory
from afcli.problems import FactsError

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


@pytest.fixture
def read(world, monkeypatch):
    """Return the directory of *world* and a list in which the name of every file stands that is read."""
    monkeypatch.setenv("XDG_CACHE_HOME", world["HOME"])
    names = []
    true_open = safe_open.descriptor
    monkeypatch.setattr(safe_open, "descriptor", lambda path: (names.append(path.name), true_open(path))[1])
    return Path(world["AFCLI_FACTS"]), names


def opened(directory):
    """Return the index of a base as every command opens it."""
    return cache.open_index(directory, lambda _done, _total: None)


def last_written(directory):
    """Return the file of a base or its index that was written or renamed last, and when, in nanoseconds."""
    files = [*directory.glob("*.yaml"), *(directory / "claims").iterdir(), cache.cached(directory)]
    return max((max(p.stat().st_mtime_ns, p.stat().st_ctime_ns), p.name) for p in files)


@pytest.mark.parametrize(("later", "trusted"), [(2_000_000_000, False), (2_000_000_001, True)])
def test_what_is_newer_than_two_seconds_is_read_again(read, monkeypatch, later, trusted):
    """Within one tick of a clock a file may be written twice; older ones are known by size, times and inode."""
    directory, names = read
    opened(directory)
    moment, last = last_written(directory)
    monkeypatch.setattr(cache.time, "time_ns", lambda: moment + later)
    opened(directory)
    names.clear()
    assert opened(directory).claim_count == 6
    others = [name for name in names if not name.endswith(".stamp")]
    assert len(others) < len(names)
    assert (last not in others) == trusted
    assert not trusted or not others


def test_the_stamp_knows_every_file_and_the_index(read):
    """Each with its size and its checksum."""
    directory, _ = read
    opened(directory)
    index = cache.cached(directory)
    rows = json.loads(index.with_suffix(".stamp").read_bytes())["files"]
    wanted = {p.relative_to(directory).as_posix(): p for p in directory.rglob("*.yaml")} | {index.name: index}
    assert {row[0]: (row[1], row[-1]) for row in rows} == {
        name: (path.stat().st_size, zlib.crc32(path.read_bytes())) for name, path in wanted.items()
    }


def test_a_file_that_was_replaced_by_one_as_long_is_read(read, monkeypatch):
    """Of the same times: it has another inode, or another time of change."""
    directory, _ = read
    opened(directory)
    moment, _ = last_written(directory)
    monkeypatch.setattr(cache.time, "time_ns", lambda: moment + 3_600_000_000_000)
    opened(directory)
    path = directory / "claims" / "1-opening.yaml"
    was = path.stat()
    other = directory / "new"
    other.write_text(path.read_text("utf-8").replace("The ferry has", "The fairy has"), "utf-8")
    os.utime(other, ns=(was.st_atime_ns, was.st_mtime_ns))
    other.replace(path)
    assert opened(directory).claim(0).text.startswith("The fairy has")


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
    base = opened(directory)
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
    from afcli.search.filters import Filters
    from afcli.search.find import find

    return find(base, query, Filters(), 10).hits


@pytest.mark.parametrize("seed", range(0, 40, 1 if PROVE_ALL else 4))
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


def change_index(world, *statements):
    """Change the tables of the index by SQL, and give it a stamp with the right checksum."""
    path = compiled(world)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as file:
        for statement in statements:
            file.execute(statement)
    stamp = path.with_suffix(".stamp")
    known = json.loads(stamp.read_bytes())
    for row in known["files"]:
        if row[0] == path.name:
            row[-1] = zlib.crc32(path.read_bytes())
    stamp.write_text(json.dumps(known))


def test_what_is_changed_so_is_read(world):
    """Or the next test would prove nothing."""
    run("list", env=world)
    change_index(world, "UPDATE claims SET text = 'Not this.' WHERE number = 0")
    assert run("show", "c001", env=world).out == "c001\t1979/..\tarticle\tNot this.\n"


KEYS = ("format", "digest", "stemmer", "claims", "records")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE about SET value = '0.1.0 4' WHERE key = 'format'",
        "UPDATE about SET value = 'x' WHERE key = 'digest'",
        "UPDATE about SET value = 'x' WHERE key = 'claims'",
        *(f"DELETE FROM about WHERE key = '{key}'" for key in KEYS),  # noqa: S608
        "DELETE FROM about",
        "DROP TABLE about",
    ],
)
def test_an_index_of_another_format_or_other_facts_is_not_read(world, statement):
    """However right its checksum is: each says what it is, and lacks nothing."""
    run("list", env=world)
    change_index(world, "UPDATE claims SET text = 'Not this.'", statement)
    assert answers(world) == RIGHT
    assert run("index", env=world).out.endswith("state\tfresh\n")


def test_an_index_made_with_another_stemmer_is_made_anew_for_a_query(world):
    """Its terms are other ones; what needs no terms is read from it."""
    run("list", env=world)
    change_index(world, "UPDATE about SET value = 'x' WHERE key = 'stemmer'", "DELETE FROM postings")
    assert answers(world) == RIGHT
    assert run("index", env=world).out.endswith("state\tfresh\n")


@pytest.mark.parametrize("suffixes", [[".sqlite"], [".stamp"], [".sqlite", ".stamp"]], ids=" ".join)
def test_the_index_of_other_facts_is_not_read(world, base, tmp_path, suffixes):
    """Nor its stamp, where it lies in its place."""
    other = Path(shutil.copytree(base, tmp_path / "other" / "base"))
    path = other / "claims" / "1-opening.yaml"
    path.write_text(path.read_text("utf-8").replace("The ferry has", "The fairy has"), "utf-8")
    run("list", env=world)
    own = compiled(world)
    run("list", env=world | {"AFCLI_FACTS": str(other)})
    [foreign] = {*own.parent.glob("*.sqlite")} - {own}
    for suffix in suffixes:
        shutil.copy(foreign.with_suffix(suffix), own.with_suffix(suffix))
    assert answers(world) == RIGHT


STAMPS = [
    b"", b"{", b'{"taken": 1, "files": [[1]]}', b"[]", b"null", b"3", b'"files"', b"\xff", b"[" * 200_000, b"9" * 5_000,
    b'{"taken": 1}', b'{"files": []}', b'{"taken": 1, "files": []}', b'{"taken": null, "files": [["a", 1, 1, 1, 1, 1]]}',
    b'{"taken": 1, "files": [[["a"], 1, 1, 1, 1, 1]]}', b'{"taken": 1, "files": {"a": 1}}', b'{"taken": NaN, "files": [[]]}',
]  # fmt: skip


@pytest.mark.parametrize("content", STAMPS, ids=lambda content: content[:40].decode("ascii", "replace"))
def test_a_stamp_that_is_broken_is_not_believed(world, content):
    """The files are read instead."""
    run("list", env=world)
    compiled(world).with_suffix(".stamp").write_bytes(content)
    assert run(*QUERIES[0], env=world) == RIGHT[0]


def one_digit(random_):
    """Return what makes another number of one."""

    def change(content):
        at = random_.choice([n for n, byte in enumerate(content) if chr(byte) in "123456789"])
        content[at] = ord(random_.choice("123456789".replace(chr(content[at]), "")))
        return content

    return change


@pytest.mark.parametrize("seed", range(24 if PROVE_ALL else 6))
def test_whatever_byte_of_the_stamp_changes_no_answer_changes(seed, base, tmp_path, monkeypatch):
    """Where the files are long unchanged and only the stamp tells what is in them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    in_process(base)
    moment, _ = last_written(base)
    monkeypatch.setattr(cache.time, "time_ns", lambda: moment + 3_600_000_000_000)
    right = in_process(base)
    stamp = cache.cached(base).with_suffix(".stamp")
    whole = stamp.read_bytes()
    random_ = random.Random(seed)  # noqa: S311  # repeatable, not secret
    for change in (
        flipped(random_),
        one_digit(random_),
        lambda c: c[: random_.randrange(len(c))],
        zeroed(random_.randrange(len(whole))),
    ):
        stamp.write_bytes(change(bytearray(whole)))
        assert in_process(base) == right


def test_without_a_place_to_keep_it_the_answer_is_the_same(base):
    """A home that is no directory, read-only, absent, or unset."""
    for home in ("/dev/null", "/proc", "/proc/nowhere"):
        world = {"HOME": home, "AFCLI_FACTS": str(base)}
        assert answers(world) == RIGHT


def test_a_full_disk_is_no_reason_not_to_answer(world, tmp_path):
    """What cannot be written whole is not left behind."""
    command = f"ulimit -f 8; exec '{AFCLI}' list"
    # Python does not notice that what it compiled was not written whole.
    env = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **world}
    ran = subprocess.run(["bash", "-c", command], env=env, capture_output=True, check=False)
    assert (ran.stdout.decode(), ran.returncode) == (LIST, 0)
    assert [p for p in tmp_path.rglob("*") if p.suffix in (".sqlite", ".tmp")] == []


def test_a_cache_that_others_may_write_is_not_believed(world):
    """Nor one that belongs to somebody else."""
    run("list", env=world)
    path = compiled(world)
    claims = path.read_bytes()
    path.chmod(0o666)
    assert cache_folder.refused(path) == f"{path} may be written by others"
    damage(path, lambda content: content.replace(b"ferry", b"fairy"))
    assert answers(world) == RIGHT
    if os.geteuid() == 0:
        path.write_bytes(claims)
        path.chmod(0o600)
        os.chown(path, 12345, 12345)
        assert cache_folder.refused(path) == f"{path} belongs to somebody else"
        assert answers(world) == RIGHT
        assert "no index can be kept" in run("index", env=world).err


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
    stamp = cache.stamp_of  # the moving file is simulated
    monkeypatch.setattr(
        cache, "stamp_of", lambda *given: stamp(*given[:2])._replace(checksum=random.getrandbits(60))
    )
    with pytest.raises(FactsError, match="1 problem"):
        opened(base)


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
    from afcli.files import strict_yaml as documents

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
        ('"kind": "fact"', '"kind": "fact", "kind": "fact"', ":1: the key 'kind' appears twice"),
        ('"kind": "fact"', '"kinds": "fact"', ":1: unknown field 'kinds'"),
        ('"id": "c002"', '"id": "c001"', ":2: the id 'c001' appears twice, first in all.jsonl:1"),
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


# Ranking


def test_nothing_is_skipped_that_would_be_among_the_best(tmp_path):
    """A thousand claims: the ten best are those of scoring them all."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
    try:
        import scale
    finally:
        sys.path.pop(0)
    world = scale.World(vocabulary=10_000)
    texts, _ = scale.write(world, tmp_path / "base", 1_000)
    base = open_in_memory(tmp_path / "base")
    queries = scale._queries(world, texts, 6)  # noqa: SLF001  # a program, not a package
    long_ones = [" ".join(random.Random(n).sample(world.words[:400], 7)) for n in range(6)]  # noqa: S311
    for query in [q.partition(" country:")[0] for asked in queries.values() for q in asked] + long_ones:
        assert scale.best(base, query) == scale.exhaustive(base, query)[:10], query


def test_the_file_is_plain_sqlite(world):
    """It can be looked into with the usual tools: the claims, and which of them have a value."""
    run("list", env=world)
    with contextlib.closing(sqlite3.connect(compiled(world))) as file:
        of_mensah = "(SELECT claims FROM tags WHERE field = 'actor' AND value = 'mensah')"
        found = file.execute(f"SELECT claims.id FROM json_each({of_mensah}) JOIN claims ON number = value")  # noqa: S608
        assert [id_ for (id_,) in found] == ["c002", "c004"]
        [(text,)] = file.execute("SELECT text FROM claims WHERE id = 'c004'")
        assert text == "Mensah called the bill “a hole in the water”."
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
