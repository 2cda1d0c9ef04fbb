"""When a model cannot do what was asked: the nearest request that it can do, and its price.

Nothing is altered here unless the user asked for it; without that, the nearest request is only named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve, field, frozen

from ima_skills.domain.problem import Change
from ima_skills.domain.request import Parameters, Quote
from ima_skills.errors import ImaError, InvalidRequestError
from ima_skills.parameters import known_name, resolve
from ima_skills.pricing import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.domain.problem import Problem
    from ima_skills.parameters import Offer

Fix = Literal["nearest", "cheapest"]

# Every round cures at least one place; a leaf has fewer places than this that depend on each other.
_ROUNDS = 6
_NO_SUCH = ("the model has no such parameter", "该模型没有这个参数")
_REASONS: Mapping[Fix, tuple[str, str]] = {
    "nearest": ("the nearest value that the model offers", "该模型支持的最接近的值"),
    "cheapest": ("the cheapest value that the model offers", "该模型支持的最便宜的值"),
}


@frozen
class Priced:
    """Parameters together with their price.

    Attributes:
        parameters: What will be sent.
        quote: What it costs.
        moved: The user's parameters that had to move, to where; None for one that was left out.
    """

    parameters: Parameters
    quote: Quote
    moved: Mapping[str, Any] = field(factory=dict)


def resolve_priced(offer: Offer, wishes: Mapping[str, Any], n: int, fix: Fix | None = None) -> Priced:
    """Resolve and price wishes, moved to something possible only if the user allows it.

    Args:
        offer: The model.
        wishes: The user's parameters.
        n: Number of outputs.
        fix: Where impossible values may move to; None refuses them.

    Raises:
        InvalidRequestError: With every problem. When something near is possible, the hint and
            ``details["nearest"]`` name it with its price.
    """
    try:
        return _priced(offer, wishes, n)
    except InvalidRequestError as error:
        if fix is None:
            raise _with_nearest(error, offer, wishes, n) from None
        return _fixed(offer, wishes, n, fix, error)


def _priced(offer: Offer, wishes: Mapping[str, Any], n: int) -> Priced:
    parameters = resolve(offer, wishes, n)
    return Priced(parameters, quote(offer.leaf, parameters.values, n))


def _fixed(offer: Offer, wishes: Mapping[str, Any], n: int, fix: Fix, error: InvalidRequestError) -> Priced:
    repairs: dict[str, Problem] = {}
    current = dict(wishes)
    for _ in range(_ROUNDS):
        found = _repairs(offer, current, error.problems)
        if not found:
            raise error
        repairs.update({wish: problem for wish, (problem, _) in found.items()})
        for wish, (_, value) in found.items():
            current = _with(current, wish, value)
        try:
            _priced(offer, current, n)
        except InvalidRequestError as another:
            error = another
            continue
        if fix == "cheapest":
            current = _cheaper(offer, current, n, repairs)
        return _reported(offer, wishes, current, n, fix, tuple(repairs))
    raise error


def _reported(  # noqa: PLR0913, PLR0917 - the whole story of one fix
    offer: Offer,
    wishes: Mapping[str, Any],
    current: Mapping[str, Any],
    n: int,
    fix: Fix,
    moved: tuple[str, ...],
) -> Priced:
    done = _priced(offer, current, n)
    changes = [
        Change(wish, wishes.get(wish), current.get(wish), *(_REASONS[fix] if wish in current else _NO_SUCH))
        for wish in moved
    ]
    parameters = evolve(done.parameters, requested=dict(wishes), changes=(*changes, *done.parameters.changes))
    return Priced(parameters, done.quote, {wish: current.get(wish) for wish in moved})


def _repairs(
    offer: Offer, wishes: Mapping[str, Any], problems: Sequence[Problem]
) -> dict[str, tuple[Problem, Any]]:
    """Return what to change: the user's word to the fault and a new value; empty when hopeless.

    None as value means to leave the parameter out.
    """
    found: dict[str, tuple[Problem, Any]] = {}
    for problem in problems:
        name = problem.place if problem.pointer.startswith("/params/") else ""
        if problem.rule == "unknown" and name in wishes:
            found[name] = (problem, None)
        elif isinstance(problem.nearest, dict):
            found |= {k: (problem, v) for k, v in problem.nearest.items() if k != "points"}
        elif name and problem.pointer != "/n" and problem.nearest is not None:
            found[_wish_for(offer, wishes, name)] = (problem, problem.nearest)
        else:
            return {}
    return found


def _with(wishes: Mapping[str, Any], wish: str, value: Any) -> dict[str, Any]:
    rest = {name: kept for name, kept in wishes.items() if name != wish}
    return rest if value is None else {**rest, wish: value}


def _wish_for(offer: Offer, wishes: Mapping[str, Any], name: str) -> str:
    """Return the user's own word for a parameter."""
    return next((wish for wish in wishes if known_name(wish, offer.names()) == name), name)


def _cheaper(
    offer: Offer, current: Mapping[str, Any], n: int, repairs: Mapping[str, Problem]
) -> dict[str, Any]:
    """Move the repaired parameters, and only those, to their cheapest values; nearest of equals."""
    best = dict(current)
    for wish, problem in repairs.items():
        if wish not in best or not problem.allowed or isinstance(problem.allowed[0], dict):
            continue
        prices = []
        for place, value in enumerate((best[wish], *problem.allowed)):
            try:
                prices.append((_priced(offer, {**best, wish: value}, n).quote.total, place, value))
            except ImaError:
                continue  # not available together with the rest
        best[wish] = min(prices, key=lambda row: row[:2])[2]
    return best


def _with_nearest(
    error: InvalidRequestError, offer: Offer, wishes: Mapping[str, Any], n: int
) -> InvalidRequestError:
    try:
        near = _fixed(offer, wishes, n, "nearest", error)
    except ImaError:
        return error
    moved = {wish: value for wish, value in near.moved.items() if value is not None}
    if not moved:
        return error
    error.details["nearest"] = {"params": moved, "points": near.quote.total}
    error.hint = say_nearest(moved, near.quote.total)
    return error


def say_nearest(params: Mapping[str, Any], points: int, language: str = "en") -> str:
    """Return the nearest possible request as a sentence for people."""
    if language == "zh":
        said = "、".join(f"{wish} {value}" for wish, value in params.items())
        return f"最接近的可用设置：{said}，需 {points} 积分（加 --fix nearest 即可采用）。"
    said = ", ".join(f"{wish} {value}" for wish, value in params.items())
    return f"Nearest that works: {said}, for {points} points (--fix nearest takes it)."
