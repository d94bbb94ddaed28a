"""Pandoc as a program: its citeproc is the reference for every citation. The door of pandoc."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from afcli import kept
from afcli.errors import UsageError
from afcli.styles import HERE, SCRIPT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from afcli.model import Source


OLDEST = (3, 0)
"""The first version that has `pandoc lua` and reads what afcli gives it."""
_SECONDS = 30
_MEGABYTES = 512
_LARGEST = 4 * 1024 * 1024
"""Bytes of a style; the largest of the CSL project has a quarter of a million."""


class Pandoc(NamedTuple):
    """A pandoc program."""

    path: str
    version: str

    @property
    def usable(self) -> bool:
        """Tell whether it is new enough."""
        return _numbers(self.version) >= OLDEST


def program() -> str | None:
    """Return the path of the newest pandoc: on PATH, or what `pypandoc-binary` carries; None below 3.0."""
    found = _newest()
    return found.path if found and found.usable else None


@cache
def _newest() -> Pandoc | None:
    found = [Pandoc(path, version) for path in _at_hand() if (version := _version(path))]
    return max(found, key=lambda pandoc: _numbers(pandoc.version), default=None)


def _at_hand() -> Iterator[str]:
    if found := shutil.which("pandoc"):
        yield found
    from importlib.util import find_spec

    # To import pypandoc would take longer than to look, and to ask it runs every pandoc there is.
    package = find_spec("pypandoc")
    if (
        package
        and package.origin
        and (found := shutil.which("pandoc", path=Path(package.origin).parent / "files"))
    ):
        yield found


def _version(path: str) -> str:
    """Return what `--version` says, asked once for each program; nothing where it does not run."""
    try:
        about = Path(path).stat()
        seen = hashlib.sha256(f"{path} {about.st_size} {about.st_mtime_ns}".encode("utf-8", "replace"))
        place = _folder() / f"{seen.hexdigest()[:32]}.version"
        known = "" if kept.refused(place) or not place.is_file() else place.read_text("ascii")
        if re.fullmatch(r"\d+(\.\d+)+", known):
            return known
        said = _bounded([path, "--version"], b"").stdout.decode("utf-8", "replace")
        found = re.match(r"pandoc\S* (\d+(?:\.\d+)+)", said)
        if found and not kept.refused(place):
            with contextlib.suppress(OSError):
                kept.write(place, found[1].encode())
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""
    return found[1] if found else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def _folder() -> Path:
    return kept.folder() / "pandoc"


def clear() -> None:
    """Remove all that is kept of what pandoc printed."""
    for path in _folder().glob("*"):
        path.unlink(missing_ok=True)


def items(sources: Iterable[Source]) -> list[dict[str, Any]]:
    """Return the CSL items of *sources* as pandoc reads them, without what afcli adds."""
    return [{key: value for key, value in source.item.items() if key != "custom"} for source in sources]


def render(csl: Path, sources: Iterable[Source], cites: Sequence[str]) -> list[dict[str, Any]]:
    """Return for each of *cites*, a citation in pandoc's markdown, what the style prints.

    Each result has `cite` and `entries`, every text in plain, markdown and html. Raises
    UsageError where pandoc is missing or too old, or cannot read the style. What it printed is
    kept in the user's cache, for each version of pandoc; without one, that of any will do.
    """
    found = list(sources)
    style = _style(csl)
    digest = _digest(style, found, cites)
    newest = _newest()
    versions = newest.version if newest and newest.usable else "*"
    for path in sorted(_folder().glob(f"{digest}-{versions}.json")):
        with contextlib.suppress(OSError, ValueError):
            if not kept.refused(path):
                return _checked(path.read_bytes())
    printed = _printed(csl.name, style, found, cites)
    path = _folder() / f"{digest}-{versions}.json"
    with contextlib.suppress(OSError):
        if not kept.refused(path):
            kept.write(path, f"{zlib.crc32(printed):08x}\n".encode() + printed)
    results: list[dict[str, Any]] = json.loads(printed)
    return results


def _style(csl: Path) -> bytes:
    """Return the content of a CSL file that pandoc may be given: it would fetch others from anywhere.

    Raises UsageError where it reaches for another file or for itself, or is no XML in UTF-8.
    """
    from xml.parsers import expat

    with csl.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise UsageError(f"{csl.name}: larger than {_LARGEST >> 20} MB; name a CSL file")
    # What pandoc takes the file for, whatever it says itself.
    parser = expat.ParserCreate("utf-8", " ")
    calls: dict[str, set[str]] = defaultdict(set)
    macro = ""

    def doctype(*_declared: object) -> None:
        raise UsageError(f"{csl.name}:{parser.CurrentLineNumber}: a style needs no DOCTYPE; take it out")

    def element(name: str, attributes: dict[str, str]) -> None:
        nonlocal macro
        kind = name.rpartition(" ")[2].casefold()
        if kind in ("macro", "citation", "bibliography"):
            macro = attributes.get("name", "")
        elif "macro" in attributes:
            calls[macro].add(attributes["macro"])
        if fault := _reach(kind, attributes):
            raise UsageError(f"{csl.name}:{parser.CurrentLineNumber}: this style {fault}")

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = element
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        said = expat.ErrorString(error.code)
        raise UsageError(
            f"{csl.name}:{error.lineno}: is not XML in UTF-8: {said}; name a valid CSL file"
        ) from None
    if circular := sorted(_circles(calls)):
        raise UsageError(f"{csl.name}: the macro {circular[0]!r} calls itself; take that out")
    return content


def _reach(kind: str, attributes: dict[str, str]) -> str:
    """Return which other file an element of a style leads to, and what to do; else nothing."""
    if kind == "include":
        return "includes another file; put what it needs here"
    relations = (
        value.casefold()
        for attribute, value in attributes.items()
        if attribute.rpartition(" ")[2].casefold() == "rel"
    )
    if any("independent-parent" in relation for relation in relations):
        return "only names another, which would have to be fetched; name that one's file"
    return ""


def _digest(style: bytes, sources: list[Source], cites: Sequence[str]) -> str:
    """Return a digest of all that a rendering depends on, but the version of pandoc."""
    digest = hashlib.sha256(style + SCRIPT.read_bytes())
    digest.update(json.dumps([items(sources), list(cites)], sort_keys=True).encode())
    return digest.hexdigest()[:32]


def _checked(content: bytes) -> list[dict[str, Any]]:
    checksum, _, printed = content.partition(b"\n")
    if checksum != f"{zlib.crc32(printed):08x}".encode():
        raise ValueError("not as it was written")
    results: list[dict[str, Any]] = json.loads(printed)
    return results


def _printed(name: str, style: bytes, sources: list[Source], cites: Sequence[str]) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        # What was looked at, not what may be there by now.
        csl = Path(scratch) / "style.csl"
        csl.write_bytes(style)
        bibliography = Path(scratch) / "bibliography.json"
        bibliography.write_text(json.dumps(csl_json(items(sources))), "utf-8")
        tasks = [{"csl": str(csl), "bibliography": str(bibliography), "cite": cite} for cite in cites]
        done = _run(["lua", str(SCRIPT)], json.dumps(tasks).encode(), name)
    if done.returncode:
        complaint = " ".join(done.stderr.decode("utf-8", "replace").split())
        said = complaint.partition(" stack traceback:")[0].rpartition("Error: ")[2]
        said = said.removeprefix("Error running Lua: ").partition(", but received:")[0][:120]
        raise UsageError(f"{name}: pandoc cannot use this style: {said}; name a valid CSL file")
    return done.stdout


def _run(arguments: list[str], given: bytes, what: str) -> subprocess.CompletedProcess[bytes]:
    """Run pandoc on *what*; raise UsageError where there is none, or it needs too much for that."""
    pandoc = _newest()
    oldest = ".".join(map(str, OLDEST))
    if pandoc is None:
        raise UsageError(f"this needs pandoc {oldest} or newer; install it, or: pip install '.[styles]'")
    if not pandoc.usable:
        raise UsageError(
            f"pandoc {pandoc.version} at {pandoc.path} is too old; {oldest} or newer is needed: pip install '.[styles]'"
        )
    try:
        done = _bounded([pandoc.path, "+RTS", f"-M{_MEGABYTES}m", "-RTS", *arguments], given)
        spent = f"{_MEGABYTES} MB" if done.returncode == _HEAP_EXHAUSTED else ""
    except subprocess.TimeoutExpired:
        spent = f"{_SECONDS} seconds"
    if spent:
        raise UsageError(
            f"{what}: pandoc needs more than {spent} for it; does something in it refer to itself?"
        )
    return done


_HEAP_EXHAUSTED = 251
"""How a Haskell program ends that needs more memory than `-M` allows."""


def _bounded(command: list[str], given: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run *command* for some time at most, and never longer than this process lives."""
    posix = os.name == "posix"
    return subprocess.run(  # noqa: S603  # our own arguments
        command,
        input=given,
        capture_output=True,
        check=False,
        timeout=_SECONDS,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        process_group=0 if posix else None,
        preexec_fn=_bind() if posix else None,
    )


