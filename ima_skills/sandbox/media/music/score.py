"""Composes: key, chords, bass, melody and drums of a song, as notes on a grid of sixteenths."""

import re
from collections.abc import Mapping, Sequence

from attrs import frozen

from ima_skills.sandbox.media.dice import Dice

STEPS = 16  # sixteenths in a bar
BARS = 4  # bars in a phrase, the piece that songs are built from

_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
_MAJOR_CHORDS = ((0, 4, 5, 3), (5, 3, 0, 4), (0, 5, 3, 4), (0, 3, 5, 4), (0, 2, 3, 4), (3, 4, 2, 5))
_MINOR_CHORDS = ((0, 5, 2, 6), (0, 3, 5, 6), (0, 6, 5, 6), (0, 3, 6, 2), (5, 6, 0, 0))
_SAD = r"\bsad|\bdark|\bminor|\bmelanchol|\btense|\bhorror|\bepic|悲|伤|忧|黑暗|紧张|史诗|小调"
_GLAD = r"\bhappy|\bbright|\bcheerful|\bmajor|\bjoy|\bupbeat|\bsunny|欢|快乐|明亮|轻快|阳光|大调"

# Sixteenths on which each drum sounds, with its loudness in percent.
_DRUMS: Mapping[str, Mapping[str, Mapping[int, int]]] = {
    "pop": {
        "kick": {0: 100, 8: 95, 10: 55},
        "snare": {4: 90, 12: 95},
        "hat": {0: 60, 2: 35, 4: 60, 6: 35, 8: 60, 10: 35, 12: 60, 14: 40},
    },
    "dance": {
        "kick": {0: 100, 4: 100, 8: 100, 12: 100},
        "snare": {4: 55, 12: 60},
        "hat": {2: 55, 6: 55, 10: 55, 14: 60},
    },
    "soft": {
        "kick": {0: 85, 8: 78},
        "snare": {4: 55, 12: 60},
        "hat": {0: 30, 4: 32, 8: 30, 12: 32, 14: 16},
    },
}
_STYLE_WORDS: Mapping[str, str] = {
    r"\bedm\b|\bhouse\b|\btechno|\bdance|\bdisco|\bclub|\btrance|电子|舞曲|迪斯科": "dance",
    r"\blo-?fi|\bambient|\bcalm|\bpiano|\bsleep|\brelax|\bsoft|\bchill|\bmeditat|\blullaby"
    r"|轻音乐|安静|舒缓|钢琴|冥想|放松|睡": "soft",
}
_BASS: Mapping[str, Sequence[tuple[int, int]]] = {
    "pop": ((0, 6), (6, 2), (8, 6), (14, 2)),
    "dance": ((2, 2), (6, 2), (10, 2), (14, 2)),
    "soft": ((0, 8), (8, 8)),
}
_RHYTHMS = (
    ((0, 4), (4, 4), (8, 6), (14, 2)),
    ((0, 6), (6, 2), (8, 8)),
    ((2, 2), (4, 4), (8, 4), (12, 4)),
    ((0, 3), (3, 3), (6, 6), (12, 4)),
    ((0, 8), (8, 4), (12, 4)),
)


@frozen
class Note:
    """One note: start and length in sixteenths of the phrase, pitch as a MIDI number (69 = 440 Hz)."""

    start: int
    length: int
    pitch: int


@frozen
class Hit:
    """One drum hit: its place in sixteenths and its loudness in percent."""

    start: int
    drum: str
    loudness: int


@frozen
class Score:
    """A composed phrase of four bars in the parts that can sound together.

    Attributes:
        style: "pop", "dance" or "soft".
        chords: long notes.
        arpeggio: short plucked notes.
        bass: low notes.
        drums: the beat.
        verse: melody of the singing voice.
        chorus: a higher melody of the singing voice.
    """

    style: str
    chords: tuple[Note, ...]
    arpeggio: tuple[Note, ...]
    bass: tuple[Note, ...]
    drums: tuple[Hit, ...]
    verse: tuple[Note, ...]
    chorus: tuple[Note, ...]


