"""How long a media is to be."""

import math

from ima_skills.renderers import RenderError, RenderJob

_LONGEST = 900.0


def wanted_seconds(job: RenderJob, default: float) -> float:
    """Return the wanted length in seconds, ``default`` when the job leaves it open.

    Raises:
        RenderError: when the length is not a sensible number of seconds.
    """
    seconds = default if job.duration_s is None else float(job.duration_s)
    if not math.isfinite(seconds) or not 0 < seconds <= _LONGEST:
        raise RenderError(f"The sandbox cannot render {seconds} seconds: up to {_LONGEST:.0f} are possible.")
    return seconds
