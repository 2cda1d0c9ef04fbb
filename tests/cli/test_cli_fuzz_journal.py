"""A journal with rows that nobody wrote, seen through the commands that read it."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ima_skills.settings import state_home

if TYPE_CHECKING:
    from collections.abc import Callable

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]

VALUES = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=12),
    st.binary(max_size=12),
    st.sampled_from(["success", "failed", "accepted", "[", '[{"path": "/a"}]', "\x1b[31m", "\u202e", "NaN"]),
)


@pytest.fixture
def book(ima: Ima, quick_sandbox: None, tmp_path: Path) -> Path:
    """A copy of the sandbox's journal with one job under way and one that is done."""
    assert ima("create", "a kite", "--no-wait").code == 0
    assert ima("create", "a tree").code == 0
    return Path(shutil.copy(state_home() / "ima_sandbox" / "journal.db", tmp_path / "journal.db"))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_command_still_answers(book: Path, ima: Ima, fits: Fits, data: st.DataObject) -> None:
    """The documents fit their schemas whatever the rows hold; nothing is called a fault of ours."""
    path = state_home() / "ima_sandbox" / "journal.db"
    for beside in path.parent.glob("journal.db*"):
        beside.unlink()
    shutil.copy(book, path)
    raw = sqlite3.connect(path, isolation_level=None)
    columns = [row[1] for row in raw.execute("PRAGMA table_info(jobs)") if row[1] != "id"]
    for column in data.draw(st.lists(st.sampled_from(columns), min_size=1, max_size=8)):
        try:
            change = f"UPDATE jobs SET {column} = ? WHERE id = ?"  # noqa: S608 - a column of the table
            raw.execute(change, (data.draw(VALUES), data.draw(st.integers(1, 2))))
        except (sqlite3.IntegrityError, UnicodeEncodeError):
            continue
    raw.close()
    for words, schema in (
        (("tasks", "list", "--all"), "tasks"),
        (("spend", "--by", "model"), "spend"),
        (("tasks", "show", "play_1"), None),
        (("tasks", "collect", "--deadline", "0.1"), "collect"),
        (("tasks", "forget", "play_2"), None),
    ):
        ran = ima(*words, "--json", "--sandbox")
        assert ran.code in range(8), (words, ran.out, ran.err)
        assert "something went wrong inside" not in ran.out + ran.err, (words, ran.out)
        if schema and ran.code == 0:
            fits(schema, ran.document)
        plain = ima(*words, "--sandbox")
        assert "something went wrong inside" not in plain.out + plain.err, words
        assert "\x1b" not in plain.out, words
