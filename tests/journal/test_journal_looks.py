"""Looks are counted cheaply: in memory at once, on disk in bundles, all of them by the end."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ima_skills.domain.task import Media
from ima_skills.errors import NetworkError
from ima_skills.journal.looks import BUNDLE_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.client import ImaClient

DONE, MORE = (
    Media(resource_status=1, url="https://x.example/a.png", status="success"),
    Media(resource_status=0),
)


def on_disk(bench: Any, task_id: str = "t1") -> tuple[Any, ...]:
    raw = sqlite3.connect(bench.path)
    query = "SELECT looks, looked_at, outputs_done, outputs_listed FROM jobs WHERE task_id = ?"
    found: tuple[Any, ...] = raw.execute(query, (task_id,)).fetchone()
    raw.close()
    return found


def test_the_first_look_is_written_and_the_next_ones_in_a_bundle(bench: Any) -> None:
    """One write for many looks; what is asked for in between is complete all the same."""
    journal = bench.open()
    bench.accepted(journal, "t1")
    journal.looked("t1", (MORE, MORE))
    assert on_disk(bench) == (1, bench.clock.now(), 0, 2)
    bench.clock.jump(1.0)
    journal.looked("t1", (DONE, MORE))
    assert on_disk(bench)[0] == 1
    found = journal.find("t1")
    assert (found.looks, found.looked_at, found.outputs_done, found.outputs_listed) == (
        2,
        bench.clock.now(),
        1,
        2,
    )
    bench.clock.jump(1.0)
    journal.looked("t1", None)
    bench.clock.jump(BUNDLE_S)
    journal.looked("t1", None)
    # Looks that nobody answered count, and leave what was seen before.
    assert on_disk(bench) == (4, bench.clock.now(), 1, 2)


@pytest.mark.parametrize("end", ["ended", "close"])
def test_nothing_is_left_behind(bench: Any, end: str) -> None:
    """The end of the task, or of the process, writes what was counted since."""
    journal = bench.open()
    bench.accepted(journal, "t1")
    for _ in range(3):
        journal.looked("t1", (MORE,))
    assert on_disk(bench)[0] == 1
    if end == "ended":
        journal.ended("t1", "success", (DONE,))
    else:
        journal.close()
    assert on_disk(bench)[0] == 3


def test_a_thousand_tasks_share_one_write(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many tasks are under way, there is one small transaction per bundle, and none waits for the disk."""
    journal = bench.open()
    for number in range(1000):
        bench.begin(journal, str(number))
    database = journal._file()
    with database.transaction() as connection:
        connection.execute("UPDATE jobs SET task_id = 't' || id, state = 'accepted'")
    statements: list[str] = []
    database._connection.set_trace_callback(statements.append)
    for _ in range(3):
        bench.clock.jump(BUNDLE_S)
        for number in range(1, 1001):
            journal.looked(f"t{number}", (MORE,))
    database._connection.set_trace_callback(None)
    assert statements.count("COMMIT") == 3
    assert statements.index("PRAGMA synchronous=NORMAL") < statements.index("BEGIN IMMEDIATE")
    assert database._connection.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL again, for what costs
    journal.close()
    assert [on_disk(bench, f"t{number}")[0] for number in (1, 500, 1000)] == [3, 3, 3]


def test_a_busy_journal_keeps_nobody_waiting(bench: Any) -> None:
    """While another process writes, looks wait in memory; steps that cost are not affected."""
    journal = bench.open()
    bench.accepted(journal, "t1")
    other = sqlite3.connect(bench.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    journal.looked("t1", (MORE,))
    other.execute("ROLLBACK")
    other.close()
    assert on_disk(bench)[0] == 0
    bench.clock.jump(BUNDLE_S)
    journal.looked("t1", (DONE,))
    assert on_disk(bench) == (2, bench.clock.now(), 1, 1)


def test_looks_at_foreign_tasks_leave_no_trace(bench: Any) -> None:
    """Without a journal none is made, and a task that it does not know is passed over."""
    journal = bench.open()
    journal.looked("t1", ())
    assert not bench.path.exists()
    bench.accepted(journal, "t2")
    journal.looked("t1", ())
    assert journal.find("t1") is None


def test_every_look_of_a_client_counts(bench: Any, mock_client: Callable[..., ImaClient]) -> None:
    """Waiting and looking once both count, looks that fail as well."""
    journal = bench.open()
    bench.accepted(journal, "t1")
    calls: list[int] = []

    def handler(_: httpx.Request) -> httpx.Response:
        calls.append(1)
        if len(calls) % 2:
            raise httpx.ReadError("the line broke")
        done = len(calls) > 5
        media = {"resource_status": int(done), "url": "https://x.example/a.png", "status": "success"}
        return httpx.Response(200, json={"code": 0, "data": {"id": "t1", "medias": [media if done else {}]}})

    async def go() -> None:
        async with mock_client(handler, journal=journal) as client:
            with pytest.raises(NetworkError):
                await client.task("t1")
            await client.wait("t1", "text_to_image")

    asyncio.run(go())
    found = journal.find("t1")
    assert len(calls) == 6
    assert (found.state, found.looks, found.outputs_done, found.outputs_listed) == ("success", 6, 1, 1)
