"""The journal's file: made for its owner alone, durable, and never touched when it is broken.

What is in a damaged file is what nothing may be spent without: jobs of unknown outcome, and the points of
the day. So a damaged file stops whoever wants to write, until somebody says that a new one may begin.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from ima_skills.errors import FaultError
from ima_skills.file_lock import alone
from ima_skills.journal.layout import APPLICATION, VERSION, bring_up_to_date
from ima_skills.write_ahead import reading_address, use_write_ahead_log

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
        reads: Whether to read only, where nothing can or may be written: what it holds now is copied into
            memory, and nothing is made or changed, not even beside it.

    Raises:
        FaultError: ``journal-damaged``: it is broken, or somebody else's, and stays where it is;
            ``journal-unwritable``: it cannot be made, opened or understood.
    """

    def __init__(self, path: Path, *, reads: bool = False) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            if reads:
                self._connection = _readable(path)
                return
            with alone(_lock_of(path)):
                self._connection = _opened(path)
        except (OSError, *_TROUBLE) as error:
            raise unusable(path, error) from error

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
                raise unusable(self.path, error) from error

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
                raise unusable(self.path, error) from error

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


def fault_of(path: Path) -> str:
    """Return why a journal's file could not be used; empty when it can. The file stays as it is.

    Args:
        path: An existing file.
    """
    try:
        _readable(path).close()
    except (OSError, *_TROUBLE) as error:
        return _reason(error)
    return ""


def begin_anew(path: Path, now: Callable[[], float]) -> Path | None:
    """Put a damaged journal aside, so that the next job begins a new one; one that is sound is left alone.

    Args:
        path: The file.
        now: Wall time, for the name under which the damaged one is kept.

    Returns:
        Where the damaged one is now; None when there was none.

    Raises:
        FaultError: ``journal-unwritable``: it cannot be moved, or is of a later version.
    """
    try:
        if not path.exists():
            return None
        with alone(_lock_of(path)):
            try:
                _opened(path).close()
            except _TROUBLE as error:
                if not _is_broken(error):
                    raise
                return _put_aside(path, now)
    except (OSError, *_TROUBLE) as error:
        raise unusable(path, error) from error
    return None


def unusable(path: Path, error: Exception) -> FaultError:
    """Return the error for a journal that is damaged, or cannot be kept."""
    reason = _reason(error)
    if isinstance(error, _TROUBLE) and _is_broken(error):
        return FaultError(
            f"the journal {path} is damaged ({reason}): what was spent today, and which jobs are under way or"
            " of unknown outcome, cannot be known",
            code="journal-damaged",
            details={"path": str(path), "why": reason},
            hint="Nothing was sent. Put a sound copy in its place; or check your records at"
            " https://imastudio.com/dashboard, then keep this file aside and begin a new one with:"
            " ima-skills tasks new-journal",
        )
    return FaultError(
        f"the journal {path} cannot be kept: {reason}",
        code="journal-unwritable",
        details={"path": str(path), "why": reason},
        hint="Nothing is spent without a journal. Free the disk, set IMA_HOME to a folder that can be"
        " written, or set IMA_NO_WRITE=1 to go without one.",
    )


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is damaged"
    return str(getattr(error, "strerror", None) or str(error) or type(error).__name__)


def _lock_of(path: Path) -> Path:
    return path.with_name(f".{path.stem}.lock")


def _opened(path: Path) -> sqlite3.Connection:
    """Return a connection to a file that is ours, made when it does not exist.

    Raises:
        sqlite3.Error: It is broken, not ours, of a later version, or cannot be reached.
    """
    _make_private(path)
    _must_be_no_stub(path)
    connection = _connected(path)
    try:
        _make_ours(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _readable(path: Path) -> sqlite3.Connection:
    """Return a copy in memory of a file that is ours, of today's version; errors as :func:`_opened`."""
    _must_be_no_stub(path)
    copy = _connected(":memory:")
    try:
        with closing(_connected(reading_address(path))) as file:
            _must_be_known(file)
            _must_be_sound(file)
            file.backup(copy)
        bring_up_to_date(copy)
    except BaseException:
        copy.close()
        raise
    return copy


def _must_be_no_stub(path: Path) -> None:
    """Refuse a file that holds something and is too short for a database: SQLite would write over it."""
    if 0 < path.stat().st_size < _LEAST_BYTES:
        raise _broken("it is no database")


def _connected(place: Path | str) -> sqlite3.Connection:
    """Return a connection to a file, or to what an address of SQLite's own kind names."""
    connection = sqlite3.connect(
        place, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False, uri=isinstance(place, str)
    )
    connection.row_factory = sqlite3.Row
    connection.text_factory = _text
    return connection


def _text(value: bytes) -> str:
    """Return a text of the file; one damaged letter must not hide every job."""
    return value.decode("utf-8", "replace")


def _make_ours(connection: sqlite3.Connection) -> None:
    """Make an empty file a journal, and bring one of an earlier version up to date.

    Raises:
        sqlite3.Error: It cannot be read, is broken, is not ours, or is of a later version.
    """
    _must_be_known(connection)
    use_write_ahead_log(connection)
    # A row must survive a power cut: points are at stake.
    connection.execute("PRAGMA synchronous=FULL")
    # What is deleted is overwritten: addresses of somebody's private files are among it.
    connection.execute("PRAGMA secure_delete=ON").fetchall()
    bring_up_to_date(connection)
    _must_be_sound(connection)


def _must_be_sound(connection: sqlite3.Connection) -> None:
    (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if sound != "ok":
        raise _broken(str(sound))


def _must_be_known(connection: sqlite3.Connection) -> None:
    """Refuse a file that is no journal of a version that we know; an empty one may become one.

    Raises:
        sqlite3.Error: It cannot be read, is somebody else's, or is of a later version.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    if application == APPLICATION and version > VERSION:
        raise sqlite3.NotSupportedError("it was written by a later version of ima-skills")
    if application != APPLICATION and tables:
        raise _broken("it is not a journal")


def _broken(what: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(what)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def _is_broken(error: sqlite3.Error | UnicodeDecodeError) -> bool:
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
