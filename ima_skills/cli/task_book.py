"""``ima-skills tasks list``, ``forget`` and ``collect``: the jobs that the journal knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ima_skills.cli.groups import Command
from ima_skills.cli.options import Positive, file_options, output_options, plugin_options, service_options
from ima_skills.cli.paging import Page, page_options
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from ima_skills.cli.output import Output
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.file_rules import FileRules

_SANDBOX = click.option(
    "--sandbox", is_flag=True, envvar="IMA_SANDBOX", help="The sandbox's jobs instead of the real ones."
)


@click.command("list", cls=Command, help="List the jobs that are under way or of unknown outcome.")
@click.option("--all", "everything", is_flag=True, help="Every job of the journal.")
@page_options
@_SANDBOX
@output_options
def list_tasks(output: Output, *, everything: bool, sandbox: bool, page: Page) -> None:
    """List jobs; see the help text."""
    from ima_skills.cli.bookkeeping import book_of, entries_document, entry_lines
    from ima_skills.cli.session import Connection
    from ima_skills.settings import BASE_URL, read_settings

    books = book_of(Connection(sandbox=sandbox), output)
    # A sandbox that is served somewhere is the service of this command, where the environment names it.
    named = {read_settings().base_url} - {BASE_URL}
    known = tuple(entry for entry in books.entries() if entry.sandbox == sandbox or entry.base in named)
    open_states = ("intent", "sending", "unknown")
    shown = tuple(e for e in known if everything or e.is_outstanding or e.state in open_states)
    document = entries_document(known, shown, page, output)
    output.document(document, entry_lines(document, known, output))


@click.command("forget", cls=Command, help="Stop caring for the job ID; its receipt stays.")
@click.argument("name", metavar="ID")
@_SANDBOX
@output_options
def forget_task(output: Output, *, name: str, sandbox: bool) -> None:
    """Forget a job; see the help text."""
    from ima_skills.cli.bookkeeping import book_of, entries_document, entry_lines
    from ima_skills.cli.session import Connection
    from ima_skills.errors import UsageError

    books = book_of(Connection(sandbox=sandbox), output)
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
@file_options()
@service_options
@plugin_options
@output_options
@click.pass_context
def collect_tasks(  # noqa: PLR0913 - one parameter per option
    context: click.Context,
    output: Output,
    connection: Connection,
    plugin_choice: PluginChoice,
    *,
    download: str | None,
    deadline: float | None,
    files: FileRules,
) -> None:
    """Finish what is outstanding; see the help text."""
    import shlex

    from ima_skills.cli.bookkeeping import book_of, hand_over
    from ima_skills.cli.collecting import Collector, collected_lines, exit_code
    from ima_skills.cli.crowd import Crowd
    from ima_skills.cli.running import run
    from ima_skills.cli.session import open_client
    from ima_skills.downloading import ready_folder

    books = book_of(connection, output)
    client = open_client(connection, plugin_choice, output, journal=books, files=files)
    collector = Collector(client, books, output, download, deadline)
    flags = connection.flags()
    crowd = Crowd(
        flags=flags,
        far=lambda: (len(left := collector.running()), sum(entry.points for entry in left)),
        told="{tasks} go on",
        none="no task is under way any more",
        further=f"Continue with: ima-skills tasks collect{flags}{f' --download {shlex.quote(download)}' if download else ''}",
    )
    if download is not None:
        ready_folder(download)
    document = run(collector.all, crowd)
    output.document(document, collected_lines(document, output))
    for item in document["tasks"]:
        if item["status"] in ("success", "failed"):
            hand_over(books, item["task_id"], output)
    context.exit(exit_code(document))
