"""A journal that remembers nothing: the default for embedders, who keep their own books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.recording import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.domain.task import Media, SavedFile
    from ima_skills.recording import Attached, Busy, Job, Made, Place, Record, Terms, Told, Upload


class NoRecord:
    """Remembers nothing."""

    @property
    def place(self) -> Place | None:
        """None: it is nowhere."""
        return None

    def sending(self, number: int, points: int) -> None:
        """Do nothing."""

    def accepted(self, task_id: str) -> None:
        """Do nothing."""

    def again(self, code: str) -> None:
        """Do nothing."""

    def refused(self, code: str) -> None:
        """Do nothing."""

    def unknown(self, why: str) -> None:
        """Do nothing."""

    def lost(self, why: str) -> Standing:
        """Return that nobody knows."""
        return Standing("unknown", code=why)

    def amended(self, told: Told) -> None:
        """Do nothing."""

    def uploaded(self, mark: str) -> Upload | None:  # noqa: ARG002 - as the protocol says
        """Return None."""
        return None

    def upload(self, mark: str, upload: Upload) -> None:
        """Do nothing."""

    def distrust(self) -> None:
        """Do nothing."""


class NoJournal:
    """Remembers nothing: the default for embedders, who keep their own books."""

    def seal(self, text: str) -> str:  # noqa: ARG002 - nothing is kept, so nothing needs to be told apart
        """Return an empty text."""
        return ""

    def open(self, job: Job, terms: Terms) -> Record | Attached | Busy:  # noqa: ARG002 - as the protocol says
        """Return a record that remembers nothing."""
        return NoRecord()

    def afford(self, points: int, user_id: str, *, sandbox: bool) -> None:
        """Do nothing."""

    def under_way(self, job: Job, terms: Terms) -> str | None:  # noqa: ARG002 - as the protocol says
        """Return None."""
        return None

    def standing(self, slot: str, *, sandbox: bool) -> Standing | None:  # noqa: ARG002 - as the protocol says
        """Return None."""
        return None

    def made(self, task_id: str) -> Made | None:  # noqa: ARG002 - as the protocol says
        """Return None."""
        return None

    def looked(self, task_id: str, medias: Sequence[Media] | None) -> None:
        """Do nothing."""

    def ended(self, task_id: str, status: str, medias: Sequence[Media]) -> None:
        """Do nothing."""

    def saved(self, task_id: str, files: Sequence[SavedFile | None]) -> None:
        """Do nothing."""

    def placed(self, task_id: str, folder: str) -> None:
        """Do nothing."""

    def delivered(self, task_id: str) -> None:
        """Do nothing."""

    def history(self, model_id: str, version_id: str, task_type: str) -> Sequence[float]:  # noqa: ARG002 - as the protocol says
        """Return nothing."""
        return ()
