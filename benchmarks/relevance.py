"""Compare afcli with BM25 and with plain rapidfuzz, on the same claims and queries, in one run.

Reads a directory that holds `queries-dev.tsv` and its scorer `score.py`:

    python benchmarks/relevance.py ../shared/eval [--cross-validate] [--failures]
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from rapidfuzz import fuzz, process

from afcli import search
from afcli.cache import base_in_memory
from afcli.filters import Filters
from afcli.lexicon import SMALL, tokens
from afcli.places import locate

LIMIT = 30
STRANGERS = Path(__file__).with_name("strangers.txt")
"""Queries that the article does not answer, from near and far, to see whether silence holds."""
FOLDS = 9
GRID = {"SILENCE": (0.4, 0.45, 0.5, 0.55, 0.6, 0.65), "FADE": (0.1, 0.2, 0.3)}
"""What was tuned on the queries, and the values tried."""

System = Callable[[str], list[Any]]


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
    queries = list(scorer.read_queries(options.eval / "queries-dev.tsv"))
    strangers = STRANGERS.read_text("utf-8").splitlines()
    base = base_in_memory(locate())
    records = [base.claim(number) for id_ in base.ids() if (number := base.number(id_)) is not None]
    systems: dict[str, System] = {
        "afcli": lambda query: [hit.claim for hit in search.find(base, query, Filters(), LIMIT).hits],
        "BM25 (SQLite FTS5, stemmed OR)": _bm25(records),
        "rapidfuzz WRatio": _fuzzy(records),
    }
    for name, system in systems.items():
        started = time.perf_counter()
        rows, summary = scorer.score(queries, _answers(queries, system))
        each = (time.perf_counter() - started) / len(queries)
        _print(name, summary, f"{1000 * each:.2f} ms a query")
        print(f"  strangers.txt, answered with nothing: {_silent(strangers, system):.2f} of {len(strangers)}")
        if name == "afcli" and options.failures:
            _failures(rows)
    if options.cross_validate:
        _cross_validate(scorer, queries, strangers, systems["afcli"])


def _silent(strangers: list[str], system: System) -> float:
    return sum(not system(query) for query in strangers) / len(strangers)


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
        words = [token.replace('"', "") for token in tokens(query) if token not in SMALL]
        match = " OR ".join(f'"{word}"' for word in words)
        sql = "SELECT rowid FROM claim WHERE claim MATCH ? ORDER BY rank"
        return [claims[row[0]] for row in database.execute(sql, (match,))] if words else []

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
    scorer: ModuleType, queries: list[dict[str, Any]], strangers: list[str], system: System
) -> None:
    """Print the figures when each fold is scored with the settings that are best on the others."""
    settings = [dict(zip(GRID, values, strict=True)) for values in itertools.product(*GRID.values())]
    answers = {}
    silent = {}
    for number, setting in enumerate(settings):
        vars(search).update(setting)
        answers[number] = _answers(queries, system)
        silent[number] = [not system(query) for query in strangers]

    def quality(number: int, without: int) -> float:
        others = [query for place, query in enumerate(queries) if place % FOLDS != without]
        quiet = [kept for place, kept in enumerate(silent[number]) if place % FOLDS != without]
        summary = scorer.score(others, answers[number])[1]
        quiet += [True] * round(summary["negatives"]["all"][1] * summary["negatives"]["all"][0])
        return float(summary["overall"]["nDCG@10"]) + 0.5 * sum(quiet) / (len(quiet))

    chosen: dict[str, tuple[list[str], None]] = {}
    kept: list[bool] = []
    for fold in range(FOLDS):
        best = max(answers, key=lambda number: quality(number, fold))
        print(f"fold {fold}: {settings[best]}")
        chosen |= {query["qid"]: answers[best][query["qid"]] for query in queries[fold::FOLDS]}
        kept += silent[best][fold::FOLDS]
    rows, summary = scorer.score(queries, chosen)
    _print("afcli, cross-validated", summary, f"{FOLDS} folds")
    print(f"  strangers.txt, answered with nothing: {sum(kept) / len(kept):.2f} of {len(kept)}")
    found = [row["nDCG@10"] for row in rows if "nDCG@10" in row]
    print(f"  nDCG@10 {statistics.mean(found):.3f} ± {statistics.stdev(found) / len(found) ** 0.5:.3f}")


if __name__ == "__main__":
    main()
