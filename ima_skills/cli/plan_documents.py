"""Plans and their runs as JSON documents; prompts are left out unless somebody asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import asdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills.batch import Tally
    from ima_skills.workflows.outlook import Outlook
    from ima_skills.workflows.plan import Choice, Plan, PricedStep
    from ima_skills.workflows.run_record import RunRecord, StepRun

Document = dict[str, Any]


def plan_document(  # noqa: PLR0913 - what a plan is told with
    plan: Plan, plan_hash: str, outlook: Mapping[str, Outlook], path: str | None, *, prompts: bool = False,
    max_points: int | None = None,
) -> Document:  # fmt: skip
    """Return a plan.

    Args:
        plan: The plan.
        plan_hash: What a run has to confirm.
        outlook: What a run would do about each step.
        path: Its file; None when it was not saved.
        prompts: Whether prompts and the places of inputs are shown.
        max_points: The most points that the wish says it may cost.
    """
    return {
        "plan_id": plan.id,
        "plan_hash": plan_hash,
        "path": path,
        "command": _command(plan, plan_hash, max_points) if path else None,
        "created": plan.created,
        "points": plan.points,
        "points_at_most": plan.most,
        "points_left": sum(outlook[item.id].points for item in plan.steps),
        "max_points": max_points,
        "estimate_s": list(plan.estimate_s),
        "steps": [_step(item, outlook[item.id], prompts=prompts) for item in plan.steps],
        "assumed": list(plan.assumed),
        "base_url": plan.base_url,
        "sandbox": plan.sandbox,
    }


def _command(plan: Plan, plan_hash: str, max_points: int | None) -> str:
    """Return the command that makes a plan, at the service that it was priced at."""
    from ima_skills.sandbox.knowledge import IN_PROCESS_URL
    from ima_skills.settings import BASE_URL

    where = "" if plan.base_url == BASE_URL else f" --base-url {plan.base_url}"
    flags = " --sandbox" if plan.base_url == IN_PROCESS_URL else where
    cap = "" if max_points is None else f" --max-points {max_points}"
    return f"ima-skills run {plan.id} --confirm {plan_hash}{cap}{flags}"


def run_document(
    plan: Plan, record: RunRecord, outcomes: Mapping[str, str], tally: Tally | None = None
) -> Document:
    """Return what became of a plan.

    Args:
        plan: The plan.
        record: What all runs have left.
        outcomes: What this run did about each step; empty for a look from outside.
        tally: This run; None likewise.
    """
    steps = [_outcome(item, record.steps.get(item.id), outcomes.get(item.id)) for item in plan.steps]
    done = sum(step["state"] == "success" for step in steps)
    return {
        "ok": done == len(steps),
        "plan_id": plan.id,
        "plan_hash": record.plan_hash,
        "total": len(steps),
        "done": done,
        "points": tally.points if tally else 0,
        "spent": record.spent,
        "folder": record.folder,
        "began": record.began,
        "updated": record.updated,
        "steps": steps,
        "stopped": tally.stopped.as_dict() if tally and tally.stopped else None,
        "sandbox": plan.sandbox,
    }


def _step(item: PricedStep, outlook: Outlook, *, prompts: bool) -> Document:
    price, step = item.price, item.step
    return {
        "id": item.id,
        "media": step.media,
        "task_type": step.task_type,
        "uses": [asdict(use) for use in step.uses],
        "model_id": price.model_id,
        "model_name": price.model_name,
        "version_id": price.version_id,
        "chosen_by": price.source,
        "n": step.n,
        "params": dict(price.parameters),
        "points": price.total,
        "points_at_most": item.most,
        "by_length": [_choice(choice) for choice in item.choices] if len(item.choices) > 1 else [],
        "changes": [change.as_dict() for change in price.changes],
        "notices": list(price.notices),
        "estimate_s": list(price.estimate_s),
        "inputs": len(step.inputs),
        "reused": outlook.is_reused,
        "under_way": outlook.is_under_way,
        "prompt": step.prompt if prompts else None,
    }


def _choice(choice: Choice) -> Document:
    return {
        "up_to_s": choice.up_to_s,
        "model_id": choice.price.model_id,
        "model_name": choice.price.model_name,
        "points": choice.price.total,
    }


def _outcome(item: PricedStep, run: StepRun | None, outcome: str | None) -> Document:
    """Return what became of a step; one that never began is waiting."""
    return {
        "id": item.id,
        "media": item.step.media,
        "task_type": item.step.task_type,
        "state": outcome_state(run, outcome),
        "outcome": outcome,
        "task_id": run.task_id if run else None,
        "model_id": run.model_id or None if run else None,
        "model_name": run.model_name or None if run else None,
        "version_id": run.version_id or None if run else None,
        "points": run.points if run else 0,
        "changes": [change.as_dict() for change in run.changes] if run else [],
        "outputs": [asdict(output) for output in run.outputs] if run else [],
        "elapsed_s": run.elapsed_s if run else 0.0,
        "error": dict(run.error) if run and run.error else None,
    }


def outcome_state(run: StepRun | None, outcome: str | None) -> str:
    """Return the state of a step: what this run made of it, else what an earlier one has left."""
    if outcome == "reused":
        return "success"
    return outcome or (run.state if run else "waiting")
