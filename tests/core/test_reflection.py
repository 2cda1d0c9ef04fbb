"""The built-in answer to a refused create: pure, never dearer, always ending."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from ima_skills.domain.product import CreditRule, ProductLeaf
from ima_skills.domain.reflection import Attempt, GiveUp, Refetch, Refusal, Retry, Wait
from ima_skills.leaf_schema import leaf_schema
from ima_skills.parameters import resolve
from ima_skills.pricing import canonical, quote
from ima_skills.reflection import LONGEST_WAIT_S, MAX_CREATES, ima_reflect
from ima_skills.schemas import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ima_skills.catalogue import Catalogue
    from ima_skills.domain.reflection import Decision
    from ima_skills.parameters import Offer
    from ima_skills.registry import Registry

CLASSES = ["complete", "reselect", "degrade", "refetch", "wait", "never", "something new"]


def _attempt(offer: Offer, wishes: dict[str, Any] | None = None, number: int = 1, **more: Any) -> Attempt:
    found = resolve(offer, wishes or {})
    price = quote(offer.leaf, found.values, 1)
    return Attempt(number, offer.leaf, canonical(price.rule, found.values), price, **more)


def _refusal(retry: str, after: float | None = None) -> Refusal:
    return Refusal("code", 1, retry, "words", after)


def _steps(offer: Offer, wishes: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Follow "degrade" to its end, without the cap on creates."""
    attempt, steps = _attempt(offer, wishes), []
    while isinstance(decision := ima_reflect(_refusal("degrade"), attempt), Retry):
        (change,) = decision.changes
        steps.append((change.param, change.requested, change.applied))
        price = quote(attempt.leaf, decision.values, 1)
        attempt = evolve(attempt, values=canonical(price.rule, decision.values), quote=price)
    return steps


@pytest.mark.parametrize(
    ("name", "task_type", "wishes", "steps"),
    [
        ("Wan 2.6", "text_to_video", {"duration": 15},
         [("resolution", "1080P", "720P"), ("duration", 15, 10), ("duration", 10, 5)]),
        ("Kling O1", "text_to_video", {"duration": 10, "mode": "pro"}, [("duration", "10", "5"), ("mode", "pro", "std")]),
        ("SeeDream 4.5", "text_to_image", {}, [("size", "4k", "2k")]),
        ("SeeDream 4.5", "text_to_image", {"aspect_ratio": "16:9"}, []),
        ("Nano Banana 2", "text_to_image", {"size": "2K"}, [("size", "2K", "1K"), ("size", "1K", "512px")]),
        ("Hailuo 2.3", "text_to_video", {"duration": 10}, [("duration", 10, 6)]),
        ("DouBao - BGM", "text_to_music", {}, []),
    ],
)  # fmt: skip
def test_degrade_goes_one_step_at_a_time(
    offer: Callable[..., Offer], name: str, task_type: str, wishes: dict[str, Any], steps: list[Any]
) -> None:
    """Size, resolution, duration, quality, mode: one step each time, defaults included, until nothing is left."""
    assert _steps(offer(name, task_type), wishes) == steps


def test_degrade_never_raises_the_price() -> None:
    """A smaller value that costs more is skipped for one that does not."""
    rules = (
        CreditRule(1, 10, {"duration": 15}),
        CreditRule(2, 12, {"duration": 10}),
        CreditRule(3, 9, {"duration": 5}),
    )
    leaf = ProductLeaf("v", "m", "M", "text_to_video", (), rules)
    attempt = Attempt(1, leaf, {"duration": 15, "n": 1}, quote(leaf, {"duration": 15}, 1))
    decision = ima_reflect(_refusal("degrade"), attempt)
    assert isinstance(decision, Retry)
    assert decision.values["duration"] == 5


def test_complete_adds_what_the_nearest_rule_asks_for() -> None:
    """Of the rules that fit, the one that asks for least is completed, if it is not dearer."""
    rules = (
        CreditRule(1, 5, {}, is_default=True), CreditRule(2, 9, {"duration": 5, "sound": True}),
        CreditRule(3, 5, {"duration": 5, "sound": False}), CreditRule(4, 5, {"duration": 5, "sound": False, "camera": "x"}),
    )  # fmt: skip
    leaf = ProductLeaf("v", "m", "M", "text_to_video", (), rules)
    attempt = Attempt(1, leaf, {"duration": 5, "n": 1}, quote(leaf, {"duration": 5}, 1))
    decision = ima_reflect(_refusal("complete"), attempt)
    assert isinstance(decision, Retry)
    assert decision.values == {"duration": 5, "n": 1, "sound": False}
    assert [(c.param, c.requested, c.applied) for c in decision.changes] == [("sound", None, False)]
    assert decision.because == "missing settings were filled in"


