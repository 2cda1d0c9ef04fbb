"""The music modality: songs and background music from text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ima_skills.modality import Modality
    from ima_skills.quirks import Quirk


@hookimpl
def ima_modalities() -> Iterable[Modality]:
    """Declare music."""
    from ima_skills_music.modality import MUSIC

    return (MUSIC,)


@hookimpl
def ima_quirks() -> Iterable[Quirk]:
    """Declare the quirks that music models name."""
    from ima_skills_music.quirks import SUNO_MODEL_VERSION

    return (SUNO_MODEL_VERSION,)
