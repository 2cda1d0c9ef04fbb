"""Help in terminal cells: click counts letters, and a Chinese one takes two cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
from click.formatting import wrap_text

from ima_skills.cli.layout import padded, width, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable

# What click puts behind the help of an option.
_EXTRAS = (
    (re.compile(r"(?<=[\[ ])default: "), "默认值："),
    (re.compile(r"(?<=[\[ ])env var: "), "环境变量："),
    (re.compile(r"(?<=[\[ ])required(?=[\];])"), "必填"),
)
_BESIDE = 20
_LEAST = 10


def chinese_extras(tail: str) -> str:
    """Return what click adds to the help of an option, for instance ``[default: 1]``, in Chinese."""
    for pattern, chinese in _EXTRAS:
        tail = pattern.sub(chinese, tail)
    return tail


class CellFormatter(click.HelpFormatter):
    """Writes help that is no wider than the terminal, whichever letters it has."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        if prefix is None or prefix.isascii():
            super().write_usage(prog, args, prefix)
            return
        head = f"{prefix}{prog} "
        beside = self.width - width(head)
        indent = width(head) if beside >= _BESIDE else self.indent_increment * 2
        lines = wrapped(args, self.width - indent)
        first = head + (lines.pop(0) if lines and beside >= _BESIDE else "")
        self._write_lines([first.rstrip(), *(f"{' ' * indent}{line}" for line in lines)])

    def write_text(self, text: str) -> None:
        """Write paragraphs, indented."""
        if text.isascii():
            super().write_text(text)
            return
        indent = " " * self.current_indent
        for index, paragraph in enumerate(text.split("\n\n")):
            lines = [f"{indent}{line}" for line in wrapped(paragraph, self.width - self.current_indent)]
            self._write_lines(["", *lines] if index else lines)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write terms with their meanings beside them."""
        table = list(rows)
        widest = max((width(term) for term, _ in table), default=0)
        column = min(widest, col_max) + col_spacing
        room = max(self.width - column - self.current_indent, _LEAST)
        indent = " " * (self.current_indent + column)
        for term, meaning in table:
            lines = _lines(meaning, room)
            head = f"{' ' * self.current_indent}{padded(term, column)}"
            if width(term) > column - col_spacing or not lines:
                lines = [head.rstrip(), *(indent + line for line in lines)]
            else:
                lines = [head + lines[0], *(indent + line for line in lines[1:])]
            self._write_lines(lines)

    def _write_lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(f"{line}\n")


def _lines(text: str, cells: int) -> list[str]:
    if text.isascii():
        return wrap_text(text, cells, preserve_paragraphs=True).splitlines()
    return wrapped(text, cells)
