"""A client with a journal, over a scripted service: what is written when, and what a second client does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ima_skills.client import ImaClient
from ima_skills.clock import FakeClock, SystemClock
from ima_skills.domain.event import Reattached
from ima_skills.domain.request import Request
from ima_skills.errors import (
    DeadlineError,
    FaultError,
    ImaError,
    NetworkError,
    OutcomeUnknownError,
    ServiceError,
)
from ima_skills.journal.caps import Caps
from ima_skills.journal.store import FileJournal
from ima_skills.recording import Journal
from ima_skills.registry import Registry
from ima_skills.unrecorded import NoJournal

WISH = Request("text_to_image", "a kite", model="seedream-4.5")


class House:
    """A service that counts creates and answers them as it is told."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.creates = 0
        self.answer: Any = None
        self.done = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("product/list"):
            return self.say(self.registry.snapshot.groups("text_to_image"))
        if request.url.path.endswith("create"):
            self.creates += 1
            if isinstance(self.answer, BaseException):
                raise self.answer
            return self.answer or self.say({"id": f"t{self.creates}"})
        task_id = json.loads(request.content)["task_id"]
        media = {
            "resource_status": 1,
            "status": "success",
            "url": "https://cdn.invalid/x.png",
            "format": "png",
        }
        return self.say({"id": task_id, "medias": [media if self.done else {"resource_status": 0}]})

    @staticmethod
    def say(data: Any, code: int = 0) -> httpx.Response:
        return httpx.Response(200, json={"code": code, "message": "", "data": data})


@pytest.fixture
def house(registry: Registry) -> House:
    """The service."""
    return House(registry)


@pytest.fixture
def book(tmp_path: Path, fake_clock: FakeClock) -> Iterator[FileJournal]:
    """The journal of an embedder."""
    journal = FileJournal(tmp_path / "jobs.db", clock=fake_clock, caps=Caps(), warn=print)
    yield journal
    journal.close()


@pytest.fixture
def make(house: House, book: FileJournal, mock_client: Callable[..., ImaClient]) -> Callable[..., Any]:
    """Return a function that makes the wish with a new client on the same journal."""

    def go(*, journal: Journal | None = book, **more: Any) -> Any:
        async def work() -> Any:
            async with mock_client(house, journal=journal) as client:
                return await client.finish(await client.prepare(WISH), **more)

        return asyncio.run(work())

    return go


def states(book: FileJournal) -> list[str]:
    return [entry.state for entry in book.entries()]


def test_a_result_that_was_returned_is_delivered(
    house: House, book: FileJournal, make: Callable[..., Any]
) -> None:
    """An embedder has the result in hand, so the same wish is a new one."""
    make()
    make()
    assert (house.creates, states(book)) == (2, ["success", "success"])
    assert all(entry.delivered for entry in book.entries())


def test_after_a_deadline_the_task_is_found(
    house: House,
    book: FileJournal,
    make: Callable[..., Any],
    tell_all: tuple[list[Any], Callable[[Any], None]],
) -> None:
    """Waiting ended, the task did not: the same wish waits for it and costs nothing more."""
    house.done = False
    with pytest.raises(DeadlineError):
        make(deadline_s=1.0)
    house.done = True
    events, tell = tell_all
    assert make(on_event=tell).task_id == "t1"
    assert Reattached("t1") in events
    assert house.creates == 1


@pytest.mark.parametrize("journal", [None, NoJournal()])
def test_without_a_journal_nothing_is_remembered(
    journal: Journal | None, house: House, book: FileJournal, make: Callable[..., Any]
) -> None:
    """The default for embedders: they keep their own books."""
    house.done = False
    for _ in range(2):
        with pytest.raises(DeadlineError):
            make(deadline_s=1.0, journal=journal)
    assert (house.creates, book.exists) == (2, False)


