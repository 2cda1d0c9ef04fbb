"""The tables of the vocabulary files, as frozen values; ``docs/routing.md`` says what each means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ima_skills.domain.task_type import Text


@frozen
class MediaWords:
    """How people ask for one kind of media; the rows of all files are put together by name.

    Attributes:
        order: Place in the order of making, lowest first.
        label: What people call it.
        text: Task type from text alone.
        roles: What an input may be, to the task type that takes it so.
        lone: The role of a single input of which nothing was said.
        whatever: The role of every input, where it needs no words: there is only one.
        takes: Media of an earlier step, to what becomes of it in a later step of this one.
        nouns: Words that name it.
        verbs: Words that ask for it without naming it.
        hints: Words that tell of it where nothing else does.
        accompanies: Media that it may come with ("a video with music").
        spoken: Whether what follows its verb, or stands in quotes, is the text itself.
    """

    order: int = 0
    label: Text | None = None
    text: str | None = None
    roles: Mapping[str, str] = field(factory=dict)
    lone: str | None = None
    whatever: str | None = None
    takes: Mapping[str, str] = field(factory=dict)
    nouns: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    accompanies: tuple[str, ...] = ()
    spoken: bool = False


@frozen
class RoleWords:
    """Words that say what a given file is for.

    Attributes:
        media: What they ask for when nothing else does.
        words: Words.
        sure: Words that mean it even when no file is there.
        patterns: Regular expressions over folded text.
    """

    media: str | None = None
    words: tuple[str, ...] = ()
    sure: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


@frozen
class Setting:
    """A phrase that sets parameters.

    Attributes:
        params: Parameter to value; a text may refer to groups of the pattern: ``"{a}:{b}"``. ``n`` is the
            number of outputs.
        words: Phrases.
        patterns: Regular expressions over folded text; ``{n}``, ``{a}`` and ``{b}`` stand for numbers.
        media: The media that it is about; empty for all.
        times: What a number is multiplied with.
        keep: Whether the words stay in the prompt.
        along: It counts only together with one of these parameters.
        join: Whether several of them are put together in one text, with commas.
    """

    params: Mapping[str, Any]
    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    times: float = 1
    keep: bool = False
    along: tuple[str, ...] = ()
    join: bool = False


@frozen
class Bundle:
    """A word for several media at once."""

    words: tuple[str, ...]
    media: tuple[str, ...]


@frozen
class Suggestion:
    """A model that a word suggests for one media, by registry id, as long as no parameter is asked for."""

    words: tuple[str, ...]
    media: str
    model: str


@frozen
class Brand:
    """A word for several models: the first that does what is wanted is meant."""

    words: tuple[str, ...]
    models: tuple[str, ...]


@frozen
class Question:
    """A question and its answers."""

    ask: Text
    options: tuple[Text, ...] = ()


@frozen
class Inquiry:
    """What people ask about us, and want nothing made.

    Attributes:
        command: The command that answers, without ``ima-skills``.
        words: Words; what stands before them in the wish may only be talk.
        patterns: Regular expressions over folded text.
    """

    command: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


@frozen
class VocabularyFile:
    """One file; see ``docs/routing.md`` for what each table means.

    Attributes:
        media: Name to words.
        role: Name to words.
        cue: Name of a cue to its words.
        alone: Name of a cue to words that count only when they are a whole clause.
        cue_pattern: Name of a cue to regular expressions.
        setting: Phrases that set parameters.
        bundle: Words for several media.
        suggestion: Words that suggest a model.
        brand: Words for several models.
        question: Name to question.
        inquiry: Name of what is asked about us, to its words and the command that answers.
        numerals: Words for numbers.
        handover: What a key of a handed-over wish means, to the keys.
        slip: Part of a model's name to the ways in which it is misspelt.
        letters: Letters to the ones they are read as.
    """

    media: Mapping[str, MediaWords] = field(factory=dict)
    role: Mapping[str, RoleWords] = field(factory=dict)
    cue: Mapping[str, tuple[str, ...]] = field(factory=dict)
    alone: Mapping[str, tuple[str, ...]] = field(factory=dict)
    cue_pattern: Mapping[str, tuple[str, ...]] = field(factory=dict)
    setting: tuple[Setting, ...] = ()
    bundle: tuple[Bundle, ...] = ()
    suggestion: tuple[Suggestion, ...] = ()
    brand: tuple[Brand, ...] = ()
    question: Mapping[str, Question] = field(factory=dict)
    inquiry: Mapping[str, Inquiry] = field(factory=dict)
    numerals: Mapping[str, float] = field(factory=dict)
    handover: Mapping[str, tuple[str, ...]] = field(factory=dict)
    slip: Mapping[str, tuple[str, ...]] = field(factory=dict)
    letters: Mapping[str, str] = field(factory=dict)
