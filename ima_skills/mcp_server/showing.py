"""From what the engine knows to what the tools answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ima_skills.advice import Adviser
from ima_skills.errors import OutcomeUnknownError
from ima_skills.job_failure import job_failed
from ima_skills.mcp_server.faults import as_tool
from ima_skills.mcp_server.views import (
    Alternative,
    Artifact,
    ChangeView,
    EstimateView,
    Fault,
    TaskRow,
    TaskView,
)
from ima_skills.polling import percent_done

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ima_skills.client import ImaClient
    from ima_skills.domain.task import Media, SavedFile, Task
    from ima_skills.journal.entry import Entry
    from ima_skills.preparing import Prepared

_UNKNOWN = -1


def estimate_view(client: ImaClient, prepared: Prepared, *, ask_above: int) -> EstimateView:
    """Return what a prepared request would cost."""
    quote, leaf = prepared.quote, prepared.leaf
    adviser = Adviser(client.registry, client.plugins.quirks)
    cheaper, _ = adviser.neighbours(prepared.request, prepared.catalogue, leaf, quote.total)
    asks = quote.total > ask_above
    agreed = f" with max_points={quote.total} after the user has agreed to the price" if asks else ""
    return EstimateView(
        task_type=leaf.task_type,
        model=leaf.name,
        chosen_by=prepared.pick.source,
        version_id=leaf.id,
        points=quote.total,
        points_per_output=quote.points_per_output,
        n=quote.n,
        params=dict(prepared.parameters.values),
        changes=change_views(prepared),
        notices=[notice.say(prepared.request.language) for notice in prepared.notices],
        estimate_s=list(client.engine.cadence(leaf.task_type, leaf, prepared).estimate),
        cheaper=[_alternative(other.name, other.points, other.differs) for other in cheaper],
        needs_consent=asks,
        next=f"Call generate{agreed}.",
    )


def _alternative(name: str, points: int, differs: Mapping[str, Any]) -> Alternative:
    told = [f"{param} {_text(value)}" for param, value in differs.items()]
    return Alternative(name=name, points=points, differs=told)


def change_views(prepared: Prepared) -> list[ChangeView]:
    """Return what differs from the wish."""
    return [
        ChangeView(
            param=change.param,
            requested=_text(change.requested),
            applied=_text(change.applied),
            reason=change.why(prepared.request.language),
        )
        for change in prepared.changes
    ]


def _text(value: object) -> str:
    """Return a value as text; a schema that takes any value is none to some hosts."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, default=str)


def task_view(  # noqa: PLR0913 - each fact by name, as far as it is known
    client: ImaClient,
    task_id: str,
    entry: Entry | None,
    *,
    task: Task | None = None,
    prepared: Prepared | None = None,
    files: Sequence[SavedFile | None] = (),
    again: bool = False,
) -> TaskView:
    """Return a task that has not failed.

    Args:
        client: For names and times.
        task_id: The task.
        entry: What the journal knows of it.
        task: What a look at it told.
        prepared: What was created, when that was just now.
        files: What was saved just now, one for each media.
        again: Whether it was created by an earlier call.
    """
    is_done = task is not None and task.status == "success"
    task_type = (task.task_type if task else None) or (entry.task_type if entry else "")
    if prepared is not None:
        task_type = prepared.leaf.task_type
    age_s = entry.age_s(client.engine.clock.now()) if entry else None
    estimate = _estimate(client, task_type, prepared)
    artifacts = _artifacts(task.medias if task else (), files, entry)
    return TaskView(
        task_id=task_id,
        status="success" if is_done else "processing",
        task_type=task_type,
        model=prepared.leaf.name if prepared else (entry.model_name if entry else ""),
        points=prepared.quote.total if prepared else (entry.points if entry else _UNKNOWN),
        progress=100 if is_done else _progress(client, age_s, estimate),
        elapsed_s=round(age_s, 1) if age_s is not None else _UNKNOWN,
        estimate_s=list(estimate or ()),
        artifacts=artifacts,
        changes=change_views(prepared) if prepared else [],
        again=again,
        sandbox=client.engine.service.sandbox_speed is not None,
        next=_next(artifacts, is_done=is_done),
    )


