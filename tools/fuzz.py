"""Call afcli at random on damaged fact bases, and name every call that ends as none should.

    tools/fuzz.py --calls 400 --seed 1            a short run
    tools/fuzz.py --calls 20000 --seed 7          a long one, by hand
    tools/fuzz.py --seed 7 --case 1234            one call of it again, with all it prints

Each call is a child forked from a warm process: it runs the command line itself on a copy of a base that was
changed by bytes, lines or values. None may print a traceback, end with an undocumented status, hang, refuse in
more than one line, or print what is not of the form asked for. Commands and options are those of the command
tree, so a new one is tried without a word here. Needs Linux.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import ctypes
import io
import json
import os
import pkgutil
import random
import re
import resource
import select
import shlex
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import afcli
from afcli.__main__ import main as process
from afcli.cli import COMMANDS, command

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parent.parent
BASES = {
    "tiny": ROOT / "tests" / "tiny",
    "python": ROOT / "examples" / "python-history",
    "facts": ROOT / "facts",
}
WEIGHTS = {"tiny": 14, "python": 5, "facts": 1}
"""Small bases mostly: they are compiled at once."""
STATUSES = {0, 1, 2, 3, 4, 74}
"""What may be met without somebody at the keyboard: found, nothing found, usage, broken facts, broken output."""
TRACEBACK = 99
PATIENCE = 20
"""Seconds after which a call hangs; it is tried twice, since the machine may be busy."""
MEMORY = 2 << 30
PANDOC = 0.3
"""Share of the calls for citations that are made: they start pandoc, which takes longer than all else."""

NOISE = """
a I о ﷺ ﬁ ß İ ı ǅ Ω Ω é é ḿ 👩‍👩‍👧 🇹🇯 ٣ ½ ² Ⅷ 中文 한국어 עברית क्ष ＡＢＣ -- - --- -- ... ' " '' "" « » “x” \\ \\n / .. ../..
% %s %n {} {0} $(x) `x` ; | & * ? [a] [ ] ( ) ~ ~root # @ ! : :: x: :x country: kind: date: foo:bar http://a.b/c?d=e#f
0 00 1 -1 1e9 0x10 1_000 12345678901234567890 99999999999999999999999999999999 1.5 ½ 10% €5 c001 C001 c1 c999999 x/c001 6 article
1979 2018-03 2018-03-05 2018-13 2018-02-30 0000 9999-12-31 2018/2019 1979/.. ../1979 2018-03.. 2018~ 2018? 2018-2X -0044
March 5th yesterday 1990s xix NULL null true no yes nan inf
""".split()  # noqa: PLE2510, PLE2515, RUF100  # what is strange is the point
BYTES = (
    "\udcff",
    "\udcd0x",
    "\x1b[31mx",
    "a\nb",
    "a\tb",
    "\x07",
    "\u2028",
    "\u200b",
    "\ufeffx",
    " ",
    "",
    "a" * 5000,
)
VALUES = (
    "2000000000", "1.2000000000", '"a\udced\udca0\udc80b"',    "", "~", "null", "true", "[]", "{}", "[[]]", "- x", "0", "-1", "1.5", "2019", "'2019'", "9" * 400, "9" * 5000, f"4.{'9' * 5000}",
    ".inf", ".nan", "2019-01-01", "2019-01-01T00:00:00Z", "0x1F", "1_000", "!!python/object:os.system x", "!!binary aGk=", "&a [*a]", "*a", "<<", "? x",
    "'", '"', '"\\ud800"', '"\\x07"', '"\\n\\t"', '"\\u202e"', "\u0007", "\u0085", "\ufeff", "\ufffe", "x: y", "@", "`", "%", "| \n x", "> \n x",
    "x" * 100_000, "[" * 2000, "CI", "x-atlantis", "mensah", "nobody", "article", "1", "99", "c001", "../../x", "http://a/b c", "2018-03", "1979/..", "2018-99", "'?'",
)  # fmt: skip
SOFT = (
    "x", "Паром", "ﬁne ﷺ", "a\nb", "a\tb\u2028c", "<b>x</b> & 'y'", "=1+1", "[red]x[/red]", "é" * 300, "\u202eabc", "👩‍👩‍👧", "{0} %s", 'a "b" c', "a  b",
    "\u200b", "-x", "c001", "x" * 2000, "the ferry " * 300, "\u00ad", "1979", "$(touch x)", "a;b|c", "\\",
)  # fmt: skip
"""What a text may well be, and few expect."""


class Call(NamedTuple):
    """One call: what is typed, and where it runs."""

    arguments: list[str]
    environment: dict[str, str]
    streams: tuple[str, str, str]
    """What stands behind standard input, output and error."""
    typed: str
    """What is read from standard input."""
    encoding: str


class Ended(NamedTuple):
    """How a call ended; a hang has no status."""

    status: int | None
    out: bytes
    err: bytes
    crash: str


class Failure(NamedTuple):
    """What is wrong with a call."""

    case: int
    kind: str
    detail: str
    typed: str


def run() -> int:
    """Call as often as asked; return 1 where a call failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=400, help="how many (400)")
    parser.add_argument("--seed", type=int, default=1, help="which (1)")
    parser.add_argument("--jobs", type=int, default=2, help="processes that call (2)")
    parser.add_argument("--case", type=int, help="this call alone; what it ran on is kept")
    asked = parser.parse_args()
    warm()
    if asked.case is not None:
        return again(asked.seed, asked.case)
    started = time.monotonic()
    counts: Counter[str] = Counter()
    failures = []
    scratch = Path(tempfile.mkdtemp(prefix="afcli-fuzz-"))
    try:
        with ProcessPoolExecutor(asked.jobs, get_context("fork"), die_with_parent, (os.getpid(),)) as pool:
            cases = [(asked.seed, case, scratch) for case in range(asked.calls)]
            for status, failure in pool.map(tried, cases, chunksize=10):
                counts[status] += 1
                if failure:
                    failures.append(failure)
                    print_failure(asked.seed, failure)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    shown = ", ".join(f"{count} x {status}" for status, count in sorted(counts.items()))
    say(f"{asked.calls} calls, seed {asked.seed}, {time.monotonic() - started:.0f} s; statuses: {shown}")
    kinds = Counter(f"{failure.kind}: {failure.detail}" for failure in failures)
    for kind, count in kinds.most_common():
        say(f"{count:6} {kind}")
    say(f"{len(failures)} failed")
    return 1 if failures else 0


