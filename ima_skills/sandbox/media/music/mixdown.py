"""Plays a score: notes to samples, parts to phrases, phrases to a song."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import add

from attrs import field, frozen

from ima_skills.sandbox.media.dice import Dice
from ima_skills.sandbox.media.music.score import BARS, STEPS, Note, Score
from ima_skills.sandbox.media.music.tones import RATE, Instrument, drum_kit, instruments, singer

_PEAK = 27_500  # of the loudest phrase: leaves MP3 and AAC room to overshoot
_WIDTH_S = 0.011  # how much later the right ear hears the wide parts
_FADE_GRAIN = 256

# Which parts sound in each phrase of a song; the last ones repeat.
_ORDER = ("open", "verse", "verse", "chorus", "verse", "chorus", "open", "chorus")


@frozen
class Band:
    """Everything that sounds, ready to play.

    Attributes:
        score: the notes.
        tempo: beats (quarters) per minute.
        players: the instruments by part.
        kit: the drums.
        voice: the singer, None for instrumental music.
    """

    score: Score
    tempo: float
    players: Mapping[str, Instrument] = field(repr=False)
    kit: Mapping[str, "array[int]"] = field(repr=False)
    voice: Instrument | None

    @classmethod
    def of(cls, score: Score, tempo: float, dice: Dice, *, sung: bool, high: bool) -> "Band":
        """Gather the players of a score; ``high`` chooses the singer."""
        players, kit, voice = instruments(score.style, dice), drum_kit(dice), singer(dice, high=high)
        return cls(score, tempo, players, kit, voice if sung else None)

    def song(self, seconds: float) -> Iterator["array[int]"]:
        """Yield interleaved stereo samples of exactly ``seconds``, phrase by phrase, with a fade at the end."""
        left = round(seconds * RATE)
        fade = min(left, round(min(2.5, seconds / 5) * RATE))
        phrase = round(BARS * 4 * 60 / self.tempo * RATE)
        count = -(-left // phrase)
        phrases = self._phrases({_part(number) for number in range(count)}, min(left, phrase))
        for number in range(count):
            piece = phrases[_part(number)][: left * 2]
            left -= len(piece) // 2
            yield _faded(piece, left, fade)

    def _phrases(self, names: Iterable[str], length: int) -> Mapping[str, "array[int]"]:
        """Play the first ``length`` samples of each kind of phrase, all with the same loudness."""
        rhythm = array("i", bytes(4 * length))
        wide = rhythm[:]
        self._strike(rhythm)
        self._add(rhythm, "bass", self.score.bass)
        self._add(wide, "pad", self.score.chords)
        bright = wide[:]
        self._add(bright, "pluck", self.score.arpeggio)
        mixes = {
            "open": (rhythm, bright),
            "verse": (self._with_voice(rhythm, self.score.verse), wide if self.voice else bright),
            "chorus": (self._with_voice(rhythm, self.score.chorus), bright),
        }
        stereo = {name: _spread(*mixes[name]) for name in names}
        peak = max(abs(value) for piece in stereo.values() for value in (max(piece), min(piece)))
        gain = _PEAK * 4096 // max(1, peak)
        return {name: array("h", [value * gain >> 12 for value in piece]) for name, piece in stereo.items()}

    def _with_voice(self, rhythm: "array[int]", melody: Sequence[Note]) -> "array[int]":
        if self.voice is None:
            return rhythm
        sung = rhythm[:]
        for note in melody:
            if self._sample(note.start) < len(sung):
                self._lay(sung, note.start, self.voice.note(note.pitch, self._seconds(note.length)))
        return sung

    def _add(self, target: "array[int]", part: str, notes: Iterable[Note]) -> None:
        known: dict[tuple[int, int], array[int]] = {}
        for note in notes:
            if self._sample(note.start) >= len(target):
                continue
            key = (note.pitch, note.length)
            if key not in known:
                known[key] = self.players[part].note(note.pitch, self._seconds(note.length))
            self._lay(target, note.start, known[key])

    def _strike(self, target: "array[int]") -> None:
        for hit in self.score.drums:
            sound = array("i", [value * hit.loudness // 100 for value in self.kit[hit.drum]])
            self._lay(target, hit.start, sound)

    def _lay(self, target: "array[int]", step: int, sound: "array[int]") -> None:
        """Add a sound at a sixteenth; what reaches over the end of the phrase is cut off."""
        start = self._sample(step)
        end = min(len(target), start + len(sound))
        if start >= end:
            return
        target[start:end] = array("i", map(add, target[start:end], sound))

    def _sample(self, step: int) -> int:
        return round(step * self._seconds(1) * RATE)

    def _seconds(self, steps: int) -> float:
        return steps * 4 * 60 / self.tempo / STEPS


def _part(number: int) -> str:
    return _ORDER[number] if number < len(_ORDER) else _ORDER[4 + number % 4]


def _spread(middle: "array[int]", wide: "array[int]") -> "array[int]":
    """Return interleaved stereo: the middle on both sides, the wide parts a little later on the right."""
    late = round(_WIDTH_S * RATE)
    stereo = array("i", bytes(8 * len(middle)))
    stereo[0::2] = array("i", map(add, middle, wide))
    stereo[1::2] = array("i", map(add, middle, wide[-late:] + wide[:-late]))
    return stereo


def _faded(piece: "array[int]", after: int, fade: int) -> "array[int]":
    """Fade out a piece that has ``after`` samples behind it, if the fade has begun."""
    count = len(piece) // 2
    if after >= fade:
        return piece
    faded = piece[:]
    first = max(0, count - (fade - after))
    for start in range(first, count, _FADE_GRAIN):
        gain = max(0, 4096 * (count - start + after) // fade)
        end = min(count, start + _FADE_GRAIN)
        faded[2 * start : 2 * end] = array("h", [value * gain >> 12 for value in piece[2 * start : 2 * end]])
    return faded
