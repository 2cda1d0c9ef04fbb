"""SQLite's write-ahead log, switched on although others open the same new file at the same moment."""

from __future__ import annotations

import sqlite3

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
