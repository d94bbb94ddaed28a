"""Render the citations of the shipped facts in the built-in styles, with pandoc, once."""

from __future__ import annotations

import argparse
import json
import re
import sys
from itertools import permutations
from pathlib import Path
from typing import Any

from afcli import pandoc
from afcli.citations import FOLDER, LABELS, VALUE, Sources, groups, stamp
from afcli.facts import load
from afcli.styles import built_in

FACTS = Path(__file__).parent.parent / "facts"

Task = tuple[str, ...]


def main() -> int:
    """Write facts/citations/STYLE.json; with --check only tell whether any is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail where something is stale")
    check = parser.parse_args().check
    facts = load(FACTS)
    folder = FACTS / FOLDER
    stale = []
    for style in built_in():
        path = folder / f"{style}.json"
        if path.exists() and json.loads(path.read_text("utf-8"))["stamp"] == stamp(style, facts.sources):
            continue
        stale.append(path)
        print(f"{'stale' if check else 'written'}: {path.name}")  # noqa: T201  # a tool for people
        if not check:
            folder.mkdir(exist_ok=True)
            path.write_text(
                json.dumps(rendered(style, facts.sources), ensure_ascii=False, indent=1) + "\n", "utf-8"
            )
    return int(check and bool(stale))


def rendered(style: str, sources: Sources) -> dict[str, Any]:
    """Return all that must be known of *style* to cite any of *sources* together."""
    keys = [source.key for source in sources]
    alone: list[Task] = [(key,) for key in keys]
    together: list[Task] = [
        order
        for group in groups(sources)
        for count in range(2, len(group) + 1)
        for order in permutations(group, count)
    ]
    pairs: list[Task] = [(one, other) for one in keys for other in keys if one != other]
    counts: list[Task] = [tuple(keys[:count]) for count in range(1, len(keys) + 1)]
    backwards = tuple(reversed(keys))
    located = [(key, label, value) for key in keys for label in LABELS for value in VALUE.values()]
    tasks = [*alone, *together, *pairs, *counts, backwards]
    cites = ["[" + "; ".join(f"@{key}" for key in task) + "]" for task in tasks]
    cites += [
        f"[@{key}, {LABELS[label][number]} {value}]"
        for key, label, value in located
        for number in [value != VALUE["one"]]
    ]
    results = pandoc.render(pandoc.style_file(style), sources, cites)
    by_task = dict(zip(tasks, results, strict=False))
    everything = by_task[tuple(keys)]["entries"]
    numeric = len({by_task[task]["cite"]["plain"] for task in alone}) == 1
    own = {key: by_task[key,]["cite"] for key in keys}
    csl = pandoc.style_file(style).read_text("utf-8")
    ranges = re.search(r'page-range-format="([^"]+)"', csl)
    data: dict[str, Any] = {
        "stamp": stamp(style, sources),
        "rank": [entry["id"] for entry in everything],
        "in_order_cited": [e["id"] for e in by_task[backwards]["entries"]] != [e["id"] for e in everything],
        "entries": {" ".join(task): by_task[task]["entries"] for task in [*alone, *together]},
        "alone": own,
        "counts": [by_task[task]["cite"] for task in counts] if numeric else [],
        "groups": groups(sources),
        "ranges": ranges[1] if ranges else "",
        "located": {
            f"{key} {label} {'one' if value == VALUE['one'] else 'more'}": result["cite"]
            for (key, label, value), result in zip(located, results[len(tasks) :], strict=True)
        },
    }
    return data if numeric else data | _joints(by_task, own, together, keys)


def _joints(
    by_task: dict[Task, Any], own: dict[str, Any], together: list[Task], keys: list[str]
) -> dict[str, Any]:
    """Return how citations in words are joined: what opens, parts and closes them, and in which order."""
    plain = {key: own[key]["plain"] for key in keys}
    [opening] = (
        {text[:1] for text in plain.values()}
        if {text[:1] for text in plain.values()} in ({"("}, {"["})
        else [""]
    )
    closing = {"(": ")", "[": "]", "": "."}[opening]
    strangers = {(a, b) for a in keys for b in keys if a != b and (a, b) not in together}

    def tail(key: str, form: str) -> str:
        return str(own[key][form]).removeprefix(_escaped(opening, form))

    def last(a: str, b: str) -> str:
        return b if by_task[a, b]["cite"]["plain"].endswith(tail(b, "plain")) else a

    delimiter = "; "
    # How many stand before a source whatever the order asked for; those between whom the style does
    # not decide keep that order.
    fixed = [(a, b) for a, b in strangers if by_task[a, b]["cite"] == by_task[b, a]["cite"]]
    order = {key: sum(a == key and last(a, b) == a for a, b in fixed) for key in keys}
    heads = {}
    for key in keys:
        other = next((o for o in keys if (key, o) in strangers and last(key, o) == o), None)
        if other is None:  # always last in the style's order
            heads[key] = {form: own[key][form].removesuffix(_escaped(closing, form)) for form in own[key]}
            continue
        pair = by_task[key, other]["cite"]
        heads[key] = {form: pair[form].removesuffix(delimiter + tail(other, form)) for form in pair}
    return {
        "opening": {form: _escaped(opening, form) for form in own[keys[0]]},
        "closing": {form: _escaped(closing, form) for form in own[keys[0]]},
        "delimiter": delimiter,
        "order": order,
        "heads": heads,
        "together": {" ".join(task): by_task[task]["cite"] for task in together},
    }


def _escaped(opening: str, form: str) -> str:
    return f"\\{opening}" if form == "markdown" and opening in ("[", "]") else opening


if __name__ == "__main__":
    sys.exit(main())
