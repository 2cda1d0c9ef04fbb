"""Coming back to a job that is paid for: what is told is what was made, and nothing that it cost stands in the way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ima_skills.cli.running import Journal, run
from ima_skills.domain.event import Held, Quoted
from ima_skills.domain.request import Request
from ima_skills.errors import ImaError
from ima_skills.journal.caps import Caps
from ima_skills.journal.router import Books
from ima_skills.journal.store import FileJournal
from ima_skills.recording import Busy, Job, Terms
from ima_skills.unrecorded import NoJournal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ima_skills.clock import FakeClock
    from ima_skills.registry import Registry
    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Served = Callable[..., SandboxService]

TWO_HICCUPS = '[[fault]]\non = "create"\nkind = "refuse"\ncode = 500\ncalls = [1, 2]'
LARGE = (
    "create",
    "waves",
    "-t",
    "text_to_video",
    "-m",
    "wan-2.6",
    "-p",
    "duration=10",
    "-p",
    "resolution=1080P",
)
KEPT = ("credit", "params", "changes", "model_id", "version_id")


@pytest.fixture
def books(tmp_path: Path, fake_clock: FakeClock) -> Iterator[Books]:
    """Journals that do not exist yet."""
    parts: dict[str, Any] = {"clock": fake_clock, "caps": Caps(), "warn": print}
    found = Books(FileJournal(tmp_path / "real.db", **parts), FileJournal(tmp_path / "play.db", **parts))
    yield found
    found.close()


def test_a_reduced_job_is_told_as_it_was_made(served: Served, ima: Ima) -> None:
    """The same wish again: points, parameters and changes are those of the job, not those of the wish."""
    served(TWO_HICCUPS)
    first = ima(*LARGE, "--yes", "--no-wait", "--json").document
    assert first["changes"]
    again = ima(*LARGE, "--yes", "--json")
    assert again.document["task_id"] == first["task_id"]
    assert {name: again.document[name] for name in KEPT} == {name: first[name] for name in KEPT}
    assert f"{first['credit']} points" in again.err


def test_a_cap_does_not_keep_from_waiting(served: Served, ima: Ima) -> None:
    """What is paid for already is waited for; another one is refused as ever."""
    served()
    task_id = ima("create", "a kite", "--no-wait", "--json").document["task_id"]
    ran = ima("create", "a kite", "--max-points", "3", "--json")
    assert (ran.code, ran.document.get("task_id")) == (0, task_id)
    ran = ima("create", "a kite", "--max-points", "3", "--json")
    assert (ran.code, ran.document["code"]) == (4, "over-cap")


@pytest.mark.parametrize(("left", "said"), [(True, "may have been accepted"), (False, "nothing was sent")])
def test_an_interrupt_says_whether_a_create_has_left(*, left: bool, said: str) -> None:
    """Before the create, for instance during an upload, nothing that costs is on its way."""
    journal = Journal(may_have_left=lambda: left)
    journal.listen(Quoted("text_to_image", "M", "v", None, (1.0, 2.0), ()))  # type: ignore[arg-type]  # the price plays no part

    async def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(ImaError, match=said):
        run(interrupted, journal)


def test_the_journal_knows_whether_a_create_has_left(books: Books) -> None:
    """Reserved, refused and accepted ones are no riddle; one without a verdict is."""
    job = Job("f", "text_to_image", "m", "v", "M", 1, 5, 1, 5, sandbox=False, base="https://service")
    assert not books.has_left()
    record: Any = books.open(job, Terms())
    assert not books.has_left()
    record.sending(1, 5)
    assert books.has_left()
    record.accepted("t1")
    assert not books.has_left()


class Stopped:
    """A journal in which another process, stopped, has the same wish."""

    def open(self, *_: object) -> Busy:
        """Say so."""
        return Busy(4711)

    def __getattr__(self, name: str) -> Any:
        """Know nothing else."""
        return getattr(NoJournal(), name)


def test_who_is_held_up_is_told(registry: Registry, mock_client: Any) -> None:
    """A process that is stopped keeps the same wish waiting: after a moment that is said, with its number."""
    said: list[Any] = []
    lists = {"code": 0, "data": registry.snapshot.groups("text_to_image")}

    async def go() -> None:
        async with mock_client(lambda _: httpx.Response(200, json=lists), journal=Stopped()) as client:
            await client.create(Request("text_to_image", "a kite"), on_event=said.append)

    with pytest.raises(ImaError, match="has been on its way in another process"):
        asyncio.run(go())
    assert {type(event) for event in said} == {Held}
    assert (said[0].pid, said[0].waited_s < 4, 25 < len(said) < 35) == (4711, True, True)
