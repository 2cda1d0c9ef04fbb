"""Credit rules: the exact one, the most specific one, the marker last; never a partial match."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.domain.product import CreditRule, ProductLeaf
from ima_skills.errors import InvalidRequestError, ServiceError
from ima_skills.pricing import canonical, price_span, quote, select_rule

if TYPE_CHECKING:
    from collections.abc import Callable

MARKER = CreditRule(1, 9, {}, is_default=True)
SHORT = CreditRule(2, 10, {"duration": 5})
LONG = CreditRule(3, 20, {"duration": 5, "resolution": "1080P"})
SOUND = CreditRule(4, 30, {"duration": 5, "resolution": "1080P", "sound": True})


def _leaf(*rules: CreditRule) -> ProductLeaf:
    return ProductLeaf("v", "m", "Model", "text_to_video", (), rules)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"duration": 5}, SHORT), ({"duration": "5", "resolution": "1080p"}, LONG),
        ({"duration": 5.0, "resolution": "1080P", "sound": "true", "extra": 1}, SOUND),
        ({"duration": 5, "resolution": "720P"}, SHORT), ({"duration": 7}, MARKER), ({}, MARKER),
        ({"duration": 5, "resolution": "1080P", "sound": "on"}, LONG),
    ],
)  # fmt: skip
def test_most_specific_wins_in_any_order(values: dict[str, Any], expected: CreditRule) -> None:
    """The order of the list means nothing: the longest exact rule wins, the marker only when none holds."""
    for order in permutations((MARKER, SHORT, LONG, SOUND)):
        assert select_rule(order, values) == expected


def test_never_partial() -> None:
    """A rule of which one attribute differs or is missing does not hold."""
    assert select_rule([LONG], {"duration": 5}) is None
    assert select_rule([LONG], {"duration": 7, "resolution": "1080P"}) is None
    assert select_rule([], {"duration": 5}) is None


def test_a_rule_without_attributes_is_a_fallback() -> None:
    """Without a marker, a rule that asks for nothing holds when no other does; the marked one comes first."""
    bare = CreditRule(8, 7)
    assert select_rule([bare, SHORT], {"duration": 7}) == bare
    assert select_rule([bare, MARKER], {}) == MARKER


def test_quote_multiplies_outputs() -> None:
    """The total is the price of one output times their number; the create states the price of one."""
    price = quote(_leaf(SHORT), {"duration": 5}, 3)
    assert (price.points_per_output, price.total, price.attribute_id) == (10, 30, 2)


def test_no_rule_holds() -> None:
    """Without an exact rule nothing is priced: what has a price is listed, and the closest of it."""
    with pytest.raises(InvalidRequestError, match="Model has no price for these parameters") as caught:
        quote(_leaf(LONG, SOUND), {"duration": 7, "resolution": "1080p"}, 1)
    (problem,) = caught.value.problems
    assert problem.message == "no credit rule for duration 7, resolution 1080p, sound None"
    assert problem.allowed[0] == {"duration": 5, "resolution": "1080P", "points": 20}
    assert problem.nearest == {"duration": 5, "resolution": "1080P"}


@pytest.mark.parametrize(
    ("leaf", "code", "match"),
    [
        (_leaf(), "no-credit-rules", "Model has no price in the product list at the moment"),
        (_leaf(CreditRule(0, 5)), "no-attribute-id", "the price of Model carries no attribute id"),
    ],
)
def test_unusable_price_lists(leaf: ProductLeaf, code: str, match: str) -> None:
    """A leaf without rules, or a rule without id, cannot be booked and says so."""
    with pytest.raises(ServiceError, match=match) as caught:
        quote(leaf, {}, 1)
    assert caught.value.name == code


def test_canonical_takes_the_rules_spelling() -> None:
    """What is sent carries the rule's own spelling and type, and nothing else changes."""
    assert canonical(LONG, {"duration": "5", "resolution": "1080p", "x": 1}) == {
        "duration": 5,
        "resolution": "1080P",
        "x": 1,
    }


def test_price_span(leaf: Callable[..., ProductLeaf]) -> None:
    """The span of a leaf is its cheapest and dearest output."""
    assert price_span(leaf("Wan 2.6")) == (25, 120)
    assert price_span(_leaf()) is None