def test_complete_reads_the_list_again_when_nothing_is_missing(offer: Callable[..., Offer]) -> None:
    """Parameters that are complete here are not complete there: the list is stale, once."""
    attempt = _attempt(offer("Wan 2.6"))
    assert ima_reflect(_refusal("complete"), attempt) == Refetch("the price list may have changed")
    again = evolve(attempt, refetched=True)
    assert ima_reflect(_refusal("complete"), again) == GiveUp("the product list was already read again")


@pytest.mark.parametrize("retry", ["reselect", "refetch"])
def test_stale_prices_are_read_again_once(offer: Callable[..., Offer], retry: str) -> None:
    """6010, 6006 and stale attributes: the list is read again, and only once."""
    attempt = _attempt(offer("Wan 2.6"))
    assert isinstance(ima_reflect(_refusal(retry), attempt), Refetch)
    assert isinstance(ima_reflect(_refusal(retry), evolve(attempt, refetched=True)), GiveUp)


@pytest.mark.parametrize(
    ("number", "after", "expected"),
    [
        (1, None, Wait(2.0, "the service is busy")), (2, None, Wait(4.0, "the service is busy")), (1, 0.0, Wait(0.0, "the service is busy")),
        (1, 60.0, Wait(60.0, "the service is busy")), (1, 61.0, GiveUp("the service asks to wait 61 s")),
        (1, float("inf"), GiveUp("the service asks to wait inf s")),
    ],
)  # fmt: skip
def test_waiting(offer: Callable[..., Offer], number: int, after: float | None, expected: Decision) -> None:
    """A busy service is waited for, as long as it asks, up to a minute."""
    assert ima_reflect(_refusal("wait", after), _attempt(offer("Wan 2.6"), number=number)) == expected


@pytest.mark.parametrize("retry", ["never", "something new"])
def test_no_cure(offer: Callable[..., Offer], retry: str) -> None:
    """Keys, points, policy: another create cannot cure them."""
    assert ima_reflect(_refusal(retry), _attempt(offer("Wan 2.6"))) == GiveUp(
        "another create cannot cure this"
    )


def _every_attempt(
    registry: Registry, catalogue: Callable[[str], Catalogue], offer: Callable[..., Offer]
) -> Iterator[Attempt]:
    for task_type in registry.task_types:
        for leaf in catalogue(task_type).leaves:
            for rule in leaf.rules:
                offered = offer(leaf.id, task_type)
                wishes = {name: value for name, value in rule.attributes.items() if name != "n"}
                if check({**resolve(offered, {}).values, **wishes}, leaf_schema(offered.leaf)):
                    continue  # the list prices combinations that its form rules out
                yield _attempt(offered, wishes)


def test_every_leaf_rule_error_and_attempt_ends(
    registry: Registry, catalogue: Callable[[str], Catalogue], offer: Callable[..., Offer]
) -> None:
    """Over every leaf, rule, retry class, attempt and refetch: an answer, never dearer, always a leaf's own value."""
    seen = 0
    for attempt in _every_attempt(registry, catalogue, offer):
        schema = leaf_schema(attempt.leaf)
        for retry in CLASSES:
            for number in range(1, MAX_CREATES + 2):
                for refetched in (False, True):
                    asked = evolve(attempt, number=number, refetched=refetched)
                    decision = ima_reflect(_refusal(retry), asked)
                    _must_be_sound(decision, asked, schema)
                    seen += 1
    assert seen > 10_000


def _must_be_sound(decision: Decision, attempt: Attempt, schema: dict[str, Any]) -> None:
    assert decision.because
    if attempt.number >= MAX_CREATES:
        assert isinstance(decision, GiveUp)
    if isinstance(decision, Wait):
        assert 0 <= decision.seconds <= LONGEST_WAIT_S
    if isinstance(decision, Refetch):
        assert not attempt.refetched
    if isinstance(decision, Retry):
        values = dict(decision.values)
        assert check(values, schema) == ()
        assert quote(attempt.leaf, values, 1).total <= attempt.quote.total
        changed = {name for name in values if values[name] != attempt.values.get(name)}
        assert changed == {change.param for change in decision.changes}


def test_degrading_always_ends(
    registry: Registry, catalogue: Callable[[str], Catalogue], offer: Callable[..., Offer]
) -> None:
    """From every rule of every leaf the way down is finite and short, even without the cap."""
    for attempt in _every_attempt(registry, catalogue, offer):
        offered = offer(attempt.leaf.id, attempt.leaf.task_type)
        wishes = {name: value for name, value in attempt.quote.rule.attributes.items() if name != "n"}
        assert len(_steps(offered, wishes)) < 12
