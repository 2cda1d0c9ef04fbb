"""``ima-skills tasks``: look at a task that was created earlier, or wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.completing import complete_task_type
from ima_skills.cli.emit_options import emit_options
from ima_skills.cli.groups import Command, Group
from ima_skills.cli.options import Positive, file_options, output_options, plugin_options, service_options
from ima_skills.cli.places import Place
from ima_skills.cli.task_book import collect_tasks, forget_task, list_tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ima_skills.cli.bookkeeping import Origin
    from ima_skills.cli.late_telling import LateTeller
    from ima_skills.cli.output import Output
    from ima_skills.cli.running import Journal
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.client import ImaClient
    from ima_skills.domain.event import Event
    from ima_skills.domain.task import Media, Task
    from ima_skills.domain.task_type import TaskType
    from ima_skills.file_rules import FileRules
    from ima_skills.journal.entry import Entry
    from ima_skills.journal.router import Books

# Seconds between two lines about a task whose type is not known before it is asked for.
_PAUSE_S = 15.0


@click.group("tasks", cls=Group, help="Look at a task or wait for it.")
def command() -> None:
    """Group the commands about tasks."""


for _other in (list_tasks, collect_tasks, forget_task):
    command.add_command(_other)


@command.command("show", cls=Command, help="Look at the task ID once.")
@click.argument("task_id", metavar="ID")
@service_options
@plugin_options
@output_options
def show_task(output: Output, connection: Connection, plugin_choice: PluginChoice, *, task_id: str) -> None:
    """Look at a task; see the help text."""
    from ima_skills.cli.bookkeeping import entries_document, entry_lines, known_job
    from ima_skills.cli.paging import Page

    _, entry = known_job(task_id, output, plays=connection.sandbox)
    if entry is not None and entry.task_id is None:
        # The service never gave it an id, so there is nothing to ask it.
        document = entries_document((entry,), (entry,), Page(0), output)
        output.document(document, entry_lines(document, (entry,), output))
        return
    _answer(output, connection, plugin_choice, task_id, _look)


@command.command("wait", cls=Command, help="Wait until the task ID ends; several with --brief.")
@click.argument("task_ids", metavar="ID...", nargs=-1, required=True)
@click.option(
    "-t",
    "--task-type",
    metavar="TYPE",
    shell_complete=complete_task_type,
    help="What the task makes; else the service is asked.",
)
@click.option("--download", metavar="DIR", type=Place(file_okay=False), help="Save the files in this folder.")
@click.option(
    "--deadline",
    type=Positive(),
    metavar="SECONDS",
    help="Stop waiting after this time; the task goes on.",
)
@click.option("--brief", is_flag=True, help="Print nothing until the end, then one short line per task.")
@emit_options
@file_options()
@service_options
@plugin_options
@output_options
@click.pass_context
def wait_task(  # noqa: PLR0913 - one parameter per option
    context: click.Context,
    /,
    output: Output,
    connection: Connection,
    plugin_choice: PluginChoice,
    *,
    task_ids: tuple[str, ...],
    task_type: str | None,
    download: str | None,
    deadline: float | None,
    brief: bool,
    files: FileRules,
    **emission: Any,
) -> None:
    """Wait for a task; see the help text."""
    from ima_skills.cli.bookkeeping import hand_over, origin_of
    from ima_skills.cli.crier import emitting

    wish = {**emission, "task_type": task_type, "brief": brief}
    if brief and not output.as_json and not emission["emit"]:
        from ima_skills.cli.brief import Briefing, tell

        briefing = Briefing(connection, plugin_choice, task_type, download, deadline, files)
        endings = briefing.endings(task_ids, output.language)
        tell(endings, output, connection.flags(), download, context.exit)
    tellers: list[LateTeller] = []

    async def wait(client: ImaClient, output: Output, task_id: str, entry: Entry | None) -> dict[str, Any]:
        origin = origin_of(entry, client, task_type)
        if crier.speaks:
            from ima_skills.cli.late_telling import LateTeller

            tellers.append(LateTeller(crier, client, entry, origin))
        return await _wait(client, output, task_id, origin, download, deadline, tellers)

    with emitting(wish, plugin_choice, output) as crier:
        task_id = _only(task_ids)
        books = _answer(output, connection, plugin_choice, task_id, wait, files, tellers)
    hand_over(books, task_id, output)


def _only(task_ids: tuple[str, ...]) -> str:
    """Return the one task that is asked for.

    Raises:
        UsageError: There are several, and one document has no room for them.
    """
    from ima_skills.errors import UsageError

    if len(task_ids) > 1:
        raise UsageError(
            "several tasks are waited for with --brief only, and without --json",
            code="conflicting-options",
            hint="Add --brief, or wait for one after the other; tasks collect finishes everything.",
            details={"several": True},
        )
    return task_ids[0]


def _answer(  # noqa: PLR0913, PLR0917 - the command's own parameters, and its work
    output: Output,
    connection: Connection,
    choice: PluginChoice,
    task_id: str,
    work: Callable[..., Any],
    files: FileRules | None = None,
    tellers: Sequence[LateTeller] = (),
) -> Books | None:
    """Print what the work found out about a task, with what the journal knows; return the journal."""
    from ima_skills.cli.bookkeeping import filled, known_entry, known_job, looks_line
    from ima_skills.cli.running import Journal, run
    from ima_skills.cli.session import open_client
    from ima_skills.cli.wording import result_lines

    books, entry = known_job(task_id, output, plays=connection.sandbox)
    client = open_client(connection, choice, output, journal=books, files=files)
    journal: Journal = Journal(task_id, connection.flags())

    async def closed() -> dict[str, Any]:
        async with client:
            found: dict[str, Any] = await work(client, output, task_id, entry)
            return found

    document = run(closed, journal)
    # Read again, for the looks that were just made.
    document = filled(document, known_entry(books, task_id, entry))
    lines = (*result_lines(document, output, connection.flags()), *looks_line(document["looks"], output))
    for teller in tellers:
        teller.conclude(document)
    if not tellers:
        output.document(document, lines)
    return books


async def _look(client: ImaClient, _output: Output, task_id: str, _entry: Entry | None) -> dict[str, Any]:
    from ima_skills.cli.documents import task_document

    task = await client.task(task_id)
    medias = _shaped(client, task, None)
    return task_document(task, medias, (), 0.0, sandbox=client.engine.service.sandbox_speed is not None)


async def _wait(  # noqa: PLR0913, PLR0917 - one parameter per option
    client: ImaClient,
    output: Output,
    task_id: str,
    origin: Origin,
    download: str | None,
    deadline: float | None,
    tellers: Sequence[LateTeller] = (),
) -> dict[str, Any]:
    from ima_skills.cli.progress import open_board

    kind = origin.task_type
    pause_s = client.engine.task_type(kind).progress_s if kind else _PAUSE_S
    with open_board(output, client.engine.clock.monotonic, client.engine.service.sandbox_speed) as board:
        tell = board.job("", pause_s)

        def listen(event: Event) -> None:
            tell(event)
            for teller in tellers:
                teller.hear(event)

        return await bring(client, task_id, origin, download, deadline, listen)


async def bring(  # noqa: PLR0913, PLR0917 - one parameter per option
    client: ImaClient,
    task_id: str,
    origin: Origin,
    download: str | None,
    deadline: float | None,
    tell: Callable[[Event], None],
) -> dict[str, Any]:
    """Wait for a task, save its files, and return its document.

    Args:
        client: Where it is.
        task_id: The task.
        origin: What is known of it.
        download: Folder for the files; None leaves them at the service.
        deadline: Seconds to wait; None takes those of its type.
        tell: Receives progress.

    Raises:
        JobFailedError: It failed; what is usable has been saved.
        ImaError: It has not ended, or cannot be had.
    """
    from ima_skills.booking import noted
    from ima_skills.cli.documents import task_document
    from ima_skills.job_failure import job_failed

    clock = client.engine.clock
    started, task_type = clock.monotonic(), origin.task_type
    task = await client.wait(
        task_id, task_type, deadline_s=deadline, on_event=tell, age_s=origin.age_s, version=origin.version
    )
    medias = _shaped(client, task, task_type)
    kind = _media_kind(client, task, task_type) if download else ""
    files = await client.save(medias, kind, download, task_id) if download else ()
    if files:
        noted(task_id, tell, client.engine.journal.saved, task_id, files)
    if task.status == "failed":
        failure = job_failed(task, client.engine.service.table)
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
