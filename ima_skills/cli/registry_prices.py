"""The prices of a declared leaf: every choice has exactly one, and every one can be had."""

from __future__ import annotations

from itertools import product
from math import isfinite
from typing import TYPE_CHECKING, Any

from ima_skills.cli.registry_faults import fault
from ima_skills.domain.problem import pointer_to
from ima_skills.pricing import closest_rule, holds, select_rule
from ima_skills.values import pick

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ima_skills.cli.registry_faults import FileFault
    from ima_skills.domain.declared import DeclaredLeaf
    from ima_skills.domain.product import CreditRule, FormField, ProductLeaf

# They belong to the request, the payload or the price.
_RESERVED = ("prompt", "input_images", "cast")
# Our choice: far more than any model has, and still quick.
_MOST_COMBINATIONS = 5_000


def price_faults(
    path: str, pointer: str, offer: DeclaredLeaf, leaf: ProductLeaf, owners: dict[int, str]
) -> Iterator[FileFault]:
    """Yield what is wrong with a declared leaf.

    Args:
        path: The file.
        pointer: Place of the leaf in it.
        offer: As it is declared.
        leaf: As clients read it.
        owners: Attribute id to who has it; the leaf's own join.
    """
    yield from _form_faults(path, pointer, leaf)
    fields = {item.name: item for item in leaf.form}
    sound = True
    for index, price in enumerate(offer.prices):
        place = f"{pointer}/prices/{index}"
        other = owners.setdefault(price.attribute_id, f"{leaf.name} ({leaf.task_type}, prices/{index})")
        if other != f"{leaf.name} ({leaf.task_type}, prices/{index})":
            free = max(owners) + 1
            yield fault(
                path, f"{place}/attribute_id", "twice", "attribute-twice",
                price.attribute_id, instead=free, other=other,
            )  # fmt: skip
        for found in _attribute_faults(path, place, price.attributes, fields):
            sound = False
            yield found
    if sound:
        yield from _combination_faults(path, f"{pointer}/prices", leaf, fields)


def _form_faults(path: str, pointer: str, leaf: ProductLeaf) -> Iterator[FileFault]:
    for item in leaf.form:
        place = pointer + pointer_to("form", item.name)
        if item.name in _RESERVED:
            yield fault(path, place, "reserved", "reserved", item.name)
        low, high = item.minimum, item.maximum
        if low is None or high is None or not (isfinite(low) and isfinite(high)):
            continue
        if low > high:
            yield fault(path, f"{place}/minimum", "bounds", "bounds", low, instead=high)
        elif item.value is not None and not low <= item.value <= high:
            yield fault(
                path, f"{place}/value", "outside", "outside", item.value,
                instead=low if item.value < low else high, low=low, high=high,
            )  # fmt: skip


def _attribute_faults(
    path: str, pointer: str, attributes: Mapping[str, Any], fields: Mapping[str, FormField]
) -> Iterator[FileFault]:
    for name, value in attributes.items():
        place = pointer + pointer_to("attributes", name)
        if name not in fields:
            yield fault(path, place, "unknown-param", "price-param", name, sorted(fields))
            continue
        choices = _choices(fields[name])
        if choices and pick(value, choices) is None:
            yield fault(path, place, "not-offered", "not-offered", value, choices, param=name)


def _choices(field: FormField) -> list[Any]:
    if field.type == "toggle":
        return [True, False]
    return [option.value for option in field.options]


def _combination_faults(
    path: str, pointer: str, leaf: ProductLeaf, fields: Mapping[str, FormField]
) -> Iterator[FileFault]:
    """Price every combination of the choices that prices speak of, as a create would be priced."""
    names = sorted({name for rule in leaf.rules for name in rule.attributes if _choices(fields[name])})
    taken: set[int] = set()
    for count, chosen in enumerate(product(*(_choices(fields[name]) for name in names))):
        if count == _MOST_COMBINATIONS:
            return
        values = dict(zip(names, chosen, strict=True))
        shown = ", ".join(f"{name} {value}" for name, value in values.items()) or leaf.name
        best = _best(leaf, values)
        taken.update(leaf.rules.index(rule) for rule in best[:1])
        if not best:
            yield fault(
                path,
                pointer,
                "unpriced",
                "unpriced",
                values,
                instead=dict(closest_rule(leaf.rules, values).attributes),
                chosen=shown,
            )
        elif len(best) > 1:
            ids = ", ".join(str(rule.attribute_id) for rule in best)
            first = best[0].attribute_id
            yield fault(path, pointer, "ambiguous", "ambiguous", values, instead=first, chosen=shown, ids=ids)
    open_ones = {i for i, rule in enumerate(leaf.rules) if set(rule.attributes) - set(names)}
    for index in sorted(set(range(len(leaf.rules))) - taken - open_ones):
        rule = leaf.rules[index]
        yield fault(path, f"{pointer}/{index}", "never", "never-price", rule.attribute_id)


def _best(leaf: ProductLeaf, values: Mapping[str, Any]) -> list[CreditRule]:
    """Return the credit rule that holds, with those that hold just as well."""
    first = select_rule(leaf.rules, values)
    if first is None:
        return []
    rivals = [
        rule for rule in leaf.rules if len(rule.attributes) == len(first.attributes) and holds(rule, values)
    ]
    return [first, *(rule for rule in rivals if rule is not first)]
