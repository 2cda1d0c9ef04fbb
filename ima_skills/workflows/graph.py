"""The graph of a plan: whether it can be made at all, and in which order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ima_skills.domain.problem import Problem
from ima_skills.errors import InvalidRequestError
from ima_skills.media_kinds import KIND_OF_MEDIA
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
            raise bad_plan([Problem("/steps", f"these steps wait for each other: {ring}", rule="cycle")])
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


def _names(steps: Sequence[PlanStep]) -> Iterator[Problem]:
    if not 0 < len(steps) <= MOST_STEPS:
        yield Problem("/steps", f"a plan has 1 to {MOST_STEPS} steps, this one has {len(steps)}", rule="size")
    seen: set[str] = set()
    for index, step in enumerate(steps):
        if not _ID.fullmatch(step.id):
            message = "a step's id is made of small letters, digits, - and _, for instance image-1"
            yield Problem(f"/steps/{index}/id", message, step.id[:40], "pattern")
        if step.id in seen:
            yield Problem(f"/steps/{index}/id", f"two steps are called {step.id}", step.id, "unique")
        seen.add(step.id)


def _places(steps: Sequence[PlanStep], registry: Registry) -> Iterator[Problem]:
    by_id = {step.id: step for step in steps}
    for step in steps:
        kind = registry.task_types.get(step.task_type)
        if kind is None:
            close = nearest(step.task_type, list(registry.task_types))
            message = f"no task type is called {step.task_type!r}"
            yield Problem(f"/steps/{step.id}/task_type", message, step.task_type, "enum", nearest=close)
            continue
        for place, use in enumerate(step.uses):
            fault = _fault(step, use, kind, by_id, registry)
            if fault:
                yield Problem(f"/steps/{step.id}/uses/{place}", fault, use.step, "uses")


def _fault(
    step: PlanStep, use: Use, kind: TaskType, by_id: Mapping[str, PlanStep], registry: Registry
) -> str | None:
    """Return what is wrong with one use of another step's output."""
    source = by_id.get(use.step)
    if source is None or source is step:
        close = nearest(use.step, [name for name in by_id if name != step.id])
        meant = f"; did you mean {close}?" if close else ""
        return f"there is no other step called {use.step}{meant}"
    if not 1 <= use.output <= source.n:
        return f"{use.step} has {source.n} outputs, and none of number {use.output}"
    made = registry.task_types.get(source.task_type)
    if made is None:
        return None  # told about that step
    if use.role == "duration":
        return None if made.media_kind in _LASTING else f"{use.step} makes nothing that has a length"
    if KIND_OF_MEDIA.get(made.media_kind, made.media_kind) not in kind.inputs.kinds:
        taken = " or ".join(kind.inputs.kinds) or "no inputs"
        return f"{use.step} makes {made.media_kind}, and {step.task_type} takes {taken}"
    return None
