"""Read a task detail: a tolerant reader with strict stop rules.

A task is done only when every media is available **and** has an address: the live service says
"available" for a while before the address exists (observed on the wire).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ima_skills.domain.task import Media, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ima_skills.domain.task import TaskStatus

AVAILABLE = 1
FAILED = 2
DELETED = 3
_URLS = ("url", "watermark_url", "preview_url")
_COVERS = ("cover_url", "cover")
_ERRORS = ("error_msg", "remark")
_KNOWN = {
    "resource_status",
    "status",
    "format",
    "width",
    "height",
    "duration_str",
    *_ERRORS,
    *_URLS,
    *_COVERS,
}
# Both forms that players write: 12.5s and 2:05; no sane length has more digits.
_FIGURE = re.compile(r"[0-9]{1,9}(?:\.[0-9]+)?")
_CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9](?:\.[0-9]+)?)")


def read_task(task_id: str, data: Any) -> Task:
    """Return the task that a detail call describes.

    Args:
        task_id: The id that was asked for.
        data: The envelope's ``data``; anything unreadable counts as "still processing".
    """
    document = data if isinstance(data, dict) else {}
    items = document.get("medias")
    medias = (
        # An output that cannot be read is still an output: it counts as not there yet.
        tuple(read_media(item if isinstance(item, dict) else {}) for item in items)
        if isinstance(items, list)
        else ()
    )
    status = _status(medias, _word(document, "status") or "")
    return Task(
        id=task_id,
        status=status,
        medias=medias,
        task_type=_word(document, "task_type"),
        error=_error(medias, document) if status == "failed" else None,
    )


def read_media(item: Mapping[str, Any]) -> Media:
    """Return one media; absent, null and empty fields all mean "not yet"."""
    return Media(
        resource_status=_status_number(item.get("resource_status")),
        status=_word(item, "status") or "",
        url=_first(item, _URLS),
        cover_url=_first(item, _COVERS),
        format=_word(item, "format"),
        width=_whole(item.get("width")),
        height=_whole(item.get("height")),
        duration_s=_seconds(item.get("duration_str")),
        error=_first(item, _ERRORS),
        extra={key: value for key, value in item.items() if key not in _KNOWN},
    )


def is_failed(media: Media) -> bool:
    """Whether a media will never be available."""
    return media.resource_status in (FAILED, DELETED) or media.status.casefold() == "failed"


def is_done(media: Media) -> bool:
    """Whether a media is available and has an address."""
    return media.resource_status == AVAILABLE and bool(media.url) and not is_failed(media)


def coming(status: str, medias: Sequence[Media]) -> int:
    """Return how many outputs may still come although a task has failed: those of which nobody said that they did.

    Args:
        status: What the medias together mean.
        medias: All outputs. Where the task failed as a whole, none of them says so, and none comes any more.
    """
    if status == "failed" and not any(map(is_failed, medias)):
        return 0
    return sum(not is_failed(media) and not is_done(media) for media in medias)


def _status(medias: tuple[Media, ...], word: str) -> TaskStatus:
    if word.casefold() == "failed" or any(is_failed(media) for media in medias):
        return "failed"
    return "success" if medias and all(is_done(media) for media in medias) else "processing"


def _error(medias: tuple[Media, ...], document: Mapping[str, Any]) -> str:
    for media in medias:
        if is_failed(media):
            return media.error or ("deleted" if media.resource_status == DELETED else "no reason was given")
    return _first(document, _ERRORS) or "no reason was given"


def _first(item: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((word for name in names if (word := _word(item, name))), None)


def _word(item: Mapping[str, Any], name: str) -> str | None:
    """Return a text that says something, or None for anything else."""
    value = item.get(name)
    return value.strip() or None if isinstance(value, str) else None


def _status_number(value: Any) -> int | None:
    # The wire has numbers, null and ""; a numeric string would otherwise be waited for in vain.
    if isinstance(value, str) and value.strip() in ("0", "1", "2", "3"):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    clock = _CLOCK.fullmatch(str(value or "").strip())
    if clock:
        return int(clock[1]) * 60.0 + float(clock[2])
    figure = _FIGURE.search(str(value or ""))
    return float(figure[0]) if figure else None
