"""What a user wants, what it resolves to, and what it will cost."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ima_skills.domain.problem import Change
from ima_skills.domain.product import CreditRule


def whole(value: Any) -> Any:
    """Return a count that somebody's JSON wrote as ``2.0`` as the integer it is; anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def listed(value: Any) -> Any:
    """Return inputs as a tuple of texts, where one alone, a list or path objects are given; anything else as it is."""
    if isinstance(value, str | os.PathLike):
        return (os.fspath(value),)
    if isinstance(value, list | tuple):
        return tuple(os.fspath(one) if isinstance(one, os.PathLike) else one for one in value)
    return value


@frozen
class Request:
    """One wish, before any model or price is known.

    Attributes:
        task_type: One of the registry's task types.
        prompt: The text to draw, film, compose or speak; kept out of reprs and logs.
        model: Family id, registry id, display name or alias; None takes the default model.
        version_id: Leaf id, when one version is meant.
        inputs: Local paths or https URLs, in the order of their roles; one alone need not be in a list.
        params: Parameters by their UI or back-end name.
        n: Number of outputs.
        language: ``en`` or ``zh``: language of labels and messages.
        changes: What quirks changed in the wish, and why.
    """

    task_type: str
    prompt: str = field(repr=False)
    model: str | None = None
    version_id: str | None = None
    inputs: tuple[str, ...] = field(default=(), repr=False, converter=listed)
    params: Mapping[str, Any] = field(factory=dict, repr=False)
    n: int = field(default=1, converter=whole)
    language: str = "en"
    changes: tuple[Change, ...] = ()


@frozen
class Parameters:
    """The resolved inner parameters of a create.

    Attributes:
        values: Back-end parameter to the value that is sent.
        requested: What the user asked for, by the user's own parameter names.
        changes: What differs from the wish or from the form's defaults, and why.
    """

    values: Mapping[str, Any] = field(repr=False)
    requested: Mapping[str, Any] = field(factory=dict, repr=False)
    changes: tuple[Change, ...] = ()


@frozen
class Quote:
    """The price of a request, as the service will charge it.

    Attributes:
        rule: The credit rule that holds for the parameters.
        n: Number of outputs.
    """

    rule: CreditRule
    n: int

    @property
    def points_per_output(self) -> int:
        """Points for one output; this is what a create states."""
        return self.rule.points

    @property
    def total(self) -> int:
        """Points that the service deducts: price times number of outputs."""
        return self.rule.points * self.n

    @property
    def attribute_id(self) -> int:
        """The attribute id that a create must name."""
        return self.rule.attribute_id
