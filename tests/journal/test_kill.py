"""The real command, killed at chosen moments: no second create by itself, and every paid result comes home.

A courier carries the create. Where the system starts no second process, it leaves from the command itself.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

# Replaces one function by itself and a SIGKILL, before or after; then runs the command as usual.
DRIVER = """
import importlib, inspect, os, signal, sys
place, when, words = sys.argv[1], sys.argv[2], sys.argv[3:]
module, _, rest = place.partition(":")
owner = importlib.import_module(module)
*path, name = rest.split(".")
for part in path:
    owner = getattr(owner, part)
real = getattr(owner, name)

def die():
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)

async def later(*given, **more):
    if when == "before":
        die()
    await real(*given, **more)
    die()

def now(*given, **more):
    if when == "before":
        die()
    real(*given, **more)
    die()

if os.environ.get("WITHOUT_COURIER"):
    from ima_skills.courier.sender import Courier
    Courier.get_ready = lambda self: None
setattr(owner, name, later if inspect.iscoroutinefunction(real) else now)
from ima_skills.cli import main
main(words)
"""
RECORD, SERVICE, STORE, COURIER, LINE = (
    "ima_skills.journal.record:FileRecord",
    "ima_skills.service:Service",
    "ima_skills.journal.store:FileJournal",
    "ima_skills.courier.sender:Courier",
    "ima_skills.courier.line:Line",
)
NOT_SENT = {
    "before it is written down": (f"{STORE}.open", "before"),
    "after it is written down": (f"{STORE}.open", "after"),
    "before a courier is there": (f"{COURIER}.get_ready", "before"),
    "before it is handed over": (f"{LINE}.hand_over", "before"),
}
ALONE = {
    "before it is sent": (f"{RECORD}.sending", "before"),
    "as it leaves": (f"{RECORD}.sending", "after"),
    "when it was accepted": (f"{RECORD}.accepted", "before"),
    "after acceptance": (f"{RECORD}.accepted", "after"),
}
HANDED_OVER = {
    "as the courier has it": (f"{LINE}.hand_over", "after"),
    "after acceptance": (f"{COURIER}.deliver", "after"),
    "while polling": (f"{SERVICE}.detail", "after"),
    "when it ended": (f"{STORE}.ended", "after"),
    "while downloading": ("ima_skills.downloading:Downloader.save", "before"),
    "between two files and the journal": (f"{STORE}.saved", "before"),
    "before anybody is told": ("ima_skills.cli.output:Output.document", "before"),
    "before it is delivered": (f"{STORE}.delivered", "before"),
}


@frozen
class Place:
    """A user's machine that knows a running sandbox."""

    environ: dict[str, str]
    sandbox: Path
    out: Path
    prompt: str

    def create(self, *words: str) -> list[str]:
        return ["create", self.prompt, "--json", "--download", str(self.out), *words]

    def run(self, *words: str) -> tuple[int, dict[str, Any]]:
        ran = subprocess.run(
            [sys.executable, "-m", "ima_skills", *words],
            capture_output=True, text=True, check=False, env=self.environ, timeout=30,
        )  # fmt: skip
        assert ran.stdout, ran.stderr
        return ran.returncode, json.loads(ran.stdout)

    def killed(self, moment: tuple[str, str], *, alone: bool = False) -> None:
        ran = subprocess.run(
            [sys.executable, "-c", DRIVER, *moment, *self.create()], capture_output=True, text=True,
            check=False, env=self.environ | ({"WITHOUT_COURIER": "1"} if alone else {}), timeout=30,
        )  # fmt: skip
        assert ran.returncode == -signal.SIGKILL, (ran.stdout, ran.stderr)

    def creates(self) -> int:
        """Return how many tasks the sandbox made and charged for this prompt."""
        memory = sqlite3.connect(self.sandbox / "sandbox.sqlite3")
        query = (
            "SELECT COUNT(*) FROM ledger WHERE kind = 'charge' AND task_id IN"
            " (SELECT id FROM tasks WHERE prompt = ?)"
        )
        try:
            return int(memory.execute(query, (self.prompt,)).fetchone()[0])
        finally:
            memory.close()

    def files(self) -> list[Path]:
        return sorted(self.out.glob("task_*.jpg")) + sorted(self.out.glob("task_*.png"))


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, serve_for_all: Callable[..., dict[str, Any]]
) -> tuple[dict[str, str], Path, Path]:
    """Serve one sandbox for all moments, and share one registry cache."""
    home, state = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("sandbox")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("IMA_")}
    environ |= {"IMA_HOME": str(home), "HOME": str(home), "LANG": "C.UTF-8", "IMA_SKILLS_NO_THIRD_PARTY": "1"}
    ready = serve_for_all(state, "--speed", "3000", env=environ)
    environ |= {"IMA_BASE_URL": ready["base_url"], "IMA_API_KEY": ready["api_key"]}
    return environ, state, home


