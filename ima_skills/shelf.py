"""Product lists that were fetched a moment ago; many requests at once ask the service only once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from attrs import define, field

from ima_skills.catalogue import Catalogue
from ima_skills.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


# Our choice: prices change rarely, and a stale one is refused by the service without a charge.
KEPT_S = 60.0


@define
class Shelf:
    """Lists by task type, each kept for a short while.

    Attributes:
        clock: Time.
        kept_s: Seconds that a list is good for; 0 fetches every time.
    """

    clock: Clock
    kept_s: float = KEPT_S
    _pages: dict[str, tuple[float, Catalogue]] = field(factory=dict, repr=False)
    _locks: dict[str, asyncio.Lock] = field(factory=dict, repr=False)

    async def page(
        self, task_type: str, fetch: Callable[[], Awaitable[Catalogue]], *, fresh: bool = False
    ) -> Catalogue:
        """Return a list, fetched now unless one is at hand.

        While one caller fetches, the others wait for its answer; a failure is each caller's own.

        Args:
            task_type: The category.
            fetch: Asks the service.
            fresh: Whether a list at hand is no good, because the service refused what it says.
        """
        asked, before = self.clock.monotonic(), self._pages.get(task_type)
        async with self._locks.setdefault(task_type, asyncio.Lock()):
            now = self._pages.get(task_type)
            since, page = now or (0.0, None)
            # A list that came while we waited is as fresh as one that we would fetch.
            good = now is not before or (not fresh and asked - since < self.kept_s)
            if page is not None and good:
                return page
            page = await fetch()
            self._pages[task_type] = (self.clock.monotonic(), page)
            return page
