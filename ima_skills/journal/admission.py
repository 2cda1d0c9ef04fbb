"""May this job be created? One transaction decides: the same job, an unknown outcome, the caps."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.errors import ImaError, OutcomeUnknownError, PointsError, UsageError
from ima_skills.journal.caps import Caps
from ima_skills.journal.entry import own_name
from ima_skills.journal.owner import Owner
from ima_skills.journal.uploads import drop_expired
from ima_skills.journal.values import moment_of, text_of, whole_of, written
from ima_skills.recording import NOBODY, Attached, Busy, Job, Terms

if TYPE_CHECKING:
    import sqlite3

# Jobs that the same wish attaches to: accepted, or done and not yet in the hands of whoever asked.
OPEN = (
    "SELECT task_id FROM jobs WHERE fingerprint = ?"
    " AND (state = 'accepted' OR (state = 'success' AND delivered = 0)) ORDER BY id DESC LIMIT 1"
)
# The job that a caller's own name stands for, the latest one.
_NAMED = (
    "SELECT * FROM jobs WHERE id = (SELECT CAST(value AS INTEGER) FROM meta WHERE name = ?"
    " AND value NOT GLOB '*[^0-9]*')"
)
# What the user has sent once more is nothing to wait for any longer.
_RESUBMITTED = (
    "UPDATE jobs SET state = 'forgotten' WHERE state = 'unknown' AND (fingerprint = ? OR id ="
    " (SELECT CAST(value AS INTEGER) FROM meta WHERE name = ? AND value NOT GLOB '*[^0-9]*'))"
)
_BIND = "INSERT OR REPLACE INTO meta VALUES (?, (SELECT MAX(id) FROM jobs WHERE task_id = ? OR id = ?))"
ABANDONED = "abandoned"
ENDED_WHILE_SENDING = "the process ended while it was sent"
_UNFINISHED = "SELECT pid FROM jobs WHERE state IN ('intent', 'sending') AND fingerprint = ? LIMIT 1"
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
        known = self._named(connection) or self._seated(connection) or self._same(connection)
        if isinstance(known, Attached):
            bind(connection, names_of(self.terms.token, self.terms.slot), known.task_id)
        if known is not None:
            return known
        if self.terms.resubmit:
            connection.execute(_RESUBMITTED, (self.job.fingerprint, _name("slot", self.terms.slot)))
        over = over_caps(connection, self.caps, self.day, self.job.total, self.job.user_id)
        if over is not None:
            return over
        number = self._insert(connection)
        bind(connection, names_of(self.terms.token, self.terms.slot, self.terms.alias), number=number)
        return number

    def _named(self, connection: sqlite3.Connection) -> Attached | Busy | ImaError | None:
        """Return what the caller's token stands for, if anything was ever sent for it."""
        row = named(connection, self.terms.token)
        if row is None:
            return None
        if row["fingerprint"] != self.job.fingerprint:
            return _other_wish()
        if row["task_id"]:
            return Attached(str(row["task_id"]))
        if row["state"] in {"intent", "sending"}:
            return Busy(whole_of(row["pid"]))
        return _lost([row], sandbox=self.job.sandbox) if row["state"] == "unknown" else None

    def _seated(self, connection: sqlite3.Connection) -> Attached | Busy | ImaError | None:
        """Return what the caller's slot holds, whatever the wish is now: it has one task, delivered or not."""
        row = seated(connection, self.terms)
        if row is None:
            return None
        if row["task_id"]:
            return Attached(str(row["task_id"]))
        if row["state"] in {"intent", "sending"}:
            return Busy(whole_of(row["pid"]))
        return None if self.terms.resubmit else _lost([row], sandbox=self.job.sandbox)

    def _same(self, connection: sqlite3.Connection) -> Attached | Busy | ImaError | None:
        mine = (self.job.fingerprint,)
        if not self.terms.new:
            found = connection.execute(OPEN, mine).fetchone()
            if found:
                return Attached(str(found["task_id"]))
            unfinished = connection.execute(_UNFINISHED, mine).fetchone()
            if unfinished:
                return Busy(whole_of(unfinished["pid"]))
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


