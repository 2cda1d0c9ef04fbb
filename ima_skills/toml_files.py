"""Read a TOML file that somebody else wrote: of a sensible size, in UTF-8 with or without a mark, not too deep."""

from __future__ import annotations

import math
import tomllib
from typing import TYPE_CHECKING, Any

from ima_skills.domain.problem import pointer_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

# Our choice: twenty times the largest file of the first party, and still read in a blink.
LARGEST_BYTES = 1_000_000
# Our choice: no file of ours is deeper than ten; what reads it afterwards may go down step by step.
_DEEPEST = 50


class TomlError(ValueError):
    """A file is no TOML that can be worked with; the message says why, without the file's name."""


def toml_document(file: Traversable) -> dict[str, Any]:
    """Return what a TOML file holds.

    Args:
        file: The file; a byte-order mark, as some editors write it, is passed over.

    Raises:
        OSError: It cannot be read.
        TomlError: It is no file (a pipe would never end), too large, no UTF-8, no TOML, or nested too deeply.
    """
    # To open a pipe would be to wait for somebody who writes into it.
    if not file.is_file() and _is_there(file):
        raise TomlError("this is no file")
    with file.open("rb") as stream:
        data = stream.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise TomlError(f"larger than {LARGEST_BYTES // 1_000_000} MB")
    return toml_text(_decoded(data))


def toml_text(text: str) -> dict[str, Any]:
    """Return what a text in TOML holds.

    Raises:
        TomlError: It is no TOML, or nested too deeply.
    """
    try:
        document = tomllib.loads(text)
    except ValueError as error:  # also what int says of a number with thousands of digits
        raise TomlError(str(error)) from error
    except RecursionError:
        raise TomlError(f"nested more than {_DEEPEST} deep") from None
    if _is_deeper(document, _DEEPEST):
        raise TomlError(f"nested more than {_DEEPEST} deep")
    return document


def not_finite(document: Any) -> Iterator[tuple[str, float]]:
    """Yield the place, as a JSON Pointer, and the value of each number that is none: ``nan`` and ``inf``."""
    waiting = [("", document)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend((place + pointer_to(key), inner) for key, inner in value.items())
        elif isinstance(value, list):
            waiting.extend((place + pointer_to(index), inner) for index, inner in enumerate(value))
        elif isinstance(value, float) and not math.isfinite(value):
            yield place, value


def _is_there(file: Traversable) -> bool:
    exists = getattr(file, "exists", None)  # files inside of archives do not tell
    return bool(exists()) if exists is not None else False


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TomlError(f"not in UTF-8: byte {error.start + 1} is 0x{data[error.start]:02x}") from error


def _is_deeper(document: Any, levels: int) -> bool:
    floor = [document]
    for _ in range(levels):
        floor = [
            inner
            for value in floor
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    return any(isinstance(value, dict | list) for value in floor)
