"""Product lists at hand: asked for once by many, kept for a moment, read again on demand."""

from __future__ import annotations

import asyncio

import pytest

from ima_skills.catalogue import Catalogue
from ima_skills.clock import FakeClock
from ima_skills.shelf import KEPT_S, Shelf


class Shop:
    """Counts how often it is asked."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.asked = 0
        self.broken = 0

    async def fetch(self) -> Catalogue:
        self.asked += 1
        await self.clock.sleep(1.0)
        if self.broken:
            self.broken -= 1
            raise ConnectionError("down")
        return Catalogue(f"answer {self.asked}", ())


def test_many_ask_once(fake_clock: FakeClock) -> None:
    """A hundred requests at once are one call."""
    shelf, shop = Shelf(fake_clock), Shop(fake_clock)

    async def work() -> set[str]:
        pages = await asyncio.gather(*(shelf.page("t", shop.fetch) for _ in range(100)))
        return {page.task_type for page in pages}

    assert asyncio.run(work()) == {"answer 1"}
    assert shop.asked == 1


def test_a_list_grows_old(fake_clock: FakeClock) -> None:
    """After a while the service is asked again; 0 asks it every time."""
    shelf, shop = Shelf(fake_clock), Shop(fake_clock)

    async def work() -> list[str]:
        first = await shelf.page("t", shop.fetch)
        fake_clock.jump(KEPT_S - 2)
        second = await shelf.page("t", shop.fetch)
        fake_clock.jump(3)
        third = await shelf.page("t", shop.fetch)
        return [first.task_type, second.task_type, third.task_type]

    assert asyncio.run(work()) == ["answer 1", "answer 1", "answer 2"]


def test_a_refused_list_is_read_again_once_for_all(fake_clock: FakeClock) -> None:
    """Those who find it stale together share one fresh answer; later ones keep it."""
    shelf, shop = Shelf(fake_clock), Shop(fake_clock)

    async def work() -> set[str]:
        await shelf.page("t", shop.fetch)
        pages = await asyncio.gather(*(shelf.page("t", shop.fetch, fresh=True) for _ in range(10)))
        return {page.task_type for page in pages}

    assert asyncio.run(work()) == {"answer 2"}


def test_a_failure_is_not_kept(fake_clock: FakeClock) -> None:
    """A list that could not be had is asked for again by the next."""
    shelf, shop = Shelf(fake_clock), Shop(fake_clock)
    shop.broken = 1

    async def work() -> str:
        with pytest.raises(ConnectionError):
            await shelf.page("t", shop.fetch)
        return (await shelf.page("t", shop.fetch)).task_type

    assert asyncio.run(work()) == "answer 2"
