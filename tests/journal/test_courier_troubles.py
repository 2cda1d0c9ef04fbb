"""What may befall a courier: it dies with much on its way, is of another version, or cannot be had."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve, field, frozen

from ima_skills.courier import sender as sending
from ima_skills.courier.line import GONE
from ima_skills.courier.sender import Courier, _as_it_stands
from ima_skills.courier.wire import read_ready, ready_line
from ima_skills.delivering import Delivery, Order
from ima_skills.errors import FaultError
from ima_skills.recording import Standing
from ima_skills.transport import Answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PATIENCE_S = 20.0
ORDER = Order("https://service/create", {}, {"prompt": "kite"}, 2, 10)


@frozen
class Here:
    """A sender that counts what leaves from this very process."""

    sent: list[str] = field(factory=list)

    def get_ready(self) -> None:
        """Do nothing."""

    async def deliver(self, order: Order, book: Any) -> Delivery:
        """Write down, and accept."""
        book.sending(order.number, order.points)
        self.sent.append(order.body["prompt"])
        book.accepted("t-here")
        return Delivery(Answer(200, 0, "", {"id": "t-here"}, {}))

    async def close(self) -> None:
        """Do nothing."""


def run(work: Callable[[Courier], Awaitable[Any]], here: Here | None = None) -> Any:
    """Run something with a courier, and close it; never longer than patience lasts."""

    async def whole() -> Any:
        courier = Courier(here or Here())
        try:
            return await asyncio.wait_for(work(courier), PATIENCE_S)
        finally:
            await courier.close()

    return asyncio.run(whole())


def asked(prompt: str) -> Order:
    """Return a create that nobody answers: the port is closed."""
    return Order("http://127.0.0.1:9/create", {}, {"prompt": prompt, "filler": "x" * 3000}, 1, 10)


@pytest.mark.parametrize("stopped", [False, True])
def test_it_dies_with_much_on_its_way(stopped: bool, bench: Any) -> None:  # noqa: FBT001 - a parameter of the test
    """Nobody waits for ever, whatever was in the pipe; what never left is carried by the next courier."""
    journal = bench.open()
    records = [bench.begin(journal, f"k{number}") for number in range(150)]

    async def killed(courier: Courier) -> list[Delivery]:
        assert await courier.comes_up()
        assert courier._line is not None
        pid = courier._line.process.pid
        if stopped:
            os.kill(pid, signal.SIGSTOP)
        tasks = [asyncio.create_task(courier.deliver(asked("k"), record)) for record in records]
        await asyncio.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        return await asyncio.gather(*tasks)

    ends = run(killed)
    assert len(ends) == len(records)
    for end, entry in zip(reversed(ends), journal.entries(), strict=True):
        # The port is closed: whatever left is known not to have arrived; only what a courier died with is open.
        assert (end.verdict, entry.state) in {("unsent", "intent"), ("unknown", "unknown")}
        assert entry.state == "intent" or not stopped


def test_another_version_on_disk(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an upgrade under a running server its creates leave from the server; none hangs, none is lost."""
    monkeypatch.setattr("ima_skills.courier.wire.stamp", lambda: "another")
    journal, here = bench.open(), Here()
    end = run(lambda courier: courier.deliver(asked("kite"), bench.begin(journal)), here)
    assert (end.task_id, here.sent, bench.entry(journal).state) == ("t-here", ["kite"], "accepted")


def test_who_is_ready() -> None:
    """Lines that a Python prints by itself are none of ours; another version is told apart."""
    assert read_ready(ready_line()) is True
    assert read_ready(b'{"ready": "0.0.1"}\n') is False
    assert [read_ready(line) for line in (b"hello\n", b"", b"[1]", b"{}", b"\xff")] == [None] * 5


