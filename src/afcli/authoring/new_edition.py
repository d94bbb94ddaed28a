"""Update a fact base to another edition: change only a few characters in each file, in all files or none."""

from __future__ import annotations

import codecs
import contextlib
import json
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from afcli.authoring.moved_sentences import TABLE, Edition, block_of, digests_of
from afcli.errors import UsageError
from afcli.fact_base import sentence_ids
from afcli.files import digests as digests_file
from afcli.files import journal, lock, record_edits, strict_yaml
from afcli.model import Status
from afcli.problems import FactsError
from afcli.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from afcli.fact_base import FactBase
    from afcli.model import Section

    Changes = dict[str, tuple[bytes | None, bytes]]
    """The old content of each file that changes, None if there is no file, and the new content."""
    Marks = dict[str, dict[str, Any]]
    """For claims and sources, by id: the fields that change, and their new values."""


def fix(facts: FactBase, text: Mapping[str, str], old: Mapping[str, str]) -> str:
    """Carry claims, sources, outline and digests over to a new *text*; return a summary.

    Where a sentence moved, was split or joined, the places are rewritten. A claim whose sentence changed, or is
    no longer there, gets that status. Raises UsageError if nothing is known about the old text.
    """
    edition = Edition(facts, text, old)
    if not edition.digests:
        raise UsageError("--fix: there are no digests of the article; give the old text with --against")
    sections, marks = edition.carried().sections, _marks(facts, edition)
    changes = _claims(facts, marks) | _sources(facts, edition)
    changes |= _article(facts.directory, sections if sections != facts.sections else ())
    changes |= _sentences(facts.directory, sections, edition.sentences)
    write(facts.directory, changes)
    moved = sum("at" in fields for fields in marks.values())
    names = ", ".join(PurePath(name).name for name in changes)
    return f"{moved} moved{_marked(marks)}; files changed: {names or 'none'}"


def stamp(facts: FactBase, text: Mapping[str, str]) -> str:
    """Write the digests of the *text* to their file; return a summary.

    A claim whose sentence has changed gets that status, and keeps it until somebody has read it again.
    Raises UsageError if the outline differs, or if a claim would lose its sentence.
    """
    edition = Edition(facts, text)
    sentences, fates = edition.sentences, edition.fates
    outline = dict.fromkeys(sentence_ids(facts.sections))
    for one, other, where in (
        (sentences, outline, "the text"),
        (outline, sentences, "the outline of article.yaml"),
    ):
        if alone := next((id_ for id_ in one if id_ not in other), ""):
            raise UsageError(
                f"--stamp: only {where} has a sentence {alone}; use --fix, or correct the outline"
            )
    if strayed := [
        f"{id_} ({was})" for id_, was in _named(facts) if was in fates and fates[was].now != (was,)
    ]:
        raise UsageError(
            f"--stamp: the sentences of {', '.join(strayed)} have moved or are gone; use --fix first"
        )
    directory, marks = facts.directory, _marks(facts, edition)
    changes = _claims(facts, marks) | _article(directory)
    write(directory, changes | _sentences(directory, facts.sections, sentences))
    return f"{len(sentences)} digests in {directory / digests_file.NAME}{_marked(marks)}"


def write(directory: Path, changes: Changes) -> None:
    """Write every changed file, or none.

    Raises UsageError if one cannot be written, UnfinishedError if one was changed in the meantime.
    """
    if changes:
        with lock.held(directory):
            journal.replace(directory, changes)


def _marks(facts: FactBase, edition: Edition) -> Marks:
    """Return what changes in each claim: its places, and its status, unless nobody has read it anyway."""
    marks: Marks = {}
    for claim in facts.claims:
        fields: dict[str, Any] = {}
        now = edition.places(claim.at)
        strayed = {edition.fates[was].standing for was in claim.at if was in edition.fates}
        if claim.status == Status.gone:
            continue
        if not now:
            fields["status"] = Status.gone.value
        elif now != claim.at:
            fields["at"] = list(now)
            if claim.status == Status.draft:
                fields["text"] = _renamed(claim.text, claim.at, now)
        if now and not claim.status and strayed & {"changed", "gone"}:
            fields["status"] = Status.changed.value
        if fields:
            marks[claim.id] = fields
    return marks


def _renamed(text: str, at: Sequence[str], now: Sequence[str]) -> str:
    """Return the text of a draft, which may name its sentence, with the sentence's new name."""
    for old, new in zip(at, now, strict=False):
        text = text.replace(f"sentence {old} ", f"sentence {new} ")
    return text


def _marked(marks: Marks) -> str:
    counts = Counter(fields.get("status") for fields in marks.values())
    return "".join(
        f", {counts[status]} marked {status}" for status in (Status.changed, Status.gone) if counts[status]
    )


def _named(facts: FactBase) -> Iterator[tuple[str, str]]:
    """Yield every sentence named in the facts, with the id of the source or claim that names it."""
    yield from ((source.key, source.custom["at"]) for source in facts.bibliography if "at" in source.custom)
    yield from (
        (claim.id, sentence) for claim in facts.claims if claim.status != Status.gone for sentence in claim.at
    )


