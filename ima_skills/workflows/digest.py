"""What a plan is, in one figure: SHA-256 over everything that matters, and shorter marks that say what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import asdict

from ima_skills.recording import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills.workflows.plan import Plan, Price, PricedStep

Marks = dict[str, dict[str, str]]
_SHORT = 12
# What people read beside the facts; other words for the same facts are the same plan.
_WORDS = {"model_name", "source", "changes", "notices", "estimate_s"}


def plan_hash(plan: Plan) -> str:
    """Return the SHA-256 of a plan: name, service, graph, prompts, models, settings, inputs by content, prices."""
    return fingerprint({
        "plan_id": plan.id,
        "base_url": plan.base_url,
        "sandbox": plan.sandbox,
        "steps": [_facts(item) for item in plan.steps],
    })  # fmt: skip


def wish_mark(base_url: str, steps: tuple[PricedStep, ...]) -> str:
    """Return what tells a wish from others, whatever it costs today; a plan is named after it."""
    wishes = [{"step": asdict(item.step), "inputs": item.marks} for item in steps]
    return fingerprint({"base_url": base_url, "steps": wishes})[:_SHORT]


def marks_of(plan: Plan) -> Marks:
    """Return, per step, a short mark of each thing about it."""
    return {item.id: _marks(_facts(item)) for item in plan.steps}


def differences(before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return what differs between the marks of two plans, for instance ``image-1: prompt, price``."""
    found = []
    for name in sorted({*before, *after}):
        if name not in after:
            found.append(f"{name}: gone")
        elif name not in before:
            found.append(f"{name}: new")
        else:
            old, new = before[name], after[name]
            changed = [part for part in sorted({*old, *new}) if old.get(part) != new.get(part)]
            found += [f"{name}: {', '.join(changed)}"] if changed else []
    return found


def step_key(item: PricedStep, price: Price, made: tuple[str, ...]) -> str:
    """Return what makes the output of a step this output: what is sent, and the content of every input.

    Args:
        item: The step.
        price: What it resolves to.
        made: What the used outputs are, in order: SHA-256 of their contents.
    """
    return fingerprint({
        "task_type": item.step.task_type, "prompt": item.step.prompt, "n": item.step.n,
        "take": item.step.take,
        "model_id": price.model_id, "version_id": price.version_id, "parameters": dict(price.parameters),
        "inputs": item.marks, "made": made, "roles": [use.role for use in item.step.feeds],
    })  # fmt: skip


def _facts(item: PricedStep) -> dict[str, Any]:
    facts: dict[str, Any] = asdict(item)
    for choice in facts["choices"]:
        choice["price"] = {name: value for name, value in choice["price"].items() if name not in _WORDS}
    return facts


def _marks(facts: Mapping[str, Any]) -> dict[str, str]:
    step, prices = facts["step"], [choice["price"] for choice in facts["choices"]]
    parts: dict[str, Any] = {
        "prompt": step["prompt"],
        "task_type": step["task_type"],
        "model": [step["model"], step["version_id"], [(p["model_id"], p["version_id"]) for p in prices]],
        "params": [step["params"], step["n"], step["take"], [p["parameters"] for p in prices]],
        "inputs": [step["inputs"], facts["marks"]],
        "uses": step["uses"],
        "price": [(p["attribute_id"], p["points_per_output"], p["total"]) for p in prices],
    }
    return {name: fingerprint({"part": part})[:_SHORT] for name, part in parts.items()}
