"""The courier itself: takes orders from standard input until that ends, and then ends with the last verdict.

It lives in a session of its own and lets signals pass, so that neither Ctrl-C nor an agent host that ends the
command reaches it while a create is on its way. It cannot outlive that for long: nothing waits for ever.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from attrs import field, frozen

from ima_skills.courier.wire import READY, read_order, reply_line
from ima_skills.delivering import Delivery, Direct, Order, Sender
from ima_skills.errors import FaultError
from ima_skills.journal.database import Database
from ima_skills.journal.owner import Owner, this_process
from ima_skills.journal.record import FileRecord

if TYPE_CHECKING:
    from ima_skills.recording import Place

# Our choice: longer than a call may take (connecting, sending, waiting), and an end even to one that trickles.
LONGEST_REST_S = 120.0


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
        """Carry one order and say what became of it."""
        number, order, place = read_order(line)
        self.say(reply_line(number, await self._end_of(order, place)))

    async def _end_of(self, order: Order, place: Place) -> Delivery | FaultError:
        try:
            return await self.sender.deliver(order, self._book(place))
        except FaultError as error:
            return error
        except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits must hear of it
            return Delivery(why=f"ended by {type(error).__name__}")

    def _book(self, place: Place) -> FileRecord:
        if place.file not in self.files:
            self.files[place.file] = Database(Path(place.file), time.time, lambda _: None)
        return FileRecord(self.files[place.file], place.row, time.time, Owner(*place.owner), self.carrier)


async def carry_all(orders: BinaryIO, bag: Bag, rest_s: float = LONGEST_REST_S) -> None:
    """Carry orders as they come, all at once, until no more come and each has its end.

    Args:
        orders: Lines; one that is cut off was never handed over.
        bag: Carries them.
        rest_s: Seconds that the last ones get when no more come.
    """
    under_way: set[asyncio.Task[None]] = set()
    bag.say(READY)
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

    def say(line: bytes) -> None:
        with suppress(OSError, ValueError):  # nobody listens any more; the journal has it
            replies.write(line)
            replies.flush()

    async with Transport() as transport:
        bag = Bag(Direct(transport), say)
        try:
            await carry_all(orders, bag)
        finally:
            for file in bag.files.values():
                file.close()


def main() -> None:
    """Run on standard input and output."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    asyncio.run(serve(sys.stdin.buffer, sys.stdout.buffer))
