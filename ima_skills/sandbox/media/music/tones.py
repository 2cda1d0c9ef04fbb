"""Instruments: sampled wave forms, notes with envelopes and drums, in whole numbers only.

Whole numbers do not drift between machines, and a table look-up per sample is fast enough in plain Python.
"""

import math
from array import array
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from ima_skills.sandbox.media.dice import Dice

RATE = 44_100

_TABLE_BITS = 11
_TABLE = 1 << _TABLE_BITS
_FRACTION = 16  # bits of the phase below one table step
_GRAIN = 64  # samples that share one loudness: 1.5 ms, too short to be heard as a step


@frozen
class Instrument:
    """A sound that can play notes.

    Attributes:
        table: one period of the wave form.
        attack_s: seconds to full loudness.
        decay_s: seconds in which the loudness halves, 0.0 holds it.
        release_s: seconds to silence at the end of a note.
        vibrato: depth as a share of the frequency.
    """

    table: "array[int]" = field(repr=False)
    attack_s: float
    decay_s: float
    release_s: float
    vibrato: float = 0.0

    def note(self, pitch: int, seconds: float) -> "array[int]":
        """Return a note of ``seconds``; ``pitch`` is a MIDI number."""
        count = round(seconds * RATE)
        step = round(440.0 * 2 ** ((pitch - 69) / 12) * _TABLE / RATE * (1 << _FRACTION))
        mask, table, phase = _TABLE - 1, self.table, 0
        samples = array("i")
        for start in range(0, count, _GRAIN):
            gain = self._gain(start / RATE, seconds)
            speed = step + round(step * self._bend(start / RATE))
            end = phase + speed * min(_GRAIN, count - start)
            samples.extend([table[(p >> _FRACTION) & mask] * gain >> 12 for p in range(phase, end, speed)])
            phase = end
        return samples

    def _gain(self, time: float, seconds: float) -> int:
        """Return the loudness at ``time`` seconds, 4096 is full."""
        level = min(1.0, time / self.attack_s) * min(1.0, (seconds - time) / self.release_s)
        if self.decay_s:
            level *= 0.5 ** (time / self.decay_s)
        return round(4096 * level)

    def _bend(self, time: float) -> float:
        """Return the vibrato, which sets in after the start of a note."""
        if not self.vibrato:
            return 0.0
        return self.vibrato * min(1.0, max(0.0, time - 0.12) * 5) * math.sin(math.tau * 5.4 * time)


def instruments(style: str, dice: Dice) -> Mapping[str, Instrument]:
    """Return the band for a style of :mod:`score`; ``dice`` vary its colours."""
    bright = {"soft": 2.4, "dance": 1.1}.get(style, 1.5) + dice.between(-0.2, 0.3)
    pluck = dice.pick(((1.0, 0.5, 0.25, 0.12), (1.0, 0.0, 0.4, 0.0, 0.2), (1.0, 0.3, 0.1, 0.3, 0.05)))
    return {
        "pad": Instrument(_table([k**-bright for k in range(1, 9)], 2300), 0.18, 0.0, 0.25),
        "bass": Instrument(_table([1.0, 0.45, 0.22, 0.1], 7800), 0.006, 0.5, 0.05),
        "pluck": Instrument(_table(pluck, 3600), 0.004, 0.09, 0.06),
    }


def singer(dice: Dice, *, high: bool) -> Instrument:
    """Return a voice-like instrument: harmonics shaped by the formants of an open vowel."""
    base = 330.0 if high else 175.0
    vowel = dice.pick(((750, 1150, 2600), (520, 1750, 2500), (600, 950, 2450)))
    partials = [
        sum(math.exp(-(((k * base - formant) / (160 + formant * 0.08)) ** 2)) for formant in vowel)
        + 0.5 / k**1.5
        for k in range(1, 15)
    ]
    return Instrument(_table(partials, 6800), 0.05, 0.0, 0.09, vibrato=0.011)


def drum_kit(dice: Dice) -> Mapping[str, "array[int]"]:
    """Return the sounds of the kit at full loudness."""
    noise = array("h", dice.noise(2 * RATE // 4))
    kick, snare, hat = array("i"), array("i"), array("i")
    phase = 0.0
    for i in range(RATE * 26 // 100):
        time = i / RATE
        phase += (46 + 120 * math.exp(-time * 32)) / RATE
        kick.append(round(12_500 * math.exp(-time * 13) * math.sin(math.tau * phase)))
    for i in range(RATE * 17 // 100):
        time = i / RATE
        tone = 2600 * math.sin(math.tau * 188 * time) * math.exp(-time * 24)
        snare.append(round(noise[i] * 0.19 * math.exp(-time * 25) + tone))
    for i in range(RATE * 6 // 100):
        # The difference of neighbours takes the low part out of the noise.
        hat.append(round((noise[i + 1] - noise[i]) * 0.055 * math.exp(-i / RATE * 70)))
    return {"kick": kick, "snare": snare, "hat": hat}


def _table(partials: Sequence[float], peak: int) -> "array[int]":
    wave = [
        sum(
            level * math.sin(math.tau * number * i / _TABLE + number * number)
            for number, level in enumerate(partials, start=1)
        )
        for i in range(_TABLE)
    ]
    top = max(map(abs, wave))
    return array("i", [round(value / top * peak) for value in wave])