def named(connection: sqlite3.Connection, token: str) -> sqlite3.Row | None:
    """Return the job that a caller's token stands for; one that was refused cost nothing and frees it."""
    row = _found(connection, "token", token)
    return None if row is None or row["state"] == "refused" else row


def held(connection: sqlite3.Connection, slot: str) -> sqlite3.Row | None:
    """Return the latest job of a slot, whatever became of it."""
    return _found(connection, "slot", slot)


def seated(connection: sqlite3.Connection, terms: Terms) -> sqlite3.Row | None:
    """Return the job that a slot holds fast; it lets go of what cost nothing, was forgotten, or is known to be over."""
    row = held(connection, terms.slot)
    if row is None or row["state"] in {"refused", "forgotten"}:
        return None
    return None if row["task_id"] and row["task_id"] == terms.over else row


def bind(connection: sqlite3.Connection, names: tuple[str, ...], task_id: str = "", number: int = 0) -> None:
    """Let names of a caller, see :func:`names_of`, stand for a job, which its task names, or its row."""
    connection.executemany(_BIND, [(name, task_id or None, number) for name in names])


def names_of(token: str = "", slot: str = "", alias: str = "") -> tuple[str, ...]:
    """Return what a caller's token, slot and its alias are called in the file; nothing for those that are empty."""
    named = (("token", token), ("slot", slot), ("slot", alias))
    return tuple(_name(kind, text) for kind, text in named if text)


def _found(connection: sqlite3.Connection, kind: str, text: str) -> sqlite3.Row | None:
    if not text:
        return None
    row: sqlite3.Row | None = connection.execute(_NAMED, (_name(kind, text),)).fetchone()
    return row


def _name(kind: str, text: str) -> str:
    """Return what stands for a name in the file: it may say something about a person."""
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()}"


def _other_wish() -> UsageError:
    return UsageError(
        "this client_token stands for another wish",
        code="client-token-reused",
        hint="Nothing was sent. Repeat the first call as it was, or take a new token for a new wish.",
    )


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
        ("day", caps.per_day, "", ()),
        ("user", caps.per_user_per_day, " AND user_id IN (?, ?)", _spelt(user_id)),
    )
    for scope, cap, condition, values in whose:
        if cap is not None:
            spent = connection.execute(_SPENT + condition, (day, *values)).fetchone()["points"]
            if spent + total > cap:
                return _over_cap(total, cap, spent, scope)
    return None


def _spelt(user_id: str) -> tuple[str, str]:
    """Return both ways in which a user is written: who is not named is the same one who is named so."""
    return ("", NOBODY) if user_id in ("", NOBODY) else (user_id, user_id)


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
    jobs = [own_name(row["id"], sandbox=sandbox) for row in rows]
    when = _time(moment_of(rows[0]["sent_at"]) or moment_of(rows[0]["opened_at"]))
    return OutcomeUnknownError(
        f"the same job was sent on {when} and its outcome is not known: {points} points may have been charged",
        hint="It is not sent again by itself. Check your records at https://imastudio.com/dashboard; to send"
        " it once more all the same, add --resubmit. If they say that it was not accepted:"
        f" ima-skills tasks forget {jobs[0]}",
        details={
            "sent": when,
            "points": points,
            "jobs": jobs,
        },
    )


def _over_cap(total: int, cap: int, spent: int, scope: str) -> PointsError:
    left = max(0, cap - spent)
    what = "points of this user" if scope == "user" else "points"
    return PointsError(
        f"this costs {total} points, and {left} of today's {cap} {what} are left",
        code="over-daily-cap",
        hint="Nothing was sent. Wait until tomorrow, take something cheaper, or raise the cap in"
        " ima_config.toml or IMA_DAILY_POINTS.",
        details={"quoted": total, "cap": cap, "spent": spent, "left": left, "scope": scope},
    )


def _time(seconds: float | None) -> str:
    """Return a moment as people of this place write it."""
    if seconds is None:
        return "an unknown day"
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")
