"""Small tools for writing quirks; public, for first and third parties alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from ima_skills.domain.problem import Change, Problem, pointer_to
from ima_skills.domain.product import MappingRule, Option, ProductLeaf, UiField, VirtualField
from ima_skills.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ima_skills.domain.product import FormField
    from ima_skills.domain.request import Parameters, Request


def with_virtual_field(leaf: ProductLeaf, field: str, control: str, pairs: Mapping[str, Any]) -> ProductLeaf:
    """Give a plain field the UI control that the product list sometimes lacks.

    Args:
        leaf: The leaf; returned as it is when it lacks the field or has the control already.
        field: The back-end parameter.
        control: Name of the control that people see.
        pairs: What people choose, to the value that is sent; the field's own options stay choices.
    """
    plain = leaf.form_field(field)
    if plain is None or plain.virtual is not None or not pairs:
        return leaf
    choices = {**{str(option.value): option.value for option in plain.options}, **pairs}
    offered = [*plain.options, *(Option(value, str(value)) for value in pairs.values())]
    changed = evolve(
        plain,
        virtual=_table(plain, control, choices),
        options=tuple({str(option.value): option for option in offered}.values()),
    )
    return evolve(leaf, form=tuple(changed if item is plain else item for item in leaf.form))


def _table(field: FormField, control: str, choices: Mapping[str, Any]) -> VirtualField:
    rules = tuple(MappingRule({control: name}, value) for name, value in choices.items())
    default = next((name for name, value in choices.items() if value == field.value), field.value)
    ui = UiField(control, default, tuple(Option(name, name) for name in choices))
    return VirtualField((ui,), field.name, rules)


def with_params(request: Request, params: Mapping[str, Any], changes: Sequence[Change] = ()) -> Request:
    """Return a request with other parameters, and the changes that led to them."""
    return evolve(request, params=dict(params), changes=(*request.changes, *changes))


def with_value(parameters: Parameters, name: str, value: Any, reason: str, reason_zh: str = "") -> Parameters:
    """Return parameters with one more value, reported as a change."""
    change = Change(name, parameters.values.get(name), value, reason, reason_zh)
    return evolve(
        parameters, values={**parameters.values, name: value}, changes=(*parameters.changes, change)
    )


def refuse(  # noqa: PLR0913 - one argument per fact of a problem
    name: str,
    message: str,
    value: Any,
    allowed: Sequence[Any] = (),
    hint: str = "",
    *,
    message_zh: str = "",
) -> InvalidRequestError:
    """Return the error for one parameter that a model cannot serve.

    Args:
        name: The parameter.
        message: Why, as one sentence.
        value: What was asked for.
        allowed: What would be accepted.
        hint: The next step.
        message_zh: The message in Chinese.
    """
    from ima_skills.nearest import nearest

    close = nearest(value, allowed) if allowed else None
    problem = Problem(
        pointer_to("params", name), message, value, "quirk", tuple(allowed), close, (), message_zh
    )
    return InvalidRequestError(f"{name}: {message}", problems=(problem,), hint=hint)
