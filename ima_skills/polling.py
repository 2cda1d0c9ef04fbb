"""Wait for a task: look, pause, look again, until it ends or the deadline passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.domain.event import PollTrouble, Progressed
from ima_skills.errors import CredentialError, DeadlineError, ImaError
from ima_skills.task_reading import is_done

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from ima_skills.clock import Clock
    from ima_skills.domain.event import Event
    from ima_skills.domain.task import Task
    from ima_skills.service import Service

_JITTER = 0.1
_HIGHEST_PERCENT = 95
_LONGEST_PAUSE_S = 60.0


@frozen
class Cadence:
    """How to wait, in seconds.

    Attributes:
        poll_s: Pause between two looks.
        deadline_s: When waiting ends.
        estimate: How long the task takes (low, high).
    """

    poll_s: float
    deadline_s: float
    estimate: tuple[float, float]

    def at_speed(self, speed: float) -> Cadence:
        """Return the cadence for a sandbox whose time runs ``speed`` times faster."""
        low, high = self.estimate
        return Cadence(max(self.poll_s / speed, 0.05), self.deadline_s, (low / speed, high / speed))


def percent_done(elapsed_s: float, estimate: tuple[float, float]) -> int:
    """Return the progress that may be claimed: by time, never above 95 before the end."""
    high = max(estimate[1], 1e-6)
    return max(0, min(_HIGHEST_PERCENT, int(elapsed_s / high * 100)))


async def wait_for_task(  # noqa: PLR0913 - the injected parts of waiting
    service: Service,
    task_id: str,
    cadence: Cadence,
    *,
    clock: Clock,
    rng: Random,
    tell: Callable[[Event], None],
    first_pause_s: float = 0.0,
) -> Task:
    """Return the task once it has ended, well or badly.

    Passing trouble (network, busy service, unreadable answers) is ridden out until the deadline.

    Args:
        service: Where to look.
        task_id: The task.
        cadence: How often and how long.
        clock: Time.
        rng: For the jitter that keeps many waiters apart.
        tell: Receives progress and trouble.
        first_pause_s: Seconds before the first look; a fresh task is never done at once.

    Raises:
        DeadlineError: The task has not ended; it may still be running.
        CredentialError: The key is no longer accepted.
        ImaError: The service does not know the task.
    """
    started = clock.monotonic()
    await clock.sleep(min(first_pause_s, cadence.deadline_s))
    while True:
        pause = cadence.poll_s
        try:
            task = await service.detail(task_id)
        except ImaError as error:
            _must_be_passing(error, task_id)
            tell(PollTrouble(task_id, error.message))
            pause = min(max(pause, error.details.get("retry_after_s") or 0.0), _LONGEST_PAUSE_S)
        else:
            if task.status != "processing":
                return task
            elapsed = clock.monotonic() - started
            done = sum(is_done(media) for media in task.medias)
            tell(
                Progressed(task_id, elapsed, percent_done(elapsed, cadence.estimate), done, len(task.medias))
            )
        left = cadence.deadline_s - (clock.monotonic() - started)
        if left <= 0:
            raise _deadline(task_id, cadence.deadline_s)
        await clock.sleep(min(left, pause * (1 + _JITTER * rng.random())))


def _must_be_passing(error: ImaError, task_id: str) -> None:
    """Raise an error that another look cannot cure, with the task's name on it."""
    passing = error.retryable or error.name == "service-fault"
    if passing and not isinstance(error, CredentialError):
        return
    error.task_id = task_id
    error.hint = f"{error.hint} The task may still be running: ima-skills tasks wait {task_id}".strip()
    raise error


def _deadline(task_id: str, deadline_s: float) -> DeadlineError:
    return DeadlineError(
        f"task {task_id} has not ended after {deadline_s:g} s; it may still be running",
        hint=f"Continue with: ima-skills tasks wait {task_id}",
        task_id=task_id,
    )
