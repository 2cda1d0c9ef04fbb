"""Renders the music tasks, and the sound tracks of videos."""

import re
from pathlib import Path

from ima_skills.renderers import Rendered, RenderJob
from ima_skills.sandbox.media.dice import Dice, dice_for
from ima_skills.sandbox.media.lengths import wanted_seconds
from ima_skills.sandbox.media.music.mixdown import Band
from ima_skills.sandbox.media.music.score import compose
from ima_skills.sandbox.media.music.tempo import wanted_tempo
from ima_skills.sandbox.media.music.tones import RATE
from ima_skills.sandbox.media.muxing import Sound, write_mp3, write_wav

_DEFAULT_SECONDS = 30.0
_BIT_RATE = 192_000
_WORDLESS = r"\binstrumental|\bno vocals?|\bwithout vocals?|\bbgm\b|background music|纯音乐|背景音乐|无人声|伴奏|不要人声"


def render_song(job: RenderJob, folder: Path, stem: str) -> Rendered:
    """Play a song of exactly the wanted length into ``folder``, as MP3 or WAV.

    Raises:
        RenderError: when the length is out of reach or the encoder fails.
    """
    seconds = wanted_seconds(job, _DEFAULT_SECONDS)
    sound = Sound(_band(job, sung=_is_sung(job)).song(seconds), RATE, 2)
    if str(job.parameters.get("format") or "").lower() == "wav":
        path = folder / f"{stem}.wav"
        write_wav(path, sound)
    else:
        path = folder / f"{stem}.mp3"
        write_mp3(path, sound, _BIT_RATE)
    return Rendered(path, path.suffix[1:], None, None, round(seconds * RATE) / RATE, None)


def soundtrack(job: RenderJob, seconds: float) -> Sound:
    """Return soft instrumental music for a video of ``seconds``."""
    return Sound(_band(job, sung=False).song(seconds), RATE, 2)


def _band(job: RenderJob, *, sung: bool) -> Band:
    words = " ".join(
        str(part or "") for part in (job.prompt, job.parameters.get("tags"), job.parameters.get("title"))
    )
    # Not seeded by the parameters: the instrumental version is the same song without its singer.
    dice = dice_for("song", words, job.parameters.get("lyrics"), job.model_name, job.index)
    score = compose(f"{words} soft" if job.kind == "video" else words, dice)
    tempo = wanted_tempo(job.prompt, job.parameters) or float(80 + dice.below(51))
    return Band.of(score, tempo, dice, sung=sung, high=_sings_high(job, dice))


def _is_sung(job: RenderJob) -> bool:
    wish = job.parameters.get("make_instrumental")
    if wish is not None:
        return str(wish).strip().lower() not in {"true", "1", "on"}
    return not re.search(_WORDLESS, f"{job.prompt} {job.model_name}", re.IGNORECASE)


def _sings_high(job: RenderJob, dice: Dice) -> bool:
    wish = str(job.parameters.get("vocal_gender") or "").lower()
    drawn = dice.chance(0.5)
    return wish.startswith("f") if wish else drawn
