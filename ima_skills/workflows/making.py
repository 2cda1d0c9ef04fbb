"""One step of a plan, made: its inputs from the outputs before, its outputs with what they are."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from ima_skills.errors import ImaError, MediaError, UsageError
from ima_skills.media_kinds import by_name
from ima_skills.media_probe import probe
from ima_skills.workflows.checking import deviations
from ima_skills.workflows.run_record import Output

if TYPE_CHECKING:
    from ima_skills.client import ImaClient
    from ima_skills.domain.task import Media, Result, SavedFile
    from ima_skills.preparing import Prepared
    from ima_skills.routing.result import Use
    from ima_skills.workflows.plan import Plan, Price, PricedStep
    from ima_skills.workflows.run_record import RunRecord

_LASTING = ("video", "audio")


async def sources_of(
    item: PricedStep, plan: Plan, record: RunRecord, client: ImaClient, spare: Path
) -> tuple[str, ...]:
    """Return the inputs of a step: its own, and the files of the outputs that it uses.

    Args:
        item: The step.
        plan: Knows the steps before.
        record: Where the outputs are.
        client: Fetches an output again whose file is gone or was changed.
        spare: Folder for such files.

    Raises:
        ImaError: An output can neither be found nor fetched.
    """
    made: dict[Use, str] = {}
    for use in item.step.feeds:
        output = record.output(use)
        if (
            output is None
            or output.path is None
            or await asyncio.to_thread(_digest, Path(output.path)) != output.sha256
        ):
            made[use] = await _fetched(client, plan, str(record.steps[use.step].task_id), use, spare)
        else:
            made[use] = output.path
    return item.step.sources(made)


async def _fetched(client: ImaClient, plan: Plan, task_id: str, use: Use, spare: Path) -> str:
    """Fetch an output again; the address that was known may have expired, so the task is asked."""
    before = plan.step(use.step)
    if before is None:
        raise AssertionError("the graph of a plan was checked when it was priced")
    task = await client.task(task_id)
    media = task.medias[use.output - 1 : use.output]
    if not media or not media[0].url:
        raise MediaError(
            f"output {use.output} of {use.step} is neither here nor at the service any more",
            code="output-gone",
            hint=f"Make it anew: ima-skills plan --from {plan.id} --step {use.step}.take={before.step.take + 1}",
        )
    kind = client.engine.task_type(before.step.task_type).media_kind
    saved = await client.save(media, kind, spare, f"{task_id}-{use.output}")
    return str(saved[0].path) if saved[0] else str(media[0].url)


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def must_be_as_priced(prepared: Prepared, price: Price) -> None:
    """Refuse to send what differs from what was agreed to.

    Raises:
        UsageError: ``plan-outdated``.
    """
    changed = list(deviations(prepared, price))
    if changed:
        raise UsageError(
            f"this differs from the plan now: {'; '.join(changed)}",
            code="plan-outdated",
            hint="Nothing was sent for this step. Price the plan again.",
            details={"changed": changed},
        )


def outputs_of(result: Result, media_kind: str) -> tuple[Output, ...]:
    """Return what a step has made, measured where it has a length."""
    files = (*result.files, *[None] * (len(result.medias) - len(result.files)))
    return tuple(_output(media, file, media_kind) for media, file in zip(result.medias, files, strict=True))


def _output(media: Media, file: SavedFile | None, media_kind: str) -> Output:
    return Output(
        url=media.url,
        cover_url=media.cover_url,
        path=str(Path(file.path).absolute()) if file else None,
        sha256=file.sha256 if file else None,
        bytes=file.bytes if file else None,
        format=media.format,
        width=media.width,
        height=media.height,
        duration_s=_length(media, file) if media_kind in _LASTING else None,
    )


def _length(media: Media, file: SavedFile | None) -> float | None:
    """Return seconds: of the file where it can be measured, else as the service states them."""
    kind = by_name(file.path) if file else None
    if file is None or kind is None:
        return media.duration_s
    try:
        return round(probe(Path(file.path), kind).duration_s, 3)
    except ImaError:
        return media.duration_s  # the extra that measures is not installed, or it cannot read this format
