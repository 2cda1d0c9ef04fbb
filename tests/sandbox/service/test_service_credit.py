"""The service's own computation of the credit rule."""

from __future__ import annotations

from typing import Any

import pytest

from ima_skills.sandbox.credit import computed_rule, plain, rule_with_id
from ima_skills.sandbox.envelope import RefusalError


def rule(attribute_id: int, **attributes: Any) -> dict[str, Any]:
    return {"attribute_id": attribute_id, "points": attribute_id, "attributes": attributes}


@pytest.mark.parametrize(
    ("left", "right"),
    [(5, "5"), (5.0, 5), ("1080p", "1080P"), (True, "true"), (False, "FALSE"), (" 4k ", "4K"), (1.2, "1.2")],
)
def test_values_that_are_one(left: Any, right: Any) -> None:
    """Type, case and blanks do not tell values apart."""
    assert plain(left) == plain(right)


@pytest.mark.parametrize(("left", "right"), [(True, 1), (5, 50), ("on", True), (5.5, 5)])
def test_values_that_differ(left: Any, right: Any) -> None:
    """A switch is not a number, and nothing is rounded."""
    assert plain(left) != plain(right)


def test_every_attribute_must_be_met() -> None:
    """A rule holds only when each of its attributes is there with its value."""
    rules = [rule(1, a=1, b=1), rule(2, a=1, b=2)]
    assert computed_rule(rules, {"a": "1", "b": 2, "c": 3}, rules[0])["attribute_id"] == 2
    with pytest.raises(RefusalError, match="6009"):
        computed_rule(rules, {"a": 1}, rules[0])
    with pytest.raises(RefusalError, match="6009"):
        computed_rule(rules, {"a": 1, "b": None}, rules[0])


def test_the_most_specific_rule_wins() -> None:
    """A rule with more attributes is not shadowed by a shorter one before it."""
    rules = [rule(1, a=1), rule(2, a=1, b=1)]
    assert computed_rule(rules, {"a": 1, "b": 1}, rules[0])["attribute_id"] == 2
    assert computed_rule(rules, {"a": 1, "b": 9}, rules[0])["attribute_id"] == 1


def test_the_default_rule_asks_for_nothing() -> None:
    """The marker is never required, and yields to any rule that matches."""
    rules = [rule(1, default="enabled"), rule(2, a=1)]
    assert computed_rule(rules, {}, rules[0])["attribute_id"] == 1
    assert computed_rule(rules, {"default": "enabled"}, rules[0])["attribute_id"] == 1
    assert computed_rule(rules, {"a": 1}, rules[0])["attribute_id"] == 2


def test_the_sent_rule_wins_a_tie() -> None:
    """Two rules with the same attributes are both right."""
    rules = [rule(1, a=1), rule(2, a=1)]
    assert computed_rule(rules, {"a": 1}, rules[1]) is rules[1]


def test_rules_are_found_by_id() -> None:
    """An id may be text; 0 is none, even if a rule had it."""
    rules = [rule(0), rule(7)]
    assert rule_with_id(rules, "7") is rules[1]
    with pytest.raises(RefusalError, match="Invalid product attribute"):
        rule_with_id(rules, 0)
