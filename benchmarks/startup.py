"""Start-up in CPU time, as ratios against ``python -c "import click"`` measured in the same run.

Ratios, because seconds depend on the machine. The cases take turns, so that a busy moment hits all
of them; the figure of a case is its median. Exits with 1 when a target is missed.

    python benchmarks/startup.py [--runs N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BASE = "import click"
COMMAND = ("-m", "ima_skills")
CREATE = ("create", "a lighthouse", "--dry-run", "--sandbox", "--json")
# Case to the arguments of Python and the ratio that may not be exceeded.
CASES: dict[str, tuple[tuple[str, ...], float]] = {
    BASE: (("-c", BASE), 1.0),
    "import ima_skills": (("-c", "import ima_skills"), 1.3),
    "ima-skills --version": ((*COMMAND, "--version"), 1.5),
    "ima-skills --help": ((*COMMAND, "--help"), 1.5),
    "ima-skills models list --offline": ((*COMMAND, "models", "list", "--offline"), 2.5),
    "ima-skills create --dry-run --sandbox --json": ((*COMMAND, *CREATE), 8.0),
}


def cpu_seconds(arguments: tuple[str, ...], environ: dict[str, str]) -> float:
    """Run Python once and return the CPU seconds that it and its children took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environ, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def measure(runs: int) -> dict[str, float]:
    """Return the median CPU seconds of every case."""
    with tempfile.TemporaryDirectory(prefix="ima-startup-") as home:
        hidden = ("IMA_", "PYTHON", "COV_")
        environ = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        environ |= {"IMA_HOME": home, "LANG": "C.UTF-8"}
        taken: dict[str, list[float]] = {case: [] for case in CASES}
        # The first round warms bytecode, disk and our own cache, and does not count.
        for number in range(runs + 1):
            for case, (arguments, _) in CASES.items():
                seconds = cpu_seconds(arguments, environ)
                if number:
                    taken[case].append(seconds)
    return {case: statistics.median(seconds) for case, seconds in taken.items()}


def main() -> int:
    """Measure, print the table, and say whether every target is met."""
    parser = argparse.ArgumentParser(description="Measure start-up as CPU ratios.")
    parser.add_argument("--runs", type=int, default=9, help="runs per case (default 9)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    medians = measure(options.runs)
    ratios = {case: seconds / medians[BASE] for case, seconds in medians.items()}
    missed = [case for case, ratio in ratios.items() if ratio > CASES[case][1]]
    if options.json:
        rows = [
            {"case": case, "cpu_ms": medians[case] * 1000, "ratio": ratio, "target": CASES[case][1]}
            for case, ratio in ratios.items()
        ]
        print(json.dumps({"cases": rows, "missed": missed}))
        return 1 if missed else 0
    for case, ratio in ratios.items():
        mark = "  MISSED" if case in missed else ""
        print(f"{case:46}{medians[case] * 1000:8.1f} ms{ratio:7.2f}x  (at most {CASES[case][1]}x){mark}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
