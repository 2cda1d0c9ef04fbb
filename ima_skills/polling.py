"""Wait for a task: pause, look, pause again, until it ends or the deadline passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import define, evolve, field, frozen

from ima_skills.cadence import Cadence, Outlook, percent_done
from ima_skills.clock import Clock
from ima_skills.domain.event import Event, PollTrouble, Progressed
from ima_skills.errors import CredentialError, DeadlineError, ImaError
from ima_skills.task_reading import AVAILABLE, coming, is_done

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Semaphore
    from random import Random

    from ima_skills.domain.task import Task
    from ima_skills.service import Service

__all__ = ("Cadence", "LookLimit", "Outlook", "percent_done", "wait_for_task")

_JITTER = 0.1
_LONGEST_ASKED_S = 60.0
# What is left of a deadline below this is rounding; pausing for it might not move a clock at all.
_MOMENT_S = 1e-3
# A fresh task may not be known everywhere at once (our assumption); an older one is.
_FRESH_S = 30.0
_NO_KEY, _UNKNOWN = 401, 404
# Pauses are cut into pieces of about this many of the documents' pauses, to tell progress meanwhile.
_PIECE = 1.5


# How long the other outputs of a task that has failed are waited for, in times of what a slow task takes. Our choice.
_REST = 3.0


class LookLimit:
    """How many detail calls of one client are under way at once; whoever comes first is served first.

    Args:
        most: Our choice leaves most of the connection pool to creates, uploads and downloads.
    """

    def __init__(self, most: int = 32) -> None:
        self._most = most
        self._turns: tuple[AbstractEventLoop, Semaphore] | None = None

    async def look(self, service: Service, task_id: str) -> Task:
        """Look at a task when it is its turn; errors as :meth:`Service.detail`."""
        from asyncio import Semaphore, get_running_loop

        loop = get_running_loop()
        # A client may outlive its event loop, a semaphore may not.
        if self._turns is None or self._turns[0] is not loop:
            self._turns = (loop, Semaphore(self._most))
        async with self._turns[1]:
            return await service.detail(task_id)


@define
class _Outage:
    """Looks that failed, one after the other.

    Attributes:
        count: How many; 0 as long as the service answers.
        since: When the first of them did, on the clock that never goes back.
    """

    count: int = 0
    since: float = 0.0


@define
class _Failure:
    """When it was first seen that a task has failed, in seconds since waiting began."""

    seen_s: float | None = None


@frozen
class _Watch:
    """One wait: what does not change while it lasts."""

    task_id: str
    outlook: Outlook
    clock: Clock
    tell: Callable[[Event], None]
    started: float
    age_s: float | None
    speed: float = 1.0
    outage: _Outage = field(factory=_Outage)
    whole: bool = False
    failure: _Failure = field(factory=_Failure)

    def at_speed(self, cadence: Cadence, speed: float) -> _Watch:
        """Return the watch for a sandbox's speed, which is known only once it has answered."""
        if speed == self.speed:
            return self
        return evolve(self, outlook=Outlook(cadence.at_speed(speed)), speed=speed)

    @property
    def waited_s(self) -> float:
        """Seconds since waiting began."""
        return self.clock.monotonic() - self.started

    @property
    def left_s(self) -> float:
        """Seconds to the deadline; never negative."""
        return max(self.outlook.cadence.deadline_s - self.waited_s, 0.0)

    async def rest(self, pause_s: float, seen: Task | None) -> None:
        """Pause, and tell the passing time in between: a long pause must not look like a standstill."""
        piece = self.outlook.cadence.poll_s
        until = self.clock.monotonic() + pause_s
        while (left := until - self.clock.monotonic()) > _PIECE * piece:
            await self.clock.sleep(piece)
            self.progress(seen)
        await self.clock.sleep(max(left, 0.0))

    def progress(self, seen: Task | None) -> None:
        """Tell how far the task is as far as anybody knows."""
        waited = self.waited_s
        medias = seen.medias if seen else ()
        percent = percent_done(waited + (self.age_s or 0.0), self.outlook.cadence.estimate)
        done, failed = sum(map(is_done, medias)), self.outage.count
        self.tell(Progressed(self.task_id, waited, percent, done, len(medias), failed))

    def is_over(self, found: Task, *, is_last: bool) -> bool:
        """Whether there is nothing more to wait for: of a failed task the other outputs may still come."""
        if found.status == "processing":
            return False
        if not self.whole or not coming(found.status, found.medias):
            return True
        if self.failure.seen_s is None:
            self.failure.seen_s = self.waited_s
        return is_last or self.waited_s - self.failure.seen_s >= _REST * self.outlook.cadence.estimate[1]

    def late(self, seen: Task | None) -> Task:
        """Return a failed task whose rest did not come in time; raise that any other has not ended."""
        if seen is not None and seen.status == "failed":
            return seen
        raise _deadline(self.task_id, self.outlook.cadence.deadline_s)

    async def look(self, service: Service, limit: LookLimit) -> Task | float:
        """Return the task, or after passing trouble the seconds to leave the service alone."""
        try:
            found = await limit.look(service, self.task_id)
        except ImaError as error:
            self.must_be_passing(error)
            self.tell(self._trouble(error))
            asked_s = float(error.details.get("retry_after_s") or 0.0)
            return float(min(max(asked_s, self.outlook.cadence.poll_s), _LONGEST_ASKED_S))
        self.outage.count = 0
        return found

    def _trouble(self, error: ImaError) -> PollTrouble:
        now, outage = self.clock.monotonic(), self.outage
        outage.since = outage.since if outage.count else now
        outage.count += 1
        since_s = now - outage.since
        return PollTrouble(self.task_id, error.message, error.name, outage.count, since_s, self.left_s)

    def must_be_passing(self, error: ImaError) -> None:
        """Raise an error that another look cannot cure, with the task's name on it."""
        if _is_passing(error) or (_is_unknown(error) and self._is_fresh()):
            return
        error.task_id = self.task_id
        going_on = f"The task may still be running: ima-skills tasks wait {self.task_id}"
        error.advise(going_on)
        raise error

    def _is_fresh(self) -> bool:
        return self.age_s is not None and self.age_s + self.waited_s < _FRESH_S


