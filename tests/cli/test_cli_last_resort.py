"""What few handlers catch still ends as a message and an exit code, and a task that costs is named."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

import click
import pytest

from ima_skills.cli import main
from ima_skills.cli.boundary import InterruptedByUserError
from ima_skills.cli.running import Journal, run
from ima_skills.errors import FaultError

if TYPE_CHECKING:
    from collections.abc import Callable

ESCAPES = (
    asyncio.CancelledError("canary"),
    GeneratorExit("canary"),
    BaseExceptionGroup("canary", [GeneratorExit()]),
)


@pytest.mark.parametrize("error", ESCAPES, ids=lambda error: type(error).__name__)
def test_a_task_is_named_whatever_ends_the_work(error: BaseException) -> None:
    """The error leads on to the task, and quotes nothing."""

    async def work() -> None:
        raise error

    with pytest.raises(FaultError) as caught:
        run(work, Journal(task_id="task_1", is_under_way=True))
    assert caught.value.task_id == "task_1"
    assert "tasks wait task_1" in caught.value.hint
    assert "canary" not in f"{caught.value.message} {caught.value.hint}"


def test_ctrl_c_is_told_as_such() -> None:
    """It is nobody's fault."""

    async def work() -> None:
        raise KeyboardInterrupt

    with pytest.raises(InterruptedByUserError, match="task_1 goes on"):
        run(work, Journal(task_id="task_1"))


@pytest.mark.skipif(sys.platform == "win32", reason="there, a process is ended without being asked")
def test_a_cancellation_by_order_is_told_as_such() -> None:
    """SIGTERM cancels the work where it awaits."""

    async def work() -> None:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(60)

    with pytest.raises(InterruptedByUserError, match="task_1 goes on") as caught:
        run(work, Journal(task_id="task_1"))
    assert caught.value.exit_code == 143


@pytest.mark.parametrize("error", ESCAPES, ids=lambda error: type(error).__name__)
def test_a_command_ends_with_a_message(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 6 with the kind of the error; no traceback, and none of its words."""
    _replace(monkeypatch, error)
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
    said = capsys.readouterr().err
    assert ended.value.code == 6
    assert type(error).__name__ in said
    assert "Traceback" not in said
    assert "canary" not in said


def test_a_command_may_end_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a code of its own."""
    _replace(monkeypatch, SystemExit(9))
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
    assert ended.value.code == 9


def _replace(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    @click.command("doctor")
    def broken() -> None:
        raise error

    get: Callable[..., click.Command] = lambda *_: broken  # noqa: E731 - the method of a group
    monkeypatch.setattr(main, "get_command", get)
