"""Tables on a terminal that is too narrow for them: broken by cells, aligned, and nothing is left out."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.cli import layout
from ima_skills.cli.layout import table, width, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    Ima = Callable[..., Any]

CELLS = st.text(st.sampled_from("ab-_/.万视频，（）。 "), max_size=60)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    """Return a function that says how wide the terminal is."""
    return lambda cells: monkeypatch.setattr(layout, "terminal_cells", lambda: cells)


def columns(lines: list[str], starts: list[int]) -> list[list[str]]:
    """Return the cells of every line, cut at the cells where columns begin."""
    found = []
    for line in lines:
        cells, at = [""] * len(starts), 0
        for letter in line:
            cells[sum(start <= at for start in starts) - 1] += letter
            at += width(letter)
        found.append(cells)
    return found


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5), st.sampled_from([24, 40, 80]))
def test_no_line_is_wider_and_nothing_is_lost(rows: list[tuple[str, str, str]], room: int) -> None:
    """Whatever the cells, Chinese or not: each line fits, and every letter of every column is there, in order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "terminal_cells", lambda: room)
        head = ("name", "what", "where")
        lines = list(table(head, rows))
    assert all(width(line) <= room for line in lines)
    everything = "".join("".join(line.split()) for line in lines)
    wanted = "".join("".join(cell.split()) for line in (head, *rows) for cell in line)
    assert sorted(everything) == sorted(wanted)


def test_columns_stay_aligned(narrow: Callable[[int | None], None]) -> None:
    """A broken cell goes on under itself; the columns after it begin where their titles do."""
    narrow(44)
    rows = (
        ("text_to_video", "a model with a long name", "可用"),
        ("图生视频", "视频参考与首尾帧，可以直接指定画面比例", "已下线"),
    )
    lines = list(table(("type", "what it is good for", "state"), rows))
    assert len(lines) > 4
    starts = [0, lines[0].index("what"), lines[0].index("state")]
    head = ("type", "what it is good for", "state")
    for index, column in enumerate(zip(*columns(lines, starts), strict=True)):
        wanted = "".join(row[index] for row in (head, *rows))
        assert "".join("".join(column).split()) == "".join(wanted.split())


def test_words_stay_whole_where_they_can(narrow: Callable[[int | None], None]) -> None:
    """The widest columns give first; an id is broken only where the table does not fit otherwise, at its dashes."""
    row = (
        "text_to_image",
        "doubao-seedream-4-5-251128",
        "a b c d e f g h i j k l m n o p q r s t u v w x y z",
    )
    narrow(80)
    assert any("doubao-seedream-4-5-251128" in line for line in table(("t", "v", "w"), (row,)))
    narrow(40)
    lines = list(table(("t", "v", "w"), (row,)))
    assert any("doubao-" in line for line in lines)
    assert not any("doubao-s " in line for line in lines)
    assert wrapped("doubao-seedream-4-5-251128", 16) == ["doubao-seedream-", "4-5-251128"]


@pytest.mark.parametrize("cells", [None, 200])
def test_a_pipe_and_a_wide_terminal_get_one_line_a_row(
    cells: int | None, narrow: Callable[[int | None], None]
) -> None:
    """Scripts read a row as a line."""
    narrow(cells)
    assert len(list(table(("a", "b"), (("x" * 90, "y" * 90),)))) == 2


def test_a_captured_stdout_is_no_terminal(ima: Ima) -> None:
    """COLUMNS alone does not make one."""
    ran = ima("models", "list", "--offline", env={"COLUMNS": "40"})
    assert max(map(width, ran.out.splitlines())) > 80


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="terminals as POSIX knows them")
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("words", [("models", "list", "--offline"), ("plugins", "list")])
def test_on_a_real_terminal(words: tuple[str, ...], language: str) -> None:
    """On 80 columns no line of a table is wider."""
    import fcntl
    import struct
    import termios

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    command = [sys.executable, "-m", "ima_skills", *words, "--language", language]
    with subprocess.Popen(command, stdout=theirs, stdin=subprocess.DEVNULL, env=env) as process:
        os.close(theirs)
        told = b""
        try:
            while part := os.read(ours, 65536):
                told += part
        except OSError:
            pass  # the other end is closed
        os.close(ours)
    assert process.returncode == 0
    lines = told.decode().splitlines()
    assert len(lines) > 5
    assert max(map(width, lines)) <= 80
    assert max(map(width, lines)) > 60
