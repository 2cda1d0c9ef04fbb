"""How requests for pictures and their results are shaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from ima_skills.modality import Modality, same_urls

if TYPE_CHECKING:
    from ima_skills.domain.task import Media


def _media(media: Media) -> Media:
    """Return the picture; it has no length, and it is its own cover."""
    return evolve(media, duration_s=None, cover_url=None)


def _caption(media: Media, _language: str) -> tuple[str, ...]:
    return (f"{media.width}×{media.height}",) if media.width and media.height else ()


IMAGE = Modality(
    name="image",
    task_types=("text_to_image", "image_to_image"),
    formats=("jpg", "png", "webp"),
    inputs=same_urls,
    media=_media,
    caption=_caption,
)
