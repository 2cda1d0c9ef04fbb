"""What two answers must have in common: all that is in them, but for functions, which are made anew every time."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from attrs import fields, has


def gist(value: Any) -> Any:  # noqa: PLR0911 - one case per kind of value
    """Return what counts of an answer, in plain values whose ``repr`` is the same in every process.

    Args:
        value: What a hook or a quirk answers.
    """
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    if has(type(value)):
        # What is kept out of reprs counts like everything else.
        return (
            type(value).__name__,
            [(field.name, gist(getattr(value, field.name))) for field in fields(type(value))],
        )
    if isinstance(value, Mapping):
        return ("mapping", [(gist(key), gist(inner)) for key, inner in value.items()])
    if isinstance(value, AbstractSet):
        return ("set", sorted(repr(gist(inner)) for inner in value))
    if isinstance(value, list | tuple):
        return ("list", [gist(inner) for inner in value])
    if isinstance(value, PurePath):
        return ("path", value.name)
    return ("a", getattr(value, "__qualname__", "") or type(value).__name__)


def digest(values: Any) -> str:
    """Return a short text that is the same for the same gists."""
    return sha256(repr(values).encode("utf-8", "backslashreplace")).hexdigest()[:16]
