"""What happens when a plugin's module is imported, seen from within a process of its own."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.certify.checks import Check, absent
from ima_skills.certify.surroundings import NAMES, changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.certify.influences import Influences
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
        changed: What it changed around it: some of :data:`~ima_skills.certify.surroundings.NAMES`.
        deeds: What it did that is forbidden, as pairs of deed and object.
        depends: What it asked that is the same on no two machines: environment, clock, chance.
    """

    fault: str
    seconds: float
    cpu_s: float
    heavy: tuple[str, ...]
    changed: tuple[str, ...]
    deeds: tuple[tuple[str, str], ...]
    depends: tuple[str, ...] = ()


def import_watched(module: str, watch: Watch, influences: Influences) -> Imported:
    """Import a module and return what happened; call it first thing in a fresh process.

    Args:
        module: The module.
        watch: Sees what its code does.
        influences: Notes what its code asks.
    """
    # What every plugin may use is there already when the core looks at plugins.
    import_module("ima_skills.plugin_set")
    known = set(sys.modules)
    fault, start, cpu = "", time.perf_counter(), time.process_time()
    with watch.over() as deeds, influences.over() as depends, changes() as changed:
        try:
            import_module(module)
        except BaseException as error:  # noqa: BLE001 - whatever it raises is what we came to see
            fault = f"{type(error).__name__}: {error}"
        seconds, cpu_s = time.perf_counter() - start, time.process_time() - cpu
    fresh = {name.partition(".")[0] for name in set(sys.modules) - known}
    return Imported(
        fault,
        seconds,
        cpu_s,
        tuple(name for name in HEAVY if name in fresh),
        tuple(changed),
        tuple((seen.deed, seen.what) for seen in deeds),
        tuple(depends),
    )


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
    for name in NAMES:
        code = "import-changes" if name in found.changed else ""
        yield Check(AREA, f"leaves the {name} alone", code, module, words={"what": name})
    code = "import-depends" if found.depends else ""
    yield Check(AREA, "asks for nothing", code, module, words={"what": ", ".join(found.depends)})
    for name in HEAVY:
        code = "import-heavy" if name in found.heavy else ""
        yield Check(AREA, f"without {name}", code, module, words={"what": name})


def absent_checks() -> Iterator[Check]:
    """Yield what could not be looked at because the module does not load."""
    for area in ("hooks", "registry", "words", "quirks", "prices", "containment", "examples"):
        yield absent(area, "needs a module that loads")
