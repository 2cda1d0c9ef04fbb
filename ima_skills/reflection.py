"""The built-in answer to a refused create: pure, enumerable, never dearer.

It is a plugin like any other and answers last, so that third parties can answer first.
Strategy per retry class (the service's documents, applied to the effective parameters):
complete: add what the nearest rule asks for; reselect and refetch: read the list once more;
degrade: one step down in size, resolution, duration, quality; wait: the same again, later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.domain.problem import Change
from ima_skills.domain.reflection import GiveUp, Refetch, Retry, Wait
from ima_skills.hookspecs import hookimpl
from ima_skills.ladders import DEGRADABLE, step_down
from ima_skills.leaf_schema import offers
from ima_skills.pricing import select_rule
from ima_skills.values import same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills.domain.product import CreditRule
    from ima_skills.domain.reflection import Attempt, Decision, Refusal

MAX_CREATES = 3
_FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 60.0


@hookimpl(trylast=True)
def ima_reflect(refusal: Refusal, attempt: Attempt) -> Decision:
    """Answer for every retry class of the error table."""
    if attempt.number >= MAX_CREATES:
        return GiveUp(f"{MAX_CREATES} creates were refused")
    match refusal.retry:
        case "complete":
            return _complete(attempt)
        case "reselect" | "refetch":
            return _refetch(attempt)
        case "degrade":
            return _degrade(attempt)
        case "wait":
            return _wait(refusal, attempt)
        case _:
            return GiveUp("another create cannot cure this")


def _refetch(attempt: Attempt) -> Decision:
    if attempt.refetched:
        return GiveUp("the product list was already read again")
    return Refetch("the price list may have changed")


def _complete(attempt: Attempt) -> Decision:
    fitting = [rule for rule in attempt.leaf.rules if _fits(rule, attempt.values)]
    additions = [(rule, _missing(rule, attempt.values)) for rule in fitting]
    useful = [(rule, added) for rule, added in additions if added and _may_send(attempt, added, rule)]
    if not useful:
        return _refetch(attempt)
    _, added = min(useful, key=lambda pair: (len(pair[1]), pair[0].points))
    why = ("the service has no price without it", "缺少这个参数时服务没有对应价格")
    changes = tuple(Change(name, None, value, *why) for name, value in added.items())
    return Retry({**attempt.values, **added}, changes, "missing settings were filled in")


def _may_send(attempt: Attempt, moved: Mapping[str, Any], rule: CreditRule) -> bool:
    """Whether moved values are offered, also together with the rest, and not dearer."""
    cheap = rule.points <= attempt.quote.points_per_output
    return cheap and offers(attempt.leaf, moved, {**attempt.values, **moved})


def _fits(rule: CreditRule, values: Mapping[str, Any]) -> bool:
    return all(name not in values or same(values[name], wanted) for name, wanted in rule.attributes.items())


def _missing(rule: CreditRule, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in rule.attributes.items() if name not in values}


def _degrade(attempt: Attempt) -> Decision:
    for name in DEGRADABLE:
        if name not in attempt.values:
            continue
        for lower in step_down(attempt.leaf, name, attempt.values):
            values = {**attempt.values, name: lower}
            rule = select_rule(attempt.leaf.rules, values)
            if rule is not None and _may_send(attempt, {name: lower}, rule):
                why = ("the service could not do the larger one at this moment", "服务此刻做不了更高的一档")
                change = Change(name, attempt.values[name], lower, *why)
                return Retry(values, (change,), f"{name} is one step lower")
    return GiveUp("nothing can be made smaller")


def _wait(refusal: Refusal, attempt: Attempt) -> Decision:
    own = _FIRST_WAIT_S * 2 ** (attempt.number - 1)
    seconds = own if refusal.retry_after_s is None else refusal.retry_after_s
    if seconds > LONGEST_WAIT_S:
        return GiveUp(f"the service asks to wait {seconds:g} s")
    return Wait(seconds, "the service is busy")
