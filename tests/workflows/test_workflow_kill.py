"""The film of 旺财 by the real command on a real sandbox, killed in the middle: no step is paid twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

WISH = "帮我做个产品宣传MV，有背景音乐，主角是旺财小狗"
# Dies at the n-th call of one function, before or after it; else runs the command as usual.
DRIVER = """
import importlib, os, signal, sys
place, when, number, words = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
module, _, rest = place.partition(":")
owner, name = importlib.import_module(module), rest.split(".")[-1]
for part in rest.split(".")[:-1]:
    owner = getattr(owner, part)
real, calls = getattr(owner, name), [0]

def dying(*given, **more):
    calls[0] += 1
    last = calls[0] == number
    if last and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    answer = real(*given, **more)
    if last:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

setattr(owner, name, dying)
if "FileRecord" in place:  # otherwise a courier writes there
    from ima_skills.courier.sender import Courier
    Courier.get_ready = lambda self: None
from ima_skills.cli import main
main(words)
"""
RECORD = "ima_skills.journal.record:FileRecord.accepted"
SAVE = "ima_skills.workflows.store:PlanStore.save_record"
# Place, before or after, at which call.
MOMENTS = {
    "the second picture is accepted, and only the journal knows": (
        "ima_skills.service:Service.accepted",
        "before",
        2,
    ),
    "the picture is made, and the plan does not know": (SAVE, "before", 4),
    "the picture is made, and the journal does not know": (SAVE, "after", 4),
}


class Machine:
    """A user's machine with a served sandbox."""

    def __init__(self, home: Path, state: Path, ready: dict[str, Any]) -> None:
        self.state = state
        self.before = 0
        self.before = len(self.charged())
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("IMA_")}
        self.environ |= {
            "IMA_HOME": str(home), "HOME": str(home), "LANG": "C.UTF-8", "IMA_SKILLS_NO_THIRD_PARTY": "1",
            "IMA_BASE_URL": ready["base_url"], "IMA_API_KEY": ready["api_key"],
        }  # fmt: skip

    def run(self, *words: str) -> tuple[int, dict[str, Any]]:
        ran = subprocess.run(
            [sys.executable, "-m", "ima_skills", *words, "--json"],
            capture_output=True, text=True, check=False, env=self.environ, timeout=60,
        )  # fmt: skip
        assert ran.stdout, ran.stderr
        return ran.returncode, json.loads(ran.stdout)

    def killed(self, moment: tuple[str, str, int], *words: str) -> None:
        ran = subprocess.run(
            [sys.executable, "-c", DRIVER, moment[0], moment[1], str(moment[2]), *words],
            capture_output=True, text=True, check=False, env=self.environ, timeout=60,
        )  # fmt: skip
        assert ran.returncode == -signal.SIGKILL, (ran.stdout, ran.stderr)

    def charged(self) -> list[int]:
        """Return the points of every task that the sandbox has charged for since this test began."""
        memory = sqlite3.connect(self.state / "sandbox.sqlite3")
        try:
            rows = memory.execute("SELECT points FROM ledger WHERE kind = 'charge' ORDER BY rowid")
            return sorted([abs(int(row[0])) for row in rows][self.before :])
        finally:
            memory.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """One served sandbox for all moments."""
    state = tmp_path_factory.mktemp("sandbox")
    words = ("sandbox", "serve", "--speed", "3000", "--state", str(state))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("IMA_")}
    with subprocess.Popen(
        [sys.executable, "-m", "ima_skills", *words], stdout=subprocess.PIPE, text=True, env=environ
    ) as server:
        assert server.stdout is not None
        yield state, json.loads(server.stdout.readline())
        server.terminate()


@pytest.fixture
def machine(tmp_path: Path, served: tuple[Path, dict[str, Any]]) -> Machine:
    """A machine of its own for each test."""
    return Machine(tmp_path / "home", *served)


def test_the_film_killed_in_the_middle(machine: Machine, tmp_path: Path) -> None:
    """Killed while the film is made: shown as partly done, gone on with by the same command, paid once each."""
    small = ("--step", "image-1.param.size=2k", "--step", "video-1.param.resolution=720P")
    code, plan = machine.run("plan", WISH, *small)
    assert code == 0, plan
    words = ("run", plan["plan_id"], "--confirm", plan["plan_hash"][:12], "--download", str(tmp_path / "out"))
    record = Path(plan["path"]).with_suffix(".run.json")
    with subprocess.Popen(
        [sys.executable, "-m", "ima_skills", *words], env=machine.environ, stderr=subprocess.DEVNULL
    ) as process:
        for _ in range(1200):
            steps = json.loads(record.read_text())["steps"] if record.exists() else {}
            if steps.get("video-1", {}).get("task_id"):
                break
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.02)
        code, shown = machine.run("workflows", "show", plan["plan_id"])
        assert (code, shown["status"]) == (0, "running")
        assert machine.run(*words)[1]["code"] == "workflow-running"
        process.kill()
    code, shown = machine.run("workflows", "show", plan["plan_id"])
    assert (shown["status"], shown["run"]["done"], shown["plan"]["points_left"]) == ("partial", 1, 30)
    code, ran = machine.run(*words)
    assert (code, ran["ok"], ran["points"], ran["spent"]) == (0, True, 30, plan["points"])
    assert [step["outcome"] for step in ran["steps"]] == ["reused", "success", "success"]
    image, video, music = (step["points"] for step in plan["steps"])
    assert machine.charged() == sorted((image, video, music))
    made = [step["outputs"][0] for step in ran["steps"]]
    assert [Path(item["path"]).stat().st_size for item in made] == [item["bytes"] for item in made]
    assert made[1]["duration_s"] == pytest.approx(5.0, abs=0.2)
    assert made[2]["duration_s"] >= made[1]["duration_s"]


@pytest.mark.parametrize("name", MOMENTS)
def test_killed_at_any_moment(name: str, machine: Machine, tmp_path: Path) -> None:
    """Whatever was written down by then, the same command ends with both pictures, each paid once."""
    first = {"id": "image-1", "task_type": "text_to_image", "params": {"size": "2k"}}
    uses = [{"step": "image-1", "role": "source"}]
    chain = [first, {**first, "id": "image-2", "task_type": "image_to_image", "uses": uses}]
    source = tmp_path / "chain.json"
    source.write_text(json.dumps({"prompt": "a kite", "steps": chain}))
    plan = machine.run("plan", "--from", str(source))[1]
    command = ("run", plan["plan_id"], "--confirm", plan["plan_hash"])
    machine.killed(MOMENTS[name], *command)
    code, ran = machine.run(*command)
    assert (code, ran["ok"], ran["spent"]) == (0, True, 10)
    assert machine.charged() == [5, 5]


def test_killed_while_it_was_sent(machine: Machine) -> None:
    """Nobody knows whether it was accepted: exit code 7 until the step is named with --resubmit."""
    plan = machine.run("plan", "a kite", "--targets", "image", "--step", "image-1.param.size=2k")[1]
    command = ("run", plan["plan_id"], "--confirm", plan["plan_hash"])
    machine.killed((RECORD, "before", 1), *command)
    code, ran = machine.run(*command)
    assert (code, ran["points"], ran["steps"][0]["state"]) == (7, 0, "unknown")
    assert machine.charged() == [5]
    code, ran = machine.run(*command, "--resubmit", "image-1")
    assert (code, ran["ok"]) == (0, True)
    assert machine.charged() == [5, 5]
    code, ran = machine.run(*command, "--resubmit", "image-1")
    assert (code, ran["points"], machine.charged()) == (0, 0, [5, 5])
