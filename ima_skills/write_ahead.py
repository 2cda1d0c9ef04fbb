"""SQLite's write-ahead log, switched on although others open the same new file at the same moment."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_TRIES = 50


def use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch a file to write-ahead logging.

    SQLite does not wait for others here, whatever the connection's patience: two that begin at once would
    wait for each other for ever. So whoever finds the file locked waits with a transaction of his own, for
    which SQLite does have patience, and looks again: by then the other one has usually done it for both.

    Args:
        connection: In autocommit mode, with the patience that it is to have.

    Raises:
        sqlite3.OperationalError: The file stays locked, or cannot be written.
    """
    for _ in range(_TRIES):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
        else:
            return
    connection.execute("PRAGMA journal_mode=WAL")


def reading_address(path: Path) -> str:
    """Return the address under which SQLite reads a file without writing beside it, where that can be.

    Without anything in a log beside it the file is all there is: reading needs no lock, and nothing is written.

    Args:
        path: An existing file.
    """
    log = path.with_name(f"{path.name}-wal")
    beside = log.exists() and log.stat().st_size > 0
    return f"{path.absolute().as_uri()}?{'mode=ro' if beside else 'immutable=1'}"
