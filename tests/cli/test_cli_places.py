"""Folders and files on a command line: ``~`` is the home folder in every command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import pytest

from ima_skills.cli import COMMANDS, main
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Ima = Callable[..., Any]


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Live in an empty home folder."""
    home = tmp_path / "somebody"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.mark.parametrize(
    ("words", "made"),
    [
        (("gallery", "--out", "~/shown"), "shown/index.html"),
        (("plugin", "new", "ima-skills-mine", "--out", "~/code"), "code/ima-skills-mine/pyproject.toml"),
        (("sandbox", "balance", "--state=~/bank"), "bank"),
        (("pack", "build", "--out", "~/pack"), "pack/plugin.json"),
    ],
)
def test_a_tilde_is_the_home_folder(ima: Ima, at_home: Path, words: tuple[str, ...], made: str) -> None:
    """No folder of the name "~" is made anywhere."""
    ran = ima(*words)
    assert (ran.code, (at_home / made).exists()) == (0, True), ran.out + ran.err


def test_a_home_that_nobody_has(ima: Ima) -> None:
    """It is said in the usual form, before anything is made."""
    ran = ima("gallery", "--json", "--out", "~nobody-of-that-name/x")
    assert (ran.code, ran.document["code"]) == (2, "no-home"), ran.out


def _paths(command: click.Command, context: click.Context) -> Iterator[click.Path]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None, name
            yield from _paths(inner, context)
    for parameter in command.params:
        if isinstance(parameter.type, click.Path):
            yield parameter.type


def test_every_path_of_every_command_is_such_a_place() -> None:
    """A new option with a plain path would make a folder of the name "~"."""
    found = list(_paths(main, click.Context(main)))
    assert len(found) > len(COMMANDS) // 2
    assert [kind for kind in found if not isinstance(kind, Place)] == []
