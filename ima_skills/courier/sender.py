"""Hands creates to a process that outlives this one until each has its verdict in the journal."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from attrs import define, field

from ima_skills.courier.wire import READY, order_line, read_reply
from ima_skills.delivering import Delivery
from ima_skills.errors import FaultError

if TYPE_CHECKING:
    from ima_skills.delivering import Order, Sender
    from ima_skills.recording import Place, Record

# The folder comes last on the path: it only helps where ima-skills runs from a folder that nobody installed.
_START = (
    "import sys; sys.path.append(sys.argv[1]); from ima_skills.courier.process import main; sys.exit(main())"
)
# Our choice. A Python that takes longer than this to start is not worth waiting for.
_START_S = 10.0
# Our choice: how long it rests, and how long the end of this process waits for it.
_IDLE_S = 3.0
_END_S = 0.5
GONE = "the process that carried it ended"

_End: TypeAlias = Delivery | FaultError


@define
class _Line:
    """The line to one courier process.

    Attributes:
        process: The courier.
        ready: Whether it came up.
        waiting: Who waits for the end of which order.
        open: Whether it still answers.
    """

    process: subprocess.Popen[bytes]
    ready: Future[bool] = field(factory=Future)
    waiting: dict[int, Future[_End]] = field(factory=dict)
    open: bool = True
    _writing: threading.Lock = field(factory=threading.Lock)

    def hear(self) -> None:
        """Pass on what the courier says, until it ends; runs in a thread of its own."""
        with self.process, suppress(OSError):
            if self.process.stdout is not None and self.process.stdout.readline() == READY:
                self.ready.set_result(True)
                for line in self.process.stdout:
                    self._answer(*read_reply(line))
            self.open = False
        if not self.ready.done():
            self.ready.set_result(False)
        for number in tuple(self.waiting):
            self._answer(number, Delivery(why=GONE))

    def _answer(self, number: int, end: _End) -> None:
        future = self.waiting.pop(number, None)
        if future is not None and future.set_running_or_notify_cancel():
            future.set_result(end)

    def hand_over(self, number: int, line: bytes) -> Future[_End] | None:
        """Hand an order over; None when the courier is gone and took nothing."""
        future = self.waiting[number] = Future()
        # Only now, so that either we see that it is gone, or whoever hears sees that somebody waits.
        if not self.open or self.process.stdin is None:
            self.waiting.pop(number, None)
            return None
        try:
            with self._writing:
                self.process.stdin.write(line)
                self.process.stdin.flush()
        except (OSError, ValueError):
            self._answer(number, Delivery(why=GONE))  # a part of it may have been read
        return future

    def hang_up(self) -> None:
        """Say that no more orders come."""
        with self._writing, suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.close()


class Courier:
    """Sends through a process of its own.

    Whatever ends this process, also ``kill -9``: an order that was handed over is sent, and its verdict stands
    in the journal; one that was not is not sent. The process rests with nothing to do for a moment and ends.
    Where none can be started, creates leave from here.

    Args:
        direct: Sends what a courier cannot take: jobs without an entry in a journal on disk.
    """

    def __init__(self, direct: Sender) -> None:
        self._direct = direct
        self._line: _Line | None = None
        self._ear: threading.Thread | None = None
        self._numbers = count(1)
        self._busy = 0
        self._rest: asyncio.TimerHandle | None = None
        self._lame = not sys.executable

    def get_ready(self) -> None:
        """Start the courier, if there is none."""
        if self._lame or (self._line is not None and self._line.open):
            return
        try:
            process = subprocess.Popen(  # noqa: S603 - our own module, in this very Python
                [sys.executable, "-P", "-c", _START, str(Path(__file__).resolve().parents[2])],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        except OSError:
            self._lame = True
            return
        self._line = _Line(process)
        self._ear = threading.Thread(target=self._line.hear, daemon=True)
        self._ear.start()

    async def comes_up(self) -> bool:
        """Return whether a courier can be had here; starts one."""
        return await self._up() is not None

    async def deliver(self, order: Order, book: Record) -> Delivery:
        """Have one create sent; see :class:`ima_skills.delivering.Sender`."""
        # A journal of an embedder's own need not know of couriers.
        place = getattr(book, "place", None)
        if place is None:
            return await self._direct.deliver(order, book)
        self._busy += 1
        try:
            end = await self._carried(order, place)
        finally:
            self._busy -= 1
            self._rest_soon()
        if end is None:
            return await self._direct.deliver(order, book)
        if isinstance(end, FaultError):
            raise end
        if end.why == GONE:
            with suppress(FaultError):  # a row in the hands of a process that is gone counts as unknown
                book.unknown(GONE)
        return end

    async def _carried(self, order: Order, place: Place) -> _End | None:
        """Return what became of an order, or None when no courier took it."""
        line = await self._up()
        if line is None:
            return None
        number = next(self._numbers)
        waiting = await asyncio.to_thread(line.hand_over, number, order_line(number, order, place))
        if waiting is None:
            return None
        return await asyncio.wrap_future(waiting)

    async def _up(self) -> _Line | None:
        """Return the line to a courier that came up, or None: then it is not tried again."""
        if self._rest is not None:
            self._rest.cancel()
        self.get_ready()
        if self._line is None or self._lame:
            return None
        try:
            up = await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._line.ready)), _START_S)
        except TimeoutError:
            up = False
        if not up:
            self._lame = True
            self._hang_up()
            return None
        return self._line

    def _rest_soon(self) -> None:
        """Let the courier go when nothing follows: a task takes minutes, and it has nothing to do meanwhile."""
        if not self._busy:
            self._rest = asyncio.get_running_loop().call_later(_IDLE_S, self._hang_up)

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.hang_up()
            self._line = None

    async def close(self) -> None:
        """Say that nothing follows; what is on its way is carried to its end without us."""
        if self._rest is not None:
            self._rest.cancel()
        self._hang_up()
        if self._ear is not None:
            await asyncio.to_thread(self._ear.join, _END_S)
