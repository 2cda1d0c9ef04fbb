"""What the journal tells about a job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    import sqlite3


def own_name(number: int, *, sandbox: bool) -> str:
    """Return an id that people can type where the service gave none; each book has its own."""
    return f"{'play' if sandbox else 'job'}_{number}"


def own_number(name: str, *, sandbox: bool) -> int:
    """Return the number in an id of ours; -1 when it is none."""
    kind, _, digits = name.partition("_")
    fits = kind == ("play" if sandbox else "job") and len(digits) < 18  # noqa: PLR2004 - digits that SQLite's integers hold
    return int(digits) if fits and digits.isascii() and digits.isdigit() else -1


@frozen
class Entry:
    """One job of the journal.

    Attributes:
        number: Its number in this journal.
        state: ``intent``, ``sending``, ``accepted``, ``refused``, ``unknown``, ``success``, ``failed`` or ``forgotten``.
        task_id: The service's id; None when it never gave one.
        task_type: The category.
        model_id: Family id.
        model_name: Display name.
        version_id: Leaf id.
        n: Number of outputs.
        points: Points in total.
        base: Root of the service.
        user_id: On whose behalf; empty when nobody said.
        folder: Where the files are to go; empty when nowhere.
        day: Local date on which it was opened.
        opened_at: Wall time in seconds since the epoch.
        accepted_at: Likewise, when the service took it; None when it did not.
        ended_at: Likewise; None while it runs.
        attempts: Creates that were sent.
        code: Why it was refused, or why its outcome is unknown.
        files: Paths that were saved.
        delivered: Whether the result has reached whoever asked.
        prompt: The prompt, when it was to be kept.
        sandbox: Whether the points are play money.
    """

    number: int
    state: str
    task_id: str | None
    task_type: str
    model_id: str
    model_name: str
    version_id: str
    n: int
    points: int
    base: str
    user_id: str
    folder: str
    day: str
    opened_at: float
    accepted_at: float | None
    ended_at: float | None
    attempts: int
    code: str | None
    files: tuple[str, ...]
    delivered: bool
    prompt: str | None
    sandbox: bool

    @property
    def id(self) -> str:
        """The task id, else a name of our own."""
        return self.task_id or own_name(self.number, sandbox=self.sandbox)

    def age_s(self, now: float) -> float | None:
        """Return how long ago the service took it; None when nobody knows, or the clock went back."""
        return now - self.accepted_at if self.accepted_at is not None and now >= self.accepted_at else None

    @property
    def is_outstanding(self) -> bool:
        """Whether ``tasks collect`` has something to do."""
        return self.state == "accepted" or (self.state == "success" and not self.delivered)

    @property
    def was_sent(self) -> bool:
        """Whether points are, or may be, gone."""
        return self.task_id is not None or (
            self.attempts > 0 and self.state in ("unknown", "forgotten", "sending")
        )


def read_entry(row: sqlite3.Row, *, sandbox: bool) -> Entry:
    """Return a row as an entry."""
    same = (
        "state", "task_id", "task_type", "model_id", "model_name", "version_id", "n", "points", "base",
        "user_id", "folder", "day", "opened_at", "accepted_at", "ended_at", "attempts", "code", "prompt",
    )  # fmt: skip
    return Entry(
        number=row["id"],
        files=tuple(item["path"] for item in _list(row["files"])),
        delivered=bool(row["delivered"]),
        sandbox=sandbox,
        **{name: row[name] for name in same},
    )


def _list(text: str | None) -> list[dict[str, Any]]:
    found = json.loads(text) if text else []
    return [item for item in found if isinstance(item, dict) and isinstance(item.get("path"), str)]
