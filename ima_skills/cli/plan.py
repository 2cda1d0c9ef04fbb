"""``ima-skills plan``: several media that belong together, priced before anything is spent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command
from ima_skills.cli.options import (
    INPUT_ROOT,
    WHOSE,
    output_options,
    plugin_options,
    preference_options,
    service_options,
)
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from pathlib import Path

    from ima_skills.cli.output import Output
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.client import ImaClient
    from ima_skills.workflows.planning import Draft, Planner
    from ima_skills.workflows.store import PlanStore


@click.command("plan", cls=Command, help="Plan and price several media that belong together. Spends nothing.")
@click.argument("text", required=False)
@click.option(
    "--targets",
    metavar="MEDIA,…",
    help="Make these from TEXT, for instance image,video,music, instead of reading them from it.",
)
@click.option(
    "-i",
    "--input",
    "--image",
    "inputs",
    multiple=True,
    metavar="FILE|URL",
    type=Place(),
    help="A file or https address that the first step starts from; may be repeated.",
)
@click.option("--from", "source", metavar="PLAN", help="Price a plan again: its id, or a file.")
@click.option(
    "--step",
    "words",
    multiple=True,
    metavar="ID.FIELD=VALUE",
    help="Change one step, for instance video-2.param.duration=10; may be repeated.",
)
@click.option(
    "--fix",
    type=click.Choice(["nearest", "cheapest"]),
    help="Move impossible values to the nearest or cheapest possible one, and report it.",
)
@click.option("--new", is_flag=True, help="Plan the same wish once more, as a plan of its own.")
@click.option("--out", metavar="FILE", type=Place(dir_okay=False), help="Write a copy of the plan here.")
@click.option("--show-prompts", is_flag=True, help="Show the prompts too.")
@WHOSE
@preference_options()
@INPUT_ROOT
@service_options
@plugin_options
@output_options
def command(output: Output, connection: Connection, plugin_choice: PluginChoice, **given: Any) -> None:
    """Plan; see the help text."""
    from pathlib import Path

    from ima_skills.cli.plan_lines import plan_lines
    from ima_skills.cli.preference_book import usual_models
    from ima_skills.cli.running import Journal, run
    from ima_skills.cli.session import open_client
    from ima_skills.file_rules import FileRules

    _must_agree(given)
    root = given["input_root"]
    files = FileRules(input_root=Path(root) if root else None)
    # Models are named step by step, so the saved ones count for all others.
    wishes = {**given, "model": None}
    client = open_client(
        connection, plugin_choice, output, files=files, preferences=usual_models(wishes, output)
    )
    document = run(lambda: _plan(client, given, output), Journal())
    output.document(document, plan_lines(document, output))


def _must_agree(given: dict[str, Any]) -> None:
    from ima_skills.errors import UsageError

    if (given["text"] is None) == (given["source"] is None):
        raise UsageError(
            "say what to plan, or name a plan with --from; one of the two",
            code="no-plan-wish",
            hint='For instance: ima-skills plan "a film about a fox" --targets image,video,music',
        )
    if given["source"] is not None and given["targets"]:
        raise UsageError(
            "--targets is for a new plan, and --from names one that is there",
            code="conflicting-options",
            hint="Leave one of them out.",
            details={"options": ["--targets", "--from"]},
        )


async def _plan(client: ImaClient, given: dict[str, Any], output: Output) -> dict[str, Any]:
    from attrs import evolve

    from ima_skills.cli.bookkeeping import writes_nothing
    from ima_skills.cli.plan_documents import plan_document
    from ima_skills.cli.workflow_store import open_store
    from ima_skills.workflows.digest import plan_hash
    from ima_skills.workflows.editing import edited
    from ima_skills.workflows.outlook import outlook
    from ima_skills.workflows.plan_file import plan_text
    from ima_skills.workflows.planning import Planner
    from ima_skills.workflows.store import write_private

    store = open_store()
    copy = _place_of_copy(given["out"]) if given["out"] else None
    async with client:
        planner = Planner(client, output.language)
        draft = await _draft(planner, store, given, output)
        steps = edited(draft.steps, given["words"])
        if given["fix"]:
            steps = tuple(evolve(step, fix=step.fix or given["fix"]) for step in steps)
        draft = evolve(draft, steps=steps)
        plan = await planner.plan(draft, store, fresh=given["new"])
    path = None if writes_nothing() else str(store.save(plan, draft.earlier))
    if copy is not None:
        write_private(copy, plan_text(plan, draft.earlier))
    looked = outlook(plan, store.record(plan.id))
    document = plan_document(
        plan, plan_hash(plan), looked, path, prompts=given["show_prompts"], max_points=draft.max_points
    )
    return {**document, "copy": given["out"]}


async def _draft(planner: Planner, store: PlanStore, given: dict[str, Any], output: Output) -> Draft:
    from ima_skills.workflows.drafting import with_inputs
    from ima_skills.workflows.planning import Draft

    if given["source"] is not None:
        draft = await planner.draft_from(store.find(given["source"]))
        if not given["inputs"]:
            return draft
        steps = with_inputs(draft.steps, given["inputs"], planner.client.registry)
        return Draft(steps, draft.form_of, draft.earlier, draft.assumed)
    return _understood(planner, given, output)


def _understood(planner: Planner, given: dict[str, Any], output: Output) -> Draft:
    """Return the steps of a text: those that are named as targets, else those that it speaks of."""
    from ima_skills.cli.wishes import read_prompt
    from ima_skills.workflows.drafting import from_route, from_targets, with_inputs
    from ima_skills.workflows.planning import Draft

    registry, text = planner.client.registry, read_prompt(given["text"], None)
    if given["targets"]:
        targets = [word.strip() for word in given["targets"].split(",") if word.strip()]
        steps = from_targets(text, targets, registry)
        return Draft(with_inputs(steps, given["inputs"], registry) if given["inputs"] else steps)
    from ima_skills.cli.route import load_words
    from ima_skills.routing import reconsidered, route

    plugins = planner.client.plugins
    understood = route(
        text,
        images=given["inputs"],
        registry=registry,
        vocabulary=load_words(plugins, output),
        language=planner.language,
    )
    found = reconsidered(plugins, text, understood, registry)
    return Draft(from_route(found, registry), max_points=found.max_points)


def _place_of_copy(target: str) -> Path:
    """Return where a copy of a plan goes; only a plan is replaced by it.

    Raises:
        UsageError: ``no-plan-there``: something else is there. ``download-folder``: it cannot be written.
    """
    from ima_skills.downloading import ready_folder
    from ima_skills.errors import UsageError
    from ima_skills.file_rules import user_path
    from ima_skills.workflows.plan_file import KIND, read_document

    path = user_path(target)
    ready_folder(path.parent)
    if path.exists():
        try:
            is_plan = read_document(path).get("kind") == KIND
        except UsageError:
            is_plan = False
        if not is_plan:
            raise UsageError(
                f"{path} is there already and is no plan",
                code="no-plan-there",
                hint="Nothing was written; name another file with --out.",
            )
    return path
