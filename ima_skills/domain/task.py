"""A task at the service, its medias, and the result a user gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from ima_skills.domain.choice import ModelChosen
from ima_skills.domain.problem import Change

TaskStatus = Literal["processing", "success", "failed"]


@frozen
class Media:
    """One output of a task.

    Attributes:
        resource_status: 0 or None processing, 1 available, 2 failed, 3 deleted.
        status: The service's word for the same.
        url: Where the file is; kept out of reprs because it may be signed.
        cover_url: Picture that stands for a video.
        format: File format, for instance ``mp4``.
        width: Pixels.
        height: Pixels.
        duration_s: Seconds.
        error: Why it failed, in the service's words.
        extra: Everything else the service sent.
    """

    resource_status: int | None = None
    status: str = ""
    url: str | None = field(default=None, repr=False)
    cover_url: str | None = field(default=None, repr=False)
    format: str | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    error: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, repr=False)


@frozen
class Task:
    """A task as the service's detail call states it.

    Attributes:
        id: The id to poll.
        status: What the medias together mean.
        medias: All outputs.
        task_type: Echo of the category, when the service gives it.
        error: Why it failed, when it did.
    """

    id: str
    status: TaskStatus
    medias: tuple[Media, ...] = ()
    task_type: str | None = None
    error: str | None = None


@frozen
class SavedFile:
    """A downloaded media: where it is and what it holds.

    Attributes:
        path: Where it is.
        bytes: Its size.
        sha256: Of its contents.
        kept: Empty when it was downloaded; else it was there before and was left alone, and is as
            large as the media (``same``), is not (``other``), or nobody could tell (``unchecked``).
    """

    path: str
    bytes: int
    sha256: str
    kept: Literal["", "same", "other", "unchecked"] = ""


@frozen
class Result:
    """Everything a finished create has to show.

    Attributes:
        task_id: The service's id of the task.
        task_type: The category.
        status: ``success``, or ``failed`` when some outputs failed.
        medias: All outputs, in the service's order.
        files: Downloaded files, one per media; empty when nothing was downloaded.
        model_id: Family id that was used.
        model_name: Display name that was used.
        version_id: Leaf id that was used.
        credit: Points charged in total.
        params: Parameters as sent, without prompt and inputs.
        changes: Everything that differs from the wish, and why.
        elapsed_s: Seconds from the create to the last media.
        sandbox: Whether this is the sandbox's output.
        choice: Who chose the model; None when nobody knows.
    """

    task_id: str
    task_type: str
    status: TaskStatus
    medias: tuple[Media, ...]
    model_id: str
    model_name: str
    version_id: str
    credit: int
    params: Mapping[str, Any] = field(repr=False)
    changes: tuple[Change, ...]
    elapsed_s: float
    sandbox: bool
    files: tuple[SavedFile | None, ...] = ()
    choice: ModelChosen | None = None
