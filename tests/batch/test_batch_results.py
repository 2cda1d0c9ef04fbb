"""The results file of a batch: whole rows only, one process at a time, a name that goes with its folder."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ima_skills import UsageError
from ima_skills.batch import Line
from ima_skills.batch_results import LOCK, RESULTS, ResultFile

HOLDER = """
import sys
from pathlib import Path
from ima_skills.batch_results import ResultFile
with ResultFile.open(Path(sys.argv[1])):
    print("mine", flush=True)
    sys.stdin.read()
"""


def line(mark: str, content: str = "") -> Line:
    return Line(1, mark, mark=mark, content=content)


def marks(folder: Path) -> dict[str, Any]:
    with ResultFile.open(folder) as results:
        return {mark: row["status"] for mark, row in results.rows.items()}


def test_results_survive_a_crash(tmp_path: Path) -> None:
    """A last row that was cut off is dropped, damaged ones are passed over, the latest row of a line counts."""
    with ResultFile.open(tmp_path) as results:
        results.write({"mark": "a", "status": "open"})
        results.write({"mark": "b", "status": "open"})
        results.write({"mark": "a", "status": "success"})
    with (tmp_path / RESULTS).open("ab") as stream:
        stream.write(b'not json\n[1]\n{"mark": "c", "status": "succ')
    with ResultFile.open(tmp_path) as again:
        assert [again.is_final(line(mark)) for mark in "abc"] == [True, False, False]
        again.write({"mark": "c", "status": "success"})
    assert marks(tmp_path) == {"a": "success", "b": "open", "c": "success"}


def test_an_editor_that_leaves_out_the_last_line_end(tmp_path: Path) -> None:
    """A last row that is whole counts, and the next one begins on a line of its own."""
    (tmp_path / RESULTS).write_text('{"mark": "a", "status": "success"}')
    with ResultFile.open(tmp_path) as results:
        results.write({"mark": "b", "status": "success"})
    assert marks(tmp_path) == {"a": "success", "b": "success"}


def test_what_is_final(tmp_path: Path) -> None:
    """A result; a failure that was paid for, until the line gets another text. What cost nothing never is."""
    with ResultFile.open(tmp_path) as results:
        results.write({"mark": "made", "status": "success", "task_id": "t1", "content": "x"})
        results.write({"mark": "paid", "status": "failed", "task_id": "t2", "content": "x"})
        results.write({"mark": "free", "status": "failed", "task_id": None, "content": "x"})
        found = [results.is_final(line(mark, text)) for mark in ("made", "paid", "free") for text in "xy"]
        assert found == [True, True, True, False, False, False]
        assert [results.is_stale(line("made", text)) for text in "xy"] == [False, True]


def test_points_are_counted_once_for_each_task(tmp_path: Path) -> None:
    """Also those of a task that another one followed; not those of rows without a task."""
    rows = [
        ("t1", 5, "open"),
        ("t1", 5, "success"),
        ("t2", 7, "failed"),
        ("t3", 7, "success"),
        (None, 9, "unknown"),
    ]
    with ResultFile.open(tmp_path) as results:
        for task_id, credit, status in rows:
            results.write({"mark": "m", "task_id": task_id, "credit": credit, "status": status})
    with ResultFile.open(tmp_path) as again:
        assert sum(again.charged.values()) == 19


def test_a_row_that_does_not_fit_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full in the middle of a row and free right after: the next row stands on a line of its own."""
    import io

    with ResultFile.open(tmp_path) as results:
        results.write({"mark": "a", "status": "success"})
        write, full = io.FileIO.write, [True]

        class Small(io.FileIO):
            def write(self, data: Any) -> int:
                if not full:
                    return write(self, data)
                if len(data) > 9:
                    return write(self, data[:9])
                full.clear()
                raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(Path, "open", lambda path, mode, buffering: Small(path, mode))
        truncate = os.truncate
        monkeypatch.setattr(os, "truncate", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "busy")))
        with pytest.raises(OSError, match="No space left"):
            results.write({"mark": "b", "status": "success"})
        monkeypatch.setattr(os, "truncate", truncate)
        results.write({"mark": "c", "status": "success"})
        monkeypatch.undo()
    rows = [json.loads(text) for text in (tmp_path / RESULTS).read_text().splitlines()]
    assert [row["mark"] for row in rows] == ["a", "c"]


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """The second is told which process has the folder; when that ends, whatever ends it, the folder is free."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "mine\n"
        with pytest.raises(UsageError, match=f"process {holder.pid} is running a batch in") as caught:
            ResultFile.open(tmp_path)
        assert (caught.value.name, caught.value.details["process"]) == ("batch-running", str(holder.pid))
        holder.kill()
    ResultFile.open(tmp_path).close()


def test_a_batch_keeps_its_name(tmp_path: Path) -> None:
    """Wherever its folder goes; a lock file that was cut off by a crash gets a new one."""
    first = tmp_path / "out"
    with ResultFile.open(first) as results:
        name = results.batch
    shutil.move(first, tmp_path / "moved")
    with ResultFile.open(tmp_path / "moved") as moved, ResultFile.open(first) as other:
        assert (moved.batch, other.batch != name) == (name, True)
    (first / LOCK).write_text("abc")
    with ResultFile.open(first) as fresh:
        assert len(fresh.batch) == 32


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A file in the way is said."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write to"):
        ResultFile.open(tmp_path / "file")
