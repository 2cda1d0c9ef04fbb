"""The words of a wish that name a media."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from ima_skills.routing.given import is_latin
from ima_skills.routing.reading import Span

if TYPE_CHECKING:
    from ima_skills.routing.reading import Reading
    from ima_skills.routing.vocabulary import Vocabulary


@frozen
class Noun:
    """A word that names media.

    Attributes:
        media: The media; several for a bundle.
        span: Where it stands.
        bundle: Whether it is a word for several.
    """

    media: tuple[str, ...]
    span: Span = field(repr=False)
    bundle: bool = False


def media_nouns(reading: Reading, vocabulary: Vocabulary) -> list[Noun]:
    """Return the media words; of two that touch the first one only describes the other: "片头音乐"."""
    found: list[Noun] = []
    named = reading.of("name:")
    for span in reading.spans:
        if any(name.start <= span.start and span.end <= name.end for name in named):
            continue
        bundle, media = span.means("bundle"), span.means("noun")
        if bundle is not None:
            found.append(Noun(vocabulary.words.bundle[int(bundle)].media, span, bundle=True))
        elif media is not None:
            found.append(Noun((media,), span))
    starts = {noun.span.start for noun in found}
    found = [noun for noun in found if not starts & {noun.span.end, _next_word(reading, noun.span.end)}]
    # "a clip …, portrait": what may be a setting as well names a media only where nothing else does.
    sure = [noun for noun in found if noun.span.means("setting") is None or _is_ordered(reading, noun.span)]
    return sure or found


def count_before(reading: Reading, span: Span) -> Span | None:
    """Return "a" before a word, with one English word between at most."""
    blank = reading.folded.rfind(" ", 0, max(span.start - 1, 0))
    return reading.before(span.start, "cue:measure", 1) or (
        reading.before(blank, "cue:measure", 0) if blank > 0 and is_latin(reading, span) else None
    )


def _is_ordered(reading: Reading, span: Span) -> bool:
    """Whether a word is asked for by itself: "make a calm instrumental", "一段同样长度的电子乐"."""
    if not is_latin(reading, span) and reading.before(span.start, "cue:of", 0):
        return True
    counted = count_before(reading, span)
    return counted is not None and any(
        reading.before(counted.start, meaning, 1) for meaning in ("cue:making", "cue:adding")
    )


def _next_word(reading: Reading, end: int) -> int:
    """Return where the word behind one blank begins; the end itself where there is none."""
    return end + 1 if reading.folded[end : end + 1] == " " else end
