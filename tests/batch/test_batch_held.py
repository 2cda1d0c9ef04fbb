"""A batch says why lines are left, once for each cause, with the next step."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from ima_skills.batch import Tally
from ima_skills.cli import main
from ima_skills.errors import DeadlineError, NetworkError
from ima_skills.schemas import open_schemas

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key, and a service where nobody listens."""
    monkeypatch.setenv("IMA_API_KEY", "ima_test_key")
    monkeypatch.setenv("IMA_BASE_URL", "http://127.0.0.1:9")


def run(tmp_path: Path, *words: str) -> Result:
    path = tmp_path / "jobs.jsonl"
    row = {"task_type": "text_to_image", "prompt": "a kite"}
    path.write_text("".join(json.dumps(row) + "\n" for _ in range(3)))
    return CliRunner().invoke(
        main, ["batch", "run", str(path), "--out", str(tmp_path / "out"), "--max-points", "50", *words]
    )


def test_without_a_network_the_cause_is_said_once(tmp_path: Path, unreachable: None) -> None:
    """Three lines that could not be sent have one cause: its code, its sentence and the next step."""
    ran = run(tmp_path)
    assert ran.exit_code == 5
    (line,) = [line for line in ran.stdout.splitlines() if "(network)" in line]
    assert line.strip().startswith("3 left undone (network): the service cannot be reached")
    assert "try again" in line
    chinese = run(tmp_path, "--language", "zh").stdout
    assert "3 行未完成（network）：无法连接到服务" in chinese
    assert "left undone" not in chinese


def test_the_cause_is_in_the_document(tmp_path: Path, unreachable: None) -> None:
    """Agents get code, sentence, next step and the number of lines."""
    document: dict[str, Any] = json.loads(run(tmp_path, "--json").stdout)
    assert open_schemas().problems("output/batch", document) == ()
    (held,) = document["held"]
    assert (held["lines"], held["code"], document["left"]) == (3, "network", 3)
    assert held["message"]
    assert held["hint"]


def test_what_stopped_the_run_is_not_said_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cap stops the run: one line tells, with its code."""
    monkeypatch.setenv("IMA_SANDBOX", "1")
    ran = run(tmp_path, "--max-points", "1")
    assert ran.exit_code == 4
    assert ran.stdout.count("over-cap") == 1
    assert "Stopped (over-cap):" in ran.stdout


def test_causes_are_counted_by_code() -> None:
    """The first error of a code speaks for the others."""
    tally = Tally(3)
    for error in (NetworkError("first"), DeadlineError("late"), NetworkError("second")):
        tally.hold(error)
    assert [(error.message, lines) for error, lines in tally.held.values()] == [("first", 2), ("late", 1)]


def test_a_refused_batch_leaves_no_folder(tmp_path: Path, unreachable: None) -> None:
    """Neither cap nor --yes: no folder for results that never come."""
    path = tmp_path / "jobs.jsonl"
    path.write_text('{"task_type": "text_to_image", "prompt": "a kite"}\n')
    ran = CliRunner().invoke(main, ["batch", "run", str(path), "--out", str(tmp_path / "out")])
    assert (ran.exit_code, (tmp_path / "out").exists()) == (4, False)
