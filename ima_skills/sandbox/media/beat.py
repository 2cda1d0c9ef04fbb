"""Measures the tempo of decoded music, to check that a song has the tempo it was asked for."""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ima_skills.sandbox.media.probe import decode_mono

if TYPE_CHECKING:
    from array import array

_HOP_S = 0.005
_BEATS, _LEAST_BEATS = 8, 6
_STEP = 0.5


def tempo_bpm(path: Path, near: float) -> float:
    """Return the tempo of a music file in beats per minute, to half a beat.

    Sudden rises of loudness are compared with themselves one to eight beats later, where they agree best when
    the beat is right.

    Args:
        path: any file with sound and a clear beat; about twelve beats or more.
        near: where to look: up to half an octave around it, because nothing in a sound tells a tempo from
            its double.

    Raises:
        ValueError: when there is no sound, or too little of it.
    """
    samples, rate = decode_mono(path)
    hop = round(rate * _HOP_S)
    rises = _rises(samples, hop)
    half = math.sqrt(2)
    tempos = [
        _STEP * number for number in range(math.ceil(near / half / _STEP), int(near * half / _STEP) + 1)
    ]
    slowest_beat = 60 / tempos[0] * rate / hop
    beats = min(_BEATS, int(len(rises) * 3 / 4 / slowest_beat))
    if beats < _LEAST_BEATS:
        raise ValueError(f"{path.name} is too short to have a tempo")
    likeness = [_likeness(rises, lag) for lag in range(int(beats * slowest_beat) + 2)]
    return max(tempos, key=lambda bpm: _clarity(likeness, 60 / bpm * rate / hop, beats))


def _rises(samples: "array[int]", hop: int) -> list[float]:
    """Return by how much the loudness of each hop exceeds that of the hop before, around their mean."""
    energy = [
        sum(map(abs, samples[start : start + hop])) / hop for start in range(0, len(samples) - hop, hop)
    ]
    rises = [max(0.0, after - before) for before, after in pairwise(energy)]
    mean = sum(rises) / max(1, len(rises))
    return [rise - mean for rise in rises]


def _likeness(rises: Sequence[float], lag: int) -> float:
    return sum(map(float.__mul__, rises[: len(rises) - lag], rises[lag:])) / (len(rises) - lag)


def _clarity(likeness: Sequence[float], beat: float, beats: int) -> float:
    """Return how well the music agrees with itself on the beats.

    Args:
        likeness: agreement by distance in hops.
        beat: supposed distance of the beats in hops.
        beats: how many beats to look ahead.
    """
    return sum(_at(likeness, number * beat) for number in range(1, beats + 1))


def _at(values: Sequence[float], place: float) -> float:
    """Return the value at a place between two entries."""
    index = int(place)
    share = place - index
    return values[index] * (1 - share) + values[index + 1] * share
