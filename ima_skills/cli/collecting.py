"""Finish the tasks that an earlier process left: wait for each, download it, tell what became of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.cli.bookkeeping import origin_of
from ima_skills.cli.output import Output
from ima_skills.cli.progress import Board, open_board
from ima_skills.client import ImaClient
from ima_skills.errors import ImaError
from ima_skills.journal.router import Books

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
        folder: Where all files go; None takes the folder that each job was given.
        deadline_s: Seconds to wait for each; None takes those of its type.
    """

    client: ImaClient
    books: Books
    output: Output
    folder: str | None
    deadline_s: float | None

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
            clock, speed = self.client.engine.clock, self.client.engine.service.sandbox_speed
            with open_board(self.output, clock.monotonic, speed) as board:
                items = await asyncio.gather(*(self._one(entry, gate, board) for entry in here))
        return {
            "tasks": items,
            "left": sum(item["status"] == "left" for item in items),
            "elsewhere": len(outstanding) - len(here),
            "unknown": [entry.id for entry in known if entry.state == "unknown"],
        }

    async def _one(self, entry: Entry, gate: asyncio.Semaphore, board: Board) -> dict[str, Any]:
        async with gate:
            try:
                task, files = await self._home(entry, board)
            except ImaError as error:
                return _item(entry, "left", (), {"code": error.name, "message": error.message})
        failure = {"code": "job-failed", "message": _why(task)} if task.status == "failed" else None
        return _item(entry, task.status, files, failure)

    async def _home(self, entry: Entry, board: Board) -> tuple[Task, tuple[SavedFile | None, ...]]:
        from attrs import evolve

        from ima_skills.booking import noted
        from ima_skills.task_reading import is_done

        kind = self.client.registry.task_types.get(entry.task_type)
        tell = board.job(entry.id, kind.progress_s if kind else 15.0)
        task_id, origin = str(entry.task_id), origin_of(entry, self.client)
        task = await self.client.wait(
            task_id, origin.task_type, deadline_s=self.deadline_s, on_event=tell,
            age_s=origin.age_s, version=origin.version,
        )  # fmt: skip
        folder = self.folder or entry.folder
        if not folder or kind is None:
            return task, ()
        usable = tuple(media if is_done(media) else evolve(media, url=None) for media in task.medias)
        files = await self.client.save(usable, kind.media_kind, folder, task_id)
        noted(task_id, tell, self.books.saved, task_id, files)
        return task, files


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
        yield from (f"  {path}" for path in item["files"])
        if item["error"]:
            yield f"  {item['error']['message']}"
    if document["elsewhere"]:
        yield output.say("collect.elsewhere", count=document["elsewhere"])
    if document["unknown"]:
        yield output.say("tasks.unknown", count=len(document["unknown"]))


def _item(
    entry: Entry, status: str, files: tuple[SavedFile | None, ...], error: dict[str, str] | None
) -> dict[str, Any]:
    return {
        "task_id": entry.task_id,
        "status": status,
        "task_type": entry.task_type,
        "model_name": entry.model_name,
        "points": entry.points,
        "files": [file.path for file in files if file],
        "error": error,
        "sandbox": entry.sandbox,
    }


def _why(task: Task) -> str:
    from ima_skills.refusals import clean

    return clean(task.error or "no reason was given")
