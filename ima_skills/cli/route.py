"""``ima-skills route``: how a wish is understood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command
from ima_skills.cli.options import output_options, plugin_options
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.cli.output import Output
    from ima_skills.cli.session import PluginChoice
    from ima_skills.domain.route import Route
    from ima_skills.plugin_set import PluginSet
    from ima_skills.registry import Registry
    from ima_skills.routing.vocabulary import Vocabulary

_LARGEST = 4 << 20


@click.command(
    "route",
    cls=Command,
    help="Understand WISH, in Chinese or English: what to make, with which model and settings, or the one question"
    " that is missing. Offline; spends nothing.",
)
@click.argument("wish", required=False)
@click.option("--prompt-file", metavar="FILE|-", help="Read the wish from a file or standard input.")
@click.option(
    "-i",
    "--image",
    "images",
    multiple=True,
    metavar="FILE|URL",
    type=Place(),
    help="A file or https address that came with the wish, in order; may be repeated.",
)
@click.option(
    "--history",
    metavar="FILE|-",
    type=Place(),
    help="Earlier results it may refer to: JSON lines of create, or the document of tasks list.",
)
@plugin_options
@output_options
def command(output: Output, plugin_choice: PluginChoice, **given: Any) -> None:
    """Understand a wish; see the help text."""
    from ima_skills.cli.session import load_known, watched
    from ima_skills.cli.wishes import read_prompt
    from ima_skills.routing import reconsidered, route
    from ima_skills.routing.history import read_history

    text = read_prompt(given["wish"], given["prompt_file"])
    plugins = watched(plugin_choice, output)
    registry = load_known(plugins)
    found = route(
        text,
        images=given["images"],
        history=read_history(_documents(given["history"]), registry),
        registry=registry,
        vocabulary=load_words(plugins, output),
        language=None if any(letter.isalpha() for letter in text) else output.language,
    )
    document = route_document(reconsidered(plugins, text, found, registry), registry)
    output.document(document, _lines(document, output))


def load_words(plugins: PluginSet, output: Output) -> Vocabulary:
    """Return the vocabulary of the first party and of the plugins; a plugin's faulty file is told and left out.

    Args:
        plugins: Bring registry roots.
        output: Tells of faults.
    """
    from ima_skills.registry import read_toml
    from ima_skills.registry_cache import TomlMemory
    from ima_skills.resources import data_root
    from ima_skills.routing.vocabulary import load_vocabulary
    from ima_skills.settings import state_home

    memory = TomlMemory(state_home() / "cache" / "vocabulary", read_toml)
    roots = (data_root("registry"), *plugins.registry_roots())
    words = load_vocabulary(
        roots, memory.read, lambda fault: output.aside(output.say("route.left-out", fault=fault))
    )
    memory.keep()
    return words


def _documents(source: str | None) -> list[dict[str, Any]]:
    """Return the JSON documents of a history: one document, or one a line."""
    import json

    from ima_skills.cli.wishes import read_text
    from ima_skills.errors import UsageError

    if source is None:
        return []
    text = read_text(source, "--history")
    try:
        rows = [json.loads(text)]
    except (ValueError, RecursionError):
        try:
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            raise UsageError(
                "--history holds neither a JSON document nor JSON lines", code="bad-history"
            ) from None
    flat = [item for row in rows for item in (row if isinstance(row, list) else [row])]
    return [row for row in flat if isinstance(row, dict)]


def route_document(found: Route, registry: Registry) -> dict[str, Any]:
    """Return a route as ``route --json`` prints it.

    Args:
        found: How the wish was understood.
        registry: Knows the cheapest and the best model of a task type.
    """
    request = _request(found, registry)
    return {
        "media": list(found.media),
        "task_type": found.task_type,
        "model_id": found.model_id,
        "model_name": found.model_name,
        "version_id": found.version_id,
        "params": dict(found.params),
        "n": found.n,
        "prompt": found.prompt,
        "inputs": list(found.inputs),
        "preference": {"action": found.preference.action, "model_id": found.preference.model_id},
        "budget": found.budget,
        "unwanted": list(found.unwanted),
        "consistency": found.consistency,
        "steps": [_step(step) for step in found.steps],
        "clarify": _question(found),
        "confidence": found.confidence,
        "notes": list(found.notes),
        "max_points": found.max_points,
        "inquiry": found.inquiry.about if found.inquiry else None,
        "request": request,
        "command": _answer(found) if found.inquiry else _command(found, request),
    }


def _question(found: Route) -> dict[str, Any] | None:
    if found.clarify is None:
        return None
    return {"question": found.clarify.question, "options": list(found.clarify.options)}


def _step(step: Any) -> dict[str, Any]:
    return {
        "id": step.id,
        "media": step.media,
        "task_type": step.task_type,
        "prompt": step.prompt,
        "model_id": step.model_id,
        "version_id": step.version_id,
        "params": dict(step.params),
        "n": step.n,
        "inputs": list(step.inputs),
        "uses": [{"step": use.step, "role": use.role} for use in step.uses],
    }


def _request(found: Route, registry: Registry) -> dict[str, Any] | None:
    """Return the request that is ready to be made, or None when something is missing."""
    if found.task_type is None or found.steps or found.clarify is not None or not found.prompt:
        return None
    model, params = found.model_id, dict(found.params)
    if model is None:
        model, params = registry.picked(found.task_type, found.budget, found.unwanted, params)
    return {
        "task_type": found.task_type,
        "model": model,
        "version_id": found.version_id,
        "prompt": found.prompt,
        "inputs": list(found.inputs),
        "params": params,
        "n": found.n,
    }


def _answer(found: Route) -> list[str] | None:
    """Return the command that answers a question; None where nothing has to be answered: "thanks!"."""
    words = found.inquiry.command if found.inquiry else ()
    return ["ima-skills", *words] if words else None


def _command(found: Route, request: dict[str, Any] | None) -> list[str] | None:
    """Return the command that makes it, its prompt read from standard input; None where an address is signed."""
    import json

    if request is None or any("?" in source for source in request["inputs"]):
        return None
    words = ["ima-skills", "create", "--prompt-file", "-", "--task-type", request["task_type"]]
    for option in ("model", "version_id"):
        if request[option]:
            words += [f"--{option.replace('_', '-')}", request[option]]
    for source in request["inputs"]:
        words += ["--input", source]
    for name, value in request["params"].items():
        shown = value if isinstance(value, str) else json.dumps(value)
        words += ["--param", f"{name}={shown}"]
    words += ["--n", str(request["n"])] if request["n"] != 1 else []
    return [*words, *(["--max-points", str(found.max_points)] if found.max_points is not None else [])]


def _lines(document: dict[str, Any], output: Output) -> Iterator[str]:
    clarify = document["clarify"]
    if clarify:
        yield clarify["question"]
        yield from (f"  {number}. {answer}" for number, answer in enumerate(clarify["options"], start=1))
    yield from _facts(document, output, "")
    for number, step in enumerate(document["steps"], start=1):
        yield output.say("route.step", number=number)
        yield from _facts(step, output, "  ")
    preference = document["preference"]
    if preference["action"] != "none":
        wish = output.say(
            f"route.{preference['action']}", model=document["model_name"] or preference["model_id"] or ""
        )
        yield _row("preference", wish, output, "")
    if document["budget"] != "none":
        yield _row("budget", output.say(f"route.{document['budget']}"), output, "")
    if document["max_points"] is not None:
        yield _row("cap", output.say("route.at-most", points=document["max_points"]), output, "")
    if document["inquiry"]:
        yield output.say("route.inquiry" if document["command"] else "route.chat")
    if document["consistency"] and not document["inputs"]:
        yield output.say("route.consistency")
    if document["steps"]:
        yield output.say("route.plan")
    if document["command"]:
        import shlex

        yield _row("next", shlex.join(document["command"]), output, "")


def _facts(row: dict[str, Any], output: Output, indent: str) -> Iterator[str]:
    from ima_skills.refusals import clean

    shown = {
        "task-type": row["task_type"],
        "model": row.get("model_name") or row["model_id"],
        "params": ", ".join(f"{name} {value}" for name, value in row["params"].items()),
        "n": row["n"] if row["n"] > 1 else None,
        "inputs": ", ".join(clean(source) for source in row["inputs"]),
        "prompt": None if row.get("steps") else row["prompt"],
    }
    for name, value in shown.items():
        if value:
            yield _row(name, str(value), output, indent)
    for use in row.get("uses", ()):
        yield _row("inputs", output.say("route.from", step=use["step"]), output, indent)


def _row(name: str, value: str, output: Output, indent: str) -> str:
    return f"{indent}{output.say(f'route.{name}')}: {value}"
