"""The good end of a job as sends: the result with its facts, its links and, where one is due, a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.messages.delivery import piece_of
from ima_skills.messages.plain import change_lines, duration, short_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.domain.task import Result
    from ima_skills.messages.counsel import Counsel
    from ima_skills.messages.delivery import Args, Courier, Piece
    from ima_skills.messages.job import Job
    from ima_skills.messages.voice import Voice


def success_sends(  # noqa: PLR0913, PLR0917 - the parts of an ending
    voice: Voice, courier: Courier, job: Job, result: Result, counsel: Counsel | None, speed: float
) -> Iterator[Args]:
    """Yield the sends of a result: pictures with their caption, a video's player before its link.

    Args:
        voice: The words.
        courier: Knows the platform.
        job: What was told before.
        result: What came out.
        counsel: Knows what another model would cost.
        speed: Seconds of the service that pass in one second.
    """
    files = (*result.files, *(None,) * (len(result.medias) - len(result.files)))
    pieces = [piece_of(m, f, voice.media_kind) for m, f in zip(result.medias, files, strict=True)]
    usable = [piece for piece in pieces if piece.place and courier.fits(piece)]
    facts = "\n".join(_facts(voice, courier, job, result, pieces, speed))
    links = "\n".join(_links(voice, pieces))
    hint = _hint(voice, job, counsel)
    if voice.media_kind == "video":
        yield from courier.media_first(_blocks(facts, hint), usable, links)
    else:
        yield from courier.together(_blocks(facts, links, hint), usable)


def _blocks(*blocks: str) -> str:
    return "\n\n".join(block for block in blocks if block)


def _facts(  # noqa: PLR0913, PLR0917 - the parts of an ending
    voice: Voice, courier: Courier, job: Job, result: Result, pieces: list[Piece], speed: float
) -> Iterator[str]:
    lines, points = voice.manner.lines, result.credit or job.points
    many = len(result.medias)
    yield voice.say("steps.success-many", count=many) if many > 1 else voice.step("success")
    if name := result.model_name or job.model_name:
        yield voice.say("success.model", model=name)
    if result.elapsed_s:
        actual = duration(lines, result.elapsed_s * speed)
        expected = short_span(lines, job.estimate) if job.estimate else ""
        yield voice.say("success.time", actual=actual, expected=expected)
    if points is not None:
        yield voice.say("success.points", points=points)
    if voice.media_kind == "audio":
        yield from _lengths(voice, result)
    yield from change_lines(lines, result.changes)
    if any(piece.place and not courier.fits(piece) for piece in pieces):
        yield voice.say("success.too-large")
    if any(piece.place is None for piece in pieces):
        yield voice.say("success.here-only")
    if result.sandbox:
        yield voice.say("success.demo")


def _lengths(voice: Voice, result: Result) -> Iterator[str]:
    known = [(index, media.duration_s) for index, media in enumerate(result.medias, 1) if media.duration_s]
    for index, seconds in known:
        key = "success.length" if len(result.medias) == 1 else "success.lengths"
        yield voice.say(key, index=index, length=duration(voice.manner.lines, seconds))


def _links(voice: Voice, pieces: list[Piece]) -> Iterator[str]:
    urls = [piece.url for piece in pieces if piece.url]
    for index, url in enumerate(urls, 1):
        many = len(urls) > 1
        yield voice.say("steps.link-many", index=index, url=url) if many else voice.step("link", url=url)


def _hint(voice: Voice, job: Job, counsel: Counsel | None) -> str:
    """Return a gentle word on the model that is recommended, where a habit chose another one."""
    if job.chosen is None or not job.chosen.recommended:
        return ""
    name = job.chosen.recommended
    points = counsel.points_with(name) if counsel else None
    return voice.say("success.hint", model=name, because=job.chosen.reason, points=points)
