"""The arrows between the rooms point one way, and each outside library has one door."""

import ast
import sys
from pathlib import Path

import afcli

SOURCE = Path(afcli.__file__).parent

ROOMS = {
    "__main__": {"cli"},
    "errors": set(),
    "problems": {"errors"},
    "text": set(),
    "sounds": set(),
    "months": set(),
    "word_frequency": set(),
    "spelling": set(),
    "schema": set(),
    "model": set(),
    "fact_base": {"model"},
    "dates": {"errors", "model", "months"},
    "names": {"model", "text"},
    "names_in_text": {"model", "names"},
    "csl": {"model", "months"},
    "files": {"csl", "dates", "errors", "fact_base", "files", "model", "problems", "schema", "text"},
    "index": {"csl", "dates", "errors", "fact_base", "files", "index", "model", "names", "names_in_text", "problems", "sounds", "text", "word_frequency"},
    "search": {"dates", "errors", "index", "model", "months", "names", "names_in_text", "search", "sounds", "spelling", "text", "word_frequency"},
    "meaning": {"errors", "files", "index", "meaning"},
    "opensearch": {"dates", "errors", "files", "index", "meaning", "model", "opensearch", "search", "text"},
    "citing": {"citing", "csl", "dates", "errors", "files", "index", "model", "months", "spelling"},
    "authoring": {
        "authoring", "citing", "csl", "dates", "errors", "fact_base", "files", "model", "months", "names", "names_in_text", "problems", "schema", "sounds", "spelling", "text",
    },
    "views": {"errors", "index", "model", "opensearch", "views"},
    "filtering": set(),
    "claim_lists": {"errors", "index", "model", "search"},
    "library": {"citing", "claim_lists", "errors", "files", "filtering", "index", "meaning", "model", "names", "opensearch", "search", "views"},
    "__init__": {"errors", "library", "model", "problems"},
    "page": {
        "citing", "claim_lists", "csl", "errors", "files", "index", "library", "model", "names", "page", "search", "sounds", "text", "views", "word_frequency",
    },
    "agents": {"__init__", "agents", "citing", "claim_lists", "csl", "errors", "files", "library", "model", "schema"},
    "render": {"model", "render", "sounds", "text", "views"},
    "cli": {
        "agents", "authoring", "citing", "claim_lists", "cli", "csl", "dates", "errors", "fact_base", "files", "index", "library", "meaning", "model", "names", "opensearch", "page", "problems", "render", "search", "spelling", "text", "views",
    },
}  # fmt: skip
DOORS = {
    "typer": {"cli"},
    "rich": {"render"},
    "yaml": {"files/strict_yaml"},
    "rapidfuzz": {"spelling"},
    "edtf": {"dates"},
    "Stemmer": {"text"},
    "anyascii": {"sounds"},
    "sentencex": {"authoring/reading/sentences"},
    "trafilatura": {"authoring/reading/html"},
    "lxml": {"authoring/reading/html"},
    "markdown_it": {"authoring/reading/markdown"},
    "faker": {"authoring/name_rules"},
    "pypdf": {"authoring/reading/pdf"},
    "pycountry": {"authoring/mentions"},
    "countryinfo": {"authoring/mentions"},
    "jsonschema_rs": {"files/validate"},
    "platformdirs": {"files/cache_folder"},
    "numpy": {"meaning/vectors"},
    "opensearchpy": {"opensearch/client"},
    "mcp": {"agents/server"},
    "mcp_types": {"agents/server"},
    "anyio": {"agents/server"},
    "pandas": {"library", "views/table"},
    "polars": {"library", "views/table"},
    "sqlite3": {"index/base", "index/tables"},
}


def room(path):
    """Return the room that a module belongs to: its own name, or its package's."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path):
    """Yield the rooms and libraries that a module imports, anywhere in it."""
    for node in NODES[path]:
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


NODES = {path: list(ast.walk(ast.parse(path.read_text("utf-8")))) for path in sorted(SOURCE.rglob("*.py"))}


def test_a_room_enters_only_the_rooms_below_it():
    """As the table says."""
    entered = {path: {inner for top, inner in imports(path) if top == "afcli"} for path in NODES}
    above = {path: rooms - ROOMS[room(path)] for path, rooms in entered.items()}
    assert {path: rooms for path, rooms in above.items() if rooms} == {}


def test_a_library_is_entered_by_its_door_alone():
    """And no library without a door is used at all."""
    ours = sys.stdlib_module_names - DOORS.keys() | {"afcli", "__future__"}
    used = {(path, top) for path in NODES for top, _ in imports(path) if top not in ours}
    own = {path: {room(path), path.relative_to(SOURCE).with_suffix("").as_posix()} for path in NODES}
    assert {(path, library) for path, library in used if not own[path] & DOORS.get(library, set())} == set()


def test_the_table_has_no_circle():
    """Every room stands above all that it enters."""
    order = list(ROOMS)
    assert all(
        order.index(below) <= order.index(name)
        for name, rooms in ROOMS.items()
        if name != "__main__"
        for below in rooms
    )


def prints(nodes):
    """Tell whether a module of these *nodes* names `print` or a standard stream."""
    streams = {
        n.attr
        for n in nodes
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == "sys"
    }
    return bool({"stdout", "stderr"} & streams) or any(
        isinstance(n, ast.Name) and n.id == "print" for n in nodes
    )


def test_only_the_command_line_prints():
    """No print, no standard stream elsewhere."""
    assert {room(path) for path, nodes in NODES.items() if prints(nodes)} <= {"cli", "__main__"}
