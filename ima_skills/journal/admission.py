"""May this job be created? One transaction decides: the same job, an unknown outcome, the caps."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.errors import ImaError, OutcomeUnknownError, PointsError
from ima_skills.journal.caps import Caps
from ima_skills.journal.entry import own_name
from ima_skills.journal.owner import Owner
from ima_skills.journal.uploads import drop_expired
from ima_skills.journal.values import moment_of, text_of, whole_of, written
from ima_skills.recording import Attached, Busy, Job, Terms

if TYPE_CHECKING:
    import sqlite3

# Jobs that the same wish attaches to: accepted, or done and not yet in the hands of whoever asked.
OPEN = (
    "SELECT task_id FROM jobs WHERE fingerprint = ?"
    " AND (state = 'accepted' OR (state = 'success' AND delivered = 0)) ORDER BY id DESC LIMIT 1"
)
# The task of a wish whose caller wants the very same one again, whatever has become of it.
EVER = "SELECT task_id FROM jobs WHERE fingerprint = ? AND task_id IS NOT NULL ORDER BY id DESC LIMIT 1"
# Whether a wish may have cost anything, or is about to.
SENT = "SELECT 1 FROM jobs WHERE fingerprint = ? AND state != 'refused' LIMIT 1"
ABANDONED = "abandoned"
ENDED_WHILE_SENDING = "the process ended while it was sent"
_UNFINISHED = "SELECT id FROM jobs WHERE state IN ('intent', 'sending') AND fingerprint = ? LIMIT 1"
_UNFINISHED_OWNERS = "SELECT DISTINCT pid, started, boot FROM jobs WHERE state IN ('intent', 'sending')"
_SETTLE = "UPDATE jobs SET state = ?, code = ? WHERE state = ? AND pid = ? AND started = ? AND boot = ?"
_SETTLED = (("intent", "refused", ABANDONED), ("sending", "unknown", ENDED_WHILE_SENDING))
# Everything but what was refused: what is under way is reserved, what is unknown may be gone. Rows of
# days to come are counted as today's, so that a clock that goes back opens no second purse.
_SPENT = (
    "SELECT COALESCE(SUM(points), 0) AS points FROM jobs WHERE day >= ? AND state != 'refused'"
    " AND typeof(points) = 'integer' AND points > 0"
)


@frozen
class Admission:
    """One wish at the door.

    Attributes:
        job: The wish.
        terms: How it is to be treated.
        caps: Limits of what may be spent.
        owner: Who wants to send it.
        now: Wall time in seconds since the epoch.
        day: The local date.
    """

    job: Job
    terms: Terms
    caps: Caps
    owner: Owner
    now: float
    day: str

    def decide(self, connection: sqlite3.Connection) -> int | Attached | Busy | ImaError:
        """Return the number of a new row, or what stands in its way; runs inside a write transaction."""
        sweep(connection)
        drop_expired(connection, self.now)
        same = self._same(connection)
        if same is not None:
            return same
        if self.terms.resubmit:
            connection.execute(
                "UPDATE jobs SET state = 'forgotten' WHERE fingerprint = ? AND state = 'unknown'",
                (self.job.fingerprint,),
            )
        over = over_caps(connection, self.caps, self.day, self.job.total, self.job.user_id)
        return over or self._insert(connection)

    def _same(self, connection: sqlite3.Connection) -> Attached | Busy | ImaError | None:
        mine = (self.job.fingerprint,)
        if not self.terms.new:
            found = connection.execute(EVER if self.terms.once else OPEN, mine).fetchone()
            if found:
                return Attached(str(found["task_id"]))
            if connection.execute(_UNFINISHED, mine).fetchone():
                return Busy()
        if not self.terms.resubmit:
            lost = connection.execute(
                "SELECT * FROM jobs WHERE fingerprint = ? AND state = 'unknown' ORDER BY id DESC",
                mine,
            ).fetchall()
            if lost:
                return _lost(lost, sandbox=self.job.sandbox)
        return None

    def _insert(self, connection: sqlite3.Connection) -> int:
        job = self.job
        row: dict[str, Any] = {
            "fingerprint": job.fingerprint, "state": "intent", "task_type": job.task_type,
            "model_id": job.model_id, "version_id": job.version_id, "model_name": job.model_name,
            "attribute_id": job.attribute_id, "n": job.n, "points": job.total, "base": job.base,
            "user_id": job.user_id, "folder": job.folder, "prompt": job.prompt, "day": self.day,
            "opened_at": self.now, "pid": self.owner.pid, "started": self.owner.started,
            "boot": self.owner.boot, "told": written(job.told), "sources": json.dumps(job.sources),
        }  # fmt: skip
        places = ", ".join("?" * len(row))
        cursor = connection.execute(
            f"INSERT INTO jobs ({', '.join(row)}) VALUES ({places})",  # noqa: S608 - columns named above
            tuple(row.values()),
        )
        return int(cursor.lastrowid or 0)


def over_caps(
    connection: sqlite3.Connection, caps: Caps, day: str, total: int, user_id: str
) -> PointsError | None:
    """Return why points may not be spent today, or None.

    Args:
        connection: The journal, inside a transaction.
        caps: Limits of what may be spent.
        day: The local date.
        total: Points that are wanted.
        user_id: On whose behalf.
    """
    whose = (
        ("points", caps.per_day, "", ()),
        ("points of this user", caps.per_user_per_day, " AND user_id = ?", (user_id,)),
    )
    for what, cap, condition, values in whose:
        if cap is not None:
            spent = connection.execute(_SPENT + condition, (day, *values)).fetchone()["points"]
            if spent + total > cap:
                return _over_cap(total, cap, spent, what)
    return None


def sweep(connection: sqlite3.Connection) -> None:
    """Settle the rows of processes that died: never sent is abandoned, sent without a verdict is unknown."""
    for row in connection.execute(_UNFINISHED_OWNERS).fetchall():
        process = (row["pid"], row["started"], row["boot"])
        owner = Owner(whole_of(row["pid"]), text_of(row["started"]), text_of(row["boot"]))
        if not owner.lives():
            for before, after, why in _SETTLED:
                connection.execute(_SETTLE, (after, why, before, *process))


def _lost(rows: list[sqlite3.Row], *, sandbox: bool) -> OutcomeUnknownError:
    points = sum(whole_of(row["points"]) for row in rows)
    when = _time(moment_of(rows[0]["sent_at"]) or moment_of(rows[0]["opened_at"]))
    return OutcomeUnknownError(
        f"the same job was sent on {when} and its outcome is not known: {points} points may have been charged",
        hint="It is not sent again by itself. Check your records at https://imastudio.com/dashboard; to send"
        " it once more all the same, add --resubmit.",
        details={
            "sent": when,
            "points": points,
            "jobs": [own_name(row["id"], sandbox=sandbox) for row in rows],
        },
    )


def _over_cap(total: int, cap: int, spent: int, what: str) -> PointsError:
    left = max(0, cap - spent)
    return PointsError(
        f"this costs {total} points, and {left} of today's {cap} {what} are left",
        code="over-daily-cap",
        hint="Nothing was sent. Wait until tomorrow, take something cheaper, or raise the cap in"
        " ima_config.toml or IMA_DAILY_POINTS.",
        details={"quoted": total, "cap": cap, "spent": spent, "left": left},
    )


def _time(seconds: float | None) -> str:
    """Return a moment as people of this place write it."""
    if seconds is None:
        return "an unknown day"
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")