@pytest.mark.parametrize(
    ("answer", "error", "state"),
    [
        (httpx.ReadTimeout("slow"), OutcomeUnknownError, "unknown"),
        (httpx.Response(502, text="<html>"), OutcomeUnknownError, "unknown"),
        (httpx.ConnectError("nobody there"), NetworkError, "refused"),
        (House.say(None, 400017), ServiceError, "refused"),
    ],
)
def test_every_verdict_is_written_down(  # noqa: PLR0913, PLR0917 - the fixtures it needs
    answer: Any, error: type[ImaError], state: str, house: House, book: FileJournal, make: Callable[..., Any]
) -> None:
    """Lost on the way is unknown, never left and refused cost nothing."""
    house.answer = answer
    with pytest.raises(error):
        make()
    sent = house.creates
    assert states(book) == [state]
    house.answer = None
    if state == "unknown":
        with pytest.raises(OutcomeUnknownError):
            make()
        assert house.creates == sent
    else:
        make()
        assert house.creates == sent + 1


def test_a_cancelled_create_is_unknown(
    house: House, book: FileJournal, mock_client: Callable[..., ImaClient]
) -> None:
    """Whoever gives up while a create is on its way does not know what became of it."""

    async def slow(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("create"):
            await asyncio.sleep(60)
        return house(request)

    async def work() -> None:
        async with mock_client(slow, journal=book) as client:
            prepared = await client.prepare(WISH)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.finish(prepared), 0.2)

    asyncio.run(work())
    assert states(book) == ["unknown"]
    assert book.entries()[0].code == "ended by CancelledError"


@pytest.mark.parametrize(
    ("status", "code", "state"), [(200, 200, "accepted"), (200, 401, "refused"), (502, None, "unknown")]
)
def test_a_verdict_is_heard_although_the_caller_has_gone(  # noqa: PLR0913, PLR0917 - the fixtures it needs
    house: House,
    book: FileJournal,
    mock_client: Callable[..., ImaClient],
    status: int,
    code: int | None,
    state: str,
) -> None:
    """A cancelled call still hears what becomes of a create that has left, and sends no other one."""
    sent, left = [], asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("create"):
            return house(request)
        sent.append(request)
        left.set()
        await asyncio.sleep(0.05)
        if code == httpx.codes.OK:
            return house(request)
        return httpx.Response(status, json={"code": code, "message": "no"} if code else None)

    async def work() -> None:
        async with mock_client(slow, journal=book, clock=SystemClock()) as client:
            prepared = await client.prepare(WISH)
            call = asyncio.ensure_future(client.finish(prepared))
            await left.wait()
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call

    asyncio.run(work())
    assert (states(book), len(sent)) == ([state], 1)


def test_wishes_at_the_same_time_in_one_process(
    house: House, book: FileJournal, mock_client: Callable[..., ImaClient]
) -> None:
    """Tasks of one event loop wait for each other like processes do."""

    async def work() -> list[str]:
        async with mock_client(house, journal=book) as client:
            prepared = await client.prepare(WISH)
            started = await asyncio.gather(*(client.start(prepared) for _ in range(5)))
            return [task_id for task_id, _ in started]

    assert asyncio.run(work()) == ["t1"] * 5
    assert house.creates == 1


def test_what_cannot_be_written_is_not_sent(
    house: House, book: FileJournal, make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up between the reservation and the create."""

    def full(*_: Any) -> None:
        raise FaultError("the disk is full", code="journal-unwritable")

    monkeypatch.setattr("ima_skills.journal.record.FileRecord.sending", full)
    with pytest.raises(FaultError):
        make()
    assert (house.creates, states(book)) == (0, ["refused"])


def test_a_process_that_never_gets_its_verdict(
    house: House, book: FileJournal, make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting for another's verdict ends some time, and nothing was sent meanwhile."""

    def lost(*_: Any) -> None:
        raise FaultError("the disk is full", code="journal-unwritable")

    house.answer = httpx.ReadTimeout("slow")
    with monkeypatch.context() as patch:
        patch.setattr("ima_skills.journal.record.FileRecord.unknown", lost)
        with pytest.raises(OutcomeUnknownError, match="its outcome is not known"):
            make()
    with pytest.raises(OutcomeUnknownError, match="in another process for 180"):
        make()
    assert (house.creates, states(book)) == (1, ["sending"])
