"""One wish while it is understood, and what all parts look things up in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field, frozen

from ima_skills.registry import Registry
from ima_skills.routing.asking import ask
from ima_skills.routing.earlier import EarlierUse
from ima_skills.routing.naming import Name, Names
from ima_skills.routing.phrases import Settings
from ima_skills.routing.reading import Reading, Span
from ima_skills.routing.targets import Targets
from ima_skills.routing.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.route import Clarify
    from ima_skills.routing.words import MediaWords


@frozen
class Lexicon:
    """Registry and vocabulary together.

    Attributes:
        registry: Models and task types.
        vocabulary: The words.
        names: Every spelling of every model.
    """

    registry: Registry
    vocabulary: Vocabulary
    names: Names

    def words(self, media: str) -> MediaWords:
        """Return the words of a media."""
        return self.vocabulary.words.media[media]

    def kind(self, media: str) -> str | None:
        """Return what comes back for a media: ``image``, ``video`` or ``audio``; None when nobody makes it."""
        task_type = self.registry.task_types.get(self.words(media).text or "")
        return task_type.media_kind if task_type else None

    def pictures(self) -> frozenset[str]:
        """Return the media that are pictures."""
        return frozenset(name for name in self.vocabulary.words.media if self.kind(name) == "image")

    def media_of(self, entry: ModelEntry) -> str | None:
        """Return the media that a model makes; a retired one has only its modality left to tell."""
        for name, words in self.vocabulary.words.media.items():
            task_type = self.registry.task_types.get(words.text or "")
            makes = {words.text, *words.roles.values()} & set(entry.task_types)
            if makes or (not entry.task_types and task_type and task_type.modality == entry.modality):
                return name
        return None


@define
class Case:
    """One wish while it is understood.

    Attributes:
        reading: Its words.
        language: Language of questions.
        images: Files that came with it, or earlier ones that it refers to.
        names: Models it names.
        targets: What it wants, has and mentions.
        wanted: Media, in the order of making.
        sureness: How sure the media are.
        settings: Parameters.
        notes: Why it was understood so.
        earlier: Earlier results that it refers to.
        inquiry: What it asks about us, where it wants nothing made.
        unwanted: Registry ids of models it does not want.
    """

    reading: Reading
    language: str
    images: tuple[str, ...] = field(repr=False)
    names: tuple[Name, ...] = ()
    targets: Targets = field(factory=Targets)
    wanted: tuple[str, ...] = ()
    sureness: float = 0.0
    settings: Settings = field(factory=Settings)
    notes: list[str] = field(factory=list)
    earlier: EarlierUse | None = None
    inquiry: str | None = None
    unwanted: tuple[str, ...] = ()

    def first_name(self) -> Name | None:
        """Return the first model that is named."""
        return self.names[0] if self.names else None

    def is_vague(self) -> bool:
        """Whether it wants something to be heard and does not say what."""
        return self.reading.has("cue:vague_audio")

    def is_again(self) -> bool:
        """Whether it wants the same subject as before, and gives no picture of it."""
        return self.reading.has("cue:consistency") and (not self.images or self.earlier is not None)

    def shows_picture(self, pictures: frozenset[str]) -> bool:
        """Whether it speaks of a picture that is there: "this photo"."""
        saved = [*self.reading.of("cue:save"), *self.reading.of("cue:like")]
        shown = any(
            not any(about.start <= cue.start < about.end for about in saved)  # "以后都用它": a model
            and not self._is_being_made(cue)
            for cue in self.reading.of("cue:this_one")
        )
        return shown or not pictures.isdisjoint(self.targets.given)

    def _is_being_made(self, cue: Span) -> bool:
        """Whether "it" stands for what was asked for just before: "a backdrop with …, make it upright"."""
        names = any(cue.start <= span.start and span.end <= cue.end for _, span in self.reading.kind("noun"))
        return not names and any(head.noun and head.end <= cue.start for head in self.targets.heads)

    def ask(
        self, vocabulary: Vocabulary, question: str, options: Sequence[str] = (), model: str = ""
    ) -> Clarify:
        """Return a question and note that it was asked."""
        self.notes.append(f"ask-{question}")
        return ask(vocabulary, question, self.language, options=options, model=model)
