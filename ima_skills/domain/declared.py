"""What a model file declares: rules that adapt a wish to the model, and offers for lists that lack the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, fields, frozen

from ima_skills.domain.task_type import Text


@frozen
class When:
    """A condition of a rule; everything that is stated must hold.

    Attributes:
        task_types: The request is of one of these.
        versions: The leaf has one of these ids; known only where the leaf is.
        params: Parameter to the values of which one is asked for.
        given: One of these parameters is asked for, with whatever value.
    """

    task_types: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    params: Mapping[str, tuple[Any, ...]] = field(factory=dict)
    given: tuple[str, ...] = ()


@frozen
class Rename:
    """Other names of a parameter, and its name."""

    names: tuple[str, ...]
    to: str


@frozen
class Map:
    """Words for values.

    Attributes:
        param: The parameter that people set.
        values: What they say, to what it means.
        to: The form's field that gets the meaning; without it the parameter itself.
        extend: Whether the model takes the meanings even where the form does not offer them.
    """

    param: str
    values: Mapping[str, Any]
    to: str | None = None
    extend: bool = False


@frozen
class Derive:
    """A parameter that follows from something else.

    Attributes:
        param: The parameter; one that has a value keeps it.
        sources: Where to look, first hit wins: ``leaf.name``, ``leaf.id``, or a parameter.
        pattern: What to look for in the source, letter case aside.
        template: The value, with ``{1}`` for the first group of the pattern.
        values: Instead of a pattern: value of the source to value of the parameter.
        otherwise: The value when no source tells; without it the request is refused.
    """

    param: str
    sources: tuple[str, ...]
    pattern: str | None = None
    template: str = "{1}"
    values: Mapping[str, Any] | None = None
    otherwise: Any = None


@frozen
class Preset:
    """What is asked for when a wish says nothing about a parameter."""

    param: str
    value: Any


@frozen
class Constrain:
    """What may be asked for.

    Attributes:
        params: The parameters that it is about.
        allowed: Their only values; none means that they may not be asked for at all.
        minimum: Their lowest number.
        maximum: Their highest number.
        drop: Whether a granted value is not sent, because the model always does it.
        only: Instead of all that: the only parameters that may be asked for.
    """

    params: tuple[str, ...] = ()
    allowed: tuple[Any, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    drop: bool = False
    only: tuple[str, ...] | None = None


@frozen
class Require:
    """Parameters of which one must be asked for."""

    params: tuple[str, ...]


@frozen
class Rule:
    """One declared quirk: exactly one of the actions, when it holds, and why.

    Attributes:
        why: The reason; people read it with every change and every refusal.
        when: When it applies; always, unless something is stated.
    """

    why: Text
    when: When = When()
    rename: Rename | None = None
    map: Map | None = None
    derive: Derive | None = None
    default: Preset | None = None
    constrain: Constrain | None = None
    require: Require | None = None

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that are stated; a sound rule has one."""
        names = (item.name for item in fields(Rule) if item.name not in ("why", "when"))
        return tuple(name for name in names if getattr(self, name) is not None)


@frozen
class Price:
    """One credit rule of an offer, named as on the wire."""

    attribute_id: int
    points: int
    attributes: Mapping[str, Any] = field(factory=dict)


@frozen
class DeclaredLeaf:
    """One leaf of the product list, as a model file declares it for lists that lack the model.

    Attributes:
        prices: Its credit rules.
        form: Field to its choices (a list, the default first), a switch's default, a text's default, or
            a table with ``minimum``, ``maximum`` and perhaps ``value``.
        version: Its id; the first known version of the model by default.
        name: Its display name; the model's by default.
    """

    prices: tuple[Price, ...]
    form: Mapping[str, Any] = field(factory=dict)
    version: str | None = None
    name: str | None = None
