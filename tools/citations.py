"""Render the citations of the shipped facts in the built-in styles, with pandoc, once."""

from __future__ import annotations

import argparse
import json
import re
import sys
from itertools import combinations, permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afcli.citing.citation import DELIMITER, LABELS, groups, opening_of, stamp
from afcli.citing.citeproc import render
from afcli.citing.styles import built_in, style_file
from afcli.files.load import load
from afcli.index.base import RENDERED
from afcli.model import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

FACTS = Path(__file__).parent.parent / "facts"
FORMS = ("plain", "markdown", "html")
PAGE, PAGES = "71", "71-89"
"""Locators that stand for any other."""
LAST = Source(
    "last",
    None,
    {"id": "last", "type": "book", "author": [{"family": "龘"}], "title": "龘", "issued": "4999"},
)
"""A source that every style puts after all others: what it follows is not at the end of a citation."""

Keys = tuple[str, ...]
Forms = dict[str, str]
"""One text in each form."""


def main() -> int:
    """Write facts/citations/STYLE.json; with --check only tell whether any is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail where something is stale")
    check = parser.parse_args().check
    sources = load(FACTS).sources
    folder = FACTS / RENDERED
    folder.mkdir(exist_ok=True)
    stale = False
    for style in built_in():
        path = folder / f"{style}.json"
        if path.exists() and json.loads(path.read_text("utf-8"))["stamp"] == stamp(style, sources):
            continue
        stale = True
        print(f"{'stale' if check else 'written'}: {path.name}")  # noqa: T201  # a tool for people
        if not check:
            content = json.dumps(fragments(style, sources), ensure_ascii=False, indent=1)
            path.write_text(content + "\n", "utf-8")
    return int(check and stale)


def fragments(style: str, sources: Sequence[Source]) -> dict[str, Any]:
    """Return all that must be known of *style* to cite any of *sources* together."""
    keys = tuple(source.key for source in sources)
    by_author = groups(sources)
    alone = [(key,) for key in keys]
    sets = alone + [
        chosen
        for group in by_author
        for n in range(2, len(group) + 1)
        for chosen in combinations(sorted(group), n)
    ]
    orders = [order for chosen in sets for order in permutations(chosen)]
    strangers = [
        (a, b) for a, b in permutations(keys, 2) if not any({a, b} <= set(group) for group in by_author)
    ]
    counts = [keys[: n + 1] for n in range(len(keys))]
    companies = [
        *orders,
        *((*order, LAST.key) for order in orders),
        (LAST.key,),
        *strangers,
        *counts,
        keys[::-1],
    ]
    results = _render(style, [*sources, LAST], companies)
    texts: dict[Keys, Forms] = {company: result["cite"] for company, result in results.items()}
    everything = results[keys]["entries"]
    numbered = all(re.match(rf"\[?{number}\b", entry["plain"]) for number, entry in enumerate(everything, 1))
    entries = {
        company: {
            entry["id"]: {form: _unnumbered(entry[form]) if numbered else entry[form] for form in FORMS}
            for entry in result["entries"]
            if entry["plain"]
        }
        for company, result in results.items()
    }
    numeric = len({texts[one]["plain"] for one in alone}) == 1
    page_range = re.search(r'page-range-format="([^"]+)"', style_file(style).read_text("utf-8"))
    common = {
        "stamp": stamp(style, sources),
        "groups": by_author,
        "bibliography_order": list(entries[keys]),
        "in_order_cited": list(entries[keys]) != list(entries[keys[::-1]]),
        "entries": {" ".join(chosen): entries[chosen] for chosen in sets},
        "page_range": page_range[1] if page_range else "",
        "located": _located(style, sources),
        "numeric": [texts[first] for first in counts] if numeric else [],
    }
    if numeric:
        return common
    opening = {form: opening_of([texts[one][form] for one in alone]) for form in FORMS}
    parts = {order: _parts(order, texts, opening) for order in orders}

    def stands_first(a: str, b: str) -> bool:
        """Tell whether the style prints *a* before *b* in whatever order they are cited."""
        text = (
            f"{opening['plain']}{parts[a,][0]['followed']['plain']}{DELIMITER}{parts[b,][0]['last']['plain']}"
        )
        return texts[a, b]["plain"] == texts[b, a]["plain"] == text

    return common | {
        "opening": opening,
        "text_order": {key: sum(b == key and stands_first(a, b) for a, b in strangers) for key in keys},
        "parts": {" ".join(order): parts[order] for order in orders},
    }


def _render(style: str, sources: Sequence[Source], companies: Sequence[Keys]) -> dict[Keys, Any]:
    cites = ["[" + "; ".join(f"@{key}" for key in company) + "]" for company in companies]
    return dict(zip(companies, render(style_file(style), sources, cites), strict=True))


def _unnumbered(entry: str) -> str:
    """Return an entry with `{}` for the number that it begins with."""
    return re.sub(r"^((?:<div[^>]*>\n?)*(?:\\?\[)?)\d+", r"\1{}", entry)


def _parts(company: Keys, texts: dict[Keys, Forms], opening: Forms) -> list[dict[str, Forms]]:
    """Return the texts of each source of *company*, or of all together where they cannot be told apart."""
    parts: list[dict[str, Forms]] = [{"followed": {}, "last": {}} for _ in company]
    for form in FORMS:
        end = DELIMITER + texts[LAST.key,][form].removeprefix(opening[form])
        followed = texts[*company, LAST.key][form]
        assert followed.endswith(end), followed
        for where, text in (("followed", followed.removesuffix(end)), ("last", texts[company][form])):
            bare = text.removeprefix(opening[form])
            pieces = bare.split(DELIMITER) if len(company) > 1 else [bare]
            if len(pieces) != len(company):
                parts, pieces = parts[:1], [bare]
            for part, piece in zip(parts, pieces, strict=False):
                part[where][form] = piece
    return parts


def _located(style: str, sources: Sequence[Source]) -> dict[str, Any]:
    """Return for each source and label its citation with `{}` for one place and for several, and the dash between."""
    tasks = [(source.key, label, value) for source in sources for label in LABELS for value in (PAGE, PAGES)]
    cites = [f"[@{key}, {LABELS[label][value == PAGES]} {value}]" for key, label, value in tasks]
    located: dict[str, Any] = {source.key: {label: {} for label in LABELS} for source in sources}
    for (key, label, value), result in zip(tasks, render(style_file(style), sources, cites), strict=True):
        dash = "–" if PAGES.replace("-", "–") in result["cite"]["plain"] else "-"
        located[key][label]["several" if value == PAGES else "one"] = {
            form: text.replace(value.replace("-", dash), "{}") for form, text in result["cite"].items()
        }
        located[key][label]["dash"] = dash
    return located


if __name__ == "__main__":
    sys.exit(main())
