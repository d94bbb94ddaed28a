"""Changes of the files of a fact base: few characters each, all files or none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from afcli import documents, journal
from afcli.digests import carried, digest, order, trace
from afcli.errors import FactsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from afcli.documents import Pointer
    from afcli.model import Facts, Section


class Edits:
    """New texts of files, gathered until they are written."""

    def __init__(self, directory: Path) -> None:
        """Change nothing yet in *directory*."""
        self.directory = directory
        self.texts: dict[Path, tuple[str, str]] = {}
        """The old text and the new one of each file that changes."""

    def places(self, moves: Mapping[str, str]) -> int:
        """Rewrite every place that claims and sources name and that *moves* has; return how many."""
        folder = self.directory / "claims"
        yaml = [self.directory / "bibliography.yaml", *sorted(folder.glob("*.yaml"))]
        return sum(self._in_yaml(path, moves) for path in yaml) + sum(
            self._in_lines(path, moves) for path in sorted(folder.glob("*.jsonl"))
        )

    def article(self, digests: Mapping[str, str], sections: Iterable[Section] = ()) -> None:
        """Put the *digests* into the article's file, and the *sections* where they are given."""
        path = self.directory / "article.yaml"
        text = documents.text(path)
        document = documents.parse(path, text)
        wanted = {"digests": "".join(f'  "{place}": "{d}"\n' for place, d in digests.items())}
        if outline := "".join(map(_section, sections)):
            wanted["outline"] = outline
        lines = text.splitlines(keepends=True)
        end = "\r\n" if "\r\n" in text else "\n"
        tops = sorted(line for pointer, line in document.lines.items() if len(pointer) == 1)
        if any(not re.match(r"[\"']?\w+[\"']?:", lines[line - 1]) for line in tops) or len(set(tops)) < len(
            tops
        ):
            raise FactsError(
                [document.problem((), "has keys within a line", "begin a line with each of them")]
            )
        # From below, so that what stands above keeps its place.
        for key in sorted(wanted, key=lambda key: document.lines.get((key,), len(lines) + 1), reverse=True):
            first = document.lines.get((key,), len(lines) + 1) - 1
            last = next((line - 1 for line in tops if line - 1 > first), len(lines))
            while last > first + 1 and re.match(r"\s*(#|$)", lines[last - 1]):
                last -= 1
            if first and first == len(lines) and not lines[-1].endswith("\n"):
                lines[-1] += end
            lines[first:last] = [f"{key}:\n{wanted[key]}".replace("\n", end)]
        changed = documents.parse(path, "".join(lines)).data
        assert {k: v for k, v in changed.items() if k not in wanted} == {
            k: v for k, v in document.data.items() if k not in wanted
        }
        self._take(path, text, "".join(lines))

    def write(self) -> list[Path]:
        """Write every changed file, after all could be prepared; return their paths.

        Raises UsageError where one cannot be written, UnfinishedError where one was changed meanwhile.
        """
        contents: dict[str, tuple[bytes | None, bytes]] = {}
        try:
            for path, (old, new) in self.texts.items():
                mark = b"\xef\xbb\xbf" if path.read_bytes().startswith(b"\xef\xbb\xbf") else b""
                name = path.relative_to(self.directory).as_posix()
                contents[name] = mark + old.encode(), mark + new.encode()
            if contents:
                journal.replace(self.directory, contents)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UsageError(
                f"{self.directory}: cannot be written: {reason}; check its rights and its room"
            ) from None
        return list(self.texts)

    def _take(self, path: Path, old: str, new: str) -> None:
        if new != old:
            self.texts[path] = old, new

    def _in_yaml(self, path: Path, moves: Mapping[str, str]) -> int:
        text = documents.text(path)
        document = documents.parse(path, text, spans=True)
        assert document.spans is not None
        parts: list[str] = []
        end = 0
        for pointer, was in _places(document.data):
            if moves.get(was, was) != was:
                span = document.spans[pointer]
                if was not in text[span]:
                    raise FactsError(
                        [document.problem(pointer, f"writes {was} with escapes", "write it plainly")]
                    )
                parts += [text[end : span.start], text[span].replace(was, moves[was])]
                end = span.stop
        self._take(path, text, "".join([*parts, text[end:]]))
        return len(parts) // 2

    def _in_lines(self, path: Path, moves: Mapping[str, str]) -> int:
        changed = 0

        def moved(place: re.Match[str]) -> str:
            nonlocal changed
            now = moves.get(place[1], place[1])
            changed += now != place[1]
            return f'"{now}"'

        # A quotation mark within a string of JSON has a backslash before it: this finds the field alone.
        field = r'"at"\s*:\s*\[[^\]]*\]'
        text = path.read_bytes().decode()
        self._take(path, text, re.sub(field, lambda at: re.sub(r'"([\d.]+)"', moved, at[0]), text))
        return changed


