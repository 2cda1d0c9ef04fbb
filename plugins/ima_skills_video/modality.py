"""How requests for videos and their results are shaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.modality import Modality, same_urls

if TYPE_CHECKING:
    from ima_skills.domain.task import Media


def _media(media: Media) -> Media:
    """Return the clip as it is: a video has everything a media can have."""
    return media


def _caption(media: Media, language: str) -> tuple[str, ...]:
    unit = "秒" if language == "zh" else " s"
    length = (f"{media.duration_s:g}{unit}",) if media.duration_s else ()
    return (*length, f"{media.width}×{media.height}") if media.width and media.height else length


VIDEO = Modality(
    name="video",
    task_types=(
        "text_to_video",
        "image_to_video",
        "first_last_frame_to_video",
        "reference_image_to_video",
    ),
    formats=("mp4", "mov", "webm"),
    inputs=same_urls,
    media=_media,
    caption=_caption,
)
