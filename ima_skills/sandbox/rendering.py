"""Rendering off the event loop: a few worker threads, each media once, staged and then moved into place."""

from __future__ import annotations

import os
import queue
import tempfile
import threading
from concurrent.futures import Future, wait
from pathlib import Path
from typing import TYPE_CHECKING

from ima_skills.sandbox.tasks import Made, MediaRecord, TaskRecord, TaskStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.renderers import Render, Rendered
    from ima_skills.sandbox.site import Site

_WORKERS = 2
# How long an end waits for what has begun; ours are done by then, and nobody can interrupt a plugin's that hangs.
_GRACE_S = 3.0
_CLOSED = "the sandbox is closed and renders nothing any more"


class Crew:
    """A few threads that do jobs, and that never keep a process alive: a job may hang for ever."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[Future[None], Callable[[], None]] | None] = queue.SimpleQueue()
        self._lock, self._is_closed = threading.Lock(), False
        for number in range(_WORKERS):
            threading.Thread(target=self._run, name=f"ima-sandbox-render-{number}", daemon=True).start()

    def submit(self, work: Callable[[], None]) -> Future[None]:
        """Queue a job; the future ends with what it raises.

        Raises:
            RuntimeError: The crew is closed: nobody would do the job, and whoever asks the future would wait for ever.
        """
        job = Future[None]()
        with self._lock:
            if self._is_closed:
                raise RuntimeError(_CLOSED)
            self._queue.put((job, work))
        return job

    def close(self) -> None:
        """Let the threads end once they have done what is queued; what comes later is refused."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                for _ in range(_WORKERS):
                    self._queue.put(None)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            job, work = item
            if not job.set_running_or_notify_cancel():
                continue
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever asks the future
                job.set_exception(error)
            else:
                job.set_result(None)


class Workshop:
    """Renders medias in the background.

    Args:
        render: The renderer; called in worker threads.
        store: Where results are noted.
        site: Where files go and where inputs are.
        staging: Folder for unfinished files, on the same file system as the site's.
    """

    def __init__(self, render: Render, store: TaskStore, site: Site, staging: Path) -> None:
        self._render = render
        self._store = store
        self._site = site
        self._staging = staging
        self._lock, self._books = threading.Lock(), threading.Lock()
        self._jobs: dict[tuple[str, int], Future[None]] = {}
        self._crew: Crew | None = None
        self._is_closing = self._is_closed = False

    def start(self, task: TaskRecord, media: MediaRecord) -> Future[None]:
        """Queue a media unless it is being rendered already.

        The result is noted in the store. The future ends with the fault of a renderer that broke;
        a renderer that refuses (``RenderError``) fails the media instead.

        Raises:
            RuntimeError: The workshop is closed; a later process renders what is missing.
        """
        key = (media.task_id, media.position)
        with self._lock:
            if self._is_closing:
                raise RuntimeError(_CLOSED)
            if key not in self._jobs or _has_ended_well(self._jobs[key]):
                self._crew = self._crew or Crew()
                self._jobs[key] = self._crew.submit(lambda: self._work(task, media))
            return self._jobs[key]

    def forget(self, media: MediaRecord) -> None:
        """Drop the finished job of a media, so that it may be started again."""
        with self._lock:
            self._jobs.pop((media.task_id, media.position), None)

    def close(self) -> None:
        """Drop what has not begun, and wait a moment for what has; a later process starts the rest again."""
        with self._lock:
            self._is_closing = True
            under_way = [job for job in self._jobs.values() if not job.cancel()]
            if self._crew is not None:
                self._crew.close()
        wait(under_way, _GRACE_S)
        with self._books:
            self._is_closed = True

    def _work(self, task: TaskRecord, media: MediaRecord) -> None:
        from ima_skills.renderers import RenderError, RenderJob

        found = (self._site.local(address) for address in task.inputs)
        job = RenderJob(
            task_type=task.task_type,
            kind=task.kind,
            prompt=task.prompt,
            model_name=task.model_name,
            parameters=task.parameters,
            index=media.position,
            # Foreign addresses have no file here: the sandbox has no outside network.
            inputs=tuple(path for path in found if path is not None),
            duration_s=task.duration_s,
        )
        with tempfile.TemporaryDirectory(prefix="render-", dir=self._staging) as folder:
            try:
                made: Rendered | str = self._render(job, Path(folder), f"{task.id}-{media.position + 1}")
            except RenderError as error:
                made = str(error)
            self._note(media, made)

    def _note(self, media: MediaRecord, made: Rendered | str) -> None:
        """Write down a file or a refusal, unless it comes so late that the books are closed."""
        with self._books:
            if self._is_closed:
                return
            if isinstance(made, str):
                self._store.note_fault(media, made)
            else:
                self._store.note_made(media, self._place(made, media))

    def _place(self, rendered: Rendered, media: MediaRecord) -> Made:
        return Made(
            object=self._move(rendered.path, media),
            cover=self._move(rendered.cover, media) if rendered.cover is not None else None,
            format=rendered.format,
            width=rendered.width,
            height=rendered.height,
            duration_s=rendered.duration_s,
        )

    def _move(self, file: Path, media: MediaRecord) -> str:
        name = f"media/{media.folder}/{file.name}"
        target = self._site.file(name)
        if target is None:
            raise ValueError("the renderer chose a file name that no address can hold")
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(file, target)  # noqa: PTH105 - atomic by name, and this is the habit's word for it
        return name


def _has_ended_well(job: Future[None]) -> bool:
    return job.done() and not job.cancelled() and job.exception() is None
