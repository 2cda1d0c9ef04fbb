"""The words before the end: what starts, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.cadence import percent_done
from ima_skills.messages.plain import change_lines, duration, settings_line, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.domain.event import Progressed
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.messages.counsel import Counsel
    from ima_skills.messages.job import Job
    from ima_skills.messages.voice import Voice

# Above this a cheaper model is named (the service's skill documents).
DEAR_POINTS = 50
_PREMIUM = "premium"
# Our choice: beyond so many times the longest estimate "nearly there" would not be believed any more.
_VERY_LATE = 2


def start_text(voice: Voice, job: Job, counsel: Counsel | None, entry: ModelEntry | None) -> str:
    """Return the message about the start.

    Args:
        voice: The words.
        job: What will be made, with its price.
        counsel: Knows what is cheaper.
        entry: What the registry knows of the model.
    """
    return "\n".join(line for line in _start(voice, job, counsel, entry) if line)


def _start(voice: Voice, job: Job, counsel: Counsel | None, entry: ModelEntry | None) -> Iterator[str]:
    yield voice.step("start")
    chosen = job.chosen
    because = voice.say(f"because.{chosen.source}", reason=chosen.reason) if chosen else ""
    yield voice.say("start.model", model=job.model_name, because=because)
    if job.estimate:
        yield voice.say("start.time", time=span(voice.manner.lines, job.estimate))
    yield _points(voice, job)
    if job.quoted:
        yield from change_lines(voice.manner.lines, job.quoted.changes)
    if chosen and chosen.previous:
        yield voice.say("start.switched", model=job.model_name, previous=chosen.previous)
    if chosen and chosen.stale:
        yield voice.say("start.stale", model=job.model_name, stale=chosen.stale)
    yield _cheaper(voice, job, counsel, entry)
    yield voice.note()


def _points(voice: Voice, job: Job) -> str:
    """Return what it costs; of several outputs how that comes about too."""
    price = job.quoted.quote if job.quoted and job.quoted.quote.n > 1 else None
    several = {"count": price.n, "each": price.points_per_output} if price else {}
    return voice.say("start.points", points=job.points, **several)


def _cheaper(voice: Voice, job: Job, counsel: Counsel | None, entry: ModelEntry | None) -> str:
    """Return the cheaper neighbour of a dear model, unless a premium one was asked for by name."""
    wanted = job.chosen is not None and job.chosen.source == "explicit" and entry is not None
    if counsel is None or (job.points or 0) <= DEAR_POINTS or (wanted and entry and entry.tier == _PREMIUM):
        return ""
    found = next(iter(counsel.cheaper()), None)
    if found is None:
        return ""
    other = settings_line(voice.manner.lines, found.differs)
    return voice.say("start.cheaper", model=found.name, points=found.points, other=other)


def unseen_text(voice: Voice, dark_s: float, speed: float) -> str:
    """Return the message about a job that nobody can see, because one look after the other fails.

    Args:
        voice: The words.
        dark_s: Seconds since the first look that failed.
        speed: Seconds of the service that pass in one second.
    """
    dark = duration(voice.manner.lines, dark_s * speed)
    return "\n".join((voice.step("unseen"), voice.say("progress.dark", dark=dark)))


def progress_text(voice: Voice, event: Progressed, estimate: tuple[float, float], speed: float) -> str:
    """Return the message about the progress.

    Args:
        voice: The words.
        event: What was seen.
        estimate: Seconds of the service that the job takes (low, high).
        speed: Seconds of the service that pass in one second.
    """
    lines, waited = voice.manner.lines, event.elapsed_s * speed
    is_late = waited > estimate[1]
    spans = {"waited": duration(lines, waited), "longest": duration(lines, estimate[1])}
    told = [
        voice.step("progress", percent=percent_done(waited, estimate)),
        voice.say("progress.late" if is_late else "progress.waited", **spans),
    ]
    if event.total > 1:
        told.append(voice.say("progress.parts", done=event.done, total=event.total))
    if is_late:
        told.append(
            voice.say("progress.nearly" if waited <= _VERY_LATE * estimate[1] else "progress.patience")
        )
    return "\n".join(told)
