"""What happens on the road, as frozen values for whoever watches."""

from __future__ import annotations

from attrs import frozen

from ima_skills.domain.choice import ModelChosen as ModelChosen  # noqa: PLC0414 - an event like the others; the result holds it too
from ima_skills.domain.problem import Change
from ima_skills.domain.request import Quote
from ima_skills.domain.task import Result


@frozen
class Quoted:
    """The request is resolved and has a price; nothing has been spent."""

    task_type: str
    model_name: str
    version_id: str
    quote: Quote
    estimate: tuple[float, float]
    changes: tuple[Change, ...]


@frozen
class Uploaded:
    """One local input now has an address at the service."""

    index: int
    total: int


@frozen
class Created:
    """The service accepted the task; points are spent from here on.

    Attributes:
        attempt: How many creates it took.
        points: What was charged: less than was quoted where the job had to be made smaller.
    """

    task_id: str
    attempt: int
    points: int = 0


@frozen
class Reattached:
    """The same wish was created before and is under way; nothing more is spent."""

    task_id: str


@frozen
class Held:
    """Another process is sending the same wish; this one waits for its verdict, and sends nothing meanwhile.

    Attributes:
        waited_s: Seconds since it began to wait.
        left_s: Seconds until it gives up.
        pid: Number of that process on this machine; 0 when nobody knows.
    """

    waited_s: float
    left_s: float
    pid: int = 0


@frozen
class JournalTrouble:
    """A step of an accepted task could not be written down; the task itself goes on."""

    task_id: str
    message: str


@frozen
class Reflected:
    """The service refused a create and another, changed one follows."""

    attempt: int
    code: str
    because: str
    changes: tuple[Change, ...]


@frozen
class Progressed:
    """A look at the task: not finished yet.

    Attributes:
        percent: Estimate from 0 to 95; never more before the end.
        done: Medias that are available.
        total: Medias that the service lists; 0 while it lists none.
        failed_looks: Looks that have failed in a row by now; from the second on nobody can see how the task is.
    """

    task_id: str
    elapsed_s: float
    percent: int
    done: int
    total: int
    failed_looks: int = 0


@frozen
class PollTrouble:
    """A look at the task failed in passing; waiting goes on.

    Attributes:
        code: Stable code of the error.
        count: Looks that failed in a row, this one included.
        since_s: Seconds since the first of them.
        left_s: Seconds until waiting ends.
    """

    task_id: str
    message: str
    code: str = ""
    count: int = 1
    since_s: float = 0.0
    left_s: float = 0.0


@frozen
class Downloaded:
    """One media is on disk."""

    task_id: str
    index: int
    path: str
    bytes: int


@frozen
class Finished:
    """The road's end: the result."""

    result: Result


Event = (
    ModelChosen
    | Quoted
    | Uploaded
    | Created
    | Reattached
    | Held
    | JournalTrouble
    | Reflected
    | Progressed
    | PollTrouble
    | Downloaded
    | Finished
)
