"""Verbs by which a wish asks for a media without naming it: "draw …", "念：…"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.routing.given import is_given

if TYPE_CHECKING:
    from collections.abc import Collection

    from ima_skills.routing.reading import Reading, Span
    from ima_skills.routing.vocabulary import Vocabulary
    from ima_skills.routing.words import MediaWords

# A colon or a quotation, right behind a word that asks to speak.
_SAID = re.compile(r"[^，。,.;；!?\x00]{0,12}[:：]|[ ,，:：]{0,2}\x00")
# How far a colon may stand behind such a word when all words between tell how to speak.
_ANNOUNCED = 60
_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.\s")


@frozen
class Head:
    """A word that says what is wanted.

    Attributes:
        media: The media; several for a bundle.
        start: Where the word begins.
        end: Where it ends.
        noun: Whether it names the media, rather than asking for it by a verb.
    """

    media: tuple[str, ...]
    start: int
    end: int
    noun: bool = True


def commands(reading: Reading, vocabulary: Vocabulary, files: Collection[str] = ()) -> list[Head]:
    """Return the verbs that ask for a media by themselves, at the place of a command.

    Args:
        reading: The wish.
        vocabulary: The media and their words.
        files: Media of which files came with the wish.
    """
    found = []
    for span in reading.spans:
        media = span.means("verb")
        if media is None or reading.before(span.start, "cue:negation", 3):
            continue
        spoken = vocabulary.words.media[media].spoken
        if spoken and files and _is_shown(reading, span):
            continue  # "make it say 2025": what is to be written on the picture
        if span.means("setting") is not None and any(name != media for name, _ in reading.kind("noun")):
            continue  # "a video of a teacher, speak slowly": how, not what
        if _is_command(reading, span, spoken=spoken):
            found.append(Head((media,), span.start, span.end, noun=False))
    return found


def _is_command(reading: Reading, span: Span, *, spoken: bool) -> bool:
    """Whether a verb is spoken to us: nothing before it in its clause tells of something else."""
    if _SAID.match(reading.folded, span.end):
        return True
    if reading.after(span.end, "cue:possessive", 0) or reading.after(span.end, "cue:compound", 0):
        return False  # 画里的鱼, 朗读者: no verb
    start, _ = reading.clause(span.start)
    before = [other for other in reading.spans if start <= other.start and other.end <= span.start]
    tells = any(
        ("cue:content" in other.meanings and not _is_quiet(other))
        or "cue:consume" in other.meanings
        or (other.means("noun") is not None and not is_given(reading, other))
        for other in before
    )
    spoken_to = reading.before(span.start, "cue:polite", 1) or reading.before(span.start, "cue:adding", 1)
    announces = spoken and _announces(reading, span.end)
    return not tells and (announces or reading.is_explained(start, span.start) or spoken_to is not None)


def _is_shown(reading: Reading, span: Span) -> bool:
    """Whether a verb tells what a file is to show: "make it say 2025", "make him wave and say hi"."""
    start, _ = reading.clause(span.start)
    causes = {
        cue.start for meaning in ("cue:making", "cue:naming", "cue:take") for cue in reading.of(meaning)
    }
    return reading.before(span.start, "cue:this_one", 1) is not None or any(
        start <= role.start < span.start and role.start in causes for _, role in reading.kind("role")
    )


def _announces(reading: Reading, end: int) -> bool:
    """Whether nothing but words about how stands before a colon: "念出来，女声，慢一点：", "read slowly by a lady:"."""
    colon = reading.folded.find(":", end, end + _ANNOUNCED)
    return (
        colon >= 0
        and _SENTENCE_END.search(reading.folded, end, colon) is None
        and reading.is_explained(end, colon)
    )


def _is_quiet(span: Span) -> bool:
    return any(meaning in span.meanings for meaning in ("cue:polite", "cue:naming", "cue:to"))


def said_from(asked: list[Head], vocabulary: Vocabulary) -> int | None:
    """Return from where on the text is said, and asks for nothing."""
    for head in asked:
        words: MediaWords = vocabulary.words.media[head.media[0]]
        if words.spoken:
            return head.end
    return None
