"""What a wish wants made: the media words that are its heads, apart from those that are content or given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.routing.commanding import Head, commands, said_from
from ima_skills.routing.content import is_content
from ima_skills.routing.given import is_given, is_latin
from ima_skills.routing.nouns import Noun, media_nouns

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ima_skills.routing.reading import Reading, Span
    from ima_skills.routing.vocabulary import Vocabulary

# Letters between "with" and what comes with it: "with soft cheerful music".
_COMPANION_GAP = 18
# What may stand between a verb and its object: three English words.
_OBJECT_GAP = 18
_DETERMINERS = re.compile(r" (?:[a-z']{1,12} ){0,3}")


@frozen
class Targets:
    """What a wish wants, has and only mentions.

    Attributes:
        heads: What is wanted, in the order of the words.
        given: Media words for what is there already.
        mentioned: Media that occur as content.
        bundled: Whether a word for several media is among the heads.
    """

    heads: tuple[Head, ...] = ()
    given: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    bundled: bool = False

    def media(self, vocabulary: Vocabulary) -> tuple[str, ...]:
        """Return what is wanted, in the order of making."""
        found = {name for head in self.heads for name in head.media}
        return tuple(sorted(found, key=lambda name: vocabulary.words.media[name].order))


def find_targets(reading: Reading, vocabulary: Vocabulary, files: Collection[str] = ()) -> Targets:
    """Return what a wish wants made.

    Args:
        reading: The wish.
        vocabulary: The media and their words.
        files: Media of which files came with the wish.
    """
    given: list[str] = []
    mentioned: list[str] = []
    heads: list[Head] = []
    companions: list[Head] = []
    bundled = False
    asked = commands(reading, vocabulary, files)
    said = said_from(asked, vocabulary)
    nouns = media_nouns(reading, vocabulary)
    listed = _listed(reading, nouns)
    for noun in nouns:
        if is_given(reading, noun.span) or _is_file(reading, vocabulary, noun, files):
            given += noun.media
        elif _is_moved(reading, vocabulary, noun):
            (mentioned if reading.before(noun.span.start, "cue:measure", _OBJECT_GAP) else given).extend(
                noun.media
            )
        elif _is_negated(reading, noun.span):
            continue
        elif _comes_with(reading, vocabulary, noun, nouns):
            companions.append(Head(noun.media, noun.span.start, noun.span.end))
        elif noun not in listed and not _is_head(reading, vocabulary, noun, heads, said):
            mentioned += noun.media
        else:
            heads.append(Head(noun.media, noun.span.start, noun.span.end))
            bundled = bundled or noun.bundle
    heads += companions if heads else []
    return Targets(_with_commands(reading, heads, asked), tuple(given), tuple(mentioned), bundled)


def _is_head(
    reading: Reading, vocabulary: Vocabulary, noun: Noun, heads: Sequence[Head], said: int | None
) -> bool:
    """Whether a media word says what is wanted, and is not content of what is wanted already."""
    if heads and (
        _accompanies(reading, vocabulary, noun, heads[-1].media)
        or (len(heads) > 1 and _is_paired(reading, noun, heads[-1]))
    ):
        return True
    if is_content(reading, vocabulary, noun.span) or (said is not None and noun.span.start >= said):
        return False
    return not heads or _joins(reading, heads[-1], noun)


def _is_file(reading: Reading, vocabulary: Vocabulary, noun: Noun, files: Collection[str]) -> bool:
    """Whether a word is about a file that came along: nothing asks to make it."""
    start, _ = reading.clause(noun.span.start)
    described = reading.before(noun.span.start, "cue:of", 0) is not None
    if set(noun.media) <= set(files) and _is_framed(reading, vocabulary, noun):
        return True
    return set(noun.media) <= set(files) and not (
        reading.between(start, noun.span.start, "cue:making")
        or (
            described
            and not _asks_for_another(reading, noun)
            and not _becomes_another(reading, vocabulary, noun)
        )
        or any(
            start <= span.start <= noun.span.start
            for name, span in reading.kind("verb")
            if name in noun.media
        )
        or (
            {name for name, _ in reading.kind("noun")} <= set(noun.media)
            and not _becomes_another(reading, vocabulary, noun)
        )
    )


def _is_framed(reading: Reading, vocabulary: Vocabulary, noun: Noun) -> bool:
    """Whether the clause says for sure what a file is in another media: "the start frame is the sketch"."""
    start, end = reading.clause(noun.span.start)
    return any(
        start <= span.start and span.end <= end
        for name, span in reading.kind("sure")
        if vocabulary.words.role[name].media not in {None, *noun.media}
    )


def _becomes_another(reading: Reading, vocabulary: Vocabulary, noun: Noun) -> bool:
    """Whether a plain word for a picture is told to become something else: "a photo of my cat, can it move"."""
    roles = (vocabulary.words.role[name].media for name, _ in reading.kind("role"))
    stated = {media for media in roles if media}
    return "cue:generic" in noun.span.meanings and bool(stated) and stated.isdisjoint(noun.media)


def _is_moved(reading: Reading, vocabulary: Vocabulary, noun: Noun) -> bool:
    """Whether an English media word is the object of a verb for a media that is made from it: "animate the drawing"."""
    if not is_latin(reading, noun.span):
        return False
    if _is_brought_on(reading, vocabulary, noun):
        return True
    makes = [
        name
        for name, verb in reading.kind("verb")
        if verb.end < noun.span.start
        and _DETERMINERS.fullmatch(reading.folded, verb.end, noun.span.start)
        and not any(
            reading.between(verb.end, noun.span.start, f"cue:{tie}") for tie in ("content", "with", "adding")
        )
    ]
    return any(
        vocabulary.words.media[media].takes.get(name) in vocabulary.words.media[media].roles
        for media in makes
        for name in noun.media
    )


def _is_brought_on(reading: Reading, vocabulary: Vocabulary, noun: Noun) -> bool:
    """Whether words for another media lie around a word: "bring grandma's portrait to life"; not "make a … move"."""
    made = {span.start for span in reading.of("cue:making")}
    around = {
        vocabulary.words.role[name].media
        for name, span in reading.kind("role")
        if span.start < noun.span.start and noun.span.end < span.end and span.start not in made
    }
    return bool(around - {None}) and around.isdisjoint(noun.media)


def _listed(reading: Reading, nouns: Sequence[Noun]) -> list[Noun]:
    """Return the media words of an English list that "and" closes: "a screen pic, an intro clip, and a jingle …"."""
    run: list[Noun] = []
    found: list[Noun] = []
    for start, end in reading.clauses:
        inside = [noun for noun in nouns if start <= noun.span.start < end and is_latin(reading, noun.span)]
        tie = next((cue for cue in reading.of("cue:adding") if cue.start >= start), None)
        if inside and len(run) > 1 and tie and not reading.folded[start : tie.start].strip():
            found += [*run, inside[0]]
        ends = bool(inside) and not reading.folded[inside[-1].span.end : end].strip()
        run = [*run, inside[-1]] if ends else []
    return found


def _asks_for_another(reading: Reading, noun: Noun) -> bool:
    """Whether a later clause asks for something else: "小时候的照片和现在的照片，做个视频", "毛坯房的图，慢慢推进的视频"."""
    return any(
        name not in noun.media
        and (
            reading.between(reading.clause(span.start)[0], span.start, "cue:making")
            or (
                reading.before(span.start, "cue:of", 0) is not None
                and span.end == reading.clause(span.start)[1]
            )
        )
        for name, span in reading.kind("noun")
        if span.start > reading.clause(noun.span.start)[1]
    )


def _is_negated(reading: Reading, span: Span) -> bool:
    # In Chinese text an English word is as near as a Chinese one: 从不洗碗的rap.
    is_english = is_latin(reading, span) and reading.folded[max(span.start - 1, 0)].isascii()
    return reading.before(span.start, "cue:negation", 6 if is_english else 2) is not None


def _joins(reading: Reading, last: Head, noun: Noun) -> bool:
    """Whether a further media word asks for one more thing."""
    if set(noun.media) <= set(last.media):
        return True
    start, end = reading.clause(noun.span.start)
    if any(
        reading.between(last.end, noun.span.start, meaning)
        for meaning in ("cue:adding", "cue:making", "cue:then")
    ):
        return True
    if last.end <= start:
        listed = noun.span.start == start and reading.folded[last.end : start] == "、"
        return listed or reading.is_explained(start, end)
    # In one clause the last of several Chinese words is the head: "展示照片的视频".
    return (
        reading.is_explained(last.end, noun.span.start) and "+" in reading.folded[last.end : noun.span.start]
    )


def _accompanies(reading: Reading, vocabulary: Vocabulary, noun: Noun, others: tuple[str, ...]) -> bool:
    """Whether a media word stands behind "with" and is about what may come with another media."""
    near = reading.before(noun.span.start, "cue:with", _COMPANION_GAP)
    return near is not None and all(
        set(others) & set(vocabulary.words.media[name].accompanies) for name in noun.media
    )


def _comes_with(reading: Reading, vocabulary: Vocabulary, noun: Noun, nouns: Sequence[Noun]) -> bool:
    """Whether a Chinese media word tells what a media behind it is to have: "带旁白的猫咪视频"."""
    end = reading.clause(noun.span.start)[1]
    if reading.before(noun.span.start, "cue:with", _COMPANION_GAP // 2) is None:
        return False
    bound = reading.after(noun.span.end, "cue:of", 0) is not None or any(
        reading.before(other.span.start, "cue:adding", 0) and reading.after(other.span.end, "cue:of", 0)
        for other in nouns
        if 0 < other.span.start - noun.span.end <= 2  # noqa: PLR2004 - one word ties two: 音乐和旁白
    )
    wanted = {name for other in nouns if noun.span.end < other.span.start < end for name in other.media}
    return bound and any(wanted & set(vocabulary.words.media[name].accompanies) for name in noun.media)


def _is_paired(reading: Reading, noun: Noun, last: Head) -> bool:
    """Whether "and" alone ties a media word to one that stands behind "with": "with music and narration"."""
    tie = reading.before(noun.span.start, "cue:adding", 1)
    return (
        tie is not None
        and 0 <= tie.start - last.end <= 1
        and reading.before(last.start, "cue:with", _COMPANION_GAP) is not None
    )


def _with_commands(reading: Reading, heads: list[Head], asked: list[Head]) -> tuple[Head, ...]:
    found = list(heads)
    for command in asked:
        end = reading.clause(command.start)[1]
        named = any(
            command.end <= head.start < end and not reading.between(command.end, head.start, "cue:adding")
            for head in heads
        )
        if not named and not any(set(command.media) <= set(head.media) for head in found):
            found.append(command)
    return tuple(sorted(found, key=lambda head: head.start))
