"""What installed plugins cost: CPU of commands with 0 and with 50 of them, in one run.

Every plugin is a distribution with a hook and a command of its own. The cases take turns; the figure of a case is its
median. Exits with 1 when a target is missed.

    python benchmarks/plugins.py [--runs N] [--plugins N]
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Command to the most milliseconds of CPU that all plugins together may add; None where they are needed.
CASES: dict[tuple[str, ...], float | None] = {
    ("--version",): 10.0,
    ("--help",): 10.0,
    ("completion", "bash"): 10.0,
    ("spend", "--json"): 10.0,
    ("plugins", "list", "--json"): None,
    ("create", "a lighthouse", "--dry-run", "--sandbox", "--json"): None,
}
BODY = """from ima_skills.hookspecs import hookimpl

@hookimpl
def ima_check_request(request):
    return ()
"""


def install(folder: Path, count: int) -> None:
    """Put distributions with one plugin each into a folder."""
    for number in range(count):
        name = f"ima_bench_{number}"
        meta = folder / f"{name}-1.0.dist-info"
        meta.mkdir()
        (meta / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8"
        )
        points = (
            f"[ima_skills.plugins]\n{name} = {name}\n[ima_skills.commands]\nbench-{number} = {name}:command\n"
        )
        (meta / "entry_points.txt").write_text(points, encoding="utf-8")
        (folder / f"{name}.py").write_text(BODY, encoding="utf-8")


def cpu_ms(words: tuple[str, ...], environ: dict[str, str]) -> float:
    """Run the command once and return the milliseconds of CPU that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "ima_skills", *words], check=True, capture_output=True, env=environ, cwd=ROOT
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def main() -> int:
    """Measure, print a table and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--plugins", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ima-plugins-") as scratch:
        folder = Path(scratch, "site")
        folder.mkdir()
        install(folder, options.plugins)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("IMA_", "PYTHON"))}
        kept |= {"IMA_HOME": str(Path(scratch, "home")), "LANG": "C.UTF-8"}
        sides = {"without": kept, "with": kept | {"PYTHONPATH": str(folder)}}
        taken: dict[tuple[tuple[str, ...], str], list[float]] = {}
        for number in range(options.runs + 1):  # the first round warms bytecode and caches
            for words in CASES:
                for side, environ in sides.items():
                    cost = cpu_ms(words, environ)
                    if number:
                        taken.setdefault((words, side), []).append(cost)
    missed = False
    print(f"{'command':44} {'without':>9} {'with ' + str(options.plugins):>9} {'added':>8} {'ratio':>6}")
    for words, limit in CASES.items():
        without, with_them = (statistics.median(taken[words, side]) for side in sides)
        added = with_them - without
        over = limit is not None and added > limit
        missed = missed or over
        note = f"  over {limit:g} ms" if over else ""
        print(
            f"{' '.join(words)[:44]:44} {without:6.0f} ms {with_them:6.0f} ms {added:5.1f} ms"
            f" {with_them / without:6.2f}{note}"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
