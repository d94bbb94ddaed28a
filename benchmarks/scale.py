"""Build and query bases of 10^3 to 10^6 claims, beside SQLite FTS5 and rapidfuzz, in one run.

    python benchmarks/scale.py [--largest 1000000] [--queries 100]

The bases are made up, seeded, and written as JSON Lines to a temporary directory: words after
Zipf's law from a vocabulary of 200,000, a third of them the small words of English, people and
states under several names.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import os
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapidfuzz import process

import afcli
from afcli.search.filters import Filters
from afcli.search.find import find
from afcli.search.interpret import interpret
from afcli.search.rank import Ranking

if TYPE_CHECKING:
    from afcli.index.base import Base

SMALL = "the of and in to a that for on was with by as at from is it be has were".split()
SYLLABLES = [c + v + e for c in "bcdfghjklmnprstvz" for v in "aeiou" for e in ("", "n", "r", "s", "l")]
COUNTRIES = [a + b for a in "ABCDEFGH" for b in "ABCDEFGH"]
KINDS = ("fact", "fact", "fact", "report", "opinion", "forecast")
AFCLI = str(Path(sys.executable).parent / "afcli")


def main() -> None:
    """Print one block of figures a size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--largest", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=100, help="of each kind")
    options = parser.parse_args()
    sizes = [size for size in (1_000, 10_000, 100_000, 1_000_000) if size <= options.largest]
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            os.environ["XDG_CACHE_HOME"] = str(Path(scratch) / "cache")
            measure(size, Path(scratch) / "base", options.queries)


class World:
    """Words and names, the same for every size."""

    def __init__(self, seed: int = 7, vocabulary: int = 200_000) -> None:
        """Make them up."""
        self.random = random.Random(seed)  # noqa: S311  # repeatable, not secret
        self.words = self._words(vocabulary)
        self.weights = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(self.words))))
        self.actors = [
            (f"actor-{n}", f"{self._name()} {self._name()}", f"{self._name()} {self._name()}")
            for n in range(2_000)
        ]
        self.actor_weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(self.actors))))
        self.countries = [(code, f"{self._name()}land", f"{self._name()}ia") for code in COUNTRIES]
        self.country_weights = list(
            itertools.accumulate(1 / (rank + 2) for rank in range(len(self.countries)))
        )

    def _words(self, count: int) -> list[str]:
        found: dict[str, None] = {}
        while len(found) < count:
            found["".join(self.random.choices(SYLLABLES, k=self.random.choice((2, 2, 3, 3, 4))))] = None
        return list(found)

    def _name(self) -> str:
        return "".join(self.random.choices(SYLLABLES, k=3)).capitalize()

    def claims(self, count: int) -> Iterator[dict[str, Any]]:
        """Yield claims, two on each sentence."""
        choice = self.random.choices
        for number in range(count):
            [actor] = choice(self.actors, cum_weights=self.actor_weights)
            [country] = choice(self.countries, cum_weights=self.country_weights)
            words = choice(self.words, cum_weights=self.weights, k=14) + choice(SMALL, k=8)
            self.random.shuffle(words)
            text = " ".join((actor[1 + number % 2], *words[:12], country[1], *words[12:]))
            sentence = number // 2
            month, day = number % 12 + 1, number % 28 + 1
            yield {
                "id": f"c{number:07}",
                "text": f"{text}.",
                "kind": KINDS[number % len(KINDS)],
                "actors": [actor[0]],
                "countries": [country[0]],
                "date": f"{1990 + number % 30}-{month:02}-{day:02}",
                "date_basis": "stated" if number % 3 else "writing",
                "source": str(number % 200 + 1),
                "basis": "explicit",
                "at": [f"{sentence // 50 + 1}.{sentence % 50 + 1}"],
            }


