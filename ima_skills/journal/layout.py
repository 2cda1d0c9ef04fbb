"""The tables of the journal's file, by version, and how an older file is brought up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

# Marks the file as ours ("IMAJ"), so that a foreign database is never written to.
APPLICATION = 0x494D414A
_FIRST = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, fingerprint TEXT NOT NULL, state TEXT NOT NULL,
    task_type TEXT NOT NULL, model_id TEXT NOT NULL, version_id TEXT NOT NULL, model_name TEXT NOT NULL,
    attribute_id INTEGER NOT NULL, n INTEGER NOT NULL, points INTEGER NOT NULL, base TEXT NOT NULL,
    user_id TEXT NOT NULL, folder TEXT NOT NULL, prompt TEXT, day TEXT NOT NULL, opened_at REAL NOT NULL,
    sent_at REAL, accepted_at REAL, ended_at REAL, took_s REAL, attempts INTEGER NOT NULL DEFAULT 0,
    task_id TEXT, code TEXT, medias TEXT, files TEXT, delivered INTEGER NOT NULL DEFAULT 0,
    pid INTEGER NOT NULL, started TEXT NOT NULL, boot TEXT NOT NULL)""",
    "CREATE INDEX by_fingerprint ON jobs (fingerprint)",
    "CREATE INDEX by_task ON jobs (task_id)",
    "CREATE INDEX by_day ON jobs (day)",
    "CREATE INDEX by_model ON jobs (version_id, task_type)",
    "CREATE INDEX unfinished ON jobs (state, pid, started, boot)",
)
_SECOND = (
    "ALTER TABLE jobs ADD COLUMN looks INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE jobs ADD COLUMN looked_at REAL",
    "ALTER TABLE jobs ADD COLUMN outputs_done INTEGER",
    "ALTER TABLE jobs ADD COLUMN outputs_listed INTEGER",
    """CREATE TABLE uploads (
    mark TEXT NOT NULL, job INTEGER NOT NULL, address TEXT NOT NULL, since REAL NOT NULL, until REAL NOT NULL,
    PRIMARY KEY (mark, job)) WITHOUT ROWID""",
    "CREATE INDEX uploads_of ON uploads (job)",
    "CREATE INDEX uploads_until ON uploads (until)",
)
# How a job was made, and what stands for its inputs.
_THIRD = ("ALTER TABLE jobs ADD COLUMN told TEXT", "ALTER TABLE jobs ADD COLUMN sources TEXT")
# What each version adds to the one before it. A released step is never changed: files in the world have it.
_STEPS = (_FIRST, _SECOND, _THIRD)
VERSION = len(_STEPS)
STATES = ("intent", "sending", "accepted", "refused", "unknown", "success", "failed", "forgotten")
_FOREIGN = f"state NOT IN ({', '.join(map(repr, STATES))})"
_COLUMNS = {
    "meta": "name, value",
    "jobs": "id, fingerprint, state, task_type, model_id, version_id, model_name, attribute_id, n, points,"
    " base, user_id, folder, prompt, day, opened_at, sent_at, accepted_at, ended_at, took_s, attempts,"
    " task_id, code, medias, files, delivered, pid, started, boot, looks, looked_at, outputs_done,"
    " outputs_listed, told, sources",
    "uploads": "mark, job, address, since, until",
}


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Make the tables of a new file, or add what an older one lacks; all or nothing.

    Raises:
        sqlite3.Error: It cannot be written, or its tables are not those of its version.
    """
    if _version(connection) < VERSION:
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Read again: another process may have been first.
            for step in _STEPS[_version(connection) :]:
                for statement in step:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id={APPLICATION}")
            connection.execute(f"PRAGMA user_version={VERSION}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    for table, columns in _COLUMNS.items():
        connection.execute(f"SELECT {columns} FROM {table} LIMIT 1").fetchall()  # noqa: S608 - names of this module
    _settle_foreign(connection)


def _settle_foreign(connection: sqlite3.Connection) -> None:
    """Call the outcome of a row unknown that no journal writes: it may have been sent, so nothing resends it."""
    if connection.execute(f"SELECT 1 FROM jobs WHERE {_FOREIGN} LIMIT 1").fetchone():  # noqa: S608 - as above
        connection.execute(f"UPDATE jobs SET state = 'unknown', code = 'damaged' WHERE {_FOREIGN}")  # noqa: S608 - as above


def _version(connection: sqlite3.Connection) -> int:
    return max(0, int(connection.execute("PRAGMA user_version").fetchone()[0]))
