"""Rendering off the event loop: a few worker threads, each media once, staged and then moved into place."""

from __future__ import annotations

import os
import tempfile
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ima_skills.sandbox.tasks import Made, MediaRecord, TaskRecord, TaskStore

if TYPE_CHECKING:
    from ima_skills.renderers import Render, Rendered
    from ima_skills.sandbox.site import Site

_WORKERS = 2


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
        self._lock = threading.Lock()
        self._jobs: dict[tuple[str, int], Future[None]] = {}
        self._pool: ThreadPoolExecutor | None = None

    def start(self, task: TaskRecord, media: MediaRecord) -> Future[None]:
        """Queue a media unless it is being rendered already.

        The result is noted in the store. The future ends with the fault of a renderer that broke;
        a renderer that refuses (``RenderError``) fails the media instead.
        """
        key = (media.task_id, media.position)
        with self._lock:
            if key not in self._jobs or _has_ended_well(self._jobs[key]):
                if self._pool is None:
                    self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="ima-sandbox-render")
                self._jobs[key] = self._pool.submit(self._work, task, media)
            return self._jobs[key]

    def forget(self, media: MediaRecord) -> None:
        """Drop the finished job of a media, so that it may be started again."""
        with self._lock:
            self._jobs.pop((media.task_id, media.position), None)

    def close(self) -> None:
        """Drop what has not begun and wait for what has; a later process starts the rest again."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

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
                rendered = self._render(job, Path(folder), f"{task.id}-{media.position + 1}")
            except RenderError as error:
                self._store.note_fault(media, str(error))
                return
            self._store.note_made(media, self._place(rendered, media))

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
