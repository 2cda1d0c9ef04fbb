"""Phrases that set parameters: "十五秒", "16:9", "女声", "three pictures"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import define, field

from ima_skills.routing.reading import MASK, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ima_skills.routing.commanding import Head
    from ima_skills.routing.reading import Reading
    from ima_skills.routing.vocabulary import Vocabulary
    from ima_skills.routing.words import Setting

OUTPUTS = "n"
# The most points that a wish may cost; about no media, and no parameter of any.
CAP = "max_points"
# The same for each output.
CAP_EACH = "max_points_each"
_GROUP = re.compile(r"\{(\w+)\}")
_TEN = 10
# The parameters that say who speaks, and how sharp something is: a picture or a video.
_VOICE, _SHARPNESS = "voice", "resolution"
_SENTENCE_END = re.compile(r"[。！？!?]|\.(?=\s)")
# A phrase is brief up to so many English words, or letters of another script.
_WORDS, _LETTERS = 4, 6
# English words between a number and what it counts.
_ADJECTIVES = 2


@define
class Settings:
    """What was read.

    Attributes:
        params: Media to parameters.
        counts: Media to number of outputs.
        spans: The words that were read and are no part of the prompt.
        media: How many media are wanted.
        caps: The most points that it may cost, as often as that was said.
        cap_each: The most points that each output may cost.
        rivals: Media to the different values that one parameter was given.
    """

    params: dict[str, dict[str, Any]] = field(factory=dict)
    counts: dict[str, int] = field(factory=dict)
    spans: list[Span] = field(factory=list)
    media: int = 1
    caps: list[int] = field(factory=list)
    cap_each: int | None = None
    rivals: dict[str, list[str]] = field(factory=dict)

    @property
    def max_points(self) -> int | None:
        """The most points that all of it may cost: one cap for each of several media adds up, else the lowest counts."""
        number = max(sum(self.counts.values()), 1)
        each = [] if self.cap_each is None else [self.cap_each * number]
        apart = self.media > 1 and len(self.caps) == self.media
        return min([sum(self.caps) if apart else min(self.caps), *each] if self.caps else each, default=None)

    def cap(self, span: Span, values: Mapping[str, Any]) -> None:
        """Take what a wish may cost at most; a part of a point buys nothing."""
        if CAP_EACH in values:
            self.cap_each = int(values[CAP_EACH])
        else:
            self.caps.append(int(values[CAP]))
        self.spans.append(span)

    def take(self, media: str, row: Setting, values: Mapping[str, Any]) -> bool:
        """Take values for one media; False when they say something else than earlier ones."""
        params = self.params.setdefault(media, {})
        for name, value in values.items():
            if name == OUTPUTS:
                if self.counts.setdefault(media, value) != value:
                    return False
            elif row.join and name in params:
                if str(value) not in str(params[name]).split(", "):
                    params[name] = f"{params[name]}, {value}"
            elif params.setdefault(name, value) != value:
                self.rivals.setdefault(media, [str(params[name])]).append(str(value))
                return False
        return True


def read_settings(
    reading: Reading, vocabulary: Vocabulary, wanted: Sequence[str], heads: Sequence[Head]
) -> Settings:
    """Read the parameters of a wish.

    Args:
        reading: The wish.
        vocabulary: The phrases.
        wanted: The media that are wanted.
        heads: Where they are named: a phrase belongs to the media of its clause, if it can.
    """
    found = Settings(media=len(wanted))
    waiting: list[tuple[str, Setting, dict[str, Any], Span]] = []
    for index, span in reading.kind("setting"):
        row = vocabulary.words.setting[int(index)]
        values = _values(row, span, reading, vocabulary)
        if {CAP, CAP_EACH} & set(row.params):
            if (
                values is not None
                and not _is_heard(reading, vocabulary, span)
                and not _is_shown(reading, span)
            ):
                found.cap(span, values)
            continue
        if values is None or _is_heard(reading, vocabulary, span) or _is_not_meant(reading, row, span, heads):
            continue
        for media in _about(row, span, reading, wanted, heads):
            if row.along:
                waiting.append((media, row, values, span))
            elif found.take(media, row, values) and not row.keep:
                found.spans.append(span)
    for media, row, values, _ in waiting:
        if any(name in found.params.get(media, {}) for name in row.along):
            found.take(media, row, values)
    return found


def _is_heard(reading: Reading, vocabulary: Vocabulary, span: Span) -> bool:
    """Whether a phrase is part of a text of its own: lyrics, and the words that announce them."""
    return any(
        other is not span and other.start <= span.start and span.end <= other.end and "v" in other.groups
        and not vocabulary.words.setting[int(index)].join
        for index, other in reading.kind("setting")
    )  # fmt: skip


def _values(row: Setting, span: Span, reading: Reading, vocabulary: Vocabulary) -> dict[str, Any] | None:
    values = {}
    for name, given in row.params.items():
        value = _filled(given, span, reading, vocabulary, row.times) if isinstance(given, str) else given
        if value is None or (name == OUTPUTS and not (isinstance(value, int) and value > 0)):
            return None
        values[name] = value
    return values


def _filled(given: str, span: Span, reading: Reading, vocabulary: Vocabulary, times: float) -> Any:
    names = _GROUP.findall(given)
    if not names:
        return given
    if names == ["v"]:
        at = reading.folded.find(span.groups["v"], span.start)
        said = reading.text[at : at + len(span.groups["v"])].strip()
        return said[1:-1].strip() if not span.groups["v"].strip(MASK) else said  # a quoted title
    numbers = {name: number(span.groups.get(name, ""), vocabulary.numerals) for name in names}
    if any(value is None for value in numbers.values()):
        return None
    if given == f"{{{names[0]}}}":
        return _whole(round((numbers[names[0]] or 0) * times, 3))
    return _GROUP.sub(lambda found: str(_whole(numbers[found[1]] or 0)), given)


def _whole(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


def number(text: str, numerals: Mapping[str, float]) -> float | None:
    """Return the number that digits or words mean, or None.

    Single-letter words are put together the Chinese way: 十五 is 15, 二十 is 20, 三百 is 300.

    Args:
        text: Folded text.
        numerals: Words for numbers.
    """
    text = text.strip()
    if text in numerals:
        return numerals[text]
    try:
        return float(text.replace(",", ""))
    except ValueError:
        pass
    mark = next((place for place, letter in enumerate(text) if letter not in numerals), None)
    if mark is not None:
        return _decimal(text[:mark], text[mark + 1 :], numerals)
    if not text:
        return None
    total, digit = 0.0, 0.0
    for letter in text:
        value = numerals[letter]
        if value >= _TEN:
            total, digit = total + (digit or 1) * value, 0.0
        else:
            digit = digit * _TEN + value
    return total + digit


def _decimal(whole: str, digits: str, numerals: Mapping[str, float]) -> float | None:
    """Return the number of a word like 零点七五; patterns say which letter may stand for the point."""
    found = [numerals.get(letter, _TEN) for letter in digits]
    before = number(whole, numerals) if whole else None
    if before is None or not found or max(found) >= _TEN:
        return None
    parts = [value / 10.0**place for place, value in enumerate(found, start=1)]
    return round(before + sum(parts), len(found))


def _is_not_meant(reading: Reading, row: Setting, span: Span, heads: Sequence[Head]) -> bool:
    if reading.before(span.start, "cue:negation", 1) or reading.before(span.start, "cue:not_set", 1):
        return True
    if OUTPUTS not in row.params:
        return False
    if any(given.start < span.end and span.start <= given.end + 1 for given in reading.of("cue:given")):
        return True
    if reading.before(span.start, "cue:take", 1) or reading.before(span.start, "cue:ordinal", 0):
        return True
    start, _ = reading.clause(span.start)
    # Right behind its noun it counts: 海报两张. Further on it tells what is shown.
    after_head = any(start <= head.start and head.end < span.start - 1 and head.noun for head in heads)
    about = any(start <= cue.start and cue.end <= span.start for cue in reading.of("cue:content"))
    counted = any(span.end <= head.start and _counts(reading.folded[span.end : head.start]) for head in heads)
    return (after_head and not _is_apart(reading, span, heads)) or (about and not counted)


def _is_shown(reading: Reading, span: Span) -> bool:
    """Whether a phrase tells what is to be seen: "a poster about at most 50 points"."""
    start, _ = reading.clause(span.start)
    return reading.between(start, span.start, "cue:content")


def _counts(between: str) -> bool:
    """Whether a number counts what follows: nothing but two English words stands between: "four red posters"."""
    return between.isascii() and len(between.split()) <= _ADJECTIVES and not set(between) & set(",.;:")


def _is_apart(reading: Reading, span: Span, heads: Sequence[Head]) -> bool:
    """Whether a count stands alone, or only known words part it from what it counts: "海报 竖屏 4张", "插图再来两张"."""
    before = max((head.end for head in heads if head.end <= span.start), default=span.start)
    behind = reading.folded[span.end : span.end + 1]
    alone = reading.folded[span.start - 1 : span.start].isspace()
    return not behind.isalnum() and (alone or reading.is_explained(before, span.start))


def settings_from(reading: Reading, vocabulary: Vocabulary, start: int) -> int:
    """Return where the settings behind a text that is to be spoken begin: "念：你好，女声，慢一点".

    Only whole clauses at the end count, never the first one, and only settings that speech knows.

    Args:
        reading: The wish.
        vocabulary: The phrases.
        start: Where the text begins.
    """
    spoken = {name for name, words in vocabulary.words.media.items() if words.spoken}
    end = len(reading.text)
    for low, high in reversed(reading.clauses):
        if not any(letter.isalnum() for letter in reading.text[start:low]):
            break
        inside = [span for span in reading.spans if low <= span.start and span.end <= high]
        sets = any(
            not vocabulary.words.setting[int(name)].along
            and spoken & set(vocabulary.words.setting[int(name)].media)
            for span in inside
            if (name := span.means("setting")) is not None
        )
        if not sets or not reading.is_explained(low, high):
            break
        end = low
    return min(end, _voiced_from(reading, vocabulary, start))


def is_last(reading: Reading, start: int) -> bool:
    """Whether no later clause asks for one more thing, so that all behind a place may be one text.

    Args:
        reading: The wish.
        start: The place.
    """
    text = reading.folded[start:].strip()
    media = [span.start for kind in ("noun", "verb") for _, span in reading.kind(kind) if span.start >= start]
    return bool(text) and not any(
        low <= tie.start
        and not reading.folded[low : tie.start].strip()
        and any(low <= at < high for at in media)
        for low, high in reading.clauses
        if low >= start
        for tie in reading.of("cue:adding")
    )


def _voiced_from(reading: Reading, vocabulary: Vocabulary, start: int) -> int:
    """Return where a short last sentence begins that names the voice, though not each word is known: "。标准女声"."""
    body = reading.folded[start:].rstrip(" .。!！")
    ends = [found.end() for found in _SENTENCE_END.finditer(body)]
    last = start + ends[-1] if ends else len(reading.text)
    clauses = [(low, high) for low, high in reading.clauses if low >= last]
    voiced = [clause for clause in clauses if _names_voice(reading, vocabulary, *clause)]
    rest = [reading.folded[low:high] for low, high in clauses if (low, high) not in voiced]
    return last if voiced and all(_is_brief(text) for text in rest) else len(reading.text)


def _names_voice(reading: Reading, vocabulary: Vocabulary, low: int, high: int) -> bool:
    """Whether a clause is a voice with nothing but adjectives before it."""
    rows = vocabulary.words.setting
    return any(
        _VOICE in rows[int(index)].params
        and not reading.folded[span.end : high].strip()
        and _is_brief(reading.folded[low : span.start])
        and not any(low <= s.start and s.end <= span.start and not _ties(reading, s) for s in reading.spans)
        for index, span in reading.kind("setting")
        if low <= span.start and span.end <= high
    )


def _ties(reading: Reading, span: Span) -> bool:
    """Whether a word only ties adjectives to what they stand before: "甜美一点的女声"."""
    return "cue:of" in span.meanings or (
        "cue:measure" in span.meanings and reading.after(span.end, "cue:of", 0) is not None
    )


def _is_brief(text: str) -> bool:
    """Whether a text is four English words or six letters of another script at most."""
    return len(text.split()) <= _WORDS and (text.isascii() or len(text.strip()) <= _LETTERS)


def setting_media(reading: Reading, vocabulary: Vocabulary) -> str | None:
    """Return the one media that counts ("四张") and texts ("these lyrics: …") of a wish can be about, or None."""
    rows = [(vocabulary.words.setting[int(index)], span) for index, span in reading.kind("setting")]
    found = {
        row.media
        for row, span in rows
        if not row.along and row.media and (OUTPUTS in row.params or ("v" in span.groups and not row.keep))
        and not _is_not_meant(reading, row, span, ())
    }  # fmt: skip
    only = next(iter(found)) if len(found) == 1 else ()
    return only[0] if len(only) == 1 else None


def shared_params(reading: Reading, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the parameters that are the same whatever media a wish turns out to want.

    Args:
        reading: The wish.
        vocabulary: The phrases.
    """
    found: dict[str, Any] = {}
    for span in reading.spans:
        rows = [row for row in _rows(span, vocabulary) if not row.along]
        values = [_values(row, span, reading, vocabulary) for row in rows]
        same = bool(rows) and all(value == values[0] for value in values)
        if same and not (_is_heard(reading, vocabulary, span) or _is_not_meant(reading, rows[0], span, ())):
            found = {**(values[0] or {}), **found}
    return {name: value for name, value in found.items() if name not in {OUTPUTS, CAP, CAP_EACH}}


