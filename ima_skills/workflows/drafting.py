"""The steps of a plan, from a wish that was understood or from a list of media."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from ima_skills.errors import UsageError
from ima_skills.nearest import choice_facts, choices
from ima_skills.routing.result import Use
from ima_skills.workflows.plan import DURATION, PlanStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.domain.task_type import TaskType
    from ima_skills.registry import Registry
    from ima_skills.routing.result import Route

# Task types are called after what they start from and what comes of it (the service's documents).
_FROM_TEXT, _FROM_PICTURE = "text_to_", "image_to_"


def from_route(route: Route, registry: Registry) -> tuple[PlanStep, ...]:
    """Return the steps of a wish that was understood; a single media is a plan of one step.

    Args:
        route: How it was understood.
        registry: Knows the cheapest and the best model, where one of them is wanted.

    Raises:
        UsageError: ``needs-answer``: a question has to be answered first. ``nothing-to-make``: it asks about us.
    """
    if route.inquiry is not None:
        answer = " ".join(("ima-skills", *(route.inquiry.command or ("plan", "--help"))))
        raise UsageError(
            "this asks about what is there, and for nothing to be made",
            code="nothing-to-make",
            hint=f"Run: {answer}",
            details={"about": route.inquiry.about, "command": answer},
        )
    if route.clarify is not None or (route.task_type is None and not route.steps):
        question = route.clarify.question if route.clarify else "what is it that should be made?"
        options = route.clarify.options if route.clarify else ()
        raise UsageError(
            question,
            code="needs-answer",
            hint=f"Say one of: {'; '.join(options)}."
            if options
            else "Say it in other words, or use --targets.",
            details={"question": question, "options": list(options)},
        )
    if not route.steps:
        kind = str(route.task_type)
        name = f"{kind.rpartition('_to_')[2]}-1"
        only = PlanStep(
            name, kind, route.prompt, route.model_id, route.version_id, route.params, route.n, route.inputs
        )
        return (_within_budget(only, route, registry),)
    return tuple(
        _within_budget(
            PlanStep(s.id, s.task_type, s.prompt, s.model_id, s.version_id, s.params, s.n, s.inputs, s.uses),
            route, registry,
        )
        for s in route.steps
    )  # fmt: skip


def _within_budget(step: PlanStep, route: Route, registry: Registry) -> PlanStep:
    if step.model or step.version_id:
        return step
    model, params = registry.picked(step.task_type, route.budget, route.unwanted, step.params)
    return evolve(step, model=model, params=params)


def from_targets(prompt: str, targets: Sequence[str], registry: Registry) -> tuple[PlanStep, ...]:
    """Return one step per media, all with the same prompt.

    Pictures come from text. Every video starts from the first picture, where there is one. Music and speech
    follow the length of all videos.

    Args:
        prompt: What it is all about.
        targets: Media in any order; one may be named several times.
        registry: Knows which task types there are.

    Raises:
        UsageError: Nothing makes such a media.
    """
    kinds = [(target, _kind(registry, _FROM_TEXT, target)) for target in targets]
    pictures = [pair for pair in kinds if pair[1].media_kind == "image"]
    videos = [pair for pair in kinds if pair[1].media_kind == "video"]
    sounds = [pair for pair in kinds if pair not in pictures and pair not in videos]
    steps: list[PlanStep] = []
    for target, kind in (*pictures, *videos, *sounds):
        name = f"{target}-{len(steps) + 1}"
        task_type, uses = kind.name, _uses(kind.media_kind, steps)
        if uses and kind.media_kind == "video":
            task_type = _kind(registry, _FROM_PICTURE, target).name
        steps.append(PlanStep(name, task_type, prompt, uses=uses))
    return tuple(steps)


def with_inputs(
    steps: Sequence[PlanStep], inputs: tuple[str, ...], registry: Registry
) -> tuple[PlanStep, ...]:
    """Return the steps with files of the user's own given to the first step.

    A first step that makes a picture or video from text alone becomes one that starts from a picture.

    Raises:
        UsageError: The first step can do nothing with them.
    """
    first = steps[0]
    kind = registry.task_types.get(first.task_type)
    if kind is not None and not kind.inputs.maximum:
        kind = registry.task_types.get(f"{_FROM_PICTURE}{first.media}")
    if kind is None or first.inputs:
        raise UsageError(
            f"the step {first.id} takes no input files", code="no-place-for-inputs",
            hint="Say which step they are for: --step ID.input=FILE.", details={"step": first.id},
        )  # fmt: skip
    return (evolve(first, task_type=kind.name, inputs=inputs), *steps[1:])


def _kind(registry: Registry, origin: str, media: str) -> TaskType:
    found = registry.task_types.get(f"{origin}{media}")
    if found is None:
        known = [name.removeprefix(origin) for name in registry.task_types if name.startswith(origin)]
        raise UsageError(
            f"nothing makes {media!r}",
            code="unknown-target",
            hint=choices(media, known),
            details=choice_facts(media, known),
        )
    return found


def _uses(media_kind: str, before: Sequence[PlanStep]) -> tuple[Use, ...]:
    if media_kind == "video":
        return tuple(Use(step.id, "first_frame") for step in before if step.media == "image")[:1]
    if media_kind == "audio":
        return tuple(Use(step.id, DURATION) for step in before if step.media == "video")
    return ()
