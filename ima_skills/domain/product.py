"""The service's product list: leaves, their forms and their credit rules.

Field names are those of the wire. ``extra`` keeps what the service sends and we do not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen


@frozen
class Option:
    """One choice of a field.

    Attributes:
        value: The value to send.
        label: What a person reads.
        disabled: Other field to the values with which this choice is not available.
    """

    value: Any
    label: str = ""
    disabled: Mapping[str, tuple[Any, ...]] = field(factory=dict)
    extra: Mapping[str, Any] = field(factory=dict)


@frozen
class UiField:
    """A control that people see in place of a back-end field.

    Attributes:
        name: Name of the control; the wire calls it ``field`` or ``id``.
        value: Its default.
        options: Its choices.
    """

    name: str
    value: Any = None
    options: tuple[Option, ...] = ()
    label: str = ""


@frozen
class MappingRule:
    """One row of a virtual field's table: these UI values mean that back-end value."""

    source_values: Mapping[str, Any]
    target_value: Any


@frozen
class VirtualField:
    """The table behind a field whose UI control differs from its back-end parameter.

    Attributes:
        ui_fields: The controls people see.
        target: The back-end parameter the table yields.
        rules: Its rows, in the order of the wire.
    """

    ui_fields: tuple[UiField, ...]
    target: str
    rules: tuple[MappingRule, ...]


@frozen
class FormField:
    """One item of a leaf's form config.

    Attributes:
        name: Name of the back-end parameter; the wire calls it ``field``.
        type: ``tags``, ``toggle``, ``textarea`` or a kind we do not know yet.
        value: Default; None means that nothing is sent.
        options: Choices; empty when anything goes.
        minimum: Lower bound of a number, or shortest text.
        maximum: Upper bound of a number, or longest text.
        virtual: The UI controls and their table, for a virtual field.
    """

    name: str
    type: str
    value: Any = None
    options: tuple[Option, ...] = ()
    label: str = ""
    minimum: float | None = None
    maximum: float | None = None
    virtual: VirtualField | None = None
    extra: Mapping[str, Any] = field(factory=dict)


@frozen
class CreditRule:
    """One price of a leaf.

    Attributes:
        attribute_id: Id that a create must name.
        points: Price of one output.
        attributes: The parameter values for which it holds, without the default marker.
        is_default: Whether the service marks it as the default rule.
    """

    attribute_id: int
    points: int
    attributes: Mapping[str, Any] = field(factory=dict)
    is_default: bool = False
    extra: Mapping[str, Any] = field(factory=dict)


@frozen
class ProductLeaf:
    """One bookable version of a model in one task type.

    Attributes:
        id: Version id, sent as ``model_version``.
        model_id: Family id, sent as ``model_id``; several leaves may share it.
        name: Display name, sent as ``model_name``.
        task_type: The category it was listed under.
        form: Its form config; empty when the service lists none.
        rules: Its credit rules.
        estimate: Seconds a task takes (low, high), from the ``EET`` tag.
        files: What input files it takes, as the wire states it.
        extra: Everything else the service sent.
    """

    id: str
    model_id: str
    name: str
    task_type: str
    form: tuple[FormField, ...] = ()
    rules: tuple[CreditRule, ...] = ()
    estimate: tuple[float, float] | None = None
    files: Mapping[str, Any] = field(factory=dict)
    extra: Mapping[str, Any] = field(factory=dict)

    def form_field(self, name: str) -> FormField | None:
        """Return the form field called ``name``, or None."""
        return next((item for item in self.form if item.name == name), None)
