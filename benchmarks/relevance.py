"""Compare afcli with BM25 and with plain rapidfuzz, on the same claims and queries, in one run.

Reads `queries-dev.tsv`, `questions-dev.tsv` and their scorer `score.py` in a directory, and beside this program
`questions.tsv`, `questions-2.tsv` and `questions-3.tsv`, on which nothing is tuned, and three files of what the article
does not answer. Each is asked of the facts as they are, and of a copy without search fields, which is what a new base starts as:

    python benchmarks/relevance.py ../shared/eval [--cross-validate] [--failures]
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import yaml
from rapidfuzz import fuzz, process

from afcli.files.locate import locate
from afcli.index.upkeep import open_in_memory
from afcli.search import find as search
from afcli.search import interpret
from afcli.search.filters import Filters
from afcli.text import SMALL, words

if TYPE_CHECKING:
    from afcli.index.base import Base

LIMIT = 30
HERE = Path(__file__).parent
STRANGERS = ("strangers.txt", "strangers-questions.txt", "strangers-near.txt")
"""Queries that the article does not answer, from near and far, to see whether silence holds."""
HELD_OUT = ("questions-2.tsv", "questions-3.tsv")
"""Questions to check with, on which nothing is tuned: do not look into its failures."""
FOLDS = 9
GRID = {
    (search, "SILENCE"): (0.45, 0.47, 0.492, 0.51, 0.53),
    (interpret, "EVERYDAY"): (0.1, 0.15, 0.2),
    (interpret, "COMMON_RANGE"): (1.5, 2.0, 2.5),
}
"""What was tuned on the queries, and the values tried."""

System = Callable[[str], list[Any]]
Queries = list[dict[str, Any]]


def main() -> None:
    """Print one table a system, and on request the cross-validated figures and what fails."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval", type=Path, help="the directory with the queries and their scorer")
    parser.add_argument(
        "--cross-validate", action="store_true", help="tune on all folds but one, score that one"
    )
    parser.add_argument("--failures", action="store_true", help="list the queries that afcli answers worst")
    options = parser.parse_args()
    scorer = _scorer(options.eval)
    dev = [options.eval / "queries-dev.tsv", options.eval / "questions-dev.tsv"]
    files = [*dev, HERE / "questions.tsv", *(HERE / name for name in HELD_OUT)]
    sets = {path.name: list(scorer.read_queries(path)) for path in files}
    strangers = {name: (HERE / name).read_text("utf-8").splitlines() for name in STRANGERS}
    base = open_in_memory(locate())
    claims = base.claims(sorted(base.numbers_of(base.ids()).values()))
    systems = {
        "afcli": _afcli(base),
        "afcli, without search fields": _afcli(_bare(locate())),
        "BM25 (SQLite FTS5, stemmed OR)": _bm25(claims),
        "rapidfuzz WRatio": _fuzzy(claims),
    }
    for (name, system), (of, queries) in itertools.product(systems.items(), sets.items()):
        started = time.perf_counter()
        rows, summary = scorer.score(queries, _answers(queries, system))
        each = (time.perf_counter() - started) / len(queries)
        _print(f"{name}: {of}", summary, f"{1000 * each:.2f} ms a query")
        if name.startswith("afcli") and options.failures and of not in HELD_OUT:
            _failures(rows)
    for (name, system), (of, asked) in itertools.product(systems.items(), strangers.items()):
        silent = sum(not system(query) for query in asked) / len(asked)
        print(f"{name}: {of}, answered with nothing: {silent:.2f} of {len(asked)}")
    if options.cross_validate:
        ours = {name: system for name, system in systems.items() if name.startswith("afcli")}
        for name in HELD_OUT:
            del sets[name]
        _cross_validate(scorer, sets, strangers, ours)


def _afcli(base: Base) -> System:
    return lambda query: [hit.claim for hit in search.find(base, query, Filters(), LIMIT).hits]


