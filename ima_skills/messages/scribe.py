"""The composer: the road's events in, ready actions out; steps 0 to 4, and then silence.

The order and the figures are those of the service's skill documents: a short reply before anything else, then
messages about the start, the progress and the end, and nothing after that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from ima_skills.domain.event import (
    Created,
    Finished,
    ModelChosen,
    PollTrouble,
    Progressed,
    Quoted,
    Reattached,
    Reflected,
)
from ima_skills.messages.action import Action
from ima_skills.messages.delivery import Courier
from ima_skills.messages.endings import success_sends
from ima_skills.messages.job import Job
from ima_skills.messages.openings import progress_text, start_text, unseen_text
from ima_skills.messages.plain import change_lines
from ima_skills.messages.setbacks import failure_sends
from ima_skills.messages.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ima_skills.domain.event import Event
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.errors import ImaError
    from ima_skills.messages.counsel import Counsel
    from ima_skills.messages.delivery import Args
    from ima_skills.messages.manner import Manner

REPLY, START, PROGRESS, SUCCESS, FAILURE = range(5)
# Jobs that are over before are not reported on in between (the service's skill documents).
SHORT_S = 20.0
# One look that fails says nothing about the job; from so many in a row on nobody knows how it is.
_IN_THE_DARK = 2
# However fast a sandbox runs, messages closer than this would be noise.
_SHORTEST_PAUSE_S = 1.0


class Scribe:
    """Tells one user about one job.

    Hand it every event of the road with a reading of any clock that never goes back, and the error that
    ended the job, if one did; each call returns the actions that are due. After the end it stays silent.

    Args:
        manner: Language and platform.
        speed: How many seconds of the service pass in one second; more than 1 on a sandbox only.
        job: What is known when the telling begins in the middle: a job that was created earlier. The first
            reply is left out then, because it was given.
    """

    def __init__(self, manner: Manner, *, speed: float = 1.0, job: Job | None = None) -> None:
        self._manner = manner
        self._courier = Courier(manner.platform)
        self._speed = speed
        self._job = job or Job()
        self._counsel: Counsel | None = None
        self._has_replied = job is not None
        self._has_ended = False
        self._last: float | None = None
        self._dark_since: float | None = None
        self._told_dark = 0

    def consult(self, counsel: Counsel) -> None:
        """Let alternatives be computed; without it they are named only where an error carries them.

        From here on it is also known which model it is and what it costs, should it end before it starts.
        """
        self._counsel = counsel
        leaf = counsel.leaf
        self._job = evolve(
            self._job,
            task_type=leaf.task_type,
            model_name=leaf.name,
            model_id=leaf.model_id,
            version_id=leaf.id,
            points=counsel.total,
        )

    def pace(self, speed: float | None) -> None:
        """Set how many seconds of the service pass in one second: a sandbox says so once it has answered.

        Args:
            speed: The sandbox's speed; None for the service itself.
        """
        self._speed = speed or 1.0
        self._job = evolve(self._job, is_demo=speed is not None)

    def acknowledge(self, task_type: str) -> tuple[Action, ...]:
        """Return the first reply, once; call it before anything else is done.

        Args:
            task_type: What will be made; empty while nobody knows.
        """
        if not self._job.task_type:
            self._job = evolve(self._job, task_type=task_type)
        if self._has_replied or self._has_ended:
            return ()
        self._has_replied = True
        return (Action(REPLY, "reply", text=self._voice.acknowledgement()),)

    def hear(self, event: Event, now: float) -> tuple[Action, ...]:
        """Return what is due after an event.

        Args:
            event: What happened.
            now: Seconds on a clock that never goes back.
        """
        if self._has_ended:
            return ()
        task_type = event.task_type if isinstance(event, ModelChosen | Quoted) else self._job.task_type
        return (*self.acknowledge(task_type), *self._told(event, now))

    def end(self, error: ImaError) -> tuple[Action, ...]:
        """Return what is due after an error ended the job."""
        if self._has_ended:
            return ()
        first = self.acknowledge(self._job.task_type)
        self._has_ended = True
        sends = failure_sends(self._voice, self._courier, self._job, error, self._counsel, self._entry())
        return (*first, *_messages(FAILURE, sends))

    def _told(self, event: Event, now: float) -> tuple[Action, ...]:  # noqa: PLR0911 - one case per kind of event
        match event:
            case ModelChosen():
                self._job = evolve(
                    self._job, chosen=event, model_id=event.model_id, model_name=event.model_name
                )
                return ()
            case Quoted():
                return self._started(event)
            case Created():
                self._created(now)
                return ()
            case Reattached():
                self._created(now)
                return self._texts(START, self._voice.say("start.attached"))
            case Reflected():
                changed = change_lines(self._manner.lines, event.changes)[1:]
                text = "\n".join((self._voice.say("start.retrying"), *changed))
                return self._texts(START, text) if changed else ()
            case Progressed():
                return self._progressed(event, now)
            case PollTrouble():
                return self._in_the_dark(now, event.count, event.since_s)
            case Finished():
                self._has_ended = True
                sends = success_sends(
                    self._voice, self._courier, self._job, event.result, self._counsel, self._speed
                )
                return _messages(SUCCESS, sends)
            case _:
                return ()

    def _started(self, event: Quoted) -> tuple[Action, ...]:
        self._job = evolve(
            self._job,
            task_type=event.task_type,
            model_name=event.model_name,
            version_id=event.version_id,
            points=event.quote.total,
            estimate=event.estimate,
            quoted=event,
        )
        return self._texts(START, start_text(self._voice, self._job, self._counsel, self._entry()))

    def _created(self, now: float) -> None:
        self._last = now
        self._job = evolve(self._job, is_created=True)

    def _progressed(self, event: Progressed, now: float) -> tuple[Action, ...]:
        """Return a word on the progress when one is due; short jobs get none."""
        if self._last is None:
            self._last = now - event.elapsed_s
        if event.failed_looks:
            return self._in_the_dark(now, event.failed_looks)
        self._dark_since, self._told_dark = None, 0
        estimate = self._job.estimate
        if estimate is None or estimate[1] < SHORT_S or not self._is_due(now, self._last):
            return ()
        self._last = now
        return self._texts(PROGRESS, progress_text(self._voice, event, estimate, self._speed))

    def _in_the_dark(self, now: float, failed: int, since_s: float = 0.0) -> tuple[Action, ...]:
        """Return a word on a job that cannot be seen; it says nothing new, so each comes twice as late as the last.

        Args:
            now: Seconds on the clock.
            failed: Looks that failed in a row.
            since_s: Seconds since the first of them.
        """
        if self._dark_since is None:
            self._dark_since = now - since_s
        if self._last is None:
            self._last = self._dark_since
        if failed < _IN_THE_DARK or not self._is_due(now, self._last, 2**self._told_dark):
            return ()
        self._last, self._told_dark = now, self._told_dark + 1
        return self._texts(PROGRESS, unseen_text(self._voice, now - self._dark_since, self._speed))

    def _is_due(self, now: float, last: float, pauses: int = 1) -> bool:
        """Tell whether so many pauses have passed since the last word."""
        return now - last >= pauses * max(self._pause_s() / self._speed, _SHORTEST_PAUSE_S)

    def _pause_s(self) -> float:
        """Return the seconds between two messages: the model's own, else those of the task type."""
        entry, kind = self._entry(), self._manner.registry.task_types.get(self._job.task_type)
        if entry and entry.progress:
            return entry.progress.message_s
        return kind.progress_s if kind else SHORT_S

    def _entry(self) -> ModelEntry | None:
        registry, job = self._manner.registry, self._job
        if job.model_id:
            return registry.by_model_id(job.model_id, job.task_type)
        matches = (registry.find(name) for name in (job.version_id, job.model_name) if name)
        return next((match.entry for match in matches if match), None)

    @property
    def _voice(self) -> Voice:
        return Voice(self._manner, self._job.task_type)

    def _texts(self, step: int, text: str) -> tuple[Action, ...]:
        return _messages(step, self._courier.texts(text))


def _messages(step: int, sends: Iterable[Args]) -> tuple[Action, ...]:
    return tuple(Action(step, "message", args=args) for args in sends)
