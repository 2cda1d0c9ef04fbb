"""The image modality: pictures from text and from pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ima_skills.modality import Modality


@hookimpl
def ima_modalities() -> Iterable[Modality]:
    """Declare images."""
    from ima_skills_image.modality import IMAGE

    return (IMAGE,)
