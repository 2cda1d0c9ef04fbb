"""The error of a task that ended badly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.errors import JobFailedError

if TYPE_CHECKING:
    from ima_skills.domain.task import Result, Task
    from ima_skills.refusals import Table


def job_failed(task: Task, table: Table, result: Result | None = None) -> JobFailedError:
    """Return the error for a task that ended badly; finished medias are in its details.

    Args:
        task: The task.
        table: Names the reason where the service's words give it away, for instance a content policy.
        result: What was saved of it.
    """
    from ima_skills.refusals import clean
    from ima_skills.task_reading import is_done

    usable = sum(is_done(media) for media in task.medias)
    partly = f"; {usable} of {len(task.medias)} outputs are usable" if usable else ""
    details: dict[str, Any] = {"usable": usable, "total": len(task.medias)}
    reason = table.find(None, task.error or "")
    if task.error:
        details["said"] = clean(task.error)
    if reason is not None and reason.exit_code == JobFailedError.exit_code:
        details["reason"] = reason.code
    charged = ""
    if result is not None and result.credit:
        details["points"] = result.credit
        charged = f" Its {result.credit} points were charged when it was created."
    if result is not None and result.files:
        details["files"] = [file.path for file in result.files if file]
    return JobFailedError(
        f"the service could not finish the task: {clean(task.error or 'no reason was given')}{partly}",
        hint=f"Try another model, other settings or another input.{charged}",
        task_id=task.id,
        details=details,
    )