def write(world: World, directory: Path, count: int) -> tuple[list[str], int]:
    """Write a base of *count* claims; return a sample of its texts and the size of all of them."""
    (directory / "claims").mkdir(parents=True)
    blocks = [{"block": str(n + 1), "kind": "body", "sentences": "50"} for n in range(count // 100 + 1)]
    article = {"id": "made-up", "type": "article", "title": "Made up", "issued": "2021"}
    _dump(
        directory / "article.yaml",
        {"article": article, "outline": [{"id": "all", "title": "All of it", "blocks": blocks}]},
    )
    references = [
        {
            "id": f"source-{n}",
            "type": "article",
            "title": f"Source {n}",
            "issued": "2020",
            "author": [{"family": world.words[5_000 + n].capitalize(), "given": "A."}],
            "custom": {"number": str(n)},
        }
        for n in range(1, 201)
    ]
    _dump(directory / "bibliography.yaml", {"references": references})
    taken: set[str] = set()
    entities = {
        "countries": [
            {"code": code, "name": name, "aliases": _new([other], taken)}
            for code, name, other in world.countries
        ],
        "actors": [
            {"id": id_, "name": name, "type": "person", "aliases": _new([other], taken)}
            for id_, name, other in world.actors
        ],
    }
    _dump(directory / "entities.yaml", entities)
    size = 0
    texts = []
    with (directory / "claims" / "all.jsonl").open("w", encoding="utf-8") as out:
        for claim in world.claims(count):
            size += len(claim["text"])
            texts.append(claim["text"])
            out.write(json.dumps(claim) + "\n")
    return texts, size


def _new(names: list[str], taken: set[str]) -> list[str]:
    found = [name for name in names if name not in taken]
    taken.update(found)
    return found


def _dump(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1), "utf-8")  # JSON is YAML


def measure(count: int, directory: Path, queries: int) -> None:
    """Build a base of *count* claims and print its figures."""
    world = World()
    texts, size = write(world, directory, count)
    print(f"\n{count:,} claims, {size / count:.0f} bytes of text each")
    seconds, peak = _run([AFCLI, "index", "--rebuild", "--facts", str(directory)])
    path = next(Path(os.environ["XDG_CACHE_HOME"]).rglob("*.sqlite"))
    stored = path.stat().st_size
    print(
        f"  build {seconds:.1f} s, {count / seconds:,.0f} claims/s, peak {peak} MB;"
        f" index {stored / count:.0f} bytes a claim, {stored / size:.2f} of the text"
    )
    kinds = _queries(world, texts, queries)
    database = _fts5(texts)
    tried = max(1, min(queries, 200_000 // count))
    base = afcli.open(directory).base
    print("  kind             afcli p50    p99   FTS5 p50    p99   rapidfuzz p50  (ms)")
    for kind, asked in kinds.items():
        ours = _times(lambda query: find(base, query, Filters(), 10), asked)
        theirs = _times(lambda query: _ask_fts5(database, query), asked)
        fuzzy = _times(lambda query: process.extract(query, texts, limit=10), asked[:tried])
        print(f"  {kind:<16}{ours[0]:9.2f}{ours[1]:9.2f}{theirs[0]:10.2f}{theirs[1]:9.2f}{fuzzy[0]:13.1f}")
    if count <= 100_000:
        plain = [query.partition(" country:")[0] for asked in kinds.values() for query in asked[:20]]
        same = sum(best(base, query) == exhaustive(base, query)[:10] for query in plain)
        print(f"  the ten best are those of scoring every claim: {same} of {len(plain)} queries")
    shipped = [_run([AFCLI, "find", "Uzbekistan CSTO", "--json"])[0] for _ in range(15)]
    common = kinds["two common words"][0]
    whole = [_run([AFCLI, "find", common, "--json", "--facts", str(directory)]) for _ in range(15)]
    ratio = statistics.median(s for s, _ in whole) / statistics.median(shipped)
    print(
        f"  whole process {1000 * statistics.median(s for s, _ in whole):.0f} ms,"
        f" {ratio:.2f} times the shipped base; peak {max(p for _, p in whole)} MB"
    )
    shutil.rmtree(directory)


def best(base: Base, query: str) -> list[tuple[int, int]]:
    """Return score and number of the ten best records, as the search finds them."""
    return [pair for pair in Ranking(interpret(query, base), base).best(10) if pair[0]]


def exhaustive(base: Base, query: str) -> list[tuple[int, int]]:
    """Return score and number of every record that holds any word, by adding up all postings."""
    asked = interpret(query, base)
    held: dict[int, dict[int, int]] = {}
    for reading in asked.readings:
        for posting in asked.postings[reading.term]:
            degree = round(1000 * reading.closeness * posting.weight)
            for number in base.holders(posting):
                record = held.setdefault(number, {})
                for word in asked.weights.keys() & set(reading.positions):
                    record[word] = max(record.get(word, 0), degree)
    scores = (
        (sum(round(1000 * asked.weights[word]) * degree for word, degree in record.items()), number)
        for number, record in held.items()
    )
    return sorted((pair for pair in scores if pair[0]), key=lambda pair: (-pair[0], pair[1]))


def _queries(world: World, texts: list[str], count: int) -> dict[str, list[str]]:
    pick = random.Random(11)  # noqa: S311  # repeatable, not secret
    held = [word for word in world.words[:2_000] if len(word) > 5]
    rare = [word for text in pick.sample(texts, min(len(texts), 500)) for word in text.rstrip(".").split()]
    rank = {word: place for place, word in enumerate(world.words)}
    rare = [word for word in rare if rank.get(word, 0) > len(world.words) // 20] or rare
    return {
        "two common words": [" ".join(pick.sample(world.words[20:200], 2)) for _ in range(count)],
        "a rare word": [pick.choice(rare) for _ in range(count)],
        "a misspelt word": [_misspelt(pick, pick.choice(held)) for _ in range(count)],
        "a prefix": [pick.choice(held)[:4] for _ in range(count)],
        "alias, country": [
            f"{pick.choice(world.actors[:200])[2]} country:{pick.choice(COUNTRIES[:20])}"
            for _ in range(count)
        ],
    }


def _misspelt(pick: random.Random, word: str) -> str:
    place = pick.randrange(1, len(word))
    return word[:place] + pick.choice("bdfgkmnprt") + word[place + 1 :]


def _fts5(texts: list[str]) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE claim USING fts5(text, tokenize='porter unicode61')")
    database.executemany("INSERT INTO claim VALUES (?)", ((text,) for text in texts))
    return database


def _ask_fts5(database: sqlite3.Connection, query: str) -> list[Any]:
    match = " OR ".join(f'"{word}"' for word in query.split() if ":" not in word)
    sql = "SELECT rowid FROM claim WHERE claim MATCH ? ORDER BY rank LIMIT 10"
    return database.execute(sql, (match,)).fetchall()


def _times(ask: Callable[[str], Any], queries: list[str]) -> tuple[float, float]:
    """Return the median and the 99th percentile in milliseconds, each query asked once before."""
    ask(queries[0])
    gc.collect()
    taken = []
    for query in queries:
        started = time.perf_counter()
        ask(query)
        taken.append(1000 * (time.perf_counter() - started))
    taken.sort()
    return statistics.median(taken), taken[min(len(taken) - 1, int(0.99 * len(taken)))]


def _run(command: list[str]) -> tuple[float, int]:
    """Return the seconds that *command* takes, and the most megabytes that all its processes hold at once."""
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    peak = 0
    while child.poll() is None:
        peak = max(peak, _resident(child.pid), _highest(child.pid))
        time.sleep(0.0005 if time.perf_counter() - started < 1 else 0.2)
    seconds = time.perf_counter() - started
    assert child.returncode in (0, 1), command
    return seconds, peak // 1024


def _highest(pid: int) -> int:
    """Return the most kilobytes that a process has had in memory so far."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])
    except (OSError, StopIteration):
        return 0


def _resident(pid: int) -> int:
    """Return the kilobytes in memory of a process and its children, what they share counted once."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
        held = int(next(line for line in lines if line.startswith("Pss:")).split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    except (OSError, StopIteration):
        return 0
    return held + sum(_resident(int(child)) for child in children)


if __name__ == "__main__":
    main()
    print(
        f"\npeak of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB", flush=True
    )
