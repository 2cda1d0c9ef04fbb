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
    else:
        _contract_stage(task, watch, room, tell)
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
    found = import_watched(task["module"], watch)
    sys.stdout.flush()
    sys.stderr.flush()
    printed = (room / "printed.txt").read_text(encoding="utf-8", errors="replace")
    declare_s = 0.0 if found.fault else _declaring(sys.modules[task["module"]])
    return {"imported": asdict(found), "printed": printed, "declare_s": declare_s}


def _declaring(module: Any) -> float:
    """Return the CPU time of the declaring hooks; what they raise is looked at elsewhere."""
    from contextlib import suppress

    start = time.process_time()
    for hook in ("ima_modalities", "ima_quirks", "ima_registry_roots", "ima_schema_roots"):
        with suppress(Exception, SystemExit):
            tuple(getattr(module, hook, tuple)() or ())
    return time.process_time() - start


def _contract_stage(
    task: Mapping[str, Any], watch: Watch, room: Path, tell: Callable[[dict[str, Any]], None]
) -> None:
    from ima_skills.certify.bench import Bench
    from ima_skills.certify.contract import hold
    from ima_skills.cli.registry import check_document
    from ima_skills.plugin_set import FIRST_PARTY

    watch.start()
    with watch.over():
        module = import_module(task["module"])
    # A name that the first party has is told as a fault of its own; everything else can be looked at all the same.
    name = f"{task['name']} of others" if task["name"] in FIRST_PARTY else task["name"]
    bench = Bench(name, module, watch, check_document, room / "work", set(task["left_out"]))
    (room / "work").mkdir(exist_ok=True)
    hold(bench, tell, set(task["skip"]))


if __name__ == "__main__":
    main()
