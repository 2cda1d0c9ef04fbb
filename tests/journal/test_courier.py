"""A courier carries creates: whatever ends the process that ordered one, its verdict reaches the journal."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.courier import sender as sending
from ima_skills.courier.line import GONE
from ima_skills.courier.process import Bag, carry_all
from ima_skills.courier.sender import Courier
from ima_skills.courier.wire import order_line, read_order, read_reply, ready_line, reply_line
from ima_skills.delivering import Delivery, Direct, Order
from ima_skills.errors import FaultError
from ima_skills.journal.owner import Owner, this_process
from ima_skills.recording import Place
from ima_skills.transport import Answer, Transport
from ima_skills.unrecorded import NoRecord

SECRET = "ima_secret_of_a_user"
PATIENCE_S = 20.0
DEEP = 600
T = TypeVar("T")


def answer_to(prompt: str) -> dict[str, Any]:
    """Return what the service says to a create."""
    deep: dict[str, Any] = {}
    for _ in range(DEEP if prompt == "deep" else 0):
        deep = {"in": deep}
    return {"code": 4008} if prompt == "no" else {"code": 0, "data": {"id": f"t-{prompt[:40]}", "more": deep}}


class House:
    """A service that counts creates, and answers when it is told to."""

    def __init__(self) -> None:
        self.prompts: list[str] = []
        self.came, self.may_answer = threading.Event(), threading.Event()
        self.may_answer.set()
        house = self

        class Desk(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                prompt = json.loads(self.rfile.read(int(self.headers["content-length"])))["prompt"]
                house.prompts.append(prompt)
                house.came.set()
                house.may_answer.wait(PATIENCE_S)
                body = json.dumps(answer_to(prompt)).encode()
                try:
                    self.send_response(200)
                    self.send_header("content-length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    house.came.clear()  # the courier was killed meanwhile

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def order(self, prompt: str, number: int = 1) -> Order:
        """Return a create for this service."""
        url = f"http://127.0.0.1:{self.server.server_port}/open/v1/tasks/create"
        return Order(url, {"Authorization": f"Bearer {SECRET}"}, {"prompt": prompt}, number, 10)


@pytest.fixture
def house() -> Iterator[House]:
    """The service."""
    running = House()
    yield running
    running.may_answer.set()
    running.server.shutdown()
    running.server.server_close()


async def through_courier(work: Callable[[Courier], Awaitable[T]]) -> T:
    """Run something with a courier, and close it."""
    async with Transport() as transport:
        courier = Courier(Direct(transport))
        try:
            return await work(courier)
        finally:
            await courier.close()


def carried(house: House, book: Any, prompt: str = "kite") -> Delivery:
    """Have one create carried."""
    return asyncio.run(through_courier(lambda courier: courier.deliver(house.order(prompt), book)))


def test_carried(house: House, bench: Any) -> None:
    """The courier sends once and writes the verdict; the row comes back to the process that opened it."""
    journal = bench.open()
    delivery = carried(house, bench.begin(journal))
    assert (delivery.verdict, delivery.task_id, house.prompts) == ("accepted", "t-kite", ["kite"])
    entry = bench.entry(journal)
    assert (entry.state, entry.task_id) == ("accepted", "t-kite")
    (row,) = journal._file().rows("SELECT pid, started, boot FROM jobs")
    assert Owner(*row) == this_process()


def test_refused(house: House, bench: Any) -> None:
    """A refusal with the service's code frees the row for another create."""
    journal = bench.open()
    record = bench.begin(journal)
    delivery = carried(house, record, "no")
    assert (delivery.verdict, bench.entry(journal).state) == ("refused", "intent")
    assert carried(house, record).task_id == "t-kite"


def test_a_deep_answer(house: House, bench: Any) -> None:
    """However deep an answer goes, whoever waits hears of it."""
    journal = bench.open()
    assert carried(house, bench.begin(journal), "deep").task_id == "t-deep"


def test_many_at_once(house: House, bench: Any) -> None:
    """Forty orders go at once through one process, and each gets the answer to itself."""
    journal = bench.open()
    records = {f"k{number}": bench.begin(journal, f"k{number}") for number in range(40)}

    async def all_of_them(courier: Courier) -> list[Delivery]:
        return await asyncio.gather(
            *(courier.deliver(house.order(name), record) for name, record in records.items())
        )

    ends = asyncio.run(through_courier(all_of_them))
    assert [end.task_id for end in ends] == [f"t-{name}" for name in records]
    assert sorted(house.prompts) == sorted(records)
    assert {(entry.state) for entry in journal.entries()} == {"accepted"}


