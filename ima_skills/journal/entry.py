"""What the journal tells about a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.journal.layout import STATES
from ima_skills.journal.values import (
    maybe_text,
    moment_of,
    objects_of,
    text_of,
    texts_of,
    told_of,
    whole_of,
)
from ima_skills.recording import Told
from ima_skills.task_reading import AVAILABLE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

_READERS: tuple[tuple[Callable[[object], object], tuple[str, ...]], ...] = (
    (text_of, ("task_type", "model_id", "model_name", "version_id", "base", "user_id", "folder", "day")),
    (maybe_text, ("task_id", "code", "prompt")),
    (moment_of, ("accepted_at", "ended_at", "looked_at")),
    (whole_of, ("points", "attempts", "looks", "outputs_done", "outputs_listed")),
)


def own_name(number: int, *, sandbox: bool) -> str:
    """Return an id that people can type where the service gave none; each book has its own."""
    return f"{'play' if sandbox else 'job'}_{number}"


def own_number(name: str, *, sandbox: bool) -> int:
    """Return the number in an id of ours; -1 when it is none."""
    kind, _, digits = name.partition("_")
    fits = kind == ("play" if sandbox else "job") and len(digits) < 18  # noqa: PLR2004 - digits that SQLite's integers hold
    return int(digits) if fits and digits.isascii() and digits.isdigit() else -1


@frozen
class Kept:
    """A file that was saved.

    Attributes:
        path: Where it was put.
        bytes: Its size.
        sha256: Of its contents; empty when nobody knows.
    """

    path: str
    bytes: int
    sha256: str


@frozen
class Entry:
    """One job of the journal.

    Attributes:
        number: Its number in this journal.
        state: One of :data:`ima_skills.journal.layout.STATES`.
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
        kept: Files that were saved.
        delivered: Whether the result has reached whoever asked.
        prompt: The prompt, when it was to be kept.
        looks: Looks at the task that were written down.
        looked_at: When the latest of them was; None when there was none.
        outputs_done: Outputs that were there at the latest look that was answered.
        outputs_listed: Outputs that the service listed then.
        told: How it was made.
        sources: Seals of its inputs, in order.
        marks: Seals of the addresses of its outputs, in order; empty where there was none.
        usable: Outputs that were there when it ended, or when it was last looked at after that.
        coming: Outputs that may still have come then, although it has failed.
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
    kept: tuple[Kept, ...]
    delivered: bool
    prompt: str | None
    looks: int
    looked_at: float | None
    outputs_done: int
    outputs_listed: int
    told: Told
    sources: tuple[str, ...]
    marks: tuple[str, ...]
    usable: int
    coming: int
    sandbox: bool

    @property
    def files(self) -> tuple[str, ...]:
        """Paths that were saved."""
        return tuple(file.path for file in self.kept)

    @property
    def id(self) -> str:
        """The task id, else a name of our own."""
        return self.task_id or own_name(self.number, sandbox=self.sandbox)

    def age_s(self, now: float) -> float | None:
        """Return how long ago the service took it; None when nobody knows, or the clock went back."""
        return now - self.accepted_at if self.accepted_at is not None and now >= self.accepted_at else None

    @property
    def is_outstanding(self) -> bool:
        """Whether ``tasks collect`` has something to do: what was paid for is not in the user's hands."""
        if self.state == "failed":
            return not self.delivered and (self.coming > 0 or self.usable > len(self.kept))
        return self.state == "accepted" or (self.state == "success" and not self.delivered)

    @property
    def was_sent(self) -> bool:
        """Whether points are, or may be, gone."""
        return self.task_id is not None or (
            self.attempts > 0 and self.state in ("unknown", "forgotten", "sending")
        )


def read_entry(row: sqlite3.Row, *, sandbox: bool) -> Entry:
    """Return a row as an entry; a value that no journal writes becomes none, and a foreign state unknown."""
    kept = (
        Kept(text_of(item.get("path")), whole_of(item.get("bytes")), text_of(item.get("sha256")))
        for item in objects_of(row["files"])
    )
    medias = objects_of(row["medias"])
    known: dict[str, Any] = {name: read(row[name]) for read, names in _READERS for name in names}
    return Entry(
        number=row["id"],
        state=row["state"] if row["state"] in STATES else "unknown",
        n=whole_of(row["n"], 1),
        opened_at=moment_of(row["opened_at"]) or 0.0,
        kept=tuple(file for file in kept if file.path),
        told=told_of(row["told"]),
        sources=texts_of(row["sources"]),
        marks=tuple(text_of(item.get("mark")) for item in medias),
        usable=sum(map(_is_usable, medias)),
        coming=sum(item.get("coming") is True for item in medias),
        delivered=bool(row["delivered"]),
        sandbox=sandbox,
        **known,
    )


def _is_usable(media: Mapping[str, Any]) -> bool:
    """Tell whether an output was there; earlier versions wrote down only what that follows from."""
    done = media.get("done")
    return done if isinstance(done, bool) else media.get("status") == AVAILABLE and bool(media.get("mark"))