@pytest.fixture
def place(
    running: tuple[dict[str, str], Path, Path], tmp_path: Path, request: pytest.FixtureRequest
) -> Place:
    """A user with a wish of its own."""
    environ, state, _ = running
    return Place(environ, state, tmp_path / "out", f"a kite of {request.node.name}")


@pytest.mark.parametrize("moment", NOT_SENT)
def test_killed_before_it_left(moment: str, place: Place) -> None:
    """Nothing was spent, nothing stands in the way, and the next run makes it once."""
    place.killed(NOT_SENT[moment])
    assert place.creates() == 0
    code, result = place.run(*place.create())
    assert (code, result["status"], place.creates(), len(place.files())) == (0, "success", 1, 1)


def test_killed_before_it_left_alone(place: Place) -> None:
    """The same without a courier."""
    place.killed(ALONE["before it is sent"], alone=True)
    assert place.creates() == 0
    code, result = place.run(*place.create())
    assert (code, result["status"], place.creates()) == (0, "success", 1)


@pytest.mark.parametrize(("moment", "creates"), [("as it leaves", 0), ("when it was accepted", 1)])
def test_killed_while_it_was_sent(moment: str, creates: int, place: Place) -> None:
    """Nobody knows, so it is said, again and again, and never sent; ``--resubmit`` is the user's own doing."""
    place.killed(ALONE[moment], alone=True)
    for words in ((), ("--new",)):
        code, error = place.run(*place.create(*words))
        assert (code, error["code"], place.creates()) == (7, "outcome-unknown", creates)
    assert error["details"]["points"] == 5
    assert "--resubmit" in error["hint"]
    code, listed = place.run("tasks", "show", error["details"]["jobs"][0], "--json")
    assert (code, listed["tasks"][0]["state"]) == (0, "unknown")
    code, result = place.run(*place.create("--resubmit"))
    assert (code, result["status"], place.creates()) == (0, "success", creates + 1)


@pytest.mark.parametrize("moment", HANDED_OVER)
def test_killed_after_it_was_handed_over(moment: str, place: Place) -> None:
    """The same command finds its task again and brings the result home; nothing is paid twice."""
    place.killed(HANDED_OVER[moment])
    code, result = place.run(*place.create())
    assert (code, result["status"], place.creates()) == (0, "success", 1)
    assert [str(path) for path in place.files()] == [media["path"] for media in result["medias"]]
    code, collected = place.run("tasks", "collect", "--json")
    assert (code, collected["tasks"]) == (0, [])


def test_killed_after_acceptance_alone(place: Place) -> None:
    """The same without a courier."""
    place.killed(ALONE["after acceptance"], alone=True)
    code, result = place.run(*place.create())
    assert (code, result["status"], place.creates()) == (0, "success", 1)


@pytest.mark.parametrize("moment", ["after acceptance", "while downloading"])
def test_collected_by_another_command(moment: str, place: Place) -> None:
    """``tasks collect`` knows the task and the folder that it was meant for."""
    place.killed(HANDED_OVER[moment])
    code, collected = place.run("tasks", "collect", "--json")
    assert (code, len(collected["tasks"]), collected["left"]) == (0, 1, 0)
    assert collected["tasks"][0]["files"] == [str(path) for path in place.files()]
    assert (len(place.files()), place.creates()) == (1, 1)


def test_several_at_the_same_moment(place: Place) -> None:
    """The same command in several processes at once: one create, and all of them name the same task."""
    command = [sys.executable, "-m", "ima_skills", *place.create("--no-wait")]
    running = [
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=place.environ
        )
        for _ in range(4)
    ]
    told = [json.loads(process.communicate(timeout=60)[0]) for process in running]
    assert [process.returncode for process in running] == [0] * 4, told
    assert len({result["task_id"] for result in told}) == 1
    assert place.creates() == 1
    code, collected = place.run("tasks", "collect", "--json")
    assert (code, [item["status"] for item in collected["tasks"]]) == (0, ["success"])
