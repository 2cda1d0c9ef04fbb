"""Points: an account as a list of bookings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.sandbox.envelope import RefusalError

if TYPE_CHECKING:
    import sqlite3

    from ima_skills.clock import Clock
    from ima_skills.sandbox.database import Database

_BOOK = "INSERT INTO ledger (at, kind, points, task_id) VALUES (?, ?, ?, ?)"
_BALANCE = "SELECT COALESCE(SUM(points), 0) AS balance FROM ledger"


@frozen
class Booking:
    """One line of the ledger.

    Attributes:
        at: Wall time in seconds since the epoch.
        kind: ``grant``, ``charge`` or ``refund``.
        points: Change of the balance.
        task_id: The task it concerns; None for a grant.
    """

    at: float
    kind: str
    points: int
    task_id: str | None


class Ledger:
    """The account of a sandbox.

    Args:
        database: Where the bookings are.
        clock: Time of the bookings.
        opening: Points that a new account starts with.
    """

    def __init__(self, database: Database, clock: Clock, opening: int) -> None:
        self._database = database
        self._clock = clock
        with database.transaction() as connection:
            if connection.execute("SELECT 1 FROM ledger LIMIT 1").fetchone() is None:
                connection.execute(_BOOK, (clock.now(), "grant", opening, None))

    def balance(self) -> int:
        """Return the points that are left."""
        return int(self._database.rows(_BALANCE)[0]["balance"])

    def bookings(self) -> tuple[Booking, ...]:
        """Return every booking, oldest first."""
        rows = self._database.rows("SELECT at, kind, points, task_id FROM ledger ORDER BY id")
        return tuple(Booking(row["at"], row["kind"], row["points"], row["task_id"]) for row in rows)

    def grant(self, points: int) -> None:
        """Add points to the account; a negative number takes them away."""
        with self._database.transaction() as connection:
            connection.execute(_BOOK, (self._clock.now(), "grant", points, None))

    def charge(self, connection: sqlite3.Connection, task_id: str, points: int) -> None:
        """Deduct points inside a running transaction.

        Raises:
            RefusalError: 4008, the balance is too small.
        """
        if connection.execute(_BALANCE).fetchone()["balance"] < points:
            raise RefusalError(4008)
        connection.execute(_BOOK, (self._clock.now(), "charge", -points, task_id))

    def refund(self, connection: sqlite3.Connection, task_id: str) -> None:
        """Give back what a task cost, inside a running transaction."""
        row = connection.execute(
            "SELECT COALESCE(-SUM(points), 0) AS paid FROM ledger WHERE task_id = ?", (task_id,)
        ).fetchone()
        connection.execute(_BOOK, (self._clock.now(), "refund", row["paid"], task_id))