def _rows(span: Span, vocabulary: Vocabulary) -> list[Setting]:
    """Return what a phrase may set."""
    kinds = (meaning.partition(":") for meaning in span.meanings)
    return [vocabulary.words.setting[int(index)] for kind, _, index in kinds if kind == "setting"]


def only_media(reading: Reading, vocabulary: Vocabulary, able: Sequence[str], least: int = 1) -> str | None:
    """Return the one of some media that the settings of a wish can be about, or None.

    Args:
        reading: The wish.
        vocabulary: The phrases.
        able: The media to choose from.
        least: How many settings have to tell.
    """
    possible, told = set(able), 0
    for span in reading.spans:
        meant = [row for row in _rows(span, vocabulary) if not row.along and _SHARPNESS not in row.params]
        about = {media for row in meant for media in row.media} & set(able)
        if about and not any(_is_not_meant(reading, row, span, ()) for row in meant):
            possible, told = possible & about, told + 1
    return next(iter(possible)) if told >= least and len(possible) == 1 else None


def _about(
    row: Setting, span: Span, reading: Reading, wanted: Sequence[str], heads: Sequence[Head]
) -> tuple[str, ...]:
    able = [media for media in wanted if not row.media or media in row.media]
    if len(able) <= 1:
        return tuple(able)
    clause = reading.clause(span.start)
    near = {name for head in heads if reading.clause(head.start) == clause for name in head.media}
    return tuple(media for media in able if media in near) or tuple(able)
