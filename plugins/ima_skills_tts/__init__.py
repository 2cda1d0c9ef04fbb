"""The speech modality: text read aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ima_skills.modality import Modality
    from ima_skills.quirks import Quirk


@hookimpl
def ima_modalities() -> Iterable[Modality]:
    """Declare speech."""
    from ima_skills_tts.modality import TTS

    return (TTS,)


@hookimpl
def ima_quirks() -> Iterable[Quirk]:
    """Declare the quirks that speech models name."""
    from ima_skills_tts.quirks import TTS_NATIVE

    return (TTS_NATIVE,)
