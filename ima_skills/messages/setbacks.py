"""The other end of a job as sends: why there is no result, what became of the points, and what else could be done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ima_skills.errors import InvalidRequestError
from ima_skills.messages.charges import charge_lines, charge_of
from ima_skills.messages.counsel import suggestion_lines, told_by
from ima_skills.messages.delivery import Piece
from ima_skills.messages.failures import USUAL
from ima_skills.messages.plain import change_lines, has_label, names_line, problem_lines
from ima_skills.parameters import Offer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.errors import ImaError
    from ima_skills.messages.charges import Charge
    from ima_skills.messages.counsel import Counsel, Suggestion
    from ima_skills.messages.delivery import Args, Courier
    from ima_skills.messages.failures import Failure
    from ima_skills.messages.job import Job
    from ima_skills.messages.voice import Voice

_CONTENT, _CONSENT, _UNKNOWN, _GONE = "content", "consent", "unknown", "gone"
_MODEL, _WITHOUT = "model", "without"
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Words that a refusal may hold without being about the setting of that name.
_NO_SETTINGS = {"prompt", "model", "n", "inputs", "points", "language", "style"}


def failure_sends(  # noqa: PLR0913, PLR0917 - the parts of an ending
    voice: Voice,
    courier: Courier,
    job: Job,
    error: ImaError,
    counsel: Counsel | None,
    entry: ModelEntry | None,
) -> Iterator[Args]:
    """Yield the sends of a failure: why, what else could be done, and what was saved all the same.

    Args:
        voice: The words.
        courier: Knows the platform.
        job: What was told before.
        error: What ended it.
        counsel: Knows what else could be taken.
        entry: What the registry knows of the model.
    """
    failure = _still_there(voice.manner.failures.of(error), job, error)
    told = [*_reasons(voice, job, error, failure, counsel, entry), *_offers(voice, error, failure, counsel)]
    yield from courier.texts("\n".join(line for line in told if line))
    paths = [str(path) for path in error.details.get("files") or ()]
    kept = [Piece(voice.media_kind, path.rpartition(".")[2], path=path) for path in paths]
    yield from courier.medias(kept)


def _still_there(failure: Failure, job: Job, error: ImaError) -> Failure:
    """Return a failure with what helps next: nobody makes and pays once more what is paid for and may still come."""
    fine = charge_of(job, error, failure) == "taken" and failure.name != _GONE
    fine = fine or bool(error.details.get("outstanding"))
    return evolve(failure, offer="later") if fine and failure.offer != "nothing" else failure


def _end(job: Job, failure: Failure, charge: Charge, details: Mapping[str, Any]) -> str:
    if details.get("usable") or details.get("outstanding"):
        return "partial"
    if charge == "taken" and failure.name != _GONE:
        return "unseen"
    return "unstarted" if charge == "none" and job.quoted is None else "failure"


def _reasons(  # noqa: PLR0913, PLR0917 - the parts of an ending
    voice: Voice,
    job: Job,
    error: ImaError,
    failure: Failure,
    counsel: Counsel | None,
    entry: ModelEntry | None,
) -> Iterator[str]:
    details, lines = error.details, voice.manner.lines
    points = details.get("quoted") or details.get("points") or job.points
    charge = charge_of(job, error, failure)
    yield voice.title(error, failure, _end(job, failure, charge, details))
    refused = tuple(problem_lines(lines, error.problems)) if isinstance(error, InvalidRequestError) else ()
    coming = details.get("outstanding")
    # Of a part that failed nobody says "take another model" while the rest is on its way.
    why = (
        voice.say("failure.some")
        if coming and failure.name == USUAL
        else voice.reason(error, failure, points=points, **_facts(voice, job, error, counsel))
    )
    yield from refused or (voice.say("failure.reason", reason=why),)
    if refused and (near := details.get("nearest")):
        yield voice.say("failure.nearest-points", points=near["points"])
    page = _page(voice, failure, charge)
    yield voice.say("failure.page", url=page) if page else ""
    if failure.name == _CONTENT and entry and entry.limits:
        yield voice.say("failure.limits", limits=entry.limits.say(lines.language))
    if details.get("usable"):
        yield voice.say("failure.partly", usable=details["usable"], total=details["total"])
    if coming:
        yield voice.say("failure.coming", count=coming)
    yield from charge_lines(voice, job, charge, points)
    if failure.offer == _CONSENT and counsel is not None:
        yield from change_lines(lines, counsel.changes)


def _page(voice: Voice, failure: Failure, charge: Charge) -> str:
    """Return the page that helps: the failure's own, and where it is not clear what was paid, the one that shows it."""
    rows = voice.manner.failures.rows
    shows = next((row for row in rows if row.name == _UNKNOWN), failure)
    return voice.page(failure) or (voice.page(shows) if charge == "doubt" else "")


