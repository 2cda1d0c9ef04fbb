"""``ima-skills advise``: what a good colleague says about a wish, before anything is spent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.completing import complete_model, complete_task_type
from ima_skills.cli.groups import Command
from ima_skills.cli.options import output_options, plugin_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.cli.output import Output
    from ima_skills.cli.session import PluginChoice
    from ima_skills.domain.request import Request
    from ima_skills.preparing import Prepared, Preparer

# Stands in for a prompt and for inputs that advice does not need.
_NO_PROMPT = "…"
_NO_INPUT = "https://example.invalid/input"


@click.command(
    "advise",
    cls=Command,
    help="Say whether a wish can be granted, by whom and for how many points; offline, spends nothing.",
)
@click.argument("prompt", required=False)
@click.option("-t", "--task-type", metavar="TYPE", shell_complete=complete_task_type, help="What to make.")
@click.option(
    "-m", "--model", metavar="NAME", shell_complete=complete_model, help="The model; else the default one."
)
@click.option(
    "-p", "--param", "params", multiple=True, metavar="KEY=VALUE", help="A parameter; may be repeated."
)
@click.option("--params-json", metavar="JSON|@FILE|-", help="Parameters as one JSON object.")
@click.option("-n", "--n", type=click.IntRange(min=1), default=1, metavar="N", help="Number of outputs.")
@plugin_options
@output_options
def command(output: Output, plugin_choice: PluginChoice, **given: Any) -> None:
    """Give advice; see the help text."""
    from ima_skills.cli.session import load_known, watched
    from ima_skills.cli.wishes import Wish
    from ima_skills.preparing import Preparer
    from ima_skills.schemas import open_schemas

    plugins = watched(plugin_choice, output)
    registry = load_known(plugins)
    preparer = Preparer(registry, plugins, open_schemas(plugins.schema_roots()))
    wish = Wish(**{**given, "prompt": given["prompt"] or _NO_PROMPT}).request(registry, output.language)
    document = advise(preparer, wish)
    output.document(document, _lines(document, output))


def advise(preparer: Preparer, request: Request) -> dict[str, Any]:
    """Return the document of ``advise``.

    Args:
        preparer: Resolves the wish on the dated copy of the product list.
        request: The wish; inputs that are missing are stood in for.

    Raises:
        ImaError: The wish cannot even be understood.
    """
    from attrs import evolve

    from ima_skills.catalogue import read_catalogue
    from ima_skills.errors import InvalidRequestError

    kind = preparer.task_type(request.task_type)
    whole = evolve(request, inputs=request.inputs or (_NO_INPUT,) * kind.inputs.minimum)
    page = read_catalogue(kind.name, preparer.registry.snapshot.groups(kind.name, request.language))
    try:
        prepared = preparer.build(preparer.check(whole), page)
    except InvalidRequestError as error:
        if "advice" not in error.details:
            raise
        return _document(request, error=error)
    return _document(request, prepared=prepared)


def _document(request: Request, *, prepared: Prepared | None = None, error: Any = None) -> dict[str, Any]:
    language = request.language
    return {
        "ok": prepared is not None,
        "task_type": request.task_type,
        "model_name": prepared.leaf.name if prepared else None,
        "points": prepared.quote.total if prepared else None,
        "notices": [notice.say(language) for notice in prepared.notices] if prepared else [],
        "changes": [change.as_dict() for change in prepared.changes] if prepared else [],
        "message": error.message if error else "",
        "nearest": error.details.get("nearest") if error else None,
        "advice": error.details["advice"] if error else None,
        "problems": [problem.as_dict() for problem in error.problems] if error else [],
    }


def _lines(document: dict[str, Any], output: Output) -> Iterator[str]:
    from ima_skills.cli.problem_texts import place_of, say_problem

    if document["ok"]:
        yield output.say("advise.fine", model=document["model_name"], points=document["points"])
        yield from document["notices"]
        return
    for problem in document["problems"]:
        yield f"{place_of(problem, output.language)}: {say_problem(problem, output.language)}"
    near = document["nearest"]
    if near:
        said = ", ".join(f"{name} {value}" for name, value in near["params"].items())
        yield output.say("advise.nearest", values=said, points=near["points"])
    for other in document["advice"]["alternatives"]:
        said = ", ".join(f"{name} {value}" for name, value in other["params"].items())
        yield output.say("advise.other", model=other["name"], values=said, points=other["points"])
    yield from document["advice"]["tips"]
