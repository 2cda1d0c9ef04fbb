"""Before the first point is spent: is the plan still what was agreed to, and is there room for it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.booking import content_mark
from ima_skills.errors import PointsError, UsageError
from ima_skills.values import same
from ima_skills.workflows.digest import differences, marks_of, plan_hash

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ima_skills.client import ImaClient
    from ima_skills.preparing import Prepared
    from ima_skills.workflows.plan import Plan, Price, PricedStep
    from ima_skills.workflows.plan_file import PlanFile
    from ima_skills.workflows.pricing import Pricer
    from ima_skills.workflows.run_record import Agreement, RunRecord

_FEWEST = 12


def must_be_confirmed(file: PlanFile, confirmed: str) -> Plan:
    """Return the plan, if it is the very one that was agreed to.

    Args:
        file: The plan file.
        confirmed: Its hash, or at least the first twelve figures.

    Raises:
        UsageError: ``plan-edited`` or ``plan-not-confirmed``; what differs is named.
    """
    plan = must_be_priced(file)
    wanted = confirmed.strip().lower()
    if len(wanted) < _FEWEST or not str(file.stated).startswith(wanted):
        raise _not_confirmed(file, wanted)
    return plan


def must_be_priced(file: PlanFile) -> Plan:
    """Return the plan, if it is still what it was when it was priced.

    Raises:
        UsageError: ``plan-edited``, with what differs.
    """
    again = f"Price it again and look at it: ima-skills plan --from {file.path}"
    if file.plan is None or not file.stated:
        raise UsageError(
            f"{file.path.name} has no price yet",
            code="plan-edited",
            hint=again,
            details={"unpriced": file.path.name},
        )
    if plan_hash(file.plan) != file.stated:
        changed = differences(file.marks, marks_of(file.plan))
        raise UsageError(
            f"the plan was edited after it was priced: {'; '.join(changed) or 'its service'}",
            code="plan-edited",
            hint=again,
            details={"changed": changed},
        )
    return file.plan


def _not_confirmed(file: PlanFile, wanted: str) -> UsageError:
    known = [
        marks for name, marks in file.earlier.items() if len(wanted) >= _FEWEST and name.startswith(wanted)
    ]
    changed = differences(known[-1], file.marks) if known else []
    since = f"; since then this has changed: {'; '.join(changed)}" if changed else ""
    return UsageError(
        f"the plan's hash is not the one that was confirmed{since}",
        code="plan-not-confirmed",
        hint=f"Nothing was sent. Look at the plan with: ima-skills workflows show {file.path}",
        details={"plan_hash": file.stated, "changed": changed},
    )


async def must_be_current(plan: Plan, client: ImaClient, pricer: Pricer, made: Collection[str] = ()) -> None:
    """Refuse a plan that the service, its list or the input files no longer agree with.

    Args:
        plan: The plan.
        client: The service.
        pricer: Prepares the steps as they were priced.
        made: Steps whose outputs are there, or under way; what they would cost today does not matter.

    Raises:
        UsageError: ``plan-outdated``: something resolves to something else now, or a file has changed.
        PointsError: ``price-raised``: a step costs more now.
        ImaError: A product list cannot be had, or a step cannot be made any more.
    """
    left = [item for item in plan.steps if item.id not in made]
    news = [await _news(item, pricer) for item in left]
    dearer = list(dict.fromkeys(text for _, raised in news for text in raised))
    changed = list(dict.fromkeys(text for altered, _ in news for text in altered))
    service = client.engine.service.settings.base_url
    played = client.engine.service.sandbox_speed is not None  # known since its first answer
    if service != plan.base_url or (left and played != plan.sandbox):
        changed.append(f"the service: {service} instead of {plan.base_url}")
    again = f"Nothing was sent. Price it again: ima-skills plan --from {plan.id}"
    if dearer:
        message = f"the price rose: {'; '.join(dearer)}"
        raise PointsError(message, code="price-raised", hint=again, details={"changed": dearer})
    if changed:
        message = f"the plan is out of date: {'; '.join(changed)}"
        raise UsageError(message, code="plan-outdated", hint=again, details={"changed": changed})


async def _news(item: PricedStep, pricer: Pricer) -> tuple[list[str], list[str]]:
    """Return what differs about a step since it was priced, and what became dearer."""
    changed, dearer = [], []
    for choice in item.choices:
        prepared = await pricer.prepare(item.step, choice.price.asked)
        changed += [f"{item.id}: {what}" for what in deviations(prepared, choice.price)]
        marks = [await content_mark(found) for found in prepared.inputs if not found.is_promised]
        changed += [f"{item.id}: the contents of an input file"] if tuple(marks) != item.marks else []
        if prepared.quote.total > choice.price.total:
            dearer.append(f"{item.id}: {choice.price.total} → {prepared.quote.total}")
    return changed, dearer


def must_be_affordable(
    plan: Plan, points: int, client: ImaClient, max_points: int | None, user_id: str
) -> None:
    """Refuse a run whose price no cap has room for, before its first step.

    Args:
        plan: The plan.
        points: What is left to pay of it, at most.
        client: Its journal knows the caps of the day.
        max_points: The cap of this run.
        user_id: On whose behalf.

    Raises:
        PointsError: ``over-cap`` or ``over-daily-cap``.
    """
    if max_points is not None and points > max_points:
        raise PointsError(
            f"this run costs up to {points} points, and the cap is {max_points}",
            code="over-cap",
            hint="Nothing was sent. Raise the cap, or change the plan.",
            details={"quoted": points, "cap": max_points},
        )
    if points:
        client.engine.journal.afford(points, user_id, sandbox=plan.sandbox)


def must_be_agreed(plan: Plan, record: RunRecord, points: int) -> Agreement:
    """Refuse to spend more than was agreed to, where attempts that failed were charged for.

    Args:
        plan: The plan.
        record: What was spent since it was confirmed.
        points: What is left to pay of it, at most.

    Returns:
        The agreement, for the points of this run.

    Raises:
        PointsError: ``over-agreed``.
    """
    agreement = record.agreed(plan, points)
    if agreement.spent + points > agreement.points:
        raise PointsError(
            f"{agreement.points} points were agreed to and {agreement.spent} of them are spent; what is left of the"
            f" plan costs up to {points}",
            code="over-agreed",
            hint="Nothing was sent. Price it again, look at what is left, and confirm that:"
            f" ima-skills plan --from {plan.id}",
            details={"agreed": agreement.points, "spent": agreement.spent, "quoted": points},
        )
    return agreement


def deviations(prepared: Prepared, price: Price) -> Iterator[str]:
    """Yield what a step resolves to otherwise than it was priced."""
    if (prepared.leaf.model_id, prepared.leaf.id) != (price.model_id, price.version_id):
        yield f"the model {prepared.leaf.name} ({prepared.leaf.id}) instead of {price.version_id}"
    values = prepared.parameters.values
    for name in sorted({*values, *price.parameters}):
        if not same(values.get(name), price.parameters.get(name)):
            yield f"{name} {values.get(name)!r} instead of {price.parameters.get(name)!r}"
