"""``tasks wait --emit`` and ``tasks collect --emit``: tell about tasks that were created earlier.

What the journal knows of them stands in for what was not heard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from ima_skills.domain.event import Finished, Progressed
from ima_skills.domain.task import Media, Result, SavedFile
from ima_skills.messages.job import Job

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills.cli.bookkeeping import Origin
    from ima_skills.cli.crier import Crier
    from ima_skills.client import ImaClient
    from ima_skills.domain.event import Event
    from ima_skills.errors import ImaError
    from ima_skills.journal.entry import Entry


class LateTeller:
    """Tells about one task from the middle on.

    Args:
        crier: Prints.
        client: Where the task is.
        entry: What the journal knows of it; None when it knows nothing.
        origin: What is known of it besides.
    """

    def __init__(self, crier: Crier, client: ImaClient, entry: Entry | None, origin: Origin) -> None:
        self._crier = crier
        self._age_s = origin.age_s or 0.0
        self._is_watched = False
        crier.open(client, _job(client, entry, origin))

    def hear(self, event: Event) -> None:
        """Tell an event; the task is as old as it is, however late the wait began."""
        self.watch(event)
        if isinstance(event, Progressed):
            event = evolve(event, elapsed_s=event.elapsed_s + self._age_s)
        self._crier.hear(event)

    def watch(self, event: Event) -> None:
        """Take note of an event without telling it: of many tasks at once only the ends are told."""
        self._is_watched = self._is_watched or isinstance(event, Progressed)

    def finish(self, document: Mapping[str, Any]) -> None:
        """Tell the result of a task.

        Args:
            document: Of the task, filled with what the journal knows.
        """
        # Of a task that had ended before anybody looked, nobody knows how long it took.
        took_s = document["elapsed_s"] + self._age_s if self._is_watched else 0.0
        self._crier.hear(Finished(_result(document, took_s)))

    def fail(self, error: ImaError) -> None:
        """Tell why there is no result, or none yet."""
        self._crier.end(error)

    def conclude(self, document: Mapping[str, Any]) -> None:
        """Tell the result of the only task, and print its document as the last line; see :meth:`finish`."""
        self.finish(document)
        self._crier.result(document)


def _job(client: ImaClient, entry: Entry | None, origin: Origin) -> Job:
    task_type = origin.task_type or (entry.task_type if entry else "")
    kind = client.registry.task_types.get(task_type)
    model = client.registry.by_model_id(entry.model_id, task_type) if entry else None
    known = model.task_types[task_type].estimate if model else None
    estimate = known or (kind.estimate if kind else None)
    if entry is None:
        return Job(task_type, estimate=estimate, is_created=True)
    names = (entry.model_name, entry.model_id, entry.version_id)
    return Job(task_type, *names, entry.points, estimate, is_created=True)


def _result(document: Mapping[str, Any], took_s: float) -> Result:
    medias = [
        Media(
            url=media["url"],
            cover_url=media["cover_url"],
            format=media["format"],
            duration_s=media["duration_s"],
        )
        for media in document["medias"]
    ]
    files = [
        SavedFile(media["path"], media["bytes"], media["sha256"]) if media["path"] else None
        for media in document["medias"]
    ]
    return Result(
        task_id=document["task_id"],
        task_type=document["task_type"] or "",
        status=document["status"],
        medias=tuple(medias),
        model_id=document["model_id"] or "",
        model_name=document["model_name"] or "",
        version_id=document["version_id"] or "",
        credit=document["credit"] or 0,
        params={},
        changes=(),
        elapsed_s=took_s,
        sandbox=document["sandbox"],
        files=tuple(files),
    )
