"""Text in columns, measured in terminal cells: a Chinese character takes two."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WIDE = frozenset("WF")
_OPENING, _CLOSING = "（“‘《【「", "）”’》】」。，、；：？！…"
# What a line is not broken inside of: a word, or one wide character, with the signs that belong to it.
_PIECE = re.compile(
    rf"\s+|[{_OPENING}]*(?:[\u2e80-\u9fff\uac00-\ud7a3\uff00-\uffef]|[^\s\u2e80-\u9fff\uac00-\ud7a3\uff00-\uffef{_OPENING}{_CLOSING}]+)[{_CLOSING}]*"
    rf"|[{_OPENING}{_CLOSING}]+"
)
_GAP = 2


def width(text: str) -> int:
    """Return the number of terminal cells that a text takes."""
    return sum(_cells(character) for character in text)


def padded(text: str, cells: int) -> str:
    """Return the text with spaces up to a width."""
    return text + " " * max(0, cells - width(text))


def shortened(text: str, cells: int) -> str:
    """Return the text cut to a width, with an ellipsis where something is missing."""
    if width(text) <= cells:
        return text
    kept, taken = "", 1
    for character in text:
        taken += _cells(character)
        if taken > cells:
            break
        kept += character
    return f"{kept.rstrip()}…"


def wrapped(text: str, cells: int) -> list[str]:
    """Return a paragraph in lines of a width: broken at spaces and between Chinese characters.

    No line begins with a sign that closes something, and none ends with one that opens something.
    """
    lines, line = [], ""
    for piece in _PIECE.findall(" ".join(text.split())):
        if width(line) + width(piece.rstrip()) > cells and line.strip():
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
        while width(line.rstrip()) > cells:
            kept = _fitting(line, cells)
            lines.append(line[:kept])
            line = line[kept:]
    return [*lines, line.rstrip()] if line.strip() else lines


def _fitting(text: str, cells: int) -> int:
    """Return how many characters of a text fit into a width; at least one."""
    taken = 0
    for index, character in enumerate(text):
        taken += _cells(character)
        if taken > cells:
            return max(index, 1)
    return len(text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table; the last column is as wide as it likes.

    Args:
        head: Titles of the columns.
        rows: Cells; as many per row as there are titles.
    """
    widths = [max(width(line[index]) for line in (head, *rows)) for index in range(len(head))]
    for line in (head, *rows):
        cells = [padded(cell, cells + _GAP) for cell, cells in zip(line, widths, strict=True)]
        yield "".join(cells).rstrip()


def pairs(rows: Sequence[tuple[str, str]], indent: int = 0) -> Iterator[str]:
    """Yield aligned ``label  value`` lines; a pair without value is left out."""
    shown = [(label, value) for label, value in rows if value]
    longest = max((width(label) for label, _ in shown), default=0)
    for label, value in shown:
        yield f"{' ' * indent}{padded(label, longest + _GAP)}{value}"


def span(low: float | None, high: float | None) -> str:
    """Return a span of figures as people write it; a dash when it is not known."""
    if low is None or high is None:
        return "-"
    return f"{low:g}" if low == high else f"{low:g}-{high:g}"


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Cf", "Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1
