"""What must not cost twice: a call that the host gives up, a task that is handed over in between, lost outcomes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ima_skills.delivering import Delivery, Direct, Order
from ima_skills.journal.router import Books
from ima_skills.recording import Job, Record, Terms
from ima_skills.transport import Answer, SendError, Transport

Call = Callable[..., Awaitable[Any]]
Talk = Callable[..., None]
PICTURE = {"task_type": "text_to_image", "prompt": "a lighthouse at dusk", "client_token": "t"}
DEAR = {"task_type": "text_to_video", "prompt": "waves", "params": {"duration": 15}}


def test_a_call_that_the_host_gives_up(talk: Talk, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A create that has left is heard to its end: the task has its name, and the next call finds it."""
    deliver = Direct.deliver

    async def conversation(call: Call, _client: Any) -> None:
        left = asyncio.Event()

        async def slow(sender: Direct, order: Order, book: Record) -> Delivery:
            delivery = await deliver(sender, order, book)
            left.set()
            await asyncio.sleep(0.2)
            return delivery

        monkeypatch.setattr(Direct, "deliver", slow)
        asking = asyncio.ensure_future(call("generate", **PICTURE))
        await left.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.sleep(0.5)
        assert [entry.state for entry in desk.books.entries()] == ["accepted"]
        again = await call("generate", **PICTURE)
        assert (again.view["again"], len(desk.books.entries())) == (True, 1)

    talk(conversation)


def test_a_wish_repeated_under_another_name(talk: Talk, desk: Any) -> None:
    """An agent that lost the answer and calls again with a new token pays nothing; one more is asked for by name."""

    async def conversation(call: Call, _client: Any) -> None:
        first = (await call("generate", **PICTURE)).view["task_id"]
        again = (await call("generate", **{**PICTURE, "client_token": "u"})).view
        assert (again["task_id"], again["again"], len(desk.books.entries())) == (first, True, 1)
        one_more = (await call("generate", **{**PICTURE, "client_token": "v"}, another=True)).view
        assert (one_more["task_id"] != first, one_more["again"], len(desk.books.entries())) == (
            True,
            False,
            2,
        )
        desk.books.ended(first, "success", ())
        desk.books.delivered(first)
        same = (await call("generate", **{**PICTURE, "client_token": "u"})).view
        assert (same["task_id"], same["again"]) == (first, True)

    talk(conversation)


def test_a_task_that_is_handed_over_in_between(
    talk: Talk, desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was let in without a yes because the task was there gets that task, not a new one."""
    under_way = Books.under_way

    def gone(books: Books, job: Job, terms: Terms) -> str | None:
        found = under_way(books, job, terms)
        if found:
            books.ended(found, "success", ())
            books.delivered(found)
        return found

    async def conversation(call: Call, _client: Any) -> None:
        first = (await call("generate", **DEAR, max_points=120)).view["task_id"]
        monkeypatch.setattr(Books, "under_way", gone)
        again = (await call("generate", **DEAR)).view
        assert (again["task_id"], again["again"]) == (first, True)
        assert len(desk.books.entries()) == 1

    talk(conversation)


def test_a_lost_outcome_is_the_users_to_judge(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer and every later one name the way on in the words of the tools, and nothing is sent again."""

    send = Transport.call

    async def lost(transport: Transport, method: str, url: str, **more: Any) -> Answer:
        if url.endswith("tasks/create"):
            raise SendError("no answer came back", left=True)
        return await send(transport, method, url, **more)

    async def conversation(call: Call, _client: Any) -> None:
        monkeypatch.setattr(Transport, "call", lost)
        for _ in range(2):
            error = (await call("generate", **PICTURE)).error
            assert (error["code"], error["retryable"]) == ("outcome-unknown", False)
            assert "Tell the user what may have been charged" in error["next"]
            assert "--" not in error["next"]
        (row,) = (await call("list_tasks")).view["tasks"]
        shown = (await call("get_task", task_id=row["task_id"])).view
        assert (shown["status"], shown["error"]["code"]) == ("unknown", "outcome-unknown")
        monkeypatch.setattr(Transport, "call", send)
        wish = {**PICTURE, "client_token": "another"}
        assert (await call("generate", **wish)).error["code"] == "outcome-unknown"
        assert (await call("generate", **wish, another=True)).view["status"] == "processing"

    talk(conversation)
