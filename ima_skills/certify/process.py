"""Hold the checks in processes of their own: a home of their own, a time limit, and no way to take us along."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from ima_skills.certify.checks import Check, from_dict
from ima_skills.certify.subject import Subject
from ima_skills.certify.versions import is_version

# The floor above runs the checks: one of them is a command's.
_MODULE = "ima_skills.cli.certifying"
# A start on a busy machine.
_READY_S = 30.0
# A plugin that hangs more often than this is not worth the wait.
_MOST_STARTS = 12
# Variables that a process needs to run at all; nothing else of the caller's reaches the plugin.
_KEPT = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
UNUSABLE = ("hangs", "dies", "hook-raises", "hook-signature", "hook-async", "hook-unknown", "hook-returns")


@frozen
class Place:
    """Where a plugin is certified.

    Attributes:
        subject: The plugin.
        room: A folder for everything that the checks write.
        key: An API key that opens nothing; whoever shows it would show a real one.
        step_s: Time for one step.
    """

    subject: Subject
    room: Path
    key: str = field(repr=False)
    step_s: float

    @property
    def site(self) -> Path:
        """The folder in which a project appears as if it was installed."""
        return self.room / "site"

    def environ(self) -> dict[str, str]:
        """Return the environment of the processes."""
        folders = [str(self.site), *map(str, self.subject.folders), *filter(None, sys.path)]
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        home = str(self.room / "home")
        return {
            **kept, "HOME": home, "USERPROFILE": home, "TMPDIR": str(self.room / "tmp"), "IMA_HOME": f"{home}/state",
            "IMA_API_KEY": self.key, "PYTHONPATH": os.pathsep.join(dict.fromkeys(folders)),
            "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1",
        }  # fmt: skip

    def prepare(self) -> None:
        """Make the folders, and let a project appear as if it was installed."""
        for folder in ("home", "tmp"):
            (self.room / folder).mkdir(parents=True)
        if self.subject.project is not None:
            _pretend_installed(self.subject, self.site)


def _pretend_installed(subject: Subject, site: Path) -> None:
    stem = subject.origin.replace("-", "_") or "unnamed"
    version = subject.version if is_version(subject.version) else "0"
    info = site / f"{stem}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {subject.origin or 'unnamed'}\nVersion: {version}\n", encoding="utf-8"
    )
    (info / "entry_points.txt").write_text(
        f"[ima_skills.plugins]\n{subject.name} = {subject.module}\n", encoding="utf-8"
    )


def asked(
    place: Place, *, seconds: float | None = None, variables: Mapping[str, str] | None = None, **words: Any
) -> Mapping[str, Any] | None:
    """Run a stage that answers once; None when nothing comes back in time.

    Args:
        place: Where.
        seconds: How long it may take; the usual time of a step by default.
        variables: Variables of the environment besides those of the place.
        words: What the stage is to do.
    """
    course = _Course(place.step_s, place.step_s if seconds is None else seconds)
    lines = _lines(place, words, course, variables or {})
    answers = [line for line in lines if line and "ready" not in line]
    return answers[0] if answers else None


def contract(place: Place) -> Iterator[Check]:
    """Yield the contract checks; what hangs or dies is told, left out, and the rest goes on without it."""
    course = _Course(place.step_s, _READY_S)
    for _ in range(_MOST_STARTS):
        words = {"stage": "contract", "skip": sorted(course.skip), "left_out": sorted(course.left_out)}
        course.current, course.is_ready = None, False
        for line in _lines(place, words, course, {}):
            if line is None:
                yield course.stopped("hangs")
                break
            check = course.heard(line)
            if check is not None:
                yield check
            if course.is_over:
                return
        else:
            yield course.stopped("dies")


@define
class _Course:
    """How far the checks are.

    Attributes:
        step_s: Usual time of a step.
        between_s: Time for what is said outside of any probe.
        skip: Probes that are done, or that nothing comes back from.
        left_out: Hooks that do not work.
        current: The probe under way.
        at: What of it is being tried, where that is told.
        is_ready: Whether the process has started, so that what it does from now on is the plugin's.
        is_over: Whether all have been held.
    """

    step_s: float
    between_s: float
    skip: set[str] = field(factory=set)
    left_out: set[str] = field(factory=set)
    current: Mapping[str, Any] | None = None
    at: str = ""
    is_ready: bool = False
    is_over: bool = False

    @property
    def patience_s(self) -> float:
        """How long the next line may take."""
        if not self.is_ready:
            return _READY_S
        return self.step_s * self.current["patience"] if self.current else self.between_s

    def heard(self, line: Mapping[str, Any]) -> Check | None:
        """Take note of a line, and return the check in it."""
        if "begin" in line:
            self.current, self.at = line, ""
        elif "at" in line:
            self.at = line["at"]
        elif "end" in line:
            self.skip.add(line["end"])
            self.current = None
        elif "over" in line:
            self.is_over = True
        elif "check" in line:
            check = from_dict(line["check"])
            if check.area == "hooks" and check.code in UNUSABLE:
                self.left_out.add(check.place)
            return check
        return None

    def stopped(self, code: str) -> Check:
        """Return the check of a process that said no more, and do without what it was at."""
        probe = self.current or {"begin": "start", "area": "import", "hook": "", "patience": 1}
        self.skip.add(probe["begin"])
        if probe["area"] == "quirks":
            # Whatever needs that quirk would hang as well.
            self.left_out.add("ima_quirks")
        elif probe["hook"] and probe["area"] == "hooks":
            self.left_out.add(probe["hook"])
        elif self.current is None:
            self.is_over = True
        place = probe["hook"] or probe["begin"]
        name = f"{place} answers in time" if code == "hangs" else f"{place} leaves the process alive"
        words = {"seconds": self.patience_s, "given": f" ({self.at})" if self.at else ""}
        return Check(probe["area"], name, code, "", place, words)


def _lines(
    place: Place, words: Mapping[str, Any], course: _Course, variables: Mapping[str, str]
) -> Iterator[Mapping[str, Any] | None]:
    """Run a stage and yield its lines; None, and the end of it, when one takes too long."""
    subject = place.subject
    task = {**words, "name": subject.name, "module": subject.module, "room": str(place.room)}
    process = subprocess.Popen(  # noqa: S603 - our own module, in this very Python
        [sys.executable, "-m", _MODULE],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
        cwd=place.room, env={**place.environ(), **variables}, start_new_session=True,
    )  # fmt: skip
    told: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process, told), daemon=True)
    try:
        with process.stdin or sys.stdin as stdin:
            stdin.write(json.dumps(task))
        reader.start()
        while True:
            try:
                line = told.get(timeout=course.patience_s)
            except queue.Empty:
                yield None
                return
            if line is None:
                return
            found = json.loads(line)
            course.is_ready = course.is_ready or "ready" in found
            yield found
    finally:
        _end(process)


def _read(process: subprocess.Popen[str], told: queue.Queue[str | None]) -> None:
    for line in process.stdout or ():
        told.put(line)
    told.put(None)


def _end(process: subprocess.Popen[str]) -> None:
    """End a process with everything that it started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):  # it may have ended by itself, and its group with it
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
