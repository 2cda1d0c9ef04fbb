"""``ima-skills tasks``: look at a task that was created earlier, or wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.completing import complete_task_type
from ima_skills.cli.groups import Command, Group
from ima_skills.cli.options import output_options, plugin_options, service_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.cli.output import Output
    from ima_skills.cli.running import Journal
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.client import ImaClient
    from ima_skills.domain.task import Media, Task
    from ima_skills.domain.task_type import TaskType

# Seconds between two lines about a task whose type is not known before it is asked for.
_PAUSE_S = 15.0


@click.group("tasks", cls=Group, help="Look at a task or wait for it.")
def command() -> None:
    """Group the commands about tasks."""


@command.command("show", cls=Command, help="Look at the task ID once.")
@click.argument("task_id", metavar="ID")
@service_options
@plugin_options
@output_options
def show_task(output: Output, connection: Connection, plugin_choice: PluginChoice, *, task_id: str) -> None:
    """Look at a task; see the help text."""
    _answer(output, connection, plugin_choice, task_id, _look)


@command.command("wait", cls=Command, help="Wait until the task ID ends.")
@click.argument("task_id", metavar="ID")
@click.option(
    "-t",
    "--task-type",
    metavar="TYPE",
    shell_complete=complete_task_type,
    help="What the task makes; else the service is asked.",
)
@click.option(
    "--download", metavar="DIR", type=click.Path(file_okay=False), help="Save the files in this folder."
)
@click.option(
    "--deadline",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop waiting after this time; the task goes on.",
)
@service_options
@plugin_options
@output_options
def wait_task(  # noqa: PLR0913 - one parameter per option
    output: Output,
    connection: Connection,
    plugin_choice: PluginChoice,
    *,
    task_id: str,
    task_type: str | None,
    download: str | None,
    deadline: float | None,
) -> None:
    """Wait for a task; see the help text."""

    async def wait(client: ImaClient, output: Output, task_id: str) -> dict[str, Any]:
        return await _wait(client, output, task_id, task_type, download, deadline)

    _answer(output, connection, plugin_choice, task_id, wait)


def _answer(
    output: Output, connection: Connection, choice: PluginChoice, task_id: str, work: Callable[..., Any]
) -> None:
    from ima_skills.cli.running import Journal, run
    from ima_skills.cli.session import open_client
    from ima_skills.cli.wording import result_lines

    client = open_client(connection, choice, output)
    journal: Journal = Journal(task_id, connection.flags())

    async def closed() -> dict[str, Any]:
        async with client:
            found: dict[str, Any] = await work(client, output, task_id)
            return found

    document = run(closed, journal)
    output.document(document, result_lines(document, output, connection.flags()))


async def _look(client: ImaClient, _output: Output, task_id: str) -> dict[str, Any]:
    from ima_skills.cli.documents import task_document

    task = await client.task(task_id)
    medias = _shaped(client, task, None)
    return task_document(task, medias, (), 0.0, sandbox=client.engine.service.sandbox_speed is not None)


async def _wait(  # noqa: PLR0913, PLR0917 - one parameter per option
    client: ImaClient,
    output: Output,
    task_id: str,
    task_type: str | None,
    download: str | None,
    deadline: float | None,
) -> dict[str, Any]:
    from ima_skills.cli.documents import task_document
    from ima_skills.cli.progress import open_board
    from ima_skills.client import job_failed

    clock = client.engine.clock
    started = clock.monotonic()
    pause_s = client.engine.task_type(task_type).progress_s if task_type else _PAUSE_S
    with open_board(output, clock.monotonic, client.engine.service.sandbox_speed) as board:
        tell = board.job("", pause_s)
        task = await client.wait(task_id, task_type, deadline_s=deadline, on_event=tell)
    medias = _shaped(client, task, task_type)
    kind = _media_kind(client, task, task_type) if download else ""
    files = await client.save(medias, kind, download, task_id) if download else ()
    if task.status == "failed":
        failure = job_failed(task)
        failure.details["files"] = [file.path for file in files if file]
        raise failure
    elapsed = clock.monotonic() - started
    sandbox = client.engine.service.sandbox_speed is not None
    return task_document(task, medias, files, elapsed, sandbox=sandbox)


def _task_type(client: ImaClient, task: Task, named: str | None) -> TaskType | None:
    return client.registry.task_types.get(named or task.task_type or "")


def _shaped(client: ImaClient, task: Task, named: str | None) -> tuple[Media, ...]:
    """Return the medias as their modality shapes them, when the task type is known."""
    kind = _task_type(client, task, named)
    modality = client.plugins.modalities.get(kind.modality) if kind else None
    return tuple(map(modality.media, task.medias)) if modality else task.medias


def _media_kind(client: ImaClient, task: Task, named: str | None) -> str:
    """Return what the task makes: by its type, else by the formats of its medias.

    Raises:
        UsageError: Neither tells.
    """
    from ima_skills.errors import UsageError
    from ima_skills.media_kinds import BY_FORMAT

    kind = _task_type(client, task, named)
    if kind is not None:
        return kind.media_kind
    formats = {media.format for media in task.medias if media.format in BY_FORMAT}
    kinds = {BY_FORMAT[name].kind for name in formats if name}
    if len(kinds) == 1:
        return {"picture": "image"}.get(kind_name := kinds.pop(), kind_name)
    raise UsageError(
        "nothing says what kind of media this task made",
        code="unknown-media-kind",
        hint="Add --task-type.",
        task_id=task.id,
    )
