"""The journal's file: made for its owner alone, durable, and never overwritten when it is broken."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from ima_skills.errors import FaultError
from ima_skills.file_lock import alone
from ima_skills.journal.layout import APPLICATION, VERSION, bring_up_to_date
from ima_skills.write_ahead import use_write_ahead_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_PATIENCE_S = 30.0
# SQLite quotes names of a damaged file in its errors, and Python may fail to read them.
_TROUBLE = (sqlite3.Error, UnicodeDecodeError)
# The smallest page that SQLite has.
_LEAST_BYTES = 512


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
            with alone(path.with_name(f".{path.stem}.lock")):
                self._connection = _opened(path, now, warn)
        except (OSError, *_TROUBLE) as error:
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
                    with suppress(*_TROUBLE):
                        self._connection.execute("ROLLBACK")
                    raise
            except _TROUBLE as error:
                raise unwritable(self.path, error) from error

    def note(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> bool:
        """Write what may be lost in a power cut, without waiting for the disk or for another writer.

        Args:
            statement: The statement, run once for each row.
            rows: Its values.

        Returns:
            Whether it was written; if not, the caller still has it and may try again.
        """
        with self._lock:
            try:
                self._connection.execute("PRAGMA synchronous=NORMAL")
                self._connection.execute("PRAGMA busy_timeout=0").fetchall()
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany(statement, rows)
                self._connection.execute("COMMIT")
            except _TROUBLE:
                with suppress(*_TROUBLE):
                    self._connection.execute("ROLLBACK")
                return False
            finally:
                self._connection.execute("PRAGMA synchronous=FULL")
                self._connection.execute(f"PRAGMA busy_timeout={_PATIENCE_S * 1000:.0f}").fetchall()
        return True

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """Return the rows of a query.

        Raises:
            FaultError: ``journal-unwritable``: the file cannot be read.
        """
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except _TROUBLE as error:
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
    if isinstance(error, UnicodeDecodeError):
        reason = "it is damaged"
    return FaultError(
        f"the journal {path} cannot be kept: {reason}",
        code="journal-unwritable",
        details={"path": str(path), "why": str(reason)},
        hint="Nothing is spent without a journal. Free the disk, set IMA_HOME to a folder that can be"
        " written, or set IMA_NO_WRITE=1 to go without one.",
    )


def _opened(path: Path, now: Callable[[], float], warn: Callable[[Path], None]) -> sqlite3.Connection:
    """Return a connection to a file that is ours; one that is not is put aside first."""
    _make_private(path)
    connection = _connected(path)
    try:
        if not _is_stub(path) and _is_ours(connection):
            return connection
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
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


def _is_stub(path: Path) -> bool:
    """Tell a file that holds something and is too short for a database: SQLite would write over it."""
    return 0 < path.stat().st_size < _LEAST_BYTES


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.text_factory = _text
    return connection


def _text(value: bytes) -> str:
    """Return a text of the file; one damaged letter must not hide every job."""
    return value.decode("utf-8", "replace")


def _is_ours(connection: sqlite3.Connection) -> bool:
    """Tell whether the file is a journal, making an empty file one.

    Raises:
        sqlite3.Error: It cannot be read, is broken, or is of a later version.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    if application == APPLICATION and version > VERSION:
        raise sqlite3.NotSupportedError("it was written by a later version of ima-skills")
    if tables and application != APPLICATION:
        return False
    use_write_ahead_log(connection)
    # A row must survive a power cut: points are at stake.
    connection.execute("PRAGMA synchronous=FULL")
    # What is deleted is overwritten: addresses of somebody's private files are among it.
    connection.execute("PRAGMA secure_delete=ON").fetchall()
    bring_up_to_date(connection)
    (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if sound != "ok":
        raise _broken(str(sound))
    return True


def _broken(what: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(what)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def _is_broken(error: sqlite3.DatabaseError | UnicodeDecodeError) -> bool:
    """Tell a file that holds no database of ours from one that cannot be reached at the moment."""
    if isinstance(error, UnicodeDecodeError):
        return True
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    # Our own statements are sound: where SQLite calls one wrong, the tables are not those of a journal.
    return code in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


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
