"""Models whose outputs have a length of their own, and which of them suits the length of a video."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from ima_skills.domain.problem import Change
from ima_skills.domain.task_type import Text
from ima_skills.errors import UsageError
from ima_skills.values import length_in_seconds
from ima_skills.workflows.plan import DURATION, Choice

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from ima_skills.registry import Registry
    from ima_skills.routing.result import Use
    from ima_skills.workflows.plan import PlanStep, Price, PricedStep
    from ima_skills.workflows.run_record import Output

_OWN = "output_s"
_SHORT = Text(
    en="{model} makes about {own:g} s, and what it goes with lasts {wanted:g} s: repeat it or cut the rest.",
    zh="{model} 每次约生成 {own:g} 秒，而画面长 {wanted:g} 秒：请循环播放，或另作剪辑。",
)


def own_length(registry: Registry, model_id: str, task_type: str) -> float | None:
    """Return how long every output of a model is, in seconds; None when that is not fixed or not known."""
    entry = registry.by_model_id(model_id, task_type)
    own = entry.facts.get(_OWN) if entry else None
    return float(own) if isinstance(own, int | float) and not isinstance(own, bool) else None


def expected_length(registry: Registry, priced: PricedStep) -> float | None:
    """Return how long the output of a step will be, judged by what is ordered."""
    ordered = _seconds(priced.price.parameters.get(DURATION))
    return ordered or own_length(registry, priced.price.model_id, priced.step.task_type)


def _seconds(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = str(value)
    return float(text) if text.isascii() and text.isdigit() else length_in_seconds(value)


async def choices_by_length(
    step: PlanStep, registry: Registry, price: Callable[[str], Awaitable[Price]]
) -> tuple[Choice, ...]:
    """Return the models for each span of lengths: the shortest output that covers it.

    Of models of the same length the default one wins, then the cheapest, then the first of the registry.
    Models that cannot do the step, or are not offered at the moment, do not take part.

    Args:
        step: A step that names no model.
        registry: Knows how long the outputs of models are.
        price: Prices the step on a model.
    """
    default = registry.defaults.get(step.task_type)
    best: dict[float, tuple[tuple[bool, int], Price]] = {}
    for entry in registry.models.values():
        task = entry.task_types.get(step.task_type)
        own = own_length(registry, task.model_id, step.task_type) if task else None
        if own is None or entry.status != "production":
            continue
        try:
            found = await price(entry.id)
        except UsageError:
            continue
        rank = (not (default and default.model == entry.id), found.total)
        if own not in best or rank < best[own][0]:
            best[own] = (rank, _explained(found, step, own))
    spans = sorted(best)
    return tuple(Choice(own if own != spans[-1] else None, best[own][1]) for own in spans)


def _explained(price: Price, step: PlanStep, own: float) -> Price:
    why = (f"its outputs of about {own:g} s suit the length best", f"它的成品约 {own:g} 秒，与所需长度最接近")
    change = Change("model", step.model, price.model_name, *why)
    return evolve(price, source="length", changes=(*price.changes, change))


def expected_choice(choices: Sequence[Choice], seconds: float | None) -> int:
    """Return the choice for a length; the last one when nobody knows it."""
    if seconds is not None:
        for index, choice in enumerate(choices):
            if choice.up_to_s is None or seconds <= choice.up_to_s:
                return index
    return len(choices) - 1


def length_notice(
    price: Price, task_type: str, wanted: float | None, registry: Registry, language: str
) -> tuple[str, ...]:
    """Return what to say when an output will be too short for what it goes with."""
    own = own_length(registry, price.model_id, task_type)
    if own is None or wanted is None or own >= wanted:
        return ()
    return (_SHORT.say(language).format(model=price.model_name, own=own, wanted=wanted),)


def wanted_length(step: PlanStep, length: Callable[[Use], float | None]) -> float | None:
    """Return the length that a step has to go with; None when it has to suit none, or nobody knows it.

    Args:
        step: The step.
        length: Tells how long an output is.
    """
    lengths = [length(use) for use in step.lengths]
    known = [seconds for seconds in lengths if seconds is not None]
    return sum(known) if known and len(known) == len(lengths) else None


def measured_length(output: Output | None) -> float | None:
    """Return how long a finished output is."""
    return output.duration_s if output else None
