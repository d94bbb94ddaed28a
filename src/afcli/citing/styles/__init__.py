"""The citation styles that come with afcli, and their names.

The CSL files are those of https://github.com/citation-style-language/styles, CC BY-SA 3.0.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
SCRIPT = HERE / "render.lua"

SHORT = {
    "mla": "modern-language-association",
    "chicago": "chicago-author-date",
    "chicago-notes": "chicago-notes-bibliography",
    "harvard": "harvard-cite-them-right",
    "vancouver": "nlm-citation-sequence",
    "ama": "american-medical-association",
    "gost": "gost-r-7-0-5-2008",
    "apsa": "american-political-science-association",
    "asa": "american-sociological-association",
    "mhra": "mhra-notes",
}
"""Short names of styles."""


SECONDARY = {
    "american-political-science-association": ("quoted in", False),
    "american-sociological-association": ("cited in", False),
    "apa": ("as cited in", False),
    "chicago-author-date": ("quoted in", False),
    "chicago-notes-bibliography": ("quoted in", True),
    "chicago-shortened-notes-bibliography": ("quoted in", True),
    "gost-r-7-0-5-2008": ("цит. по:", False),
    "harvard-cite-them-right": ("cited in", False),
    "mhra-notes": ("quoted in", True),
    "modern-language-association": ("qtd. in", False),
    "oscola": ("cited in", True),
}
"""How each style cites a source through the one that reports it, and whether its bibliography lists both.

Styles that are not listed, such as the numeric ones, have no such form: they cite both.
"""


@cache
def built_in() -> list[str]:
    """Return the names of the styles that come with afcli."""
    return sorted(path.stem for path in HERE.glob("*.csl"))


def style_file(name: str) -> Path:
    """Return the CSL file of the style *name*, built in or a path."""
    return HERE / f"{name}.csl" if name in built_in() else Path(name)


def full_name(name: str) -> str:
    """Return the full CSL name for *name*, in any case; *name* itself if it is not a short name."""
    folded = name.casefold()
    return SHORT.get(folded, folded if folded in built_in() else name)


def is_note_style(name: str) -> bool:
    """Tell whether the style *name*, built in or a path, puts citations into notes."""
    return bool(re.search(r'<style[^>]*class="note"', style_file(name).read_text("utf-8")))
