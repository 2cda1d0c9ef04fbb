"""Listings a page at a time: agent hosts cut long outputs off, and a cut JSON document is none."""

from __future__ import annotations

import json
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ima_skills.cli.output import Output

    Function = Callable[..., Any]

# What every host shows in full (their documents say 10,000 to 30,000 characters), less what surrounds the rows.
_BYTES = 9_000
_ROWS = 60
_INDENT = 4


@frozen
class Page:
    """Which rows of a listing are shown.

    Attributes:
        limit: Most rows; 0 for all, None for as many as a host shows in full.
        offset: Rows to pass over.
    """

    limit: int | None = None
    offset: int = 0

    def cut(
        self, rows: Sequence[Any], output: Output, *, beside: object = None, most: int = _ROWS
    ) -> tuple[Sequence[Any], dict[str, Any]]:
        """Return the rows of this page, and the fields that say where it stands.

        Args:
            rows: Every row: what JSON can hold.
            output: Whether the answer is JSON.
            beside: What else the document holds.
            most: Rows that a host shows in full as text.
        """
        rest = rows[self.offset :]
        size = self._size(rest, beside, most, as_json=output.as_json)
        shown = rest[:size]
        following = self.offset + len(shown)
        more = following if following < len(rows) else None
        return shown, {"total": len(rows), "offset": self.offset, "next_offset": more}

    def _size(self, rows: Sequence[Any], beside: object, most: int, *, as_json: bool) -> int:
        if self.limit is not None:
            return self.limit or len(rows)
        return _fitting(rows, beside) if as_json else most


def _fitting(rows: Sequence[Any], beside: object) -> int:
    """Return how many rows fit, at least one so that a reader always gets on."""
    left = _BYTES - (0 if beside is None else _bytes(beside, 0))
    for count, row in enumerate(rows):
        left -= _bytes(row, _INDENT)
        if left < 0:
            return max(count, 1)
    return len(rows)


def _bytes(part: object, indent: int) -> int:
    text = json.dumps(part, ensure_ascii=False, indent=2, default=str)
    return len(text.encode()) + indent * (text.count("\n") + 1) + 2


def more_line(document: Mapping[str, Any], output: Output) -> list[str]:
    """Return the line that says how to see the rest; nothing on the last page."""
    if document["next_offset"] is None:
        return []
    left = document["total"] - document["next_offset"]
    return [output.say("paging.more", left=left, offset=document["next_offset"])]


def page_options(function: Function) -> Function:
    """Add ``--limit`` and ``--offset``; the command receives a ``page``."""

    @wraps(function)
    def with_page(*args: Any, limit: int | None, offset: int, **given: Any) -> Any:
        return function(*args, page=Page(limit, offset), **given)

    for add in (
        click.option(
            "--offset",
            type=click.IntRange(min=0),
            default=0,
            metavar="N",
            help="Pass over this many rows.",
        ),
        click.option(
            "--limit",
            type=click.IntRange(min=0),
            metavar="N",
            help="At most this many rows, 0 for all; else as many as agent hosts show in full.",
        ),
    ):
        with_page = add(with_page)
    return with_page
