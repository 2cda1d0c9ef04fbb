"""A journal that does not exist yet, and ways to write jobs into it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen

from ima_skills.clock import FakeClock
from ima_skills.journal.caps import Caps
from ima_skills.journal.store import FileJournal
from ima_skills.recording import Job, Terms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.journal.entry import Entry
    from ima_skills.journal.owner import Owner

ONCE = Terms()


@frozen
class Bench:
    """A journal's file and a way to open it as any process."""

    path: Path
    clock: FakeClock
    aside: list[Path]
    opened: list[FileJournal]

    def open(self, owner: Owner | None = None, **caps: int) -> FileJournal:
        """Open the file."""
        journal = FileJournal(
            self.path, clock=self.clock, caps=Caps(**caps), warn=self.aside.append, owner=owner
        )
        self.opened.append(journal)
        return journal

    @staticmethod
    def job(mark: str = "f", total: int = 10, **more: Any) -> Job:
        """Return a job."""
        given = {"model_id": "m", "version_id": "v", "task_type": "text_to_image", **more}
        return Job(
            fingerprint=mark, model_name="M", attribute_id=1, points_per_output=total, n=1, total=total,
            sandbox=False, base="https://service", **given,
        )  # fmt: skip

    def begin(
        self, journal: FileJournal, mark: str = "f", total: int = 10, terms: Terms = ONCE, **more: Any
    ) -> Any:
        """Open a job."""
        return journal.open(self.job(mark, total, **more), terms)

    def accepted(self, journal: FileJournal, task_id: str, mark: str = "") -> Any:
        """Return the record of a job that the service took."""
        record = self.begin(journal, mark or task_id)
        record.sending(1, 10)
        record.accepted(task_id)
        return record

    @staticmethod
    def entry(journal: FileJournal, index: int = 0) -> Entry:
        """Return a job of the journal, the latest first."""
        return journal.entries()[index]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A place for a journal that does not exist yet."""
    place = Bench(tmp_path / "state" / "ima_journal.db", FakeClock(), [], [])
    yield place
    for journal in place.opened:
        journal.close()
