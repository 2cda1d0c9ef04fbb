"""Of several accepted values, the one closest to what somebody asked for."""

from __future__ import annotations

import difflib
import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAIR = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([:x×X*/])\s*(\d+(?:\.\d+)?)\s*$")
_LEADING = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(k?)", re.IGNORECASE)


def nearest(value: Any, allowed: Sequence[Any]) -> Any:
    """Return the member of ``allowed`` closest to ``value``, or None when nothing is close.

    Numbers, ratios (``7:3``), sizes (``800x600``) and leading figures (``480p``, ``4K``) are
    compared by magnitude, everything else by spelling.
    """
    candidates = [option for option in allowed if option is not None]
    wanted = magnitude(value)
    if wanted is not None:
        scored = [(abs(math.log(m / wanted)), i) for i, m in _magnitudes(candidates, _shape(value))]
        if scored:
            return candidates[min(scored)[1]]
    words = {str(option).casefold(): option for option in reversed(candidates)}
    close = difflib.get_close_matches(str(value).casefold(), list(words), n=1, cutoff=0.5)
    return words[close[0]] if close else None


def magnitude(value: Any) -> float | None:
    """Return a positive number that stands for ``value``, or None when it has none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if value > 0 and math.isfinite(value) else None
    text = str(value)
    pair = _PAIR.match(text)
    if pair:
        left, right = float(pair[1]), float(pair[3])
        if left <= 0 or right <= 0:
            return None
        return left / right if pair[2] in ":/" else left * right
    figure = _LEADING.match(text)
    if not figure or float(figure[1]) <= 0:
        return None
    return float(figure[1]) * (1000 if figure[2] else 1)


def _shape(value: Any) -> str:
    pair = _PAIR.match(str(value))
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
