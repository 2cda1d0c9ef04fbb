"""Which file a journal works on: the real one for whoever writes, a copy in memory where reading is all there is."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from ima_skills.errors import FaultError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ima_skills.journal.database import Database


class JournalFile:
    """One journal's file, opened when it is first needed.

    Args:
        path: The file; made when something is to be written.
        warn: Told once, with the path, when the file is damaged and reading goes on without it.
        reads: Whether it may only be read; whoever wants to write is refused then.
    """

    def __init__(self, path: Path, warn: Callable[[Path], None], *, reads: bool) -> None:
        self.path = path
        self.reads = reads
        self._warn = warn
        self._lock = threading.Lock()
        self._file: Database | None = None
        self._copy: Database | None = None
        self._warned = False

    @property
    def exists(self) -> bool:
        """Whether anything was ever written."""
        # Unlike Path.exists, this takes a folder that may not be looked into for one that is not there.
        return self._file is not None or os.path.exists(self.path)  # noqa: PTH110 - for the reason above

    @property
    def is_open(self) -> bool:
        """Whether the file itself is open, for writing too."""
        return self._file is not None

    def own(self) -> Database:
        """Return the file for whoever may write, and must know what it holds.

        Raises:
            FaultError: It is damaged, cannot be written, or may only be read.
        """
        with self._lock:
            if self._file is None:
                from ima_skills.journal.database import Database

                if self.reads:
                    raise _only_read(self.path)
                self._file = Database(self.path)
            return self._file

    def any(self) -> Database:
        """Return the file, or a copy of it where it cannot be written.

        Raises:
            FaultError: It is damaged, or cannot be read.
        """
        if self.reads:
            return self.copy()
        try:
            return self.own()
        except FaultError as error:
            if error.name != "journal-unwritable":
                raise
            with suppress(FaultError):  # what keeps it from being written is the news
                return self.copy()
            raise

    def sound(self) -> Database | None:
        """Return the file or a copy for whoever only looks; None where it does not exist or is damaged.

        Raises:
            FaultError: It cannot be read.
        """
        if not self.exists:
            return None
        try:
            return self.any()
        except FaultError as error:
            if error.name != "journal-damaged":
                raise
        if not self._warned:
            self._warned = True
            self._warn(self.path)
        return None

    def copy(self) -> Database:
        """Return a copy in memory of what it held when it was first asked for.

        Raises:
            FaultError: It is damaged, or cannot be read.
        """
        with self._lock:
            if self._copy is None:
                from ima_skills.journal.database import Database

                self._copy = Database(self.path, reads=True)
            return self._copy

    def close(self) -> None:
        """Close whatever is open."""
        with self._lock:
            for file in (self._file, self._copy):
                if file is not None:
                    file.close()
            self._file = self._copy = None


def _only_read(path: Path) -> FaultError:
    return FaultError(
        f"the journal {path} may only be read here: IMA_NO_WRITE is set",
        code="no-journal",
        hint="Leave IMA_NO_WRITE out to change what it holds.",
        details={"path": str(path)},
    )
