"""Whether a quirk keeps its word: it leaves its input alone, answers alike, tells its changes, and may be done twice."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve, frozen

from ima_skills.errors import ImaError, PluginError
from ima_skills.quirks import QuirkChain
from ima_skills.testing.silence import untold_changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.quirks import Options, Quirk

Station = Literal["request", "leaf", "parameters"]
Rule = Literal["mutates", "answers-differ", "not-idempotent", "silent-change", "order-matters"]
STATIONS: tuple[Station, ...] = ("request", "leaf", "parameters")


@frozen
class QuirkFault:
    """How a quirk breaks its word.

    Attributes:
        rule: ``mutates``, ``answers-differ``, ``not-idempotent``, ``silent-change`` or ``order-matters``.
        quirk: Its name; of two whose order matters, the first.
        station: Where on the road.
        other: The second of two whose order matters.
    """

    rule: Rule
    quirk: str
    station: Station
    other: str = ""


def quirk_faults(
    quirk: Quirk, station: Station, value: Any, *context: Any, options: Options | None = None
) -> tuple[QuirkFault, ...]:
    """Return how a quirk breaks its word on a value; nothing for a station that it does not serve.

    A refusal (:class:`~ima_skills.errors.ImaError`) is an answer like any other.

    Args:
        quirk: The quirk.
        station: ``request``, ``leaf`` or ``parameters``.
        value: A request, a leaf or parameters.
        context: The leaf, at the station ``parameters``.
        options: What the registry file would give it.

    Raises:
        PluginError: The quirk fails, or returns something else.
    """
    chain = QuirkChain((quirk,), {quirk.name: options or {}})
    if getattr(quirk, station) is None:
        return ()
    given = deepcopy((value, context, chain.options))
    first = _outcome(chain, station, value, context)
    found: list[Rule] = []
    if (value, context, chain.options) != given:
        found.append("mutates")
    # Whatever it did to its input, the second question is the same as the first.
    again, its_context, its_options = deepcopy(given)
    if _outcome(evolve(chain, options=its_options), station, again, its_context) != first:
        found.append("answers-differ")
    elif not isinstance(first, _Refused):
        _, its_context, its_options = deepcopy(given)
        twice = _outcome(evolve(chain, options=its_options), station, deepcopy(first), its_context)
        if twice != first:
            found.append("not-idempotent")
        if untold_changes(given[0], first):
            found.append("silent-change")
    return tuple(QuirkFault(rule, quirk.name, station) for rule in found)


def order_faults(
    one: Quirk, other: Quirk, station: Station, value: Any, *context: Any, options: Options | None = None
) -> tuple[QuirkFault, ...]:
    """Return a fault where it matters which of two quirks comes first.

    Args:
        one: A quirk.
        other: Another quirk of the same model.
        station: As for :func:`quirk_faults`.
        value: As there.
        context: As there.
        options: Quirk name to what the registry file would give it.

    Raises:
        PluginError: As there.
    """
    ends = []
    for order in ((one, other), (other, one)):
        its_value, its_context, its_options = deepcopy((value, context, options or {}))
        ends.append(_told(_outcome(QuirkChain(order, its_options), station, its_value, its_context)))
    return () if ends[0] == ends[1] else (QuirkFault("order-matters", one.name, station, other.name),)


@frozen
class _Refused:
    code: str
    message: str


def _outcome(chain: QuirkChain, station: Station, value: Any, context: tuple[Any, ...]) -> Any:
    calls: dict[str, Callable[..., Any]] = {
        "request": chain.on_request,
        "leaf": chain.on_leaf,
        "parameters": chain.on_parameters,
    }
    try:
        return calls[station](value, *context)
    except PluginError:
        raise
    except ImaError as error:
        return _Refused(error.name, error.message)


def _told(outcome: Any) -> Any:
    """Return an outcome in which the order of what is told does not count."""
    changes = getattr(outcome, "changes", None)
    return evolve(outcome, changes=tuple(sorted(changes, key=repr))) if changes else outcome