def _claims(facts: FactBase, marks: Marks) -> Changes:
    """Return the files of claims with these fields set."""
    files: dict[Path, Marks] = {}
    for id_, fields in marks.items():
        files.setdefault(facts.lines["claim", id_][0], {})[id_] = fields
    changes: Changes = {}
    for path, marked in files.items():
        changes |= _set_fields(facts.directory, path, "claims", marked)
    return changes


def _sources(facts: FactBase, edition: Edition) -> Changes:
    """Return the bibliography with the new places of its entries; an entry that is gone has none."""
    marks: Marks = {}
    for source in facts.bibliography:
        at = source.custom.get("at", "")
        now = edition.places([at])[:1] if at else ()
        custom = {field: value for field, value in source.custom.items() if field != "at" or now}
        if (at,) != now:
            marks[source.key] = {"custom": custom | ({"at": now[0]} if now else {})}
    return _set_fields(facts.directory, facts.directory / "bibliography.yaml", "references", marks)


def _set_fields(directory: Path, path: Path, group: str, marks: Marks) -> Changes:
    """Return a file with these fields of its records set."""
    order = [*schema("claims")["$defs"]["claim"]["properties"], "custom"]
    records = record_edits.Records(path, path.read_bytes())
    before = records.content
    for number, record in enumerate(records.records(group)):
        if fields := marks.get(record["id"]):
            records = record_edits.Records(path, records.changed(group, number, fields, order))
    return _change(directory, path, before, records.content)


def _change(directory: Path, path: Path, old: bytes | None, new: bytes) -> Changes:
    return {path.relative_to(directory).as_posix(): (old, new)} if new != old else {}


def _sentences(directory: Path, sections: Iterable[Section], sentences: Mapping[str, str]) -> Changes:
    """Return the digests of the new text, and the table of its sentences if the base has one; its columns stay."""
    digests, table = directory / digests_file.NAME, directory / TABLE
    known = digests.read_bytes() if digests.exists() else None
    changes = _change(directory, digests, known, digests_file.dump(digests_of(sentences)).encode())
    old = table.read_bytes() if table.is_file() else b""
    head = old.decode("utf-8-sig", "replace").partition("\n")[0].rstrip("\r")
    columns = head.split("\t")
    if not {"id", "text"} <= {*columns}:
        return changes
    of = {block: (kind, section.title) for section in sections for block, (kind, _) in section.blocks.items()}
    rows = [head]
    for id_, text in sentences.items():
        kind, section = of.get(block_of(id_), ("", ""))
        row = {"id": id_, "kind": kind, "section": section, "text": text}
        rows.append("\t".join(row.get(column, "") for column in columns))
    return changes | _change(directory, table, old, ("\n".join(rows) + "\n").encode())


def _article(directory: Path, sections: Iterable[Section] = ()) -> Changes:
    """Return the article's file with the outline of *sections*, if any, and without digests, which have their own file."""
    path = directory / "article.yaml"
    before = text = strict_yaml.text(path)
    document = strict_yaml.parse(path, text)
    wanted = {"digests": ""}
    titles = _titles(document, text)
    if outline := "".join(_section(section, titles.get(section.title, "")) for section in sections):
        wanted["outline"] = f"outline:\n{outline}"
    # From the bottom up, so that what is above stays where it was.
    for key in sorted(wanted.keys() & document.data, key=lambda key: document.keys[key,], reverse=True):
        end = text.find("\n", document.spans[key,].stop) + 1 or len(text)
        new = wanted[key].replace("\n", "\r\n" if "\r\n" in text else "\n")
        text = text[: document.keys[key,]] + new + text[end:]
    expected = {key: value for key, value in document.data.items() if key not in wanted}
    expected |= strict_yaml.parse(path, "".join(wanted.values())).data or {}
    said = None
    with contextlib.suppress(FactsError):
        said = strict_yaml.parse(path, text).data
    if said != expected:
        raise FactsError(
            [document.problem((), "has several top-level keys on one line", "begin a line with each of them")]
        )
    mark = codecs.BOM_UTF8 if path.read_bytes().startswith(codecs.BOM_UTF8) else b""
    return _change(directory, path, mark + before.encode(), mark + text.encode())


def _titles(document: strict_yaml.Document, text: str) -> dict[str, str]:
    """Return each title of the outline as the file writes it."""
    spans, parts = document.spans, document.data["outline"]
    written = {part["title"]: text[spans["outline", n, "title"]] for n, part in enumerate(parts)}
    return {title: form for title, form in written.items() if "\n" not in form}


def _section(section: Section, title: str) -> str:
    """Return a section in the form of article.yaml; *title* is its title as it was written, if in one line."""
    title = title or json.dumps(section.title, ensure_ascii=False)
    head = f"  - id: {section.id}\n    title: {title}\n    blocks:\n"
    return head + "".join(
        f'      - {{ block: "{block}", kind: {kind}, sentences: "{count}" }}\n'
        for block, (kind, count) in section.blocks.items()
    )
