"""What belongs to the whole process: a plugin leaves all of it as it was."""

from __future__ import annotations

import atexit
import decimal
import gc
import locale
import logging
import os
import random
import signal
import socket
import sys
import threading
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

_DESCRIPTORS = (Path("/proc/self/fd"), Path("/dev/fd"))
# What the core is, and what it and everybody else works with.
_COMMON = frozenset({
    "ima_skills", "builtins", "json", "os", "pathlib", "socket", "ssl", "subprocess", "time", "random", "urllib", "httpx",
    "attr", "click", "pluggy",
})  # fmt: skip
# The names under which faults are told, in this order.
NAMES = (
    "environment", "folder", "path", "threads", "descriptors", "children", "locale", "warnings", "limits", "signals", "atexit",
    "logging", "streams", "randomness", "core",
)  # fmt: skip


@contextmanager
def changes() -> Iterator[list[str]]:
    """Give a list that names what has changed when the block is over; what can be put back is put back.

    One cause is told once: what comes after must not find a core, a folder or variables that somebody has changed.
    """
    found: list[str] = []
    gc.collect()  # what a check before this one left open is none of this one's
    before, core, undo = _state(), _core(), _kept()
    with _threads_noted() as threads:
        yield found
    gc.collect()
    after, replaced = _state(), [key for key, value in core.items() if _now(*key) is not value]
    altered = {name for name in before if before[name] != after[name]}
    # A thread that has ended by now was started all the same.
    altered |= ({"threads"} if threads else set()) | ({"core"} if replaced else set())
    found += [name for name in NAMES if name in altered]
    undo()
    for holder, name in replaced:
        setattr(holder, name, core[holder, name])


def _state() -> Mapping[str, Any]:
    return {
        "environment": dict(os.environ),
        "folder": os.getcwd(),  # noqa: PTH109 - compared, not opened
        "path": (list(sys.path), list(map(id, sys.meta_path)), list(map(id, sys.path_hooks))),
        "threads": threading.active_count(),
        "descriptors": _descriptors(),
        "children": _children(),
        "locale": (locale.setlocale(locale.LC_ALL), str(decimal.getcontext())),
        "warnings": (list(warnings.filters), warnings.showwarning),
        "limits": (
            sys.getrecursionlimit(),
            sys.getswitchinterval(),
            socket.getdefaulttimeout(),
            gc.isenabled(),
            sys.gettrace(),
            _umask(),
        ),
        "atexit": atexit._ncallbacks(),  # noqa: SLF001 - there is no other way to count them
        "signals": [signal.getsignal(number) for number in signal.valid_signals()],
        "logging": (logging.root.level, list(logging.root.handlers), logging.root.manager.disable),
        "streams": [
            id(getattr(sys, name)) for name in ("stdin", "stdout", "stderr", "excepthook", "displayhook")
        ],
        "randomness": random.getstate(),
    }


def _kept() -> Callable[[], None]:
    """Return how to put back what others work with: variables, folder, path, chance, warnings, logging."""
    variables, folder, path, chance = dict(os.environ), Path.cwd(), list(sys.path), random.getstate()
    filters, level, handlers = list(warnings.filters), logging.root.level, list(logging.root.handlers)

    def undo() -> None:
        os.environ.clear()
        os.environ.update(variables)
        os.chdir(folder)
        sys.path[:] = path
        random.setstate(chance)
        warnings.filters[:] = filters  # type: ignore[index]  # a list, whatever the stubs say
        logging.root.setLevel(level)
        logging.root.handlers[:] = handlers

    return undo


def _umask() -> int:
    """Return the mask of new files; to read it is to set it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _descriptors() -> frozenset[str]:
    """Return the open files and sockets, by what they lead to; nothing where the system does not tell."""
    folder = next((place for place in _DESCRIPTORS if place.is_dir()), None)
    names = os.listdir(folder) if folder else []  # noqa: PTH208 - a name is all that is wanted
    # The folder itself is open while it is listed, and closed when it is looked at.
    return frozenset(name for name in names if _is_open(int(name)))


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _children() -> str:
    """Return the processes that this one has started and that live; nothing where the system does not tell."""
    try:
        return Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    except OSError:
        return ""


def _core() -> dict[tuple[Any, str], Any]:
    """Return the functions and classes of common modules, and what the classes hold: nobody replaces them."""
    found: dict[tuple[Any, str], Any] = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in _COMMON and ".certify" not in name:
            for label, value in list(vars(module).items()):
                if callable(value):
                    found[module, label] = value
                if isinstance(value, type) and value.__module__ == name:
                    found |= {(value, part): inner for part, inner in vars(value).items() if callable(inner)}
    return found


def _now(holder: Any, name: str) -> Any:
    return vars(holder).get(name)


@contextmanager
def _threads_noted() -> Iterator[list[str]]:
    """Give a list that is no longer empty when a thread has begun to run in the block."""
    begun: list[str] = []

    def note(frame: FrameType, _event: str, _what: Any) -> None:
        sys.setprofile(None)  # once for each thread: what it does is no concern of ours
        begun.append(frame.f_code.co_name)

    before = threading.getprofile()
    threading.setprofile(note)
    try:
        yield begun
    finally:
        threading.setprofile(before)
