"""Change the files of a fact base, only a few characters in each, all files or none."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from afcli.authoring.editions import carried, digests_of, order, trace
from afcli.errors import FactsError, UsageError
from afcli.files import digests as digests_file
from afcli.files import journal, strict_yaml
from afcli.model import sentence_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from afcli.authoring.editions import Fate
    from afcli.files.strict_yaml import Pointer
    from afcli.model import FactBase, Section

    Changes = dict[str, tuple[bytes | None, bytes]]
    """The old content of each file that changes, None if there is no file, and the new content."""


def fix(facts: FactBase, sentences: Mapping[str, str], old: Mapping[str, str]) -> str:
    """Update the sentence ids of claims and sources to the new numbering; return a summary.

    The outline and the digests follow. A changed sentence keeps its old digest until it is stamped.
    Raises UsageError, and changes nothing, if a named sentence is now none or several.
    """
    digests = facts.digests or digests_of(old)
    fates = trace(digests, sentences)
    if not fates:
        raise UsageError("--fix: there are no digests of the article; give the old text with --against")
    moves = _moves(fates)
    if stuck := [f"{id_} ({was})" for id_, was in _named(facts) if was in fates and was not in moves]:
        raise UsageError(
            f"--fix: the text has no one place for {', '.join(stuck)}; mend or delete them first; nothing was rewritten"
        )
    changed = {now: digests[was] for was, now in moves.items() if fates[was].standing == "changed"}
    sections = carried(facts, fates, sentences).sections
    changes, count = moved(facts.directory, moves)
    changes |= _article(facts.directory, sections if sections != facts.sections else ())
    changes |= _digests(facts.directory, digests_of(sentences) | changed)
    write(facts.directory, changes)
    names = ", ".join(PurePath(name).name for name in changes)
    return f"{count} place(s) rewritten; files changed: {names or 'none'}"


def stamp(facts: FactBase, sentences: Mapping[str, str]) -> str:
    """Write the digests of the *sentences* to their file; return a summary.

    Raises UsageError if the outline differs, or if a claim would lose its sentence.
    """
    outline = set(sentence_ids(facts.sections))
    if differing := sorted(outline ^ sentences.keys(), key=order):
        where = "the outline of article.yaml" if differing[0] in outline else "the text"
        raise UsageError(
            f"--stamp: only {where} has a sentence {differing[0]}; use --fix, or mend the outline"
        )
    fates = trace(facts.digests, sentences)
    if strayed := [
        f"{id_} ({was})" for id_, was in _named(facts) if was in fates and fates[was].now != (was,)
    ]:
        raise UsageError(
            f"--stamp: the sentences of {', '.join(strayed)} stand elsewhere or are gone; use --fix first"
        )
    directory = facts.directory
    write(directory, _article(directory) | _digests(directory, digests_of(sentences)))
    return f"{len(sentences)} digests in {directory / digests_file.NAME}"


def moved(directory: Path, moves: Mapping[str, str]) -> tuple[Changes, int]:
    """Return the files of sources and claims with the sentences in *moves* renamed, and the number of changes."""
    folder = directory / "claims"
    changes: Changes = {}
    total = 0
    for path in (
        directory / "bibliography.yaml",
        *sorted(folder.glob("*.yaml")),
        *sorted(folder.glob("*.jsonl")),
    ):
        in_lines = path.suffix == ".jsonl"
        text = path.read_bytes().decode("utf-8-sig") if in_lines else strict_yaml.text(path)
        new, count = _moved_in_lines(text, moves) if in_lines else _moved_in_yaml(path, text, moves)
        changes |= _change(directory, path, text, new)
        total += count
    return changes, total


def write(directory: Path, changes: Changes) -> None:
    """Write every changed file, or none.

    Raises UsageError if one cannot be written, UnfinishedError if one was changed in the meantime.
    """
    if changes:
        with journal.refusing(directory):
            journal.replace(directory, changes)


def _moves(fates: Mapping[str, Fate]) -> dict[str, str]:
    """Return the new id of each sentence that is now exactly one sentence, and no other one's."""
    counts = Counter(now for fate in fates.values() for now in fate.now)
    return {was: f.now[0] for was, f in fates.items() if len(f.now) == 1 and counts[f.now[0]] == 1}


def _named(facts: FactBase) -> Iterator[tuple[str, str]]:
    """Yield every sentence named in the facts, with the id of the source or claim that names it."""
    yield from ((source.key, source.custom["at"]) for source in facts.bibliography if "at" in source.custom)
    yield from ((claim.id, sentence) for claim in facts.claims for sentence in claim.at)


