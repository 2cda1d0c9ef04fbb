"""The fault campaign: the real command as a process, killed and lied to at random, against `sandbox serve`.

Every run is one wish with a prompt of its own. It is made by `ima-skills create`, killed with SIGKILL at a
random moment in two of five runs, under a random scenario of faults, then asked for again until it ends;
`tasks collect` finishes what is left. Some starts of the command also meet a disk on which no file may grow
beyond a few kilobytes, a home that cannot be written, or a clock that is wrong by up to three days either way. In
the end the service's own books are compared with ours:

- duplicate creates: wishes that the service was charged for more than once;
- accepted jobs without a record: tasks at the service of which our journal knows nothing;
- results not recovered: tasks that our journal knows as accepted and that never became a result.

All three must be 0. Usage: python benchmarks/campaign.py [runs] [seed]
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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

RUNS_PER_SERVER = 20
AGAIN = 4
KILLED = 0.4
# Of the starts of the command: those that meet a full disk, a read-only home, a wrong clock.
FULL_DISK, READ_ONLY, WRONG_CLOCK = 0.06, 0.03, 0.15
# Python imports a module of this name at its start: it sets the clock that the command sees.
CLOCK = """import os, time
_real, _off = time.time, float(os.environ["CAMPAIGN_CLOCK_OFF_BY"])
time.time = lambda: _real() + _off
time.time_ns = lambda: int((_real() + _off) * 1e9)
"""
FAULTS: tuple[dict[str, Any], ...] = (
    {"on": "create", "kind": "drop", "when": "before"},
    {"on": "create", "kind": "drop", "when": "after"},
    {"on": "create", "kind": "http", "status": 502, "body": "html", "when": "before"},
    {"on": "create", "kind": "http", "status": 500, "body": "html", "when": "after"},
    {"on": "create", "kind": "http", "status": 500, "body": "empty", "when": "after"},
    {"on": "create", "kind": "refuse", "code": 500},
    {"on": "create", "kind": "refuse", "code": 429},
    {"on": "create", "kind": "refuse", "code": 6010},
    {"on": "create", "kind": "omit-id"},
    {"on": "detail", "kind": "http", "status": 502, "body": "html"},
    {"on": "detail", "kind": "http", "status": 429, "body": "json"},
    {"on": "detail", "kind": "drop", "when": "before"},
    {"on": "detail", "kind": "refuse", "code": 500},
    {"on": "list", "kind": "http", "status": 503, "body": "html"},
    {"on": "list", "kind": "drop", "when": "before"},
    {"on": "cdn", "kind": "bytes", "how": "cut"},
    {"on": "cdn", "kind": "bytes", "how": "empty"},
)


def scenario(dice: random.Random) -> str:
    """Return a scenario in which about every third call of some kinds goes wrong."""
    rows = []
    for fault in dice.sample(FAULTS, 7):
        calls = sorted(dice.sample(range(1, 60), 9))
        rows.append(
            "\n".join(
                ["[[fault]]", *(f"{k} = {json.dumps(v)}" for k, v in fault.items()), f"calls = {calls}"]
            )
        )
    return "\n\n".join(rows) + "\n"


class Server:
    """One `sandbox serve` with its scenario."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        self.folder, self.home = folder, folder / "home"
        self.dice = dice
        (folder / "scenario.toml").write_text(scenario(dice))
        (folder / "clock").mkdir()
        (folder / "clock" / "sitecustomize.py").write_text(CLOCK)
        words = ["sandbox", "serve", "--speed", "600", "--state", str(folder / "service")]
        self.process = subprocess.Popen(
            [*COMMAND, *words, "--scenario", str(folder / "scenario.toml")], stdout=subprocess.PIPE, text=True
        )
        if self.process.stdout is None:
            raise AssertionError("the pipe was asked for")
        told = json.loads(self.process.stdout.readline())
        self.env = {
            **os.environ,
            "IMA_HOME": str(self.home),
            "IMA_BASE_URL": told["base_url"],
            "IMA_API_KEY": told["api_key"],
            "IMA_SKILLS_NO_THIRD_PARTY": "1",
        }

    def stop(self) -> None:
        """End the server."""
        self.process.terminate()
        self.process.communicate(timeout=30)

    def ask(self, *words: str, kill_after: float | None = None, trouble: str = "") -> tuple[int | None, bool]:
        """Run a command; return its exit code, None when it was killed, and whether its answer is complete.

        Args:
            words: The command line.
            kill_after: Seconds until it is killed.
            trouble: ``disk``, ``home`` or ``clock``.
        """
        prefix: list[str] = []
        env = dict(self.env)
        if trouble == "disk":  # blocks of 1 KiB, and no signal for what is beyond them
            prefix = [
                "bash",
                "-c",
                f"trap '' XFSZ; ulimit -f {self.dice.choice((0, 4, 60, 200))}; exec \"$@\"",
                "-",
            ]
        elif trouble == "home":
            env["IMA_HOME"] = "/proc/self/nowhere"
        elif trouble == "clock":
            env["PYTHONPATH"] = str(self.folder / "clock")
            env["CAMPAIGN_CLOCK_OFF_BY"] = str(self.dice.uniform(-3, 3) * 86_400)
        process = subprocess.Popen(
            [*prefix, *COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, text=True
        )
        try:
            told, _ = process.communicate(timeout=kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            told, _ = process.communicate()
            return None, _is_document(told)
        return process.returncode, _is_document(told)

    def rows(self, file: Path, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query; nothing where the file was never made."""
        if not file.exists():
            return []
        with sqlite3.connect(file) as database:
            return database.execute(query).fetchall()


def one(server: Server, number: int, dice: random.Random, found: Counter[str]) -> None:
    """Make one wish until it ends: done, refused, or known as unknown."""
    out = str(server.folder / "out")
    task_type = dice.choice(["text_to_speech", "text_to_speech", "text_to_image"])
    extra = ["-p", "aspect_ratio=1:1"] if task_type == "text_to_image" else []
    words = [
        "create",
        f"wish {number}",
        "-t",
        task_type,
        *extra,
        "--download",
        out,
        "--deadline",
        "20",
        "--json",
    ]
    for _ in range(AGAIN):
        killed = dice.random() < KILLED
        trouble = _trouble(dice)
        found[f"met a bad {trouble}"] += bool(trouble)
        code, answered = server.ask(
            *words, kill_after=0.15 + dice.random() * 1.2 if killed else 90, trouble=trouble
        )
        found[f"exit {code}" if code is not None else "killed"] += 1
        # Whoever has the whole answer asks no more, even if the process died on its way out.
        if code in (0, 7) or (code is None and answered):
            return


def _trouble(dice: random.Random) -> str:
    """Return what one start of the command meets; mostly nothing."""
    drawn = dice.random()
    for name, share in (("disk", FULL_DISK), ("home", READ_ONLY), ("clock", WRONG_CLOCK)):
        if drawn < share:
            return name
        drawn -= share
    return ""


def _is_document(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def judge(server: Server, found: Counter[str]) -> None:
    """Compare the service's books with ours."""
    service = server.folder / "service" / "sandbox.sqlite3"
    tasks = server.rows(service, "SELECT id, prompt FROM tasks")
    found["creates"] += len(tasks)
    found["duplicate creates"] += sum(count - 1 for count in Counter(prompt for _, prompt in tasks).values())
    known: dict[str, str] = {}
    unknown = 0
    for file in (server.home / "ima_journal.db", server.home / "ima_sandbox" / "journal.db"):
        for task_id, state in server.rows(file, "SELECT task_id, state FROM jobs"):
            if task_id:
                known[task_id] = state
            unknown += state == "unknown"
    unrecorded = [task_id for task_id, _ in tasks if task_id not in known]
    # A create that nobody heard a verdict of stands in the journal as unknown, without the service's id.
    found["unknown, and said so"] += unknown
    found["accepted without a record"] += max(0, len(unrecorded) - unknown)
    found["not recovered"] += sum(state not in ("success", "failed") for state in known.values())


def campaign(number: int, runs: int, seed: int) -> Counter[str]:
    """Run one server's share."""
    dice, found = random.Random(f"{seed}-{number}"), Counter[str]()  # noqa: S311 - repeatable on purpose
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), dice)
        try:
            for run in range(runs):
                one(server, run, dice, found)
            collect = ("tasks", "collect", "--download", str(server.folder / "out"), "--json")
            for _ in range(6):
                if server.ask(*collect, kill_after=120)[0] == 0:
                    break
            judge(server, found)
        finally:
            server.stop()
    found["runs"] += runs
    return found


COMMAND = [sys.executable, "-m", "ima_skills"]
MUST_BE_ZERO = ("duplicate creates", "accepted without a record", "not recovered")


def main() -> int:
    """Run the campaign and print its report; exits with 1 when something was lost or paid twice."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1  # noqa: PLR2004 - the second argument
    started, total = time.monotonic(), Counter[str]()
    shares = [min(RUNS_PER_SERVER, runs - begun) for begun in range(0, runs, RUNS_PER_SERVER)]
    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda pair: campaign(pair[0], pair[1], seed), enumerate(shares)):
            total += found
            total.update(dict.fromkeys(MUST_BE_ZERO, 0))
    del total["met a bad "]
    print(f"seed {seed}, {total['runs']} runs in {time.monotonic() - started:.0f} s")
    for name in sorted(total):
        print(f"  {name}: {total[name]}")
    return 1 if any(total[name] for name in MUST_BE_ZERO) else 0


if __name__ == "__main__":
    sys.exit(main())
