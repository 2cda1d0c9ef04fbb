"""See what a plugin's code does beside its answers: all witnesses together."""

from __future__ import annotations

import io
import os
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

from attrs import define, field

from ima_skills.certify.surroundings import changes
from ima_skills.certify.watch import Seen
from ima_skills.errors import ImaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ima_skills.certify.bench import Bench

_MOST_NAMED = 8
DEEDS = ("network", "writes", "process")


@define
class Witnessed:
    """What was seen.

    Attributes:
        deeds: What it did that is forbidden.
        printed: What it wrote.
        depends: What it asked that is no argument.
        altered: What of the process it left changed.
    """

    deeds: list[Seen] = field(factory=list)
    printed: str = ""
    depends: list[str] = field(factory=list)
    altered: list[str] = field(factory=list)

    def told(self) -> Iterator[tuple[str, str]]:
        """Yield the end of each code, and what is to be told of it; empty when all is well."""
        for deed in DEEDS:
            yield deed, _some(seen.what for seen in self.deeds if seen.deed == deed)
        key = os.environ.get("IMA_API_KEY", "")
        shows = bool(key) and key in self.printed
        yield "prints-key", "the key" if shows else ""
        yield "prints", "something" if self.printed.strip() and not shows else ""
        yield "depends", _some(self.depends)
        yield "changes", _some(self.altered)


@contextmanager
def witnessed(bench: Bench) -> Iterator[Witnessed]:
    """Give what is seen of the plugin's code in a block, once the block is over.

    Args:
        bench: The plugin.
    """
    found, before, printed = Witnessed(), bench.written(), io.StringIO()
    with (
        bench.watch.over() as deeds, bench.influences.over() as depends, changes() as altered,
        redirect_stdout(printed), redirect_stderr(printed),
    ):  # fmt: skip
        yield found
    found.deeds, found.depends, found.altered = deeds, depends, altered
    found.printed = printed.getvalue() + bench.written()[len(before) :]


def error_said(error: BaseException, label: str) -> str:
    """Return an exception in words, with what it was about."""
    cause = error.__cause__ if isinstance(error, ImaError) and error.__cause__ is not None else error
    said = cause.message if isinstance(cause, ImaError) else f"{type(cause).__name__}: {cause}"
    return f"{said} ({label})" if label else said


def _some(words: Iterable[str]) -> str:
    return ", ".join(list(dict.fromkeys(words))[:_MOST_NAMED])