def _bare(directory: Path) -> Base:
    """Return the facts in *directory* without `asks` and `terms`."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(shutil.copytree(directory, Path(place) / "facts"))
        shutil.rmtree(copy / "search", ignore_errors=True)
        for path in (copy / "claims").glob("*.yaml"):
            document = yaml.safe_load(path.read_text("utf-8"))
            for claim in document["claims"]:
                claim.pop("asks", None)
                claim.pop("terms", None)
            path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
        return open_in_memory(copy)


def _scorer(directory: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", directory / "score.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(module)
    return module


def _answers(queries: list[dict[str, Any]], system: System) -> dict[str, tuple[list[str], None]]:
    return {
        q["qid"]: (
            list(dict.fromkeys(place for claim in system(q["query"])[:LIMIT] for place in claim.at)),
            None,
        )
        for q in queries
    }


def _bm25(claims: list[Any]) -> System:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE claim USING fts5(text, tokenize='porter unicode61')")
    database.executemany(
        "INSERT INTO claim(rowid, text) VALUES (?, ?)", ((n, c.text) for n, c in enumerate(claims))
    )

    def answer(query: str) -> list[Any]:
        asked = [word.replace('"', "") for word in words(query) if word not in SMALL]
        match = " OR ".join(f'"{word}"' for word in asked)
        sql = "SELECT rowid FROM claim WHERE claim MATCH ? ORDER BY rank"
        return [claims[row[0]] for row in database.execute(sql, (match,))] if asked else []

    return answer


def _fuzzy(claims: list[Any]) -> System:
    texts = [claim.text for claim in claims]

    def answer(query: str) -> list[Any]:
        return [claims[n] for _, _, n in process.extract(query, texts, scorer=fuzz.WRatio, limit=LIMIT)]

    return answer


def _print(name: str, summary: dict[str, Any], remark: str) -> None:
    print(f"\n{name}  ({remark})")
    for category, row in [*summary["categories"].items(), ("ALL", summary["overall"])]:
        figures = "  ".join(f"{row[key]:.3f}" for key in ("nDCG@10", "MRR@10", "hit@1"))
        print(f"  {category:<14}{row['n']:>4}  {figures}")
    if not summary["negatives"]:
        return
    silent = ", ".join(f"{kind} {share:.2f}" for kind, (_, share) in summary["negatives"].items())
    print(f"  unanswerable, answered with nothing: {silent}")


def _failures(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        figure = row.get("nDCG@10", row.get("silent", 0.0))
        if figure < 0.75:
            print(
                f"  {figure:.2f}  {row['qid']}  {row['query']!r}: wanted {row['rel']}, got {row['order'][:6]}"
            )


def _cross_validate(
    scorer: ModuleType, sets: dict[str, Queries], strangers: dict[str, list[str]], systems: dict[str, System]
) -> None:
    """Print the figures when each fold is scored with the settings that are best on the others, in all sets together."""
    answers: dict[tuple[float, ...], dict[tuple[str, str], dict[str, Any]]] = {}
    silent: dict[tuple[float, ...], dict[tuple[str, str], list[bool]]] = {}
    for setting in itertools.product(*GRID.values()):
        for (module, name), value in zip(GRID, setting, strict=True):
            setattr(module, name, value)
        parts = list(itertools.product(systems, sets))
        answers[setting] = {(name, of): _answers(sets[of], systems[name]) for name, of in parts}
        silent[setting] = {
            (name, of): [not systems[name](query) for query in strangers[of]]
            for name, of in itertools.product(systems, strangers)
        }

    def quality(setting: tuple[float, ...], without: int) -> float:
        found, quiet = [], []
        for (_, of), given in answers[setting].items():
            others = list(_apart(sets[of], without))
            summary = scorer.score(others, given)[1]
            found.append(summary["overall"]["nDCG@10"])
            quiet += [not given[query["qid"]][0] for query in others if not query["rel"]]
        for kept in silent[setting].values():
            quiet += _apart(kept, without)
        return float(statistics.mean(found) + 0.5 * statistics.mean(quiet))

    best = [max(answers, key=lambda setting: quality(setting, fold)) for fold in range(FOLDS)]
    for fold, setting in enumerate(best):
        print(f"fold {fold}: {setting}")
    for name, of in itertools.product(systems, sets):
        chosen = {q["qid"]: answers[best[n % FOLDS]][name, of][q["qid"]] for n, q in enumerate(sets[of])}
        rows, summary = scorer.score(sets[of], chosen)
        _print(f"{name}: {of}", summary, f"cross-validated, {FOLDS} folds")
        found = [row["nDCG@10"] for row in rows if "nDCG@10" in row]
        print(f"  nDCG@10 {statistics.mean(found):.3f} ± {statistics.stdev(found) / len(found) ** 0.5:.3f}")
    for name, of in itertools.product(systems, strangers):
        kept = [silent[best[n % FOLDS]][name, of][n] for n in range(len(strangers[of]))]
        print(f"{name}: {of}, answered with nothing: {statistics.mean(kept):.2f} of {len(kept)}")


def _apart(things: list[Any], without: int) -> Iterator[Any]:
    """Yield the things that are not of one fold."""
    return (thing for place, thing in enumerate(things) if place % FOLDS != without)


if __name__ == "__main__":
    main()
