"""One thing that was looked at, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import asdict, field, frozen

State = Literal["passed", "failed", "not-applicable"]
AREAS = (
    "project",
    "import",
    "hooks",
    "registry",
    "words",
    "quirks",
    "prices",
    "start-up",
    "containment",
    "examples",
)


@frozen
class Check:
    """One thing that was looked at.

    Attributes:
        area: One of :data:`AREAS`.
        name: What it was about; unique in its area unless it failed in several places.
        code: What was wrong; empty when nothing was. Sentences are found by it.
        file: Where it was wrong.
        place: The place in that file, or the hook, or the quirk.
        words: What the sentence needs.
        applies: Whether the plugin has anything that this is about.
    """

    area: str
    name: str
    code: str = ""
    file: str = ""
    place: str = ""
    words: Mapping[str, Any] = field(factory=dict)
    applies: bool = True

    @property
    def state(self) -> State:
        """What came of it."""
        if not self.applies:
            return "not-applicable"
        return "failed" if self.code else "passed"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON, for :func:`from_dict`."""
        return {**asdict(self), "words": {name: _plain(value) for name, value in self.words.items()}}


def from_dict(document: Mapping[str, Any]) -> Check:
    """Return the check of a JSON document."""
    return Check(**document)


def absent(area: str, name: str) -> Check:
    """Return a check of something that the plugin does not have."""
    return Check(area, name, applies=False)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
