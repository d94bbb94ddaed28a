"""Records changed within a file: what the file is afterwards, byte for byte."""

from pathlib import Path

import pytest

from afcli.files import record_edits
from afcli.problems import FactsError

ORDER = ["id", "text"]


def lines(content):
    """Return the records of JSON Lines."""
    return record_edits.Records(Path("x.jsonl"), content)


def yaml(content):
    """Return the records of a YAML file."""
    return record_edits.Records(Path("x.yaml"), content)


def test_a_line_keeps_its_end():
    """The one that is changed, and a new one has that of its neighbour."""
    file = lines(b'{"id": "a"}\r\n{"id": "b"}\r\n')
    assert file.changed("claims", 0, {"text": "x"}, ORDER) == b'{"id": "a", "text": "x"}\r\n{"id": "b"}\r\n'
    assert file.with_record("claims", 1, {"id": "n"}) == b'{"id": "a"}\r\n{"id": "n"}\r\n{"id": "b"}\r\n'


SPACED = b"claims:\n  - id: a\n\n  - id: b\n"


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        (0, b"claims:\n  - id: n\n\n  - id: a\n\n  - id: b\n"),
        (1, b"claims:\n  - id: a\n\n  - id: n\n\n  - id: b\n"),
        (2, b"claims:\n  - id: a\n\n  - id: b\n\n  - id: n\n"),
    ],
)
def test_a_new_record_is_set_apart_as_the_others_are(number, wanted):
    """Before, between and after."""
    assert yaml(SPACED).with_record("claims", number, {"id": "n"}) == wanted


@pytest.mark.parametrize(("number", "left"), [(0, b"b"), (1, b"a")])
def test_a_record_takes_its_gap_with_it(number, left):
    """The first that below it, the last that above it."""
    assert yaml(SPACED).without("claims", number) == b"claims:\n  - id: " + left + b"\n"


def test_a_mark_at_the_beginning_stays():
    """As some editors write it."""
    mark = b"\xef\xbb\xbf"
    wanted = mark + b"claims:\n  - id: a\n    text: x\n"
    assert yaml(mark + b"claims:\n  - id: a\n").changed("claims", 0, {"text": "x"}, ORDER) == wanted


def test_the_field_beside_the_dash_can_go():
    """The next one stands there then."""
    assert (
        yaml(b"claims:\n  - text: x\n    id: a\n").changed("claims", 0, {"text": None}, ORDER)
        == b"claims:\n  - id: a\n"
    )


def test_what_would_say_something_else_is_refused():
    """Here the end of the document stands before the end of the file."""
    with pytest.raises(FactsError) as raised:
        yaml(b"places: []\n...\n").with_record("claims", 0, {"id": "a"})
    message = "is laid out in a way that cannot be changed in place"
    assert [problem.message for problem in raised.value.problems] == [message]
