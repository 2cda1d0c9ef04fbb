"""Hands creates to a process that outlives this one until each has its verdict in the journal."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ima_skills.courier.line import GONE, Line
from ima_skills.courier.wire import order_line
from ima_skills.delivering import Delivery
from ima_skills.errors import FaultError
from ima_skills.transport import Answer

if TYPE_CHECKING:
    from ima_skills.courier.line import End
    from ima_skills.delivering import Order, Sender
    from ima_skills.recording import Place, Record, Standing

# Our own package comes from where this file is, whatever else is installed; then its folder goes behind the standard
# library, where it only helps an ima-skills that nobody installed.
_START = (
    "import sys; place = sys.argv[1]; sys.path.insert(0, place); import ima_skills; sys.path.remove(place);"
    " sys.path.append(place); from ima_skills.courier.process import main; sys.exit(main())"
)
# Our choice. A Python that takes longer than this to start is not worth waiting for, and is tried again later.
_START_S = 10.0
_LAME_S = 60.0
# Our choice: how long it rests, and how long the end of this process waits for it.
_IDLE_S = 3.0
_END_S = 0.5


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
        self._line: Line | None = None
        self._pid = os.getpid()
        self._numbers = count(1)
        self._busy = 0
        self._rest: asyncio.TimerHandle | None = None
        # In a program that was frozen, its own file stands where Python should.
        self._lame_until = float("inf") if not sys.executable or getattr(sys, "frozen", False) else 0.0

    def get_ready(self) -> None:
        """Start the courier, if there is none; without an order it ends again after a moment."""
        loop = asyncio.get_running_loop()
        if self._pid != os.getpid():
            # A fork: nobody listens here, and what is under way belongs to the process we come from.
            self._pid, self._line, self._busy = os.getpid(), None, 0
        if loop.time() < self._lame_until or (self._line is not None and self._line.open):
            return
        self._line = _started()
        if self._line is None:
            self._lame_until = loop.time() + _LAME_S
        self._rest_soon()

    async def comes_up(self) -> bool:
        """Return whether a courier can be had here; starts one."""
        return await self._up() is not None

    async def deliver(self, order: Order, book: Record) -> Delivery:
        """Have one create sent; see :class:`ima_skills.delivering.Sender`."""
        # A journal of an embedder's own need not know of couriers.
        place = getattr(book, "place", None)
        if place is None:
            return await self._direct.deliver(order, book)
        for _ in range(2):
            end = await self._carried_busily(order, place)
            if isinstance(end, FaultError):
                raise end
            if end is not None and end.why == GONE:
                end = _as_it_stands(order, book)
            if end is not None:
                return end
        return await self._direct.deliver(order, book)

    async def _carried_busily(self, order: Order, place: Place) -> End | None:
        self._busy += 1
        try:
            return await self._carried(order, place)
        finally:
            self._busy -= 1
            self._rest_soon()

    async def _carried(self, order: Order, place: Place) -> End | None:
        """Return what became of an order, or None when no courier took it."""
        line = await self._up()
        if line is None:
            return None
        number = next(self._numbers)
        waiting = line.hand_over(number, order_line(number, order, place))
        if waiting is None:
            return None
        return await asyncio.wrap_future(waiting)

    async def _up(self) -> Line | None:
        """Return the line to a courier that came up, or None: then it is not tried again for a while."""
        self.get_ready()
        line = self._line
        if line is None:
            return None
        try:
            up = await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(line.ready)), _START_S)
        except TimeoutError:
            up = False
        if not up:
            self._lame_until = asyncio.get_running_loop().time() + _LAME_S
            line.hang_up()
            if self._line is line:
                self._line = None
            return None
        return line

    def _rest_soon(self) -> None:
        """Let the courier go when nothing follows: a task takes minutes, and it has nothing to do meanwhile."""
        if self._rest is not None:
            self._rest.cancel()
        self._rest = asyncio.get_running_loop().call_later(_IDLE_S, self._rest_now)

    def _rest_now(self) -> None:
        if not self._busy:
            self._hang_up()

    def _hang_up(self) -> Line | None:
        line, self._line = self._line, None
        if line is not None:
            line.hang_up()
        return line

    async def close(self) -> None:
        """Say that nothing follows; what is on its way is carried to its end without us."""
        if self._rest is not None:
            self._rest.cancel()
        line = self._hang_up()
        if line is not None:
            await asyncio.to_thread(line.ear.join, _END_S)


def _started() -> Line | None:
    """Return the line to a new courier, or None where there can be none."""
    try:
        process = subprocess.Popen(  # noqa: S603 - our own module, in this very Python
            [sys.executable, "-P", *_isolation(), "-c", _START, str(Path(__file__).resolve().parents[2])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except OSError:
        return None
    line = Line(process)
    try:
        line.start()
    except RuntimeError:  # no more threads
        with process:
            process.kill()
        return None
    return line


def _isolation() -> list[str]:
    """Return the options that keep this very Python from its environment, for the one that gets the key."""
    flags = {"-I": sys.flags.isolated, "-E": sys.flags.ignore_environment, "-s": sys.flags.no_user_site}
    return [name for name, is_set in flags.items() if is_set]


def _as_it_stands(order: Order, book: Record) -> Delivery | None:
    """Return what the journal knows of an order whose courier is gone; None when it never left."""
    lost: Standing | None = None
    with suppress(FaultError):  # a row in the hands of a process that is gone counts as unknown
        lost = book.lost(GONE)
    if lost is None or lost.state == "unknown":
        return Delivery(why=GONE)
    if lost.state == "accepted":
        return Delivery(Answer(200, 0, "", {"id": lost.task_id}, {}))
    if lost.state == "intent" and lost.attempts < order.number:
        return None  # that it leaves is always written down before
    if lost.state == "intent" and lost.code.lstrip("-").isdecimal():
        return Delivery(Answer(200, int(lost.code), "", None, {}))  # refused with the service's own code
    return Delivery(why=GONE, left=False)
