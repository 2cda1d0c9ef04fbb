"""What can travel: whether a value is plain JSON that the service can read back unharmed."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from ima_skills.domain.problem import Problem, pointer_to

if TYPE_CHECKING:
    from collections.abc import Iterator

# Our choice: far more than any parameter of the service needs.
_DEEPEST = 20
_LARGEST = 1 << 53
# NUL and its like: a text in UTF-16 that was read as another one is full of them, and the service would
# take it and charge for it. Tabs and line ends are layout, and stay.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def unsendable(value: Any, pointer: str = "") -> tuple[Problem, ...]:
    """Return everything in a value that cannot be sent as JSON, each with its place.

    Numbers must be finite and exact in every JSON reader, names must be text, and text must be
    valid Unicode: a half of a surrogate pair comes from a broken command line and cannot be encoded.
    It may hold no control characters but tabs and line ends: no prompt needs one.

    Args:
        value: Anything.
        pointer: JSON Pointer of the value itself.
    """
    return tuple(
        Problem(place, message, rule="unsendable", message_zh=_in_chinese(message))
        for place, message in _faults(value, pointer, 0)
    )


def _faults(value: Any, pointer: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        yield pointer, f"is nested more than {_DEEPEST} levels deep"
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _name_faults(name, pointer)
            yield from _faults(item, pointer + pointer_to(_shown(name)), depth + 1)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _faults(item, pointer + pointer_to(index), depth + 1)
    else:
        message = _scalar_fault(value)
        if message:
            yield pointer, message


def _name_faults(name: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if not isinstance(name, str):
        yield pointer, f"has a name that is no text but {type(name).__name__}"
    elif _scalar_fault(name):
        yield pointer, f"has a name that {_scalar_fault(name)}"


def _shown(name: Any) -> str:
    text = name if isinstance(name, str) else type(name).__name__
    return text.encode("utf-8", "replace").decode("utf-8")


def _scalar_fault(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return _text_fault(value)
    if isinstance(value, int):
        return "" if abs(value) <= _LARGEST else "is too large a number"
    if isinstance(value, float):
        return "" if math.isfinite(value) else "must be a finite number"
    return f"is a {type(value).__name__}, which JSON does not know"


def _text_fault(text: str) -> str:
    if not _encodable(text):
        return "holds characters that are no valid text"
    found = _CONTROL.search(text)
    return f"holds the control character U+{ord(found[0]):04X}" if found else ""


def _in_chinese(message: str) -> str:
    """Return in Chinese what people can see in their own texts; the rest is for programmers."""
    _, found, letter = message.partition("the control character ")
    return f"含有控制字符 {letter}，请删去后重试" if found else ""


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
