"""Kill `batch run` again and again, and count what became of every line.

The real command makes the lines of a file against `sandbox serve`, and is killed with SIGKILL at a random moment
of its work; kills that come when it is through do not count. After the last kill it runs to its end. Then the
results are counted, and the service's own books are compared:

- creates: tasks that the service accepted;
- twice: lines that it accepted more than once (must be 0);
- without a word: lines with no row in results.jsonl (must be 0);
- unknown: lines whose create left without a verdict. The courier outlives the command until the verdict stands
  in the journal, so a kill of the command makes none; a kill of both would.

Usage: python benchmarks/batch_kill.py [lines] [kills] [seed]
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "ima_skills")
# One speech takes about this long here; a kill comes while a share of the lines is under way.
LONGEST_LIFE_S = 1.2
ROUNDS = 12


def start(*words: str, **options: Any) -> subprocess.Popen[str]:
    """Start the command."""
    return subprocess.Popen([*COMMAND, *words], text=True, stdout=subprocess.PIPE, **options)


def states(folder: Path) -> Counter[str]:
    """Return how many lines have which last state."""
    last: dict[Any, str] = {}
    results = folder / "out" / "results.jsonl"
    if results.exists():
        for text in results.read_text(encoding="utf-8").splitlines():
            try:
                row = json.loads(text)
            except ValueError:
                continue  # cut off by a kill; the command drops it too
            last[row["line"]] = row["status"]
    return Counter(last.values())


def kill_at_random(words: tuple[str, ...], environ: dict[str, str], kills: int, dice: random.Random) -> int:
    """Start the command and kill it, until that many kills have hit it at work."""
    struck = attempts = 0
    while struck < kills and attempts < 4 * kills:
        attempts += 1
        process = start(*words, env=environ, stderr=subprocess.DEVNULL)
        try:
            process.communicate(timeout=0.4 + dice.random() * LONGEST_LIFE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            struck += 1
        else:
            break  # through with every line
    return struck


def main() -> int:
    """Run, print the report, and return 1 when a line was paid twice or lost."""
    lines, kills, seed = (int(word) for word in (*sys.argv[1:4], *("200", "20", "1")[len(sys.argv) - 1 :]))
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    with tempfile.TemporaryDirectory(prefix="ima-batch-kill-") as scratch:
        folder = Path(scratch)
        jobs = [{"task_type": "text_to_speech", "prompt": f"line {number}"} for number in range(lines)]
        (folder / "jobs.jsonl").write_text("\n".join(map(json.dumps, jobs)) + "\n", encoding="utf-8")
        server = start("sandbox", "serve", "--speed", "60", "--state", str(folder / "service"))
        if server.stdout is None:
            raise AssertionError("the pipe was asked for")
        told = json.loads(server.stdout.readline())
        environ = {
            **os.environ, "IMA_HOME": str(folder / "home"), "IMA_BASE_URL": told["base_url"],
            "IMA_API_KEY": told["api_key"], "IMA_SKILLS_NO_THIRD_PARTY": "1",
        }  # fmt: skip
        words: tuple[str, ...] = (
            "batch", "run", str(folder / "jobs.jsonl"), "--out", str(folder / "out"), "--concurrency", "3",
            "--max-points", "100000", "--json",
        )  # fmt: skip
        started = time.monotonic()
        try:
            struck = kill_at_random(words, environ, kills, dice)
            for _ in range(ROUNDS):
                process = start(*words, env=environ, stderr=subprocess.DEVNULL)
                process.communicate()
                if sum(states(folder).values()) == lines and process.returncode in (0, 7):
                    break
        finally:
            server.terminate()
            server.communicate(timeout=30)
        with sqlite3.connect(folder / "service" / "sandbox.sqlite3") as books:
            prompts = Counter(row[0] for row in books.execute("SELECT prompt FROM tasks"))
        found = states(folder)
    twice = sum(count - 1 for count in prompts.values())
    missing = lines - sum(found.values())
    print(f"seed {seed}: {lines} lines, {struck} kills at work, {time.monotonic() - started:.0f} s")
    print(f"  creates: {sum(prompts.values())}\n  twice: {twice}\n  without a word: {missing}")
    for state, count in sorted(found.items()):
        print(f"  {state}: {count}")
    return 1 if twice or missing else 0


if __name__ == "__main__":
    sys.exit(main())
