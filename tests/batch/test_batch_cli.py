"""``batch run`` on the command line, and as a process that is killed again and again."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ima_skills.cli import main
from ima_skills.schemas import open_schemas

IMA = (sys.executable, "-m", "ima_skills")
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


@pytest.mark.parametrize("words", [("batch",), ("collect",)])
def test_an_interrupt_says_what_was_spent(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Ctrl-C in a batch, or while its tasks are collected, names the tasks and points that go on."""
    env = {**os.environ, "IMA_SANDBOX": "1", "IMA_SANDBOX_SPEED": "1", "IMA_HOME": str(tmp_path / "home")}
    out = ("--out", str(tmp_path / "out"), "--json")
    ended = _interrupted((*IMA, "batch", "run", str(jobs(tmp_path)), *out), env, tmp_path, 3)
    if words == ("collect",):
        ended = _interrupted((*IMA, "tasks", "collect", "--json"), env, tmp_path, 3)
    error = json.loads(ended.stdout)
    assert (ended.returncode, error["code"], error["details"]) == (
        130,
        "interrupted",
        {"tasks": 3, "points": 6},
    ), ended
    assert "3 tasks (6 points)" in error["message"]


def _interrupted(
    words: tuple[str, ...], env: dict[str, str], tmp_path: Path, tasks: int
) -> subprocess.CompletedProcess[str]:
    """Run a command until its tasks stand in the journal, and press Ctrl-C."""
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        preexec_fn=_hear_interrupts,  # noqa: PLW1509 - no threads here, and nothing else decides what a child hears
    )
    journal = tmp_path / "home" / "ima_sandbox" / "journal.db"
    end = time.monotonic() + 30
    while time.monotonic() < end and (not journal.exists() or _accepted(journal) < tasks):
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    said, told = process.communicate(timeout=30)
    return subprocess.CompletedProcess(words, process.returncode, said, told)


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _accepted(journal: Path) -> int:
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as connection, suppress(sqlite3.Error):
        return int(connection.execute("SELECT count(*) FROM jobs WHERE state = 'accepted'").fetchone()[0])
    return 0


def test_failed_lines_are_named(tmp_path: Path, play: None) -> None:
    """The summary says which lines failed and why; the points of earlier runs are in the sum."""
    path = jobs(tmp_path, 2)
    run(str(path), "--out", str(tmp_path / "out"))
    path.write_text(path.read_text() + '{"prompt": "x"}\n')
    ran = run(str(path), "--out", str(tmp_path / "out"), "--json")
    document = json.loads(ran.stdout)
    assert open_schemas().problems("output/batch", document) == ()
    assert (ran.exit_code, document["points"], document["points_of_results"]) == (1, 0, 4)
    (failed,) = document["failures"]
    assert (failed["line"], failed["code"], "task_type" in failed["message"]) == (3, "bad-job", True)
    assert "line 3 (3): task_type is missing" in run(str(path), "--out", str(tmp_path / "out")).stdout
    assert "第 3 行（3）：" in run(str(path), "--out", str(tmp_path / "out"), "--language", "zh").stdout


def test_a_line_that_was_mended_is_no_failure_any_more(tmp_path: Path, play: None) -> None:
    """What an earlier form of a line came to is history; a results file edited by hand breaks nothing."""
    path = jobs(tmp_path, 1)
    good = path.read_text()
    path.write_text(good + "nonsense\n")
    assert run(str(path), "--out", str(tmp_path / "out")).exit_code == 1
    path.write_text(good + good.replace("job-0", "job-1"))
    results = tmp_path / "out" / "results.jsonl"
    results.write_text(results.read_text().replace('"credit": 2', '"credit": "2"') + "[" * 100_000 + "\n")
    ran = run(str(path), "--out", str(tmp_path / "out"), "--json")
    document = json.loads(ran.stdout)
    assert (ran.exit_code, document["failed"], document["failures"]) == (0, 0, [])


def test_what_is_paid_is_fetched_whatever_the_cap(tmp_path: Path) -> None:
    """A batch that was interrupted goes on under a cap of nothing: its tasks cost no more; Ctrl-C counts them again."""
    env = {**os.environ, "IMA_SANDBOX": "1", "IMA_SANDBOX_SPEED": "1", "IMA_HOME": str(tmp_path / "home")}
    words = (
        *IMA,
        "batch",
        "run",
        str(jobs(tmp_path)),
        "--out",
        str(tmp_path / "out"),
        "--json",
        "--max-points",
    )
    _interrupted((*words, "6"), env, tmp_path, 3)
    ended = _interrupted((*words, "0"), env, tmp_path, 3)
    assert json.loads(ended.stdout)["details"] == {"tasks": 3, "points": 0}, ended
    fast = {**env, "IMA_SANDBOX_SPEED": "3000"}
    ran = subprocess.run([*words, "0"], env=fast, capture_output=True, text=True, check=False)
    document = json.loads(ran.stdout)
    assert (ran.returncode, document["done"], document["points"]) == (0, 3, 0), ran
