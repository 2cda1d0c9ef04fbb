"""``ima-skills create``: from a prompt to media."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.completing import complete_model, complete_task_type
from ima_skills.cli.emit_options import emit_options
from ima_skills.cli.groups import Command
from ima_skills.cli.options import (
    Positive,
    file_options,
    output_options,
    plugin_options,
    preference_options,
    purse_options,
    service_options,
)
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.cli.crier import Crier
    from ima_skills.cli.output import Output
    from ima_skills.cli.progress import Board
    from ima_skills.cli.running import Journal
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.cli.wishes import Wish
    from ima_skills.client import ImaClient
    from ima_skills.domain.event import Event
    from ima_skills.domain.task import Result
    from ima_skills.preparing import Prepared
    from ima_skills.recording import Terms

_WISH = ("prompt", "prompt_file", "task_type", "model", "version_id", "params_json", "size", "n")


@click.command(
    "create",
    cls=Command,
    help="Make images, videos, music or speech from PROMPT. Spends points unless --sandbox or --dry-run is given.",
)
@click.argument("prompt", required=False)
@click.option(
    "-t",
    "--task-type",
    metavar="TYPE",
    shell_complete=complete_task_type,
    help="What to make; without inputs it follows from the model, else text_to_image.",
)
@click.option(
    "-m",
    "--model",
    metavar="NAME",
    shell_complete=complete_model,
    help="Id, name or alias; name@version is one version. Else the default model.",
)
@click.option("--version-id", metavar="ID", help="One version of the model.")
@click.option(
    "-i",
    "--input",
    "inputs",
    multiple=True,
    metavar="FILE|URL",
    type=Place(),
    help="An input file or https address, in order; may be repeated.",
)
@click.option(
    "-p", "--param", "params", multiple=True, metavar="KEY=VALUE", help="A parameter; may be repeated."
)
@click.option("--params-json", metavar="JSON|@FILE|-", help="Parameters as one JSON object.")
@click.option("-n", "--n", type=click.IntRange(min=1), default=1, metavar="N", help="Number of outputs.")
@click.option("--size", metavar="SIZE", help="Short for -p size=SIZE.")
@click.option("--prompt-file", metavar="FILE|-", help="Read the prompt from a file or standard input.")
@click.option("--download", metavar="DIR", type=Place(file_okay=False), help="Save the files in this folder.")
@purse_options
@preference_options(wishes=True)
@click.option("--new", is_flag=True, help="Make another one although the same job is under way.")
@click.option(
    "--resubmit",
    is_flag=True,
    help="Send a job once more whose outcome is unknown; it may be paid twice.",
)
@click.option("--keep-prompts", is_flag=True, help="Write the prompt into the journal too.")
@click.option("--dry-run", is_flag=True, help="Show price and payload; send nothing that costs.")
@click.option(
    "--fix",
    type=click.Choice(["nearest", "cheapest"]),
    help="Move impossible values to the nearest or cheapest possible one, and report it.",
)
@click.option("--no-degrade", is_flag=True, help="Never make a refused job smaller to get it accepted.")
@click.option(
    "--deadline",
    type=Positive(),
    metavar="SECONDS",
    help="Stop waiting after this time; the task goes on.",
)
@click.option("--no-wait", is_flag=True, help="Return as soon as the task is created.")
@emit_options
@file_options(inputs=True)
@service_options
@plugin_options
@output_options
def command(output: Output, connection: Connection, plugin_choice: PluginChoice, **given: Any) -> None:
    """Make something; see the help text."""
    from ima_skills.cli.crier import emitting

    with emitting(given, plugin_choice, output) as crier:
        _work(output, connection, plugin_choice, given, crier)


def _work(
    output: Output,
    connection: Connection,
    plugin_choice: PluginChoice,
    given: dict[str, Any],
    crier: Crier,
) -> None:
    from ima_skills.cli.bookkeeping import hand_over, may_have_left, open_books
    from ima_skills.cli.documents import result_document
    from ima_skills.cli.preference_book import usual_models
    from ima_skills.cli.running import Journal, folder_flag, run
    from ima_skills.cli.session import open_client
    from ima_skills.cli.wishes import Wish
    from ima_skills.cli.wording import quote_lines, result_lines

    wish = Wish(inputs=given["inputs"], params=given["params"], **{name: given[name] for name in _WISH})
    # A dry run leaves no trace, so it does not even look at the journal.
    books = None if given["dry_run"] else open_books(output, plays=connection.sandbox)
    client = open_client(
        connection,
        plugin_choice,
        output,
        degrade=not given["no_degrade"],
        journal=books,
        files=given["files"],
        preferences=usual_models(given, output),
    )
    journal = Journal(
        flags=connection.flags(), folder=given["download"], may_have_left=lambda: may_have_left(books)
    )
    if given["dry_run"]:
        document = run(lambda: _dry_run(client, wish, given, output), journal)
        output.document(document, quote_lines(document, output))
    else:
        crier.open(client)
        made = run(lambda: _create(client, wish, given, output, journal, crier), journal)
        document = result_document(made)
        if crier.speaks:
            crier.result(document)
        else:
            flags = f"{connection.flags()}{folder_flag(given['download'])}"
            output.document(document, result_lines(document, output, flags))
        if not given["no_wait"]:
            hand_over(books, document["task_id"], output)


async def _dry_run(client: ImaClient, wish: Wish, given: dict[str, Any], output: Output) -> dict[str, Any]:
    from ima_skills.advice import Adviser
    from ima_skills.cli.documents import quote_document

    async with client:
        prepared = await client.prepare(wish.request(client.registry, output.language), fix=given["fix"])
        estimate = client.engine.cadence(prepared.leaf.task_type, prepared.leaf, prepared).estimate
        sandbox = client.engine.service.sandbox_speed is not None
    adviser = Adviser(client.registry, client.plugins.quirks)
    return quote_document(prepared, estimate, adviser, output.language, sandbox=sandbox)


async def _create(  # noqa: PLR0913, PLR0917 - the parts of one job
    client: ImaClient, wish: Wish, given: dict[str, Any], output: Output, journal: Journal, crier: Crier
) -> Result:
    from ima_skills.cli.bookkeeping import must_consent
    from ima_skills.cli.preference_book import keeping
    from ima_skills.cli.progress import board_of

    terms = terms_of(given)

    def listen(event: Event) -> None:
        journal.listen(event)
        crier.hear(event)

    async with client:
        request = wish.request(client.registry, crier.language)
        crier.acknowledge(request.task_type)
        prepared = await client.prepare(request, fix=given["fix"])
        crier.consult(client, prepared)
        for notice in prepared.notices:
            output.aside(notice.say(output.language))
        terms = await must_consent(client, prepared, terms, given, output)
        with board_of(client, output) as board:
            hear = keeping(prepared, given, output, listen)
            return await made(client, prepared, terms, given, board, hear)


def terms_of(given: dict[str, Any]) -> Terms:
    """Return how the journal is to treat the job; the result is handed over when it is printed."""
    from ima_skills.file_rules import user_path
    from ima_skills.recording import Terms

    return Terms(
        new=given["new"],
        resubmit=given["resubmit"],
        keep_prompt=given["keep_prompts"],
        user_id=(given["user_id"] or "").strip(),
        folder=str(user_path(given["download"])) if given["download"] else "",
        holds=True,
    )


async def made(  # noqa: PLR0913, PLR0917 - the parts of one job
    client: ImaClient,
    prepared: Prepared,
    terms: Terms,
    given: dict[str, Any],
    board: Board,
    listen: Callable[[Event], None],
) -> Result:
    """Create a prepared job, and wait for it unless ``--no-wait`` says otherwise; spends points.

    Args:
        client: Makes it.
        prepared: What it is.
        terms: How the journal is to treat it.
        given: The command's options.
        board: Shows how far it is.
        listen: Told every event.
    """
    tell = board.job("", client.engine.task_type(prepared.leaf.task_type).progress_s)

    def on_event(event: Event) -> None:
        listen(event)
        tell(event)

    cap = given["max_points"]
    if given["no_wait"]:
        from ima_skills.domain.task import Task

        task_id, final = await client.start(prepared, on_event=on_event, max_points=cap, terms=terms)
        return client.engine.result(final, Task(task_id, "processing"), 0.0)
    return await client.finish(
        prepared,
        download=given["download"],
        on_event=on_event,
        deadline_s=given["deadline"],
        max_points=cap,
        terms=terms,
    )
