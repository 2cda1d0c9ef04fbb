"""The process in which a plugin is certified: ``python -m ima_skills.cli.certifying``, a task on stdin, lines on stdout.

It is started by :mod:`ima_skills.certify.process` and by nobody else. Whatever the plugin writes goes to a file, so
that it can neither be mistaken for an answer nor be missed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ima_skills.certify.bench import Bench
    from ima_skills.certify.influences import Influences
    from ima_skills.certify.watch import Watch


def main() -> None:
    """Do the task that stdin names."""
    task = json.loads(sys.stdin.read())
    room = Path(task["room"])
    tell = _own_voice(room)
    from ima_skills.certify.watch import Watch

    watch = Watch(room)
    # From here on the time that passes is the plugin's.
    import_module("ima_skills.plugin_set")
    tell({"ready": True})
    if task["stage"] == "import":
        tell(_import_stage(task, watch, room))
    elif task["stage"] == "digests":
        from ima_skills.certify.steadiness import digests
        from ima_skills.plugin_faults import Fence

        with Fence() as fence:
            tell({"digests": digests(_bench(task, watch, room))})
        if fence.error is not None:  # what breaks here has been told where it was looked at
            tell({"digests": None})
    else:
        from ima_skills.certify.contract import hold

        hold(_bench(task, watch, room), tell, set(task["skip"]))
        tell({"over": True})


def _own_voice(room: Path) -> Callable[[dict[str, Any]], None]:
    """Return how to answer, and let everything else that is written end in a file."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    aside = os.open(room / "printed.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(aside, 1)
    os.dup2(aside, 2)

    def tell(line: dict[str, Any]) -> None:
        answers.write(json.dumps(line, default=str) + "\n")
        answers.flush()

    return tell


def _import_stage(task: Mapping[str, Any], watch: Watch, room: Path) -> dict[str, Any]:
    from attrs import asdict

    from ima_skills.certify.importing import import_watched

    watch.start()
    found = import_watched(task["module"], watch, _influences(task))
    sys.stdout.flush()
    sys.stderr.flush()
    printed = (room / "printed.txt").read_text(encoding="utf-8", errors="replace")
    declare_s, heavy = (0.0, {}) if found.fault else _declaring(sys.modules[task["module"]])
    return {"imported": asdict(found), "printed": printed, "declare_s": declare_s, "declare_heavy": heavy}


def _declaring(module: Any) -> tuple[float, dict[str, list[str]]]:
    """Return the CPU time of the declaring hooks, and the heavy modules of each; what they raise is looked at elsewhere."""
    from ima_skills.certify.importing import HEAVY
    from ima_skills.plugin_faults import Fence

    heavy, start = {}, time.process_time()
    for hook in ("ima_modalities", "ima_quirks", "ima_registry_roots", "ima_schema_roots"):
        known = set(sys.modules)
        with Fence():
            tuple(getattr(module, hook, tuple)() or ())
        if hasattr(module, hook):
            heavy[hook] = [name for name in HEAVY if name in set(sys.modules) - known]
    return time.process_time() - start, heavy


def _influences(task: Mapping[str, Any]) -> Influences:
    from ima_skills.certify.influences import Influences

    influences = Influences(task["module"].partition(".")[0])
    influences.start()
    return influences


def _bench(task: Mapping[str, Any], watch: Watch, room: Path) -> Bench:
    """Import the plugin, with every witness in place."""
    from ima_skills.certify.bench import Bench
    from ima_skills.cli.registry import check_document
    from ima_skills.plugin_set import FIRST_PARTY

    watch.start()
    influences = _influences(task)
    with watch.over():
        module = import_module(task["module"])
    # A name that the first party has is told as a fault of its own; everything else can be looked at all the same.
    name = f"{task['name']} of others" if task["name"] in FIRST_PARTY else task["name"]
    printed = room / "printed.txt"
    (room / "work").mkdir(exist_ok=True)
    left_out = set(task["left_out"])
    return Bench(name, module, watch, check_document, room / "work", influences, printed, left_out)


if __name__ == "__main__":
    main()
