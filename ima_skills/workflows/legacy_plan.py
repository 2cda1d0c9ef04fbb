"""Plan files of the service's older skill, read as the wishes they hold.

Their shape is in the service's documents: ``mode`` is ``workflow_plan``; media are called capabilities; one prompt
and one set of parameters serve all steps; every step hands its output to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from ima_skills.domain.problem import Problem
from ima_skills.errors import UsageError
from ima_skills.media_kinds import KIND_OF_MEDIA
from ima_skills.routing.result import Role, Use
from ima_skills.workflows.graph import bad_plan, in_order
from ima_skills.workflows.plan import DURATION, PlanStep
from ima_skills.workflows.plan_file import LEGACY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ima_skills.domain.task_type import TaskType
    from ima_skills.registry import Registry
    from ima_skills.workflows.pricing import Pricer


@frozen
class LegacyPlan:
    """What such a file holds, as far as we can use it.

    Attributes:
        plan_id: Its name.
        steps: Its steps.
        params: Parameters that it states once for all steps.
        assumed: What had to be assumed, for people.
    """

    plan_id: str
    steps: tuple[PlanStep, ...]
    params: Mapping[str, Any]
    assumed: tuple[str, ...]


def is_legacy(document: Mapping[str, Any]) -> bool:
    """Tell whether a document is a plan of the older skill."""
    return document.get("mode") == LEGACY


def read_legacy(document: Mapping[str, Any], registry: Registry) -> LegacyPlan:
    """Return the wishes in a plan of the older skill.

    Raises:
        UsageError: ``bad-plan``: it has no steps, no prompt, or steps of no known kind.
    """
    wish, rows = _table(document.get("request")), document.get("steps")
    prompt = wish.get("prompt")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise bad_plan([Problem("/steps", "the plan has no steps", rule="type", message_zh="方案没有步骤")])
    if not isinstance(prompt, str) or not prompt.strip():
        raise bad_plan(
            [Problem("/request/prompt", "the plan has no prompt", rule="type", message_zh="方案没有提示词")]
        )
    models = _table(document.get("model_requirements"))
    plain = {str(row.get("step_id") or ""): _step(row, prompt, models) for row in rows}
    if len(plain) < len(rows):
        message, message_zh = "two steps have the same step_id", "有两个步骤的 step_id 相同"
        raise bad_plan([Problem("/steps", message, rule="unique", message_zh=message_zh)])
    named = zip(plain.values(), rows, strict=True)
    steps = tuple(evolve(step, uses=_uses(row, plain, registry)) for step, row in named)
    own = tuple(_own_inputs(wish))
    if own:
        steps = _given(steps, own, registry)
    params = _table(wish.get("extra_params"))
    return LegacyPlan(
        str(document.get("plan_id") or ""), steps, params, tuple(_assumptions(document, steps, own, params))
    )


async def with_shared_params(
    steps: Sequence[PlanStep], plan: LegacyPlan, pricer: Pricer
) -> tuple[PlanStep, ...]:
    """Return the steps, each with those of the shared parameters that its model knows.

    Raises:
        UsageError: No step knows one of them; or a step cannot be made.
    """
    if not plan.params:
        return tuple(steps)
    found: list[PlanStep] = []
    unused = set(plan.params)
    for step in in_order(steps, pricer.client.registry):
        known = (await pricer.prepare(step)).offer.names()
        mine = {name: value for name, value in plan.params.items() if name in known}
        unused -= mine.keys()
        found.append(evolve(step, params={**mine, **step.params}))
    if unused:
        raise bad_plan([
            Problem(
                "/request/extra_params",
                f"no step of the plan knows {name}",
                rule="unknown",
                message_zh=f"方案中没有步骤认识参数 {name}",
            )
            for name in sorted(unused)
        ])  # fmt: skip
    return tuple(found)


def legacy_facts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a listing tells of such a plan; its state is that of its last run."""
    rows = [_table(row) for row in document.get("steps") or ()]
    runs = [_table(row) for row in document.get("execution_history") or ()]
    ended = [_table(row) for row in (runs[-1].get("steps") or () if runs else ())]
    done = sum(bool(row.get("url")) for row in ended)
    credit = _table(document.get("credit_preview")).get("total_credit")
    created = str(document.get("created_at") or "") or None
    return {
        "plan_id": str(document.get("plan_id") or ""),
        "status": "planned" if not runs else "completed" if done >= len(rows) else "partial",
        "media": [str(row.get("capability") or "") for row in rows],
        "total": len(rows),
        "done": done,
        "points": credit if isinstance(credit, int) and not isinstance(credit, bool) else None,
        "spent": None,
        "created": created,
        "last_activity": str(runs[-1].get("executed_at") or "") or created if runs else created,
    }


