"""``batch run`` on the command line, and as a process that is killed again and again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ima_skills.cli import main
from ima_skills.schemas import open_schemas

LINES = 24
KILLS = 4


def jobs(tmp_path: Path, count: int = 3) -> Path:
    path = tmp_path / "jobs.jsonl"
    row = {"task_type": "text_to_speech", "prompt": "hello there"}
    path.write_text("".join(json.dumps({**row, "id": f"job-{n}"}) + "\n" for n in range(count)))
    return path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["batch", "run", *words])


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMA_SANDBOX", "1")
    monkeypatch.setenv("IMA_SANDBOX_SPEED", "600")


def test_a_batch_and_its_summary(tmp_path: Path, play: None) -> None:
    """One document on stdout, results and media in the folder, progress on stderr."""
    ran = run(str(jobs(tmp_path)), "--out", str(tmp_path / "out"), "--json")
    assert ran.exit_code == 0, ran.stderr
    document = json.loads(ran.stdout)
    assert open_schemas().problems("output/batch", document) == ()
    assert (document["done"], document["points"], document["sandbox"]) == (3, 6, True)
    rows = [json.loads(text) for text in Path(document["results"]).read_text().splitlines()]
    assert {row["id"] for row in rows} == {"job-0", "job-1", "job-2"}
    assert all(Path(row["medias"][0]["path"]).stat().st_size > 500 for row in rows)
    assert "3 of 3 done" in ran.stderr


def test_no_real_points_without_consent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither cap nor --yes: nothing is sent, exit code 4."""
    monkeypatch.setenv("IMA_API_KEY", "ima_real")
    ran = run(str(jobs(tmp_path)), "--out", str(tmp_path / "out"), "--json")
    assert ran.exit_code == 4
    assert json.loads(ran.stdout)["code"] == "needs-consent"


def test_chinese(tmp_path: Path, play: None) -> None:
    """The summary speaks Chinese."""
    ran = run(str(jobs(tmp_path, 1)), "--out", str(tmp_path / "out"), "--language", "zh", "--no-download")
    assert ran.exit_code == 0
    assert "共 1 行，已完成 1" in ran.stdout


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "IMA_HOME": str(tmp_path / "home"), "IMA_SKILLS_NO_THIRD_PARTY": "1", **more}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills as POSIX knows them")
def test_killed_again_and_again(tmp_path: Path, serve_process: Callable[..., dict[str, Any]]) -> None:
    """SIGKILL at random moments: in the end every line has one result and one create, or is known as unknown."""
    told = serve_process(tmp_path / "service", "--speed", "60")
    env = environment(tmp_path, IMA_BASE_URL=told["base_url"], IMA_API_KEY=told["api_key"])
    words = ["batch", "run", str(jobs(tmp_path, LINES)), "--out", str(tmp_path / "out"), "--concurrency", "3"]
    command = [sys.executable, "-m", "ima_skills", *words, "--max-points", "1000", "--json"]
    dice = random.Random(7)  # noqa: S311 - a repeatable run, nothing secret
    for _ in range(KILLS):
        victim = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
        time.sleep(0.6 + dice.random())
        victim.kill()
        victim.wait()
    last = subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=120)
    assert last.returncode in (0, 7), last.stdout + last.stderr
    rows = [json.loads(text) for text in (tmp_path / "out" / "results.jsonl").read_text().splitlines()]
    final = [row for row in rows if row["status"] == "success"]
    unknown = {row["id"] for row in rows if row["status"] == "unknown"} - {row["id"] for row in final}
    assert len({row["id"] for row in final}) == len(final), "a line ran twice"
    assert len(final) + len(unknown) == LINES
    # A create that was killed between leaving and its verdict may have been taken or not.
    assert len(final) <= creates(tmp_path) <= len(final) + len(unknown)


def creates(tmp_path: Path) -> int:
    """Return how many creates the service has charged."""
    import sqlite3

    (path,) = (tmp_path / "service").glob("sandbox.sqlite3")
    with sqlite3.connect(path) as database:
        found: int = database.execute("SELECT count(*) FROM ledger WHERE kind = 'charge'").fetchone()[0]
    return found
