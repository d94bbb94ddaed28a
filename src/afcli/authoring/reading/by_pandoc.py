"""Read what pandoc reads: DOCX, ODT, EPUB, LaTeX, reStructuredText, Org and others, as HTML that it writes."""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from afcli.authoring.reading.citation_keys import PRINTED
from afcli.authoring.reading.html import whole_page
from afcli.citing import pandoc
from afcli.csl import edtf_item
from afcli.errors import UsageError

if TYPE_CHECKING:
    from afcli.authoring.reading.pieces import About, Piece

FORMATS = {
    ".epub": "epub", ".docx": "docx+citations+styles", ".odt": "odt", ".tex": "latex", ".latex": "latex",
    ".rst": "rst", ".org": "org", ".fb2": "fb2", ".ipynb": "ipynb", ".docbook": "docbook", ".dbk": "docbook",
    ".jats": "jats", ".textile": "textile", ".wiki": "mediawiki", ".mediawiki": "mediawiki", ".rtf": "rtf",
}  # fmt: skip
"""What pandoc calls the format of each suffix."""
ZIPPED = (".epub", ".docx", ".odt")
_FILTER = Path(__file__).with_name("citations.lua")
_FONTS_ONLY = (b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC")


def converted(content: bytes, suffix: str, what: str) -> tuple[About, list[Piece]]:
    """Return what a file in one of the FORMATS says about its article, and its pieces.

    Raises UsageError, which begins with *what*, if it is protected, or if pandoc is missing, cannot read it, or
    finds no text in it.
    """
    if suffix in ZIPPED:
        _check_archive(content, suffix, what)
    options = f"--sandbox -f {FORMATS[suffix]} -t html5 -s --wrap=none -M pagetitle=-"
    named: tuple[str, ...] = ()
    if FORMATS[suffix] == "latex":
        content, named = _latex(content)
    done = pandoc.run([*options.split(), f"--lua-filter={_FILTER}"], content, what)
    if done.returncode:
        complaint = map(str.strip, done.stderr.decode("utf-8", "replace").split("\n"))
        reason = next((line for line in complaint if line and not line.startswith("Error at")), "")
        raise UsageError(f"{what}: pandoc cannot read it: {reason[:120]}; save it as text or Markdown")
    about, pieces = whole_page(done.stdout.decode("utf-8", "replace"))
    if not pieces:
        none = "has no chapters" if suffix == ".epub" else "has no text"
        raise UsageError(f"{what} {none} that afcli can find; save it as text or Markdown")
    if suffix == ".docx" and any("[@" in piece.text for piece in pieces):
        # A reference manager leaves what it knows of the works cited in the file.
        known = pandoc.run(["--sandbox", "-f", FORMATS[suffix], "-t", "csljson"], content, what)
        items = json.loads(known.stdout) if not known.returncode else []
        about = about._replace(items=tuple(map(edtf_item, items)))
    return about._replace(bibliography=named), pieces


def _latex(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return LaTeX with the list of works that it prints as pandoc reads it, and the names of its bibliographies."""
    text = content.decode("utf-8", "replace")
    files = re.findall(r"\\(?:bibliography|addbibresource(?:\[[^\]]*\])?)\{([^}]+)\}", text)
    named = [name.strip() for names in files for name in names.split(",")]
    keys = re.findall(r"\\bibitem(?:\[[^\]]*\])?\{([^}]+)\}", text)
    numbers = {key: str(number) for number, key in enumerate(keys, 1)}

    def by_number(cite: re.Match[str]) -> str:
        keys = [key.strip() for key in cite[2].split(",")]
        place = f", {cite[1]}" if cite[1] else ""
        cited = "; ".join(f"@{PRINTED}{numbers.get(key)}" for key in keys)
        return f"[{cited}{place}]" if all(key in numbers for key in keys) else cite[0]

    if numbers:
        text = re.sub(r"\\[a-zA-Z]*cite[a-z]*\*?(?:\[([^\]]*)\])?\{([^}]+)\}", by_number, text)
        text = re.sub(
            r"\\begin\{thebibliography\}\{[^}]*\}", r"\\section*{References}\\begin{enumerate}", text
        )
        text = re.sub(r"\\bibitem(?:\[[^\]]*\])?\{[^}]+\}", r"\\item ", text)
        text = text.replace(r"\end{thebibliography}", r"\end{enumerate}")
    return text.encode(), tuple(name if "." in name else f"{name}.bib" for name in named)


def _check_archive(content: bytes, suffix: str, what: str) -> None:
    """Raise UsageError if *content* is not an archive, or is protected by DRM or a password."""
    kept = "META-INF/encryption.xml"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            locked = any(info.flag_bits & 1 for info in archive.infolist())
            hidden = archive.open(kept).read(1 << 20) if kept in names and not locked else b""
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, zlib.error):
        raise UsageError(
            f"{what} is not {suffix[1:].upper()}; rename it after its real format, or save it again"
        ) from None
    ways = re.findall(rb"EncryptionMethod[^>]*Algorithm=[\"']([^\"']+)", hidden)
    if locked or "META-INF/rights.xml" in names or any(way not in _FONTS_ONLY for way in ways):
        raise UsageError(f"{what} is protected (DRM or a password); save a copy without that")
