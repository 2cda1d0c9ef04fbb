"""When a task's medias begin, end and show their address: pure functions of the task and the time."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

# Our choice: the first instant of a task, in which the service lists no medias yet.
_LISTED_SHARE = 0.02
_LISTED_S = 1.0
_QUEUE_SHARE = (0.04, 0.12)
_ESTIMATE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:~|-|–)?\s*(\d+(?:\.\d+)?)?\s*s", re.IGNORECASE)


@frozen
class Course:
    """The times of one media, in seconds since the epoch.

    Attributes:
        begins_at: It leaves the queue.
        due_at: It is finished or has failed; None means never.
        url_at: Its address appears; later than ``due_at`` only when a scenario says so.
    """

    begins_at: float
    due_at: float | None
    url_at: float


@frozen
class Plan:
    """The times of a task: when it lists its medias, and the course of each."""

    listed_at: float
    courses: tuple[Course, ...]


def leaf_estimate(leaf: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the seconds (low, high) of a leaf's ``EET`` tag, None when it has none."""
    for tag in leaf.get("tags") or ():
        match = _ESTIMATE.search(str(tag.get("tag_value"))) if tag.get("tag_type") == "EET" else None
        if match:
            low = float(match[1])
            return (low, float(match[2] or low))
    return None


def plan(seed: str, estimate: tuple[float, float], n: int, *, now: float, speed: float) -> Plan:
    """Draw the times of a task.

    Args:
        seed: What the draw depends on; the same seed gives the same times.
        estimate: Seconds of the service that one media takes, (low, high).
        n: Number of medias.
        now: Wall time of the create.
        speed: Seconds of the service per second.
    """
    seconds = [_draw(f"{seed}/{index}", estimate) for index in range(n)]
    first = min(seconds)
    return Plan(
        listed_at=now + min(_LISTED_S, first * _LISTED_SHARE) / speed,
        courses=tuple(_course(f"{seed}/{index}", took, now, speed) for index, took in enumerate(seconds)),
    )


def later(course: Course, shape: str, seconds: float, speed: float) -> Course:
    """Return a course as a scenario bends it: ``late``, ``late-url`` or ``never``; others leave it."""
    if course.due_at is None or shape == "never":
        return Course(course.begins_at, None, course.url_at)
    if shape == "late":
        due_at = course.due_at + seconds / speed
        return Course(course.begins_at, due_at, due_at)
    if shape == "late-url":
        return Course(course.begins_at, course.due_at, course.due_at + seconds / speed)
    return course


def _draw(seed: str, estimate: tuple[float, float]) -> float:
    low, high = estimate
    # A model with one figure still finishes its medias one after the other.
    high = max(high, low * 1.1)
    return random.Random(f"duration/{seed}").uniform(low, high)  # noqa: S311 - timing, not a secret


def _course(seed: str, took: float, now: float, speed: float) -> Course:
    queued = random.Random(f"queue/{seed}").uniform(*_QUEUE_SHARE)  # noqa: S311 - timing, not a secret
    due_at = now + took / speed
    return Course(begins_at=now + took * queued / speed, due_at=due_at, url_at=due_at)
