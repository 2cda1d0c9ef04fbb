"""One event of each kind, and of some kinds the rare one: what an observer is told on some road or other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.domain.event import (
    Created,
    Downloaded,
    Event,
    Finished,
    Held,
    JournalTrouble,
    ModelChosen,
    PollTrouble,
    Progressed,
    Quoted,
    Reattached,
    Reflected,
    Uploaded,
)
from ima_skills.domain.problem import Change
from ima_skills.domain.product import CreditRule
from ima_skills.domain.request import Quote
from ima_skills.domain.task import Media, Result, SavedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

_TASK, _TYPE, _MODEL, _VERSION = "task_sample", "text_to_image", "Sample 1", "sample-v1"
_ADDRESS = "https://example.org/a.png?signature=sample"


def events() -> Iterator[tuple[str, Event]]:
    """Yield events, each with what it is."""
    change = Change("size", "4k", "2k", "this model goes up to 2k")
    quote = Quote(CreditRule(1, 5, {"size": "2k"}), 2)
    told: tuple[Event, ...] = (
        ModelChosen(_TYPE, "sample", _MODEL, "default"),
        ModelChosen(_TYPE, "sample", _MODEL, "saved", "Other 1", "很好", "Other 2", "Other 3"),
        Quoted(_TYPE, _MODEL, _VERSION, quote, (5.0, 20.0), ()),
        Quoted(_TYPE, _MODEL, _VERSION, quote, (5.0, 20.0), (change,)),
        Uploaded(0, 2),
        Created(_TASK, 2),
        Reattached(_TASK),
        Held(2.0, 1798.0, 4711),
        Held(62.0, 1738.0),
        JournalTrouble(_TASK, "the disk is full"),
        Reflected(1, "service-fault", "smaller settings", (change,)),
        Progressed(_TASK, 0.0, 0, 0, 0),
        Progressed(_TASK, 12.5, 95, 1, 2),
        PollTrouble(_TASK, "no answer"),
        PollTrouble(_TASK, "no answer", "network", 3, 20.0, 580.0),
        Downloaded(_TASK, 1, "/tmp/a picture.png", 0),  # noqa: S108 - a name, not a file
        Finished(_result(Media(1, "success", _ADDRESS, None, "png", 1024, 1024))),
        Finished(
            _result(
                Media(1, "success", _ADDRESS, _ADDRESS, "mp4", None, None, 5.0), Media(2, "failed", error="x")
            )
        ),
        Finished(_result()),
    )
    yield from ((type(event).__name__, event) for event in told)


def _result(*medias: Media) -> Result:
    """Return the end of a task; without medias one that failed."""
    files = tuple(SavedFile("/tmp/a.png", 10, "0" * 64) if media.url else None for media in medias)  # noqa: S108 - a name, not a file
    return Result(
        _TASK, _TYPE, "success" if medias else "failed", medias, "sample", _MODEL, _VERSION, 10, {"size": "2k"}, (),
        12.5, sandbox=True, files=files,
    )  # fmt: skip
