"""Every answer is what it was: tools/golden.py writes tests/golden, and its diff shows what a change changes."""

import json
import sys

import pytest
from conftest import HERE, needs_pandoc, run

sys.path.insert(0, str(HERE.parent / "tools"))
try:
    import golden
finally:
    sys.path.pop(0)

LINES = [json.loads(line) for line in golden.QUERIES.read_text("utf-8").splitlines()]


def ask(arguments, variables):
    """Run afcli where the golden outputs were written."""
    ran = run(*arguments, env=variables, cwd=golden.ROOT)
    return ran.out, ran.err, ran.status


@pytest.mark.parametrize("start", range(0, len(LINES), 50))
def test_queries_find_what_they_found(start):
    """The same ids in the same order, for the same sums of weights."""
    lines = LINES[start : start + 50]
    assert [golden.query(line[0], ask) for line in lines] == lines


CALLS = [
    pytest.param(call, marks=[needs_pandoc] if call.pandoc else [], id=call.name) for call in golden.CALLS
]


@pytest.mark.parametrize("call", CALLS)
def test_commands_print_what_they_printed(call):
    """Standard output, standard error and exit status."""
    assert golden.whole(call, ask) == (golden.COMMANDS / call.name).read_text("utf-8")


def test_no_other_output_is_kept():
    """A call that is renamed or taken away takes its file with it."""
    assert {path.name for path in golden.COMMANDS.iterdir()} == {call.name for call in golden.CALLS}
