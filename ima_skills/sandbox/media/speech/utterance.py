"""Renders the speech tasks."""

from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path

from ima_skills.renderers import Rendered, RenderError, RenderJob
from ima_skills.sandbox.media.muxing import Sound, write_mp3, write_wav
from ima_skills.sandbox.media.speech.delivery import delivery_for
from ima_skills.sandbox.media.speech.languages import passages
from ima_skills.sandbox.media.speech.synthesiser import synthesiser

_BIT_RATE = 64_000
_BLOCK = 1 << 16
_SILENCE = 40  # of 32768; below it there is nothing to hear


def render_speech(job: RenderJob, folder: Path, stem: str) -> Rendered:
    """Speak the prompt into ``folder``, as MP3 or WAV, in mono.

    The length follows from the text; ``duration_s`` of the job is not used.

    Raises:
        RenderError: when there is no synthesiser, it fails, or the text has nothing to say.
    """
    delivery = delivery_for(job.parameters, job.index)
    lines = passages(job.prompt, chinese=delivery.chinese)
    raw = folder / f"{stem}.pcm"
    rate = synthesiser().speak(lines, delivery, raw) if lines else 0
    if not rate or not any(_is_loud(block) for block in _blocks(raw)):
        raise RenderError("The text has nothing that can be spoken.")
    sound = Sound(_blocks(raw), rate, 1)
    extension = "wav" if _wants_wav(job) else "mp3"
    path = folder / f"{stem}.{extension}"
    if extension == "wav":
        write_wav(path, sound)
    else:
        write_mp3(path, sound, _BIT_RATE)
    return Rendered(path, extension, None, None, raw.stat().st_size / 2 / rate, None)


def _wants_wav(job: RenderJob) -> bool:
    audio = job.parameters.get("audio_params")
    inner = audio.get("format") if isinstance(audio, Mapping) else None
    return "wav" in {str(wish).lower() for wish in (job.parameters.get("format"), inner)}


def _blocks(raw: Path) -> Iterator["array[int]"]:
    with raw.open("rb") as file:
        while data := file.read(_BLOCK * 2):
            yield array("h", data[: len(data) & ~1])


def _is_loud(block: "array[int]") -> bool:
    return max(block) > _SILENCE
