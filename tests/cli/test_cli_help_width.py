"""Help fits a terminal of 80 cells in both languages, and Chinese listings speak Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import pytest

from ima_skills.cli import main
from ima_skills.cli.help_format import CellFormatter, chinese_extras
from ima_skills.cli.layout import width, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Ima = Callable[..., Any]

CELLS = 80


def walk(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every command."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from walk(child, (*path, name))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_line_of_help_is_wider_than_the_terminal(language: str, ima: Ima) -> None:
    """Every command, counted in cells; and what click adds to an option is Chinese too."""
    for path in walk(main):
        text = ima(*path, "--help", env={"COLUMNS": str(CELLS), "IMA_LANGUAGE": language}).out
        assert text
        assert [line for line in text.splitlines() if width(line) > CELLS] == [], path
        if language == "zh":
            assert "default:" not in text
            assert "required]" not in text


def test_what_click_adds_is_translated(ima: Ima) -> None:
    """Defaults are called so; a default that is itself such a word stays."""
    assert "[默认值：60.0; x>0]" in ima("create", "--help", env={"IMA_LANGUAGE": "zh", "COLUMNS": "120"}).out
    assert (
        chinese_extras("  [env var: A; default: required; required]")
        == "  [环境变量：A; 默认值：required; 必填]"
    )


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("一二三四五", 6, ["一二三", "四五"]),
        ("一二三。四", 6, ["一二", "三。四"]),
        ("一二（三）四", 6, ["一二", "（三）", "四"]),
        ("用 --sandbox 试", 12, ["用 --sandbox", "试"]),
        ("a bb ccc", 4, ["a bb", "ccc"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("", 4, []),
        ("一", 1, ["一"]),
    ],
)
def test_wrapping_by_cells(text: str, cells: int, lines: list[str]) -> None:
    """Between Chinese characters and at spaces; no line begins with what closes or ends with what opens."""
    assert wrapped(text, cells) == lines


def test_nothing_is_lost_by_wrapping() -> None:
    """Whatever the width, all signs are there, in order."""
    text = "将（nearest）或 --fix=cheapest 的“可用值”，并予以说明……再试 https://example.com/a?b 一次！"
    for cells in range(2, 90):
        lines = wrapped(text, cells)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(width(line) <= cells for line in lines)


def test_a_usage_line_in_chinese_is_measured_in_cells() -> None:
    """The arguments stand beside the command, else below it."""
    formatter = CellFormatter(width=48)
    formatter.write_usage("ima-skills plan", "[OPTIONS] ONE TWO THREE FOUR FIVE SIX", "用法： ")
    formatter.write_usage("ima-skills a-very-long-command-of-a-plugin", "[OPTIONS] ONE", "用法： ")
    lines = formatter.getvalue().splitlines()
    assert lines[0].startswith("用法： ima-skills plan [OPTIONS]")
    assert lines[1].startswith(" " * 23)
    assert lines[-1] == "    [OPTIONS] ONE"
    assert all(width(line) <= 48 for line in lines[:2])


def test_listings_speak_chinese(ima: Ima) -> None:
    """Kinds of controls, inputs, states and tiers are words, not fields of a document."""
    text = ima("models", "show", "seedance 2.0", "--offline", "--language", "zh").out
    for word in ("开关", "图片", "高品质", "可用"):
        assert word in text
    for word in ("switch", "picture", "premium", "production"):
        assert word not in text
    assert "最多 400 个字符" in ima("models", "show", "suno", "--offline", "--language", "zh").out


def test_help_of_an_older_script_in_chinese(ima: Ima) -> None:
    """The language of the words counts, else that of the caller."""
    for words in (("drop-in", "ima_create", "--help", "--language", "zh"), ("drop-in", "ima_create", "-h")):
        text = ima(*words, env={"IMA_LANGUAGE": "zh"}).out
        assert text.startswith("用法：ima_create")
        assert "选项：" in text
        assert "显示本帮助。" in text
    assert ima("drop-in", "ima_create", "--help").out.startswith("usage: ima_create")
