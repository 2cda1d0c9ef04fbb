"""The row of one job, brought from state to state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import astuple, frozen

from ima_skills.errors import FaultError
from ima_skills.journal.database import Database
from ima_skills.journal.owner import Owner
from ima_skills.journal.uploads import drop, keep, recall
from ima_skills.journal.values import standing_of, written
from ima_skills.recording import Place, Standing

if TYPE_CHECKING:
    from ima_skills.recording import Told, Upload


@frozen
class FileRecord:
    """A row in the journal's file.

    Attributes:
        database: The file.
        number: The row.
        now: Wall time.
        owner: The process that opened it.
        carrier: The process that carries its creates; the row is in its hands while one is on its way, so
            that the death of either is noticed. The owner by default.
    """

    database: Database
    number: int
    now: Callable[[], float]
    owner: Owner
    carrier: Owner | None = None

    @property
    def place(self) -> Place:
        """Where it is, for a process that carries its create."""
        return Place(str(self.database.path.absolute()), self.number, astuple(self.owner))

    def sending(self, number: int, points: int) -> None:
        """Write down that a create leaves now.

        Raises:
            FaultError: The row is no longer ours to send, or cannot be written.
        """
        with self.database.transaction() as connection:
            done = connection.execute(
                "UPDATE jobs SET state = 'sending', attempts = ?, points = ?, sent_at = ?,"
                " pid = ?, started = ?, boot = ? WHERE id = ? AND state = 'intent'"
                " AND pid = ? AND started = ? AND boot = ?",
                (number, points, self.now(), *astuple(self.carrier or self.owner), self.number,
                 *astuple(self.owner)),
            ).rowcount  # fmt: skip
        if done != 1:
            raise FaultError(
                "this job's entry in the journal is not ours any more: another process took it for abandoned, or the"
                " journal was replaced; nothing was sent",
                code="journal-lost",
                hint="Run the command again; do not share one state folder between machines.",
            )

    def accepted(self, task_id: str) -> None:
        """Write down the task."""
        self._verdict("state = 'accepted', task_id = ?, accepted_at = ?, code = NULL", task_id, self.now())

    def again(self, code: str) -> None:
        """Write down a refusal after which another create follows; an entry that was settled stays so."""
        self._verdict("state = 'intent', code = ?", code, only=("sending", "intent"))

    def refused(self, code: str) -> None:
        """Write down that nothing follows; an earlier code says more, and what was sent stays as it is."""
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET state = 'refused', code = COALESCE(code, ?), ended_at = ?"
                " WHERE id = ? AND state = 'intent'",
                (code, self.now(), self.number),
            )

    def unknown(self, why: str) -> None:
        """Write down that nobody knows; a verdict that stands is not touched."""
        self._verdict("state = 'unknown', code = ?", why, only=("sending", "unknown"))

    def lost(self, why: str) -> Standing:
        """Settle what nobody knows, and say how the entry stands."""
        self._verdict("state = 'unknown', code = ?", why, only=("sending",))
        rows = self.database.rows(
            "SELECT state, attempts, task_id, code FROM jobs WHERE id = ?", (self.number,)
        )
        if not rows:
            return Standing("unknown", code=why)
        return standing_of(rows[0])

    def amended(self, told: Told) -> None:
        """Write down how it is made after all."""
        self._put("told = ?", written(told))

    def uploaded(self, mark: str) -> Upload | None:
        """Return what an earlier job uploaded."""
        return recall(self.database, mark, self.now())

    def upload(self, mark: str, upload: Upload) -> None:
        """Write down that this job uses an upload."""
        with self.database.transaction() as connection:
            keep(connection, mark, self.number, upload)

    def distrust(self) -> None:
        """Forget the uploads of this job."""
        with self.database.transaction() as connection:
            drop(connection, self.number)

    def _verdict(self, assignments: str, *values: Any, only: tuple[str, ...] = ()) -> None:
        self._put(f"{assignments}, pid = ?, started = ?, boot = ?", *values, *astuple(self.owner), only=only)

    def _put(self, assignments: str, *values: Any, only: tuple[str, ...] = ()) -> None:
        """Change the row, where it is in one of some states; in any, when none is given."""
        condition = f" AND state IN ({', '.join('?' * len(only))})" if only else ""
        with self.database.transaction() as connection:
            connection.execute(
                f"UPDATE jobs SET {assignments} WHERE id = ?{condition}",  # noqa: S608 - words of this module
                (*values, self.number, *only),
            )
