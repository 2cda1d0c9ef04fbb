"""Of several accepted values, the one closest to what somebody asked for."""

from __future__ import annotations

import difflib
import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAIR = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([:x×X*/])\s*(\d+(?:\.\d+)?)\s*$")
# Beyond this a number is nonsense, and floats overflow.
_MOST_BITS = 1000
_LEADING = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(k?)", re.IGNORECASE)


def nearest(value: Any, allowed: Sequence[Any]) -> Any:
    """Return the member of ``allowed`` closest to ``value``, or None when nothing is close.

    Numbers, ratios (``7:3``), sizes (``800x600``) and leading figures (``480p``, ``4K``) are
    compared by magnitude, everything else by spelling.

    Args:
        value: What was asked for; anything at all.
        allowed: What would be accepted.
    """
    candidates = [option for option in allowed if option is not None]
    wanted = magnitude(value)
    if wanted is not None:
        aim = math.log(wanted)
        scored = [(abs(math.log(m) - aim), i) for i, m in _magnitudes(candidates, _shape(value))]
        if scored:
            return candidates[min(scored)[1]]
    if isinstance(value, dict | list) or _is_immense(value):
        return None
    words = {str(option).casefold(): option for option in reversed(candidates)}
    close = difflib.get_close_matches(str(value).casefold(), list(words), n=1, cutoff=0.5)
    return words[close[0]] if close else None


def _is_immense(value: Any) -> bool:
    """Whether Python itself would refuse to write a number down."""
    return isinstance(value, int) and value.bit_length() > _MOST_BITS


def magnitude(value: Any) -> float | None:
    """Return a positive number that stands for ``value``, or None when it has none."""
    if isinstance(value, bool):
        return None
    if _is_immense(value):
        return None
    if isinstance(value, int | float):
        return _usable(float(value))
    text = str(value)
    pair = _PAIR.match(text)
    if pair:
        left, right = _usable(float(pair[1])), _usable(float(pair[3]))
        if left is None or right is None:
            return None
        return _usable(left / right if pair[2] in ":/" else left * right)
    figure = _LEADING.match(text)
    return _usable(float(figure[1]) * (1000 if figure[2] else 1)) if figure else None


def _usable(number: float) -> float | None:
    """Return a number that has a logarithm, or None."""
    return number if number > 0 and math.isfinite(number) else None


def _shape(value: Any) -> str:
    pair = _PAIR.match(value) if isinstance(value, str) else None
    if pair:
        return "ratio" if pair[2] in ":/" else "size"
    return "figure"


def _magnitudes(candidates: Sequence[Any], shape: str) -> list[tuple[int, float]]:
    found = []
    for index, option in enumerate(candidates):
        size = magnitude(option)
        if size is not None and _shape(option) == shape:
            found.append((index, size))
    return found
