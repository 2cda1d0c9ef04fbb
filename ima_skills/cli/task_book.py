"""``ima-skills tasks list``, ``forget`` and ``collect``: the jobs that the journal knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.emit_options import emit_options
from ima_skills.cli.groups import Command
from ima_skills.cli.options import (
    Positive,
    book_options,
    file_options,
    output_options,
    plugin_options,
    service_options,
)
from ima_skills.cli.paging import Page, page_options
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from ima_skills.cli.collecting import Collector
    from ima_skills.cli.crowd import Crowd
    from ima_skills.cli.output import Output
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.file_rules import FileRules


@click.command("list", cls=Command, help="List the jobs that are under way or of unknown outcome.")
@click.option("--all", "everything", is_flag=True, help="Every job of the journal.")
@page_options
@book_options
@output_options
def list_tasks(output: Output, connection: Connection, *, everything: bool, page: Page) -> None:
    """List jobs; see the help text."""
    from ima_skills.cli.bookkeeping import book_of, entries_document, entry_lines
    from ima_skills.settings import BASE_URL, read_base_url

    books = book_of(connection, output, reads=True)
    # A sandbox that is served somewhere is the service of this command, where its address is named.
    named, plays = {read_base_url(connection.base_url)} - {BASE_URL}, connection.sandbox
    known = tuple(entry for entry in books.entries() if entry.sandbox == plays or entry.base in named)
    open_states = ("intent", "sending", "unknown")
    shown = tuple(e for e in known if everything or e.is_outstanding or e.state in open_states)
    document = entries_document(known, shown, page, output)
    output.document(document, entry_lines(document, known, output))


@click.command("forget", cls=Command, help="Stop caring for the job ID; its receipt stays.")
@click.argument("name", metavar="ID")
@book_options
@output_options
def forget_task(output: Output, connection: Connection, *, name: str) -> None:
    """Forget a job; see the help text."""
    from ima_skills.cli.bookkeeping import book_of, entries_document, entry_lines
    from ima_skills.errors import UsageError

    books = book_of(connection, output)
    entry = books.find(name)
    if entry is None:
        raise UsageError(
            f"the journal has no job {name!r}",
            code="not-in-journal",
            hint="Run: ima-skills tasks list --all",
            details={"name": name},
        )
    books.forget(entry)
    known = books.entries()
    document = entries_document(known, tuple(e for e in known if e.id == entry.id), Page(0), output)
    output.document(document, (*entry_lines(document, known, output), output.say("tasks.forgotten")))


@click.command(
    "new-journal", cls=Command, help="Keep a damaged journal aside, and let the next job begin a new one."
)
@book_options
@output_options
def new_journal(output: Output, connection: Connection) -> None:
    """Begin a new journal; see the help text."""
    from ima_skills.cli.bookkeeping import book_of

    kept = book_of(connection, output).begin_anew()
    lines = [output.say("journal.kept-aside", path=path) for path in kept] or [output.say("journal.sound")]
    output.document({"kept": [str(path) for path in kept]}, lines)


@click.command("collect", cls=Command, help="Finish everything outstanding: wait, download, mark.")
@click.option(
    "--download",
    metavar="DIR",
    type=Place(file_okay=False),
    help="Save the files here; else in the folder that each job was given.",
)
@click.option(
    "--deadline",
    type=Positive(),
    metavar="SECONDS",
    help="Stop waiting after this time; the tasks go on.",
)
@emit_options
@file_options()
@service_options
@plugin_options
@output_options
@click.pass_context
def collect_tasks(  # noqa: PLR0913 - one parameter per option
    context: click.Context,
    /,
    output: Output,
    connection: Connection,
    plugin_choice: PluginChoice,
    *,
    download: str | None,
    deadline: float | None,
    files: FileRules,
    **emission: Any,
) -> None:
    """Finish what is outstanding; see the help text."""
    from ima_skills.cli.bookkeeping import book_of, hand_over
    from ima_skills.cli.collecting import Collector, collected_lines, exit_code, is_home
    from ima_skills.cli.crier import emitting
    from ima_skills.cli.running import run
    from ima_skills.cli.session import open_client
    from ima_skills.downloading import ready_folder

    with emitting(emission, plugin_choice, output, late=True) as crier:
        books = book_of(connection, output, reads=True)
        client = open_client(connection, plugin_choice, output, journal=books, files=files)
        crier.open(client)
        collector = Collector(client, books, output, download, deadline, crier)
        if download is not None:
            ready_folder(download)
        document = run(collector.all, _crowd(collector, connection.flags(), download))
        if crier.speaks:
            crier.result(document)
        else:
            output.document(document, collected_lines(document, output))
    for item in document["tasks"]:
        if is_home(item):
            hand_over(books, item["task_id"], output)
    context.exit(exit_code(document))


def _crowd(collector: Collector, flags: str, download: str | None) -> Crowd:
    """Return what is said when somebody ends the wait."""
    from ima_skills.cli.crowd import Crowd
    from ima_skills.cli.running import folder_flag

    return Crowd(
        flags=flags,
        far=lambda: (len(left := collector.running()), sum(entry.points for entry in left)),
        told="{tasks} go on",
        none="no task is under way any more",
        further=f"Continue with: ima-skills tasks collect{flags}{folder_flag(download)}",
    )
