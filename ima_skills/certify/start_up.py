"""What a plugin costs at every start: nothing where it is not needed, little where it is."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from ima_skills.certify.checks import Check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ima_skills.certify.process import Place

AREA = "start-up"
# The issue's own figures are for fifty plugins; one may not even be felt.
_MOST_VERSION_MS = 5.0
# Our choice.
MOST_LOADING_MS = 60.0
_RUNS = 4
_ROUNDS = 4
_VERSION = """
import resource, sys
from ima_skills.cli import main
try:
    main(["--version"])
except SystemExit:
    pass
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, sys.argv[1] in sys.modules)
"""


def start_checks(place: Place) -> Iterator[Check]:
    """Yield what the plugin costs where nobody needs it; the quickest of several runs counts."""
    if not sys.platform.startswith(("linux", "darwin")):
        return
    with_it, without, loaded = float("inf"), float("inf"), False
    for _ in range(_ROUNDS):
        cpu, seen = _quickest(place, with_plugin=True)
        with_it, loaded = min(with_it, cpu), loaded or seen
        without = min(without, _quickest(place, with_plugin=False)[0])
        if (with_it - without) * 1000 <= _MOST_VERSION_MS:
            break  # a busy machine makes runs slower, never quicker
    added = max(0.0, (with_it - without) * 1000)
    words = {"ms": round(added, 1), "most": _MOST_VERSION_MS}
    module = place.subject.module
    yield Check(AREA, "--version does not import it", "start-imports" if loaded else "", module)
    code = "start-slow" if added > _MOST_VERSION_MS else ""
    yield Check(AREA, "--version costs nothing more", code, module, words={**words, "what": "--version"})


def _quickest(place: Place, *, with_plugin: bool) -> tuple[float, bool]:
    environ = place.environ()
    if not with_plugin:
        environ["IMA_SKILLS_NO_THIRD_PARTY"] = "1"
        own = {str(place.site), *map(str, place.subject.folders)}
        environ["PYTHONPATH"] = ":".join(part for part in environ["PYTHONPATH"].split(":") if part not in own)
    runs = []
    for _ in range(_RUNS):
        ran = subprocess.run(  # noqa: S603 - our own code, in this very Python
            [sys.executable, "-c", _VERSION, place.subject.module],
            capture_output=True, text=True, env=environ, cwd=place.room, check=True, timeout=60,
        )  # fmt: skip
        cpu, loaded = ran.stdout.split()[-2:]
        runs.append((float(cpu), loaded == "True"))
    return min(cpu for cpu, _ in runs), any(loaded for _, loaded in runs)


def loading_checks(
    cpu_s: float, declare_s: float, heavy: Mapping[str, list[str]], module: str
) -> Iterator[Check]:
    """Yield what importing the plugin and asking its declaring hooks costs.

    Args:
        cpu_s: CPU time of the import.
        declare_s: CPU time of the declaring hooks.
        heavy: Declaring hook to the heavy modules that it imports.
        module: The plugin's module.
    """
    ms = (cpu_s + declare_s) * 1000
    words = {"ms": round(ms, 1), "most": MOST_LOADING_MS, "what": "plugins list"}
    yield Check(AREA, "loading is cheap", "start-slow" if ms > MOST_LOADING_MS else "", module, words=words)
    for hook, names in heavy.items():
        code = "hook-heavy" if names else ""
        yield Check(AREA, f"{hook} without heavy modules", code, module, hook, {"what": ", ".join(names)})
