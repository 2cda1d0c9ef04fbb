"""How requests for speech and their results are shaped."""

from __future__ import annotations

from ima_skills.modality import Modality, audio_length, audio_only, same_urls

TTS = Modality(
    name="tts",
    task_types=("text_to_speech",),
    formats=("mp3", "wav", "m4a", "ogg"),
    inputs=same_urls,
    media=audio_only,
    caption=audio_length,
)
