"""The journal as the command line uses it: where it is, what may be spent, and whether somebody must be asked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve, frozen

from ima_skills.errors import FaultError, PointsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ima_skills.cli.output import Output
    from ima_skills.cli.paging import Page
    from ima_skills.cli.session import Connection
    from ima_skills.client import ImaClient
    from ima_skills.journal.caps import Caps
    from ima_skills.journal.entry import Entry
    from ima_skills.journal.router import Books
    from ima_skills.preparing import Prepared
    from ima_skills.recording import Terms

Document = dict[str, Any]


def writes_nothing() -> bool:
    """Tell whether ``IMA_NO_WRITE`` forbids to keep books.

    Raises:
        UsageError: It says neither yes nor no.
    """
    from ima_skills.settings import switch

    return switch("IMA_NO_WRITE")


def caps() -> Caps:
    """Return the limits of the configuration and the environment.

    Raises:
        UsageError: They cannot be read.
    """
    from ima_skills.journal.caps import read_caps
    from ima_skills.settings import state_home

    return read_caps(state_home(), os.environ)


def journal_files() -> tuple[Path, Path]:
    """Return where the journals are: that of real points, and that of the sandbox in this process."""
    from ima_skills.cli.session import sandbox_state
    from ima_skills.settings import state_home

    return state_home() / "ima_journal.db", sandbox_state() / "journal.db"


def open_books(output: Output, *, plays: bool, reads: bool = False) -> Books | None:
    """Return the journal, or None when nothing may be written; no file is touched before it is needed.

    Args:
        output: Told when a damaged file is passed over.
        plays: Whether the sandbox in this process is meant.
        reads: Whether a journal that may only be read will do.

    Raises:
        UsageError: The limits cannot be read.
    """
    if writes_nothing() and not reads:
        return None
    from ima_skills.clock import SystemClock
    from ima_skills.journal.router import Books
    from ima_skills.journal.store import FileJournal

    def warn(path: object) -> None:
        output.note("journal.damaged", path=path)

    (real_file, play_file), only = journal_files(), writes_nothing()
    parts: dict[str, Any] = {"clock": SystemClock(), "caps": caps(), "warn": warn, "reads": only}
    real = FileJournal(real_file, **parts)
    play = FileJournal(play_file, **parts, sandbox=True)
    books = Books(real, play, plays=plays)
    context = click.get_current_context(silent=True)
    if context is not None:
        context.call_on_close(books.close)
    return books


async def must_consent(
    client: ImaClient, prepared: Prepared, terms: Terms, given: Mapping[str, Any], output: Output
) -> Terms:
    """Ask a person, or demand an agent's word, before many points are spent.

    Returns:
        The terms; where nobody was asked because the job is under way, bound to its task, so that another
        process that brings it home meanwhile does not make it a new one.

    Raises:
        PointsError: Nobody agreed; nothing was sent.
        FaultError: A daily limit is set, and without a journal nobody can keep it.
    """
    from ima_skills.booking import under_way

    if client.engine.service.sandbox_speed is not None:
        return terms
    limits, total = must_keep_count(), prepared.quote.total
    if total <= limits.ask_above or given["yes"] or given["max_points"] is not None:
        return terms
    if task_id := await under_way(client.engine, prepared, terms):
        return evolve(terms, task_id=task_id)
    if output.asks():
        if not output.confirm("ask.points", model=prepared.leaf.name, points=total):
            raise PointsError("somebody said no", code="declined", hint="Nothing was sent.")
    elif not limits.any:
        raise PointsError(
            f"{prepared.leaf.name} costs {total} points here; more than {limits.ask_above} need consent",
            code="needs-consent",
            hint="Nothing was sent. Add --yes, or a cap: --max-points or IMA_MAX_POINTS.",
            details={"model": prepared.leaf.name, "quoted": total, "ask_above": limits.ask_above},
        )
    return terms


def must_keep_count() -> Caps:
    """Return the limits, when somebody keeps count of what is spent.

    Raises:
        FaultError: A daily limit is set, and without a journal nobody can keep it.
    """
    limits = caps()
    if limits.any and writes_nothing():
        raise FaultError(
            "a daily limit is set, and with IMA_NO_WRITE=1 nobody can keep it",
            code="journal-unwritable",
            hint="Nothing was sent. Leave IMA_NO_WRITE out, or the limit.",
        )
    return limits


def hand_over(books: Books | None, task_id: str, output: Output) -> None:
    """Write down that a result was printed; when that fails, the same command finds the task again."""
    if books is not None:
        try:
            books.delivered(task_id)
        except FaultError as error:
            output.note("road.journal-trouble", task_id=task_id, message=error.message)


def may_have_left(books: Books | None) -> bool:
    """Tell whether a create of this command may have left whose task it does not know; without a journal it may."""
    try:
        return books is None or books.has_left()
    except FaultError:
        return True


def book_of(connection: Connection, output: Output, *, reads: bool = False) -> Books:
    """Return the journal for a command that is about nothing else.

    Args:
        connection: Whether the sandbox in this process is meant.
        output: Told when a damaged file is passed over.
        reads: Whether a journal that may only be read will do.

    Raises:
        FaultError: There is none.
    """
    books = open_books(output, plays=connection.sandbox, reads=reads)
    if books is None:
        raise FaultError(
            "IMA_NO_WRITE=1 keeps no journal", code="no-journal", hint="Leave IMA_NO_WRITE out to use it."
        )
    return books


def jobs_of(books: Books, connection: Connection) -> tuple[tuple[Entry, ...], bool]:
    """Return the jobs that a command about receipts means, and whether their points are play money.

    Those of a sandbox that is served somewhere, where that is the service of the command; else the real ones,
    or those of the sandbox in this process.

    Args:
        books: The journal.
        connection: The service that is meant.

    Raises:
        UsageError: The address is none.
    """
    from ima_skills.settings import read_base_url

    known, base = books.entries(), read_base_url(connection.base_url)
    served = tuple(entry for entry in known if entry.sandbox and entry.base == base)
    if served:
        return served, True
    return tuple(entry for entry in known if entry.sandbox == connection.sandbox), connection.sandbox


def known_job(name: str, output: Output, *, plays: bool) -> tuple[Books | None, Entry | None]:
    """Return the journal and what it knows of a job; a journal that cannot be read keeps nobody waiting."""
    books = open_books(output, plays=plays, reads=True)
    try:
        return books, books.find(name) if books else None
    except FaultError as error:
        output.aside(error.message)
        return None, None


def known_entry(books: Books | None, task_id: str, before: Entry | None) -> Entry | None:
    """Return what the journal knows by now; what it knew before where it cannot be read any more."""
    try:
        return (books.find(task_id) if books else None) or before
    except FaultError:
        return before  # a task has ended and is to be shown; whoever has to write tells about the fault


@frozen
class Origin:
    """What is known of a task before anybody looks at it; it places the looks.

    Attributes:
        task_type: What it makes; None when the service is better asked first.
        age_s: Seconds since it was created; None when nobody knows.
        version: Family id and version id of its model; None when nobody knows.
    """

    task_type: str | None = None
    age_s: float | None = None
    version: tuple[str, str] | None = None


def origin_of(entry: Entry | None, client: ImaClient, named: str | None = None) -> Origin:
    """Return what the journal knows of a task; the type that the user names wins."""
    if entry is None:
        return Origin(named)
    # A sandbox tells its speed with its first answer, and waiting at the service's pace would be long.
    is_met = not client.engine.service.is_unmet
    known = entry.task_type if is_met and entry.task_type in client.registry.task_types else None
    # Another type than the journal's means that one of them is wrong, and then so may be the rest.
    version = (entry.model_id, entry.version_id) if named in (None, entry.task_type) else None
    return Origin(named or known, entry.age_s(client.engine.clock.now()), version)


def filled(document: Document, entry: Entry | None) -> Document:
    """Return a task with what a look at it does not tell and the journal knows."""
    if entry is None:
        return document
    known = {
        "task_type": entry.task_type,
        "model_id": entry.model_id,
        "model_name": entry.model_name,
        "version_id": entry.version_id,
        "credit": entry.points,
        "looks": looks_document(entry),
    }
    medias = _placed(document["medias"], entry.files)
    return (
        document
        | {name: value for name, value in known.items() if document[name] is None}
        | {"medias": medias}
    )


def _placed(medias: list[Document], files: tuple[str, ...]) -> list[Document]:
    """Return medias with the paths that they were saved to, as far as the files are still there."""
    if len(files) != len(medias):
        return medias
    return [
        media | {"path": path} if media["path"] is None and Path(path).is_file() else media
        for media, path in zip(medias, files, strict=True)
    ]


def looks_document(entry: Entry) -> Document:
    """Return how often somebody looked at a task, and what the latest look saw."""
    return {
        "count": entry.looks,
        "last": _time(entry.looked_at),
        "outputs_done": entry.outputs_done,
        "outputs": entry.outputs_listed,
    }


def looks_line(looks: Document | None, output: Output) -> Iterator[str]:
    """Yield the line about looks, where there were any."""
    if looks and looks["count"]:
        yield output.say("tasks.looks", **{**looks, "last": looks["last"] or "-"})


def entry_document(entry: Entry) -> Document:
    """Return a job of the journal."""
    return {
        "id": entry.id,
        "task_id": entry.task_id,
        "state": entry.state,
        "task_type": entry.task_type,
        "model_id": entry.model_id,
        "model_name": entry.model_name,
        "version_id": entry.version_id,
        "n": entry.n,
        "points": entry.points,
        "user_id": entry.user_id or None,
        "base_url": entry.base,
        "opened": _time(entry.opened_at),
        "ended": _time(entry.ended_at),
        "creates": entry.attempts,
        "reason": entry.code,
        "folder": entry.folder or None,
        "files": list(entry.files),
        "delivered": entry.delivered,
        "looks": looks_document(entry),
        "prompt": entry.prompt,
        "sandbox": entry.sandbox,
    }


def entries_document(
    entries: tuple[Entry, ...], shown: tuple[Entry, ...], page: Page, output: Output
) -> Document:
    """Return a page of jobs of the journal, with how many need attention among all."""
    rows, place = page.cut([entry_document(entry) for entry in shown], output)
    return {
        "tasks": rows,
        **place,
        "outstanding": sum(entry.is_outstanding for entry in entries),
        "unknown": sum(entry.state == "unknown" for entry in entries),
    }


def entry_lines(document: Document, entries: tuple[Entry, ...], output: Output) -> Iterator[str]:
    """Yield jobs of the journal as a table, and what leads on.

    Args:
        document: A page of them.
        entries: All of them.
        output: Language.
    """
    from collections import Counter

    if not document["tasks"]:
        yield output.say("tasks.none" if entries else "tasks.nothing")
    else:
        yield from _entry_table(document, output)
    services = Counter(entry.base for entry in entries if entry.is_outstanding)
    for base, count in sorted(services.items()):
        yield output.say("tasks.outstanding", count=count, flags=flags_to(base))
    if document["unknown"]:
        yield output.say("tasks.unknown", count=document["unknown"])


def _entry_table(document: Document, output: Output) -> Iterator[str]:
    from ima_skills.cli.layout import table
    from ima_skills.cli.paging import more_line

    head = [output.say(f"tasks.{name}") for name in ("id", "state", "model", "points", "opened")]
    rows = [
        [
            item["id"],
            output.say(f"state.{item['state']}"),
            item["model_name"],
            str(item["points"]),
            item["opened"],
        ]
        for item in document["tasks"]
    ]
    yield from table(head, rows)
    yield from more_line(document, output)


def flags_to(base: str) -> str:
    """Return the options that lead a later command to a service, where it is not the usual one."""
    from ima_skills.sandbox.knowledge import IN_PROCESS_URL
    from ima_skills.settings import BASE_URL

    if base == BASE_URL:
        return ""
    return " --sandbox" if base == IN_PROCESS_URL else f" --base-url {base}"


def _time(seconds: float | None) -> str | None:
    from datetime import datetime

    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")
