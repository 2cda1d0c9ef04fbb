"""Media words that belong to what is shown, sung or told, and ask for nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ima_skills.routing.given import is_latin, used
from ima_skills.routing.nouns import count_before

if TYPE_CHECKING:
    from ima_skills.routing.reading import Reading, Span
    from ima_skills.routing.vocabulary import Vocabulary

_ASCII_WORD = re.compile(r" ?[a-z]")
# "a clip running …" tells what is seen; compounds ("video editing") are words of their own in the vocabulary.
_PARTICIPLE = re.compile(r" [a-z]{2,14}ing(?![a-z])")


def is_content(reading: Reading, vocabulary: Vocabulary, span: Span) -> bool:
    """Whether a media word belongs to what is shown, sung or told."""
    if used(reading, span, "cue:consume", 4):
        return True
    if is_latin(reading, span):
        tells = reading.folded[span.start : span.end].split()[-1] in vocabulary.words.cue.get("content", ())
        return _follows_content(reading, span) or (not tells and _is_modifier(reading, span))
    if reading.after(span.end, "cue:possessive", 0) or reading.after(span.end, "cue:compound", 0):
        return True
    ends_phrase = reading.before(span.start, "cue:of", 0) is not None
    if not ends_phrase and _follows_content(reading, span):
        return True
    return not ends_phrase and not _is_object(reading, span)


def _follows_content(reading: Reading, span: Span) -> bool:
    start, _ = reading.clause(span.start)
    if _is_one_more(reading, span):
        return False
    about = [cue for cue in reading.of("cue:content") if start <= cue.start and cue.end <= span.start]
    if about and _is_ordered_on(reading, about[-1].end, span):
        return False
    return bool(about) and not any(
        reading.between(about[-1].end, span.start, meaning) for meaning in ("cue:making", "cue:then")
    )


def _is_ordered_on(reading: Reading, start: int, span: Span) -> bool:
    """Whether "and compose" stands before a media word: a verb for the same media, tied to what came before."""
    return any(
        start <= verb.start and verb.end <= span.start and reading.before(verb.start, "cue:adding", 1)
        for media, verb in reading.kind("verb")
        if media == span.means("noun")
    )


def _is_one_more(reading: Reading, span: Span) -> bool:
    """Whether "and a" stands before a word, with one word between at most, or "plus separate"."""
    if reading.before(span.start, "cue:one_more", 1):
        return True
    counted = count_before(reading, span)
    return counted is not None and reading.before(counted.start, "cue:adding", 1) is not None


def _is_modifier(reading: Reading, span: Span) -> bool:
    """Whether an English media word stands before another noun: "video game", "photo frame"."""
    if _ASCII_WORD.match(reading.folded, span.end) is None or _PARTICIPLE.match(reading.folded, span.end):
        return False
    return not any(0 <= other.start - span.end <= 1 for other in reading.spans if _may_follow(other))


def _may_follow(span: Span) -> bool:
    return any(not meaning.startswith(("cue:shadow", "brand", "suggestion")) for meaning in span.meanings)


def _is_object(reading: Reading, span: Span) -> bool:
    """Whether a Chinese media word is what is to be made: near its verb, counted, or at the end of its clause."""
    start, end = reading.clause(span.start)
    return (
        reading.before(span.start, "cue:making", 8) is not None
        or reading.before(span.start, "cue:measure", 3) is not None
        or reading.before(span.start, "cue:adding", 5) is not None
        or _is_first_of_two(reading, start, span)
        or reading.is_explained(span.end, end)
        or reading.is_explained(start, span.start)
    )


def _is_first_of_two(reading: Reading, start: int, span: Span) -> bool:
    """Whether a counted thing is followed by "and one more": "一个10秒的夜跑视频和一段…"."""
    tie = reading.after(span.end, "cue:adding", 0)
    return (
        tie is not None
        and reading.after(tie.end, "cue:measure", 0) is not None
        and reading.between(start, span.start, "cue:measure")
    )
