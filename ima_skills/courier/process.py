"""The courier itself: takes orders from standard input until that ends, and then ends with the last verdict.

It lives in a session of its own and lets signals pass, so that neither Ctrl-C nor an agent host that ends the
command reaches it while a create is on its way. It cannot outlive that for long: nothing waits for ever.
"""

from __future__ import annotations

import asyncio
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from attrs import evolve, field, frozen

from ima_skills.courier.wire import read_order, ready_line, reply_line
from ima_skills.delivering import Delivery, Direct, Order, Sender
from ima_skills.errors import FaultError
from ima_skills.journal.database import Database
from ima_skills.journal.owner import Owner, this_process
from ima_skills.journal.record import FileRecord

if TYPE_CHECKING:
    from ima_skills.recording import Place

# Our choice: longer than a call may take (connecting, sending, waiting), and an end even to one that trickles.
LONGEST_REST_S = 120.0
# Our choice: how long the last replies may take; whoever stopped listening has the journal.
_FAREWELL_S = 1.0


@frozen
class Bag:
    """What is on its way.

    Attributes:
        sender: Sends from this process.
        say: Takes replies.
        files: Journals that were opened.
        carrier: This process.
    """

    sender: Sender
    say: Callable[[bytes], None]
    files: dict[str, Database] = field(factory=dict)
    carrier: Owner = field(factory=this_process)

    async def carry(self, line: bytes) -> None:
        """Carry one order and say what became of it, whatever that is: somebody waits."""
        number, order, place = read_order(line)
        end = await self._end_of(order, place)
        try:
            self.say(reply_line(number, end))
        except (ValueError, TypeError, RecursionError):  # an answer that cannot be told as a whole
            self.say(reply_line(number, _in_short(end)))

    async def _end_of(self, order: Order, place: Place) -> Delivery | FaultError:
        try:
            return await self.sender.deliver(order, self._book(place))
        except FaultError as error:
            return error
        except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits must hear of it
            return Delivery(why=f"ended by {type(error).__name__}")

    def _book(self, place: Place) -> FileRecord:
        if place.file not in self.files:
            if not Path(place.file).exists():
                raise FaultError(
                    "the journal was removed while it was in use; nothing was sent",
                    code="journal-lost",
                    hint="Run the command again; a server has to be started again.",
                )
            self.files[place.file] = Database(Path(place.file))
        return FileRecord(self.files[place.file], place.row, time.time, Owner(*place.owner), self.carrier)


def _in_short(end: Delivery | FaultError) -> Delivery | FaultError:
    """Return what matters of a delivery: the verdict, the service's code, and the task."""
    if isinstance(end, FaultError) or end.answer is None:
        return end
    data = {"id": end.task_id} if end.task_id else None
    return evolve(end, answer=evolve(end.answer, message="", data=data, headers={}))


async def carry_all(orders: BinaryIO, bag: Bag, rest_s: float = LONGEST_REST_S) -> None:
    """Carry orders as they come, all at once, until no more come and each has its end.

    Args:
        orders: Lines; one that is cut off was never handed over.
        bag: Carries them.
        rest_s: Seconds that the last ones get when no more come.
    """
    under_way: set[asyncio.Task[None]] = set()
    bag.say(ready_line())
    while (line := await asyncio.to_thread(orders.readline)).endswith(b"\n"):
        task = asyncio.create_task(bag.carry(line))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    if under_way:
        _, late = await asyncio.wait(under_way, timeout=rest_s)
        for task in late:
            task.cancel()  # which writes down that nobody knows
        await asyncio.gather(*late, return_exceptions=True)


async def serve(orders: BinaryIO, replies: BinaryIO) -> None:
    """Be the courier of the process at the other end of two pipes."""
    from ima_skills.lean_httpx import import_httpx

    import_httpx()
    from ima_skills.transport import Transport

    # A listener that does not read (Ctrl-Z) must not hold up what is on its way.
    said: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    mouth = threading.Thread(target=_say_all, args=(said, replies), daemon=True)
    mouth.start()
    async with Transport() as transport:
        bag = Bag(Direct(transport), said.put)
        try:
            await carry_all(orders, bag)
        finally:
            for file in bag.files.values():
                file.close()
    said.put(None)
    await asyncio.to_thread(mouth.join, _FAREWELL_S)


def _say_all(said: queue.SimpleQueue[bytes | None], replies: BinaryIO) -> None:
    """Write replies until there are no more, or nobody listens: the journal has them."""
    with suppress(OSError, ValueError):
        while (line := said.get()) is not None:
            replies.write(line)
            replies.flush()


def main() -> None:
    """Run on standard input and output."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    asyncio.run(serve(sys.stdin.buffer, sys.stdout.buffer))
