"""Write the page: template, style and program in one file, and the claims as data that never runs.

The Content-Security-Policy names the one style and the one program by their hashes: whatever else got into the
page would not run (https://www.w3.org/TR/CSP3/).
"""

from __future__ import annotations

import base64
import html
import json
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afcli.errors import UsageError
from afcli.page.contents import contents

if TYPE_CHECKING:
    from afcli.claim_lists import Claims
    from afcli.library import Facts

LARGEST = 5_000
"""The most claims of one page: a telephone still shows so many at once."""

_HERE = Path(__file__).parent


def page(facts: Facts, claims: Claims, *, everything: bool) -> str:
    """Return the page of *claims*; *everything* tells whether all claims of *facts* were asked for.

    Raises UsageError if they are too many for a page that stays quick.
    """
    if len(claims) > LARGEST:
        ids = [section.id for section in facts.base.sections]
        some = f"{', '.join(ids[:3])}{' …' if len(ids) > 3 else ''}"
        raise UsageError(
            f"{len(claims)} claims are too many for one page, which holds {LARGEST}; write a page for each section"
            f" ({some}): --section ID, or choose with another filter"
        )
    data = contents(facts, claims, everything=everything)
    style = (_HERE / "page.css").read_text("utf-8")
    program = "\n".join((_HERE / name).read_text("utf-8") for name in ("search.js", "page.js"))
    program = f'(() => {{\n"use strict";\n{program}}})();'
    parts = {
        "policy": f"default-src 'none'; script-src {_hash(program)}; style-src {_hash(style)};"
        " base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'",
        **{name: html.escape(text) for name, text in _head(data["about"]).items()},
        "style": style,
        "data": as_data(data),
        "program": program,
    }
    # Each name is replaced once: what is put in is not searched for more.
    return re.sub(r"\{\{(\w+)\}\}", lambda name: parts[name[1]], (_HERE / "page.html").read_text("utf-8"))


def _head(about: dict[str, Any]) -> dict[str, str]:
    articles = about["articles"]
    labels = [article["label"] for article in articles]
    said = "What an article says" if len(articles) == 1 else "What articles say"
    return {
        "title": about["title"],
        "over": f"{said}, claim by claim",
        "heading": " · ".join(article["title"] for article in articles),
        "byline": " · ".join([*labels, f"{about['claims']} claims", f"{about['sources']} sources"]),
    }


def as_data(data: Any) -> str:
    """Return *data* as JSON that no HTML parser takes for markup and no script reader for a line break."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text.encode("utf-8", "backslashreplace").decode()


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"
