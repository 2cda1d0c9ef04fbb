"""What is known of the points of a job that did not work out, and nothing beyond it.

The service takes points when it accepts a job and none when it refuses one. Whether those of a job that failed
later come back, its documents do not say, so nobody is promised anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ima_skills.errors import DeadlineError, JobFailedError, MediaError

if TYPE_CHECKING:
    from ima_skills.errors import ImaError
    from ima_skills.messages.failures import Failure
    from ima_skills.messages.job import Job
    from ima_skills.messages.voice import Voice

Charge = Literal["none", "taken", "failed", "doubt", "unknown"]
# Rows and codes of ends that leave it open whether a create had left.
_UNKNOWN = "unknown"
_IN_DOUBT = ("interrupted", "internal")


def charge_of(job: Job, error: ImaError, failure: Failure) -> Charge:
    """Return what became of the points.

    Args:
        job: What was told before.
        error: What ended it.
        failure: The row that it belongs to.

    Returns:
        ``none``: nothing was taken; ``taken``: at the start, and the job may still be fine; ``failed``: at the
        start, for a job that failed; ``doubt``: the end came while it was sent; ``unknown``: it was sent and
        nobody knows, which the words of the failure say themselves.
    """
    if failure.name == _UNKNOWN:
        return "unknown"
    late = isinstance(error, JobFailedError | DeadlineError | MediaError)
    if late or job.is_created or error.task_id is not None:
        return "failed" if isinstance(error, JobFailedError) else "taken"
    return "doubt" if job.quoted is not None and error.name in _IN_DOUBT else "none"


def charge_lines(voice: Voice, job: Job, charge: Charge, points: int | None) -> tuple[str, ...]:
    """Return what is said about the points; nothing where not even their number is known.

    Args:
        voice: The words.
        job: What was told before.
        charge: What became of them.
        points: What the job costs, as far as anybody knows.
    """
    if charge == "taken" and points is None:
        return ()
    said = () if charge == "unknown" else (voice.say(f"failure.points-{charge}", points=points),)
    return (*said, voice.say("success.demo")) if job.is_demo and charge != "none" else said
