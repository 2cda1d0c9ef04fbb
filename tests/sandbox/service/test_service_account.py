"""Points: charged once per create, refunded when every media fails."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from ima_skills.clock import FakeClock
from ima_skills.sandbox.knowledge import Options
from ima_skills.sandbox.service import SandboxService
from ima_skills.sandbox.transport import SandboxTransport

FAIL = '[[fault]]\non = "create"\nkind = "media"\nshape = "{}"\n'


def kinds(bench: Any) -> list[tuple[str, int]]:
    return [(booking.kind, booking.points) for booking in bench.service.bookings()]


def test_a_create_costs_price_times_outputs_once(open_bench: Any, order: Any) -> None:
    """Points are deducted at the create; looking and finishing cost nothing."""
    bench = open_bench(points=100)
    task_id = bench.created(order(n=3))
    assert bench.service.balance() == 85
    for _ in range(5):
        bench.clock.jump(20)
        bench.detail(task_id)
    assert kinds(bench) == [("grant", 100), ("charge", -15)]
    assert bench.service.bookings()[1].task_id == task_id


def test_refused_creates_cost_nothing(open_bench: Any, film: Any, order: Any) -> None:
    """Whatever the reason, a refusal leaves the account alone."""
    bench = open_bench(points=20)
    wrong: list[Any] = [
        {},
        film(),
        film(duration=7),
        order(n=9),
        order(size="adaptive"),
        order(attribute_id=1),
    ]
    for body in wrong:
        assert bench.create(body)["code"] != 0
    assert kinds(bench) == [("grant", 20)]


def test_an_account_outlives_its_process(open_bench: Any, order: Any) -> None:
    """A state folder keeps its account, whatever points a later opening names."""
    first = open_bench(points=50)
    first.created(order())
    first.service.close()
    assert open_bench(points=1000).service.balance() == 45
    assert open_bench(points=1000, folder="other").service.balance() == 1000


def test_granting_points(open_bench: Any) -> None:
    """An account can be topped up."""
    bench = open_bench(points=1)
    bench.service.grant(9)
    assert bench.service.balance() == 10
    assert kinds(bench) == [("grant", 1), ("grant", 9)]


@pytest.mark.parametrize("shape", ["failed", "failed-available", "failed-processing"])
def test_a_task_whose_medias_all_fail_is_refunded_once(open_bench: Any, order: Any, shape: str) -> None:
    """The whole price comes back when the last media has failed, and only once."""
    bench = open_bench(points=100, scenario=FAIL.format(shape))
    task_id = bench.created(order(n=2))
    assert bench.service.balance() == 90
    bench.clock.jump(100)
    for _ in range(3):
        assert {media["status"] for media in bench.detail(task_id)["medias"]} == {"failed"}
    assert kinds(bench) == [("grant", 100), ("charge", -10), ("refund", 10)]


def test_a_refund_comes_without_a_look(open_bench: Any, order: Any) -> None:
    """Nobody has to poll for the points to come back, and they are there for the next create."""
    bench = open_bench(points=5, scenario=FAIL.format("failed") + "calls = [1]\n")
    bench.created(order())
    assert bench.create(order())["code"] == 4008
    bench.clock.jump(100)
    assert bench.create(order())["code"] == 0
    assert bench.service.balance() == 0


def test_some_failed_medias_are_no_refund(open_bench: Any, order: Any) -> None:
    """One good media keeps the charge."""
    bench = open_bench(points=100, scenario=FAIL.format("failed") + "medias = [2]\n")
    data = bench.finished(order(n=2))
    assert [media["status"] for media in data["medias"]] == ["success", "failed"]
    assert bench.service.balance() == 90


def test_deleted_medias_are_no_refund(open_bench: Any, order: Any) -> None:
    """A deleted media was made first."""
    bench = open_bench(points=100, scenario=FAIL.format("deleted"))
    assert bench.finished(order())["medias"][0]["resource_status"] == 3
    assert bench.service.balance() == 95


def test_what_cannot_be_rendered_is_refunded(open_bench: Any, order: Any) -> None:
    """A renderer's refusal is a failed media with its reason."""
    bench = open_bench(points=100)
    data = bench.finished(order(prompt="unrenderable"))
    media = data["medias"][0]
    assert (media["resource_status"], media["status"], media["url"]) == (2, "failed", None)
    assert media["error_msg"] == "the sandbox cannot draw that"
    assert bench.service.balance() == 100


def test_many_at_once_never_spend_more_than_there_is(
    book: Any, tmp_path: Any, order: Any, renderer: Any
) -> None:
    """Four services open one new folder at the same moment and share 100 points: twenty creates fit."""
    start = threading.Barrier(4)

    def spend() -> list[int]:
        start.wait(10)
        service = SandboxService(
            book,
            state=tmp_path / "shared",
            clock=FakeClock(),
            render=renderer,
            options=Options(points=100),
        )
        found = [asyncio.run(create(service, order()))["code"] for _ in range(10)]
        service.close()
        return found

    with ThreadPoolExecutor(4) as pool:
        codes = [code for future in [pool.submit(spend) for _ in range(4)] for code in future.result(30)]
    assert (codes.count(0), codes.count(4008)) == (20, 20)


async def create(service: SandboxService, body: Any) -> Any:
    headers = {"Authorization": "Bearer ima_sandbox"}
    async with httpx.AsyncClient(transport=SandboxTransport(service), base_url=service.base_url) as client:
        return (await client.post("/open/v1/tasks/create", json=body, headers=headers)).json()
