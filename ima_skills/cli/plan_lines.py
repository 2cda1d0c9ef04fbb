"""Plans and their runs as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.cli.layout import shortened, table
from ima_skills.cli.wording import changed, fault_line, plain, setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ima_skills.cli.output import Output

_CONFIRM = 12
_SETTINGS = 60


def plan_lines(document: Mapping[str, Any], output: Output) -> Iterator[str]:
    """Yield a plan: its steps with models and prices, what was changed or assumed, and how to run it."""
    head = [output.say(f"workflows.{name}") for name in ("step", "model", "points", "needs", "settings")]
    yield from table(head, [_row(step, output) for step in document["steps"]])
    for step in document["steps"]:
        yield from _remarks(step, output)
    yield from (f"{output.say('workflows.assumed')}: {text}" for text in document["assumed"])
    low, high = (plain(seconds) for seconds in document["estimate_s"])
    yield output.say("workflows.total", points=_points(document), low=low, high=high)
    if document["points_left"] < document["points_at_most"]:
        yield output.say("workflows.left", points=document["points_left"])
    cap = document["max_points"]
    if cap is not None and document["points_left"] > cap:
        yield output.say("workflows.over-wish", cap=cap, points=document["points_left"])
    if document["command"] is None:
        yield output.say("workflows.not-saved")
    else:
        short = document["command"].replace(document["plan_hash"], document["plan_hash"][:_CONFIRM])
        yield output.say("workflows.run", command=short)
    if document["sandbox"]:
        yield output.say("note.sandbox")


def run_lines(document: Mapping[str, Any], output: Output) -> Iterator[str]:
    """Yield what became of a plan: every step with its state, files and faults."""
    head = [output.say(f"workflows.{name}") for name in ("step", "state", "model", "points", "task")]
    yield from table(head, [_state_row(step, output) for step in document["steps"]])
    for step in document["steps"]:
        yield from _facts(step, output)
    yield output.say(
        "workflows.summary", **{name: document[name] for name in ("done", "total", "points", "spent")}
    )
    if document["stopped"]:
        yield fault_line(document["stopped"], output)
    if document["sandbox"]:
        yield output.say("note.sandbox")


def _row(step: Mapping[str, Any], output: Output) -> list[str]:
    mark = next((output.say(f"workflows.{name}") for name in ("reused", "under_way") if step[name]), None)
    own = [output.say("workflows.own", count=step["inputs"])] if step["inputs"] else []
    uses = [f"{use['step']} ({output.say('workflows.as-' + use['role'])})" for use in step["uses"]]
    needs = ", ".join((*own, *uses))
    values = shortened(setting({k: v for k, v in step["params"].items() if k != "n"}), _SETTINGS)
    return [step["id"], step["model_name"], mark or _points(step), needs or "–", values or "–"]


def _points(document: Mapping[str, Any]) -> str:
    expected, most = document["points"], document["points_at_most"]
    return str(expected) if expected == most else f"{expected} (≤ {most})"


def _remarks(step: Mapping[str, Any], output: Output) -> Iterator[str]:
    yield from (f"{step['id']}: {text}" for text in (changed(change, output) for change in step["changes"]))
    yield from (f"{step['id']}: {notice}" for notice in step["notices"])
    for choice in step["by_length"]:
        key = "workflows.longer" if choice["up_to_s"] is None else "workflows.up-to"
        yield output.say(
            key,
            step=step["id"],
            model=choice["model_name"],
            points=choice["points"],
            seconds=choice["up_to_s"],
        )
    if step["prompt"] is not None:
        yield f"{step['id']}: {step['prompt']}"


def _state_row(step: Mapping[str, Any], output: Output) -> list[str]:
    word = "reused" if step["outcome"] == "reused" else step["state"]
    return [
        step["id"], output.say(f"workflows.{word}"), step["model_name"] or "–", str(step["points"]),
        step["task_id"] or "–",
    ]  # fmt: skip


def _facts(step: Mapping[str, Any], output: Output) -> Iterator[str]:
    for made in step["outputs"]:
        length = f" ({output.say('note.seconds', seconds=made['duration_s'])})" if made["duration_s"] else ""
        yield f"{step['id']}: {made['path'] or made['url']}{length}"
    yield from (f"{step['id']}: {changed(change, output)}" for change in step["changes"])
    if step["error"]:
        yield f"{step['id']}: {fault_line(step['error'], output)}"
