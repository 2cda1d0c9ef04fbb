"""``tasks wait --brief``: silence until the end, then one short line per task.

Agent hosts wake up with the first 180 characters of what a command left behind; a line says in that
room which task it is, what became of it, and what to run next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.cli.layout import shortened, width
from ima_skills.cli.output import Output
from ima_skills.cli.session import Connection, PluginChoice
from ima_skills.errors import ImaError
from ima_skills.file_rules import FileRules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ima_skills.client import ImaClient
    from ima_skills.journal.entry import Entry
    from ima_skills.journal.router import Books

# What agent hosts show of a command that has ended (their documents).
LINE_CELLS = 180
_LEAST_CELLS = 24
_STILL_RUNNING = 5


class Silent(Output):
    """An output that says nothing on the way."""

    def aside(self, text: str) -> None:
        """Say nothing."""


@frozen
class Ending:
    """What became of one task.

    Attributes:
        task_id: The task.
        document: What was found out when it succeeded; None after an error.
        error: Why it did not.
    """

    task_id: str
    document: Mapping[str, Any] | None = None
    error: ImaError | None = None

    @property
    def has_files(self) -> bool:
        """Whether its files are saved: of those that are not, a line this short tells no address."""
        medias = self.document["medias"] if self.document else ()
        return bool(medias) and all(media["path"] for media in medias)

    @property
    def exit_code(self) -> int:
        """What the command would have ended with for this task alone."""
        return self.error.exit_code if self.error else 0


@frozen
class Briefing:
    """The wish of one ``tasks wait --brief``.

    Attributes:
        connection: Where the service is.
        choice: Which plugins take part.
        task_type: What the tasks make; None asks the journal and the service.
        download: Folder for the files; None takes the one that each job was given.
        deadline_s: Seconds to wait for each; None takes those of its type.
        files: What becomes of files that are there.
    """

    connection: Connection
    choice: PluginChoice
    task_type: str | None
    download: str | None
    deadline_s: float | None
    files: FileRules

    def endings(self, task_ids: Sequence[str], language: str) -> tuple[tuple[Ending, ...], Books | None]:
        """Wait for every task at the same time, and return what became of each, in order, and the journal.

        Raises:
            InterruptedByUserError: Somebody pressed Ctrl-C.
        """
        from ima_skills.cli.bookkeeping import known_job
        from ima_skills.cli.running import Journal, run
        from ima_skills.cli.session import open_client

        output = Silent(language)
        unique = tuple(dict.fromkeys(task_ids))
        journal = Journal(" ".join(unique), f" --brief{self.connection.flags()}", self.download)
        try:
            jobs = [known_job(task_id, output, plays=self.connection.sandbox) for task_id in unique]
            books = jobs[0][0]
            client = open_client(self.connection, self.choice, output, journal=books, files=self.files)
        except ImaError as error:
            return tuple(Ending(task_id, error=error) for task_id in unique), None
        known = {task_id: entry for task_id, (_, entry) in zip(unique, jobs, strict=True)}
        return run(lambda: self._all(client, known), journal), books

    async def _all(self, client: ImaClient, known: Mapping[str, Entry | None]) -> tuple[Ending, ...]:
        import asyncio

        async with client:
            return tuple(await asyncio.gather(*(self._one(client, *job) for job in known.items())))

    async def _one(self, client: ImaClient, task_id: str, entry: Entry | None) -> Ending:
        from ima_skills.cli.bookkeeping import origin_of
        from ima_skills.cli.tasks import bring, place_of

        origin = origin_of(entry, client, self.task_type)
        try:
            folder = place_of(entry, self.download)
            document = await bring(client, task_id, origin, folder, self.deadline_s, lambda _event: None)
        except ImaError as error:
            return Ending(task_id, error=error)
        return Ending(task_id, document)


def line(ending: Ending, output: Output, flags: str = "") -> str:
    """Return the one line about a task: id, verdict, next command; at most 180 cells.

    Args:
        ending: What became of it.
        output: Language.
        flags: Options that lead a later command to the same service; left out where they do not fit.
    """
    command = f"ima-skills tasks {_next(ending)}"
    detail = " ".join(_detail(ending, output).split())
    for tail in (flags, ""):
        for head in (f"{ending.task_id}: ", ""):
            verdict, following = _verdict(ending, output), output.say("brief.next", command=command + tail)
            room = LINE_CELLS - width(f"{head}{verdict} () {following}")
            if room >= min(width(detail), _LEAST_CELLS):
                return f"{head}{verdict} ({_cut(detail, room, is_path=ending.error is None)}) {following}"
    return shortened(f"{verdict} {following}", LINE_CELLS)


def _cut(text: str, cells: int, *, is_path: bool) -> str:
    """Return a text cut to a width; of a path the end matters."""
    if width(text) <= cells or not is_path:
        return shortened(text, cells)
    return f"…{shortened(text[::-1], cells)[-2::-1]}"


def _verdict(ending: Ending, output: Output) -> str:
    if ending.error is None:
        return output.say("status.success")
    if ending.error.exit_code == _STILL_RUNNING:
        return output.say("brief.running")
    return output.say("status.failed" if ending.error.name == "job-failed" else "brief.trouble")


def _detail(ending: Ending, output: Output) -> str:
    """Return the fact that matters most: where the file is, or why there is none."""
    from ima_skills.cli.documents import error_document
    from ima_skills.cli.error_speech import speak

    error = ending.error
    if error is None:
        medias = ending.document["medias"] if ending.document else ()
        paths = [media["path"] for media in medias if media["path"]]
        more = f" +{len(paths) - 1}" if len(paths) > 1 else ""
        return f"{paths[0]}{more}" if paths else output.say("brief.outputs", count=len(medias))
    return speak(error_document(error), output.language).message


def _next(ending: Ending) -> str:
    if ending.error is None:
        medias = ending.document["medias"] if ending.document else ()
        saved = any(media["path"] for media in medias)
        return f"show {ending.task_id}" if saved else f"wait {ending.task_id} --download ."
    if ending.error.exit_code == _STILL_RUNNING:
        return f"wait {ending.task_id} --brief"
    return f"show {ending.task_id}"


def tell(
    endings: Sequence[Ending], books: Books | None, output: Output, flags: str, leave: Callable[[int], Any]
) -> None:
    """Print the lines and leave with the worst exit code.

    Args:
        endings: What became of each task.
        books: The journal, which hears what has reached the user once it is printed.
        output: Prints.
        flags: Options that lead a later command to the same service.
        leave: Ends the command with an exit code.
    """
    from ima_skills.cli.bookkeeping import hand_over

    output.text("\n".join(line(ending, output, flags) for ending in endings))
    for ending in endings:
        if ending.has_files:
            hand_over(books, ending.task_id, output)
    leave(max(ending.exit_code for ending in endings))