def test_without_a_journal(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody writes down leaves from here: no process is started for it."""
    monkeypatch.setattr("subprocess.Popen", None)
    assert carried(house, NoRecord()).task_id == "t-kite"


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/false", ""])
def test_no_second_process(python: str, house: House, bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no courier comes up, the create leaves from here, once, and is written down all the same."""
    monkeypatch.setattr(sys, "executable", python)
    journal = bench.open()
    assert carried(house, bench.begin(journal)).task_id == "t-kite"
    assert (house.prompts, bench.entry(journal).state) == (["kite"], "accepted")


def test_the_courier_is_killed(house: House, bench: Any) -> None:
    """Nobody knows then, and nothing is sent again; the next create gets another courier."""
    house.may_answer.clear()
    journal = bench.open()
    first, second = bench.begin(journal, "a"), bench.begin(journal, "b")

    async def killed(courier: Courier) -> tuple[Delivery, Delivery]:
        lost = asyncio.create_task(courier.deliver(house.order("a"), first))
        await asyncio.to_thread(house.came.wait, PATIENCE_S)
        assert courier._line is not None
        os.kill(courier._line.process.pid, signal.SIGKILL)
        end = await lost
        house.may_answer.set()
        return end, await courier.deliver(house.order("b"), second)

    lost, found = asyncio.run(through_courier(killed))
    assert (lost.verdict, lost.doubt, found.task_id) == ("unknown", GONE, "t-b")
    assert [bench.entry(journal, index).state for index in (1, 0)] == ["unknown", "accepted"]
    assert house.prompts == ["a", "b"]


def test_signals_and_the_end_of_whoever_ordered(house: House, bench: Any) -> None:
    """Neither the signals of a terminal nor our end reach a create on its way; the courier ends with it."""
    house.may_answer.clear()
    journal = bench.open()
    record = bench.begin(journal)

    async def left(courier: Courier) -> int:
        task = asyncio.create_task(courier.deliver(house.order("kite"), record))
        await asyncio.to_thread(house.came.wait, PATIENCE_S)
        assert courier._line is not None
        pid = courier._line.process.pid
        assert os.getsid(pid) == pid != os.getsid(0)
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(pid, name)
        assert SECRET not in await asyncio.to_thread(Path(f"/proc/{pid}/cmdline").read_text, "utf-8")
        task.cancel()
        await asyncio.wait((task,))
        return pid

    pid = asyncio.run(through_courier(left))
    assert bench.entry(journal).state == "sending"
    house.may_answer.set()
    assert _soon(lambda: bench.entry(journal).state == "accepted")
    assert _soon(lambda: not Path(f"/proc/{pid}").exists())
    assert house.prompts == ["kite"]


def _soon(fact: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_S
    while not fact() and time.monotonic() < end:
        time.sleep(0.02)
    return fact()


def test_it_does_not_stay_for_nothing(house: House, bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task takes minutes: the courier ends when nothing follows, and another one starts when something does."""
    monkeypatch.setattr(sending, "_IDLE_S", 0.01)
    journal = bench.open()
    first, second = bench.begin(journal, "a"), bench.begin(journal, "b")

    async def twice(courier: Courier) -> tuple[Any, ...]:
        begun = await courier.deliver(house.order("a"), first)
        assert courier._line is not None
        ear = courier._line.ear
        await asyncio.sleep(0.1)
        await asyncio.to_thread(ear.join, PATIENCE_S)
        return begun.task_id, ear.is_alive(), (await courier.deliver(house.order("b"), second)).task_id

    assert asyncio.run(through_courier(twice)) == ("t-a", False, "t-b")


def test_what_cannot_be_written_is_not_sent(house: House, bench: Any) -> None:
    """A row that is no longer ours to send is said to be so, with the words of the journal."""
    journal = bench.open()
    record = bench.begin(journal)
    record.refused("given up")
    with pytest.raises(FaultError, match="not ours any more") as caught:
        carried(house, record)
    assert (caught.value.name, house.prompts) == ("journal-lost", [])


class Asleep:
    """A sender that never comes to an end by itself."""

    def get_ready(self) -> None:
        """Do nothing."""

    async def deliver(self, order: Order, book: Any) -> Delivery:
        """Begin, and wait for ever."""
        book.sending(order.number, order.points)
        try:
            await asyncio.Event().wait()
        finally:
            book.unknown("given up")
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Do nothing."""


def test_nothing_lasts_for_ever(bench: Any, house: House) -> None:
    """A call that does not end is given up and written down; an order that was cut off is none."""
    journal = bench.open()
    record, other = bench.begin(journal, "a"), bench.begin(journal, "b")
    cut = order_line(2, house.order("b"), other.place)[:-5]
    lines = io.BytesIO(order_line(1, house.order("a"), record.place) + cut)
    said: list[bytes] = []
    asyncio.run(carry_all(lines, Bag(Asleep(), said.append), rest_s=0.05))
    assert said == [ready_line()]
    assert [bench.entry(journal, index).state for index in (1, 0)] == ["unknown", "intent"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner)
)


@given(st.text(), st.dictionaries(st.text(), st.text()), st.dictionaries(st.text(), JSON))
def test_orders_cross_the_line(url: str, headers: dict[str, str], body: dict[str, Any]) -> None:
    """Every order arrives as it left, on one line, whatever stands in it."""
    order, place = Order(url, headers, body, 2, 10), Place("/a b/ö.db", 3, (7, "x", "y"))
    line = order_line(1, order, place)
    assert (line.count(b"\n"), line[-1:]) == (1, b"\n")
    assert read_order(line) == (1, order, place)


@given(st.text(), st.text(), JSON, st.booleans())
def test_replies_cross_the_line(why: str, trouble: str, data: Any, left: bool) -> None:  # noqa: FBT001 - drawn
    """Every delivery arrives as it left, with and without an answer."""
    for answer in (None, Answer(200, 0, why, data, {"a": "b"})):
        end = Delivery(answer, why, left, trouble)
        line = reply_line(4, end)
        assert (line.count(b"\n"), read_reply(line)) == (1, (4, end))


def test_faults_cross_the_line() -> None:
    """A fault of the journal arrives with its code and its hint."""
    number, fault = read_reply(reply_line(5, FaultError("full", code="journal-unwritable", hint="free it")))
    assert isinstance(fault, FaultError)
    assert (number, fault.message, fault.name, fault.hint) == (5, "full", "journal-unwritable", "free it")


def test_nothing_shows_a_secret(house: House, bench: Any) -> None:
    """Neither key nor prompt stands in what may be printed of an order."""
    order = house.order("a kite of mine")
    assert SECRET not in repr(order)
    assert "kite" not in repr(order)
