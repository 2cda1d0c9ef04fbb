"""What understanding a wish yields; the values stand on the lowest floor, where hooks may name them."""

from __future__ import annotations

from ima_skills.domain.route import Budget, Clarify, PreferenceAction, PreferenceWish, Role, Route, Step, Use

__all__ = ["Budget", "Clarify", "PreferenceAction", "PreferenceWish", "Role", "Route", "Step", "Use"]
