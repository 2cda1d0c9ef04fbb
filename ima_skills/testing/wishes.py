"""Every wish that is worth pricing for a leaf: what it offers, alone and together."""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.domain.product import FormField, ProductLeaf

# Our choice: all combinations of a usual form, and still quick for the largest.
MOST = 400


def wishes(leaf: ProductLeaf, most: int = MOST) -> tuple[dict[str, Any], ...]:
    """Return parameters to ask a leaf for: defaults, every price, every choice, all of them together.

    Args:
        leaf: The leaf, completed by its quirks.
        most: Most wishes; those that are simpler come first.
    """
    found: dict[str, dict[str, Any]] = {}
    for wish in islice(_wishes(leaf), most * 4):
        found.setdefault(repr(sorted(wish.items(), key=str)), wish)
    return tuple(found.values())[:most]


def _wishes(leaf: ProductLeaf) -> Iterator[dict[str, Any]]:
    yield {}
    choices = {field.name: _choices(field) for field in leaf.form if field.name != "n"}
    for name, values in choices.items():
        yield from ({name: value} for value in values)
    for field in leaf.form:
        if field.virtual is not None:
            yield from ({ui.name: option.value} for ui in field.virtual.ui_fields for option in ui.options)
    for rule in leaf.rules:
        yield dict(rule.attributes)
        for name, values in choices.items():
            if name not in rule.attributes:
                yield from ({**rule.attributes, name: value} for value in values)
    some = {name: values for name, values in choices.items() if values}
    yield from (dict(zip(some, chosen, strict=True)) for chosen in product(*some.values()))


def _choices(field: FormField) -> list[Any]:
    if field.type == "toggle":
        return [True, False]
    if field.options:
        return [option.value for option in field.options]
    if isinstance(field.value, int | float):
        bounds = (field.minimum, field.maximum)
        return list(dict.fromkeys([field.value, *(_whole(bound) for bound in bounds if bound is not None)]))
    return []


def _whole(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number
