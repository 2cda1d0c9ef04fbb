"""Opening one new file at the same moment."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from ima_skills.write_ahead import use_write_ahead_log

if TYPE_CHECKING:
    from pathlib import Path


def test_everybody_gets_in(tmp_path: Path) -> None:
    """Forty new files, each opened by four at once: SQLite alone turns some of them away."""

    def opened(path: Path, start: threading.Barrier) -> str:
        connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        try:
            start.wait(10)
            use_write_ahead_log(connection)
            connection.execute("CREATE TABLE IF NOT EXISTS things (name TEXT)")
            return str(connection.execute("PRAGMA journal_mode").fetchone()[0])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for number in range(40):
            start = threading.Barrier(4)
            path = tmp_path / f"{number}.db"
            modes = [pool.submit(opened, path, start) for _ in range(4)]
            assert {mode.result(40) for mode in modes} == {"wal"}


def test_a_file_that_stays_locked_says_so(tmp_path: Path) -> None:
    """Patience ends where the connection's own ends."""
    holder = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    holder.execute("CREATE TABLE things (name TEXT)")
    holder.execute("BEGIN EXCLUSIVE")
    other = sqlite3.connect(tmp_path / "x.db", timeout=0.05, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        use_write_ahead_log(other)
    other.close()
    holder.close()


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """What is no lock is nobody's to wait for."""
    (tmp_path / "x.db").write_bytes(b"no database at all, but long enough to be looked at" * 20)
    connection = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        use_write_ahead_log(connection)
    connection.close()
