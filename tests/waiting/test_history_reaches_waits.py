"""The journal's durations reach the wait; a journal that cannot be read does not end it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ima_skills.domain.request import Request
from ima_skills.errors import FaultError
from ima_skills.unrecorded import NoJournal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ima_skills.client import ImaClient
    from ima_skills.clock import FakeClock
    from ima_skills.registry import Registry

WISH = Request("text_to_image", "a kite", model="seedream-4.5")


class Told(NoJournal):
    """A journal with a history, or with a fault."""

    def __init__(self, *durations: float) -> None:
        self.durations = durations

    def history(self, model_id: str, version_id: str, task_type: str) -> Sequence[float]:
        assert (version_id, task_type) == ("doubao-seedream-4-5-251128", "text_to_image")
        if not self.durations:
            raise FaultError("the journal is broken")
        return self.durations


@pytest.fixture
def first_look(
    mock_client: Callable[..., ImaClient], registry: Registry, fake_clock: FakeClock
) -> Callable[[Told], float]:
    """Return a function from a journal to the seconds between create and first look."""

    def of(journal: Told) -> float:
        at: dict[str, float] = {}

        def handler(request: httpx.Request) -> httpx.Response:
            what = request.url.path.rpartition("/")[2]
            at.setdefault(what, fake_clock.monotonic())
            data: Any = {"medias": [{"resource_status": 1, "url": "https://a.example/x.png"}]}
            if what == "list":
                data = registry.snapshot.groups(request.url.params["category"])
            if what == "create":
                data = {"id": "t1"}
            return httpx.Response(200, json={"code": 0, "data": data})

        async def go() -> None:
            async with mock_client(handler, journal=journal) as client:
                await client.create(WISH)

        asyncio.run(go())
        return at["detail"] - at["create"]

    return of


def test_history_places_the_first_look(first_look: Callable[[Told], float]) -> None:
    """A model that is known to take eight seconds is not waited for until its estimate of twenty."""
    assert 6.0 < first_look(Told(8.0, 8.2, 7.9, 8.1, 8.0, 7.8)) < 9.0


def test_a_broken_journal_only_costs_the_hint(first_look: Callable[[Told], float]) -> None:
    """The paid task is waited for by its estimate."""
    assert first_look(Told()) > 15.0