def _step(row: Mapping[str, Any], prompt: str, models: Mapping[str, Any]) -> PlanStep:
    name = str(row.get("step_id") or "")
    # Later steps may state their capability only; the model that was found for them says what they make.
    named = _table(models.get(name))
    model = named.get("model_id")
    task_type = str(row.get("task_type") or named.get("task_type") or "")
    return PlanStep(name, task_type, prompt, model if isinstance(model, str) and model else None)


def _uses(row: Mapping[str, Any], steps: Mapping[str, PlanStep], registry: Registry) -> tuple[Use, ...]:
    """Return what a step takes from those before it: a picture as input, a film as length, else nothing."""
    kind = registry.task_types.get(str(steps[str(row.get("step_id") or "")].task_type))
    before = row.get("depends_on")
    found = []
    for name in before if isinstance(before, list) else ():
        source = steps.get(str(name))
        made = registry.task_types.get(source.task_type) if source else None
        if source is None:
            found.append(Use(str(name), DURATION))  # the graph says that there is no such step
        elif kind and made and KIND_OF_MEDIA.get(made.media_kind) in kind.inputs.kinds:
            found.append(Use(source.id, _role(kind)))
        elif kind and made and (kind.media_kind, made.media_kind) == ("audio", "video"):
            found.append(Use(source.id, DURATION))
    return tuple(found)


def _role(kind: TaskType) -> Role:
    if "first_frame" in kind.inputs.roles:
        return "first_frame"
    return "source" if kind.media_kind == "image" else "reference"


def _own_inputs(wish: Mapping[str, Any]) -> Iterator[str]:
    pictures = wish.get("input_images")
    yield from (str(source) for source in pictures or () if isinstance(source, str))
    for row in wish.get("reference_media") or ():
        source = _table(row).get("source")
        if isinstance(source, str) and source:
            yield source


def _given(steps: tuple[PlanStep, ...], own: tuple[str, ...], registry: Registry) -> tuple[PlanStep, ...]:
    for index, step in enumerate(steps):
        kind = registry.task_types.get(step.task_type)
        if kind is not None and kind.inputs.maximum:
            return (*steps[:index], evolve(step, inputs=own), *steps[index + 1 :])
    raise UsageError("no step of the plan takes its input files", code="no-place-for-inputs")


def _assumptions(
    document: Mapping[str, Any], steps: Sequence[PlanStep], own: Sequence[str], params: Mapping[str, Any]
) -> Iterator[str]:
    if len(steps) > 1:
        yield "one prompt serves every step, as in the older skill"
    for step in steps:
        yield from (f"{step.id} takes the output of {use.step} as its {use.role}" for use in step.feeds)
        yield from (f"{step.id} follows the length of {use.step}" for use in step.lengths)
    if own:
        taker = next(step for step in steps if step.inputs)
        yield f"the input files are for {taker.id}"
    if params:
        yield "each shared parameter goes to the steps whose model knows it"
    if document.get("execution_history"):
        yield "what it made before is not taken over"


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
