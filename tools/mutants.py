"""Put one small mistake after another into a copy of the program, and see whether the tests notice.

    tools/mutants.py                    all of them, two at a time
    tools/mutants.py 3 17               these; 0 is no mistake, and must survive
    tools/mutants.py --list             number, file and what is mistaken

Each mistake is one text of one file that is replaced by another. The copy is tested by the README's command, with -x:
first by the test files named with the mistake, then by all. What survives names a boundary, a weight or a field that
no test holds. A mistake whose text is no longer in its file exactly once is stale.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
SOURCE = "src/afcli"
LEFT_OUT = (
    ".git",
    ".venv*",
    ".prof",
    ".hypothesis",
    ".pytest_cache",
    ".ruff_cache",
    ".mypy_cache",
    "__pycache__",
)


class Mutant(NamedTuple):
    """A mistake: in *file* under src/afcli, *old* becomes *new*; *first* are the tests most likely to notice."""

    file: str
    old: str
    new: str
    first: str


MUTANTS = (
    # The twenty-four of the first review, where they are now.
    Mutant("search/by_name.py", 'regions |= {entity.id, *(m for m in entity.members if base.entity(m).type == "region")}', "regions |= {entity.id}", "edges"),
    Mutant("index/base.py", "coalesce(first_day, '') <= ?", "coalesce(first_day, '') < ?", "edges commands"),
    Mutant("search/find.py", "SILENCE = 0.492", "SILENCE = 0.6", "find golden"),
    Mutant("search/find.py", '"countries": 0.8', '"countries": 0.9', "edges find golden"),
    Mutant("search/interpret.py", "PART_OF_NAME = 0.65", "PART_OF_NAME = 0.75", "golden"),
    Mutant("index/terms.py", '"asks": 0.6', '"asks": 0.3', "edges"),
    Mutant("spelling.py", "1 if len(word) < 8 else 2", "1 if len(word) < 9 else 2", "edges"),
    Mutant("search/dates_and_compounds.py", "{int(found[2]):02}-{int(found[1]):02}", "{int(found[1]):02}-{int(found[2]):02}", "find"),
    Mutant("model.py", '"note": self.note or None', '"note": self.note', "commands golden"),
    Mutant("search/fields.py", "        end = start\n", '        end = ""\n', "edges"),
    Mutant("authoring/check.py", "and latest > horizon", "and latest >= horizon", "check"),
    Mutant("authoring/verify.py", "for n in range(len(text) - self.max_run)", "for n in range(len(text) - self.max_run - 1)", "verify"),
    Mutant("authoring/new_edition.py", "if now and not claim.status and strayed", "if now and strayed", "editions verify life"),
    Mutant("csl.py", 'return [claim.source, article] if claim.basis == "explicit" and', 'return [article] if claim.basis == "explicit" and', "citations golden"),
    Mutant("citing/citation.py", "1 if page % 100 < 10 else 2", "1 if page % 100 <= 10 else 2", "citations"),
    Mutant("citing/exports.py", '("EP", last)', '("EP", first)', "golden"),
    Mutant("views/timeline.py", 'plain[5:] <= "12"', 'plain[5:] < "12"', "golden views"),
    Mutant("index/cache.py", "_RECENT = 2_000_000_000", "_RECENT = 0", "index"),
    Mutant("views/linked_data.py", "dateBasis=claim.date_basis", "dateBasis=None", "golden"),
    Mutant("authoring/draft.py", "_LIKE = 0.6", "_LIKE = 0.99", "new"),
    Mutant("cli/screen.py", "elif total > len(rows):", "elif total >= len(rows):", "commands"),
    Mutant("search/by_name.py", "return last if len(last) == 1 else found", "return found", "edges usage"),
    Mutant("files/load.py", "for _, count in section.blocks.values()) > MAX_SENTENCES", "for _, count in section.blocks.values()) >= MAX_SENTENCES", "edges"),
    Mutant("views/stats.py", "len(entity.names) - 1", "len(entity.names)", "golden views"),
    # Weights.
    Mutant("index/terms.py", '"section": 0.25', '"section": 0.3', "edges"),
    Mutant("index/terms.py", '"beside": 0.35', '"beside": 0.3', "edges"),
    Mutant("index/terms.py", '"name": 0.95', '"name": 1.0', "edges"),
    Mutant("index/terms.py", "_LENGTHS = (8, 10,", "_LENGTHS = (9, 10,", "edges golden"),
    Mutant("search/interpret.py", "SMALL_IN_NAME = 0.3", "SMALL_IN_NAME = 0.5", "golden"),
    Mutant("search/interpret.py", "COUNTED = 0.5", "COUNTED = 0.6", "golden"),
    Mutant("search/interpret.py", "UNKNOWN_WORD = 0.8", "UNKNOWN_WORD = 0.6", "golden find"),
    Mutant("search/find.py", "FADE = 0.2", "FADE = 0.25", "golden find"),
    Mutant("search/find.py", "_TRUSTED_GUESS = 0.9", "_TRUSTED_GUESS = 0.7", "golden find"),
    Mutant("search/guesses.py", "(0.85 * close", "(0.9 * close", "golden"),
    Mutant("search/interpret.py", "close = 0.6 if terms else 0.8", "close = 0.6 if terms else 0.7", "golden"),
    # Edges.
    Mutant("spelling.py", "0 if len(word) < 4", "0 if len(word) < 5", "edges"),
    Mutant("search/interpret.py", 'if way == "prefix" and len(word) < 4:', 'if way == "prefix" and len(word) < 3:', "golden"),
    Mutant("index/base.py", "EXPANSIONS = 100", "EXPANSIONS = 5", "golden"),
    Mutant("search/rank.py", "able = [[b for b in buckets if most - buckets[0].score + b.score >= floor]", "able = [[b for b in buckets if most - buckets[0].score + b.score > floor]", "index golden"),
    Mutant("search/rank.py", "if bucket.score + left >= floor:", "if bucket.score + left > floor:", "ranking index"),
    Mutant("dates.py", "last_month = month or 12", "last_month = month or 11", "edges"),
    Mutant("dates.py", 'start > end:\n        raise ValueError(f"{text!r}', 'start >= end:\n        raise ValueError(f"{text!r}', "commands edges"),
    Mutant("index/base.py", "coalesce(last_day, '9999') >= ?", "coalesce(last_day, '9999') > ?", "edges"),
    Mutant("authoring/verify.py", "if len(words(quotation)) > self.max_run:", "if len(words(quotation)) >= self.max_run:", "edges verify"),
    Mutant("files/safe_open.py", "if len(raw) > MAX_BYTES:", "if len(raw) >= MAX_BYTES:", "edges"),
    # Fields.
    Mutant("views/timeline.py", '(period.start or "", period.end or "9999", period.label)', '(period.end or "9999", period.start or "", period.label)', "golden"),
    Mutant("views/linked_data.py", "position=source.number", "position=None", "golden"),
    Mutant("citing/exports.py", '"number": _tex(item.get("issue", ""))', '"number": ""', "golden"),
    Mutant("citing/exports.py", '("T2", item.get("container-title", ""))', '("T2", "")', "golden"),
    Mutant("citing/exports.py", '.replace("-", "--")', "", "golden"),
    # Freshness.
    Mutant("index/cache.py", "old and old[:-1] == stamp[:-1] and", "old and", "index"),
    Mutant("index/cache.py", "if base.digest == digest:", "if True:", "index"),
    Mutant("files/cache_folder.py", "if status.st_mode & stat.S_IWOTH:", "if False:", "index"),
    # Ranking by as few postings as will do.
    Mutant("search/rank.py", "if n not in barred and (allowed is None or n in allowed)", "if allowed is None or n in allowed", "ranking"),
    Mutant("search/rank.py", "if n not in barred and (allowed is None or n in allowed)", "if n not in barred", "ranking"),
    Mutant("search/rank.py", "any(len(b) > 1 and b[1].score", "any(len(b) > 2 and b[1].score", "ranking"),
    Mutant("search/rank.py", "return found if len(found) == count else []", "return found", "ranking"),
    Mutant("search/rank.py", "self._raised(scores, buckets, floor - most)", "self._raised(scores, buckets, floor)", "ranking"),
    Mutant("search/rank.py", "if score >= least}", "if score > least}", "ranking"),
    Mutant("search/rank.py", "            if most < floor:", "            if most <= floor:", "ranking"),
    Mutant("search/rank.py", "for number in barred & added.keys():", "for number in ():", "ranking life"),
    # What is asked for by status.
    Mutant("search/filters.py", "set(UNREAD) - {*self.status}", "set(UNREAD)", "life"),
    Mutant("search/filters.py", "not {Status.read, Status.all} & {*self.status}", "not {Status.all} & {*self.status}", "life"),
    Mutant("search/filters.py", "if not base.unread_count or Status.all in self.status:", "if not base.unread_count:", "life"),
    Mutant("search/filters.py", "sorted(filter(base.is_claim, allowed))", "sorted(allowed)", "life edges commands golden"),
    # A claim held against its sentences.
    Mutant("authoring/compare.py", "_REACH = 6", "_REACH = 3", "compare"),
    Mutant("authoring/compare.py", "return len(shared) > max(1, best) and", "return len(shared) >= max(1, best) and", "compare"),
    Mutant("authoring/compare.py", 'not in ("", "0", "1", *known)', 'not in ("", "0", *known)', "compare"),
    Mutant("authoring/compare.py", "(differ or (there - units) & _SIZES)", "differ", "compare"),
    Mutant("authoring/compare.py", 'return number.lstrip("0") in', "return number in", "compare"),
    Mutant("authoring/compare.py", " and _months_of([point]) <= bare", "", "compare"),
    Mutant("authoring/compare.py", "(len(field) > 1 and", "(len(field) > 2 and", "compare"),
    Mutant("authoring/compare.py", "if denies and (cancelled or", "if (cancelled or", "compare"),
    Mutant("authoring/compare.py", 'claim.kind == "fact" and not claim.said_by and', 'claim.kind == "fact" and', "compare"),
    Mutant("authoring/compare.py", "after[: 2 * _REACH] if denies else after", "after[: 2 * _REACH]", "compare"),
    Mutant("authoring/compare.py", "rest = rest if rest[0] else []", "rest = [*rest]", "compare"),
    Mutant("authoring/compare.py", 'if claim.date_basis == "stated":', "if field:", "compare"),
    # Claims changed in their files.
    Mutant("authoring/claim_edits.py", "+ 1:0{len(digits)}}", "+ 1}", "edits edit"),
    Mutant("authoring/claim_edits.py", "        self._done.pop()\n", "", "edits"),
    Mutant("authoring/claim_edits.py", "if other := known.get(fold(name)):", "if other := known.get(name):", "edits"),
    Mutant("authoring/claim_edits.py", 'if record.keys() == {"id"}:', "if False:", "edits"),
    Mutant("authoring/claim_edits.py", "if content != self._files[name].content:", "if False:", "edits"),
    Mutant("authoring/claim_edits.py", "for field in _AIDS if field in aids}", 'for field in ("asks",) if field in aids}', "edits"),
    Mutant("files/record_edits.py", '"\\r\\n" if "\\r\\n" in self._text else "\\n"', '"\\n"', "record_edits edits"),
    Mutant("files/record_edits.py", "elif number:\n                start", "elif False:\n                start", "record_edits edits"),
    Mutant("files/record_edits.py", "[*self._gap(group), entry]", "[entry]", "record_edits edits"),
    Mutant("files/record_edits.py", "if said != expected:", "if False:", "record_edits edits"),
    Mutant("files/record_edits.py", "content = self._mark + text.encode()", "content = text.encode()", "record_edits edits"),
    Mutant("files/record_edits.py", "if keys[name] == first else None", "if False else None", "record_edits edits"),
    # What others propose.
    Mutant("authoring/proposals.py", "_BEFORE, _AFTER = 3, 2", "_BEFORE, _AFTER = 2, 2", "proposals"),
    Mutant("authoring/proposals.py", "max(first - _BEFORE, 0)", "max(first - _BEFORE, 1)", "proposals"),
    Mutant("authoring/proposals.py", "for text in texts if text.startswith(UNWRITTEN)]", "for text in texts if False]", "proposals"),
    Mutant("authoring/proposals.py", "for r, m in amiss if r != Rule.unread]", "for r, m in amiss]", "proposals"),
    Mutant("authoring/proposals.py", 'if str(kept.get("note", "")).startswith(UNWRITTEN):', "if False:", "proposals"),
    Mutant("authoring/proposals.py", "return all(_said(claim) in others for claim in claims[1:])", "return True", "proposals"),
    Mutant("authoring/proposals.py", "status=None, read_by=by, read_on=on)", "status=None, read_by=by)", "proposals"),
    Mutant("authoring/proposals.py", "self._text.beside[id_].remove(claim)", "pass", "proposals"),
    Mutant("authoring/review.py", "if len(self._paces) >= _PACED", "if len(self._paces) > _PACED", "edit"),
    Mutant("authoring/review.py", "for id_ in self.queue[self.position :])", "for id_ in self.queue)", "edit"),
    Mutant("authoring/review.py", "(own - 1, own, own + 1)", "(own - 1, own)", "edit"),
    Mutant("authoring/review.py", "self.reader if fresh or not claim.by else claim.by", "self.reader", "edit"),
    Mutant("authoring/review.py", "        if now != shown:", "        if False:", "edit"),
    Mutant("authoring/review.py", "for e in exact or begun}", "for e in [*exact, *begun]}", "edit"),
    Mutant("authoring/review.py", "return [id_ for id_ in at if id_ not in covered]", "return []", "edit"),
    Mutant("authoring/review.py", 'type_ == "person" and family != name and not taken', 'type_ == "person" and family != name', "edit"),
    # Other editions.
    Mutant("authoring/moved_sentences.py", "_PIECES = 6", "_PIECES = 2", "editions verify"),
    Mutant("authoring/moved_sentences.py", "_LIKE = 0.4", "_LIKE = 0.7", "editions verify"),
    Mutant("authoring/moved_sentences.py", "if run and used.isdisjoint(run):", "if run:", "editions verify"),
    Mutant("authoring/moved_sentences.py", "        if not is_known and len(lost) == last - first + 1:", "        if False:", "editions verify"),
    Mutant("authoring/moved_sentences.py", "if len(own[block].blocks) > 1 and beside", "if beside", "editions verify"),
    Mutant("authoring/moved_sentences.py", "autojunk=False", "autojunk=True", "editions verify"),
    Mutant("authoring/new_edition.py", "        if claim.status == Status.gone:\n            continue\n", "", "editions verify life"),
    Mutant("authoring/new_edition.py", 'replace("\\n", "\\r\\n" if "\\r\\n" in text else "\\n")', 'replace("\\n", "\\n")', "editions verify"),
    Mutant("authoring/new_edition.py", '    if not {"id", "text"} <= {*columns}:', "    if not columns:", "editions verify"),
    # The page.
    Mutant("page/build.py", "if len(claims) > LARGEST:", "if len(claims) >= LARGEST:", "page"),
    Mutant("page/build.py", '"<>&\\u2028\\u2029"', '">&"', "page"),
    Mutant("page/build.py", "html.escape(text) for name, text", "text for name, text", "page"),
    Mutant("page/contents.py", "for _, number in base.claim_counts) - base.unread_count", "for _, number in base.claim_counts)", "page"),
    Mutant("page/contents.py", 'if url.lower().startswith(("https://", "http://")) else ""', "", "page"),
    Mutant("page/contents.py", "if everything or source.key in carrying", "if source.key in carrying", "page"),
    # Agents.
    Mutant("agents/tools.py", "elif end < len(claims):", "elif end <= len(claims):", "agents"),
    Mutant("agents/tools.py", "if hits and answer.unknown:", "if answer.unknown:", "agents"),
    Mutant("agents/tools.py", 'if claim and claim.basis == "inferred" else None', "if claim else None", "agents"),
    Mutant("agents/tools.py", "if _digests(now) != _digests(self._facts):", "if False:", "agents"),
    Mutant("agents/tools.py", '"additionalProperties": False', '"additionalProperties": True', "agents"),
    Mutant("agents/tools.py", "if not hits:\n        said.append(SILENCE", "if False:\n        said.append(SILENCE", "agents"),
    # Papers that cite claims.
    Mutant("citing/cited_keys.py", 'code[0].count("\\n"), text)', "len(code[0]), text)", "papers"),
    Mutant("citing/cited_keys.py", '_READING = ("by", "read_by", "read_on")', "_READING = ()", "papers"),
    Mutant("citing/cited_keys.py", "sorted({*before, *lines})", "lines", "papers"),
    Mutant("citing/cited_keys.py", 'else "same" if old == digest(claim) else', 'else "same" if old else', "papers"),
    Mutant("citing/pandoc_document.py", "self._own = set(own)", "self._own = set()", "papers"),
    Mutant("citing/pandoc_document.py", 'if key.rpartition("/")[2].isdigit():', "if False:", "papers"),
    Mutant("citing/pandoc_document.py", "wanted = {key: key.lower() for", "wanted = {key: key for", "papers"),
)  # fmt: skip


def main() -> int:
    """Try the mistakes; return 1 where more than one in ten survives or is stale."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("numbers", nargs="*", type=int, help="which of them; all unless told")
    options.add_argument("--list", action="store_true", help="only name them")
    options.add_argument("--first", action="store_true", help="only by the test files named with each")
    given = options.parse_args()
    numbers = given.numbers or range(1, len(MUTANTS) + 1)
    if given.list:
        for number in numbers:
            mutant = MUTANTS[number - 1]
            sys.stdout.write(f"{number}\t{mutant.file}\t{mutant.old!r} -> {mutant.new!r}\n")
        return 0
    caught = 0
    # What is ended is put away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="afcli-mutants-") as scratch, ThreadPoolExecutor(2) as threads:
        tried = threads.map(lambda number: _tried(number, Path(scratch), given.first), numbers)
        # Others than the owner must be able to read it, as some tests do.
        Path(scratch).chmod(0o755)
        for number, (outcome, seconds) in zip(numbers, tried, strict=True):
            caught += bool(number) and outcome.startswith("caught")
            name = MUTANTS[number - 1].file if number else "no mistake"
            sys.stdout.write(f"{number}\t{name}\t{outcome}\t{seconds:.0f} s\n")
            sys.stdout.flush()
    sys.stdout.write(f"{caught} of {len(numbers)} caught\n")
    return 0 if caught >= 0.9 * len(numbers) else 1