def _change(directory: Path, path: Path, old: str, new: str) -> Changes:
    if old == new:
        return {}
    mark = codecs.BOM_UTF8 if path.read_bytes().startswith(codecs.BOM_UTF8) else b""
    return {path.relative_to(directory).as_posix(): (mark + old.encode(), mark + new.encode())}


def _moved_in_yaml(path: Path, text: str, moves: Mapping[str, str]) -> tuple[str, int]:
    document = strict_yaml.parse(path, text, spans=True)
    assert document.spans is not None
    parts: list[str] = []
    end = 0
    for pointer, was in _pointers(document.data):
        if moves.get(was, was) != was:
            span = document.spans[pointer]
            if was not in text[span]:
                raise FactsError(
                    [document.problem(pointer, f"writes {was} with escapes", "write it plainly")]
                )
            parts += [text[end : span.start], text[span].replace(was, moves[was])]
            end = span.stop
    return "".join([*parts, text[end:]]), len(parts) // 2


def _pointers(data: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    """Yield each sentence named in a file of claims or in the bibliography, in the order of the file."""
    for number, claim in enumerate(data.get("claims", ())):
        yield from ((("claims", number, "at", n), sentence) for n, sentence in enumerate(claim["at"]))
    for number, source in enumerate(data.get("references", ())):
        if "at" in source["custom"]:
            yield ("references", number, "custom", "at"), source["custom"]["at"]


def _moved_in_lines(text: str, moves: Mapping[str, str]) -> tuple[str, int]:
    count = 0

    def renamed(sentence: re.Match[str]) -> str:
        nonlocal count
        now = moves.get(sentence[1], sentence[1])
        count += now != sentence[1]
        return f'"{now}"'

    # Within a JSON string a quotation mark follows a backslash, so this finds only the field.
    field = r'"at"\s*:\s*\[[^\]]*\]'
    return re.sub(field, lambda at: re.sub(r'"([\d.]+)"', renamed, at[0]), text), count


def _digests(directory: Path, digests: Mapping[str, str]) -> Changes:
    path = directory / digests_file.NAME
    old = path.read_bytes() if path.exists() else None
    new = digests_file.dump(digests).encode()
    return {} if new == old else {digests_file.NAME: (old, new)}


def _article(directory: Path, sections: Iterable[Section] = ()) -> Changes:
    """Return the article's file with the outline of *sections*, if any, and without digests, which have their own file."""
    path = directory / "article.yaml"
    text = strict_yaml.text(path)
    document = strict_yaml.parse(path, text)
    wanted = {"digests": ""}
    if outline := "".join(map(_section, sections)):
        wanted["outline"] = f"outline:\n{outline}"
    # From the bottom up, so that the lines above keep their numbers.
    keys = sorted(wanted.keys() & document.data.keys(), key=lambda key: document.line((key,)), reverse=True)
    lines = text.splitlines(keepends=True)
    for key in keys:
        first, last = _lines_of(document, key, lines)
        lines[first:last] = (
            wanted[key].replace("\n", "\r\n" if "\r\n" in text else "\n").splitlines(keepends=True)
        )
    new = "".join(lines)
    _check_rest(document, new, wanted)
    return _change(directory, path, text, new)


def _lines_of(document: strict_yaml.Document, key: str, lines: list[str]) -> tuple[int, int]:
    """Return the indexes of the first line of a top-level *key* and the line after its last; comments below stay."""
    first = document.line((key,)) - 1
    others = (line - 1 for pointer, line in document.lines.items() if len(pointer) == 1)
    last = min((line for line in others if line > first), default=len(lines))
    while last > first + 1 and re.match(r"\s*(#|$)", lines[last - 1]):
        last -= 1
    return first, last


def _check_rest(document: strict_yaml.Document, new: str, wanted: Mapping[str, str]) -> None:
    """Raise FactsError unless *new* is the same document with only these keys changed, as *wanted*."""
    expected = {key: value for key, value in document.data.items() if key not in wanted}
    expected |= strict_yaml.parse(document.path, "".join(wanted.values())).data or {}
    with contextlib.suppress(FactsError):
        if strict_yaml.parse(document.path, new).data == expected:
            return
    raise FactsError([document.problem((), "has keys within a line", "begin a line with each of them")])


def _section(section: Section) -> str:
    import json

    head = f"  - id: {section.id}\n    title: {json.dumps(section.title, ensure_ascii=False)}\n    blocks:\n"
    return head + "".join(
        f'      - {{ block: "{block}", kind: {kind}, sentences: "{count}" }}\n'
        for block, (kind, count) in section.blocks.items()
    )
