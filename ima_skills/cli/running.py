"""Run the asynchronous part of a command, and never lose sight of a task that may cost points."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from attrs import define

from ima_skills.cli.boundary import InterruptedByUserError, TerminatedError, internal
from ima_skills.domain.event import Created, Quoted, Reattached
from ima_skills.errors import ImaError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from ima_skills.domain.event import Event

T = TypeVar("T")
# Our choice: how long whatever holds the loop may do so once the command is told to end.
_STUCK_S = 3.0


@define
class Journal:
    """What is known of a create if the command ends before its time.

    Attributes:
        task_id: The task, once there is one.
        flags: Options that lead a later command to the same service.
        folder: Where its files are to go, as the user named it; None when nowhere.
        is_under_way: Whether a create may have left.
        is_attached: Whether the task was created by an earlier command.
        may_have_left: Tells, once it is under way, whether its create may have left.
    """

    task_id: str | None = None
    flags: str = ""
    folder: str | None = None
    is_under_way: bool = False
    is_attached: bool = False
    may_have_left: Callable[[], bool] = lambda: True

    def listen(self, event: Event) -> None:
        """Note an event."""
        if isinstance(event, Quoted):
            self.is_under_way = True
        self.is_attached = self.is_attached or isinstance(event, Reattached)
        if isinstance(event, Created | Reattached):
            self.task_id = event.task_id

    def complete(self, error: ImaError) -> ImaError:
        """Put the task's name on an error, and our options on the command that it advises."""
        error.task_id = error.task_id or self.task_id
        if self.is_under_way and self.task_id:
            error.retryable = False  # the same create again would cost again; waiting would not
        error.hint = self._led_on(error.hint, error.task_id)
        if self.is_attached:
            error.advise("The task is of an earlier run; --new makes another one.")
        return error

    def _led_on(self, hint: str, task_id: str | None) -> str:
        """Return a hint whose commands lead to the same service, and put the files where they were to go."""
        import re

        advised, folder = f"ima-skills tasks wait {task_id}", folder_flag(self.folder)
        return re.sub(
            f"{re.escape(advised)}( --download DIR)?",
            lambda found: f"{advised}{self.flags}{folder or found[1] or ''}",
            hint,
        )

    def interrupted(self, *, by_order: bool = False) -> InterruptedByUserError:
        """Return the error that says what goes on without us.

        Args:
            by_order: Whether the process was told to end, rather than a person pressing Ctrl-C.
        """
        kind = TerminatedError if by_order else InterruptedByUserError
        if self.task_id is not None:
            return kind(
                f"interrupted; task {self.task_id} goes on at the service, or is done",
                hint=self._led_on(f"Continue with: ima-skills tasks wait {self.task_id}", self.task_id),
                task_id=self.task_id,
                retryable=not self.is_under_way,
            )
        if self.is_under_way and self.may_have_left():
            return kind(
                "interrupted while the job was sent; it may have been accepted",
                hint="Look at your tasks before making it again.",
                retryable=False,
            )
        return kind("interrupted; nothing was sent that costs")


def folder_flag(folder: str | None) -> str:
    """Return the option that names a folder for the files again, with a leading space; empty for none.

    Args:
        folder: As the user named it; the command may be run from another place.
    """
    import shlex

    from ima_skills.file_rules import user_path

    return f" --download {shlex.quote(str(user_path(folder)))}" if folder else ""


@define
class Told:
    """Whether the process was told to end, by SIGTERM; a person's Ctrl-C is something else."""

    to_end: bool = False


async def _heedful(work: Callable[[], Coroutine[Any, Any, T]], told: Told) -> T:
    """Let SIGTERM end the work the way Ctrl-C does: in order, with a word on what goes on.

    It does not go by way of SIGINT: a process in the background of a shell ignores that.
    """
    import asyncio
    import os
    import signal
    import threading

    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    # A hook of a plugin may hold the loop for ever; then the same signal again ends it.
    watchdog = threading.Timer(_STUCK_S, os.kill, (os.getpid(), signal.SIGTERM))
    watchdog.daemon = True

    def end() -> None:
        watchdog.cancel()
        if task is not None:
            task.cancel()

    def hear(*_: object) -> None:
        if told.to_end:
            raise KeyboardInterrupt
        told.to_end = True
        watchdog.start()
        loop.call_soon_threadsafe(end)

    # A thread other than the main one hears no signals.
    before: Any = None
    with suppress(ValueError):
        before = signal.signal(signal.SIGTERM, hear)
    try:
        return await work()
    finally:
        watchdog.cancel()
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def run(work: Callable[[], Coroutine[Any, Any, T]], journal: Journal) -> T:
    """Run a coroutine to its end.

    Args:
        work: Makes the coroutine.
        journal: Names the task in whatever error ends it.

    Raises:
        ImaError: Of the work, or for an interrupt, with the task's name on it.
    """
    import asyncio

    told = Told()
    try:
        return asyncio.run(_heedful(work, told))
    except KeyboardInterrupt:
        raise journal.interrupted(by_order=told.to_end) from None
    except ImaError as error:
        journal.complete(error)
        raise
    except BaseException as error:
        if told.to_end and isinstance(error, asyncio.CancelledError):
            raise journal.interrupted(by_order=True) from None
        if journal.task_id is None:
            raise
        raise journal.complete(internal(error, journal.task_id)) from error