def _bind() -> Callable[[], None]:
    """Return what a child does first: bound its time of processors, and die with its parent on Linux."""
    import resource
    import signal

    parent = os.getpid()
    die_with_parent = None
    if sys.platform == "linux":
        import ctypes

        die_with_parent = ctypes.CDLL(None).prctl

    def bind() -> None:
        # Two processors at most are busy for it; where nothing tells of the parent's end, this ends it.
        resource.setrlimit(resource.RLIMIT_CPU, (2 * _SECONDS, 2 * _SECONDS))
        if die_with_parent:
            die_with_parent(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, prctl(2)
            if os.getppid() != parent:
                os._exit(1)

    return bind


def csl_json(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the items with dates in the form of CSL-JSON."""
    dates = ("issued", "accessed", "original-date", "event-date", "submitted", "available-date")
    return [
        {key: date_parts(str(value)) if key in dates else value for key, value in item.items()}
        for item in found
    ]


def date_parts(edtf: str) -> dict[str, Any]:
    """Return an EDTF date in the form of CSL-JSON; what has no parts is kept as it is written."""
    try:
        bounds = [[int(part) for part in bound.split("-")] for bound in edtf.rstrip("?~%").split("/")]
    except ValueError:
        return {"raw": edtf}
    return {"date-parts": bounds}


_READERS = {".bib": "biblatex", ".ris": "ris", ".json": "csljson", ".yaml": "markdown", ".yml": "markdown"}
_ENTRIES = {"biblatex": r"(?m)^(?=[ \t]*@)", "ris": r"(?m)^(?=TY  -)"}


def imported(text: str, path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the CSL items in *text*, the bibliography at *path*, with dates in EDTF, and what is amiss.

    BibTeX, BibLaTeX, RIS, CSL-JSON or CSL-YAML, by the end of the name. A broken entry of BibTeX
    or RIS is left out, with a line that says which; what else cannot be read raises UsageError.
    """
    form = _READERS.get(path.suffix.lower())
    if form is None:
        raise UsageError(f"--bibliography: {path} is none of {' '.join(_READERS)}; export it as one of them")
    pieces = re.split(_ENTRIES[form], text) if form in _ENTRIES else [text]
    if form == "markdown":
        pieces = [f"---\n{text.removeprefix('---')}\n---\n"]
    starts = itertools.accumulate((piece.count("\n") for piece in pieces), initial=1)
    numbered = list(zip(starts, pieces, strict=False))
    circular = _circular(pieces) if form == "biblatex" else set()
    sound = [piece for n, piece in enumerate(numbered) if n not in circular]
    found, failed = _read(form, sound, f"--bibliography: {path}")
    failed = sorted([*failed, *((numbered[n][0], "its crossref leads back to it") for n in circular)])
    if not found:
        line, reason = failed[0] if failed else (1, "it holds no entries")
        raise UsageError(f"--bibliography: {path}:{line}: pandoc cannot read it: {reason}")
    said = [f"{path}:{line}: entry left out, pandoc cannot read it: {reason}" for line, reason in failed]
    return [_with_edtf(item) for item in found], said


_ENTRY = re.compile(r"@\w+\s*[{(]\s*([^\s,{}()]+)\s*,")
_REFERENCE = re.compile(r"\b(?:crossref|xdata)\s*=\s*[{\"]*([^}\"\n]*)", re.IGNORECASE)


def _circular(pieces: list[str]) -> set[int]:
    """Return the numbers of the pieces whose entries refer to themselves: pandoc would never end."""
    leads: dict[str, set[str]] = defaultdict(set)
    stands: dict[str, set[int]] = defaultdict(set)
    for number, piece in enumerate(pieces):
        heads = list(_ENTRY.finditer(piece))
        for head, following in itertools.zip_longest(heads, heads[1:]):
            key = head[1].casefold()
            stands[key].add(number)
            for match in _REFERENCE.finditer(piece[head.end() : following.start() if following else None]):
                for other in match[1].casefold().split(","):
                    leads[key].add(other.strip())
    return {number for key in _circles(leads) for number in stands[key]}


def _circles(leads: dict[str, set[str]]) -> set[str]:
    """Return what leads back to itself, or from one circle to another."""
    led: dict[str, set[str]] = defaultdict(set)
    for key, others in leads.items():
        for other in others:
            led[other].add(key)
    # A circle has neither an end nor a beginning.
    return leads.keys() - _sorted(leads) - _sorted(led)


def _sorted(graph: dict[str, set[str]]) -> set[str]:
    """Return what of the graph has an order."""
    from graphlib import CycleError, TopologicalSorter

    found: set[str] = set()
    sorter = TopologicalSorter(graph)
    with contextlib.suppress(CycleError):
        sorter.prepare()
    while ready := sorter.get_ready():
        found.update(ready)
        sorter.done(*ready)
    return found


def _read(
    form: str, pieces: list[tuple[int, str]], what: str
) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """Return the items of the pieces, each of which begins at a line, and why those have none that fail."""
    done = _run(
        ["--sandbox", "-f", form, "-t", "csljson"], "".join(piece for _, piece in pieces).encode(), what
    )
    if not done.returncode:
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found, []
    if len(pieces) == 1:
        lines = done.stderr.decode("utf-8", "replace").split("\n")
        reason = next(
            (line for line in lines if line.strip() and not line.startswith("Error at")), "no reason"
        )
        return [], [(pieces[0][0], reason.strip()[:120])]
    half = len(pieces) // 2
    first, second = _read(form, pieces[:half], what), _read(form, pieces[half:], what)
    return first[0] + second[0], first[1] + second[1]


def _with_edtf(item: dict[str, Any]) -> dict[str, Any]:
    written = {key: _edtf(value) if isinstance(value, dict) else value for key, value in item.items()}
    return {key: value for key, value in written.items() if value}


def _edtf(date: dict[str, Any]) -> str:
    """Return a date of CSL-JSON in EDTF; the inverse of `date_parts`."""
    bounds = [
        "-".join(f"{int(part):0{2 if n else 4}}" for n, part in enumerate(b))
        for b in date.get("date-parts", ())
    ]
    return "/".join(bounds) + "~" * bool(date.get("circa")) if bounds else str(date.get("raw", ""))


def style_file(name: str) -> Path:
    """Return the CSL file of the built-in style *name*."""
    return HERE / f"{name}.csl"


def find_style(name: str) -> Path:
    """Return the CSL file that *name* means: a built-in style, a path, or one of pandoc's own folder."""
    own = Path(os.path.expanduser("~/.pandoc/csl")) / f"{name}.csl"  # noqa: PTH111  # Path's raises without a home
    for path in (style_file(name), Path(name), own):
        if path.is_file():
            return path
    raise UsageError(f"no style called {name!r}; see afcli styles, or name a CSL file")
