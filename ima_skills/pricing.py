"""Credit rules: which one holds for the effective parameters, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.domain.problem import Problem
from ima_skills.domain.request import Quote
from ima_skills.errors import InvalidRequestError, ServiceError
from ima_skills.values import same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ima_skills.domain.product import CreditRule, ProductLeaf


def select_rule(rules: Sequence[CreditRule], values: Mapping[str, Any]) -> CreditRule | None:
    """Return the credit rule that holds for the effective parameters.

    Every attribute of a rule must match; of several, the most specific wins; a rule that carries
    the service's default marker wins only when no other matches. There is no partial match: it
    would change what the user asked for.

    Args:
        rules: The rules of one leaf, in any order.
        values: The effective parameters, defaults included.
    """
    exact = [rule for rule in rules if rule.attributes and holds(rule, values)]
    if exact:
        return max(exact, key=lambda rule: len(rule.attributes))
    plain = [rule for rule in rules if not rule.attributes]
    return next((rule for rule in plain if rule.is_default), plain[0] if plain else None)


def quote(leaf: ProductLeaf, values: Mapping[str, Any], n: int) -> Quote:
    """Return the price of a create.

    Args:
        leaf: The leaf to book.
        values: The effective parameters.
        n: Number of outputs; the service deducts the price of one, ``n`` times.

    Raises:
        ServiceError: The leaf has no price, so nobody can book it.
        InvalidRequestError: No rule holds; the combinations that have a price are listed.
    """
    if not leaf.rules:
        raise ServiceError(
            f"{leaf.name} has no price in the product list at the moment",
            code="no-credit-rules",
            hint="Choose another model: ima-skills models list",
            retryable=True,
            details={"model": leaf.name},
        )
    rule = select_rule(leaf.rules, values)
    if rule is None:
        raise InvalidRequestError(
            f"{leaf.name} has no price for these parameters",
            code="no-credit-rule",
            problems=(_unpriced(leaf, values),),
            hint="Take one of the combinations that the model offers.",
            details={"model": leaf.name},
        )
    if not rule.attribute_id:
        raise ServiceError(
            f"the price of {leaf.name} carries no attribute id",
            code="no-attribute-id",
            details={"model": leaf.name},
        )
    return Quote(rule, n)


def canonical(rule: CreditRule, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters with the rule's own spelling and type, for instance ``1080P``."""
    return {**values, **rule.attributes}


def price_span(leaf: ProductLeaf) -> tuple[int, int] | None:
    """Return the lowest and highest points of one output, or None where there is no rule."""
    points = [rule.points for rule in leaf.rules]
    return (min(points), max(points)) if points else None


def holds(rule: CreditRule, values: Mapping[str, Any]) -> bool:
    """Whether a credit rule's every attribute is met."""
    return all(name in values and same(values[name], wanted) for name, wanted in rule.attributes.items())


def _unpriced(leaf: ProductLeaf, values: Mapping[str, Any]) -> Problem:
    names = {name for rule in leaf.rules for name in rule.attributes}
    asked = {name: values.get(name) for name in sorted(names)}
    priced = tuple({**rule.attributes, "points": rule.points} for rule in leaf.rules)
    closest = closest_rule(leaf.rules, values)
    listed = ", ".join(f"{name} {value}" for name, value in asked.items())
    return Problem(
        "/params", f"no credit rule for {listed}", asked, "unpriced", priced, dict(closest.attributes)
    )


def closest_rule(rules: Sequence[CreditRule], values: Mapping[str, Any]) -> CreditRule:
    """Return the credit rule, of at least one, of which the most attributes are met."""
    return max(rules, key=lambda rule: _matches(rule, values))


def _matches(rule: CreditRule, values: Mapping[str, Any]) -> int:
    return sum(name in values and same(values[name], wanted) for name, wanted in rule.attributes.items())
