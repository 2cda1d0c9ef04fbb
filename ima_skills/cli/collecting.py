"""Finish the tasks that an earlier process left: wait for each, download it, tell what became of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ima_skills.cli.bookkeeping import origin_of
from ima_skills.cli.crier import Crier
from ima_skills.cli.output import Output
from ima_skills.cli.progress import Board, board_of
from ima_skills.client import ImaClient
from ima_skills.errors import ImaError
from ima_skills.journal.router import Books
from ima_skills.task_reading import coming, is_done

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ima_skills.cli.late_telling import LateTeller
    from ima_skills.domain.event import Event
    from ima_skills.domain.task import SavedFile, Task
    from ima_skills.journal.entry import Entry

# Our choice: more at once would only queue up at the service.
_AT_ONCE = 8
_FAILED, _LEFT = 1, 5


@frozen
class Collector:
    """Brings outstanding tasks home.

    Attributes:
        client: Where they are.
        books: What is outstanding.
        output: Language and progress.
        folder: Where all files go; None takes the folder that each job was given, and tells addresses where there
            is none.
        deadline_s: Seconds to wait for each; None takes those of its type.
        crier: Tells people in a chat how each task ended, the moment it is known; None tells nobody.
    """

    client: ImaClient
    books: Books
    output: Output
    folder: str | None
    deadline_s: float | None
    crier: Crier | None = field(default=None)

    def running(self) -> list[Entry]:
        """Return the tasks of this service that have not ended as far as anybody here knows."""
        return [entry for entry in self.waiting() if entry.state == "accepted"]

    def waiting(self) -> list[Entry]:
        """Return the outstanding tasks of this service, the oldest first."""
        base = self.client.engine.service.settings.base_url
        return [
            entry for entry in reversed(self.books.entries()) if entry.is_outstanding and entry.base == base
        ]

    async def all(self) -> dict[str, Any]:
        """Return what became of every outstanding task of this service, and what lies elsewhere."""
        known = self.books.entries()
        outstanding = [entry for entry in known if entry.is_outstanding]
        here = self.waiting()
        gate = asyncio.Semaphore(_AT_ONCE)
        async with self.client:
            with board_of(self.client, self.output) as board:
                items = await asyncio.gather(*(self._one(entry, gate, board) for entry in here))
        return {
            "tasks": items,
            "left": sum(item["status"] == "left" for item in items),
            "elsewhere": len(outstanding) - len(here),
            "unknown": [entry.id for entry in known if entry.state == "unknown"],
        }

    async def _one(self, entry: Entry, gate: asyncio.Semaphore, board: Board) -> dict[str, Any]:
        async with gate:
            clock, teller = self.client.engine.clock, self._teller(entry)
            started = clock.monotonic()
            try:
                task, files = await self._home(entry, board, teller)
            except ImaError as error:
                if teller is not None:
                    teller.fail(error)
                failure = {"code": error.name, "message": error.message}
                return _item(entry, "left", error.details.get("files", ()), failure)
            if teller is not None:
                self._told(teller, entry, task, files, clock.monotonic() - started)
        failed = {"code": "job-failed", "message": _why(task)} if task.status == "failed" else None
        paths = [file.path for file in files if file]
        return _item(entry, task.status, paths, failed) | {
            "urls": [] if paths else [media.url for media in task.medias if is_done(media)],
            "coming": coming(task.status, task.medias),
        }

    def _teller(self, entry: Entry) -> LateTeller | None:
        if self.crier is None or not self.crier.speaks:
            return None
        from ima_skills.cli.late_telling import LateTeller

        return LateTeller(self.crier.part(), self.client, entry, origin_of(entry, self.client))

    def _told(
        self,
        teller: LateTeller,
        entry: Entry,
        task: Task,
        files: tuple[SavedFile | None, ...],
        elapsed_s: float,
    ) -> None:
        """Tell people in a chat how a task ended."""
        from ima_skills.cli.bookkeeping import filled
        from ima_skills.cli.documents import task_document
        from ima_skills.cli.tasks import shaped
        from ima_skills.job_failure import job_failed

        service = self.client.engine.service
        if task.status == "failed":
            teller.fail(job_failed(task, service.table, saved=[file.path for file in files if file]))
            return
        medias, sandbox = shaped(self.client, task, entry.task_type), service.sandbox_speed is not None
        teller.finish(filled(task_document(task, medias, files, elapsed_s, sandbox=sandbox), entry))

    async def _home(
        self, entry: Entry, board: Board, teller: LateTeller | None
    ) -> tuple[Task, tuple[SavedFile | None, ...]]:
        kind = self.client.registry.task_types.get(entry.task_type)
        show = board.job(entry.id, kind.progress_s if kind else 15.0)

        def tell(event: Event) -> None:
            show(event)
            if teller is not None:
                teller.watch(event)

        task_id, origin = str(entry.task_id), origin_of(entry, self.client)
        task = await self.client.wait(
            task_id, origin.task_type, deadline_s=self.deadline_s, on_event=tell,
            age_s=origin.age_s, version=origin.version, whole=True,
        )  # fmt: skip
        folder = self.folder or entry.folder
        if not folder or kind is None:
            return task, ()
        return task, await self.client.bring(task_id, task.medias, kind.media_kind, folder, tell)


def is_home(item: Mapping[str, Any]) -> bool:
    """Tell whether whoever reads about a task has all that it made: the files, or their addresses."""
    return item["status"] != "left" and not item["coming"]


def exit_code(document: Mapping[str, Any]) -> int:
    """Return 0 when everything is home and well, 1 when a task failed, 5 when something is left."""
    if document["left"]:
        return _LEFT
    return _FAILED if any(item["status"] == "failed" for item in document["tasks"]) else 0


def collected_lines(document: Mapping[str, Any], output: Output) -> Iterator[str]:
    """Yield what became of every task."""
    if not document["tasks"]:
        yield output.say("collect.none")
    for item in document["tasks"]:
        status = output.say("collect.left" if item["status"] == "left" else f"status.{item['status']}")
        yield f"{item['task_id']}: {status} · {item['model_name']}"
        yield from (f"  {place}" for place in (*item["files"], *item["urls"]))
        if item["coming"]:
            yield f"  {output.say('journal.coming', count=item['coming'])}"
        if item["error"]:
            yield f"  {item['error']['message']}"
    if document["elsewhere"]:
        yield output.say("collect.elsewhere", count=document["elsewhere"])
    if document["unknown"]:
        yield output.say("tasks.unknown", count=len(document["unknown"]))


def _item(entry: Entry, status: str, files: Sequence[str], error: dict[str, str] | None) -> dict[str, Any]:
    return {
        "task_id": entry.task_id,
        "status": status,
        "task_type": entry.task_type,
        "model_name": entry.model_name,
        "points": entry.points,
        "files": list(files),
        "urls": [],
        "coming": 0,
        "error": error,
        "sandbox": entry.sandbox,
    }


def _why(task: Task) -> str:
    from ima_skills.refusals import clean

    return clean(task.error or "no reason was given")
