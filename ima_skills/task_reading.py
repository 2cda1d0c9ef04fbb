"""Read a task detail: a tolerant reader with strict stop rules.

A task is done only when every media is available **and** has an address: the live service says
"available" for a while before the address exists (observed on the wire).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ima_skills.domain.task import Media, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills.domain.task import TaskStatus

AVAILABLE = 1
FAILED = 2
DELETED = 3
_URLS = ("url", "watermark_url", "preview_url")
_COVERS = ("cover_url", "cover")
_KNOWN = {
    "resource_status",
    "status",
    "format",
    "width",
    "height",
    "duration_str",
    "error_msg",
    "remark",
    *_URLS,
    *_COVERS,
}
_FIGURE = re.compile(r"\d+(?:\.\d+)?")


def read_task(task_id: str, data: Any) -> Task:
    """Return the task that a detail call describes.

    Args:
        task_id: The id that was asked for.
        data: The envelope's ``data``; anything unreadable counts as "still processing".
    """
    document = data if isinstance(data, dict) else {}
    items = document.get("medias")
    medias = (
        tuple(read_media(item) for item in items if isinstance(item, dict)) if isinstance(items, list) else ()
    )
    status = _status(medias, str(document.get("status") or ""))
    return Task(
        id=task_id,
        status=status,
        medias=medias,
        task_type=document.get("task_type") or None,
        error=_error(medias, document) if status == "failed" else None,
    )


def read_media(item: Mapping[str, Any]) -> Media:
    """Return one media; absent, null and empty fields all mean "not yet"."""
    return Media(
        resource_status=_status_number(item.get("resource_status")),
        status=str(item.get("status") or ""),
        url=_first(item, _URLS),
        cover_url=_first(item, _COVERS),
        format=item.get("format") or None,
        width=_whole(item.get("width")),
        height=_whole(item.get("height")),
        duration_s=_seconds(item.get("duration_str")),
        error=item.get("error_msg") or item.get("remark") or None,
        extra={key: value for key, value in item.items() if key not in _KNOWN},
    )


def is_failed(media: Media) -> bool:
    """Whether a media will never be available."""
    return media.resource_status in (FAILED, DELETED) or media.status == "failed"


def is_done(media: Media) -> bool:
    """Whether a media is available and has an address."""
    return media.resource_status == AVAILABLE and bool(media.url) and not is_failed(media)


def _status(medias: tuple[Media, ...], word: str) -> TaskStatus:
    if word == "failed" or any(is_failed(media) for media in medias):
        return "failed"
    return "success" if medias and all(is_done(media) for media in medias) else "processing"


def _error(medias: tuple[Media, ...], document: Mapping[str, Any]) -> str:
    for media in medias:
        if is_failed(media):
            return media.error or ("deleted" if media.resource_status == DELETED else "no reason was given")
    return str(document.get("error_msg") or document.get("remark") or "no reason was given")


def _first(item: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((str(item[name]) for name in names if item.get(name)), None)


def _status_number(value: Any) -> int | None:
    # The wire has numbers, null and ""; a numeric string would otherwise be waited for in vain.
    if isinstance(value, str) and value.strip().isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _seconds(value: Any) -> float | None:
    figure = _FIGURE.search(str(value or ""))
    return float(figure[0]) if figure else None
