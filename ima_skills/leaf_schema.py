"""A product leaf's form config as JSON Schema: what the service will accept, checked before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.values import same
from ima_skills.virtual import back_end_values

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {field.name: _property(field) for field in leaf.form if field.name != OUTPUTS},
        "allOf": list(_combinations(leaf)),
    }


def _property(field: FormField) -> dict[str, Any]:
    if field.virtual is not None:
        return {"enum": list(back_end_values(field, field.virtual))}
    if field.options:
        return {"enum": [option.value for option in field.options]}
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
    seen: set[tuple[frozenset[str], str]] = set()
    for field in leaf.form:
        for option in field.options:
            for other, values in option.disabled.items():
                mark = (frozenset((field.name, other)), repr(sorted(map(str, (option.value, *values)))))
                if mark not in seen and leaf.form_field(other) is not None:
                    seen.add(mark)
                    yield _disabled(field, option, other, values)


def _disabled(field: FormField, option: Option, other: str, values: tuple[Any, ...]) -> dict[str, Any]:
    possible = [
        candidate.value
        for candidate in field.options
        if not any(same(value, barred) for value in values for barred in candidate.disabled.get(other, ()))
    ]
    return {
        "not": {
            "properties": {field.name: {"const": option.value}, other: {"enum": list(values)}},
            "required": [field.name, other],
        },
        "x-disabled": {"field": field.name, "others": [other], "allowed": possible},
    }
