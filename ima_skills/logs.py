"""A log for people who want to know afterwards what happened: one file a day, for the owner alone.

Name, place, rotation and shape of a line are those of the service's own skills, so that one look finds
all of them. A line holds ids, models, points, codes and times; never a key, a prompt, an address or a
path of somebody's. Nothing depends on a log: where it cannot be written, the work goes on without.

Every line is one append to a file that is opened for it, and a full file gets a name of its own: several
processes write at once without waiting for each other, and lose no line. (The standard library's rotating
handler renames under the feet of other processes.) docs/logs.md has the figures.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, field

from ima_skills.clock import Clock
from ima_skills.domain.event import (
    Created,
    Downloaded,
    Event,
    Finished,
    Held,
    JournalTrouble,
    ModelChosen,
    PollTrouble,
    Progressed,
    Quoted,
    Reattached,
    Reflected,
    Uploaded,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from ima_skills.domain.problem import Change
    from ima_skills.errors import ImaError

FULL_BYTES = 10 << 20
FULL_FILES = 7
KEPT_DAYS = 7
_DAY_S = 86_400.0
_FOLDER_MODE, _FILE_MODE, _OTHERS = 0o700, 0o600, 0o077
# Neither follow a link to somewhere else nor wait for the reader of a pipe; Windows has neither.
_CAREFULLY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_LONGEST = 500
# Our sentences hold no address; should one ever come through, it may be signed.
_ADDRESS = re.compile(r"\S*://\S*")
# Facts of an error that are numbers or names of the service's protocol.
_FACTS = ("service_code", "http_status", "quoted", "cap", "left")


class Level(IntEnum):
    """How much a line matters; ``OFF`` writes none."""

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40
    OFF = 50


def discreet(text: str) -> str:
    """Return a text as a log may hold it: one line of bounded length, without addresses."""
    return _ADDRESS.sub("(address)", " ".join(text.split()))[:_LONGEST]


def level_of(name: str | None) -> Level:
    """Return the level of a name in any case; ``INFO`` for none and for a name that is not known."""
    return Level.__members__.get((name or "").strip().upper(), Level.INFO)


@define
class Log:
    """Writes lines to the file of the day.

    Attributes:
        folder: The folder; made when the first line is written.
        clock: Time; days and times are those of the local calendar.
        least: Lines below this level are not written.
        full_bytes: A file of this size is put aside before the next line.
    """

    folder: Path
    clock: Clock
    least: Level = Level.INFO
    full_bytes: int = FULL_BYTES
    _is_ready: bool = field(default=False, init=False)

    def event(self, event: Event) -> None:
        """Write a step of the road, where it can be written; fits ``on_event``."""
        level, message = _told(event)
        self.write(level, type(event).__name__, message)

    def error(self, error: ImaError, cause: BaseException | None = None) -> None:
        """Write what ended a command: code and place, not the message, which quotes what people typed.

        Args:
            error: The error as it is told.
            cause: What was raised, when that was something else.
        """
        raised = error if cause is None else cause
        facts = [f"{name}={error.details[name]}" for name in _FACTS if name in error.details]
        # Rules only: a place may be a name that somebody typed.
        rules = dict.fromkeys(problem.rule for problem in error.problems)
        place = list(_places(raised.__traceback__))
        parts = [
            error.name,
            f"exit {error.exit_code}",
            f"task {error.task_id}" if error.task_id else "",
            type(raised).__name__,
            *facts,
            *rules,
            " > ".join(place[-5:]) if raised is not error else "",
        ]
        step = place[-1].partition(":")[2].partition(":")[0] if place else "main"
        self.write(Level.ERROR, step, ", ".join(filter(None, parts)))

    def write(self, level: Level, step: str, message: str) -> bool:
        """Append a line; returns False where it is not wanted or cannot be written, which is no error.

        Args:
            level: How much it matters.
            step: The step, or the function that raised.
            message: One sentence; line breaks become spaces and addresses are left out.
        """
        if level < self.least or self.least is Level.OFF:
            return False
        moment = datetime.fromtimestamp(self.clock.now()).astimezone()
        stamp = moment.isoformat(" ", "milliseconds")
        line = f"{stamp} | {level.name:<7} | {step:<14} | {discreet(message)}\n"
        try:
            self._append(f"ima_create_{moment:%Y%m%d}.log", line.encode(errors="replace"))
        except OSError:
            return False  # a read-only home, a full disk: nothing depends on a log
        return True

    def _append(self, name: str, line: bytes) -> None:
        if not self._is_ready:
            self.folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            if self.folder.stat().st_mode & _OTHERS:
                self.folder.chmod(_FOLDER_MODE)
            self._drop_old()
            self._is_ready = True
        path = self.folder / name
        with suppress(FileNotFoundError):
            if path.stat().st_size >= self.full_bytes:
                self._put_aside(path)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _CAREFULLY, _FILE_MODE)
        try:
            state = os.fstat(handle)
            if stat.S_ISREG(state.st_mode) and state.st_mode & _OTHERS:
                path.chmod(_FILE_MODE)
            os.write(handle, line)
        finally:
            os.close(handle)

    def _put_aside(self, path: Path) -> None:
        """Give a full file a name that no other process can be giving at the same time."""
        mark = f"{int(self.clock.now() * 1000)}-{os.getpid()}"
        # Windows refuses while somebody writes; the file then grows on until nobody does.
        with suppress(PermissionError):
            path.rename(path.with_suffix(f".{mark}.log"))
            self._drop_old()

    def _drop_old(self) -> None:
        """Remove files older than the kept days, and full ones beyond the number that is kept."""
        aged = sorted(self._files(), reverse=True)
        full = [path for _, path in aged if path.suffixes != [".log"]][FULL_FILES:]
        old = [path for changed, path in aged if changed < self.clock.now() - KEPT_DAYS * _DAY_S]
        for path in {*full, *old}:
            path.unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[float, Path]]:
        for path in self.folder.glob("ima_create_*.log"):
            with suppress(FileNotFoundError):  # another process has just removed it
                yield path.lstat().st_mtime, path


def _told(event: Event) -> tuple[Level, str]:  # noqa: C901, PLR0911 - one case per kind of event
    match event:
        case ModelChosen():
            return Level.INFO, f"{event.task_type}: {event.model_id} ({event.source})"
        case Quoted():
            chosen = f"{event.task_type}: {event.model_name} {event.version_id}, {event.quote.total} points"
            return Level.INFO, f"{chosen}{_changed(event.changes)}"
        case Uploaded():
            return Level.INFO, f"input {event.index + 1} of {event.total}"
        case Created():
            return Level.INFO, f"task {event.task_id}, create {event.attempt}"
        case Reattached():
            return Level.INFO, f"task {event.task_id} of an earlier run"
        case Held():
            return (
                Level.WARNING,
                f"process {event.pid or '?'} sends the same wish, waited {event.waited_s:.0f} s",
            )
        case JournalTrouble():
            return Level.WARNING, f"task {event.task_id}: a step could not be written into the journal"
        case Reflected():
            return Level.WARNING, f"create {event.attempt} refused, {event.code}{_changed(event.changes)}"
        case Progressed():
            return Level.DEBUG, f"task {event.task_id}, {event.elapsed_s:.1f} s, {event.percent} %"
        case PollTrouble():
            return Level.WARNING, f"task {event.task_id}: a look failed, {event.code or 'no code'}"
        case Downloaded():
            return Level.INFO, f"task {event.task_id}, output {event.index + 1}, {event.bytes} bytes"
        case Finished(result):
            made = f"{len(result.medias)} outputs of {result.model_name}, {result.credit} points"
            place = " on the sandbox" if result.sandbox else ""
            return (
                Level.INFO,
                f"task {result.task_id} {result.status}, {made}, {result.elapsed_s:.1f} s{place}",
            )


def _changed(changes: Iterable[Change]) -> str:
    """Return the names of what was changed; the values may be somebody's words."""
    names = ", ".join(change.param for change in changes)
    return f"; changed: {names}" if names else ""


def _places(trace: TracebackType | None) -> Iterator[str]:
    """Yield the steps of a traceback as ``module:function:line``; source lines and values stay out."""
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "?")
        yield f"{name}:{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
        trace = trace.tb_next
