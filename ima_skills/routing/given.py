"""Words about what is there already: a file that came along, an earlier result, what is to be changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ima_skills.routing.reading import Reading, Span

# "image 1", "图A": a file that is there.
_NUMBERED = re.compile(r" ?(?:[1-9]|[A-D]|[一二三四])(?![\w.:%])")

# Words for the first to the fourth file.
_NUMBERED_CUES = ("cue:nth_1", "cue:nth_2", "cue:nth_3", "cue:nth_4")


def is_given(reading: Reading, span: Span) -> bool:
    """Whether a word is about something that is there: "这张图", "my photo", "image 2"."""
    if "cue:process" in span.meanings:
        return False
    if reading.after(span.end, "role:first_frame", 1) and not reading.before(span.start, "cue:making", 8):
        return True  # 图片动起来: what is to move is there already
    if _is_near(reading, span) or reading.after(span.end, "cue:sent", 1):
        return True
    return (
        used(reading, span, "cue:take", 1)
        or _is_completed(reading, span)
        or _NUMBERED.match(reading.text, span.end) is not None
        or any(
            number.start == span.start and number.end > span.end
            for meaning in _NUMBERED_CUES
            for number in reading.of(meaning)
        )  # "picture one"
    )


def used(reading: Reading, span: Span, meaning: str, gap: int) -> bool:
    """Whether a verb has a word for its object; not where it only describes it: "婚礼上放的音乐"."""
    verb = reading.before(span.start, meaning, gap)
    return verb is not None and not any(
        reading.between(verb.end, span.start, other) for other in ("cue:of", "cue:making")
    )  # "让做手抄报": it is to be made


def _is_completed(reading: Reading, span: Span) -> bool:
    """Whether something is to be added to what a word names: "给灯塔的视频配个旁白"."""
    if reading.after(span.end, "cue:adding", 0) is None:
        return False
    start, _ = reading.clause(span.start)
    takes = [cue for cue in reading.of("cue:take") if start <= cue.start and cue.end <= span.start]
    return bool(takes) and not reading.between(takes[0].end, span.start, "cue:making")


def _is_near(reading: Reading, span: Span) -> bool:
    """Whether "this", "my" and the like stand before a word and belong to it."""
    given = reading.before(span.start, "cue:given", 12 if is_latin(reading, span) else 4)
    if given is None or any(
        of.start <= given.start and given.end <= of.end for of in reading.of("cue:purpose")
    ):
        return False  # "for our flyer": what it is for
    between = reading.folded[given.end : span.start]
    inside = [s for s in reading.spans if given.end <= s.start and s.end <= span.start]
    if any({"cue:making", "cue:content"} & set(other.meanings) or other.means("noun") for other in inside):
        return False
    if any("cue:measure" in other.meanings for other in inside) and is_latin(reading, span):
        return False  # "my mom a song"
    return len(between.split()) <= (2 if is_latin(reading, span) else 1)


def is_latin(reading: Reading, span: Span) -> bool:
    """Whether a word begins with a Latin letter."""
    return reading.folded[span.start].isascii()
