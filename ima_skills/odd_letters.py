"""Letters that nobody sees: control characters, marks that turn a line around, spaces of no width.

A name that holds one looks like another name and is none; shown in a terminal, some of them do things.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from ima_skills.domain.problem import pointer_to

if TYPE_CHECKING:
    from collections.abc import Iterator

# Control, format, private, half of a pair, not assigned; line and paragraph separators.
_ODD = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_LAYOUT = frozenset("\n\t")
# It makes one picture of several, as in a family of emoji; anywhere else it is invisible.
_JOINER, _PICTURES = "\N{ZERO WIDTH JOINER}", frozenset({"So", "Sk"})
_VARIANT = "\N{VARIATION SELECTOR-16}"


def odd_letter(text: str, *, layout: bool = False) -> str:
    """Return the first letter of a text that nobody sees, for instance ``U+202E RIGHT-TO-LEFT OVERRIDE``; else empty.

    Args:
        text: What people read.
        layout: Whether line breaks and tabs are in their place.
    """
    for index, letter in enumerate(text):
        if unicodedata.category(letter) not in _ODD or (layout and letter in _LAYOUT):
            continue
        if (
            letter == _JOINER
            and _is_picture(text[index - 1 : index])
            and _is_picture(text[index + 1 : index + 2])
        ):
            continue
        return f"U+{ord(letter):04X} {unicodedata.name(letter, '')}".rstrip()
    return ""


def odd_texts(document: Any, *, layout: bool) -> Iterator[tuple[str, str]]:
    """Yield the place, as a JSON Pointer, and the odd letter of each text in a document, names of fields included.

    Args:
        document: What a file holds.
        layout: As for :func:`odd_letter`; names of fields are on one line anyway.
    """
    waiting = [("", document)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, dict):
            for key, inner in value.items():
                waiting.append((place + pointer_to(key), inner))
                if odd := odd_letter(key, layout=False):
                    yield place, odd
        elif isinstance(value, list):
            waiting.extend((place + pointer_to(index), inner) for index, inner in enumerate(value))
        elif isinstance(value, str) and (odd := odd_letter(value, layout=layout)):
            yield place, odd


def _is_picture(letter: str) -> bool:
    return bool(letter) and (letter == _VARIANT or unicodedata.category(letter) in _PICTURES)
