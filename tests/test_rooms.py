"""The arrows between the rooms point one way, and each outside library has one door."""

import ast
import sys
from pathlib import Path

import pytest

import afcli

SOURCE = Path(afcli.__file__).parent

ROOMS = {
    "__init__": set(),
    "__main__": {"cli"},
    "errors": set(),
    "text": set(),
    "dates": set(),
    "spelling": set(),
    "files": set(),
    "kept": set(),
    "store": set(),
    "styles": set(),
    "places": {"errors"},
    "model": {"dates"},
    "lexicon": {"text"},
    "index": {"lexicon", "model"},
    "journal": {"errors", "kept"},
    "documents": {"errors", "files"},
    "schema": {"documents", "errors"},
    "cite": {"model"},
    "base": {"dates", "index", "model", "store"},
    "names": {"base", "errors", "lexicon", "model", "spelling", "text"},
    "filters": {"base", "dates", "errors", "names"},
    "query": {"dates", "errors", "filters", "lexicon", "model"},
    "meanings": {"base", "index", "lexicon", "spelling"},
    "search": {"base", "filters", "index", "lexicon", "meanings", "model", "names", "query", "text"},
    "pandoc": {"errors", "kept", "model", "styles"},
    "citations": {"base", "cite", "errors", "model", "pandoc", "spelling", "styles"},
    "exports": {"model", "pandoc"},
    "facts": {"cite", "dates", "documents", "errors", "files", "journal", "model", "schema", "text"},
    "compile": {"base", "citations", "errors", "facts", "files", "index", "lexicon", "model", "store", "text"},
    "bases": {"base", "errors", "index", "model", "text"},
    "cache": {"base", "bases", "compile", "errors", "files", "journal", "kept", "store"},
    "interchange": {"base", "model"},
    "timeline": {"model"},
    "stats": {"base", "model"},
    "check": {"dates", "lexicon", "model", "text"},
    "digests": {"model"},
    "verify": {"digests", "errors", "files", "model", "spelling", "text"},
    "article": {"documents", "errors"},
    "mentions": {"dates", "errors", "lexicon"},
    "drafts": {"article", "dates", "documents", "errors", "journal", "lexicon", "mentions", "model", "schema", "text"},
    "edits": {"digests", "documents", "errors", "journal", "model"},
    "render": {"lexicon", "model", "render", "text", "timeline"},
    "cli": {
        "article", "base", "cache", "check", "citations", "cite", "cli", "dates", "drafts", "edits", "errors", "exports",
        "facts", "filters", "interchange", "kept", "model", "names", "pandoc", "places", "render", "search", "spelling", "stats", "styles", "text", "timeline", "verify",
    },
}  # fmt: skip
DOORS = {
    "typer": {"cli"},
    "rich": {"render"},
    "yaml": {"documents"},
    "rapidfuzz": {"spelling"},
    "edtf": {"dates"},
    "Stemmer": {"lexicon"},
    "anyascii": {"lexicon"},
    "sentencex": {"article"},
    "trafilatura": {"article"},
    "markdown_it": {"article"},
    "pycountry": {"mentions"},
    "countryinfo": {"mentions"},
    "jsonschema_rs": {"schema"},
    "platformdirs": {"kept"},
    "sqlite3": {"store"},
}


def room(path):
    """Return the room that a module belongs to: its own name, or its package's."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path):
    """Yield the rooms and libraries that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "afcli":
            names = [alias.name for alias in node.names]
            yield from (("afcli", name) for name in names if name != "__version__")
        elif isinstance(node, ast.ImportFrom | ast.Import):
            modules = (
                [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            )
            for module in modules:
                top, _, rest = module.partition(".")
                yield (top, rest.partition(".")[0])


MODULES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_room_enters_only_the_rooms_below_it(path):
    """As the table says."""
    assert {inner for top, inner in imports(path) if top == "afcli"} <= ROOMS[room(path)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_library_is_entered_by_its_door_alone(path):
    """And no library without a door is used at all."""
    ours = sys.stdlib_module_names - DOORS.keys() | {"afcli", "__future__"}
    outside = {top for top, _ in imports(path)} - ours
    assert all(room(path) in DOORS[library] for library in outside)


def test_the_table_has_no_circle():
    """Every room stands above all that it enters."""
    order = list(ROOMS)
    assert all(
        order.index(below) <= order.index(name)
        for name, rooms in ROOMS.items()
        if name != "__main__"
        for below in rooms
    )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_the_command_line_prints(path):
    """No print, no standard stream elsewhere."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    streams = {
        n.attr
        for n in nodes
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == "sys"
    }
    called = {n.id for n in nodes if isinstance(n, ast.Name)}
    assert room(path) == "cli" or not ({"stdout", "stderr"} & streams or "print" in called)
