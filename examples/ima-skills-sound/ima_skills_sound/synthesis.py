"""Sounds from layers: noise, drops, strikes and scraping, summed sample by sample."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from random import Random

from attrs import field, frozen

from ima_skills_sound.recipes import Layer

_TURN = 2 * math.pi
_EDGE_S = 0.01
_NOISE_RMS = 0.15
# After this many times its decay a tone is inaudible.
_GONE = 7.0


@frozen
class Score:
    """What to synthesise.

    Attributes:
        layers: The layers.
        seconds: Length.
        rate: Samples per second.
        overlap_s: How long end and beginning of a loop overlap; 0 for a sound that is no loop.
        seed: What chance depends on.
        side: 0-based number of the channel, which has noise of its own.
    """

    layers: tuple[Layer, ...]
    seconds: float
    rate: int
    overlap_s: float = 0.0
    seed: str = field(default="", repr=False)
    side: int = 0


def synthesise(score: Score) -> list[float]:
    """Return the samples of a sound; those of the same score are the same."""
    overlap = round(min(score.overlap_s, score.seconds / 2) * score.rate)
    length = round(score.seconds * score.rate)
    samples = [0.0] * (length + overlap)
    for number, layer in enumerate(score.layers):
        # Events fall at the same time in both channels; noise that is the same would sound like one channel.
        side = score.side if layer["kind"] == "noise" else 0
        _KINDS[layer["kind"]](samples, layer, score.rate, Random(f"{score.seed}/{number}/{side}"))  # noqa: S311 - a sound, not a secret
    return _looped(samples, length) if overlap else _edged(samples, round(_EDGE_S * score.rate))


def _noise(samples: list[float], layer: Layer, rate: int, chance: Random) -> None:
    """Add noise between two corner frequencies, with a slow swell."""
    rise, fall = (1 - math.exp(-_TURN * layer[name] / rate) for name in ("high", "low"))
    first = second = slow = 0.0
    noise = []
    for _ in samples:
        first += rise * (chance.random() * 2 - 1 - first)
        second += rise * (first - second)
        slow += fall * (second - slow)
        noise.append(second - slow)
    # A narrow band is quiet by nature; gain shall mean the same for all.
    gain = _NOISE_RMS * layer["gain"] / math.sqrt(sum(value * value for value in noise) / len(noise))
    turn, start, swell = _TURN / (layer["period"] * rate), chance.uniform(0, _TURN), layer["swell"]
    for index, value in enumerate(noise):
        samples[index] += value * gain * (1 - swell * (0.5 + 0.5 * math.sin(start + index * turn)))


def _drops(samples: list[float], layer: Layer, rate: int, chance: Random) -> None:
    """Add short tones at random moments."""
    moment = 0.0
    while True:
        moment += chance.expovariate(layer["rate"]) * rate
        if moment >= len(samples):
            return
        pitch = layer["low"] * (layer["high"] / layer["low"]) ** chance.random()
        loudness = layer["gain"] * chance.uniform(0.15, 1) ** 2
        _tone(samples, int(moment), pitch, layer["decay"] * chance.uniform(0.5, 1.5), loudness, rate)


def _ring(samples: list[float], layer: Layer, rate: int, chance: Random) -> None:
    """Add strikes of something that rings with several partials; high ones fade sooner."""
    for moment in _strikes(len(samples) / rate, layer["every"], chance):
        for ratio in layer["partials"]:
            decay = layer["decay"] / math.sqrt(ratio)
            _tone(samples, int(moment * rate), layer["pitch"] * ratio, decay, layer["gain"] / 3, rate)


def _strikes(seconds: float, every: float, chance: Random) -> Iterator[float]:
    moment = min(0.05, seconds / 4)
    while moment < seconds:
        yield moment
        if not every:
            return
        moment += every * chance.uniform(0.93, 1.07)


def _tone(samples: list[float], start: int, pitch: float, decay_s: float, loudness: float, rate: int) -> None:  # noqa: PLR0913, PLR0917 - what a tone is made of
    """Add one decaying tone: a resonator that was struck once."""
    fade = math.exp(-1 / (decay_s * rate))
    turn, keep = 2 * fade * math.cos(_TURN * pitch / rate), fade * fade
    now, before = loudness * fade * math.sin(_TURN * pitch / rate), 0.0
    for index in range(start, min(len(samples), start + int(_GONE * decay_s * rate))):
        samples[index] += now
        now, before = turn * now - keep * before, now


def _scrape(samples: list[float], layer: Layer, rate: int, chance: Random) -> None:
    """Add a creak: slips at a rate that wanders, each of which strikes the body."""
    moment, share = 0.1 * rate, 0.2
    while moment < len(samples) * 0.92:
        for pitch in layer["body"]:
            _tone(samples, int(moment), pitch, 0.012, layer["gain"] * chance.uniform(0.3, 1), rate)
        share = min(1.0, max(0.0, share + chance.uniform(-0.07, 0.075)))
        moment += rate / (layer["low"] * (layer["high"] / layer["low"]) ** share)


def _looped(samples: list[float], length: int) -> list[float]:
    """Return the first samples with what comes after them faded into their beginning."""
    overlap = len(samples) - length
    looped = samples[:length]
    for index in range(overlap):
        share = index / overlap
        looped[index] = looped[index] * math.sqrt(share) + samples[length + index] * math.sqrt(1 - share)
    return looped


def _edged(samples: list[float], edge: int) -> list[float]:
    """Return samples that begin and end in silence, so that nothing clicks."""
    for index in range(min(edge, len(samples) // 2)):
        samples[index] *= index / edge
        samples[-1 - index] *= index / edge
    return samples


_KINDS: dict[str, Callable[[list[float], Layer, int, Random], None]] = {
    "noise": _noise,
    "drops": _drops,
    "ring": _ring,
    "scrape": _scrape,
}
