"""What a run will do about each step of a plan, and how far the plan is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.workflows.digest import step_key
from ima_skills.workflows.lengths import measured_length, wanted_length

if TYPE_CHECKING:
    from ima_skills.workflows.plan import Plan, PricedStep
    from ima_skills.workflows.run_record import RunRecord, Status


@frozen
class Outlook:
    """What a run will do about a step.

    Attributes:
        points: Points that it will cost at most.
        is_reused: Whether its output is there already.
        is_under_way: Whether its task was created before and only has to be waited for.
    """

    points: int
    is_reused: bool = False
    is_under_way: bool = False


def outlook(plan: Plan, record: RunRecord | None) -> dict[str, Outlook]:
    """Return what a run will do about each step, as far as that can be known before it begins."""
    found: dict[str, Outlook] = {}
    for item in plan.steps:
        matters = item.step.uses if len(item.choices) > 1 else item.step.feeds
        is_known = all(found[use.step].is_reused for use in matters)
        found[item.id] = _outlook(item, record) if record and is_known else Outlook(item.most)
    return found


def status_of(plan: Plan, record: RunRecord | None) -> Status:
    """Return how far a plan is, in the form that it has now.

    ``planned`` (never run), ``running`` (a living process is at it), ``completed``, ``failed`` (a step ended
    badly and none well) or ``partial``: another run goes on with it.
    """
    if record is None or not record.began:
        return "planned"
    if record.owner is not None and record.owner.lives():
        return "running"
    if all(step.is_reused for step in outlook(plan, record).values()):
        return "completed"
    states = {run.state for run in record.steps.values()}
    return "failed" if "failed" in states and "success" not in states else "partial"


def _outlook(item: PricedStep, record: RunRecord) -> Outlook:
    price = item.price_for(wanted_length(item.step, lambda use: measured_length(record.output(use))))
    run = record.steps.get(item.id)
    if run is None or run.key != step_key(item, price, contents(item, record)):
        return Outlook(price.total)
    is_free = run.state == "success" or run.is_under_way
    return Outlook(0 if is_free else price.total, run.state == "success", run.is_under_way)


def contents(item: PricedStep, record: RunRecord) -> tuple[str, ...]:
    """Return what the outputs are that a step uses, in order: the SHA-256 of each; all of them are there."""
    found = (record.output(use) for use in item.step.feeds)
    return tuple((output.sha256 or "") if output else "" for output in found)