def failed_view(
    client: ImaClient, task: Task, entry: Entry | None, files: Sequence[SavedFile | None]
) -> TaskView:
    """Return a task that the service could not finish; what is usable all the same is among the artifacts."""
    saved = [file.path for file in files if file]
    failure = job_failed(task, client.engine.service.table, saved=saved)
    fault = Fault(code=failure.name, message=failure.message, next=as_tool(failure.hint))
    shown = task_view(client, task.id, entry, task=task, files=files)
    usable = [artifact for artifact in shown.artifacts if artifact.url or artifact.path]
    after = "Tell the user the reason in plain words, and offer another model; points of failed tasks may come back."
    if "outstanding" in failure.details:
        after = "Call wait with this task_id for its other outputs, which are paid for, before you offer anything else."
    return shown.model_copy(
        update={"status": "failed", "progress": 100, "error": fault, "artifacts": usable, "next": after}
    )


def lost_view(entry: Entry) -> TaskView:
    """Return a job to which the service never gave an id."""
    lost = entry.state in ("unknown", "sending", "intent")
    # What a lost one has in the place of a code is the sentence of what went wrong.
    told = "no verdict came back; it may have been charged" if lost else f"it is {entry.state}"
    return TaskView(
        task_id=entry.id,
        status="unknown" if lost else "failed",
        task_type=entry.task_type,
        model=entry.model_name,
        points=entry.points,
        progress=0,
        elapsed_s=_UNKNOWN,
        estimate_s=[],
        artifacts=[],
        changes=[],
        again=False,
        error=Fault(
            code=OutcomeUnknownError.code if lost else entry.code or entry.state,
            message=told,
            next="Do not create it again by yourself; ask the user.",
        ),
        sandbox=entry.sandbox,
        next="Tell the user what is not known, and let them decide.",
    )


def task_row(entry: Entry) -> TaskRow:
    """Return a job of the journal."""
    return TaskRow(
        task_id=entry.id,
        state=entry.state,
        task_type=entry.task_type,
        model=entry.model_name,
        points=entry.points,
        opened=datetime.fromtimestamp(entry.opened_at, UTC).isoformat(timespec="seconds"),
        files=list(entry.files),
    )


def _estimate(client: ImaClient, task_type: str, prepared: Prepared | None) -> tuple[float, float] | None:
    if task_type not in client.registry.task_types:
        return None
    leaf = prepared.leaf if prepared else None
    return client.engine.cadence(task_type, leaf, prepared).estimate


def _progress(client: ImaClient, age_s: float | None, estimate: tuple[float, float] | None) -> int:
    if age_s is None or estimate is None:
        return 0
    return percent_done(age_s * (client.engine.service.sandbox_speed or 1.0), estimate)


def _artifacts(
    medias: Sequence[Media], files: Sequence[SavedFile | None], entry: Entry | None
) -> list[Artifact]:
    paths = entry.files if entry and len(entry.files) == len(medias) else ("",) * len(medias)
    saved = [*files, *[None] * (len(medias) - len(files))]
    return [_artifact(*one) for one in zip(medias, saved, paths, strict=True)]


def _artifact(media: Media, file: SavedFile | None, path: str) -> Artifact:
    there = path if path and Path(path).is_file() else ""
    return Artifact(
        path=file.path if file else there,
        url=media.url or "",
        format=media.format or "",
        bytes=file.bytes if file else (Path(there).stat().st_size if there else 0),
        sha256=file.sha256 if file else "",
        width=media.width or 0,
        height=media.height or 0,
        duration_s=media.duration_s or 0.0,
    )


def _next(artifacts: Sequence[Artifact], *, is_done: bool) -> str:
    if not is_done:
        return "Call wait with this task_id; it goes on by itself, so never generate it a second time."
    if not all(artifact.path for artifact in artifacts):
        return "Call wait with this task_id to save the files."
    return "Hand the files over by path or url, and name model and points."
