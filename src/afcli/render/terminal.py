"""Records for a person at a terminal. The door of rich."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.padding import Padding
from rich.text import Text

from afcli.text import WORD, fold, visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from afcli.model import Claim
    from afcli.render import Screen, Table

DIM = "dim"
MATCH = "bold"


def console(screen: Screen) -> Console:
    """Return what draws into a string as *screen* would show it."""
    return Console(
        file=io.StringIO(),
        width=max(screen.width, 20),
        force_terminal=screen.colour,
        color_system="auto" if screen.colour else None,
        no_color=not screen.colour,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def page(table: Table, screen: Screen) -> str:
    """Return *table* laid out for *screen*: claims as text with provenance, the rest as columns."""
    drawn = console(screen)
    if table.heading:
        drawn.print(Text(visible(table.heading), MATCH))
        drawn.print()
    if table.claims:
        matched = table.matched or [frozenset()] * len(table.claims)
        for number, (claim, words) in enumerate(zip(table.claims, matched, strict=True)):
            if number:
                drawn.print()
            drawn.print(_full(claim) if table.full else _short(claim, words))
            for remark in table.remarks[number] if table.remarks else ():
                drawn.print(Padding(Text(visible(remark), DIM), (0, 0, 0, 4)))
    elif table.plain:
        drawn.print(_columns(table))
    return "".join(f"{line.rstrip()}\n" for line in drawn.file.getvalue().splitlines())  # type: ignore[attr-defined]


def _short(claim: Claim, matched: frozenset[str]) -> RenderableType:
    return Group(
        _highlighted(claim.text, matched), Padding(Text(visible(provenance(claim)), DIM), (0, 0, 0, 2))
    )


def provenance(claim: Claim) -> str:
    """Return the one line that says when, who, on whose authority and how the article knows."""
    source = "article" if claim.source.number is None else f"[{claim.source.number}] {claim.source.label}"
    parts = [
        claim.id,
        "undated" if claim.date_basis == "writing" else claim.date,
        ", ".join(a.name for a in claim.actors),
        f"{source} ({claim.basis})",
        claim.kind if claim.kind != "fact" else "",
    ]
    return " · ".join(part for part in parts if part)


def _highlighted(text: str, matched: frozenset[str]) -> Text:
    """Return *text* with the words whose folded form is in *matched* set off."""
    shown = Text(end="")
    end = 0
    for word in WORD.finditer(text):
        shown.append(visible(text[end : word.start()]))
        hit = fold(word[0]).removesuffix("'s") in matched
        shown.append(visible(word[0]), MATCH if hit else "")
        end = word.end()
    shown.append(visible(text[end:]))
    shown.end = "\n"
    return shown


def _full(claim: Claim) -> RenderableType:
    source = claim.source
    added = ", ".join(source.custom.get("not-from-article", []))
    fields = {
        "kind": claim.kind,
        "date": f"{claim.date} ({_DATED[claim.date_basis]})",
        "actors": ", ".join(a.name for a in claim.actors) or "none",
        "countries": ", ".join(f"{c.name} ({c.id})" for c in claim.countries) or "none",
        "regions": ", ".join(r.name for r in claim.regions),
        "said by": ", ".join(s.name for s in claim.said_by),
        "source": f"{source.label} ({source.key}" + (f", no. {source.number})" if source.number else ")"),
        "added": f"{added} (not from the article)" if added else "",
        "basis": claim.basis,
        "place": f"{', '.join(claim.at)} in “{claim.section.title}”",
        "note": claim.note,
    }
    from rich.table import Table as Grid

    grid = Grid.grid(padding=(0, 2))
    grid.add_column(style=DIM)
    grid.add_column(overflow="fold")
    for name, value in fields.items():
        if value:
            grid.add_row(name, Text(visible(value)))
    head = Text.assemble((visible(claim.id), MATCH), "  ", visible(claim.text))
    return Group(head, Padding(grid, (0, 0, 0, 2)))


_DATED = {
    "stated": "stated in the article",
    "inferred": "inferred from the article",
    "writing": "time of writing; the article gives no date",
}


def _columns(table: Table) -> RenderableType:
    from rich.table import Table as Grid

    grid = Grid.grid(padding=(0, 2))
    for number in range(len(table.plain[0])):
        grid.add_column(overflow="fold", style="" if number else MATCH)
    for row in table.plain:
        grid.add_row(*(Text(visible(cell)) for cell in row))
    return grid
