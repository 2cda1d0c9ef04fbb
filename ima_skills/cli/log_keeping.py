"""The log as the command line keeps it: it watches a client's road, and is told what ended a command."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ima_skills.hookspecs import hookimpl

if TYPE_CHECKING:
    from ima_skills.domain.event import Event
    from ima_skills.errors import ImaError
    from ima_skills.logs import Log
    from ima_skills.plugin_set import PluginSet


def open_log() -> Log | None:
    """Return the log, or None when nothing can or may be written; no file is touched before the first line."""
    from ima_skills.settings import switch

    if switch("IMA_NO_WRITE", doubt=True):  # a log is no place to argue; commands that keep books do
        return None
    from ima_skills.clock import SystemClock
    from ima_skills.errors import UsageError
    from ima_skills.logs import Log, level_of
    from ima_skills.settings import log_home

    try:
        folder = log_home()
    except (RuntimeError, UsageError):
        return None  # this user has no home, or names one that nobody has
    return Log(folder, SystemClock(), level_of(os.environ.get("IMA_LOG_LEVEL")))


class LogKeeper:
    """Watches like a plugin, so that whatever goes wrong with a log never reaches a task."""

    def __init__(self) -> None:
        self._log: Log | None = None

    @hookimpl
    def ima_observe(self, event: Event) -> None:
        """Write a step; the log is opened by the first one."""
        self._log = self._log or open_log()
        if self._log is not None:
            self._log.event(event)


def keep_log(plugins: PluginSet) -> None:
    """Let a log watch whatever is done with these plugins."""
    plugins.admit("log", LogKeeper())


def log_end(error: ImaError, cause: BaseException | None = None) -> None:
    """Write what ended a command, or a line of a batch.

    Args:
        error: The error as it is told.
        cause: What was raised, when that was something else.
    """
    log = open_log()
    if log is not None:
        log.error(error, cause)


def log_fault(name: str, fault: str) -> None:
    """Write that a plugin did something wrong: the hook, the kind of error and its place, and no words."""
    from ima_skills.logs import Level

    log = open_log()
    if log is not None:
        log.write(Level.WARNING, "plugin", f"{name}: {': '.join(fault.split(': ')[:2])}")