def _tried(number: int, scratch: Path, first_only: bool) -> tuple[str, float]:
    """Return whether a mistake is caught, by which test, or survives, and how many seconds that took."""
    started = time.monotonic()
    copy = scratch / str(number)
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    first = []
    if number:
        mutant = MUTANTS[number - 1]
        first = [f"tests/test_{name}.py" for name in mutant.first.split()]
        path = copy / SOURCE / mutant.file
        text = path.read_text("utf-8")
        if text.count(mutant.old) != 1:
            return "stale", 0
        path.write_text(text.replace(mutant.old, mutant.new), "utf-8")
    python = _environment(copy)
    outcome = "survived"
    for tests in (first,) if first_only or not first else (first, []):
        ran = subprocess.run(
            [python, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
            cwd=copy, env=os.environ | {"TMPDIR": str(copy.parent)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if ran.returncode:
            failed = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
            outcome = f"caught\t{failed[0].partition(' - ')[0] if failed else repr(ran.stdout[-200:])}"
            break
    shutil.rmtree(copy)
    return outcome, time.monotonic() - started


def _environment(copy: Path) -> Path:
    """Return the interpreter of an environment in which the copy is installed, and all that this one has."""
    folder = copy / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    [packages] = folder.glob("lib/python*/site-packages")
    [own] = (Path(p) for p in sys.path if p.endswith("site-packages") and Path(p).is_relative_to(sys.prefix))
    # The first of the two is taken: the copy, not the checkout that was installed.
    (packages / "copy.pth").write_text(f"{copy / 'src'}\n{own}\n")
    script = folder / "bin" / "afcli"
    script.write_text(f"#!{folder / 'bin' / 'python'}\nfrom afcli.__main__ import main\n\nmain()\n")
    script.chmod(0o755)
    return folder / "bin" / "python"


if __name__ == "__main__":
    sys.exit(main())
