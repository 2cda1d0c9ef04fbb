"""Parameter values: when two mean the same, and how a wish becomes the value a leaf offers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from attrs import field as attribute
from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.domain.product import FormField

_YES = {"true", "on", "yes", "1"}
_NO = {"false", "off", "no", "0"}
_LENGTH = re.compile(
    r"^(\d+(?:\.\d+)?)\s*(?:(s|sec|secs|second|seconds|秒)|m|min|mins|minute|minutes|分|分钟)$", re.IGNORECASE
)
_MINUTE_S = 60
_NUMBER = re.compile(r"^[+-]?[0-9]+(?:\.[0-9]+)?$")
_PAIR = re.compile(r"^([0-9]+)\s*([x*:])\s*([0-9]+)$")
# Longer integers are nonsense, and Python refuses to write them down in decimal.
_MOST_BITS = 1000
_MOST_DIGITS = 15


@frozen
class NotTypable:
    """A wish that cannot be a value of its field.

    Attributes:
        expected: What the field takes, in words.
        expected_zh: The same in Chinese.
    """

    expected: str
    expected_zh: str = attribute(default="", eq=False)


def key(value: Any) -> str:
    """Return the form in which values are compared: ``5``, ``5.0``, ``"5"`` alike; no letter case.

    Booleans compare with the words ``true`` and ``false`` only; ``×`` and ``*`` between two numbers
    count as ``x``, and the wide signs of a Chinese keyboard as the narrow ones (``１６：９``).
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:x}h" if value.bit_length() > _MOST_BITS else str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    text = (text if text.isascii() else normalize("NFKC", text)).strip().casefold().replace("×", "x")
    if _NUMBER.match(text):
        return _plain_number(text)
    pair = _PAIR.match(text)
    return f"{pair[1]}{pair[2].replace('*', 'x')}{pair[3]}" if pair else text


def param_key(name: str) -> str:
    """Return the form in which names of parameters are compared: no letter case, dashes as underscores."""
    return name.strip().casefold().replace("-", "_")


def _plain_number(text: str) -> str:
    """Return a number without sign, zeros and spaces that say nothing; digit for digit, never rounded."""
    sign = "-" if text.startswith("-") else ""
    whole, _, part = text.lstrip("+-").partition(".")
    whole, part = whole.lstrip("0") or "0", part.rstrip("0")
    digits = f"{whole}.{part}" if part else whole
    return digits if digits == "0" else f"{sign}{digits}"


def length_in_seconds(wish: Any) -> float | None:
    """Return the seconds that a length with a unit means (``10s``, ``1 min``, ``1分钟``), or None."""
    found = _LENGTH.match(str(wish).strip())
    if found is None:
        return None
    return float(found[1]) * (1 if found[2] else _MINUTE_S)


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
    if field.options:
        found = pick(wish, [option.value for option in field.options])
        return wish if found is None else found
    if field.type == "toggle":
        return _toggle(wish)
    if field.type == "textarea":
        return wish if isinstance(wish, str) else NotTypable("text", "文字")
    if _is_number(field):
        return _number(wish)
    return wish


def _is_number(field: FormField) -> bool:
    bounded = field.minimum is not None or field.maximum is not None
    counts = isinstance(field.value, int | float) and not isinstance(field.value, bool)
    return bounded or counts


def _toggle(wish: Any) -> Any:
    word = key(wish)
    if word in _YES:
        return True
    return False if word in _NO else NotTypable("true or false", "开关值（true 或 false）")


def _number(wish: Any) -> Any:
    for spelling in _spellings(wish):
        if _NUMBER.match(spelling) and len(spelling) <= _MOST_DIGITS:
            return float(spelling) if "." in spelling else int(spelling)
    return NotTypable("a number", "数字")


def _spellings(wish: Any) -> list[str]:
    plain = key(wish)
    found = [plain]
    seconds = length_in_seconds(plain)
    if seconds is not None:
        found.append(key(seconds))
    # "1" and "0" are left out: they are numbers first.
    if plain in _YES - {"1"}:
        found += ["true", "on"]
    if plain in _NO - {"0"}:
        found += ["false", "off"]
    return found
