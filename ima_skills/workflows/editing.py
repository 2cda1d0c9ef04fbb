"""Words like ``video-2.param.duration=10``: what a person wants to be different in one step of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from attrs import evolve

from ima_skills.errors import UsageError
from ima_skills.fixing import Fix
from ima_skills.nearest import choice_facts, choices
from ima_skills.routing.result import Role, Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ima_skills.workflows.plan import PlanStep

_FIELDS = ("prompt", "model", "version_id", "task_type", "n", "take", "fix", "input", "uses", "param.NAME")
_PARAM = "param."
_EXAMPLE = "For instance: --step image-1.model=seedream-4.5 --step video-2.param.duration=10"


def edited(steps: Sequence[PlanStep], words: Iterable[str]) -> tuple[PlanStep, ...]:
    """Return the steps with what the words say; the first ``input`` of a step replaces its own ones.

    Args:
        steps: The plan so far.
        words: ``ID.FIELD=VALUE``.

    Raises:
        UsageError: ``bad-step``: a word cannot be read, or names no step or field.
    """
    found = {step.id: step for step in steps}
    fresh: set[str] = set()
    for word in words:
        place, separator, value = word.partition("=")
        name, dot, what = place.strip().partition(".")
        if not separator or not dot:
            raise _bad("a --step must look like ID.FIELD=VALUE", _EXAMPLE, {"form": "ID.FIELD=VALUE"})
        if name not in found:
            raise _bad(
                f"there is no step called {name!r}",
                choices(name, list(found)),
                choice_facts(name, list(found)),
            )
        if what == "input":
            before = found[name].inputs if name in fresh else ()
            fresh.add(name)
            found[name] = evolve(found[name], inputs=(*before, value) if value else ())
        else:
            found[name] = _changed(found[name], what, value)
    return tuple(found.values())


def read_uses(text: str) -> tuple[Use, ...]:
    """Return what ``image-1:first_frame,image-2:reference:3`` says; the figure is the number of the output.

    Raises:
        UsageError: ``bad-step``: it cannot be read.
    """
    return tuple(_use(part.strip()) for part in text.split(",") if part.strip())


def _changed(step: PlanStep, what: str, value: str) -> PlanStep:
    if what.startswith(_PARAM) and len(what) > len(_PARAM):
        name = what.removeprefix(_PARAM)
        others = {key: kept for key, kept in step.params.items() if key != name}
        return evolve(step, params={**others, **({name: value} if value else {})})
    if what == "uses":
        return evolve(step, uses=read_uses(value))
    if what in ("n", "take"):
        if not (value.isascii() and value.isdigit() and 0 < len(value) < 4):  # noqa: PLR2004 - more outputs than any model makes
            message, hint = (
                f"{step.id}.{what} must be a whole number",
                f"For instance: --step {step.id}.{what}=2",
            )
            raise _bad(message, hint, {"place": f"{step.id}.{what}", "kind": "number"})
        return _with(step, what, int(value))
    if what == "fix" and value in ("", *get_args(Fix)):
        return _with(step, what, value or None)
    if what in ("model", "version_id") or (what in ("prompt", "task_type") and value):
        return _with(step, what, value or None)
    message = f"{step.id} has no {what!r} that can be set to this"
    facts = {**choice_facts(what, list(_FIELDS)), "step": step.id}
    raise _bad(message, choices(what, list(_FIELDS)), facts)


def _with(step: PlanStep, what: str, value: Any) -> PlanStep:
    return evolve(step, **{what: value})


def _use(part: str) -> Use:
    name, _, rest = part.partition(":")
    role, _, number = rest.partition(":")
    if role not in get_args(Role) or (number and not number.isdecimal()):
        roles = list(get_args(Role))
        message = f"{part!r} does not say what becomes of an output"
        raise _bad(message, choices(role, roles), {"use": part, "roles": roles})
    return Use(name, role, int(number or 1))  # type: ignore[arg-type]  # one of the roles, as tested above


def _bad(message: str, hint: str, details: Mapping[str, Any]) -> UsageError:
    return UsageError(message, code="bad-step", hint=hint, details=details)
