"""Which credit rule the service computes from the inner parameters of a create.

Written for the service's side and strict on purpose: it shares nothing with the client's choice of a
rule, so that the two check each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ima_skills.sandbox.envelope import RefusalError

# The service's documents: marks the default rule, and is never required as a parameter.
_MARKER = "default"


def plain(value: Any) -> str:
    """Return the form in which the service compares values: ``5``, ``"5"`` and ``5.0`` are one."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip().upper()


def rule_with_id(rules: Sequence[Mapping[str, Any]], attribute_id: Any) -> Mapping[str, Any]:
    """Return the leaf's rule with that attribute id.

    Raises:
        RefusalError: 400, the id is missing, 0, or belongs to no rule of the leaf.
    """
    for rule in rules:
        if rule["attribute_id"] and plain(rule["attribute_id"]) == plain(attribute_id):
            return rule
    raise RefusalError(400, "Invalid product attribute")


def computed_rule(
    rules: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any], sent: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the rule whose every attribute the parameters meet, the most specific one first.

    Args:
        rules: The leaf's credit rules.
        parameters: Inner parameters as sent; a missing attribute is not completed.
        sent: The rule that the create names; it wins when several are equally specific.

    Raises:
        RefusalError: 6009, no rule matches exactly.
    """
    matching = [rule for rule in rules if _meets(_conditions(rule), parameters)]
    if not matching:
        raise RefusalError(6009)
    most = max(len(_conditions(rule)) for rule in matching)
    best = [rule for rule in matching if len(_conditions(rule)) == most]
    return sent if sent in best else best[0]


def check_price(rule: Mapping[str, Any], credit: Any, cast: Any) -> None:
    """Check that a create states the price of its rule, outside and in ``cast``.

    Raises:
        RefusalError: 6006, one of them differs or is missing.
    """
    if plain(credit) != plain(rule["points"]):
        raise RefusalError(6006)
    if not isinstance(cast, Mapping):
        raise RefusalError(6006, "billing validation failed: cast is missing")
    expected = {"points": rule["points"], "attribute_id": rule["attribute_id"]}
    if any(plain(cast.get(name)) != plain(value) for name, value in expected.items()):
        raise RefusalError(6006, "billing validation failed: cast does not match")


def _conditions(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (rule.get("attributes") or {}).items() if name != _MARKER}


def _meets(conditions: Mapping[str, Any], parameters: Mapping[str, Any]) -> bool:
    return all(
        parameters.get(name) is not None and plain(parameters[name]) == plain(value)
        for name, value in conditions.items()
    )
