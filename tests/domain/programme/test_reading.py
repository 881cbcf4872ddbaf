"""Is only plain YAML read, exactly, and nothing that grows, loops or hides?"""

from decimal import Decimal

import pytest

from domain.programme.errors import ProgrammeInvalid
from domain.programme.rules import parse
from domain.programme.rules.reading import BYTES_MAX, Reading

NOT_PLAIN = [
    ("", "line 1: the document is not a mapping; allowed: `key: value` lines"),
    ("- 1", "line 1: the document is not a mapping; allowed: `key: value` lines"),
    ("locale: en\nzone: &z UTC", "line 2: an anchor (z); allowed: each value written out"),
    ("locale: en\nzone: *z", "line 2: an alias (z); allowed: each value written out"),
    (
        "growth: !!python/object/apply:os.system [ls]",
        "line 1: a tag (tag:yaml.org,2002:python/object/apply:os.system); allowed: plain values",
    ),
    ("a: " + "[" * 5000, "line 1: nested too deeply; allowed: at most 20 levels"),
    (
        "locale: en\nzone: ]",
        "line 2: not YAML: expected the node content, but found ']'; allowed: one document",
    ),
    (
        "locale: en\n---\nlocale: en",
        "line 2: not YAML: but found another document; allowed: one document",
    ),
    (
        "locale: en\nzone: \x00",
        "line 2: a character that YAML forbids; allowed: printable UTF-8 text",
    ),
    ("\ud800", "line 1: a character that YAML forbids; allowed: printable UTF-8 text"),
    (
        "#" * (BYTES_MAX + 1),
        f"line 1: {BYTES_MAX + 1} bytes are too many; allowed: at most {BYTES_MAX} bytes",
    ),
]


@pytest.mark.parametrize(("text", "problem"), NOT_PLAIN, ids=range(len(NOT_PLAIN)))
def test_what_is_not_one_plain_document_is_refused(text, problem):
    with pytest.raises(ProgrammeInvalid) as caught:
        parse(text)
    assert [str(found) for found in caught.value.problems] == [problem]


def test_scalars_are_what_they_look_like_and_never_a_float():
    text = (
        "a: [1, -2, 0, 1.10, 17.5, true, false, null, ~, '']\n"
        "b: ['1', \"1.5\", yes, NO, 2026-01-01, 1e3, 0x10, 010, 1_000, 12:30, .5, .inf]\n"
    )
    document = Reading(text).document
    assert document == {
        "a": (1, -2, 0, Decimal("1.10"), Decimal("17.5"), True, False, None, None, ""),
        "b": (
            *("1", "1.5", "yes", "NO", "2026-01-01", "1e3", "0x10", "010", "1_000", "12:30"),
            *(".5", ".inf"),
        ),
    }
    assert [type(value) for value in document["a"]][3] is Decimal


def test_each_place_knows_its_line_and_an_unknown_one_that_of_its_surroundings():
    reading = Reading("a:\n  b:\n    - 1\n    - c: 2\n")
    assert reading.line(("a",)) == 1
    assert reading.line(("a", "b", 1)) == 4
    assert reading.line(("a", "b", 1, "c")) == 4
    assert reading.line(("a", "b", 7, "x")) == 2
    assert reading.line(("z",)) == 1
