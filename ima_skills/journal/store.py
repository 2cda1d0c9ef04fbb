"""One journal in one file; see :mod:`ima_skills.recording` for what it promises."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ima_skills.journal.admission import OPEN, Admission, bind, named, over_caps, sweep
from ima_skills.journal.entry import Entry, own_number, read_entry
from ima_skills.journal.looks import LookBook
from ima_skills.journal.owner import Owner, this_process
from ima_skills.journal.uploads import drop, drop_expired
from ima_skills.staging import address_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ima_skills.clock import Clock
    from ima_skills.domain.task import Media, SavedFile
    from ima_skills.journal.caps import Caps
    from ima_skills.journal.database import Database
    from ima_skills.recording import Attached, Busy, Job, Record, Terms

_ENDED = (
    "UPDATE jobs SET state = ?, ended_at = ?, medias = ?, took_s = CASE WHEN pid = ? AND started = ?"
    " AND boot = ? AND accepted_at < ? THEN ? - accepted_at END"
    " WHERE task_id = ? AND state IN ('accepted', 'unknown', 'forgotten')"
)
_LOOKED = (
    "UPDATE jobs SET looks = looks + ?, looked_at = ?, outputs_done = COALESCE(?, outputs_done),"
    " outputs_listed = COALESCE(?, outputs_listed) WHERE task_id = ?"
)
_DURATIONS = (
    "SELECT took_s FROM jobs WHERE model_id = ? AND version_id = ? AND task_type = ? AND state = 'success'"
    " AND typeof(took_s) IN ('real', 'integer') AND took_s > 0 AND took_s < 1e9 ORDER BY id DESC LIMIT 60"
)


class FileJournal:
    """The journal of real points, or that of a sandbox's.

    Args:
        path: The file; made when something is to be written.
        clock: Wall time. It may jump: order comes from row numbers, and days never count backwards.
        caps: Limits of what may be spent.
        warn: Told where a broken file was put.
        owner: The process that writes; this one by default.
        sandbox: Whether its points are play money.
    """

    def __init__(  # noqa: PLR0913 - the parts that are injected, each by name
        self,
        path: Path,
        *,
        clock: Clock,
        caps: Caps,
        warn: Callable[[Path], None],
        owner: Owner | None = None,
        sandbox: bool = False,
    ) -> None:
        self.path = path
        self._clock = clock
        self._caps = caps
        self._warn = warn
        self._owner = owner or this_process()
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._database: Database | None = None
        self._looks = LookBook(clock.monotonic)

    @property
    def exists(self) -> bool:
        """Whether anything was ever written."""
        # Unlike Path.exists, this takes a folder that may not be looked into for one that is not there.
        return self._database is not None or os.path.exists(self.path)  # noqa: PTH110 - for the reason above

    def _file(self) -> Database:
        with self._lock:
            if self._database is None:
                from ima_skills.journal.database import Database

                self._database = Database(self.path, self._clock.now, self._warn)
            return self._database

    def seal(self, text: str) -> str:
        """Return what stands for a secret: SHA-256 with a salt of this journal's own."""
        import secrets

        salt = self._file().meta("salt", lambda: secrets.token_hex(16))
        return hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()

    def bind(self, token: str, task_id: str) -> None:
        """Let a caller's token stand for a task from now on."""
        with self._file().transaction() as connection:
            bind(connection, token, task_id)

    def open(self, job: Job, terms: Terms) -> Record | Attached | Busy:
        """Reserve the points of a job, or find the same job; see the protocol."""
        sealed = evolve(job, sources=tuple(map(self.seal, job.sources)))
        admission = Admission(sealed, terms, self._caps, self._owner, self._clock.now(), self._day())
        with self._file().transaction() as connection:
            answer = admission.decide(connection)
        if isinstance(answer, Exception):
            raise answer  # after the transaction: what it found out about dead processes stays written
        if not isinstance(answer, int):
            return answer
        from ima_skills.journal.record import FileRecord

        return FileRecord(self._file(), answer, self._clock.now, self._owner)

    def afford(self, points: int, user_id: str, *, sandbox: bool) -> None:  # noqa: ARG002 - one journal, one kind of points
        """Refuse what today's caps have no room for; see the protocol."""
        if not self._caps.any:
            return
        with self._file().transaction() as connection:
            sweep(connection)
            over = over_caps(connection, self._caps, self._day(), points, user_id)
        if over is not None:
            raise over

    def under_way(self, job: Job, terms: Terms) -> str | None:
        """Return the task that the same wish would attach to."""
        with self._file().transaction() as connection:
            row = named(connection, terms.token)
            if row is not None:
                return row["task_id"] if row["fingerprint"] == job.fingerprint else None
            found = None if terms.new else connection.execute(OPEN, (job.fingerprint,)).fetchone()
        return str(found["task_id"]) if found else None

    def looked(self, task_id: str, medias: Sequence[Media] | None) -> None:
        """Count a look; now and then all that were counted are written in one go."""
        if not self.exists:
            return
        self._looks.count(task_id, self._clock.now(), medias)
        if self._looks.is_due():
            self._write_looks()

    def _write_looks(self) -> None:
        rows = self._looks.take()
        if rows and not self._file().note(_LOOKED, rows):
            self._looks.put_back(rows)

    def ended(self, task_id: str, status: str, medias: Sequence[Media]) -> None:
        """Write down how a task ended; of its medias only what is no address."""
        if not self.exists:
            return
        facts = [
            {"format": media.format, "status": media.resource_status, "mark": self._mark(media.url)}
            for media in medias
        ]
        now, owner = self._clock.now(), self._owner
        process = (owner.pid, owner.started, owner.boot)
        values = (status, now, json.dumps(facts), *process, now, now, task_id)
        with self._file().transaction() as connection:
            connection.executemany(_LOOKED, self._looks.take(task_id))
            connection.execute(_ENDED, values)
            if status == "failed":
                # The service may not have got at an input; the next job sends its bytes again.
                for row in connection.execute("SELECT id FROM jobs WHERE task_id = ?", (task_id,)).fetchall():
                    drop(connection, row["id"])

    def _mark(self, url: str | None) -> str:
        """Return what an address is known by when it comes back as an input; it cannot be read from that."""
        try:
            return self.seal(address_mark(url)) if url else ""
        except ValueError:
            return ""  # no address that anybody could give back as an input

    def saved(self, task_id: str, files: Sequence[SavedFile | None]) -> None:
        """Write down which files are on disk."""
        kept = [{"path": file.path, "bytes": file.bytes, "sha256": file.sha256} for file in files if file]
        self._set(task_id, "files", json.dumps(kept))

    def delivered(self, task_id: str) -> None:
        """Write down that the result has arrived."""
        self._set(task_id, "delivered", 1)

    def _set(self, task_id: str, column: str, value: Any) -> None:
        if self.exists:
            with self._file().transaction() as connection:
                connection.execute(f"UPDATE jobs SET {column} = ? WHERE task_id = ?", (value, task_id))  # noqa: S608 - a column named above

    def history(self, model_id: str, version_id: str, task_type: str) -> Sequence[float]:
        """Return how long tasks took that one process watched from acceptance to end."""
        if not self.exists:
            return ()
        rows = self._file().rows(_DURATIONS, (model_id, version_id, task_type))
        return tuple(float(row["took_s"]) for row in rows)

    def entries(self) -> tuple[Entry, ...]:
        """Return every job, the latest first; jobs of dead processes are settled on the way."""
        if not self.exists:
            return ()
        with self._file().transaction() as connection:
            sweep(connection)
            drop_expired(connection, self._clock.now())
        rows = self._file().rows("SELECT * FROM jobs ORDER BY id DESC")
        return tuple(read_entry(row, sandbox=self._sandbox) for row in rows)

    def find(self, name: str) -> Entry | None:
        """Return a job by its task id or by our own name for it."""
        if not self.exists:
            return None
        self._write_looks()
        own = own_number(name, sandbox=self._sandbox)
        rows = self._file().rows(
            "SELECT * FROM jobs WHERE task_id = ? OR (task_id IS NULL AND id = ?) ORDER BY id DESC LIMIT 1",
            (name, own),
        )
        return read_entry(rows[0], sandbox=self._sandbox) if rows else None

    def forget(self, entry: Entry) -> None:
        """Stop caring for a job; its receipt stays."""
        with self._file().transaction() as connection:
            connection.execute(
                "UPDATE jobs SET delivered = 1,"
                " state = CASE WHEN state IN ('accepted', 'unknown') THEN 'forgotten' ELSE state END WHERE id = ?",
                (entry.number,),
            )
            drop(connection, entry.number)

    def holds(self, task_id: str) -> bool:
        """Tell whether a task is in this journal."""
        return self.exists and bool(
            self._file().rows("SELECT 1 FROM jobs WHERE task_id = ? LIMIT 1", (task_id,))
        )

    def close(self) -> None:
        """Write what is left to write, and close the file."""
        if self._database is not None:
            self._write_looks()
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _day(self) -> str:
        """Return the local date."""
        return datetime.fromtimestamp(self._clock.now()).astimezone().date().isoformat()
