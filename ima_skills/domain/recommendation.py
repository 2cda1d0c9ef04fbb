"""Which model somebody knowledgeable would take for a wish."""

from __future__ import annotations

from attrs import frozen

from ima_skills.domain.task_type import Text


@frozen
class Recommendation:
    """A model that is recommended for a wish that names none.

    Attributes:
        model: Any of its names: registry id, family id, display name or alias.
        reason: Why, for people.
        origin: Who says so, for instance the name of an installed skill.
    """

    model: str
    reason: Text
    origin: str
