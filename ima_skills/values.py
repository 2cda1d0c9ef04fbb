"""Parameter values: when two mean the same, and how a wish becomes the value a leaf offers."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.domain.product import FormField, Option

_YES = {"true", "on", "yes", "1"}
_NO = {"false", "off", "no", "0"}
_SECONDS = re.compile(r"^(\d+(?:\.\d+)?)\s*(?:s|sec|secs|second|seconds|秒)$", re.IGNORECASE)
_NUMBER = re.compile(r"^[+-]?\d+(?:\.\d+)?$")


@frozen
class NotTypable:
    """A wish that cannot be a value of its field.

    Attributes:
        expected: What the field takes, in words.
    """

    expected: str


def key(value: Any) -> str:
    """Return the form in which values are compared: ``5``, ``5.0``, ``"5"`` alike; no letter case.

    Booleans compare with the words ``true`` and ``false`` only; ``×`` counts as ``x``.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip().casefold().replace("×", "x")
    if _NUMBER.match(text):
        number = float(text)
        return str(int(number)) if number.is_integer() and math.isfinite(number) else str(number)
    return text


def same(left: Any, right: Any) -> bool:
    """Tell whether two values mean the same to the service."""
    return key(left) == key(right)


def pick(wish: Any, options: Sequence[Any]) -> Any:
    """Return the member of ``options`` that ``wish`` means, or None.

    ``"5s"`` means 5; yes-words mean true and on, no-words mean false and off.
    """
    for spelling in _spellings(wish):
        for option in options:
            if key(option) == spelling:
                return option
    return None


def typed(field: FormField, wish: Any) -> Any:
    """Return ``wish`` as a value of ``field``, or :class:`NotTypable`.

    A value that is none of the field's options comes back unchanged, for validation to refuse.
    """
    if field.type == "toggle":
        return _toggle(wish)
    if field.options:
        found = pick(wish, [option.value for option in field.options])
        return wish if found is None else found
    if field.type == "textarea":
        return wish if isinstance(wish, str) else NotTypable("text")
    if _is_number(field):
        return _number(wish)
    return wish


def option_values(options: Sequence[Option]) -> tuple[Any, ...]:
    """Return the values of some options."""
    return tuple(option.value for option in options)


def _is_number(field: FormField) -> bool:
    bounded = field.minimum is not None or field.maximum is not None
    counts = isinstance(field.value, int | float) and not isinstance(field.value, bool)
    return bounded or counts


def _toggle(wish: Any) -> Any:
    word = key(wish)
    if word in _YES:
        return True
    return False if word in _NO else NotTypable("true or false")


def _number(wish: Any) -> Any:
    for spelling in _spellings(wish):
        if _NUMBER.match(spelling):
            number = float(spelling)
            return int(number) if number.is_integer() else number
    return NotTypable("a number")


def _spellings(wish: Any) -> list[str]:
    plain = key(wish)
    found = [plain]
    seconds = _SECONDS.match(plain)
    if seconds:
        found.append(key(seconds[1]))
    # "1" and "0" are left out: they are numbers first.
    if plain in _YES - {"1"}:
        found += ["true", "on"]
    if plain in _NO - {"0"}:
        found += ["false", "off"]
    return found
