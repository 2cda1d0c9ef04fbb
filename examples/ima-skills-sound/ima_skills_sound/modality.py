"""How requests for sound effects and their results are shaped."""

from __future__ import annotations

from ima_skills import Modality
from ima_skills.modality import audio_length, audio_only, same_urls

SOUND = Modality(
    name="sound",
    task_types=("text_to_sound",),
    formats=("wav", "mp3"),
    inputs=same_urls,
    media=audio_only,
    caption=audio_length,
)
