"""How a text is to be spoken: voice, speed, pitch and loudness from the names and numbers of a request."""

import math
import re
from collections.abc import Mapping

from attrs import frozen

from ima_skills.sandbox.media.dice import dice_for

_WORDS_PER_MINUTE = 175.0  # espeak's own normal speed
_SLOWEST, _FASTEST = 80, 450  # what espeak accepts
_LOUDNESS = 65.0  # of espeak's 100: twice as loud still does not clip
_NORMAL_PITCH = 50.0  # of espeak's 0 to 100; 50 steps are an octave

_FEMALE: tuple[str, ...] = ("f1", "f2", "f3", "f4", "f5")
_MALE: tuple[str, ...] = ("m1", "m2", "m3", "m4", "m5", "m6", "m7")
_DEFAULT_SPEAKER = "zh_female_vv_uranus_bigtts"

# Change of (speed factor, pitch steps, intonation steps) by emotion word; our choice.
_EMOTIONS: Mapping[str, tuple[float, int, int]] = {
    "happy": (1.06, 6, 25), "excited": (1.12, 9, 35), "surprised": (1.05, 9, 35), "angry": (1.08, -3, 30),
    "sad": (0.88, -6, -28), "fear": (1.08, 6, 10), "hate": (0.97, -4, 10), "coldness": (0.95, -4, -30),
    "neutral": (1.0, 0, -5), "tender": (0.93, 3, -8),
}  # fmt: skip


@frozen
class Delivery:
    """Settings of the synthesiser.

    Attributes:
        variant: name of the espeak voice variant, e.g. ``"f3"``.
        rate: words per minute.
        pitch: 0 to 100, 50 is normal.
        intonation: 0 (flat) to 100, 50 is normal.
        loudness: percent of the synthesiser's normal loudness.
        chinese: whether the speaker's mother tongue is Chinese; decides how bare numbers are read.
    """

    variant: str
    rate: int
    pitch: int
    intonation: int
    loudness: int
    chinese: bool


def delivery_for(parameters: Mapping[str, object], take: int) -> Delivery:
    """Return the delivery that the parameters of a speech request ask for.

    Args:
        parameters: ``speaker`` (or ``voice_id``, ``voice_type``), ``speed`` (factor), ``pitch`` (factor up to 2,
            else semitones), ``volume`` (factor, above 10 percent) and ``audio_params`` with ``speech_rate`` and
            ``loudness_rate`` (percent more or less) and ``emotion``, as the service's documents name them.
        take: 0-based number of the media; later takes of one text are spoken a little differently.
    """
    audio = parameters.get("audio_params")
    audio = audio if isinstance(audio, Mapping) else {}
    speaker = _speaker(parameters)
    variant, colour = _voice(speaker)
    brisk, lift, swing = _EMOTIONS.get(str(audio.get("emotion") or "").lower(), (1.0, 0, 0))
    speed = _factor(parameters.get("speed")) * _percent(audio.get("speech_rate")) * brisk * (1 + 0.04 * take)
    pitch = _NORMAL_PITCH + colour + lift + 5 * take + _pitch_steps(parameters.get("pitch"))
    loudness = _LOUDNESS * _volume(parameters.get("volume")) * _percent(audio.get("loudness_rate"))
    return Delivery(
        variant=variant,
        rate=_within(_WORDS_PER_MINUTE * speed, _SLOWEST, _FASTEST),
        pitch=_within(pitch, 0, 100),
        intonation=_within(50 + swing, 0, 100),
        loudness=_within(loudness, 1, 200),
        chinese=not speaker.lower().startswith(("en", "us")),
    )


def _speaker(parameters: Mapping[str, object]) -> str:
    names = (parameters.get(key) for key in ("speaker", "voice_id", "voice_type"))
    return next((str(name) for name in names if name), _DEFAULT_SPEAKER)


def _voice(speaker: str) -> tuple[str, int]:
    """Return a variant of the speaker's sex and a pitch of their own."""
    dice = dice_for("speaker", speaker)
    words = set(re.split(r"[^a-z]+", speaker.lower()))
    if words & {"male", "man", "boy", "m"}:
        variants = _MALE
    elif words & {"female", "woman", "girl", "f"}:
        variants = _FEMALE
    else:
        variants = _FEMALE + _MALE
    return dice.pick(variants), dice.below(19) - 9


def _factor(value: object) -> float:
    number = _number(value)
    return 1.0 if number is None or number <= 0 else min(2.0, max(0.5, number))


def _percent(value: object) -> float:
    number = _number(value)
    return 1.0 if number is None else 1 + min(100.0, max(-50.0, number)) / 100


def _volume(value: object) -> float:
    number = _number(value)
    if number is None or number < 0:
        return 1.0
    share = number / 100 if number > 10 else number  # noqa: PLR2004 - no voice is made ten times as loud
    return min(2.0, max(0.1, share))


def _pitch_steps(value: object) -> float:
    number = _number(value)
    if not number:
        return 0.0
    octaves = math.log2(number) if 0 < number <= 2 else number / 12  # noqa: PLR2004 - an octave up
    return 50 * min(1.0, max(-1.0, octaves))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError:
        return None  # "default" and the like: not a number, so no wish
    return number if math.isfinite(number) else None


def _within(value: float, low: int, high: int) -> int:
    return min(high, max(low, round(value)))
