"""Screens as a terminal gets them, through a real pseudo-terminal: golden files, and what holds at any width.

`SCREENS=write pytest tests/test_screens.py` writes the golden files anew.
"""

import os
import re
import subprocess

import pytest
from conftest import AFCLI, HERE, SHIPPED, WORLD, on_a_terminal

SCREENS = HERE / "screens"


def screen(*args, width, facts, **env):
    """Return what a terminal of this width gets, remarks and all."""
    world = {"PAGER": "cat", "PYTHONUTF8": "1", "AFCLI_FACTS": str(facts), **env}
    return on_a_terminal(*args, width=width, env=world, remarks=True)[0]


COMMANDS = {
    "find": ("find", "Mensah ferry"),
    "country": ("country", "ivory coast"),
    "show": ("show", "c004", "c006"),
    "source": ("source",),
    "source-2": ("source", "2"),
    "actor": ("actor",),
    "timeline": ("timeline",),
    "stats": ("stats",),
    "unknown": ("country", "Atlantys"),
    "help": ("find", "--help"),
}
SHIPPED_COMMANDS = {
    "cite": ("cite", "6", "1", "c059"),
    "styles": ("styles", "--limit", "3"),
    "wall": ("find", "border wall", "--limit", "2"),
}
WIDTHS = (40, 60, 80, 120, 200)
PLAIN = {"NO_COLOR": "1"}
LEGACY = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", **PLAIN}
VARIANTS = {
    **{f"{width} columns": (width, PLAIN) for width in WIDTHS},
    "80 columns, colour": (80, {}),
    "40 columns, ascii": (40, LEGACY),
    "40 columns, latin-1": (40, LEGACY | {"PYTHONIOENCODING": "latin-1"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", [*COMMANDS, *SHIPPED_COMMANDS])
def test_every_screen_is_the_golden_one(name, dated):
    """At all widths, in colour and without, in encodings that lack most of its signs."""
    args = (COMMANDS | SHIPPED_COMMANDS)[name]
    facts = dated if name in COMMANDS else SHIPPED
    shown = "".join(
        f"══ {variant}\n{screen(*args, width=width, facts=facts, **env)}"
        for variant, (width, env) in VARIANTS.items()
    ).replace("\x1b", "␛")
    # A link has a number by chance.
    shown = re.sub(r"(?<=␛\]8;)id=\d+", "id=1", shown)
    golden = SCREENS / f"{name}.txt"
    if os.environ.get("SCREENS") == "write":
        golden.write_text(shown, "utf-8")
    assert shown == golden.read_text("utf-8")


def parts(name):
    """Return the screens of a golden file, by their variants."""
    found = re.split(r"(?m)^══ (.+)\n", (SCREENS / f"{name}.txt").read_text("utf-8"))[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


@pytest.mark.parametrize("name", [*COMMANDS, *SHIPPED_COMMANDS])
def test_the_golden_screens_lose_and_break_nothing(name):
    """No line is wider than the screen, and every word of the widest screen stands whole in the others."""
    screens = parts(name)
    # Only an address may be wider than the screen.
    words = set(re.findall(r"[\w’'-]{2,}", re.sub(r"\S+://\S+|doi:\S+", "", screens["200 columns"])))
    for width in WIDTHS:
        screen = screens[f"{width} columns"]
        # An example is there to be copied: its line is never broken.
        assert all(len(line) <= width or line.startswith("  afcli ") for line in screen.splitlines())
        assert words <= set(re.findall(r"[\w’'-]{2,}", screen))
    bare = re.sub(r"␛\[[\d;]*m|␛\]8;[^␛]*␛\\", "", screens["80 columns, colour"])
    assert bare == screens["80 columns"]
    assert screens["40 columns, ascii"].isascii()


def test_weight_is_all_that_colour_means():
    """Bold, dim, italic, underlined, links: nothing that a light or a dark ground could swallow."""
    for name in [*COMMANDS, *SHIPPED_COMMANDS]:
        codes = re.findall(r"␛\[([\d;]*)m", parts(name)["80 columns, colour"])
        assert {part for code in codes for part in code.split(";")} <= {"0", "1", "2", "3", "4"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "env",
    [
        {"TERM": "xterm"},
        {"TERM": "xterm-16color", "COLORFGBG": "0;15"},
        {"TERM": "xterm-256color", "COLORFGBG": "15;0"},
        {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
        {"TERM": "linux"},
    ],
    ids=str,
)
def test_every_palette_shows_the_same(env, dated):
    """With 8, 16, 256 and all colours, on light and on dark."""
    assert screen(*COMMANDS["find"], width=80, facts=dated, **env) == parts("find")[
        "80 columns, colour"
    ].replace("␛", "\x1b")


@pytest.mark.slow
def test_a_dumb_terminal_gets_plain_text(dated):
    """As one without colours does."""
    for name in ("find", "timeline"):
        shown = screen(*COMMANDS[name], width=80, facts=dated, TERM="dumb")
        assert shown == parts(name)["80 columns"]


@pytest.mark.slow
@pytest.mark.parametrize("width", range(40, 201, 7))
def test_the_shipped_facts_fit_every_width(width):
    """No line too wide, and of what stands in the pipe no word lost."""
    for args in (("list",), ("source",), ("timeline",)):
        piped = subprocess.run(
            [AFCLI, *args], env=WORLD | {"AFCLI_FACTS": str(SHIPPED)}, capture_output=True, check=True
        ).stdout.decode()
        shown = screen(*args, width=width, facts=SHIPPED, NO_COLOR="1")
        assert all(len(line) <= width or " " not in line.strip() for line in shown.splitlines())
        words = set(re.findall(r"\w{2,}", piped.partition("\t")[2]))
        assert words <= set(re.findall(r"\w{2,}", shown))
