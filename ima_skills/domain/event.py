"""What happens on the road, as frozen values for whoever watches."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from ima_skills.domain.problem import Change
from ima_skills.domain.request import Quote
from ima_skills.domain.task import Result


@frozen
class ModelChosen:
    """Which model a wish will use, and who chose it; told before :class:`Quoted`.

    Attributes:
        task_type: The category.
        model_id: Family id of the model that is used.
        model_name: Its display name.
        source: ``explicit`` (named in the wish), ``saved`` (a preference), ``knowledge`` (advice of an
            installed skill) or ``default``.
        recommended: Display name of the model that knowledge advice names instead, when it differs.
        reason: Why it is recommended, in the user's language.
        previous: Display name of the saved model that an explicit wish departs from.
        stale: A saved model that the service does not list any more.
    """

    task_type: str
    model_id: str
    model_name: str
    source: Literal["explicit", "saved", "knowledge", "default"]
    recommended: str | None = None
    reason: str | None = None
    previous: str | None = None
    stale: str | None = None


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
    """The service accepted the task; points are spent from here on."""

    task_id: str
    attempt: int


@frozen
class Reattached:
    """The same wish was created before and is under way; nothing more is spent."""

    task_id: str


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
    """

    task_id: str
    elapsed_s: float
    percent: int
    done: int
    total: int


@frozen
class PollTrouble:
    """A look at the task failed in passing; waiting goes on."""

    task_id: str
    message: str


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
    | JournalTrouble
    | Reflected
    | Progressed
    | PollTrouble
    | Downloaded
    | Finished
)