async def wait_for_task(  # noqa: PLR0913 - the injected parts of waiting
    service: Service,
    task_id: str,
    cadence: Cadence,
    *,
    clock: Clock,
    rng: Random,
    tell: Callable[[Event], None],
    age_s: float | None = None,
    limit: LookLimit | None = None,
    whole: bool = False,
) -> Task:
    """Return the task once it has ended, well or badly.

    Passing trouble is ridden out until the deadline, at which a last look is taken.

    Args:
        service: Where to look.
        task_id: The task.
        cadence: How often and how long, in seconds of the service; a sandbox may run faster.
        clock: Time.
        rng: For the jitter that keeps many waiters apart.
        tell: Receives progress and trouble.
        age_s: Seconds since the create; None when nobody knows, which makes the first look immediate.
        limit: Shared by all waits of a client.
        whole: Whether to wait a while for the other outputs of a task that has failed: they are paid for.

    Raises:
        DeadlineError: The task has not ended; it may still be running.
        CredentialError: The key is no longer accepted.
        ImaError: The service does not know the task.
    """
    if service.is_unmet and age_s:
        age_s = None  # only a look tells whether time runs faster over there
    watch = _Watch(task_id, Outlook(cadence), clock, tell, clock.monotonic(), age_s, whole=whole)
    gate, seen, looks, asked_s = limit or LookLimit(), None, 0, 0.0
    while True:
        watch = watch.at_speed(cadence, service.sandbox_speed or 1.0)
        pause = watch.outlook.next_pause(watch.waited_s, looks, rng, age_s=age_s, is_near=_is_near(seen))
        await watch.rest(min(max(pause, asked_s * (1 + _JITTER * rng.random())), watch.left_s), seen)
        is_last = watch.left_s <= _MOMENT_S
        looks, found = looks + 1, await watch.look(service, gate)
        asked_s = found if isinstance(found, float) else 0.0
        if not isinstance(found, float):
            if watch.is_over(found, is_last=is_last):
                return found
            seen = found
            watch.progress(seen)
        if is_last or watch.left_s <= 0:
            return watch.late(seen)


def _is_passing(error: ImaError) -> bool:
    # A gateway that answers 401 without the service's own words refuses the key all the same.
    if isinstance(error, CredentialError) or error.details.get("http_status") == _NO_KEY:
        return False
    return error.retryable or error.name == "service-fault"


def _is_unknown(error: ImaError) -> bool:
    return error.name == "unknown-task" or error.details.get("service_code") == _UNKNOWN


def _is_near(task: Task | None) -> bool:
    """Whether a part of a task is done, or done but for its address: the rest follows soon."""
    return task is not None and any(media.resource_status == AVAILABLE for media in task.medias)


def _deadline(task_id: str, deadline_s: float) -> DeadlineError:
    return DeadlineError(
        f"task {task_id} has not ended after {deadline_s:g} s; it may still be running",
        hint=f"Continue with: ima-skills tasks wait {task_id}",
        task_id=task_id,
        details={"deadline_s": deadline_s},
    )
