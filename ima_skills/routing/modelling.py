"""Which model a wish means for one of its media."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.domain.model_entry import ModelEntry
from ima_skills.routing.naming import Name

if TYPE_CHECKING:
    from ima_skills.routing.case import Case, Lexicon
    from ima_skills.routing.words import MediaWords


@frozen
class Meant:
    """The model of one media.

    Attributes:
        name: The name, when the wish names one.
        entry: The model; None leaves it to preference and default.
        model_id: Its family id in the task type.
    """

    name: Name | None = None
    entry: ModelEntry | None = None
    model_id: str | None = None

    @property
    def version_id(self) -> str | None:
        """The version, when the name was that exact."""
        return self.name.version_id if self.name else None


def meant_model(case: Case, lexicon: Lexicon, media: str, task_type: str | None) -> Meant:
    """Return the model that a wish means for a media; an unknown version means none.

    Args:
        case: The wish.
        lexicon: Models and words.
        media: The media.
        task_type: How it is made; None where a question comes first.
    """
    words = lexicon.words(media)
    name, entry = _named(case, lexicon, media, task_type)
    if name is not None and name.unknown:
        return Meant(name)
    if name is None:
        entry = _suggested(case, lexicon, media)
    return Meant(name, entry, family(entry, words, task_type) if entry else None)


def _named(
    case: Case, lexicon: Lexicon, media: str, task_type: str | None
) -> tuple[Name | None, ModelEntry | None]:
    words = lexicon.words(media)
    for kind in (task_type, words.text, *words.roles.values()):
        for name in case.names:
            entry = name.does(kind or "")
            if entry is not None:
                return name, entry
    for name in case.names:
        if len(case.wanted) == 1 or (name.entries and lexicon.media_of(name.entries[0]) == media):
            return name, next(iter(name.entries), None)
    return None, None


def _suggested(case: Case, lexicon: Lexicon, media: str) -> ModelEntry | None:
    if case.settings.params.get(media):
        return None
    for index, _ in case.reading.kind("suggestion"):
        row = lexicon.vocabulary.words.suggestion[int(index)]
        if row.media == media:
            return lexicon.registry.models.get(row.model)
    return None


def family(entry: ModelEntry, words: MediaWords, task_type: str | None = None) -> str:
    """Return the family id of a model in a task type, in another one of the media, or its registry id.

    Args:
        entry: The model.
        words: The media.
        task_type: How it is made.
    """
    for kind in (task_type, words.text, *words.roles.values(), *entry.task_types):
        task = entry.task_types.get(kind or "")
        if task is not None:
            return task.model_id
    return entry.id


def rivals(case: Case, lexicon: Lexicon, media: str) -> list[str]:
    """Return the names of the different models that a wish names for one media."""
    entries = {name.entries[0].id: name.entries[0] for name in case.names if name.entries}
    return [entry.name for entry in entries.values() if lexicon.media_of(entry) == media]


def kin(lexicon: Lexicon, name: Name, media: str) -> list[str]:
    """Return the names of models on offer that begin like one that is unknown; without any, those of the media."""
    offered = [entry for entry in lexicon.registry.models.values() if entry.status == "production"]
    if not name.entries:
        names = (entry.name for entry in offered if lexicon.media_of(entry) == media)
        return list(dict.fromkeys(names))
    stem = name.entries[0].name.split()[0].casefold()
    return [entry.name for entry in offered if stem in entry.name.casefold()]
