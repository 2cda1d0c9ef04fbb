"""What a look at a task shows: the walk of each media from waiting to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from ima_skills.sandbox.site import Site
    from ima_skills.sandbox.tasks import MediaRecord, TaskRecord

# The service's documents: 0 or null processing, 1 available, 2 failed, 3 deleted.
_PROCESSING, _AVAILABLE, _FAILED, _DELETED = 0, 1, 2, 3
_FAILING = {"failed", "failed-available", "failed-processing"}


@frozen
class Look:
    """The state of a media at one moment.

    Attributes:
        resource_status: The service's number; None while it waits in the queue.
        status: The service's word.
        shows_url: Whether its address is given.
    """

    resource_status: int | None
    status: str
    shows_url: bool = False

    @property
    def has_failed(self) -> bool:
        """Whether the service calls it a failure."""
        return self.status == "failed"


def look(media: MediaRecord, now: float) -> Look:
    """Return the state of a media."""
    due_at = media.course.due_at
    if now < media.course.begins_at:
        return Look(None, "pending")
    if due_at is None or now < due_at:
        return Look(_PROCESSING, "processing")
    shape = "failed" if media.fault is not None else media.shape
    # The service never leaves 0 beside "failed": the next look shows the failure proper.
    first_look = not media.seen
    ends = {
        "failed": Look(_FAILED, "failed"),
        "failed-available": Look(_AVAILABLE, "failed"),
        "failed-processing": Look(_PROCESSING if first_look else _FAILED, "failed"),
        "deleted": Look(_DELETED, "failed"),
    }
    return ends.get(shape) or _arrival(media, now)


def _arrival(media: MediaRecord, now: float) -> Look:
    if media.made is None:
        return Look(_PROCESSING, "processing")
    if now < media.course.url_at:
        return Look(_AVAILABLE, "processing")
    return Look(_AVAILABLE, "success", shows_url=True)


def needs_rendering(media: MediaRecord, site: Site) -> bool:
    """Return whether a file is missing that will be shown one day."""
    if media.fault is not None or media.course.due_at is None or media.shape in {*_FAILING, "deleted"}:
        return False
    path = site.file(media.made.object) if media.made else None
    return path is None or not path.is_file()


def outcome(medias: tuple[MediaRecord, ...], now: float) -> str | None:
    """Return how a task ended for the account: ``paid``, ``refund``, or None while it is open."""
    looks = [look(media, now) for media in medias]
    failed = [
        media.shape in _FAILING or media.fault is not None
        for media, seen in zip(medias, looks, strict=True)
        if seen.has_failed
    ]
    if len(failed) == len(looks) and all(failed):
        return "refund"
    done = all(seen.has_failed or seen.shows_url for seen in looks)
    return "paid" if done else None


def task_document(
    task: TaskRecord, medias: tuple[MediaRecord, ...], now: float, site: Site
) -> dict[str, Any]:
    """Return the data of a detail call."""
    listed = now >= task.listed_at
    looks = [look(media, now) for media in medias]
    return {
        "id": task.id,
        "task_type": task.task_type,
        "prompt": task.prompt,
        "status": _word(looks) if listed else "pending",
        "generate_count": len(medias),
        "created_at": round(task.created_at * 1000),
        "medias": [
            _document(task, media, seen, site) for media, seen in zip(medias, looks, strict=True) if listed
        ],
    }


def _word(looks: list[Look]) -> str:
    if any(seen.has_failed for seen in looks):
        return "failed"
    if all(seen.shows_url for seen in looks):
        return "success"
    return "pending" if all(seen.resource_status is None for seen in looks) else "processing"


def _document(task: TaskRecord, media: MediaRecord, seen: Look, site: Site) -> dict[str, Any]:
    made = media.made if seen.shows_url else None
    cover = site.cdn_url(made.cover) if made and made.cover else None
    return {
        "resource_status": seen.resource_status,
        "status": seen.status,
        "url": site.cdn_url(made.object) if made else None,
        "watermark_url": None,
        "preview_url": None,
        "cover": cover,
        "cover_url": cover,
        "format": made.format if made else None,
        "width": made.width if made else None,
        "height": made.height if made else None,
        "duration_str": _seconds(made.duration_s) if made else None,
        "error_msg": (media.fault or media.error) if seen.has_failed else None,
        "remark": None,
        "model_id": task.model_id,
        "mode_name": task.model_name,
    }


def _seconds(duration: float | None) -> str | None:
    return None if duration is None else f"{round(duration, 1):g}s"
