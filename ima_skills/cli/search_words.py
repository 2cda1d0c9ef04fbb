"""Words of a search that no name and no use case holds: which medium they mean, and what they ask of a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.routing.vocabulary import Vocabulary

_MEDIUM = ("noun", "verb", "hint")
# Cues that say nothing about a model: how somebody asks, and how much of it they want.
_FILLING = {
    f"cue:{name}"
    for name in ("making", "telling", "polite", "measure", "of", "to", "using", "naming_after", "consume")
}
_BEST = {"cue:best", "alone:best", "cue:adjective"}
_CHEAP = {"cue:cheapest", "alone:cheapest"}
_WORD = re.compile(r"[a-z0-9.:]+|\s+|.", re.DOTALL)


@frozen
class Asked:
    """What the words of a search mean.

    Attributes:
        task_types: Those of the media that are named; empty where none is.
        tier: The tier that is asked for, where one is; cheap needs none, because the cheapest come first.
        rest: What was not understood; names and use cases may hold it.
        is_understood: Whether anything was.
    """

    task_types: frozenset[str]
    tier: str | None
    rest: tuple[str, ...]
    is_understood: bool


def understand(words: tuple[str, ...], vocabulary: Vocabulary) -> Asked:
    """Return what the words of a search mean.

    Args:
        words: As they were typed; Chinese ones need no spaces between them.
        vocabulary: Knows the words for media, and those for cheap and for good.
    """
    text, meant, rest = vocabulary.fold(" ".join(words)), set[str](), ""
    at = 0
    while at < len(text):
        phrase, meanings = _phrase(vocabulary, text, at)
        if phrase:
            meant |= meanings
            rest, at = f"{rest} ", at + len(phrase)
        else:
            found = _WORD.match(text, at)
            piece = found[0] if found else text[at]
            rest, at = rest + piece, at + len(piece)
    kinds = frozenset(kind for name in _media(meant) for kind in _task_types(vocabulary, name))
    tier = "premium" if meant & _BEST and not meant & _CHEAP else None
    return Asked(kinds, tier, tuple(rest.split()), bool(kinds or meant & (_BEST | _CHEAP)))


def _phrase(vocabulary: Vocabulary, text: str, at: int) -> tuple[str, set[str]]:
    """Return the phrase that begins at a place: what names a medium before what says something of a model."""
    known = [
        (phrase, set(meanings))
        for phrase, meanings in vocabulary.phrases.get(text[at], ())
        if text.startswith(phrase, at) and _is_whole(text, at, at + len(phrase))
    ]
    for wanted in (_is_medium, _is_trait, _is_filling):
        for phrase, meanings in known:  # the longest first
            if any(map(wanted, meanings)):
                return phrase, meanings
    return "", set()


def _is_medium(meaning: str) -> bool:
    return meaning.partition(":")[0] in _MEDIUM


def _is_trait(meaning: str) -> bool:
    return meaning in _BEST | _CHEAP


def _is_filling(meaning: str) -> bool:
    return meaning in _FILLING


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no Latin word is cut at either end."""
    before, after = text[max(start - 1, 0) : start + 1], text[end - 1 : end + 1]
    return not any(len(pair) > 1 and pair.isascii() and pair.isalnum() for pair in (before, after))


def _media(meant: set[str]) -> Iterator[str]:
    for meaning in sorted(meant):
        kind, _, name = meaning.partition(":")
        if kind in _MEDIUM:
            yield name


def _task_types(vocabulary: Vocabulary, media: str) -> Iterator[str]:
    words = vocabulary.words.media[media]
    yield from filter(None, (words.text, *words.roles.values()))
