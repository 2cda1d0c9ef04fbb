"""The example's model, priced and made on the sandbox; its quirk at work."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ima_skills import Request, Result


@pytest.mark.parametrize(("lines", "strokes", "points"), [("fine", 400, 3), ("bold", 60, 2)])
def test_words_become_strokes(lines: str, strokes: int, points: int, ima_make: Callable[..., Result]) -> None:
    """The quirk sends the number that a word means, and the sandbox charges the price of the word."""
    result = ima_make(Request("text_to_image", "a lighthouse", model="sketch", params={"lines": lines}))
    assert (result.params["strokes"], result.credit) == (strokes, points)
