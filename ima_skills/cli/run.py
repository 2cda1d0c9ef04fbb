"""``ima-skills run``: make a plan that was agreed to, every step once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command
from ima_skills.cli.options import (
    bound_options,
    file_options,
    output_options,
    plugin_options,
    service_options,
)
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from ima_skills.cli.output import Output
    from ima_skills.cli.progress import Board
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.client import ImaClient
    from ima_skills.workflows.plan import Plan
    from ima_skills.workflows.run_record import RunRecord
    from ima_skills.workflows.running import WorkflowRun
    from ima_skills.workflows.store import PlanStore


@click.command(
    "run", cls=Command, help="Make a plan. Run it again to go on where it ended; nothing is paid twice."
)
@click.argument("plan")
@click.option(
    "--confirm",
    required=True,
    metavar="HASH",
    help="The plan's hash, or its first 12 figures: agrees to exactly this plan and its price.",
)
@click.option(
    "--download",
    metavar="DIR",
    type=Place(file_okay=False),
    help="Folder for the files; else that of the run before, else one beside the plan.",
)
@click.option(
    "--resubmit",
    multiple=True,
    metavar="STEP",
    help="Send a step once more whose outcome is unknown; it may be paid twice.",
)
@bound_options
@click.option("--no-degrade", is_flag=True, help="Never make a refused job smaller to get it accepted.")
@file_options(inputs=True)
@service_options
@plugin_options
@output_options
def command(
    output: Output, connection: Connection, plugin_choice: PluginChoice, *, plan: str, **given: Any
) -> int:
    """Run a plan; see the help text. Exits with what stopped it, else with the gravest code of its steps."""
    from ima_skills.batch_run import exit_code
    from ima_skills.cli.bookkeeping import book_of
    from ima_skills.cli.plan_documents import run_document
    from ima_skills.cli.plan_lines import run_lines
    from ima_skills.cli.plan_runs import Interruption
    from ima_skills.cli.running import run as run_async
    from ima_skills.cli.session import open_client
    from ima_skills.cli.workflow_store import open_store
    from ima_skills.workflows.checking import must_be_confirmed
    from ima_skills.workflows.plan_file import read_plan

    store = open_store()
    agreed = must_be_confirmed(read_plan(store.find(plan)), given["confirm"])
    _must_name_steps(agreed, given["resubmit"])
    client = open_client(
        connection,
        plugin_choice,
        output,
        degrade=not given["no_degrade"],
        journal=book_of(connection, output),
        files=given["files"],
    )
    with store.alone(agreed.id):
        work = run_async(lambda: _run(client, agreed, store, given, output), Interruption(plan_id=agreed.id))
    document = run_document(agreed, work.record, work.outcomes, work.tally)
    output.document(document, run_lines(document, output))
    return exit_code(work.tally)


def _must_name_steps(plan: Plan, names: tuple[str, ...]) -> None:
    from ima_skills.errors import UsageError
    from ima_skills.nearest import choice_facts, choices

    known = [item.id for item in plan.steps]
    for name in names:
        if name not in known:
            raise UsageError(
                f"there is no step called {name!r}",
                code="bad-step",
                hint=choices(name, known),
                details=choice_facts(name, known),
            )


async def _run(
    client: ImaClient, plan: Plan, store: PlanStore, given: dict[str, Any], output: Output
) -> WorkflowRun:
    from ima_skills.cli.progress import board_of
    from ima_skills.workflows.checking import must_be_affordable, must_be_current
    from ima_skills.workflows.outlook import outlook
    from ima_skills.workflows.pricing import Pricer

    user_id = (given["user_id"] or "").strip()
    async with client:
        record = store.record(plan.id)
        looked = outlook(plan, record)
        made = [name for name, step in looked.items() if step.is_reused or step.is_under_way]
        await must_be_current(plan, client, Pricer(client, plan.language), made)
        points = sum(step.points for step in looked.values())
        must_be_affordable(plan, points, client, given["max_points"], user_id)
        with board_of(client, output) as board:
            work = _work(client, plan, store, record, given, board, output)
            await work.run()
    return work


def _tell(output: Output, name: str, state: str) -> None:
    if state != "success":  # its events have said so
        output.aside(f"{name}: {output.say('workflows.' + state)}")


def _work(  # noqa: PLR0913, PLR0917 - the parts of one run
    client: ImaClient,
    plan: Plan,
    store: PlanStore,
    record: RunRecord | None,
    given: dict[str, Any],
    board: Board,
    output: Output,
) -> WorkflowRun:
    from ima_skills.recording import Terms
    from ima_skills.workflows.run_record import RunRecord
    from ima_skills.workflows.running import WorkflowRun, files_folder

    folder = files_folder(record, given["download"], store, plan.id)
    kept = record or RunRecord(plan.id, "", folder)
    kept.folder = folder
    return WorkflowRun(
        client=client,
        plan=plan,
        store=store,
        record=kept,
        listener=board.job,
        told=lambda name, state: _tell(output, name, state),
        terms=Terms(user_id=(given["user_id"] or "").strip()),
        resubmit=frozenset(given["resubmit"]),
    )
