"""The journal's file: made for its owner alone, durable, and never overwritten when it is broken."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from ima_skills.errors import FaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PATIENCE_S = 30.0
# Marks the file as ours ("IMAJ"), so that a foreign database is never written to.
_APPLICATION = 0x494D414A
_VERSION = 1
_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, fingerprint TEXT NOT NULL, state TEXT NOT NULL,
    task_type TEXT NOT NULL, model_id TEXT NOT NULL, version_id TEXT NOT NULL, model_name TEXT NOT NULL,
    attribute_id INTEGER NOT NULL, n INTEGER NOT NULL, points INTEGER NOT NULL, base TEXT NOT NULL,
    user_id TEXT NOT NULL, folder TEXT NOT NULL, prompt TEXT, day TEXT NOT NULL, opened_at REAL NOT NULL,
    sent_at REAL, accepted_at REAL, ended_at REAL, took_s REAL, attempts INTEGER NOT NULL DEFAULT 0,
    task_id TEXT, code TEXT, medias TEXT, files TEXT, delivered INTEGER NOT NULL DEFAULT 0,
    pid INTEGER NOT NULL, started TEXT NOT NULL, boot TEXT NOT NULL);
CREATE INDEX by_fingerprint ON jobs (fingerprint);
CREATE INDEX by_task ON jobs (task_id);
CREATE INDEX by_day ON jobs (day);
CREATE INDEX by_model ON jobs (version_id, task_type);
CREATE INDEX unfinished ON jobs (state, pid, started, boot)
"""


class Database:
    """One connection, usable from any thread, every write a durable transaction.

    Args:
        path: The file; made when it does not exist.
        now: Wall time, for the name of a file that is put aside.
        warn: Told when a broken file was put aside.

    Raises:
        FaultError: ``journal-unwritable``: the file cannot be made, opened or understood.
    """

    def __init__(self, path: Path, now: Callable[[], float], warn: Callable[[Path], None]) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            with _alone(path):
                self._connection = _opened(path, now, warn)
        except (OSError, sqlite3.Error) as error:
            raise unwritable(path, error) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection inside a write transaction; rolled back when the block raises.

        Raises:
            FaultError: ``journal-unwritable``: nothing was written.
        """
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                except BaseException:
                    # A full disk may have rolled back by itself already.
                    with suppress(sqlite3.Error):
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise unwritable(self.path, error) from error

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """Return the rows of a query.

        Raises:
            FaultError: ``journal-unwritable``: the file cannot be read.
        """
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise unwritable(self.path, error) from error

    def meta(self, name: str, fresh: Callable[[], str]) -> str:
        """Return what is kept under a name; a fresh value the first time."""
        found = self.rows("SELECT value FROM meta WHERE name = ?", (name,))
        if not found:
            with self.transaction() as connection:
                connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (name, fresh()))
            found = self.rows("SELECT value FROM meta WHERE name = ?", (name,))
        return str(found[0]["value"])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def unwritable(path: Path, error: Exception) -> FaultError:
    """Return the error for a journal that cannot be kept."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return FaultError(
        f"the journal {path} cannot be kept: {reason}",
        code="journal-unwritable",
        hint="Nothing is spent without a journal. Free the disk, set IMA_HOME to a folder that can be"
        " written, or set IMA_NO_WRITE=1 to go without one.",
    )


def _opened(path: Path, now: Callable[[], float], warn: Callable[[Path], None]) -> sqlite3.Connection:
    """Return a connection to a file that is ours; one that is not is put aside first."""
    _make_private(path)
    connection = _connected(path)
    try:
        if _is_ours(connection):
            return connection
    except sqlite3.DatabaseError as error:
        connection.close()
        if not _is_broken(error):
            raise
    except BaseException:
        connection.close()
        raise
    else:
        connection.close()
    warn(_put_aside(path, now))
    _make_private(path)
    fresh = _connected(path)
    _is_ours(fresh)
    return fresh


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    return connection


def _is_ours(connection: sqlite3.Connection) -> bool:
    """Tell whether the file is a journal, making an empty file one.

    Raises:
        sqlite3.Error: It cannot be read, is broken, or is of a later version.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    if application == _APPLICATION and version > _VERSION:
        raise sqlite3.NotSupportedError("it was written by a later version of ima-skills")
    if tables and application != _APPLICATION:
        return False
    connection.execute("PRAGMA journal_mode=WAL")
    # A row must survive a power cut: points are at stake.
    connection.execute("PRAGMA synchronous=FULL")
    if not tables:
        connection.execute("BEGIN IMMEDIATE")
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id={_APPLICATION}")
        connection.execute(f"PRAGMA user_version={_VERSION}")
        connection.execute("COMMIT")
    connection.execute("SELECT id, boot FROM jobs ORDER BY id DESC LIMIT 1").fetchall()
    (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if sound != "ok":
        raise _broken(str(sound))
    return True


def _broken(what: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(what)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def _is_broken(error: sqlite3.DatabaseError) -> bool:
    """Tell a file that holds no database of ours from one that cannot be reached at the moment."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    no_table = isinstance(error, sqlite3.OperationalError) and str(error).startswith(
        ("no such table", "no such col")
    )
    return no_table or code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _put_aside(path: Path, now: Callable[[], float]) -> Path:
    """Rename a broken file and what belongs to it; return its new name, which is never one that exists."""
    number, stem = 0, f"{path.name}.corrupt-{int(now())}"
    while (kept := path.with_name(f"{stem}-{number}" if number else stem)).exists():
        number += 1
    path.rename(kept)
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(f"{path.name}{suffix}")
        if beside.exists():
            beside.rename(kept.with_name(f"{kept.name}{suffix}"))
    return kept


def _make_private(path: Path) -> None:
    """Make folder and file for the owner alone, where they do not exist."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        _sync_folder(path.parent)
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time make the file or put it aside."""
    try:
        import fcntl
    except ImportError:  # Windows: SQLite's own locks have to do
        yield
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path.with_name(f".{path.stem}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
