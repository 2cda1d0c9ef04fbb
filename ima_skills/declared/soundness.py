"""What is wrong with a declared rule by itself: more or less than one action, a pattern, a condition out of place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ima_skills.declared.patterns import fault_of
from ima_skills.domain.problem import Problem, pointer_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.domain.declared import Constrain, Derive, Rule

ACTIONS = ("rename", "map", "derive", "default", "constrain", "require")
_PLACE = re.compile(r"\{(\d)\}")


def rule_problems(rule: Rule) -> tuple[Problem, ...]:
    """Return what is wrong with a rule, whatever the model; pointers start at the rule."""
    if len(rule.actions) != 1:
        return (_not_one(rule),)
    found = [*_condition_problems(rule)]
    if rule.derive is not None:
        found += _derive_problems(rule.derive)
    if rule.constrain is not None:
        found += _constrain_problems(rule.constrain)
    if rule.rename is not None and rule.rename.to in rule.rename.names:
        message = "a parameter is no other name of itself"
        found.append(Problem("/rename/names", message, rule.rename.to, "self"))
    return tuple(found)


def _not_one(rule: Rule) -> Problem:
    if rule.actions:
        listed = " and ".join(rule.actions)
        message = f"a rule does one thing, this one has {listed}: write one rule for each"
        return Problem("", message, listed, "actions", rule.actions, rule.actions[0])
    return Problem("", f"a rule needs one of: {', '.join(ACTIONS)}", None, "actions", ACTIONS)


def _condition_problems(rule: Rule) -> Iterator[Problem]:
    """Yield conditions on what is not known where the rule works."""
    shapes_leaf = rule.map is not None and rule.map.to is not None
    if rule.when.versions and not (shapes_leaf or rule.derive):
        message = (
            "the version is not known yet where this rule works; only derive, and map with to, may ask for it"
        )
        yield Problem("/when/versions", message, rule.when.versions[0], "never", ("derive", "map"))
    for name, stated in (("params", rule.when.params), ("given", rule.when.given)):
        if stated and shapes_leaf:
            message = "a map with to shapes the model's form, whatever is asked for"
            yield Problem(f"/when/{name}", message, next(iter(stated)), "never", ("task_types", "versions"))


def _derive_problems(action: Derive) -> Iterator[Problem]:
    if (action.pattern is None) == (action.values is None):
        message = "derive needs either a pattern or values"
        yield Problem("/derive", message, None, "either", ("pattern", "values"))
    if action.pattern is None:
        return
    fault = fault_of(action.pattern)
    if fault is not None:
        yield Problem("/derive/pattern", f"the pattern {fault}", action.pattern, "pattern")
        return
    groups = re.compile(action.pattern).groups
    for number in map(int, _PLACE.findall(action.template)):
        if number > groups:
            allowed = tuple(f"{{{place}}}" for place in range(groups + 1))
            message = f"the pattern has {groups} groups"
            yield Problem("/derive/template", message, f"{{{number}}}", "template", allowed, allowed[-1])


def _constrain_problems(action: Constrain) -> Iterator[Problem]:
    bounds = (action.minimum, action.maximum)
    if action.only is not None:
        if action.params or action.allowed is not None or action.drop or bounds != (None, None):
            message = "only speaks of all parameters and stands alone"
            yield Problem("/constrain/only", message, None, "either", ("only", "params"))
        return
    if not action.params:
        message = "constrain needs params or only"
        yield Problem("/constrain", message, None, "either", ("params", "only"))
    elif action.allowed is None and bounds == (None, None):
        message = "constrain needs allowed, minimum or maximum"
        yield Problem("/constrain", message, None, "either", ("allowed", "minimum", "maximum"))
    if action.minimum is not None and action.maximum is not None and action.minimum > action.maximum:
        message = f"the lowest is above the highest, {action.maximum:g}"
        yield Problem("/constrain/minimum", message, action.minimum, "bounds", (), action.maximum)


def place_of(index: int, pointer: str) -> str:
    """Return a pointer inside a rule as a pointer inside the model file."""
    return pointer_to("rules", index) + pointer
