"""The error of a task that ended badly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.errors import JobFailedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.domain.task import Result, Task
    from ima_skills.refusals import Table


def job_failed(
    task: Task, table: Table, result: Result | None = None, saved: Sequence[str] = ()
) -> JobFailedError:
    """Return the error for a task that ended badly; finished medias are in its details, and how to get at them.

    Args:
        task: The task.
        table: Names the reason where the service's words give it away, for instance a content policy.
        result: What was made of it, with its points and its files.
        saved: Paths of its files, where there is no result with them.
    """
    from ima_skills.refusals import clean
    from ima_skills.task_reading import coming, is_done

    usable, later = sum(is_done(media) for media in task.medias), coming(task.status, task.medias)
    partly = f"; {usable} of {len(task.medias)} outputs are usable" if usable else ""
    partly += f"; {later} may still come" if later else ""
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
    paths = list(saved) or [file.path for file in (result.files if result else ()) if file]
    if paths:
        details["files"] = paths
    rest = ""
    if usable > len(paths) or later:
        details["outstanding"] = usable - len(paths) + later
        rest = f"They are paid for; bring them home with: ima-skills tasks wait {task.id} --download DIR. "
    return JobFailedError(
        f"the service could not finish the task: {clean(task.error or 'no reason was given')}{partly}",
        hint=f"{rest}Try another model, other settings or another input.{charged}",
        task_id=task.id,
        details=details,
    )
