"""Two books: one of real points, one of the sandbox's, so that play money never counts as real."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ima_skills.domain.task import Media, SavedFile
    from ima_skills.journal.entry import Entry
    from ima_skills.journal.store import FileJournal
    from ima_skills.recording import Attached, Busy, Job, Made, Record, Standing, Terms


class Books:
    """A journal that writes into the right one of two files.

    Args:
        real: Of real points.
        sandbox: Of the sandbox's.
        plays: Whether the service is known to be the sandbox in this process.
    """

    def __init__(self, real: FileJournal, sandbox: FileJournal, *, plays: bool = False) -> None:
        self._real = real
        self._sandbox = sandbox
        self._plays = plays

    @property
    def all(self) -> tuple[FileJournal, ...]:
        """The books that may hold jobs of this service, none of which is made by looking."""
        return (self._sandbox,) if self._plays else (self._real, self._sandbox)

    def seal(self, text: str) -> str:
        """Return what stands for a secret."""
        return (self._sandbox if self._plays else self._real).seal(text)

    def open(self, job: Job, terms: Terms) -> Record | Attached | Busy:
        """Reserve the points of a job; see the protocol."""
        return self._book(job).open(job, terms)

    def bind(self, token: str, task_id: str) -> None:
        """Let a caller's token stand for a task."""
        for book in self._holding(task_id):
            book.bind(token, task_id)

    def afford(self, points: int, user_id: str, *, sandbox: bool) -> None:
        """Refuse what today's caps have no room for."""
        (self._sandbox if sandbox else self._real).afford(points, user_id, sandbox=sandbox)

    def under_way(self, job: Job, terms: Terms) -> str | None:
        """Return the task that the same wish would attach to."""
        return self._book(job).under_way(job, terms)

    def standing(self, slot: str, *, sandbox: bool) -> Standing | None:
        """Return how the job of a slot stands."""
        return (self._sandbox if sandbox else self._real).standing(slot, sandbox=sandbox)

    def made(self, task_id: str) -> Made | None:
        """Return what stands written of a task."""
        return next((made for book in self.all if (made := book.made(task_id))), None)

    def has_left(self) -> bool:
        """Tell whether a create of this process may have left whose task is not known."""
        return any(book.has_left() for book in (self._real, self._sandbox))

    def looked(self, task_id: str, medias: Sequence[Media] | None) -> None:
        """Count a look at a task."""
        for book in self._holding(task_id):
            book.looked(task_id, medias)

    def ended(self, task_id: str, status: str, medias: Sequence[Media]) -> None:
        """Write down how a task ended."""
        for book in self._holding(task_id):
            book.ended(task_id, status, medias)

    def saved(self, task_id: str, files: Sequence[SavedFile | None]) -> None:
        """Write down which files are on disk."""
        for book in self._holding(task_id):
            book.saved(task_id, files)

    def placed(self, task_id: str, folder: str) -> None:
        """Write down where the files of a task go from now on."""
        for book in self._holding(task_id):
            book.placed(task_id, folder)

    def delivered(self, task_id: str) -> None:
        """Write down that the result has arrived."""
        for book in self._holding(task_id):
            book.delivered(task_id)

    def history(self, model_id: str, version_id: str, task_type: str) -> Sequence[float]:
        """Return how long real tasks took; a sandbox's time teaches nothing."""
        return () if self._plays else self._real.history(model_id, version_id, task_type)

    def find(self, name: str) -> Entry | None:
        """Return a job by its name, wherever it stands."""
        return next((entry for book in self.all if (entry := book.find(name))), None)

    def sealed(self, entry: Entry, text: str) -> str:
        """Return what stands for a text in the book that holds a job."""
        return (self._sandbox if entry.sandbox else self._real).seal(text)

    def entries(self) -> tuple[Entry, ...]:
        """Return every job, the latest first in each book."""
        return tuple(entry for book in self.all for entry in book.entries())

    def forget(self, entry: Entry) -> None:
        """Stop caring for a job; its receipt stays."""
        (self._sandbox if entry.sandbox else self._real).forget(entry)

    def begin_anew(self) -> tuple[Path, ...]:
        """Put damaged files aside, so that the next job begins a new one; return where they are now."""
        return tuple(kept for book in self.all if (kept := book.begin_anew()))

    def close(self) -> None:
        """Close both files."""
        for book in (self._real, self._sandbox):
            book.close()

    def _book(self, job: Job) -> FileJournal:
        return self._sandbox if job.sandbox else self._real

    def _holding(self, task_id: str) -> Iterator[FileJournal]:
        return (book for book in self.all if book.holds(task_id))
