"""``tasks wait --brief``: silence, then one short line per task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.cli.brief import LINE_CELLS, Ending, line
from ima_skills.cli.layout import width
from ima_skills.cli.output import Output
from ima_skills.errors import DeadlineError, JobFailedError, NetworkError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Served = Callable[..., SandboxService]


def created(ima: Ima, *words: str) -> str:
    """Create a task without waiting and return its id."""
    task_id: str = ima("create", "a kite", "--no-wait", "--new", "--json", *words).document["task_id"]
    return task_id


def test_one_line_per_task(served: Served, ima: Ima) -> None:
    """Several tasks are waited for at once; nothing but their lines is printed, in the order asked for."""
    served()
    names = [created(ima), created(ima, "-t", "text_to_speech")]
    ran = ima("tasks", "wait", *names, names[0], "--brief")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert len(lines) == 2
    for name, text in zip(names, lines, strict=True):
        assert text.startswith(f"{name}: done (outputs: 1) Next: ima-skills tasks wait {name} --download .")
        assert width(text) <= LINE_CELLS


def test_files_are_named(served: Served, ima: Ima, tmp_path: Path) -> None:
    """With a folder the line says where the file is."""
    served()
    task_id = created(ima)
    ran = ima("--language", "zh", "tasks", "wait", task_id, "--brief", "--download", str(tmp_path / "o"))
    assert (tmp_path / "o" / f"{task_id}-1.png").exists()
    assert ran.out.startswith(f"{task_id}: 已完成")
    assert f"{task_id}-1.png) 下一步：ima-skills tasks show {task_id}" in ran.out


def test_the_worst_exit_code_counts(served: Served, ima: Ima) -> None:
    """One task that cannot be had does not keep the others' lines back."""
    served(speed=1.0)
    name = created(ima)
    ran = ima("tasks", "wait", "nobody", name, "--brief", "--deadline", "0.1")
    assert (ran.code, ran.err) == (5, "")
    first, second = ran.out.splitlines()
    assert first.startswith("nobody: no result (The service knows no task of this id.)")
    assert second.startswith(f"{name}: not ended yet")
    assert f"ima-skills tasks wait {name} --brief" in second


def test_json_is_for_one_task(served: Served, ima: Ima) -> None:
    """With --json one task is printed as ever; several are refused, and so are several without --brief."""
    served()
    name = created(ima)
    assert ima("tasks", "wait", name, "--brief", "--json").document["task_id"] == name
    for words in (["--json"], ["--brief", "--json"], []):
        assert ima("tasks", "wait", name, "other", *words).code == 2


def test_without_a_key(ima: Ima) -> None:
    """What stands in the way of all is told once per task."""
    ran = ima("tasks", "wait", "a", "b", "--brief")
    assert (ran.code, ran.err) == (3, "")
    assert [text.partition(":")[0] for text in ran.out.splitlines()] == ["a", "b"]


PATH = "/home/somebody/" + "很长的目录/" * 30 + "task-1.png"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("length", [1, 37, 64, 100])
@pytest.mark.parametrize("flags", ["", f" --base-url https://{'x' * 150}.example"])
@pytest.mark.parametrize(
    "parts",
    [
        {"document": {"medias": [{"path": PATH}, {"path": PATH}]}},
        {"document": {"medias": [{"path": None}]}},
        {"error": JobFailedError("the service could not finish: " + "why " * 99)},
        {"error": DeadlineError("not ended\nyet")},
        {"error": NetworkError("连接失败" * 60)},
    ],
    ids=range(5),
)
def test_no_line_is_too_long(language: str, length: int, flags: str, parts: dict[str, Any]) -> None:
    """Whatever has to be said: one line, 180 cells, with verdict, task and next command."""
    task_id = "t" * length
    text = line(Ending(task_id, **parts), Output(language), flags)
    assert width(text) <= LINE_CELLS
    assert "\n" not in text
    assert f"ima-skills tasks {'show' if 'show' in text else 'wait'} {task_id}" in text