def say(text: str) -> None:
    """Print a line, whatever it holds."""
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode() + "\n")
    sys.stdout.flush()


def print_failure(seed: int, failure: Failure) -> None:
    """Print what failed, and how to see it again."""
    say(
        f"tools/fuzz.py --seed {seed} --case {failure.case}: {failure.kind}: {failure.detail}\n    {failure.typed[:300]}"
    )


def warm() -> None:
    """Import all there is, and use it once, so that no child does."""
    for module in pkgutil.walk_packages(afcli.__path__, "afcli."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    tree = command()
    for name in COMMANDS:
        tree.get_command(None, name)
    home = tempfile.mkdtemp(prefix="afcli-fuzz-")
    os.environ.update(
        {
            "HOME": home,
            "XDG_CACHE_HOME": home,
            "AFCLI_FACTS": str(BASES["tiny"]),
            "AFCLI_MEANING": "off",
            "COLUMNS": "80",
        }
    )
    article = str(BASES["tiny"] / "sentences.tsv")
    with contextlib.redirect_stdout(Discarded()), contextlib.redirect_stderr(Discarded()):
        for typed in (
            "find ferry --json",
            "list",
            "check",
            "stats",
            "timeline",
            f"verify --article {article}",
        ):
            for colour in ("", "1"):
                os.environ["FORCE_COLOR"] = colour
                # How it ends is of no interest here.
                with contextlib.suppress(BaseException):
                    tree(typed.split(), prog_name="afcli", standalone_mode=False)
    shutil.rmtree(home, ignore_errors=True)


class Discarded(io.TextIOWrapper):
    """A stream that keeps nothing."""

    def __init__(self) -> None:
        """Write to memory."""
        super().__init__(io.BytesIO(), "utf-8")


def die_with_parent(parent: int) -> None:
    """Let this process be killed when the one that forked it ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def tried(case: tuple[int, int, Path]) -> tuple[str, Failure | None]:
    """Make one case, call, and return how it ended and what is wrong with it."""
    seed, number, scratch = case
    for _ in range(2):
        place = scratch / str(number)
        call = prepared(seed, number, place)
        ended = called(call, place)
        shutil.rmtree(place, ignore_errors=True)
        if ended.status is not None:
            break
    wrong = judged(call, ended)
    status = "hang" if ended.status is None else str(ended.status)
    return status, Failure(number, *wrong, shown(call)) if wrong else None


def again(seed: int, case: int) -> int:
    """Call once more as in a run, show all of it, and keep what it ran on."""
    place = Path(tempfile.mkdtemp(prefix="afcli-fuzz-")) / str(case)
    call = prepared(seed, case, place)
    ended = called(call, place)
    say(f"cd {place}\n{shown(call)}")
    for name, text in (("stdout", ended.out), ("stderr", ended.err), ("traceback", ended.crash.encode())):
        say(f"--- {name}\n{text[:20_000].decode('utf-8', 'backslashreplace')}")
    wrong = judged(call, ended)
    say(f"--- status {ended.status}; {': '.join(wrong) if wrong else 'as it should be'}")
    return 1 if wrong else 0


def shown(call: Call) -> str:
    """Return the call as one would type it."""
    world = " ".join(
        f"{name}={shlex.quote(value)}" for name, value in call.environment.items() if name != "PATH"
    )
    if call.encoding != "utf-8":
        world += f" PYTHONIOENCODING={call.encoding}"
    streams = "".join(
        f" {sign}{ {'closed': '&-', 'pipe': ' closed-pipe', 'full': '/dev/full'}[kind] }"
        for sign, kind in zip(("<", ">", "2>"), call.streams, strict=True)
        if kind != "file"
    )
    return f"{world} afcli {' '.join(map(shlex.quote, call.arguments))}{streams}"


# What is called


def prepared(seed: int, case: int, place: Path) -> Call:
    """Write the base and the files of a case into *place*, and return its call."""
    rng = random.Random(f"{seed}:{case}")  # noqa: S311  # nobody is to be kept from guessing it
    place.mkdir(parents=True)
    name = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    shutil.copytree(BASES[name], place / "base")
    shutil.copytree(BASES["tiny"], place / "other")
    words = words_of(place / "base", rng)
    damage(place / "base", rng)
    write_articles(place, rng)
    arguments = typed_arguments(rng, words)
    environment = {
        "HOME": str(place / "home"),
        "AFCLI_MEANING": "off",
        "PATH": os.environ["PATH"],
        "COLUMNS": rng.choice(("80", "80", "80", "40", "10", "1", "0", "200", "x", "")),
        "AFCLI_FACTS": rng.choices(("base", "", "base:other", "nowhere", "base:base"), (80, 2, 4, 1, 1))[0],
    }
    environment |= {
        name: value
        for name, value in (
            ("FORCE_COLOR", "1"), ("NO_COLOR", "1"), ("TERM", "dumb"), ("PAGER", ""), ("SHELL", "/bin/zsh"), ("XDG_CACHE_HOME", "/dev/null"),
        )
        if rng.random() < 0.2
    }  # fmt: skip
    if rng.random() < 0.01:
        environment["HOME"] = rng.choice(("", "x", "/dev/null", "/no/where"))
    streams = tuple(
        rng.choices(kinds, weights)[0]
        for kinds, weights in (
            (("file", "closed"), (60, 1)),
            (("file", "closed", "full", "pipe"), (60, 1, 1, 1)),
            (("file", "closed", "full"), (60, 1, 1)),
        )
    )
    lines = "\n".join(query(rng, words) for _ in range(rng.randrange(4)))
    encoding = rng.choices(("utf-8", "ascii", "latin-1", "cp437"), (12, 1, 1, 1))[0]
    return Call(arguments, environment, streams, lines, encoding)  # type: ignore[arg-type]


def words_of(base: Path, rng: random.Random) -> list[str]:
    """Return some of the words that stand in a base."""
    text = rng.choice(sorted(base.rglob("*.yaml"))).read_text("utf-8")
    found = re.findall(r"[\w’'-]+", text)
    return [rng.choice(found) for _ in range(30)]


def word(rng: random.Random, words: Sequence[str]) -> str:
    """Return a word of the base, mostly, or noise."""
    chosen = rng.random()
    if chosen < 0.7:
        return rng.choice(words)
    if chosen < 0.95:
        return rng.choice(NOISE)
    # NUL is in no argument.
    return "".join(chr(rng.choice((rng.randrange(1, 128), rng.randrange(128, 0xD800)))) for _ in range(5))


def query(rng: random.Random, words: Sequence[str]) -> str:
    """Return words, phrases, exclusions and filters."""
    count = rng.choices((1, 2, 4, 12, 150, 2000), (30, 30, 20, 10, 2, 0.3))[0]
    parts = []
    for _ in range(count):
        part = word(rng, words)
        match rng.randrange(16):
            case 0:
                part = f'"{part} {word(rng, words)}"'
            case 1:
                part = f"-{part}"
            case 2 | 3:
                field = rng.choice(("country", "actor", "source", "kind", "basis", "date", "Country", "id"))
                part = f"{field}:{part}"
            case 4:
                part = rng.choice(
                    (f'"{part}', f"{part}:", f"-{part}:x", f'-"{part} x"', f"{part}*", f"{part}..{part}")
                )
        parts.append(part)
    return " ".join(parts)


def typed_arguments(rng: random.Random, words: Sequence[str]) -> list[str]:
    """Return a command with options and arguments, most of them such as it takes."""
    tree = command()
    names = [name for name in COMMANDS if name not in ("cite", "styles") or rng.random() < 0.5]
    weights = [6 if name == "find" else 1 for name in names]
    name = rng.choices(names, weights)[0]
    built = tree.get_command(None, name)
    options = [param for param in built.params if param.param_type_name == "option"]
    typed: list[str] = []
    for param in options:
        # What is needed is mostly there.
        if rng.random() < (0.95 if param.required else min(0.12, 1.2 / len(options))):
            typed += option(rng, param, words)
    arguments = []
    for param in built.params:
        if param.param_type_name == "argument" and (param.required or rng.random() < 0.6):
            many = rng.choice((1, 1, 2, 3)) if param.nargs == -1 else 1
            arguments += [value(rng, param, words, name) for _ in range(many)]
    if rng.random() < 0.03:
        arguments = arguments[:-1] if rng.random() < 0.5 else [*arguments, word(rng, words)]
    before = (
        ["--facts", rng.choice(("base", "other", "nowhere", "base/entities.yaml"))]
        if rng.random() < 0.05
        else []
    )
    separator = ["--"] if rng.random() < 0.2 else []
    line = [*before, name, *typed, *separator, *arguments]
    if rng.random() < 0.02:
        line.insert(
            rng.randrange(len(line) + 1),
            rng.choice(
                ("--no-such", "-x", "--js", "--=", "-", "-nx", "--json=1", "--limit", "--help", *BYTES)
            ),
        )
    if not may_start_pandoc(line) or rng.random() < PANDOC:
        return line
    return ["find", *arguments, word(rng, words)]


def may_start_pandoc(line: Sequence[str]) -> bool:
    """Tell whether a call asks for citations or reads a bibliography."""
    exported = {"bibtex", "biblatex", "ris", "csl-json", "csl-yaml"} & set(line)
    return bool({"cite", "--cite", "--style", "--bibliography"} & set(line)) and not exported


def option(rng: random.Random, param: Any, words: Sequence[str]) -> list[str]:
    """Return an option, with its value unless that is left out."""
    flag = rng.choice([*param.opts, *param.secondary_opts])
    if param.is_flag:
        return [flag]
    if rng.random() < 0.02:
        return [flag]
    given = value(rng, param, words, "")
    if rng.random() < 0.3:
        return [f"{flag}={given}" if flag.startswith("--") else f"{flag}{given}"]
    return [flag, given]


def value(rng: random.Random, param: Any, words: Sequence[str], name: str) -> str:
    """Return a value for a parameter, by its type and name; now and then another."""
    kind = type(param.type).__name__.lower()
    if rng.random() < 0.06:
        return rng.choice((word(rng, words), rng.choice(BYTES), rng.choice(NOISE)))
    if choices := getattr(param.type, "choices", None):
        return str(getattr(chosen := rng.choice(list(choices)), "value", chosen))
    if "int" in kind:
        return rng.choice(("0", "1", "3", "7", "1000000", "-1", "9" * 30, "1.5"))
    if "path" in kind:
        own = {
            "directory": ("base", "base", "base", "other", "base/claims"), "place": ("base", "base", "other"),
            "bibliography": ("refs.bib", "refs.bib", "base/bibliography.yaml"),
        }  # fmt: skip
        made = (
            ("new",)
            if name == "new"
            else own.get(
                param.name, ("article.tsv", "article.txt", "article.md", "article.html", "base/sentences.tsv")
            )
        )
        odd = ("/no/where", ".", "/dev/null", "base/entities.yaml", "", "fifo" if rng.random() < 0.1 else "x")
        return rng.choice(made if rng.random() < 0.9 else odd)
    if param.name in ("start", "end", "date"):
        return rng.choice([text for text in NOISE if text[:1].isdigit()])
    if param.name == "query":
        return "-" if rng.random() < 0.05 else query(rng, words)
    if param.name in ("style", "cite"):
        return rng.choice(
            ("apa", "mla", "gost", "nature", "oscola", "chicago-notes", "nosuch", "base/entities.yaml")
        )
    if param.name in ("ids", "refs"):
        return rng.choice(("c001", "c002", "c003", "c004", "1", "2", "article", "x", "base/c001"))
    return word(rng, words)


# What it is called on


def damage(base: Path, rng: random.Random) -> None:
    """Change a copy of a base: not at all, as one may, or as nobody should."""
    if rng.random() < 0.15:
        as_json_lines(base, rng)
    for _ in range(rng.choices((0, 1, 2, 6), (25, 50, 20, 5))[0]):
        files = [
            path for path in sorted(base.rglob("*")) if path.suffix in (".yaml", ".jsonl") and path.is_file()
        ]
        # Before this, all of it may have gone.
        if not files:
            return
        path = rng.choice(files)
        changes: list[Callable[[Path, random.Random], None]] = [
            by_bytes,
            by_lines,
            by_values,
            softly,
            otherwise,
        ]
        rng.choices(changes, (4, 3, 9, 12, 0.6))[0](path, rng)


def by_bytes(path: Path, rng: random.Random) -> None:
    """Change, take out or put in a few bytes, or cut the end off."""
    text = bytearray(path.read_bytes())
    for _ in range(rng.choice((1, 1, 1, 4, 40))):
        at = rng.randrange(len(text) + 1)
        match rng.randrange(5):
            case 0:
                text[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del text[at : at + rng.choice((1, 2, 30))]
            case 2:
                text[at:at] = rng.choice(
                    (
                        b"\xed\xa0\x80",
                        b"\xff\xfe",
                        b"\x00",
                        b"\x07",
                        b"\r",
                        b"\t",
                        b"\xc3",
                        b"\xef\xbb\xbf",
                        b"#",
                        b":",
                        b"\n",
                    )
                )
            case 3:
                text[at:at] = text[at : at + rng.choice((5, 200))]
            case 4 if rng.random() < 0.2:
                del text[at:]
    path.write_bytes(text)


def by_lines(path: Path, rng: random.Random) -> None:
    """Take out, repeat, exchange or indent lines."""
    lines = path.read_bytes().split(b"\n")
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = b" " * rng.randrange(1, 5) + lines[at]
        case 4:
            lines[at] = lines[at].lstrip()
        case 5:
            lines[at:at] = "# конец\n---\n...\n%YAML 1.2\n{}\n[]\n".encode().split(b"\n")[
                : rng.randrange(1, 5)
            ]
    path.write_bytes(b"\n".join(lines))


def by_values(path: Path, rng: random.Random) -> None:
    """Give a key another value, or another name."""
    text = path.read_text("utf-8", "surrogateescape")
    if path.suffix == ".jsonl":
        replaced(path, rng, text, r'("\w+": )("(?:[^"\\]|\\.)*"|\d+|\[[^\]]*\])', json_value)
    elif rng.random() < 0.1:
        replaced(
            path,
            rng,
            text,
            r"()(\b\w+)(?=:)",
            lambda rng: rng.choice(("x", "id", "text", "at", "source", "date", "<<", "1")),
        )
    else:
        replaced(path, rng, text, r"(\w: +)([^\n,}\]]+)", lambda rng: rng.choice(VALUES))


def json_value(rng: random.Random) -> str:
    """Return a value as JSON has it, or has not."""
    return rng.choice(
        (
            "1",
            "2019",
            "null",
            "true",
            "[]",
            "{}",
            '""',
            '"\\ud800"',
            '"a\udced\udca0\udc80b"',
            '"\\u0000"',
            "NaN",
            "1e999",
            "9" * 5000,
            "[1]",
            '["x"]',
            '"x"',
            "",
            "'x'",
        )
    )


def softly(path: Path, rng: random.Random) -> None:
    """Give a text another that is valid and strange, or move what means nothing."""
    text = path.read_text("utf-8", "surrogateescape")
    if path.suffix == ".jsonl":
        replaced(path, rng, text, r'("(?:text|note|quote|title)": )("(?:[^"\\]|\\.)*")', quoted)
    elif rng.random() < 0.2:
        path.write_text(
            rng.choice(("\ufeff", "# x\n", "\n\n", "# конец\n"))
            + text.replace(
                "\n",
                rng.choice(("\n", "\r\n")),
            ),
            "utf-8",
            "surrogateescape",
        )
    else:
        keys = "text|note|role|title|literal|family|given|container-title|publisher|URL|page|DOI|language|name|aliases|section"
        replaced(path, rng, text, rf"(\b(?:{keys}): +)([^\n,}}\]\[|>]+)", quoted)


def quoted(rng: random.Random) -> str:
    """Return a strange text between quotation marks."""
    return json.dumps(rng.choice(SOFT), ensure_ascii=rng.random() < 0.5)


def replaced(
    path: Path, rng: random.Random, text: str, pattern: str, made: Callable[[random.Random], str]
) -> None:
    """Put something in the place of the second group of *pattern*, where it stands."""
    if places := list(re.finditer(pattern, text)):
        place = rng.choice(places)
        path.write_text(text[: place.start(2)] + made(rng) + text[place.end(2) :], "utf-8", "surrogateescape")


def otherwise(path: Path, rng: random.Random) -> None:
    """Put something else in the place of a file."""
    path.unlink()
    match rng.randrange(8):
        case 0:
            path.mkdir()
        case 1:
            path.symlink_to(path)
        case 2:
            path.touch()
        case 3:
            path.symlink_to("/dev/null")
        case 4:
            os.mkfifo(path)
        case 5:
            path.write_bytes(rng.randbytes(300))
        case 6:
            shutil.rmtree(path.parent)


def as_json_lines(base: Path, rng: random.Random) -> None:
    """Write the claims as JSON Lines, which they may be."""
    import yaml

    for path in sorted((base / "claims").glob("*.yaml")):
        if rng.random() < 0.7:
            # As text, all of it: what is a number or a date in YAML is none here.
            claims = yaml.load(path.read_bytes(), yaml.BaseLoader)["claims"]  # noqa: S506  # it makes strings only
            lines = [json.dumps(claim, ensure_ascii=rng.random() < 0.5) for claim in claims]
            path.with_suffix(".jsonl").write_text("\n".join(lines) + "\n", "utf-8")
            path.unlink()


def write_articles(place: Path, rng: random.Random) -> None:
    """Write articles and a bibliography to read: whole, odd or damaged."""
    article = (BASES["tiny"] / rng.choice(("sentences.tsv", "edition-2.tsv"))).read_text("utf-8")
    (place / "article.tsv").write_text(article, "utf-8")
    sentences = [line.partition("\t")[2] for line in article.splitlines()[1:]]
    rng.shuffle(sentences)
    sentences += [rng.choice(SOFT) for _ in range(rng.randrange(3))]
    text = "\n\n".join(sentences)
    (place / "article.txt").write_text(text, "utf-8")
    (place / "article.md").write_text(
        "# T\n\n## A\n\n" + text.replace("The", "[@x] *The* `a` [1]\n\n- b\n\n## C\n\n"), "utf-8"
    )
    tags = ("p", "div", "h1", "h2", "li", "td", "b", "script", "a href='x'", "nosuch", "p")
    (place / "article.html").write_text("".join(f"<{rng.choice(tags)}>{text}" for text in sentences), "utf-8")
    (place / "refs.bib").write_text(
        "@article{x, title={"
        + rng.choice(SOFT)
        + "}, author={A and B, C}, year="
        + rng.choice(("1999", "x", "{}", ""))
        + "}\n",
        "utf-8",
    )
    for name in ("article.tsv", "article.txt", "article.md", "article.html", "refs.bib"):
        if rng.random() < 0.15:
            rng.choice((by_bytes, by_lines))(place / name, rng)
    os.mkfifo(place / "fifo")


# The call


def called(call: Call, place: Path) -> Ended:
    """Run the call in a child of its own, and leave nothing of it behind."""
    (place / "typed").write_text(call.typed, "utf-8", "surrogateescape")
    files = [place / name for name in ("stdout", "stderr", "crash")]
    sys.stdout.flush()
    child = os.fork()
    if not child:
        in_child(call, place)
    with contextlib.suppress(OSError):
        os.setpgid(child, child)
    handle = os.pidfd_open(child)
    ready, _, _ = select.select([handle], [], [], PATIENCE)
    os.close(handle)
    # All that it started goes with it.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    _, how = os.waitpid(child, 0)
    status = os.waitstatus_to_exitcode(how) if ready else None
    out, err, crash = (path.read_bytes() if path.is_file() else b"" for path in files)
    return Ended(status, out, err, crash.decode("utf-8", "backslashreplace"))


def main(arguments: Sequence[str]) -> NoReturn:
    """Do what the process of the command line does."""
    sys.argv[1:] = arguments
    process()


def in_child(call: Call, place: Path) -> NoReturn:
    """Become the process that a shell would start, as far as can be told from within."""
    crash = -1
    try:
        os.setpgid(0, 0)
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 28, 1 << 28))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.chdir(place)
        os.environ.clear()
        os.environ.update(call.environment)
        crash = os.dup2(os.open("crash", os.O_WRONLY | os.O_CREAT), 100)
        sys.stdin = stream(0, call.streams[0], "typed", call.encoding, "surrogateescape")
        sys.stdout = stream(1, call.streams[1], "stdout", call.encoding, "strict")
        sys.stderr = stream(2, call.streams[2], "stderr", call.encoding, "backslashreplace")
        main(call.arguments)
    except BaseException:  # noqa: BLE001  # whatever comes out of it is what is looked for
        os.write(crash, traceback.format_exc().encode("utf-8", "backslashreplace"))
        os._exit(TRACEBACK)
    os._exit(0)


def stream(number: int, kind: str, name: str, encoding: str, errors: str) -> Any:
    """Open a standard stream; Python has none where it is closed."""
    if kind == "closed":
        os.close(number)
        return None
    if kind == "pipe":
        reads, opened = os.pipe()
        os.close(reads)
    elif number == 0:
        opened = os.open(name, os.O_RDONLY)
    else:
        opened = os.open("/dev/full" if kind == "full" else name, os.O_WRONLY | os.O_CREAT)
    os.dup2(opened, number)
    if opened != number:
        os.close(opened)
    return open(number, "w" if number else "r", encoding=encoding, errors=errors, closefd=False)


# What is wrong with it


def judged(call: Call, ended: Ended) -> tuple[str, str] | None:
    """Return what kind of failure it is, and more of it; None where all is as it should be."""
    said = ended.err.decode(call.encoding, "replace")
    if ended.status is None:
        return "hang", f"over {PATIENCE} s"
    if ended.crash or "Traceback (most recent call last)" in said:
        return "traceback", where(ended.crash or said)
    if ended.status not in STATUSES:
        return "status", str(ended.status)
    # What is written to a file of one's own choice may fail there.
    to_file = " cannot be written: " in said and any(w.startswith(("-o", "--output")) for w in call.arguments)
    if ended.status == 74 and call.streams[1:] == ("file", "file") and not to_file:
        return "status", "74, and the output was whole"
    if call.streams[2] == "file" and (wrong := badly_said(call, ended.status, said)):
        return "error", wrong
    if call.streams[1] == "file" and ended.status in (0, 1) and (wrong := badly_formed(call, ended)):
        return "form", wrong
    return None


def where(text: str) -> str:
    """Return the error and its place in afcli, the same for the same fault."""
    places = re.findall(r'File "[^"]*/(afcli/[^"]*)", line (\d+)', text)
    # What is quoted in it is chance.
    last = re.sub(r"'[^']*'|\d+", "_", text.rstrip().splitlines()[-1])[:100]
    return f"{last} @ {':'.join(places[-1]) if places else '?'}"


def badly_said(call: Call, status: int, said: str) -> str:
    """Return what is wrong with the lines of an error."""
    lines = said.splitlines()
    if status == 2 and not (lines and lines[-1].startswith("afcli")):
        return "status 2 without a line of afcli"
    if status == 2 and len(lines) > 1 and "-" not in call.arguments:
        return "status 2 with more than one line"
    if status == 3 and (not lines or not lines[-1].startswith("afcli: ")):
        return "status 3 without a closing line"
    if status == 3 and not all(re.match(r".+:\d+: \S", line) for line in lines[:-1]):
        return "status 3 with a line without file and number"
    return ""


def badly_formed(call: Call, ended: Ended) -> str:
    """Return what is wrong with the form of the answer."""
    asked = next((word for word in ("--json", "--jsonl", "--csv", "--tsv") if word in call.arguments), "")
    # A database is no text.
    if any("sqlite" in word for word in call.arguments):
        return ""
    try:
        text = ended.out.decode(call.encoding)
        # Nothing is printed where a name is unknown; help is no answer.
        if (
            (ended.status == 1 and not text)
            or call.arguments[0] in ("completion", "complete")
            or text.startswith("Usage")
        ):
            return ""
        # With queries from standard input it answers in lines of JSON, whatever is asked for.
        if "-" in call.arguments:
            return ""
        if "--" in call.arguments and asked and call.arguments.index("--") < call.arguments.index(asked):
            return ""
        if asked == "--json":
            json.loads(text)
        elif asked == "--jsonl":
            [json.loads(line) for line in text.split("\n") if line]
        elif asked:
            rows = list(
                csv.reader(io.StringIO(text, newline=""), delimiter="," if asked == "--csv" else "\t")
            )
            if len({len(row) for row in rows}) > 1:
                return f"{asked}: rows of different lengths"
    except ValueError as error:
        return f"{type(error).__name__} where {call.arguments[0]} was asked for {asked}"
    return ""


if __name__ == "__main__":
    # What is ended is put away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(run())
