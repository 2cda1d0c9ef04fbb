"""Addresses of uploaded inputs: kept until they expire, so that equal content travels once.

Whoever has such an address has the file, so rows go as soon as they may: when they expire, when a job that
uses them is forgotten, and when one of them may have led to a failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.journal.values import number_of
from ima_skills.recording import Upload

if TYPE_CHECKING:
    import sqlite3

    from ima_skills.journal.database import Database

_RECALL = "SELECT address, since, until FROM uploads WHERE mark = ? ORDER BY until DESC, job DESC LIMIT 1"
_KEEP = "INSERT OR REPLACE INTO uploads (mark, job, address, since, until) VALUES (?, ?, ?, ?, ?)"
# Of every job that used the same content, for it is the address that is not to be kept.
_DROP = "DELETE FROM uploads WHERE mark IN (SELECT mark FROM uploads WHERE job = ?)"


def recall(database: Database, mark: str, now: float) -> Upload | None:
    """Return an upload that is still good.

    Args:
        database: The file.
        mark: What was uploaded, to which service, by whom.
        now: Wall time in seconds since the epoch.
    """
    for row in database.rows(_RECALL, (mark,)):
        since, until = number_of(row["since"]), number_of(row["until"])
        if isinstance(row["address"], str) and since is not None and until is not None:
            found = Upload(row["address"], since, until)
            return found if found.is_good(now) else None
    return None


def keep(connection: sqlite3.Connection, mark: str, job: int, upload: Upload) -> None:
    """Keep an upload for later jobs, on account of this one."""
    connection.execute(_KEEP, (mark, job, upload.address, upload.since, upload.until))


def drop(connection: sqlite3.Connection, job: int) -> None:
    """Forget what a job uploaded or used."""
    connection.execute(_DROP, (job,))


def drop_expired(connection: sqlite3.Connection, now: float) -> None:
    """Forget every upload whose time is over, and those of a time to come: no clock vouches for them."""
    connection.execute("DELETE FROM uploads WHERE until <= ? OR since > ?", (now, now))
