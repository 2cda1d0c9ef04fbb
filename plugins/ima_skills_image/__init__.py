"""The image modality: pictures from text and from pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ima_skills.modality import Modality
    from ima_skills.quirks import Quirk


@hookimpl
def ima_modalities() -> Iterable[Modality]:
    """Declare images."""
    from ima_skills_image.modality import IMAGE

    return (IMAGE,)


@hookimpl
def ima_quirks() -> Iterable[Quirk]:
    """Declare the quirks that image models name."""
    from ima_skills_image.quirks import FIXED_SHAPE, SEEDREAM_VIRTUAL_SIZE

    return (SEEDREAM_VIRTUAL_SIZE, FIXED_SHAPE)
