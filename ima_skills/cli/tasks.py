"""``ima-skills tasks``: look at a task that was created earlier, or wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from ima_skills.cli.completing import complete_task_type
from ima_skills.cli.emit_options import emit_options
from ima_skills.cli.groups import Command, Group
from ima_skills.cli.options import Positive, file_options, output_options, plugin_options, service_options
from ima_skills.cli.places import Place
from ima_skills.cli.task_book import collect_tasks, forget_task, list_tasks, new_journal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ima_skills.cli.bookkeeping import Origin
    from ima_skills.cli.late_telling import LateTeller
    from ima_skills.cli.output import Output
    from ima_skills.cli.progress import Board
    from ima_skills.cli.running import Journal
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.client import ImaClient
    from ima_skills.domain.event import Event
    from ima_skills.domain.task import Media, SavedFile, Task
    from ima_skills.domain.task_type import TaskType
    from ima_skills.errors import JobFailedError
    from ima_skills.file_rules import FileRules
    from ima_skills.journal.entry import Entry
    from ima_skills.journal.router import Books

# Seconds between two lines about a task whose type is not known before it is asked for.
_PAUSE_S = 15.0


@click.group("tasks", cls=Group, help="Look at a task or wait for it.")
def command() -> None:
    """Group the commands about tasks."""


for _other in (list_tasks, collect_tasks, forget_task, new_journal):
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
@click.option(
    "--download",
    metavar="DIR",
    type=Place(file_okay=False),
    help="Save the files here; else in the folder that the job was given.",
)
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
    from ima_skills.cli.progress import board_of

    wish = {**emission, "task_type": task_type, "brief": brief}
    if brief and not output.as_json and not emission["emit"]:
        from ima_skills.cli.brief import Briefing, tell

        briefing = Briefing(connection, plugin_choice, task_type, download, deadline, files)
        endings, books = briefing.endings(task_ids, output.language)
        tell(endings, books, output, connection.flags(), context.exit)
    tellers: list[LateTeller] = []

    async def wait(client: ImaClient, output: Output, task_id: str, entry: Entry | None) -> dict[str, Any]:
        origin = origin_of(entry, client, task_type)
        if crier.speaks:
            from ima_skills.cli.late_telling import LateTeller

            tellers.append(LateTeller(crier, client, entry, origin))
        with board_of(client, output) as board:
            return await _wait(client, board, task_id, origin, place_of(entry, download), deadline, tellers)

    with emitting(wish, plugin_choice, output, late=True) as crier:
        task_id = _only(task_ids)
        books = _answer(output, connection, plugin_choice, task_id, wait, files, tellers, download)
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
    download: str | None = None,
) -> Books | None:
    """Print what the work found out about a task, with what the journal knows; return the journal."""
    from ima_skills.cli.bookkeeping import filled, known_entry, known_job, looks_line
    from ima_skills.cli.running import Journal, folder_flag, run
    from ima_skills.cli.session import open_client
    from ima_skills.cli.wording import result_lines

    books, entry = known_job(task_id, output, plays=connection.sandbox)
    client = open_client(connection, choice, output, journal=books, files=files)
    journal: Journal = Journal(task_id, connection.flags(), place_of(entry, download))

    async def closed() -> dict[str, Any]:
        async with client:
            found: dict[str, Any] = await work(client, output, task_id, entry)
            return found

    document = run(closed, journal)
    # Read again, for the looks that were just made.
    entry = known_entry(books, task_id, entry)
    document = filled(document, entry)
    lines = (*result_lines(document, output, connection.flags()), *looks_line(document["looks"], output))
    if entry is not None and entry.state == "failed" and entry.is_outstanding:
        way = f"{connection.flags()}{folder_flag(entry.folder) or ' --download DIR'}"
        lines = (*lines, output.say("journal.rest", task_id=task_id, flags=way))
    for teller in tellers:
        teller.conclude(document)
    if not tellers:
        output.document(document, lines)
    return books


async def _look(client: ImaClient, _output: Output, task_id: str, _entry: Entry | None) -> dict[str, Any]:
    from ima_skills.cli.documents import task_document

    task = await client.task(task_id)
    medias = shaped(client, task, None)
    return task_document(task, medias, (), 0.0, sandbox=client.engine.service.sandbox_speed is not None)


async def _wait(  # noqa: PLR0913, PLR0917 - one parameter per option
    client: ImaClient,
    board: Board,
    task_id: str,
    origin: Origin,
    download: str | None,
    deadline: float | None,
    tellers: Sequence[LateTeller] = (),
) -> dict[str, Any]:
    kind = origin.task_type
    tell = board.job("", client.engine.task_type(kind).progress_s if kind else _PAUSE_S)

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

    clock = client.engine.clock
    started, task_type = clock.monotonic(), origin.task_type
    if download:  # should this wait be ended, the next one puts them there too
        noted(task_id, tell, client.engine.journal.placed, task_id, download)
    task = await client.wait(
        task_id, task_type, deadline_s=deadline, on_event=tell, age_s=origin.age_s, version=origin.version,
        whole=True,
    )  # fmt: skip
    medias = shaped(client, task, task_type)
    files: tuple[SavedFile | None, ...] = ()
    if download:
        kind = _media_kind(client, task, task_type)
        files = await _saved(client, evolve(task, medias=medias), kind, download, tell)
    if task.status == "failed":
        raise _failure(client, task, [file.path for file in files if file])
    elapsed = clock.monotonic() - started
    sandbox = client.engine.service.sandbox_speed is not None
    return task_document(task, medias, files, elapsed, sandbox=sandbox)


async def _saved(
    client: ImaClient, task: Task, kind: str, folder: str, tell: Callable[[Event], None]
) -> tuple[SavedFile | None, ...]:
    """Save what is usable; of a task that failed the failure stays the news, whatever could be saved."""
    from ima_skills.errors import ImaError

    try:
        return await client.bring(task.id, task.medias, kind, folder, tell)
    except ImaError as error:
        if task.status == "failed":
            failure = _failure(client, task, error.details.get("files", ()))
            failure.details["download_error"] = error.message
            raise failure from error
        error.task_id = task.id
        error.advise(f"Fetch the rest with: ima-skills tasks wait {task.id}")
        raise


def _failure(client: ImaClient, task: Task, saved: Sequence[str]) -> JobFailedError:
    from ima_skills.job_failure import job_failed

    return job_failed(task, client.engine.service.table, saved=saved)


def place_of(entry: Entry | None, download: str | None) -> str | None:
    """Return where the files of a task go: the folder that is named now, else the one that it was given.

    Args:
        entry: What the journal knows of the task.
        download: What the command says.
    """
    from ima_skills.file_rules import user_path

    return str(user_path(download)) if download else (entry.folder if entry else "") or None


def _task_type(client: ImaClient, task: Task, named: str | None) -> TaskType | None:
    return client.registry.task_types.get(named or task.task_type or "")


def shaped(client: ImaClient, task: Task, named: str | None) -> tuple[Media, ...]:
    """Return the medias of a task as their modality shapes them, when the task type is known.

    Args:
        client: Knows task types and modalities.
        task: The task.
        named: Its type; None takes what the task says.
    """
    kind = _task_type(client, task, named)
    modality = client.plugins.modalities.get(kind.modality) if kind else None
    return tuple(client.plugins.shaped(modality, one) for one in task.medias) if modality else task.medias


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
