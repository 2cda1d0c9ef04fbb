"""Bring the files of a task home: what can be had is saved, and what cannot is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.domain.event import Downloaded
from ima_skills.errors import ImaError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ima_skills.client import ImaClient
    from ima_skills.domain.event import Event
    from ima_skills.domain.task import Media, Result, SavedFile, Task
    from ima_skills.downloading import Downloader
    from ima_skills.errors import JobFailedError

Files = tuple["SavedFile | None", ...]


def usable(medias: Sequence[Media]) -> tuple[Media, ...]:
    """Return outputs without the addresses of those that are not there, or have failed: nothing is fetched of them."""
    from attrs import evolve

    from ima_skills.task_reading import is_done

    return tuple(media if is_done(media) else evolve(media, url=None) for media in medias)


async def fetched(
    downloader: Downloader, medias: Sequence[Media], media_kind: str, folder: Path, stem: str
) -> tuple[Files, ImaError | None]:
    """Save every output that has an address as ``<stem>-<i>.<extension>``; one that cannot be had stops no other.

    Args:
        downloader: Fetches.
        medias: Outputs, in order.
        media_kind: What they are: ``image``, ``video`` or ``audio``.
        folder: Where the files go.
        stem: What their names begin with.

    Returns:
        One file for each output, None where there is none, and the error that tells what is missing.
    """
    files: list[SavedFile | None] = []
    errors: dict[int, ImaError] = {}
    for number, media in enumerate(medias, start=1):
        file = None
        try:
            if media.url:
                file = await downloader.save(media, media_kind, folder, f"{stem}-{number}")
        except ImaError as error:
            errors[number] = error
        files.append(file)
    return tuple(files), _incomplete(files, errors) if errors else None


async def collected(
    client: ImaClient, result: Result, folder: Path | str | None, tell: Callable[[Event], None]
) -> Result:
    """Return a result with its files, once they are saved.

    Args:
        client: Where it is.
        result: What was made.
        folder: Where the files go; None leaves them at the service.
        tell: Hears of every file.

    Raises:
        ImaError: Some cannot be had; the others are saved, and the error names both and the next command.
    """
    from attrs import evolve

    if folder is None:
        return result
    kind = client.engine.task_type(result.task_type).media_kind
    try:
        files = await client.bring(result.task_id, result.medias, kind, folder, tell)
    except ImaError as error:
        error.task_id = result.task_id
        error.advise(
            f"The task is done; fetch it with: ima-skills tasks wait {result.task_id} --download DIR"
        )
        raise
    for index, saved in enumerate(files):
        if saved is not None:
            tell(Downloaded(result.task_id, index, saved.path, saved.bytes))
    return evolve(result, files=files)


async def failure(
    client: ImaClient, task: Task, result: Result, folder: Path | str | None, tell: Callable[[Event], None]
) -> JobFailedError:
    """Return the error of a failed task, after saving what is usable; the failure stays the news.

    Args:
        client: Where it is.
        task: The task.
        result: What was made of it.
        folder: Where the files go; None leaves them at the service.
        tell: Hears of every file.
    """
    from ima_skills.job_failure import job_failed

    table = client.engine.service.table
    try:
        result = await collected(client, result, folder, tell)
    except ImaError as error:
        told = job_failed(task, table, result, saved=error.details.get("files", ()))
        told.details["download_error"] = error.message
        return told
    return job_failed(task, table, result)


def _incomplete(files: Sequence[SavedFile | None], errors: Mapping[int, ImaError]) -> ImaError:
    """Return the error for files that could not all be had: the first of theirs, with what is missing and what is not.

    Args:
        files: One for each output, in order; None for those that are not there.
        errors: Number of an output, from 1, to why it could not be had.
    """
    error = next(iter(errors.values()))
    paths = [file.path for file in files if file]
    error.details |= {"missing": list(errors), "total": len(files), "files": paths}
    if len(paths) + len(errors) > 1:
        named = ", ".join(map(str, errors))
        error.message += f"; of {len(files)} outputs {len(paths)} are saved, and missing: {named}"
    error.retryable = any(one.retryable for one in errors.values())
    return error