def test_a_talkative_python(bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sitecustomize that prints does not cost the courier."""
    (tmp_path / "sitecustomize.py").write_text("print('hello from the site')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert run(lambda courier: courier.comes_up()) is True


def test_our_own_package(bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The courier runs the code of whoever starts it, whatever else of that name Python finds first."""
    (tmp_path / "ima_skills").mkdir()
    (tmp_path / "ima_skills" / "__init__.py").write_text("raise SystemExit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert run(lambda courier: courier.comes_up()) is True


@pytest.mark.parametrize(
    ("standing", "verdict", "task_id"),
    [
        (Standing("accepted", 2, "t-kite"), "accepted", "t-kite"),
        (Standing("intent", 2, code="6010"), "refused", None),
        (Standing("intent", 2, code="never-left"), "unsent", None),
        (Standing("refused", 1, code="abandoned"), "unsent", None),
        (Standing("unknown", 2, code=GONE), "unknown", None),
    ],
)
def test_what_the_journal_knows(standing: Standing, verdict: str, task_id: str | None) -> None:
    """A courier that died right after the verdict was written takes nothing with it."""

    class Book:
        def lost(self, why: str) -> Standing:
            assert why == GONE
            return standing

    end = _as_it_stands(ORDER, Book())  # type: ignore[arg-type]  # one method of a record is all that is asked for
    assert end is not None
    assert (end.verdict, end.task_id) == (verdict, task_id)


def test_what_never_left_is_carried_again(bench: Any) -> None:
    """An entry that does not say "sending" was not sent: no doubt, and no --resubmit."""
    record = bench.begin(bench.open())
    assert _as_it_stands(evolve(ORDER, number=1), record) is None


def test_lost_settles_only_what_is_open(bench: Any) -> None:
    """A verdict that stands is not touched by whoever hears of the death too late."""
    journal = bench.open()
    record = bench.begin(journal)
    record.sending(1, 10)
    assert record.lost("gone") == Standing("unknown", 1, "", "gone")
    record = bench.accepted(journal, "t-1")
    assert record.lost("gone") == Standing("accepted", 1, "t-1")
    record.unknown("late news")
    assert bench.entry(journal).state == "accepted"


def test_a_settled_entry_is_not_revived(bench: Any) -> None:
    """What another process took for abandoned stays so: it may have sent the wish itself by now."""
    journal = bench.open()
    record = bench.begin(journal)
    record.refused("abandoned")
    record.again("6010")
    with pytest.raises(FaultError, match="nothing was sent"):
        record.sending(2, 10)
    assert bench.entry(journal).state == "refused"


def test_an_entry_of_somebody_else(bench: Any) -> None:
    """A journal that was deleted and made anew gives the same number to another wish: not ours to send."""
    journal = bench.open()
    record = bench.begin(journal)
    stranger = evolve(record, owner=evolve(record.owner, pid=record.owner.pid + 1))
    with pytest.raises(FaultError, match="journal was replaced"):
        stranger.sending(1, 10)
    assert bench.entry(journal).state == "intent"


def test_the_journal_was_removed(bench: Any) -> None:
    """The courier makes no new one in its place; nothing is sent, and it is said."""
    journal = bench.open()
    record = bench.begin(journal)
    for part in bench.path.parent.glob(f"{bench.path.name}*"):
        part.unlink()
    with pytest.raises(FaultError, match="removed while it was in use") as caught:
        run(lambda courier: courier.deliver(asked("kite"), record))
    assert (caught.value.name, bench.path.exists()) == ("journal-lost", False)


def test_an_order_that_never_comes(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upload that fails leaves no courier behind."""
    monkeypatch.setattr(sending, "_IDLE_S", 0.01)

    async def idle(courier: Courier) -> bool:
        courier.get_ready()
        assert courier._line is not None
        ear = courier._line.ear
        await asyncio.sleep(0.1)
        await asyncio.to_thread(ear.join, PATIENCE_S)
        return ear.is_alive()

    assert run(idle) is False


def test_no_more_threads(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine at its limit sends from here, and leaves no process behind."""
    real = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if getattr(thread, "_target", None).__class__.__name__ == "method":
            raise RuntimeError("can't start new thread")
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    journal, here = bench.open(), Here()
    end = run(lambda courier: courier.deliver(asked("kite"), bench.begin(journal)), here)
    assert (end.task_id, here.sent) == ("t-here", ["kite"])


def test_tried_again_later(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One bad start does not cost a server its courier for good."""
    monkeypatch.setattr(sending, "_LAME_S", 0.05)
    python = sys.executable

    async def twice(courier: Courier) -> list[bool]:
        monkeypatch.setattr(sys, "executable", "/bin/false")
        first = await courier.comes_up()
        monkeypatch.setattr(sys, "executable", python)
        await asyncio.sleep(0.1)
        return [first, await courier.comes_up()]

    assert run(twice) == [False, True]


def test_a_fork(bench: Any) -> None:
    """In a copy of the process nobody listens to the old courier: it gets one of its own."""

    async def forked(courier: Courier) -> bool:
        assert await courier.comes_up()
        before = courier._line
        courier._pid = -1
        assert await courier.comes_up()
        assert before is not None
        before.hang_up()
        return courier._line is not before

    assert run(forked) is True


def test_a_stopped_courier_holds_nobody_up(bench: Any) -> None:
    """Ctrl-C ends a command although its courier takes nothing more from the pipe."""
    journal = bench.open()
    records = [bench.begin(journal, f"k{number}") for number in range(40)]

    async def cancelled(courier: Courier) -> int:
        assert await courier.comes_up()
        assert courier._line is not None
        pid = courier._line.process.pid
        os.kill(pid, signal.SIGSTOP)
        tasks = [asyncio.create_task(courier.deliver(asked("k"), record)) for record in records]
        await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        return pid

    pid = run(cancelled)
    os.kill(pid, signal.SIGKILL)
    assert {entry.state for entry in journal.entries()} == {"intent"}
