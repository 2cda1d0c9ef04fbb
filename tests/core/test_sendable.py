"""What can travel as JSON, and what is refused before anything breaks on it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.sendable import unsendable

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r"))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(PLAIN)
def test_plain_json_passes(value: Any) -> None:
    """Every plain value passes, and a JSON reader gets it back unharmed."""
    assert unsendable(value) == ()
    assert json.loads(json.dumps(value, allow_nan=False)) == value


@pytest.mark.parametrize(
    ("value", "pointer", "message"),
    [
        ({"a": float("nan")}, "/params/a", "must be a finite number"),
        ({"a": [1, float("inf")]}, "/params/a/1", "must be a finite number"),
        ({"a": 2**60}, "/params/a", "is too large a number"),
        ({"a/b~": -(10**5000)}, "/params/a~1b~0", "is too large a number"),
        ({"a": "half \ud800"}, "/params/a", "holds characters that are no valid text"),
        ({"\ud800": 1}, "/params", "has a name that holds characters that are no valid text"),
        ({"a": "nul \0"}, "/params/a", "holds the control character U+0000"),
        ({"a": ["escape \x1b[2J"]}, "/params/a/0", "holds the control character U+001B"),
        ({"c1 \x85": 1}, "/params", "has a name that holds the control character U+0085"),
        ({5: 1}, "/params", "has a name that is no text but int"),
        ({"a": {1, 2}}, "/params/a", "is a set, which JSON does not know"),
        ({"a": b"x"}, "/params/a", "is a bytes, which JSON does not know"),
    ],
    ids=range(12),
)
def test_what_cannot_travel(value: Any, pointer: str, message: str) -> None:
    """Each unsendable part is named with its place and never quoted."""
    (problem,) = unsendable(value, "/params")
    assert (problem.pointer, problem.message, problem.rule, problem.value) == (
        pointer,
        message,
        "unsendable",
        None,
    )


def test_endless_values_end() -> None:
    """A value that holds itself is refused by its depth."""
    loop: list[Any] = []
    loop.append(loop)
    (problem,) = unsendable(loop)
    assert problem.message == "is nested more than 20 levels deep"


def test_all_faults_at_once() -> None:
    """Every fault is found, not only the first."""
    assert len(unsendable({"a": float("nan"), "b": [{1}, {"c": 2**99}]})) == 3
