"""Batches on the sandbox: every line once, whatever happens in between."""

from __future__ import annotations

import asyncio
import errno
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ima_skills.batch import Line, PoolExecutor, read_lines
from ima_skills.batch_results import ResultFile
from ima_skills.batch_run import exit_code

Machine = Any


def jobs(tmp_path: Path, count: int, **more: Any) -> tuple[Line, ...]:
    path = tmp_path / "jobs.jsonl"
    row = {"task_type": "text_to_image", "prompt": "a fox", **more}
    path.write_text("\n".join(json.dumps(row) for _ in range(count)))
    return read_lines(path)


def test_equal_lines_are_made_once_each(machine: Machine, tmp_path: Path) -> None:
    """Twenty equal lines are twenty tasks; a second run makes none."""
    lines = jobs(tmp_path, 20)
    tally, told = machine.told(lines, machine.client())
    assert (tally.done, tally.failed, tally.points, exit_code(tally)) == (20, 0, 100, 0)
    assert told == list(range(1, 21))
    assert len({row["task_id"] for row in machine.rows}) == 20
    again, _ = machine.told(lines, machine.client())
    assert (again.done, again.points, len(machine.rows)) == (20, 0, 20)


def test_a_full_disk_loses_nothing(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results that cannot be written are found again through the journal: same tasks, no points."""
    lines = jobs(tmp_path, 5)
    write = ResultFile.write

    def full(self: ResultFile, result: Mapping[str, Any]) -> None:
        if result["line"] > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, result)

    monkeypatch.setattr(ResultFile, "write", full)
    tally, _ = machine.told(lines, machine.client(), concurrency=5)
    assert (tally.points, exit_code(tally)) == (25, 6)
    assert tally.stopped is not None
    assert "No space left" in tally.stopped.message
    monkeypatch.undo()
    again, _ = machine.told(lines, machine.client())
    assert (again.done, again.points, exit_code(again)) == (5, 0, 0)
    assert len({row["task_id"] for row in machine.rows}) == 5


def test_bad_and_refused_lines_cost_only_themselves(machine: Machine, tmp_path: Path) -> None:
    """One wrong line and one that the service fails: the rest is made."""
    path = tmp_path / "jobs.jsonl"
    good = json.dumps({"task_type": "text_to_image", "prompt": "a fox"})
    bad = json.dumps({"task_type": "text_to_image", "prompt": "a fox", "params": {"aspect_ratio": "7:3"}})
    path.write_text(f"{good}\n{bad}\n{{\n{good}")
    tally, _ = machine.told(read_lines(path), machine.client())
    assert (tally.total, tally.done, tally.failed, exit_code(tally)) == (4, 4, 2, 1)
    assert Counter(row["status"] for row in machine.rows) == {"success": 2, "failed": 2}
    assert {row["error"]["code"] for row in machine.rows if row["status"] == "failed"} == {
        "invalid-request",
        "bad-job",
    }


def test_a_cap_stops_and_the_next_run_goes_on(machine: Machine, tmp_path: Path) -> None:
    """Never more than the cap, however many lines run at once; what is left is done later."""
    lines = jobs(tmp_path, 10)
    tally, _ = machine.told(lines, machine.client(), max_points=23)
    assert (tally.done, tally.points, exit_code(tally)) == (4, 20, 4)
    assert tally.stopped is not None
    assert tally.stopped.name == "over-cap"
    again, _ = machine.told(lines, machine.client(), max_points=100)
    assert (again.done, again.points, exit_code(again)) == (10, 30, 0)


def test_an_empty_account_stops(machine: Machine, tmp_path: Path) -> None:
    """Points for three of ten: three are made, the rest is not even tried, nothing is marked as done."""
    tally, _ = machine.told(jobs(tmp_path, 10), machine.client(points=15), concurrency=1)
    assert (tally.done, tally.points, exit_code(tally)) == (3, 15, 4)
    assert [row["status"] for row in machine.rows] == ["success"] * 3 + ["not-sent"]


def test_an_unknown_outcome_is_never_sent_again(machine: Machine, tmp_path: Path) -> None:
    """A create that was dropped after acceptance: exit code 7, and a second run does not create."""
    scenario = '[[fault]]\non = "create"\nkind = "drop"\nwhen = "after"\ncalls = [1]\n'
    lines = jobs(tmp_path, 3)
    tally, _ = machine.told(lines, machine.client(scenario), concurrency=1)
    assert (tally.done, exit_code(tally)) == (2, 7)
    again, _ = machine.told(lines, machine.client(), concurrency=1)
    assert (again.done, again.points, exit_code(again)) == (2, 0, 7)
    assert [row["status"] for row in machine.rows].count("unknown") == 2


def test_one_product_list_per_task_type(machine: Machine, tmp_path: Path) -> None:
    """However many lines there are, each list is fetched once."""
    ima = machine.client()
    asked: list[str] = []
    fetch = ima.engine.service.product_list

    async def counted(task_type: str) -> Any:
        asked.append(task_type)
        return await fetch(task_type)

    ima.engine.service.product_list = counted  # counts what is asked
    machine.told(jobs(tmp_path, 30), ima, concurrency=30)
    assert asked == ["text_to_image"]


def test_a_plugin_brings_its_own_executor(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The executor is a hook: a plugin decides where and in which order lines run."""
    order: list[int] = []

    class Backwards:
        async def run(self, lines: Any, work: Any) -> None:
            for line in reversed(lines):
                order.append(line.number)
                await work(line)

    ima = machine.client()
    monkeypatch.setattr(type(ima.plugins), "batch_executor", lambda self, concurrency: Backwards())
    tally, _ = machine.told(jobs(tmp_path, 3), ima)
    assert (order, tally.done) == ([3, 2, 1], 3)


def test_the_pool_keeps_to_its_size() -> None:
    """Never more lines at once than asked for, and all of them run."""
    now, most, seen = 0, 0, []

    async def work(line: Line) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        seen.append(line.number)
        now -= 1

    asyncio.run(PoolExecutor(3).run([Line(n, str(n)) for n in range(10)], work))
    assert (most, sorted(seen)) == (3, list(range(10)))
