"""How requests for music and their results are shaped."""

from __future__ import annotations

from ima_skills.modality import Modality, audio_length, audio_only, same_urls

MUSIC = Modality(
    name="music",
    task_types=("text_to_music",),
    formats=("mp3", "wav", "m4a"),
    inputs=same_urls,
    media=audio_only,
    caption=audio_length,
)
