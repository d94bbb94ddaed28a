"""CSL items: a source as one line of text, what it lacks, and its CSL-JSON form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from afcli.months import MONTH_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from afcli.model import Claim, Source

DATES = ("issued", "accessed", "original-date", "event-date", "submitted", "available-date")
"""The fields of an item that hold dates."""


def bibliography_entry(source: Source) -> str:
    """Return the entry of *source* for a reference list in APA style, as plain text.

    An interview has no entry in APA (Publication Manual, 8.9): its in-text form is returned.
    """
    item = source.item
    if item["type"] == "interview" and "author" in item:
        who = " & ".join(
            a.get("literal") or f"{_initials(a.get('given', ''))} {a.get('family', '')}".strip()
            for a in item["author"]
        )
        return f"({who}, personal communication, {_date(item, year_first=False)})"
    authors = _names(item.get("author", []))
    dated = f"({_date(item, year_first=True)})."
    title = _stop(item.get("title", "[Untitled]"))
    head = [authors, dated, title] if authors else [title, dated]
    locator = f"https://doi.org/{item['DOI']}" if "DOI" in item else item.get("URL", "")
    return " ".join(filter(None, (*head, _container(item), locator)))


def remark(source: Source) -> str:
    """Return what the article leaves out about *source* though a citation needs it, or an empty string."""
    if source.item["type"] == "interview":
        return ""
    wanted = {"author": {"author"}, "outlet": {"container-title", "publisher"}}
    missing = [word for word, fields in wanted.items() if not fields & source.item.keys()]
    return f"{source.key}: the article gives no {' and no '.join(missing)}" if missing else ""


def as_printed(sources: Iterable[Source]) -> list[Source]:
    """Return the sources without details that the article does not give."""
    return [
        s._replace(item={k: v for k, v in s.item.items() if k not in s.custom.get("not-from-article", ())})
        for s in sources
    ]


def sources_of(claim: Claim, article: Source) -> list[Source]:
    """Return the sources to cite for *claim*: its source if the article names it, and the article.

    An inferred source is not cited: only the article is known to say so.
    """
    return [claim.source, article] if claim.basis == "explicit" and claim.source is not article else [article]


def _names(people: list[dict[str, str]]) -> str:
    names = [
        person.get("literal")
        or ", ".join(filter(None, [person.get("family"), _initials(person.get("given", ""))]))
        for person in people
    ]
    return _stop(", ".join([*names[:-2], ", & ".join(names[-2:])]))


def _initials(given: str) -> str:
    return " ".join(f"{part[0]}." for part in given.replace(".", " ").split())


def _date(item: dict[str, Any], *, year_first: bool) -> str:
    """Return the date; *year_first* puts the year first, as reference lists do."""
    if "issued" not in item:
        return "n.d."
    issued = str(item["issued"])
    year, month, day = plain_date(issued) or (issued, 0, 0)
    if item["type"] == "article-journal" or not month:
        return year
    month_day = f"{MONTH_NAMES[month - 1]} {day or ''}".rstrip()
    return f"{year}, {month_day}" if year_first else f"{month_day}, {year}"


def plain_date(edtf: str) -> tuple[str, int, int] | None:
    """Return year, month and day of a plain date, with 0 for missing parts; None for seasons, spans and others."""
    match = re.fullmatch(r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-([0-9]{2}))?)?", edtf)
    return (match[1], int(match[2] or 0), int(match[3] or 0)) if match else None


def _container(item: dict[str, Any]) -> str:
    title = item.get("container-title") or item.get("publisher", "")
    issue = f"({item['issue']})" if "issue" in item else ""
    parts = [title, f"{item.get('volume', '')}{issue}", item.get("page", "").replace("-", "–")]
    return _stop(", ".join(filter(None, parts)))


def _stop(text: str) -> str:
    """Return *text* with a stop at its end, if there is any text."""
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


def items(sources: Iterable[Source]) -> list[dict[str, Any]]:
    """Return the CSL items of *sources* as pandoc reads them, without afcli's additions."""
    return [{key: value for key, value in source.item.items() if key != "custom"} for source in sources]


def csl_json(edtf_items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the items with dates in the form of CSL-JSON."""
    return [
        {key: _date_parts(str(value)) if key in DATES else value for key, value in item.items()}
        for item in edtf_items
    ]


def edtf_item(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item of CSL-JSON with dates in EDTF, without empty fields; the inverse of `csl_json`."""
    written = {key: _edtf(value) if isinstance(value, dict) else value for key, value in item.items()}
    return {key: value for key, value in written.items() if value}


def _date_parts(edtf: str) -> dict[str, Any]:
    """Return an EDTF date in the form of CSL-JSON; a date without such a form stays as it is."""
    try:
        bounds = [[int(part) for part in bound.split("-")] for bound in edtf.rstrip("?~%").split("/")]
    except ValueError:
        return {"raw": edtf}
    return {"date-parts": bounds}


def _edtf(date: dict[str, Any]) -> str:
    bounds = [
        "-".join(f"{int(part):0{2 if n else 4}}" for n, part in enumerate(bound))
        for bound in date.get("date-parts", ())
    ]
    return "/".join(bounds) + "~" * bool(date.get("circa")) if bounds else str(date.get("raw", ""))
