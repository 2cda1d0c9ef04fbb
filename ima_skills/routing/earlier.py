"""Which earlier result a wish refers to, when it gives no file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.routing.history import Earlier
    from ima_skills.routing.reading import Reading
    from ima_skills.routing.vocabulary import Vocabulary
    from ima_skills.routing.words import MediaWords


# The cues nth_1, nth_2 … of the vocabulary.
_NUMBERS = range(1, 10)


@frozen
class EarlierUse:
    """Earlier results that a wish is about.

    Attributes:
        sources: Their files or addresses.
        unsure: Whether the wish does not say what they are for.
    """

    sources: tuple[str, ...] = field(repr=False)
    unsure: bool


def earlier_inputs(
    reading: Reading, words: MediaWords, history: Sequence[Earlier], vocabulary: Vocabulary
) -> EarlierUse | None:
    """Return the earlier pictures that a wish refers to, or None.

    "The second one" counts within the latest result that has so many; otherwise the latest picture is meant.

    Args:
        reading: The wish.
        words: The media that is wanted; one that takes no files is never offered any.
        history: Earlier results, oldest first.
        vocabulary: How a prompt gives its character a name.
    """
    pictures = [earlier for earlier in history if earlier.kind == "image"]
    stated = {name for name, _ in reading.kind("role")} & {*words.roles, "last_frame"}
    pointed = reading.has("cue:this_one")
    again = reading.has("cue:consistency") or _names_again(reading, pictures, vocabulary)
    if not pictures or not words.roles or not (pointed or again):
        return None
    place = next((number for number in _NUMBERS if reading.has(f"cue:nth_{number}")), None)
    chosen = _chosen(pictures, place)
    return EarlierUse((chosen.source,), unsure=not stated and not words.whatever) if chosen else None


def _chosen(pictures: Sequence[Earlier], place: int | None) -> Earlier | None:
    latest = [picture for picture in pictures if picture.batch == pictures[-1].batch]
    if place is None:
        return pictures[-1]
    among = latest if place <= len(latest) else list(pictures)
    return among[place - 1] if 1 <= place <= len(among) else None


def _names_again(reading: Reading, pictures: Sequence[Earlier], vocabulary: Vocabulary) -> bool:
    """Whether a character that an earlier prompt gave a name comes back."""
    patterns = [pattern for meaning, pattern in vocabulary.patterns if meaning == "cue:given_name"]
    return any(
        found["v"] in reading.folded
        for picture in pictures
        for pattern in patterns
        for found in pattern.finditer(vocabulary.fold(picture.prompt))
    )
