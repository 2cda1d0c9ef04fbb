"""Of several accepted values, the one closest to what somebody asked for."""

from __future__ import annotations

import difflib
import math
import re
from typing import TYPE_CHECKING, Any

from ima_skills.values import length_in_seconds

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
    scored = [
        (distance, index)
        for index, option in enumerate(candidates)
        if (distance := _distance(value, option)) is not None
    ]
    if scored:
        return candidates[min(scored)[1]]
    if isinstance(value, dict | list) or _is_immense(value):
        return None
    words = {str(option).casefold(): option for option in reversed(candidates)}
    close = difflib.get_close_matches(str(value).casefold(), list(words), n=1, cutoff=0.6)
    return words[close[0]] if close else None


def choices(word: str, known: Sequence[str]) -> str:
    """Return the next step for a word that is none of those that are known: the closest one, then all of them."""
    close = nearest(word, known)
    return f"{f'Did you mean {close}? ' if close else ''}There are: {', '.join(known)}."


def choice_facts(word: str, known: Sequence[str]) -> dict[str, Any]:
    """Return what :func:`choices` says as the details of an error."""
    close = nearest(word, known)
    return {"name": word, "nearest": [] if close is None else [close], "available": list(known)}


def _is_immense(value: Any) -> bool:
    """Whether Python itself would refuse to write a number down."""
    return isinstance(value, int) and value.bit_length() > _MOST_BITS


def magnitude(value: Any) -> float | None:
    """Return a positive number that stands for ``value``, or None when it has none."""
    if isinstance(value, bool) or _is_immense(value):
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
    seconds = length_in_seconds(text)
    if seconds is not None:
        return _usable(seconds)
    figure = _LEADING.match(text)
    return _usable(float(figure[1]) * (1000 if figure[2] else 1)) if figure else None


def _usable(number: float) -> float | None:
    """Return a number that has a logarithm, or None."""
    return number if number > 0 and math.isfinite(number) else None


def _distance(value: Any, option: Any) -> float | None:
    """Return how far two values are apart, or None when they cannot be compared by magnitude.

    Of two sizes the shape counts more than the area: a square stays a square.
    """
    left, right = magnitude(value), magnitude(option)
    if left is None or right is None or not comparable(value, option):
        return None
    apart = abs(math.log(left) - math.log(right))
    return apart if _shape(value) != "size" else apart / 2 + 2 * abs(_slant(value) - _slant(option))


def comparable(left: Any, right: Any) -> bool:
    """Tell whether two values are figures of one kind: two ratios, two sizes, or two numbers, with or without a unit."""
    both_figures = magnitude(left) is not None and magnitude(right) is not None
    return both_figures and _shape(left) == _shape(right)


def _shape(value: Any) -> str:
    pair = _PAIR.match(value) if isinstance(value, str) else None
    if pair:
        return "ratio" if pair[2] in ":/" else "size"
    return "figure"


def _slant(size: Any) -> float:
    """Return the logarithm of a size's ratio: 0 for a square."""
    pair = _PAIR.match(str(size))
    return math.log(float(pair[1])) - math.log(float(pair[3])) if pair else 0.0
