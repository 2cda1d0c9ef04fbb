"""Phrases that set parameters: "十五秒", "16:9", "女声", "three pictures"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import define, field

from ima_skills.routing.reading import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ima_skills.routing.reading import Reading
    from ima_skills.routing.targets import Head
    from ima_skills.routing.vocabulary import Setting, Vocabulary

OUTPUTS = "n"
_GROUP = re.compile(r"\{(\w+)\}")
_TEN = 10


@define
class Settings:
    """What was read.

    Attributes:
        params: Media to parameters.
        counts: Media to number of outputs.
        spans: The words that were read and are no part of the prompt.
    """

    params: dict[str, dict[str, Any]] = field(factory=dict)
    counts: dict[str, int] = field(factory=dict)
    spans: list[Span] = field(factory=list)

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
    found = Settings()
    waiting: list[tuple[str, Setting, dict[str, Any], Span]] = []
    for index, span in reading.kind("setting"):
        row = vocabulary.words.setting[int(index)]
        values = _values(row, span, reading, vocabulary)
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
        return reading.text[at : at + len(span.groups["v"])].strip()
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
        return float(text)
    except ValueError:
        pass
    if not text or any(letter not in numerals for letter in text):
        return None
    total, digit = 0.0, 0.0
    for letter in text:
        value = numerals[letter]
        if value >= _TEN:
            total, digit = total + (digit or 1) * value, 0.0
        else:
            digit = digit * _TEN + value
    return total + digit


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
    return after_head or about


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
    return end


def setting_media(reading: Reading, vocabulary: Vocabulary) -> str | None:
    """Return the one media that counts ("四张") and texts ("these lyrics: …") of a wish can be about, or None."""
    rows = [(vocabulary.words.setting[int(index)], span) for index, span in reading.kind("setting")]
    found = {
        row.media
        for row, span in rows
        if not row.along and row.media and (OUTPUTS in row.params or "v" in span.groups)
        and not _is_not_meant(reading, row, span, ())
    }  # fmt: skip
    only = next(iter(found)) if len(found) == 1 else ()
    return only[0] if len(only) == 1 else None


def _about(
    row: Setting, span: Span, reading: Reading, wanted: Sequence[str], heads: Sequence[Head]
) -> tuple[str, ...]:
    able = [media for media in wanted if not row.media or media in row.media]
    if len(able) <= 1:
        return tuple(able)
    clause = reading.clause(span.start)
    near = {name for head in heads if reading.clause(head.start) == clause for name in head.media}
    return tuple(media for media in able if media in near) or tuple(able)
