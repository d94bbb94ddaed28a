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
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afcli import kept
from afcli.errors import UsageError
from afcli.styles import HERE, SCRIPT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afcli.model import Source


def program() -> str | None:
    """Return the path of pandoc: on PATH, or the one that `pypandoc-binary` carries; else None."""
    if found := shutil.which("pandoc"):
        return found
    try:
        import pypandoc
    except ImportError:
        return None
    return str(pypandoc.get_pandoc_path())


def items(sources: Iterable[Source]) -> list[dict[str, Any]]:
    """Return the CSL items of *sources* as pandoc reads them, without what afcli adds."""
    return [{key: value for key, value in source.item.items() if key != "custom"} for source in sources]


def render(csl: Path, sources: Iterable[Source], cites: Sequence[str]) -> list[dict[str, Any]]:
    """Return for each of *cites*, a citation in pandoc's markdown, what the style prints.

    Each result has `cite` and `entries`, every text in plain, markdown and html. Raises
    UsageError where pandoc is missing or cannot read the style. What it printed is kept in the
    user's cache.
    """
    found = list(sources)
    path = kept.folder() / "pandoc" / f"{_digest(csl, found, cites)}.json"
    try:
        if not kept.refused(path):
            return _checked(path.read_bytes())
    except (OSError, ValueError):
        pass
    printed = _printed(csl, found, cites)
    with contextlib.suppress(OSError):
        if not kept.refused(path):
            kept.write(path, f"{zlib.crc32(printed):08x}\n".encode() + printed)
    results: list[dict[str, Any]] = json.loads(printed)
    return results


def _digest(csl: Path, sources: list[Source], cites: Sequence[str]) -> str:
    """Return a digest of all that a rendering depends on."""
    digest = hashlib.sha256(csl.read_bytes() + SCRIPT.read_bytes())
    digest.update(json.dumps([items(sources), list(cites)], sort_keys=True).encode())
    return digest.hexdigest()[:32]


def _checked(content: bytes) -> list[dict[str, Any]]:
    checksum, _, printed = content.partition(b"\n")
    if checksum != f"{zlib.crc32(printed):08x}".encode():
        raise ValueError("not as it was written")
    results: list[dict[str, Any]] = json.loads(printed)
    return results


def _printed(csl: Path, sources: list[Source], cites: Sequence[str]) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        bibliography = Path(scratch) / "bibliography.json"
        bibliography.write_text(json.dumps(csl_json(items(sources))), "utf-8")
        tasks = [{"csl": str(csl), "bibliography": str(bibliography), "cite": cite} for cite in cites]
        done = _run(["lua", str(SCRIPT)], json.dumps(tasks).encode())
    if done.returncode:
        complaint = " ".join(done.stderr.decode("utf-8", "replace").split())
        said = complaint.partition(" stack traceback:")[0].rpartition("Error: ")[2]
        said = said.removeprefix("Error running Lua: ").partition(", but received:")[0][:120]
        raise UsageError(f"{csl.name}: pandoc cannot use this style: {said}; name a valid CSL file")
    return done.stdout


def _run(arguments: list[str], given: bytes) -> subprocess.CompletedProcess[bytes]:
    pandoc = program()
    if pandoc is None:
        raise UsageError("this needs pandoc; install it, or: pip install 'afcli[styles]'")
    return subprocess.run(  # noqa: S603  # our own arguments
        [pandoc, *arguments],
        input=given,
        capture_output=True,
        check=False,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )


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
    found, failed = _read(form, list(zip(starts, pieces, strict=False)))
    if not found:
        line, reason = failed[0] if failed else (1, "it holds no entries")
        raise UsageError(f"--bibliography: {path}:{line}: pandoc cannot read it: {reason}")
    said = [f"{path}:{line}: entry left out, pandoc cannot read it: {reason}" for line, reason in failed]
    return [_with_edtf(item) for item in found], said


def _read(form: str, pieces: list[tuple[int, str]]) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """Return the items of the pieces, each of which begins at a line, and why those have none that fail."""
    done = _run(["-f", form, "-t", "csljson"], "".join(piece for _, piece in pieces).encode())
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
    first, second = _read(form, pieces[:half]), _read(form, pieces[half:])
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
