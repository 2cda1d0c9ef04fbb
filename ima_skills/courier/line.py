"""The line to one courier: who waits for which order, one thread that writes, and one that listens."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeAlias

from attrs import define, field

from ima_skills.courier.wire import read_ready, read_reply
from ima_skills.delivering import Delivery
from ima_skills.errors import FaultError

GONE = "the process that carried it ended"
# Our choice: what a Python may print by itself as it starts, before the courier speaks.
_FOREIGN_LINES = 100

End: TypeAlias = Delivery | FaultError


@define
class Line:
    """The line to one courier process. Nothing here waits but the two threads.

    Attributes:
        process: The courier.
        ready: Whether it came up, and is one like us.
        waiting: Who waits for the end of which order.
        open: Whether it still answers.
        ear: The thread that listens.
    """

    process: subprocess.Popen[bytes]
    ready: Future[bool] = field(factory=Future)
    waiting: dict[int, Future[End]] = field(factory=dict)
    open: bool = True
    ear: threading.Thread = field(init=False)
    _orders: queue.SimpleQueue[bytes | None] = field(factory=queue.SimpleQueue)

    def start(self) -> None:
        """Begin to listen and to write.

        Raises:
            RuntimeError: There can be no more threads.
        """
        self.ear = threading.Thread(target=self._listen, daemon=True)
        self.ear.start()
        threading.Thread(target=self._write, daemon=True).start()

    def hand_over(self, number: int, line: bytes) -> Future[End] | None:
        """Hand an order over; None when the courier is gone and took nothing."""
        future = self.waiting[number] = Future()
        # Only now, so that either we see that it is gone, or whoever listens sees that somebody waits.
        if not self.open:
            self.waiting.pop(number, None)
            return None
        self._orders.put(line)
        return future

    def hang_up(self) -> None:
        """Say that no more orders come, once those that were handed over are written."""
        self._orders.put(None)

    def _write(self) -> None:
        """Write orders until no more come; the listener notices when nobody takes them."""
        stream = self.process.stdin
        if stream is None:
            return
        with suppress(OSError, ValueError):
            while (line := self._orders.get()) is not None:
                _write_whole(stream.fileno(), line)
        with suppress(OSError):
            stream.close()

    def _listen(self) -> None:
        """Pass on what the courier says until it ends; then whoever still waits hears that it is gone."""
        with suppress(Exception):  # a line that cannot be read ends the line like a courier that dies
            self._hear()
        self.open = False
        if not self.ready.done():
            self.ready.set_result(False)
        for number in tuple(self.waiting):
            self._answer(number, Delivery(why=GONE))
        self.hang_up()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process.wait()

    def _hear(self) -> None:
        stream = self.process.stdout
        if stream is None:
            return
        told = (read_ready(stream.readline()) for _ in range(_FOREIGN_LINES))
        is_like_us = next((found for found in told if found is not None), False)
        self.ready.set_result(is_like_us)
        for line in stream if is_like_us else ():
            self._answer(*read_reply(line))

    def _answer(self, number: int, end: End) -> None:
        future = self.waiting.pop(number, None)
        if future is not None and future.set_running_or_notify_cancel():
            future.set_result(end)


def _write_whole(stream: int, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(stream, rest) :]