def _facts(voice: Voice, job: Job, error: ImaError, counsel: Counsel | None) -> dict[str, Any]:
    """Return what a reason may name besides the points, as far as it is known."""
    details, models = error.details, voice.manner.registry.models
    successor = models.get(details.get("successor") or "")
    return {
        "model": details.get("model") or job.model_name,
        "room": details.get("left", details.get("cap")),
        "nearest": _close(error),
        "listed": details.get("name") if details.get("listed") else None,
        "successor": successor.name if successor else None,
        "settings": _blamed(voice, error, counsel),
    }


def _close(error: ImaError) -> str | None:
    """Return the name that somebody may have meant instead of one that nobody knows."""
    close = error.details.get("nearest")
    return str(close[0]) if isinstance(close, list) and close and not error.details.get("listed") else None


def _blamed(voice: Voice, error: ImaError, counsel: Counsel | None) -> str:
    """Return the settings that are at fault, in our words.

    What we found by ourselves is named by its place. Of the service's words, which are for nobody's eyes, only
    names count that the model's form has: any other word may be there for another reason.
    """
    if error.problems:
        return names_line(
            voice.manner.lines, [p.place for p in error.problems if has_label(voice.manner.lines, p.place)]
        )
    said = error.details.get("service_message")
    if counsel is None or not isinstance(said, str):
        return ""
    kind = voice.manner.registry.task_types[counsel.leaf.task_type]
    known = {name.casefold() for name in Offer(counsel.leaf, kind).form_names()} - _NO_SETTINGS
    words = dict.fromkeys(word.casefold() for word in _WORD.findall(said))
    return names_line(
        voice.manner.lines, [w for w in words if w in known and has_label(voice.manner.lines, w)]
    )


def _offers(voice: Voice, error: ImaError, failure: Failure, counsel: Counsel | None) -> Iterator[str]:
    if failure.offer == "nothing" or _close(error):
        return  # after "did you mean …?" a second question would only confuse
    lines, found = voice.manner.lines, _alternatives(error, failure, counsel)
    if found:
        heading = "cheaper" if failure.offer == _CONSENT else ""
        yield from suggestion_lines(lines, voice.manner.registry, found, heading)
    if isinstance(error, InvalidRequestError) and any(problem_lines(lines, error.problems)):
        yield voice.say("failure.offer-choice" if found else "failure.offer-nearest")
    elif failure.offer in {_MODEL, _WITHOUT} and found:
        yield voice.say("failure.offer-these")
    elif failure.offer == _MODEL:
        # Where nobody else can do it either, offering another model would be an empty word.
        yield voice.say("failure.offer-model") if counsel is None else ""
    elif failure.offer == _CONSENT and found:
        yield voice.say("failure.offer-cheaper")
    else:
        yield voice.say(f"failure.offer-{failure.offer}")


def _alternatives(error: ImaError, failure: Failure, counsel: Counsel | None) -> tuple[Suggestion, ...]:
    if failure.offer == _CONSENT:
        return counsel.cheaper() if counsel else ()
    if failure.offer not in {_MODEL, _WITHOUT}:
        return ()
    return told_by(error) or (counsel.instead(error) if counsel else ())
