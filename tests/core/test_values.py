"""When two parameter values mean the same, and how a wish becomes the value a leaf offers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.domain.product import FormField, Option
from ima_skills.values import NotTypable, key, pick, same, typed

ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers()),
    st.dictionaries(st.text(), st.integers()),
)  # fmt: skip


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (5, "5"), (5.0, "5"), ("5.0", 5), ("05", 5), ("+5", 5), ("-0", 0), (" 5 ", 5),
        ("1080p", "1080P"), ("1K", "1k"), (True, "true"), (False, "FALSE"), ("0.50", 0.5),
        ("2048×2048", "2048x2048"), ("2048 * 2048", "2048X2048"), ("１６：９", "16:9"), ("16 : 9", "16:9"),
        ("１０", 10), (9007199254740993, "9007199254740993"),
    ],
)  # fmt: skip
def test_same_meaning(left: Any, right: Any) -> None:
    """Numbers compare as numbers, words without letter case, × and wide signs as their plain twins."""
    assert same(left, right)
    assert same(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (5, 6), ("5", "5s"), (True, 1), (True, "on"), (False, 0), (9007199254740993, 9007199254740992),
        ("16:9", "9:16"), ("std", "pro"), (0.1, 0.10000001), ("1e3", 1000), (10**400, 10**400 + 1),
    ],
)  # fmt: skip
def test_other_meaning(left: Any, right: Any) -> None:
    """True is no 1, large numbers are never rounded into each other, and order matters."""
    assert not same(left, right)


def test_key_of_nonsense() -> None:
    """No value whatsoever breaks a comparison, not even a number too long to be written down."""
    nonsense: list[Any] = [10**5000, -(10**5000), float("nan"), float("inf"), "9" * 5000, {}, [], None]
    assert len({key(value) for value in nonsense}) == len(nonsense)


@given(ANYTHING)
def test_key_is_stable(value: Any) -> None:
    """The key of a key is the key: comparing is transitive over spellings."""
    assert key(key(value)) == key(value)


@pytest.mark.parametrize(
    ("wish", "options", "expected"),
    [
        ("5s", [5, 10], 5), ("10 秒", [5, 10], 10), ("10sec", ["5", "10"], "10"), (5.0, [5], 5),
        ("on", [True, False], True), ("no", [True, False], False), (True, ["on", "off"], "on"),
        (False, ["on", "off"], "off"), ("YES", ["on", "off"], "on"), ("1080P", ["720p", "1080p"], "1080p"),
        ("1", [True, False], None), (7, [5, 10], None), ({"a": 1}, [5], None), (None, ["none"], "none"),
    ],
)  # fmt: skip
def test_pick(wish: Any, options: list[Any], expected: Any) -> None:
    """A wish finds the option it means, with the option's own type and spelling, or none."""
    found = pick(wish, options)
    assert found == expected
    assert type(found) is type(expected)


def _field(kind: str, *values: Any, **more: Any) -> FormField:
    return FormField("f", kind, options=tuple(Option(value) for value in values), **more)


@pytest.mark.parametrize(
    ("field", "wish", "expected"),
    [
        (_field("toggle"), "false", False),
        (_field("toggle"), "ON", True),
        (_field("toggle"), 1, True),
        (_field("toggle", "on", "off"), True, "on"),
        (_field("toggle"), "maybe", NotTypable("true or false")),
        (_field("toggle"), {}, NotTypable("true or false")),
        (_field("tags", 5, 10), "10", 10),
        (_field("tags", "5", "10"), 10, "10"),
        (_field("tags", 5), 7, 7),
        (_field("textarea"), "words", "words"),
        (_field("textarea"), 5, NotTypable("text")),
        (_field("number", minimum=1, maximum=15), "7", 7),
        (_field("number", minimum=1, maximum=15), "7.5s", 7.5),
        (_field("number", minimum=1), "many", NotTypable("a number")),
        (_field("number", minimum=1), float("nan"), NotTypable("a number")),
        (_field("number", minimum=1), "9" * 400, NotTypable("a number")),
        (_field("slider", value=3), "4", 4),
        (_field("mystery"), [1], [1]),
    ],
)  # fmt: skip
def test_typed(field: FormField, wish: Any, expected: Any) -> None:
    """A wish takes the type of its field: "false" is no, "5" is 5, and what cannot be is said so."""
    found = typed(field, wish)
    assert found == expected
    assert type(found) is type(expected)


def test_an_immense_number_is_refused() -> None:
    """A number that Python itself refuses to write down is no number here."""
    assert typed(_field("number", minimum=1), 10**5000) == NotTypable("a number")


@given(ANYTHING)
def test_typed_never_breaks(wish: Any) -> None:
    """Whatever is wished, every kind of field answers."""
    for kind in ("toggle", "tags", "textarea", "number", ""):
        typed(_field(kind, minimum=1.0), wish)
        typed(_field(kind, "a", 5, "on"), wish)
