"""Declared rules that read a wish before a leaf is chosen: rename, map, default, constrain, require."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.domain.problem import Change
from ima_skills.domain.task_type import Text
from ima_skills.nearest import comparable
from ima_skills.quirk_tools import refuse, with_params
from ima_skills.values import key, length_in_seconds, param_key, pick, same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ima_skills.domain.declared import Constrain, Map, Preset, Rename, Require, Rule, When
    from ima_skills.domain.request import Request


def on_request(rule: Rule, reason: str, request: Request, _options: Mapping[str, Any]) -> Request:
    """Return a wish as a rule reads it.

    Args:
        rule: A sound rule that works on wishes.
        reason: Why, in the language of the request.
        request: The wish.

    Raises:
        InvalidRequestError: The rule refuses the wish.
    """
    here = not rule.when.task_types or request.task_type in rule.when.task_types
    if not here or not holds(rule.when, request.params):
        return request
    if rule.rename is not None:
        return _renamed(rule.rename, reason, request)
    if rule.map is not None:
        return _mapped(rule.map, reason, request)
    if rule.default is not None:
        return _preset(rule.default, reason, request)
    if rule.require is not None:
        return _required(rule.require, reason, request)
    return _constrained(rule.constrain, reason, request) if rule.constrain else request


def holds(when: When, params: Mapping[str, Any]) -> bool:
    """Whether what a condition says about parameters is so."""
    asked = {param_key(name): value for name, value in params.items() if _is_asked(value)}
    if when.given and not any(param_key(name) in asked for name in when.given):
        return False
    return all(
        param_key(name) in asked and _means(asked[param_key(name)], wanted)
        for name, wanted in when.params.items()
    )


def _is_asked(value: Any) -> bool:
    return value is not None and value != ""


def _means(value: Any, wanted: Sequence[Any]) -> bool:
    """Whether a wish means one of some values; for a switch 1 and 0 are words like on and off."""
    switch = {"1": True, "0": False}.get(key(value))
    return any(
        pick(value, [option]) is not None or (isinstance(option, bool) and option is switch)
        for option in wanted
    )


def _renamed(action: Rename, reason: str, request: Request) -> Request:
    names = {param_key(name) for name in action.names}
    params: dict[str, Any] = {}
    changes = []
    for wish, value in request.params.items():
        name = action.to if param_key(wish) in names else wish
        if params.get(name) is not None and value is not None and not same(params[name], value):
            message = f"says something else than another parameter that also means {name}"
            raise refuse(
                wish, message, None, message_zh=f"与另一个同样表示 {name} 的参数取值不同，请只保留一个"
            )
        if value is not None or name not in params:
            params[name] = value
        if name != wish and value is not None:
            changes.append(Change(wish, value, f"{name} {value}", reason))
    return with_params(request, params, changes) if params.keys() != request.params.keys() else request


def _mapped(action: Map, reason: str, request: Request) -> Request:
    params = dict(request.params)
    changes = []
    for wish, value in request.params.items():
        word = pick(value, list(action.values)) if param_key(wish) == param_key(action.param) else None
        if word is not None and not same(action.values[word], value):
            params[wish] = action.values[word]
            # The same in the model's word for it; only another figure is another thing to people.
            told = None if comparable(value, params[wish]) else Text(str(value), str(value))
            changes.append(Change(wish, value, params[wish], reason, plain=told))
    return with_params(request, params, changes) if changes else request


def _preset(action: Preset, reason: str, request: Request) -> Request:
    if any(param_key(wish) == param_key(action.param) for wish in request.params):
        return request
    params = {**request.params, action.param: action.value}
    return with_params(request, params, [Change(action.param, None, action.value, reason)])


def _required(action: Require, reason: str, request: Request) -> Request:
    wanted = {param_key(name) for name in action.params}
    if not any(param_key(wish) in wanted and _is_asked(value) for wish, value in request.params.items()):
        raise refuse(action.params[0], reason, None)
    return request


def _constrained(action: Constrain, reason: str, request: Request) -> Request:
    if action.only is not None:
        _must_be_one_of(action.only, reason, request)
        return request
    names = {param_key(name) for name in action.params}
    asked = {
        wish: value for wish, value in request.params.items() if param_key(wish) in names and _is_asked(value)
    }
    for wish, value in asked.items():
        _must_be_within(action, reason, wish, value)
    if not action.drop or not asked:
        return request
    kept = {wish: value for wish, value in request.params.items() if wish not in asked}
    return with_params(request, kept, [Change(wish, value, None, reason) for wish, value in asked.items()])


def _must_be_one_of(only: Sequence[str], reason: str, request: Request) -> None:
    known = {param_key(name) for name in only}
    for wish in request.params:
        if param_key(wish) not in known:
            raise refuse(wish, reason, None)


def _must_be_within(action: Constrain, reason: str, wish: str, value: Any) -> None:
    if action.allowed is not None and pick(value, action.allowed) is None:
        # What may not be asked for at all may be a long text; nobody needs it quoted.
        raise refuse(wish, reason, value if action.allowed else None, action.allowed)
    if action.minimum is None and action.maximum is None:
        return
    number = _number(value)
    low = action.minimum if action.minimum is not None else number
    high = action.maximum if action.maximum is not None else number
    if number is None or low is None or high is None or not low <= number <= high:
        known = [bound for bound in (action.minimum, action.maximum) if bound is not None]
        raise refuse(wish, reason, value, known)


def _number(value: Any) -> float | None:
    seconds = length_in_seconds(value)
    if seconds is not None:
        return seconds
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None
