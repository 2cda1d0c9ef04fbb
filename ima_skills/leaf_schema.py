"""A product leaf's form config as JSON Schema: what the service will accept, checked before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.values import key, pick, same
from ima_skills.virtual import back_end_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ima_skills.domain.product import FormField, Option, ProductLeaf

# The number of outputs is part of the request: the form lists it as text, the create wants a number.
OUTPUTS = "n"

_JSON_TYPES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def leaf_schema(leaf: ProductLeaf) -> dict[str, Any]:
    """Return the 2020-12 schema of a leaf's inner parameters.

    Types, options and bounds become property schemas; each ``disabled`` combination becomes a
    ``not`` with an ``x-disabled`` note that says what would go instead. Parameters that the form does not
    list, and the number of outputs, are none of this schema's business.

    Args:
        leaf: A leaf of the product list.
    """
    combinations = list(_combinations(leaf))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {_sent_as(field): _property(field) for field in leaf.form if field.name != OUTPUTS},
        **({"allOf": combinations} if combinations else {}),
    }


def _sent_as(field: FormField) -> str:
    return field.virtual.target if field.virtual else field.name


def _once(values: list[Any]) -> list[Any]:
    """Return the values that can be sent, each once; a form's own default is always one of them."""
    found: dict[str, Any] = {}
    for value in values:
        if value is not None:
            found.setdefault(key(value), value)
    return list(found.values())


def _property(field: FormField) -> dict[str, Any]:
    if field.virtual is not None:
        return {"enum": list(back_end_values(field, field.virtual))}
    if field.options:
        return {"enum": _once([*(option.value for option in field.options), field.value])}
    if field.type == "toggle":
        return {"type": "boolean"}
    if field.type == "textarea":
        return _bounded({"type": "string", "writeOnly": True}, field, "minLength", "maxLength")
    return _bounded(_open_type(field), field, "minimum", "maximum")


def _open_type(field: FormField) -> dict[str, Any]:
    # A field kind we do not know: only a bounded one tells us that it is a number.
    if field.minimum is not None or field.maximum is not None:
        return {"type": "number"}
    kind = _JSON_TYPES.get(type(field.value))
    return {"type": kind} if kind else {}


def _bounded(schema: dict[str, Any], field: FormField, low: str, high: str) -> dict[str, Any]:
    # An untouched empty text is the form's own default, whatever its shortest length says.
    if field.minimum is not None and not (field.type == "textarea" and field.value == ""):
        schema[low] = field.minimum
    if field.maximum is not None:
        schema[high] = field.maximum
    return schema


def _combinations(leaf: ProductLeaf) -> Iterator[dict[str, Any]]:
    for field in leaf.form:
        for option in field.options:
            for name, values in option.disabled.items():
                other = leaf.form_field(name)
                if other is not None:
                    yield _disabled(field, option, other, _as_offered(other, values))


def _as_offered(field: FormField, values: tuple[Any, ...]) -> list[Any]:
    """Return values in the spelling and type that the field's own options have."""
    offered = [option.value for option in field.options]
    return [value if (found := pick(value, offered)) is None else found for value in values]


def _disabled(field: FormField, option: Option, other: FormField, values: list[Any]) -> dict[str, Any]:
    possible = [
        candidate.value
        for candidate in field.options
        if not any(
            same(value, barred) for value in values for barred in candidate.disabled.get(other.name, ())
        )
    ]
    mine, theirs = _sent_as(field), _sent_as(other)
    return {
        "not": {
            "properties": {mine: {"const": option.value}, theirs: {"enum": values}},
            "required": [mine, theirs],
        },
        "x-disabled": {"field": mine, "others": [theirs], "allowed": possible},
    }


def offers(leaf: ProductLeaf, names: Iterable[str], values: Mapping[str, Any]) -> bool:
    """Whether a leaf offers the values of some fields, and in combination with all the others.

    The service does not filter its credit rules, so a rule alone does not prove it.

    Args:
        leaf: The leaf.
        names: The fields to look at.
        values: The effective parameters.
    """
    for field in leaf.form:
        for option in field.options:
            if same(option.value, values.get(field.name)) and _is_barred(option, values):
                return False
    listed = {field.name: field for field in leaf.form if field.options}
    return all(
        any(same(option.value, values.get(name)) for option in listed[name].options)
        for name in names
        if name in listed
    )


def _is_barred(option: Option, values: Mapping[str, Any]) -> bool:
    return any(
        same(values.get(other), value) for other, barred in option.disabled.items() for value in barred
    )
