"""Show what meaning adds to the words: by kind of query, with the search fields of the shipped facts and without.

Reads a directory that holds `queries-dev.tsv`, `questions-dev.tsv` and their scorer `score.py`; needs the extra
`meaning`:

    python benchmarks/meaning.py ../shared/eval [--cross-validate]
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afcli.files.locate import locate
from afcli.index.upkeep import open_in_memory
from afcli.meaning import similarity
from afcli.meaning.embedder import open_embedder
from afcli.meaning.similarity import Meaning
from afcli.search import fusion
from afcli.search.filters import Filters
from afcli.search.find import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afcli.index.base import Base

HERE = Path(__file__).parent
LIMIT = 30
HELD_OUT = ("questions-2.tsv", "questions-3.tsv")
"""Questions to check with, on which nothing is tuned."""
SETS = ("queries-dev.tsv", "questions-dev.tsv", "questions.tsv", *HELD_OUT)
GRID = {"BAR": (2.2, 2.3, 2.4, 2.5, 2.6), "NAMED": (0.6, 0.8, 1.0, 1.2)}
"""What was tuned, and the values tried."""

Answers = dict[str, list[str]]


class Once:
    """The installed model; it embeds every text once."""

    def __init__(self) -> None:
        """Load it."""
        self._model = open_embedder()
        self._known: dict[tuple[str, bool], list[float]] = {}
        self.name = self._model.name

    def embed(self, texts: Sequence[str], *, query: bool) -> list[list[float]]:
        """Return the vectors."""
        for text in texts:
            if (text, query) not in self._known:
                [self._known[text, query]] = self._model.embed([text], query=query)
        return [self._known[text, query] for text in texts]


def main() -> None:
    """Print the tables, and with --cross-validate what the numbers tuned on the other sets achieve."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval", type=Path, help="the directory with the queries and their scorer")
    parser.add_argument(
        "--cross-validate", action="store_true", help="tune on all sets but one, score that one"
    )
    options = parser.parse_args()
    scorer = _scorer(options.eval)
    files = [place / name for name in SETS for place in (options.eval, HERE) if (place / name).is_file()]
    sets: dict[str, list[dict[str, Any]]] = {path.name: list(scorer.read_queries(path)) for path in files}
    for path in sorted(HERE.glob("strangers*.txt")):
        sets[path.name] = [_stranger(path.stem, query) for query in path.read_text("utf-8").splitlines()]
    embedder = Once()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XDG_CACHE_HOME"] = scratch
        bare = Path(scratch) / "bare"
        shutil.copytree(locate(), bare, ignore=shutil.ignore_patterns("search"))
        bases = {"with search fields": open_in_memory(locate()), "without": open_in_memory(bare)}
        similarity.open_embedder = lambda: embedder
        meanings = {name: Meaning(base, lambda _done, _total: None) for name, base in bases.items()}
        for name, base in bases.items():
            for title, queries in sets.items():
                print(f"\n{title}, {name}: words, and words with meaning")
                words, both = (
                    scorer.score(queries, _scored(_answers(base, queries, meaning)))[1]
                    for meaning in (None, meanings[name])
                )
                _print(words, both)
        for name in HELD_OUT:
            del sets[name]
        if options.cross_validate:
            _cross_validate(scorer, sets, bases, meanings)


def _scorer(directory: Path) -> Any:
    spec = importlib.util.spec_from_file_location("score", directory / "score.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(module)
    return module


def _stranger(kind: str, query: str) -> dict[str, Any]:
    return {"qid": f"{kind} {query}", "category": "negative", "query": query, "rel": {}, "note": ""}


def _answers(base: Base, queries: Iterable[dict[str, Any]], meaning: Meaning | None) -> Answers:
    """Return the sentences that each query finds, the best first."""
    found = {q["qid"]: find(base, q["query"], Filters(), LIMIT, meaning=meaning).hits for q in queries}
    return {
        qid: list(dict.fromkeys(place for hit in hits for place in hit.claim.at))
        for qid, hits in found.items()
    }


def _scored(answers: Answers) -> dict[str, tuple[list[str], None]]:
    return {qid: (places, None) for qid, places in answers.items()}


def _print(words: dict[str, Any], both: dict[str, Any]) -> None:
    for kind, row in [*words["categories"].items(), ("ALL", words["overall"])]:
        other = both["categories"].get(kind, both["overall"])
        if row["n"]:
            figures = "  ".join(f"{row[key]:.3f} {other[key]:.3f}" for key in ("nDCG@10", "MRR@10", "hit@1"))
            print(f"  {kind:<14}{row['n']:>4}  {figures}")
    if negatives := words["negatives"].get("all"):
        print(
            f"  {'unanswerable':<14}{negatives[0]:>4}  {negatives[1]:.3f} {both['negatives']['all'][1]:.3f}"
        )


def _cross_validate(
    scorer: Any, sets: dict[str, list[dict[str, Any]]], bases: dict[str, Base], meanings: dict[str, Meaning]
) -> None:
    """Print the figures of each set with the numbers that are best on all others, strangers shared out."""
    settings = [dict(zip(GRID, values, strict=True)) for values in itertools.product(*GRID.values())]
    figures: list[dict[tuple[str, str], tuple[float, int, int, int]]] = []
    for setting in settings:
        vars(fusion).update(setting)
        row = {}
        for (title, queries), (name, base) in itertools.product(sets.items(), bases.items()):
            summary = scorer.score(queries, _scored(_answers(base, queries, meanings[name])))[1]
            count = summary["overall"]["n"]
            negatives, silent = summary["negatives"].get("all", (0, 0.0))
            row[title, name] = (
                count * summary["overall"]["nDCG@10"] if count else 0.0, count, round(negatives * silent), negatives
            )  # fmt: skip
        figures.append(row)

    def quality(number: int, without: Sequence[str]) -> float:
        total = 0.0
        for name in bases:
            rows = [
                row for (title, base), row in figures[number].items() if base == name and title not in without
            ]
            found, positives, silent, negatives = map(sum, zip(*rows, strict=True))
            total += found / positives + 1.5 * silent / negatives
        return total

    strangers = [title for title in sets if title.startswith("strangers")]
    folds = [
        (title, strangers[n % len(strangers)])
        for n, title in enumerate(t for t in sets if t not in strangers)
    ]
    print("\ncross-validated, with meaning")
    for fold in folds:
        best = max(range(len(settings)), key=lambda number: quality(number, fold))
        print(f"  {', '.join(fold)}: {settings[best]}")
        for title, name in itertools.product(fold, bases):
            found, positives, silent, negatives = figures[best][title, name]
            shown = [f"nDCG@10 {found / positives:.3f}"] if positives else []
            shown += [f"unanswerable {silent / negatives:.3f}"] if negatives else []
            print(f"    {title}, {name}: {', '.join(shown)}")


if __name__ == "__main__":
    sys.exit(main())
