"""What can travel: whether a value is plain JSON that the service can read back unharmed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ima_skills.domain.problem import Problem, pointer_to

if TYPE_CHECKING:
    from collections.abc import Iterator

# Our choice: far more than any parameter of the service needs.
_DEEPEST = 20
_LARGEST = 1 << 53


def unsendable(value: Any, pointer: str = "") -> tuple[Problem, ...]:
    """Return everything in a value that cannot be sent as JSON, each with its place.

    Numbers must be finite and exact in every JSON reader, names must be text, and text must be
    valid Unicode: a half of a surrogate pair comes from a broken command line and cannot be encoded.

    Args:
        value: Anything.
        pointer: JSON Pointer of the value itself.
    """
    return tuple(Problem(place, message, rule="unsendable") for place, message in _faults(value, pointer, 0))


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
        return "" if _encodable(value) else "holds characters that are no valid text"
    if isinstance(value, int):
        return "" if abs(value) <= _LARGEST else "is too large a number"
    if isinstance(value, float):
        return "" if math.isfinite(value) else "must be a finite number"
    return f"is a {type(value).__name__}, which JSON does not know"


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
