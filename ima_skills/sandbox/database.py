"""The sandbox's memory: one SQLite file that several processes may open at once."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from ima_skills.errors import UsageError
from ima_skills.write_ahead import reading_address, use_write_ahead_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STATE_FILE = "sandbox.sqlite3"
_PATIENCE_S = 30.0
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, count INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS ledger (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, points INTEGER NOT NULL, task_id TEXT);
CREATE TABLE IF NOT EXISTS assets (key TEXT PRIMARY KEY, status TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY, task_type TEXT NOT NULL, kind TEXT NOT NULL, model_id TEXT NOT NULL,
    model_name TEXT NOT NULL, version_id TEXT NOT NULL, prompt TEXT NOT NULL, parameters TEXT NOT NULL,
    inputs TEXT NOT NULL, duration_s REAL, created_at REAL NOT NULL, listed_at REAL NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS medias (
    task_id TEXT NOT NULL, position INTEGER NOT NULL, folder TEXT NOT NULL, begins_at REAL NOT NULL,
    due_at REAL, url_at REAL NOT NULL, shape TEXT NOT NULL, error TEXT NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0, object TEXT, cover TEXT, format TEXT, width INTEGER, height INTEGER,
    duration_s REAL, fault TEXT, PRIMARY KEY (task_id, position));
CREATE INDEX IF NOT EXISTS unsettled ON tasks (settled) WHERE settled = 0;
CREATE INDEX IF NOT EXISTS objects ON medias (object);
CREATE INDEX IF NOT EXISTS covers ON medias (cover);
"""


_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


def fault_of(path: Path) -> str:
    """Return why a sandbox's file could not be used; empty when it can. The file stays as it is.

    Args:
        path: An existing file.
    """
    try:
        with closing(sqlite3.connect(reading_address(path), timeout=_PATIENCE_S, uri=True)) as file:
            found = str(file.execute("PRAGMA quick_check(1)").fetchone()[0])
    except (OSError, sqlite3.Error) as error:
        return str(error)
    return "" if found == "ok" else "it is damaged"


class Database:
    """One connection, usable from any thread, every use a transaction.

    Args:
        path: The file; made when it does not exist.

    Raises:
        UsageError: ``state-folder``: the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        try:
            self._begin()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            if error.sqlite_errorname not in _DAMAGED:
                raise
            raise UsageError(
                f"the state of the sandbox is damaged: {path}",
                code="state-folder",
                hint="Start afresh with: ima-skills sandbox reset",
                details={"path": str(path)},
            ) from error

    def _begin(self) -> None:
        use_write_ahead_log(self._connection)
        # The state may lose its last moments in a power cut: it is a stand-in, not a bank.
        self._connection.execute("PRAGMA synchronous=NORMAL")
        with self.transaction() as connection:
            for statement in _TABLES.split(";"):
                connection.execute(statement)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection inside a write transaction; rolled back when the block raises."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """Return the rows of a query."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def remember(self, name: str, value: str) -> str:
        """Keep ``value`` under ``name`` unless there is one already; return what is kept."""
        with self.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, value))
            row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row["value"])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