def compose(words: str, dice: Dice) -> Score:
    """Compose a phrase; style and mood words in ``words`` count, ``dice`` decide the rest."""
    style = next(
        (name for pattern, name in _STYLE_WORDS.items() if re.search(pattern, words, re.IGNORECASE)), "pop"
    )
    minor = bool(re.search(_SAD, words, re.IGNORECASE)) or (
        not re.search(_GLAD, words, re.IGNORECASE) and dice.chance(0.4)
    )
    scale = _MINOR if minor else _MAJOR
    root = 45 + dice.below(12)
    chords = dice.pick(_MINOR_CHORDS if minor else _MAJOR_CHORDS)

    def tone(degree: int) -> int:
        return root + scale[degree % 7] + 12 * (degree // 7)

    triads = [tuple(tone(degree + step) for step in (0, 2, 4)) for degree in chords]
    verse = _melody(chords, 7, dice)
    chorus = _melody(chords, 9, dice)
    return Score(
        style=style,
        chords=_sustained(triads),
        arpeggio=_arpeggio(triads, dice),
        bass=_bassline(triads, style, dice),
        drums=_beat(style, dice),
        verse=tuple(Note(note.start, note.length, tone(note.pitch)) for note in verse),
        chorus=tuple(Note(note.start, note.length, tone(note.pitch)) for note in chorus),
    )


def _sustained(triads: Sequence[Sequence[int]]) -> tuple[Note, ...]:
    # Notes are folded into one octave, which keeps neighbouring chords close together.
    return tuple(
        Note(bar * STEPS, STEPS, 55 + (pitch - 55) % 12)
        for bar, triad in enumerate(triads)
        for pitch in triad
    )


def _arpeggio(triads: Sequence[Sequence[int]], dice: Dice) -> tuple[Note, ...]:
    order = dice.pick(((0, 1, 2, 1), (0, 2, 1, 2), (2, 1, 0, 1), (0, 1, 2, 0)))
    return tuple(
        Note(bar * STEPS + step * 2, 2, 67 + (triad[order[step % 4]] - 67) % 12)
        for bar, triad in enumerate(triads)
        for step in range(8)
    )


def _bassline(triads: Sequence[Sequence[int]], style: str, dice: Dice) -> tuple[Note, ...]:
    notes = []
    for bar, triad in enumerate(triads):
        low = 31 + (triad[0] - 31) % 12
        for number, (start, length) in enumerate(_BASS[style]):
            leap = 7 if number % 2 and dice.chance(0.35) else 0
            notes.append(Note(bar * STEPS + start, length, low + leap))
    return tuple(notes)


def _beat(style: str, dice: Dice) -> tuple[Hit, ...]:
    hits = [
        Hit(bar * STEPS + step, drum, loudness)
        for bar in range(BARS)
        for drum, steps in _DRUMS[style].items()
        for step, loudness in steps.items()
    ]
    if style != "soft" and dice.chance(0.6):
        hits += [Hit((BARS - 1) * STEPS + 14, "snare", 45)]
    return tuple(hits)


def _melody(chords: Sequence[int], centre: int, dice: Dice) -> list[Note]:
    """Return a melody in scale degrees: chord tones on strong beats, small steps between."""
    first, second = dice.pick(_RHYTHMS), dice.pick(_RHYTHMS)
    notes: list[Note] = []
    place = centre + dice.below(3)
    for bar, degree in enumerate(chords):
        for start, length in first if bar % 2 == 0 else second:
            if start % 8 == 0:
                place = min(
                    (degree + step for step in (0, 2, 4, 7, 9, 11)), key=lambda tone: abs(tone - place)
                )
            else:
                place += dice.pick((-2, -1, -1, 1, 1, 2))
            place = max(centre - 4, min(centre + 5, place))
            notes.append(Note(bar * STEPS + start, length, place))
    return notes
