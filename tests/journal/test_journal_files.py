"""The journal's file: private, never half written, and put aside when it is not ours."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from ima_skills.errors import FaultError

if TYPE_CHECKING:
    from pathlib import Path


def test_reading_makes_no_file(bench: Any) -> None:
    """Who only looks leaves nothing behind."""
    journal = bench.open()
    journal.ended("t", "success", ())
    journal.delivered("t")
    assert (journal.entries(), journal.find("t"), journal.history("m", "v", "t")) == ((), None, ())
    assert not bench.path.parent.exists()


def test_the_file_is_private(bench: Any) -> None:
    """0600 in a folder of 0700; a file that was open to others is closed."""
    bench.begin(bench.open())
    assert bench.path.stat().st_mode & 0o777 == 0o600
    assert bench.path.parent.stat().st_mode & 0o777 == 0o700
    bench.path.chmod(0o644)
    bench.open().seal("x")
    assert bench.path.stat().st_mode & 0o777 == 0o600


def test_a_prompt_is_kept_on_demand_only(bench: Any) -> None:
    """The row has it when it was given, else nothing does."""
    journal = bench.open()
    bench.begin(journal, "a")
    bench.begin(journal, "b", prompt="a private kite")
    assert [item.prompt for item in journal.entries()] == ["a private kite", None]


def test_a_seal_is_not_the_secret(bench: Any, tmp_path: Path) -> None:
    """It is stable in one journal, another in the next, and does not hold the key."""
    seal = bench.open().seal("ima_key")
    assert bench.open().seal("ima_key") == seal
    assert evolve(bench, path=tmp_path / "other.db").open().seal("ima_key") != seal
    assert "ima_key" not in seal


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_broken_file_is_kept_aside(bench: Any, content: bytes) -> None:
    """It is renamed, told, and never overwritten, even when that happens twice in a second."""
    for number in (1, 2):
        bench.path.parent.mkdir(exist_ok=True)
        bench.path.write_bytes(content)
        journal = bench.open()
        bench.begin(journal)
        journal.close()
        assert len(bench.aside) == number
        assert bench.aside[-1].read_bytes() == content
        assert bench.aside[-1].name.startswith("ima_journal.db.corrupt-")
    assert len(set(bench.aside)) == 2


def test_a_foreign_database_is_kept_aside(bench: Any) -> None:
    """Somebody else's tables are nobody's journal."""
    bench.path.parent.mkdir()
    with sqlite3.connect(bench.path) as foreign:
        foreign.execute("CREATE TABLE jobs (id INTEGER)")
    foreign.close()
    bench.begin(bench.open())
    assert len(bench.aside) == 1
    kept = sqlite3.connect(bench.aside[0])
    assert kept.execute("SELECT name FROM sqlite_master").fetchall() == [("jobs",)]
    kept.close()


def test_a_damaged_page_is_noticed(bench: Any) -> None:
    """A journal whose inside is overwritten is put aside as well, not read halfway."""
    journal = bench.open()
    for number in range(40):
        bench.begin(journal, str(number))
    journal.close()
    content = bytearray(bench.path.read_bytes())
    content[4096 * 2 : 4096 * 6] = b"\xa5" * (4096 * 4)
    bench.path.write_bytes(content)
    bench.begin(bench.open())
    assert len(bench.aside) == 1


def test_a_later_version_is_left_alone(bench: Any) -> None:
    """A journal that a newer program wrote is neither used nor moved."""
    journal = bench.open()
    bench.begin(journal)
    journal.close()
    with sqlite3.connect(bench.path) as newer:
        newer.execute("PRAGMA user_version=99")
    newer.close()
    with pytest.raises(FaultError, match="later version"):
        bench.begin(bench.open())
    assert bench.aside == []


def test_a_folder_that_cannot_be(bench: Any) -> None:
    """Nothing is spent without a journal."""
    bench.path.parent.write_text("a file in the way", encoding="ascii")
    with pytest.raises(FaultError) as caught:
        bench.begin(bench.open())
    assert (caught.value.name, caught.value.exit_code) == ("journal-unwritable", 6)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(bench: Any) -> None:
    """The same for a folder without the right to write."""
    bench.path.parent.mkdir(mode=0o500)
    with pytest.raises(FaultError, match="cannot be kept"):
        bench.begin(bench.open())


def test_a_full_disk(bench: Any) -> None:
    """What does not fit is not half there: no row, and an error before anything is sent."""
    journal = bench.open()
    bench.begin(journal)
    database = journal._file()
    database._connection.execute("PRAGMA max_page_count=1").fetchone()  # the least it allows: what there is
    with pytest.raises(FaultError, match="full"):
        bench.begin(journal, "large", folder="x" * 100_000)
    database._connection.execute("PRAGMA max_page_count=100000")
    before = len(journal.entries())
    bench.begin(journal, "after")
    assert len(journal.entries()) == before + 1
