"""The journal's file: private, never half written, and no word is taken from one that is not ours."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from ima_skills.errors import FaultError
from ima_skills.journal.caps import Caps
from ima_skills.journal.store import FileJournal

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


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4000, b"x"]
)
def test_a_broken_file_stops_who_spends(bench: Any, content: bytes) -> None:
    """Nothing is sent until somebody says so; then it is renamed and never overwritten, even twice in a second."""
    names = set()
    for _ in (1, 2):
        bench.path.parent.mkdir(exist_ok=True)
        bench.path.write_bytes(content)
        with pytest.raises(FaultError) as caught:
            bench.begin(bench.open(per_day=5))
        assert (caught.value.name, caught.value.exit_code) == ("journal-damaged", 6)
        assert "tasks new-journal" in caught.value.hint
        assert bench.path.read_bytes() == content
        kept = bench.open().begin_anew()
        assert kept.read_bytes() == content
        assert kept.name.startswith("ima_journal.db.corrupt-")
        names.add(kept)
        journal = bench.open()
        bench.begin(journal)
        journal.close()
        assert bench.open().begin_anew() is None  # a sound one is left alone
    assert len(names) == 2


def test_reading_goes_on_without_a_broken_file(bench: Any) -> None:
    """Whoever only looks is told once, finds nothing, and leaves the file as it is."""
    bench.path.parent.mkdir()
    bench.path.write_bytes(b"garbage" * 999)
    journal = bench.open()
    assert (journal.entries(), journal.find("t"), journal.history("m", "v", "t")) == ((), None, ())
    assert not journal.holds("t")
    assert bench.aside == [bench.path]
    assert bench.path.read_bytes() == b"garbage" * 999


def test_a_foreign_database_is_left_alone(bench: Any) -> None:
    """Somebody else's tables are nobody's journal."""
    bench.path.parent.mkdir()
    with sqlite3.connect(bench.path) as foreign:
        foreign.execute("CREATE TABLE jobs (id INTEGER)")
    foreign.close()
    with pytest.raises(FaultError, match="it is not a journal"):
        bench.begin(bench.open())
    kept = sqlite3.connect(bench.open().begin_anew())
    assert kept.execute("SELECT name FROM sqlite_master").fetchall() == [("jobs",)]
    kept.close()


def test_a_damaged_page_is_noticed(bench: Any) -> None:
    """A journal whose inside is overwritten is not read halfway, and stops whoever wants to spend."""
    journal = bench.open()
    for number in range(40):
        bench.begin(journal, str(number))
    journal.close()
    content = bytearray(bench.path.read_bytes())
    content[4096 * 2 : 4096 * 6] = b"\xa5" * (4096 * 4)
    bench.path.write_bytes(content)
    with pytest.raises(FaultError, match="is damaged"):
        bench.begin(bench.open())
    assert bench.open().entries() == ()


def test_a_file_that_cannot_be_written_is_read(bench: Any) -> None:
    """A read-only disk keeps nobody from ids and receipts; nothing is made beside the file."""
    journal = bench.open()
    record = bench.begin(journal)
    record.sending(1, 10)
    record.accepted("t1")
    journal.close()
    for name in (".ima_journal.lock", "ima_journal.db-wal", "ima_journal.db-shm"):
        bench.path.with_name(name).unlink(missing_ok=True)
    bench.path.with_name(
        ".ima_journal.lock"
    ).mkdir()  # stands for a folder that cannot be written, also for root
    log = bench.path.with_name("ima_journal.db-wal")
    log.touch()  # a full disk leaves one, and nothing in it
    reader = bench.open()
    assert [entry.task_id for entry in reader.entries()] == ["t1"]
    assert reader.find("t1").points == 10
    there = {".ima_journal.lock", "ima_journal.db", log.name}
    assert {path.name for path in bench.path.parent.iterdir()} == there
    with pytest.raises(FaultError, match="cannot be kept"):
        bench.begin(reader, "another")


def test_a_journal_that_may_only_be_read(bench: Any) -> None:
    """IMA_NO_WRITE: what it holds is told, what happens is not noted, and who must write is refused."""
    journal = bench.open()
    bench.accepted(journal, "t1")
    reader = FileJournal(bench.path, clock=bench.clock, caps=Caps(), warn=print, reads=True)
    reader.looked("t1", ())
    reader.ended("t1", "success", ())
    reader.delivered("t1")
    entry = reader.find("t1")
    assert entry is not None
    assert entry.state == "accepted"
    with pytest.raises(FaultError) as caught:
        reader.forget(entry)
    assert caught.value.name == "no-journal"
    reader.close()
    assert journal.find("t1").looks == 0


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