def _places(data: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    """Yield each sentence that a file of claims or the bibliography names, in the order of the text."""
    for number, claim in enumerate(data.get("claims", ())):
        yield from ((("claims", number, "at", n), place) for n, place in enumerate(claim["at"]))
    for number, source in enumerate(data.get("references", ())):
        if "at" in source["custom"]:
            yield ("references", number, "custom", "at"), source["custom"]["at"]


def _section(section: Section) -> str:
    import json

    head = f"  - id: {section.id}\n    title: {json.dumps(section.title, ensure_ascii=False)}\n    blocks:\n"
    return head + "".join(
        f'      - {{ block: "{block}", kind: {kind}, sentences: "{count}" }}\n'
        for block, (kind, count) in section.blocks.items()
    )


def fix(facts: Facts, sentences: Mapping[str, str], old: Mapping[str, str]) -> str:
    """Rewrite the places of claims and sources to where their sentences stand now; return what was done.

    The outline and the digests follow; what has changed keeps its old digest until it is stamped.
    Raises UsageError, and rewrites nothing, where a claim is left without one plain place.
    """
    digests = facts.digests or {place: digest(text) for place, text in old.items()}
    fates = trace(digests, sentences)
    if not fates:
        raise UsageError("--fix: article.yaml holds no digests; give the old text with --against")
    counts: dict[str, int] = {}
    for fate in fates.values():
        for place in fate.now:
            counts[place] = counts.get(place, 0) + 1
    moves = {was: f.now[0] for was, f in fates.items() if len(f.now) == 1 and counts[f.now[0]] == 1}
    stuck = [f"{id_} ({place})" for id_, place in _named(facts) if place in fates and place not in moves]
    if stuck:
        raise UsageError(
            f"--fix: the text has no one place for {', '.join(stuck)}; mend or delete them first; nothing was rewritten"
        )
    renewed = {place: digest(sentences[place]) for place in sorted(sentences, key=order)}
    renewed |= {now: digests[was] for was, now in moves.items() if fates[was].standing == "changed"}
    sections = carried(facts, fates, sentences).sections
    edits = Edits(facts.directory)
    count = edits.places(moves)
    edits.article(renewed, sections if sections != facts.sections else ())
    files = edits.write()
    return f"{count} place(s) rewritten; files changed: {', '.join(path.name for path in files) or 'none'}"


def stamp(facts: Facts, sentences: Mapping[str, str]) -> str:
    """Write the digests of the *sentences* into the article's file; return what was done.

    Raises UsageError where the outline is another, or where a claim would lose its sentence.
    """
    outline = {
        f"{block}.{position}"
        for section in facts.sections
        for block, (_, count) in section.blocks.items()
        for position in range(1, count + 1)
    }
    if differing := sorted(outline ^ sentences.keys(), key=order):
        where = "the outline of article.yaml" if differing[0] in outline else "the text"
        raise UsageError(
            f"--stamp: only {where} has a sentence {differing[0]}; use --fix, or mend the outline"
        )
    fates = trace(facts.digests, sentences)
    if strayed := [f"{id_} ({p})" for id_, p in _named(facts) if p in fates and fates[p].now != (p,)]:
        raise UsageError(
            f"--stamp: the sentences of {', '.join(strayed)} stand elsewhere or are gone; use --fix first"
        )
    edits = Edits(facts.directory)
    edits.article({place: digest(sentences[place]) for place in sorted(sentences, key=order)})
    edits.write()
    return f"{len(sentences)} digests in {facts.directory / 'article.yaml'}"


def _named(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield every place that is named in the facts, with the id of the source or claim that names it."""
    yield from ((s.key, s.custom["at"]) for s in facts.bibliography if "at" in s.custom)
    yield from ((claim.id, place) for claim in facts.claims for place in claim.at)
