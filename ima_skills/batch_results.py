"""The results of a batch: a file that only grows, and the folder's lock, which says whose they are."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from attrs import define, field

from ima_skills.errors import UsageError
from ima_skills.file_lock import try_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.batch import Line

RESULTS = "results.jsonl"
LOCK = "results.lock"
_NAME_LENGTH = 32
_FIGURES = 20


@define
class ResultFile:
    """The results of a batch: one JSON object a line, in order of completion, each durable once written.

    One process at a time holds it; :meth:`close` lets it go.

    Attributes:
        path: The file.
        batch: The batch's own name, which goes with its folder wherever that is moved.
        rows: Mark of a line to its latest result.
        over: Mark of a line to its latest task that ended badly.
        charged: Task to the points that were charged for it, of all results.
    """

    path: Path
    batch: str
    rows: dict[str, Mapping[str, Any]] = field(factory=dict)
    over: dict[str, str] = field(factory=dict)
    charged: dict[str, int] = field(factory=dict)
    _lock: int | None = field(default=None, repr=False)
    # Where the last whole row ends, while what follows it could not be cut off.
    _whole: int | None = field(default=None, init=False, repr=False)

    @classmethod
    def open(cls, folder: Path) -> ResultFile:
        """Return the results of a folder, and what earlier runs have left there, for this process alone.

        A last row that was cut off by a crash is dropped: its line finds its task in the journal.

        Raises:
            UsageError: ``batch-running``: another process has it; ``download-folder``: it cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
            try:
                found = cls(folder / RESULTS, _taken(handle, folder), lock=handle)
                for row in found._earlier():
                    found._note(row)
            except BaseException:
                os.close(handle)
                raise
        except OSError as error:
            raise UsageError(
                f"cannot write to {folder}: {error.strerror or type(error).__name__}",
                code="download-folder",
                hint="Name another folder.",
            ) from error
        return found

    def close(self) -> None:
        """Let another process have it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        """Return the file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let another process have it."""
        self.close()

    def is_final(self, line: Line) -> bool:
        """Whether a line need not run again: it was made, or paid for and failed, and is the same since."""
        row = self.rows.get(line.mark, {})
        if row.get("status") == "failed" and row.get("task_id"):
            return not self.is_stale(line)
        return row.get("status") == "success"

    def is_stale(self, line: Line) -> bool:
        """Whether the latest result of a line is that of an earlier text of it."""
        row = self.rows.get(line.mark, {})
        return str(row.get("content", line.content)) != line.content

    def _note(self, row: Mapping[str, Any]) -> None:
        mark, task_id, credit = str(row.get("mark")), row.get("task_id"), row.get("credit")
        self.rows[mark] = row
        if row.get("status") == "failed" and isinstance(task_id, str):
            self.over[mark] = task_id
        if isinstance(task_id, str) and isinstance(credit, int):
            self.charged[task_id] = credit

    def _earlier(self) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of earlier runs; what an editor or a crash has left of a row is made whole or cut off."""
        content = self.path.read_bytes() if self.path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        last = _row(content[len(whole) :])
        if last is not None:
            with self.path.open("ab") as stream:
                stream.write(b"\n")
        elif whole != content:
            os.truncate(self.path, len(whole))
        # A damaged row is passed over: its line finds its task in the journal.
        yield from (row for row in (*map(_row, whole.splitlines()), last) if row is not None)

    def write(self, result: Mapping[str, Any]) -> None:
        """Append one result; it is on disk when this returns, and nothing of it is there when this raises.

        Raises:
            OSError: It cannot be written; the line stays undone.
        """
        text = json.dumps(result, ensure_ascii=False, default=str)
        left = memoryview(f"{text}\n".encode(errors="backslashreplace"))
        # Without a buffer: nothing is kept back to be written when the file is closed after all.
        with self.path.open("ab", buffering=0) as stream:
            self._mend()
            self._whole = stream.seek(0, os.SEEK_END)
            try:
                while left:
                    left = left[stream.write(left) :]
                os.fsync(stream.fileno())
            except OSError:
                with suppress(OSError):
                    self._mend()
                raise
        self._whole = None
        self._note(result)

    def _mend(self) -> None:
        """Cut off what is left of a row that could not be written whole."""
        if self._whole is not None:
            os.truncate(self.path, self._whole)
            self._whole = None


def _row(text: bytes) -> Mapping[str, Any] | None:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _taken(handle: int, folder: Path) -> str:
    """Lock a folder for this process and return the name of its batch; a new one where there is none.

    Args:
        handle: Its lock file: the name on the first line, the process that has it on the second.
        folder: For the error.
    """
    # Where there are no such locks, the journal keeps equal lines apart all the same.
    is_mine = try_lock(handle) is not False
    said = os.read(handle, _NAME_LENGTH + _FIGURES + 2).decode("ascii", "replace").split()
    if not is_mine:
        raise _running(folder, said[1] if len(said) > 1 else "")
    name = said[0] if said and len(said[0]) == _NAME_LENGTH and said[0].isalnum() else _fresh_name()
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, f"{name}\n{os.getpid():>{_FIGURES}}\n".encode())
    os.fsync(handle)
    return name


def _fresh_name() -> str:
    import secrets

    return secrets.token_hex(_NAME_LENGTH // 2)


def _running(folder: Path, process: str) -> UsageError:
    who = f"process {process}" if process else "another process"
    return UsageError(
        f"{who} is running a batch in {folder}",
        code="batch-running",
        hint="Nothing was sent. Wait for it, or end it and run the same command again; nothing is paid twice.",
        details={"folder": str(folder), "process": process or None},
    )
