"""One journal in one file; see :mod:`ima_skills.recording` for what it promises."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ima_skills.errors import FaultError
from ima_skills.journal.admission import (
    OPEN,
    Admission,
    bind,
    held,
    named,
    names_of,
    over_caps,
    seated,
    sweep,
)
from ima_skills.journal.entry import Entry, own_number, read_entry
from ima_skills.journal.looks import LookBook
from ima_skills.journal.opening import JournalFile
from ima_skills.journal.owner import Owner, this_process
from ima_skills.journal.uploads import drop, drop_expired
from ima_skills.journal.values import objects_of, standing_of
from ima_skills.recording import Made
from ima_skills.staging import address_mark
from ima_skills.task_reading import coming, is_done, is_failed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ima_skills.clock import Clock
    from ima_skills.domain.task import Media, SavedFile
    from ima_skills.journal.caps import Caps
    from ima_skills.journal.database import Database
    from ima_skills.recording import Attached, Busy, Job, Record, Standing, Terms

_ENDED = (
    "UPDATE jobs SET state = ?, ended_at = ?, medias = ?, took_s = CASE WHEN pid = ? AND started = ?"
    " AND boot = ? AND accepted_at < ? THEN ? - accepted_at END"
    " WHERE task_id = ? AND state IN ('accepted', 'unknown', 'forgotten')"
)
_LATER = "UPDATE jobs SET medias = ? WHERE task_id = ? AND state = 'failed'"
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
        warn: Told once, with the path, when the file is damaged and reading goes on without it.
        owner: The process that writes; this one by default.
        sandbox: Whether its points are play money.
        reads: Whether it may only be read; whoever wants to write is refused then.
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
        reads: bool = False,
    ) -> None:
        self.path = path
        self._opened = JournalFile(path, warn, reads=reads)
        self._clock = clock
        self._caps = caps
        self._owner = owner or this_process()
        self._sandbox = sandbox
        self._begun: list[int] = []
        self._looks = LookBook(clock.monotonic)

    @property
    def exists(self) -> bool:
        """Whether anything was ever written."""
        return self._opened.exists

    @property
    def _is_kept(self) -> bool:
        """Whether what happens to a job that is in it is to be written down."""
        return self.exists and not self._opened.reads

    def _file(self) -> Database:
        """Return the file for whoever may write, and must know what it holds.

        Raises:
            FaultError: It is damaged, cannot be written, or may only be read.
        """
        return self._opened.own()

    def begin_anew(self) -> Path | None:
        """Put a damaged file aside; see :func:`ima_skills.journal.database.begin_anew`."""
        from ima_skills.journal.database import begin_anew

        return begin_anew(self.path, self._clock.now)

    def seal(self, text: str) -> str:
        """Return what stands for a secret: SHA-256 with a salt of this journal's own."""
        import secrets

        # Nothing is written under a salt that stands in a copy only.
        salt = self._opened.any().meta("salt", lambda: secrets.token_hex(16))
        return hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()

    def bind(self, token: str, task_id: str) -> None:
        """Let a caller's token stand for a task from now on."""
        with self._file().transaction() as connection:
            bind(connection, names_of(token), task_id)

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

        self._begun.append(answer)
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
            row = seated(connection, terms)
            if row is not None:
                return str(row["task_id"]) if row["task_id"] else None
            found = None if terms.new else connection.execute(OPEN, (job.fingerprint,)).fetchone()
        return str(found["task_id"]) if found else None

    def standing(self, slot: str, *, sandbox: bool) -> Standing | None:  # noqa: ARG002 - one journal, one kind of points
        """Return how the job of a slot stands; see the protocol."""
        if not self.exists:
            return None
        with self._file().transaction() as connection:
            sweep(connection)
            row = held(connection, slot)
        return standing_of(row) if row is not None else None

    def made(self, task_id: str) -> Made | None:
        """Return what stands written of a task."""
        entry = self.find(task_id)
        if entry is None or entry.task_id is None:
            return None
        return Made(
            entry.model_id,
            entry.model_name,
            entry.version_id,
            entry.n,
            entry.points,
            entry.folder,
            entry.told,
        )

    def has_left(self) -> bool:
        """Tell whether a create of this process may have left whose task is not known."""
        if not self._begun or not self._opened.is_open:
            return False
        places = ", ".join("?" * len(self._begun))
        query = f"SELECT 1 FROM jobs WHERE id IN ({places}) AND state IN ('sending', 'unknown') LIMIT 1"  # noqa: S608 - places for numbers
        return bool(self._file().rows(query, tuple(self._begun)))

    def looked(self, task_id: str, medias: Sequence[Media] | None) -> None:
        """Count a look; now and then all that were counted are written in one go."""
        if not self._is_kept:
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
        if not self._is_kept:
            return
        some = bool(coming(status, medias))
        facts = [
            {
                "format": media.format,
                "status": media.resource_status,
                "mark": self._mark(media.url),
                "done": is_done(media),
                "coming": some and not is_done(media) and not is_failed(media),
            }
            for media in medias
        ]
        now, owner = self._clock.now(), self._owner
        process = (owner.pid, owner.started, owner.boot)
        values = (status, now, json.dumps(facts), *process, now, now, task_id)
        with self._file().transaction() as connection:
            connection.executemany(_LOOKED, self._looks.take(task_id))
            connection.execute(_ENDED, values)
            # More of what it made may be there by now.
            connection.execute(_LATER, (json.dumps(facts), task_id))
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
        if not kept or not self._is_kept:
            return
        with self._file().transaction() as connection:
            row = connection.execute("SELECT files FROM jobs WHERE task_id = ?", (task_id,)).fetchone()
            if row is not None and None in files:
                # Of what an earlier command has saved nothing is forgotten because this one got less.
                paths = {file["path"] for file in kept}
                kept += [file for file in objects_of(row["files"]) if file.get("path") not in paths]
            connection.execute("UPDATE jobs SET files = ? WHERE task_id = ?", (json.dumps(kept), task_id))

    def placed(self, task_id: str, folder: str) -> None:
        """Write down where the files of a task go from now on."""
        self._set(task_id, "folder", folder)

    def delivered(self, task_id: str) -> None:
        """Write down that the result has arrived."""
        self._set(task_id, "delivered", 1)

    def _set(self, task_id: str, column: str, value: Any) -> None:
        if self._is_kept:
            with self._file().transaction() as connection:
                connection.execute(f"UPDATE jobs SET {column} = ? WHERE task_id = ?", (value, task_id))  # noqa: S608 - a column named above

    def history(self, model_id: str, version_id: str, task_type: str) -> Sequence[float]:
        """Return how long tasks took that one process watched from acceptance to end."""
        file = self._opened.sound()
        rows = file.rows(_DURATIONS, (model_id, version_id, task_type)) if file else ()
        return tuple(float(row["took_s"]) for row in rows)

    def entries(self) -> tuple[Entry, ...]:
        """Return every job, the latest first; jobs of dead processes are settled on the way."""
        file = self._opened.sound()
        if file is None:
            return ()
        try:
            _tidy(file, self._clock.now())
        except FaultError:
            # The disk is full, for instance: what was told about dead processes comes from a copy then.
            file = self._opened.copy()
            _tidy(file, self._clock.now())
        rows = file.rows("SELECT * FROM jobs ORDER BY id DESC")
        return tuple(read_entry(row, sandbox=self._sandbox) for row in rows)

    def find(self, name: str) -> Entry | None:
        """Return a job by its task id or by our own name for it."""
        file = self._opened.sound()
        if file is None:
            return None
        if self._opened.is_open:
            self._write_looks()
        own = own_number(name, sandbox=self._sandbox)
        rows = file.rows(
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
        file = self._opened.sound()
        return file is not None and bool(
            file.rows("SELECT 1 FROM jobs WHERE task_id = ? LIMIT 1", (task_id,))
        )

    def close(self) -> None:
        """Write what is left to write, and close the file."""
        if self._opened.is_open:
            self._write_looks()
        self._opened.close()

    def _day(self) -> str:
        """Return the local date."""
        return datetime.fromtimestamp(self._clock.now()).astimezone().date().isoformat()


def _tidy(file: Database, now: float) -> None:
    """Settle the jobs of dead processes, and forget uploads that have expired."""
    with file.transaction() as connection:
        sweep(connection)
        drop_expired(connection, now)
