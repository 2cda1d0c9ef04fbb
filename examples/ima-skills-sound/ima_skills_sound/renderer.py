"""The sandbox's renderer of sound effects: from a job to a WAV file, with nothing but the standard library."""

from __future__ import annotations

import sys
import wave
from array import array
from typing import TYPE_CHECKING

from ima_skills import Rendered, RenderError
from ima_skills_sound.recipes import chosen_layers
from ima_skills_sound.synthesis import Score, synthesise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ima_skills import RenderJob

# Quality to samples per second and number of channels.
_SHAPES = {"draft": (22050, 1), "studio": (44100, 2)}
_DEFAULT_S, _LONGEST_S = 5.0, 120.0
_PEAK = 0.8 * 32767


def render_sound(job: RenderJob, folder: Path, stem: str) -> Rendered:
    """Render the sound that a prompt asks for.

    Args:
        job: What to render; prompt, index, length, ``quality``, ``loop`` and ``crossfade_ms`` decide.
        folder: Where the file goes.
        stem: Its name without extension.

    Raises:
        RenderError: The length is out of reach.
    """
    seconds = job.duration_s or _DEFAULT_S
    if not 0 < seconds <= _LONGEST_S:
        raise RenderError(
            f"A sound of {seconds:g} s cannot be rendered: up to {_LONGEST_S:g} s are possible."
        )
    rate, channels = _SHAPES.get(str(job.parameters.get("quality")), _SHAPES["draft"])
    overlap = job.parameters.get("crossfade_ms")
    overlap_s = float(overlap) / 1000 if isinstance(overlap, int | float) else 0.0
    layers = chosen_layers(job.prompt)
    # Both channels of a stereo sound have the same events and noise of their own.
    sides = [
        synthesise(Score(layers, seconds, rate, overlap_s, f"{job.prompt}/{job.index}", side))
        for side in range(channels)
    ]
    path = folder / f"{stem}.wav"
    _write(path, sides, rate)
    return Rendered(path, "wav", None, None, round(len(sides[0]) / rate, 3), None)


def _write(path: Path, sides: Sequence[Sequence[float]], rate: int) -> None:
    """Write channels as 16-bit samples, the loudest of them a little below full scale."""
    loudest = max(max(map(abs, side)) for side in sides) or 1.0
    scale = _PEAK / loudest
    samples = array("h", (round(value * scale) for frame in zip(*sides, strict=True) for value in frame))
    if sys.byteorder == "big":
        samples.byteswap()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(sides))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
