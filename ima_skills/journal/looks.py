"""Looks at tasks, counted in memory and written in bundles: a look must cost nothing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ima_skills.task_reading import is_done

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ima_skills.domain.task import Media

# Our choice: what a killed process may lose of these, and what a thousand waits share one write in.
BUNDLE_S = 5.0
# How often, when last, how many outputs were there of how many; then the task.
Row = tuple[int, float, int | None, int | None, str]


class LookBook:
    """What was seen since the last write.

    Args:
        monotonic: Seconds on a clock that never goes back.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._rows: dict[str, Row] = {}
        self._written: float | None = None
        self._lock = threading.Lock()

    def count(self, task_id: str, now: float, medias: Sequence[Media] | None) -> None:
        """Count one look.

        Args:
            task_id: The task.
            now: Wall time in seconds since the epoch.
            medias: What was seen; None when nobody answered.
        """
        listed = None if medias is None else len(medias)
        done = None if medias is None else sum(map(is_done, medias))
        with self._lock:
            looks, _, before, of, _ = self._rows.get(task_id, (0, now, None, None, task_id))
            seen = (before, of) if listed is None else (done, listed)
            self._rows[task_id] = (looks + 1, now, *seen, task_id)

    def is_due(self) -> bool:
        """Tell whether the last write is long enough ago."""
        return self._written is None or self._monotonic() - self._written >= BUNDLE_S

    def take(self, task_id: str | None = None) -> list[Row]:
        """Return and forget what was counted for one task, or for all: then the next bundle begins."""
        with self._lock:
            if task_id is not None:
                return [self._rows.pop(task_id)] if task_id in self._rows else []
            rows, self._rows = list(self._rows.values()), {}
            self._written = self._monotonic()
            return rows

    def put_back(self, rows: Sequence[Row]) -> None:
        """Keep what could not be written for the next bundle."""
        with self._lock:
            for looks, at, done, listed, task_id in rows:
                more, later, newer, of, _ = self._rows.get(task_id, (0, at, None, None, task_id))
                seen = (done, listed) if of is None else (newer, of)
                self._rows[task_id] = (looks + more, later, *seen, task_id)
