"""Which process wrote a row, and whether it still lives."""

from __future__ import annotations

import os
from pathlib import Path

from attrs import frozen

_STARTED = 19  # position of the start time behind the command's name in /proc/<pid>/stat (proc manual)


@frozen
class Owner:
    """A process, told apart from a later one of the same number.

    Attributes:
        pid: Its number.
        started: When it began, in the system's own count; empty where the system does not tell.
        boot: Which run of which machine; empty likewise.
    """

    pid: int
    started: str
    boot: str

    def lives(self) -> bool:
        """Tell whether the process still runs; one of another boot, machine or container does not."""
        if self.boot != _boot() or self.pid <= 0:
            return False
        if self.started:
            return _started(self.pid) == self.started
        return _exists(self.pid)


def this_process() -> Owner:
    """Return the process that runs this."""
    pid = os.getpid()
    return Owner(pid, _started(pid), _boot())


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:  # not Linux
        import platform

        return platform.node()


def _started(pid: int) -> str:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # gone, or not Linux
        return ""
    # The name in parentheses may hold spaces and parentheses itself.
    fields = text.rpartition(")")[2].split()
    dead = bool(fields) and fields[0] in ("Z", "X")
    return "" if dead or len(fields) <= _STARTED else fields[_STARTED]


def _exists(pid: int) -> bool:
    if os.name != "posix":
        return True  # nothing harmless asks here; a job that hangs can be made anew with --new
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):  # the latter for a number that no process has
        return False
    except PermissionError:
        return True
    return True
