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
# A text, compiled (and kept by re) for the first line that is wrapped: start-up does not pay for it.
_PIECE = (
    rf"\s+|[{_OPENING}]*(?:[\u2e80-\u9fff\uac00-\ud7a3\uff00-\uffef]|[^\s\u2e80-\u9fff\uac00-\ud7a3\uff00-\uffef{_OPENING}{_CLOSING}]+)[{_CLOSING}]*"
    rf"|[{_OPENING}{_CLOSING}]+"
)
# Behind which signs a word is broken that is wider than its line.
_PART = r"[^-_/.,;&?=]*[-_/.,;&?=]+|[^-_/.,;&?=]+"
_GAP = 2
# The narrowest that a column of a table becomes on a terminal.
_LEAST = 4


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

    A word that is wider than a line is broken behind a sign such as a dash, else where the line is full. No line begins with a sign that closes something, and none ends with one that opens something.
    """
    lines, line = [], ""
    for piece in _pieces(text, cells):
        if width(line) + width(piece.rstrip()) > cells and line.strip():
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
        while width(line.rstrip()) > cells:
            kept = _fitting(line, cells)
            lines.append(line[:kept])
            line = line[kept:]
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str, cells: int) -> Iterator[str]:
    """Yield what a line is not broken inside of, as far as it fits into one."""
    for piece in re.findall(_PIECE, " ".join(text.split())):
        yield from [piece] if width(piece) <= cells else re.findall(_PART, piece)


def _fitting(text: str, cells: int) -> int:
    """Return how many characters of a text fit into a width; at least one."""
    taken = 0
    for index, character in enumerate(text):
        taken += _cells(character)
        if taken > cells:
            return max(index, 1)
    return len(text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table: one a row, unless a terminal is too narrow for that.

    There cells are broken into several lines, at spaces as far as that helps; nothing is left out. A pipe or
    a file gets one line a row, however long, because scripts read them so.

    Args:
        head: Titles of the columns.
        rows: Cells; as many per row as there are titles.
    """
    lines = (head, *rows)
    widths = [max(width(line[index]) for line in lines) for index in range(len(head))]
    room = terminal_cells()
    if room is not None and sum(widths) + _GAP * (len(widths) - 1) > room:
        widths = _narrowed(widths, lines, room - _GAP * (len(widths) - 1))
        lines = tuple(part for line in lines for part in _broken(line, widths))
    for line in lines:
        cells = [padded(cell, cells + _GAP) for cell, cells in zip(line, widths, strict=True)]
        yield "".join(cells).rstrip()


def terminal_cells() -> int | None:
    """Return how many cells a line of the terminal has that stdout is; None when it is none."""
    import sys
    from shutil import get_terminal_size

    return get_terminal_size().columns if sys.stdout.isatty() else None


def _narrowed(widths: Sequence[int], lines: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return widths that fit into a room: the widest columns give first, and words stay whole where they can.

    Args:
        widths: What the columns would like to have.
        lines: Their cells.
        room: Cells for all of them.
    """
    for least in (_longest(_PIECE, lines), _longest(_PART, lines), [_LEAST] * len(widths)):
        for cap in range(max(widths), 0, -1):
            found = [min(wide, max(whole, cap)) for wide, whole in zip(widths, least, strict=True)]
            if sum(found) <= room:
                return found
    return [_LEAST] * len(widths)


def _longest(pattern: str, lines: Sequence[Sequence[str]]) -> list[int]:
    """Return the width of the widest piece of each column."""
    columns = zip(*lines, strict=True)
    return [
        max(
            (width(piece) for cell in column for word in cell.split() for piece in re.findall(pattern, word)),
            default=0,
        )
        for column in columns
    ]


def _broken(line: Sequence[str], widths: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Yield the lines that a row takes when its cells are broken."""
    from itertools import zip_longest

    parts = (wrapped(cell, cells) or [""] for cell, cells in zip(line, widths, strict=True))
    yield from zip_longest(*parts, fillvalue="")


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
