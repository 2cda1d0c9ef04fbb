"""Time as an injected object, so that tests and the sandbox can bend it."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What the road needs of time."""

    def now(self) -> float:
        """Return wall time in seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for ``seconds`` (never negative) without blocking the event loop."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        """Return wall time in seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds on the machine's monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for ``seconds`` on the running event loop."""
        import asyncio

        await asyncio.sleep(max(0.0, seconds))


class FakeClock:
    """Time that stands still until somebody sleeps or jumps; for tests and simulations.

    Args:
        start: Wall time at the beginning, in seconds since the epoch.
    """

    def __init__(self, start: float = 1_790_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        """Return the fake wall time in seconds since the epoch."""
        return self._now

    def monotonic(self) -> float:
        """Return the fake time; it only moves forward."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Move time forward by ``seconds`` and let other tasks run once."""
        import asyncio

        self.jump(max(0.0, seconds))
        await asyncio.sleep(0)

    def jump(self, seconds: float) -> None:
        """Move time forward by ``seconds``.

        Raises:
            ValueError: ``seconds`` is negative.
        """
        if seconds < 0:
            raise ValueError(f"time cannot go back by {-seconds} s")
        self._now += seconds
