"""Of several accepted values, the closest to a wish."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.nearest import magnitude, nearest

RATIOS = ["2k", "4k", "1:1", "2:3", "3:2", "3:4", "4:3", "9:16", "16:9", "21:9"]


@pytest.mark.parametrize(
    ("value", "allowed", "expected"),
    [
        ("7:3", RATIOS, "21:9"), ("8:5", RATIOS, "3:2"), ("16/9", RATIOS, "16:9"), ("8K", ["1K", "2K", "4K"], "4K"),
        (7, [5, 10, 15], 5), ("7s", ["5", "10"], "5"), (12, [5, 10, 15], 10), (1000, [5, 10, 15], 15),
        ("800x600", ["512x512", "1024x1024"], "512x512"), ("1024x1024", ["2560x1440", "2048x2048"], "2048x2048"),
        ("1920*1080", ["2048x2048", "2560x1440"], "2560x1440"), ("600p", ["540p", "720p"], "540p"),
        ("durration", ["duration", "resolution"], "duration"), ("sonic-5", ["sonic-v4", "sonic-v5"], "sonic-v5"),
        ("zzz", ["duration"], None), (-5, [5, 10], 5), (True, [1, 2], None), ("", ["a"], None),
        ("7:3", ["2k", "4k"], None), (5, [], None), (None, [None, 5], None),
        ("9" * 400, [5, 10], None), ("9" * 200 + "x" + "9" * 200, ["1024x1024"], None), (10**400, [5], None),
        (float("inf"), [5], None), (float("nan"), [5], None), ({"a": 1}, ["a"], None), ([5], [5], None),
        ("5", [10**400, 6], 6),
    ],
)  # fmt: skip
def test_nearest(value: Any, allowed: list[Any], expected: Any) -> None:
    """Numbers, ratios, sizes and figures go by magnitude, words by spelling; nothing close is None."""
    assert nearest(value, allowed) == expected


@given(
    st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans()),
    st.lists(st.text() | st.integers()),
)
def test_nearest_is_a_member(value: Any, allowed: list[Any]) -> None:
    """The answer is one of the accepted values, or None; no wish breaks the search."""
    found = nearest(value, allowed)
    assert found is None or found in allowed


@given(st.sampled_from(RATIOS))
def test_an_accepted_value_is_its_own_nearest(value: str) -> None:
    """What is accepted is nearest to itself."""
    assert nearest(value, RATIOS) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("4K", 4000), ("512px", 512), ("16:9", 16 / 9), ("1024×768", 1024 * 768), (5, 5), ("0", None), ("0x5", None),
        ("5:0", None), (0, None), (-1, None), ("high", None), (10**400, None), ("1:" + "9" * 400, None),
    ],
)  # fmt: skip
def test_magnitude(value: Any, expected: float | None) -> None:
    """A value's magnitude is a positive finite number or None."""
    assert magnitude(value) == expected
