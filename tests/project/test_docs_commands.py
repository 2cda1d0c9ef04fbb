"""Every command line of the documents is one that the program takes, and every sample output is real."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import click
import pytest

from ima_skills.cli import main
from tools.pages import blocks, documents, prose
from tools.samples import comparable, pages_with_samples, refreshed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.checkout
# What comes after it on a line is no argument of ours.
_END = re.compile(r"\s(?:#|\||>|2>|&&)|\s\\$")
_SHELL = ("", "console", "sh", "bash", "text")


def _lines(page: Path) -> Iterator[str]:
    """Yield the command lines of a page, in blocks and inside the text."""
    for block in blocks(page):
        if block.language in _SHELL:
            joined = block.text.replace("\\\n", " ")
            yield from re.findall(r"^\s*(?:\$ )?(?:\w+=\S+ )*(ima-skills .*)$", joined, re.MULTILINE)
            yield from re.findall(r"\$\((ima-skills [^)]*)\)", joined)
    yield from re.findall(r"`(ima-skills [^`]+)`", prose(page))


LINES = sorted({(page.name, line.strip()) for page in documents() for line in _lines(page)})


def _parse(line: str) -> None:
    """Parse a command line the way click does, short of calling the command.

    Raises:
        click.UsageError: There is no such command, option or argument.
    """
    cut = _END.search(line)
    words = shlex.split(line[: cut.start()] if cut else line)[1:]
    command: click.Command = main
    context = click.Context(main, info_name="ima-skills")
    while isinstance(command, click.Group):
        if not words or words[0] in ("--help", "--version", "-h"):
            return
        name = words.pop(0)
        child = command.get_command(context, name)
        if child is None:
            raise click.UsageError(f"there is no command {name}")
        settings = child.context_settings
        command, context = child, click.Context(child, parent=context, info_name=name, **settings)
    if "…" not in words and "..." not in words:
        _take(command, context, words)


def _take(command: click.Command, context: click.Context, words: list[str]) -> None:
    for group in [word for word in words if re.fullmatch(r"\[.*\]|\.\.\.", word)]:
        words.remove(group)
    if context.ignore_unknown_options or {"-h", "--help"} & set(words):
        return
    values, rest, _ = command.make_parser(context).parse_args(list(words))
    if rest and not context.allow_extra_args:
        raise click.UsageError(f"too many arguments: {rest}")
    for parameter in command.params:
        value: Any = values.get(parameter.name or "")
        if isinstance(parameter.type, click.Choice) and isinstance(value, str) and not value.isupper():
            parameter.type.convert(value, parameter, context)


@pytest.mark.parametrize(("page", "line"), LINES)
def test_the_command_line_is_one(page: str, line: str) -> None:
    """Command, options, number of arguments and choices are those of the program."""
    _parse(line)


def test_a_wrong_line_is_noticed() -> None:
    """Lines are found, and a line that the program would not take is told from one that it takes."""
    assert len(LINES) > 100
    for wrong in (
        "ima-skills no-such-command",
        "ima-skills create hello --no-such-option",
        "ima-skills models list too many words",
        "ima-skills create hello --fix somehow",
    ):
        with pytest.raises(click.UsageError):
            _parse(wrong)
    _parse("ima-skills create hello --fix nearest | head -3  # whatever --this is")


@pytest.mark.parametrize("page", pages_with_samples(), ids=lambda page: page.name)
def test_sample_output_is_real(page: Path) -> None:
    """Running the samples anew gives what the page shows; else run: make samples."""
    assert refreshed(page) == page.read_text(encoding="utf-8"), "run: make samples"


def test_what_passes_does_not_count() -> None:
    """Two runs of the same command compare as equal; another price does not."""
    one = (
        "task  task_0a1b2c3d4e5f\ntime  0.7 s\npoints  5\nfile  out/task_0a1b2c3d4e5f-1.jpg (64×64, 210 KiB)"
    )
    two = one.replace("0a1b2c3d4e5f", "ffffffffffff").replace("0.7 s", "1.2 s").replace("210", "99")
    assert comparable(one) == comparable(two)
    assert comparable(one) != comparable(one.replace("points  5", "points  6"))
