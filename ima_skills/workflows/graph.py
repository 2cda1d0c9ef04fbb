"""The graph of a plan: whether it can be made at all, and in which order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ima_skills.domain.problem import Problem
from ima_skills.domain.task_type import Text
from ima_skills.errors import InvalidRequestError
from ima_skills.media_kinds import KIND_OF_MEDIA, KINDS_ZH
from ima_skills.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ima_skills.domain.task_type import TaskType
    from ima_skills.registry import Registry
    from ima_skills.routing.result import Use
    from ima_skills.workflows.plan import PlanStep

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
# Our choice: a plan that people can still read before they agree to its price.
MOST_STEPS = 60
_LASTING = ("video", "audio")


def in_order(steps: Sequence[PlanStep], registry: Registry) -> tuple[PlanStep, ...]:
    """Return the steps so that each comes after those that it needs, else in the order given.

    Raises:
        InvalidRequestError: ``bad-plan``, with everything that is wrong with the graph.
    """
    problems = [*_names(steps), *_places(steps, registry)]
    if problems:
        raise bad_plan(problems)
    done: dict[str, PlanStep] = {}
    left = list(steps)
    while left:
        ready = next((step for step in left if all(name in done for name in step.needs)), None)
        if ready is None:
            ring = ", ".join(step.id for step in left)
            message, message_zh = f"these steps wait for each other: {ring}", f"这些步骤互相等待：{ring}"
            raise bad_plan([Problem("/steps", message, rule="cycle", message_zh=message_zh)])
        done[ready.id] = ready
        left.remove(ready)
    return tuple(done.values())


def bad_plan(problems: Sequence[Problem]) -> InvalidRequestError:
    """Return the error that lists what is wrong with a plan."""
    places = [problem.pointer.removeprefix("/steps").lstrip("/") for problem in problems]
    said = [
        f"{place}: {p.message}" if place else p.message for place, p in zip(places, problems, strict=True)
    ]
    return InvalidRequestError(
        "; ".join(said),
        code="bad-plan",
        problems=problems,
        hint="Nothing was sent; correct the plan and price it again.",
    )


def must_have_own_names(steps: Sequence[PlanStep]) -> None:
    """Refuse steps that cannot be told apart, before anything is looked up by its name.

    Raises:
        UsageError: ``bad-plan``: there are none or too many, or two of one name.
    """
    if problems := list(_names(steps)):
        raise bad_plan(problems)


def _names(steps: Sequence[PlanStep]) -> Iterator[Problem]:
    if not 0 < len(steps) <= MOST_STEPS:
        message = f"a plan has 1 to {MOST_STEPS} steps, this one has {len(steps)}"
        message_zh = f"方案需有 1 至 {MOST_STEPS} 个步骤，当前有 {len(steps)} 个"
        yield Problem("/steps", message, rule="size", message_zh=message_zh)
    seen: set[str] = set()
    for index, step in enumerate(steps):
        if not _ID.fullmatch(step.id):
            message = "a step's id is made of small letters, digits, - and _, for instance image-1"
            message_zh = "步骤编号只能由小写字母、数字、- 和 _ 组成，例如 image-1"
            yield Problem(f"/steps/{index}/id", message, step.id[:40], "pattern", message_zh=message_zh)
        if step.id in seen:
            message, message_zh = f"two steps are called {step.id}", f"有两个步骤都叫 {step.id}"
            yield Problem(f"/steps/{index}/id", message, step.id, "unique", message_zh=message_zh)
        seen.add(step.id)


def _places(steps: Sequence[PlanStep], registry: Registry) -> Iterator[Problem]:
    by_id = {step.id: step for step in steps}
    for step in steps:
        kind = registry.task_types.get(step.task_type)
        if kind is None:
            close = nearest(step.task_type, list(registry.task_types))
            message = f"no task type is called {step.task_type!r}"
            message_zh = f"没有任务类型“{step.task_type}”"
            yield Problem(
                f"/steps/{step.id}/task_type",
                message,
                step.task_type,
                "enum",
                nearest=close,
                message_zh=message_zh,
            )
            continue
        for place, use in enumerate(step.uses):
            fault = _fault(step, use, kind, by_id, registry)
            if fault:
                pointer = f"/steps/{step.id}/uses/{place}"
                yield Problem(pointer, fault.en, use.step, "uses", message_zh=fault.zh)


def _fault(
    step: PlanStep, use: Use, kind: TaskType, by_id: Mapping[str, PlanStep], registry: Registry
) -> Text | None:
    """Return what is wrong with one use of another step's output."""
    source = by_id.get(use.step)
    if source is None or source is step:
        close = nearest(use.step, [name for name in by_id if name != step.id])
        meant = f"; did you mean {close}?" if close else ""
        meant_zh = f"，是否想写 {close}？" if close else ""
        return Text(
            f"there is no other step called {use.step}{meant}", f"没有另一个叫 {use.step} 的步骤{meant_zh}"
        )
    if not 1 <= use.output <= source.n:
        return Text(
            f"{use.step} has {source.n} outputs, and none of number {use.output}",
            f"{use.step} 有 {source.n} 个成品，没有第 {use.output} 个",
        )
    made = registry.task_types.get(source.task_type)
    return _misfit(step, use, made.media_kind, kind) if made else None  # told about that step


def _misfit(step: PlanStep, use: Use, made: str, kind: TaskType) -> Text | None:
    """Return why an output of a kind cannot be used as it is meant to be."""
    if use.role == "duration":
        if made in _LASTING:
            return None
        return Text(f"{use.step} makes nothing that has a length", f"{use.step} 的成品没有时长")
    if KIND_OF_MEDIA.get(made, made) in kind.inputs.kinds:
        return None
    taken = " or ".join(kind.inputs.kinds) or "no inputs"
    taken_zh = "或".join(KINDS_ZH.get(name, name) for name in kind.inputs.kinds)
    takes_zh = f"只接受{taken_zh}" if taken_zh else "不接受素材"
    return Text(
        f"{use.step} makes {made}, and {step.task_type} takes {taken}",
        f"{use.step} 生成的是{KINDS_ZH.get(made, made)}，而 {step.task_type} {takes_zh}",
    )
