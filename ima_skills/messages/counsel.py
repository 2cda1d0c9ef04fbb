"""What else could be taken, for how many points: computed on the product list that the wish was priced on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ima_skills.advice import Adviser
from ima_skills.catalogue import Catalogue
from ima_skills.domain.problem import Change
from ima_skills.domain.product import ProductLeaf
from ima_skills.domain.request import Request
from ima_skills.messages.plain import settings_line

if TYPE_CHECKING:
    from ima_skills.advice import Alternative
    from ima_skills.errors import ImaError
    from ima_skills.messages.texts import Lines
    from ima_skills.registry import Registry

_MOST = 2


@frozen
class Suggestion:
    """Another model.

    Attributes:
        model: Registry id, else family id.
        name: Display name.
        points: What the wish would cost there.
        exact: Whether it does exactly what was asked.
        differs: Its settings that are other than those that were chosen, by their names.
    """

    model: str
    name: str
    points: int
    exact: bool = True
    differs: Mapping[str, Any] = field(factory=dict)


@frozen
class Counsel:
    """Knows what else could be taken instead of one priced wish.

    Attributes:
        adviser: Computes it.
        request: The wish.
        catalogue: The product list it was priced on.
        leaf: What was chosen.
        total: What it costs.
        changes: What differs from the wish so far.
    """

    adviser: Adviser = field(repr=False)
    request: Request
    catalogue: Catalogue = field(repr=False)
    leaf: ProductLeaf = field(repr=False)
    total: int
    changes: tuple[Change, ...] = ()

    def cheaper(self) -> tuple[Suggestion, ...]:
        """Return the next cheaper models that do what was asked, the next one first."""
        cheaper, _ = self.adviser.neighbours(self.request, self.catalogue, self.leaf, self.total)
        return tuple(map(_suggestion, cheaper))

    def instead(self, error: ImaError) -> tuple[Suggestion, ...]:
        """Return who could do it after an error, best first."""
        found = self.adviser.instead_of(self.request, self.catalogue, self.leaf, error)
        return tuple(_suggestion(alternative) for alternative in found)

    def points_with(self, name: str) -> int | None:
        """Return what the wish would cost with a model of this display name; None when it cannot do it."""
        return self.adviser.points_with(self.request, self.catalogue, name)


def told_by(error: ImaError) -> tuple[Suggestion, ...]:
    """Return the alternatives that an error carries already."""
    advice = error.details.get("advice")
    rows = error.details.get("alternatives") or (advice or {}).get("alternatives") or ()
    return tuple(
        Suggestion(row["model"], row["name"], row["points"], row.get("exact", True), row.get("differs", {}))
        for row in rows
    )


def suggestion_lines(
    lines: Lines, registry: Registry, suggestions: tuple[Suggestion, ...], heading: str = ""
) -> tuple[str, ...]:
    """Return a heading and at most two suggestions: what is good about each, its points, and what is other about it.

    Args:
        lines: The words.
        registry: Knows the tiers of models.
        suggestions: Best first.
        heading: Name of the heading; empty takes the one that suits how near they come.
    """
    # One model may be offered with several settings; the best of them is enough in a chat.
    unique: dict[str, Suggestion] = {}
    for suggestion in suggestions:
        unique.setdefault(suggestion.name, suggestion)
    shown = tuple(unique.values())[:_MOST]
    usual = "instead" if all(suggestion.exact for suggestion in shown) else "near"
    told = (_line(lines, registry, suggestion) for suggestion in shown)
    return (lines.say(f"failure.{heading or usual}"), *told)


def _line(lines: Lines, registry: Registry, suggestion: Suggestion) -> str:
    entry = registry.models.get(suggestion.model)
    tier = entry.tier if entry else None
    trait = lines.say(f"traits.{tier}") if lines.has(f"traits.{tier}") else ""
    other = settings_line(lines, suggestion.differs)
    name, points = suggestion.name, suggestion.points
    return lines.say("failure.alternative", model=name, trait=trait, points=points, other=other)


def _suggestion(alternative: Alternative) -> Suggestion:
    found = alternative
    return Suggestion(found.model, found.name, found.points, found.exact, found.differs)
