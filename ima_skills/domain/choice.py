"""Who chose the model of a wish: an event of the road, and a part of its result."""

from __future__ import annotations

from typing import Literal

from attrs import frozen


@frozen
class ModelChosen:
    """Which model a wish will use, and who chose it; told before :class:`Quoted`.

    Attributes:
        task_type: The category.
        model_id: Family id of the model that is used.
        model_name: Its display name.
        source: ``explicit`` (named in the wish), ``saved`` (a preference), ``knowledge`` (advice of an
            installed skill) or ``default``.
        recommended: Display name of the model that knowledge advice names instead, when it differs.
        reason: Why it is recommended, in the user's language.
        previous: Display name of the saved model that an explicit wish departs from.
        stale: A saved model that the service does not list any more.
    """

    task_type: str
    model_id: str
    model_name: str
    source: Literal["explicit", "saved", "knowledge", "default"]
    recommended: str | None = None
    reason: str | None = None
    previous: str | None = None
    stale: str | None = None
