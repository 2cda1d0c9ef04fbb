"""Progress for people, on stderr: live bars on a terminal with rich, sparse lines everywhere else."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from ima_skills.cli.wording import plain
from ima_skills.domain.event import (
    Created,
    Downloaded,
    Finished,
    Held,
    JournalTrouble,
    ModelChosen,
    PollTrouble,
    Progressed,
    Quoted,
    Reattached,
    Reflected,
    Uploaded,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from ima_skills.cli.output import Output
    from ima_skills.client import ImaClient
    from ima_skills.domain.event import Event

# Our choice: one failed look is nothing yet; the next is worth a word at once.
_IN_A_ROW = 2
# Likewise: bars tell again of a row that lasts, about once a minute.
_AGAIN = 12
# Lines closer than this would be noise, however fast a sandbox runs.
SHORTEST_PAUSE_S = 1.0
_FULL = 100


class Board(Protocol):
    """Where one or several jobs show how far they are."""

    def job(self, label: str, pause_s: float) -> Callable[[Event], None]:
        """Return what the events of one job are told to.

        Args:
            label: Stands before the job's lines; empty for a single job.
            pause_s: Seconds of the service between two lines about its progress.
        """
        ...


@contextmanager
def open_board(
    output: Output, monotonic: Callable[[], float], speed: float | None = None, flags: str = ""
) -> Iterator[Board]:
    """Open a board: bars when somebody watches a terminal, else lines.

    Args:
        output: Writes the lines.
        monotonic: Seconds on a clock that never goes back.
        speed: How fast a sandbox's time runs; None for the real service.
        flags: Options that lead a later command to the same service.
    """
    if sys.stderr.isatty() and find_spec("rich") is not None:
        with _bars() as bars:
            yield Bars(output, bars, speed or 1.0, flags)
    else:
        yield Lines(output, monotonic, speed or 1.0, flags, hushed=_is_overheard())


def board_of(client: ImaClient, output: Output) -> AbstractContextManager[Board]:
    """Open a board for the jobs of a client; arguments as :func:`open_board`."""
    from ima_skills.cli.bookkeeping import flags_to

    clock, service = client.engine.clock, client.engine.service
    return open_board(output, clock.monotonic, service.sandbox_speed, flags_to(service.settings.base_url))


def _is_overheard() -> bool:
    """Tell whether an agent host runs the command: it keeps the last words only, and they must not be progress."""
    import os

    return os.environ.get("OPENCLAW_SHELL") == "exec"


def describe(event: Event, output: Output, speed: float = 1.0, flags: str = "") -> str:  # noqa: C901, PLR0911 - one case per kind of event
    """Return an event as a line.

    Args:
        event: What happened.
        output: Language.
        speed: How many seconds of the service pass in one second.
        flags: Options that lead a later command to the same service.
    """
    match event:
        case ModelChosen():
            return _chosen(event, output)
        case Quoted():
            low, high = (plain(seconds / speed) for seconds in event.estimate)
            points = event.quote.total
            return output.say("road.quoted", model=event.model_name, points=points, low=low, high=high)
        case Uploaded():
            return output.say("road.uploaded", index=event.index + 1, total=event.total)
        case Created():
            return output.say("road.created", task_id=event.task_id)
        case Reattached():
            return output.say("road.reattached", task_id=event.task_id)
        case Held():
            return _held(event, output)
        case JournalTrouble():
            return output.say("road.journal-trouble", task_id=event.task_id, message=event.message)
        case Reflected():
            return output.say("road.reflected", code=event.code, because=event.because)
        case Progressed():
            key = "road.progress-many" if event.total > 1 else "road.progress"
            return output.say(
                key, percent=event.percent, elapsed=event.elapsed_s, done=event.done, total=event.total
            )
        case PollTrouble():
            return _trouble(event, output, flags)
        case Downloaded():
            return output.say("road.downloaded", path=event.path)
        case Finished():
            return output.say("road.finished")


def _trouble(event: PollTrouble, output: Output, flags: str) -> str:
    """Say that a look failed; from the second in a row on, how long that has been so and how it goes on."""
    from ima_skills.cli.error_texts import explain
    from ima_skills.clock import SystemClock

    what = output.language == "zh" and explain(event.code, "zh")[0].rstrip("。")
    message = what or event.message
    if event.count < _IN_A_ROW:
        return output.say("road.trouble", message=message)
    now = SystemClock().now()
    since, until = (_time(moment) for moment in (now - event.since_s, now + event.left_s))
    facts = {"task_id": event.task_id, "count": event.count, "since": since, "until": until, "flags": flags}
    return output.say("road.outage", message=message, **facts)


def _held(event: Held, output: Output) -> str:
    """Say what is waited for; a process whose number nobody knows cannot be named."""
    facts = {"pid": event.pid, "waited": plain(event.waited_s), "left": plain(event.left_s)}
    return output.say("journal.held" if event.pid else "journal.held-somewhere", **facts)


def _time(seconds: float) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M:%S")


def _chosen(event: ModelChosen, output: Output) -> str:
    parts = [output.say(f"road.chosen-{event.source}", model=event.model_name)]
    told = (("changed", event.previous), ("stale", event.stale), ("hint", event.recommended))
    parts += [output.say(f"prefs.{key}", model=model) for key, model in told if model]
    return output.say("prefs.and").join(parts)


class Lines:
    """Sparse lines: every step at once, progress and trouble no oftener than the pause.

    Args:
        output: Writes them.
        monotonic: Seconds.
        speed: How many seconds of the service pass in one second.
        flags: Options that lead a later command to the same service.
        hushed: Whether nothing is told of progress, only steps and faults.
    """

    def __init__(
        self,
        output: Output,
        monotonic: Callable[[], float],
        speed: float = 1.0,
        flags: str = "",
        *,
        hushed: bool = False,
    ) -> None:
        self._output = output
        self._monotonic = monotonic
        self._speed = speed
        self._flags = flags
        self._hushed = hushed

    def job(self, label: str, pause_s: float) -> Callable[[Event], None]:
        """Return what the events of one job are told to."""
        last = self._monotonic()
        pause_s = max(pause_s / self._speed, SHORTEST_PAUSE_S)
        head = f"{label}: " if label else ""

        def tell(event: Event) -> None:
            nonlocal last
            # That the service does not answer any more is said once at once, to whoever listens.
            is_news = isinstance(event, PollTrouble) and event.count == _IN_A_ROW
            if isinstance(event, Progressed | PollTrouble):
                now = self._monotonic()
                if not is_news and (self._hushed or now - last < pause_s):
                    return
                last = now
            self._output.aside(f"{head}{describe(event, self._output, self._speed, self._flags)}")

        return tell


class Bars:
    """One live bar per job.

    Args:
        output: Knows the language.
        progress: The bars, running.
        speed: How many seconds of the service pass in one second.
        flags: Options that lead a later command to the same service.
    """

    def __init__(self, output: Output, progress: Any, speed: float = 1.0, flags: str = "") -> None:
        self._output = output
        self._progress = progress
        self._speed = speed
        self._flags = flags

    def job(self, label: str, pause_s: float) -> Callable[[Event], None]:  # noqa: ARG002 - a bar needs no pause
        """Return what the events of one job are told to."""
        bar = self._progress.add_task(label or "…", total=_FULL)

        def tell(event: Event) -> None:
            text = describe(event, self._output, self._speed, self._flags)
            if isinstance(event, Progressed):
                self._progress.update(bar, completed=event.percent)
            elif isinstance(event, Finished):
                self._progress.update(bar, completed=_FULL)
            elif isinstance(event, Quoted) and not label:
                self._progress.update(bar, description=event.model_name)
            if not isinstance(event, Progressed | Finished) and not _is_stale(event):
                self._progress.console.print(
                    f"{label}: {text}" if label else text, markup=False, highlight=False
                )

        return tell


def _is_stale(event: Event) -> bool:
    """Whether an event says what has just been said: one more look that failed like those before it."""
    return isinstance(event, PollTrouble) and event.count > _IN_A_ROW and event.count % _AGAIN != 0


@contextmanager
def _bars() -> Iterator[Any]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield progress
