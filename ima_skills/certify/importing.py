"""What happens when a plugin's module is imported, seen from within a process of its own."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.certify.checks import Check, absent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

    from ima_skills.certify.watch import Watch

AREA = "import"
# Slow to import, and none of them is needed to declare anything.
HEAVY = (
    "PIL", "av", "aiohttp", "asyncio", "cv2", "httpx", "jsonschema", "keyring", "matplotlib", "mcp", "multiprocessing",
    "numpy", "pandas", "requests", "rich", "scipy", "sqlite3", "tensorflow", "torch", "unittest", "urllib3", "uvicorn",
)  # fmt: skip
# Our choice: what a start may cost a person without being felt, and what a busy machine adds.
MOST_SECONDS = 0.25


@frozen
class Imported:
    """What was seen.

    Attributes:
        fault: Why it failed; empty when it did not.
        seconds: Wall time.
        cpu_s: CPU time.
        heavy: Heavy modules that came with it.
        changed: What it changed around it: ``environment``, ``folder``, ``threads`` or ``path``.
        deeds: What it did that is forbidden, as pairs of deed and object.
    """

    fault: str
    seconds: float
    cpu_s: float
    heavy: tuple[str, ...]
    changed: tuple[str, ...]
    deeds: tuple[tuple[str, str], ...]


def import_watched(module: str, watch: Watch) -> Imported:
    """Import a module and return what happened; call it first thing in a fresh process."""
    # What every plugin may use is there already when the core looks at plugins.
    import_module("ima_skills.plugin_set")
    gc.collect()
    known, before = set(sys.modules), _surroundings()
    fault, start, cpu = "", time.perf_counter(), time.process_time()
    with watch.over() as deeds, _threads_noted() as threads:
        try:
            import_module(module)
        except BaseException as error:  # noqa: BLE001 - whatever it raises is what we came to see
            fault = f"{type(error).__name__}: {error}"
        seconds, cpu_s = time.perf_counter() - start, time.process_time() - cpu
    fresh = {name.partition(".")[0] for name in set(sys.modules) - known}
    after = _surroundings()
    changed = {name for name, value in before.items() if after[name] != value}
    # A thread that has ended by now was started all the same.
    changed |= {"threads"} if threads else set()
    return Imported(
        fault,
        seconds,
        cpu_s,
        tuple(name for name in HEAVY if name in fresh),
        tuple(name for name in before if name in changed),
        tuple((seen.deed, seen.what) for seen in deeds),
    )


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


def _surroundings() -> Mapping[str, Any]:
    return {
        "environment": dict(os.environ),
        "folder": os.getcwd(),  # noqa: PTH109 - compared, not opened
        "threads": threading.active_count(),
        "path": list(sys.path),
    }


def import_checks(found: Imported, module: str, printed: str, key: str) -> Iterator[Check]:
    """Yield the checks of an import.

    Args:
        found: What was seen.
        module: The module.
        printed: What it wrote to stdout and stderr.
        key: The API key that it could have seen.
    """
    yield Check(AREA, "loads", "import-fails" if found.fault else "", module, words={"fault": found.fault})
    for deed in ("network", "writes", "process"):
        objects = [what for done, what in found.deeds if done == deed]
        words = {"what": ", ".join(dict.fromkeys(objects))}
        yield Check(AREA, f"no {deed}", f"import-{deed}" if objects else "", module, words=words)
    slow = found.seconds > MOST_SECONDS
    times = {"ms": round(found.seconds * 1000), "most": round(MOST_SECONDS * 1000)}
    yield Check(AREA, "quick", "import-slow" if slow else "", module, words=times)
    shown = printed.replace(key, "")
    yield Check(AREA, "prints nothing", "import-prints" if shown.strip() else "", module)
    yield Check(AREA, "keeps the key to itself", "import-prints-key" if key in printed else "", module)
    for name in ("environment", "folder", "threads", "path"):
        code = "import-changes" if name in found.changed else ""
        yield Check(AREA, f"leaves the {name} alone", code, module, words={"what": name})
    for name in HEAVY:
        code = "import-heavy" if name in found.heavy else ""
        yield Check(AREA, f"without {name}", code, module, words={"what": name})


def absent_checks() -> Iterator[Check]:
    """Yield what could not be looked at because the module does not load."""
    for area in ("hooks", "registry", "words", "quirks", "prices", "containment", "examples"):
        yield absent(area, "needs a module that loads")
