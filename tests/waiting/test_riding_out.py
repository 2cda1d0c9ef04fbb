"""Trouble while waiting, many waits at once, and what is told meanwhile."""

from __future__ import annotations

import asyncio
import heapq
import json
from collections import Counter
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ima_skills.clock import FakeClock
from ima_skills.domain.event import PollTrouble, Progressed
from ima_skills.errors import CredentialError, DeadlineError, ImaError
from ima_skills.polling import Cadence, LookLimit, wait_for_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.domain.task import Task
    from ima_skills.service import Service

    Over = Callable[..., Service]

GOING: dict[str, Any] = {"medias": [{"resource_status": 0}]}
DONE: dict[str, Any] = {"medias": [{"resource_status": 1, "url": "https://a.example"}]}
IMAGE = Cadence(5.0, 600.0, (20.0, 40.0))


class FairClock(FakeClock):
    """Fake time for many sleepers: it moves to the next one only when nobody has anything to do."""

    def __init__(self) -> None:
        super().__init__()
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0

    async def sleep(self, seconds: float) -> None:
        """Wait until fake time has come so far."""
        self._count += 1
        woken = asyncio.Event()
        heapq.heappush(self._sleepers, (self.monotonic() + max(0.0, seconds), self._count, woken))
        await woken.wait()

    async def run(self, work: asyncio.Future[Any]) -> None:
        """Move time on until the work is done."""
        while not work.done():
            for _ in range(8):
                await asyncio.sleep(0)
            if self._sleepers and not work.done():
                at = self._sleepers[0][0]
                self.jump(max(0.0, at - self.monotonic()))
                while self._sleepers and self._sleepers[0][0] <= at:
                    heapq.heappop(self._sleepers)[2].set()


def answer(data: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"code": 0, "data": data})


def wait(service: Service, clock: FakeClock, cadence: Cadence = IMAGE, **parts: Any) -> Task:
    """Wait for task t1 and return it."""
    usual: dict[str, Any] = {"rng": Random(1), "tell": lambda event: None, "age_s": 0.0}  # noqa: S311 - jitter of a test
    return asyncio.run(wait_for_task(service, "t1", cadence, clock=clock, **{**usual, **parts}))


TROUBLE = st.sampled_from([
    httpx.ReadTimeout("x"), httpx.ConnectError("x"), httpx.RemoteProtocolError("x"), httpx.PoolTimeout("x"),
    (502, "<html>bad gateway</html>"), (503, ""), (200, "<html>login</html>"), (200, ""), (403, "<html>no</html>"),
    (429, '{"code": 429}'), (429, '{"code": 77777, "message": "slow down"}'), (500, '{"code": 500}'),
    (500, '{"code": 424242, "message": "?"}'), (200, '{"code": 503}'), (200, "[1, 2]"), (200, "null"), (404, "<html>"),
])  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TROUBLE, max_size=25), st.integers(0, 300))
def test_any_burst_is_ridden_out(service_over: Over, burst: list[Any], retry_after: int) -> None:
    """Broken lines, 5xx, 429 with any wish, pages of HTML: the task comes home as soon as the service speaks."""
    clock, left = FakeClock(), list(burst)

    def handler(request: httpx.Request) -> httpx.Response:
        if not left:
            return answer(DONE)
        trouble = left.pop(0)
        if isinstance(trouble, Exception):
            raise trouble
        status, text = trouble
        return httpx.Response(status, text=text, headers={"Retry-After": str(retry_after)})

    task = wait(service_over(handler), clock, Cadence(5.0, 4000.0, (20.0, 40.0)))
    assert (task.status, left) == ("success", [])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0.01, 900.0), TROUBLE, st.one_of(st.none(), st.floats(0.0, 500.0)))
def test_the_deadline_is_exact(
    service_over: Over, deadline_s: float, trouble: Any, age_s: float | None
) -> None:
    """In trouble or not, the last look is at the deadline, and the error names the task and the command."""
    clock, times = FakeClock(), list[float]()
    started = clock.monotonic()

    def handler(request: httpx.Request) -> httpx.Response:
        times.append(clock.monotonic() - started)
        if len(times) % 2:
            return answer(GOING)
        if isinstance(trouble, Exception):
            raise trouble
        return httpx.Response(trouble[0], text=trouble[1])

    with pytest.raises(DeadlineError) as caught:
        wait(service_over(handler), clock, Cadence(5.0, deadline_s, (20.0, 40.0)), age_s=age_s)
    assert times[-1] == pytest.approx(deadline_s, abs=2e-3)
    # The one look that the documents' rate does not count is the last.
    assert len(times) - 1 <= deadline_s / 5.0 + 1 + 1e-6
    assert caught.value.task_id == "t1"
    assert "ima-skills tasks wait t1" in caught.value.hint


@pytest.mark.parametrize(
    "refusal",
    [
        httpx.Response(200, json={"code": 401, "message": "x"}), httpx.Response(401, json={"code": 401}),
        httpx.Response(401, text="<html>"), httpx.Response(500, json={"code": 401}),
    ],
    ids=range(4),
)  # fmt: skip
def test_a_refused_key_is_final(service_over: Over, fake_clock: FakeClock, refusal: httpx.Response) -> None:
    """However it is told, waiting cannot cure it; the hint says how to go on with a better key."""
    calls: list[int] = []

    def handler(request: httpx.Request) -> httpx.Response:
        calls.append(1)
        return refusal

    with pytest.raises(ImaError) as caught:
        wait(service_over(handler), fake_clock)
    assert len(calls) == 1
    assert caught.value.task_id == "t1"
    assert "ima-skills tasks wait t1" in caught.value.hint
    if refusal.headers["content-type"] == "application/json":
        assert isinstance(caught.value, CredentialError)


def test_trouble_tells_how_long_it_has_lasted(service_over: Over) -> None:
    """Failed looks are counted in a row, with the time since the first and the time left; an answer ends the row."""
    answers: list[Any] = ["x", "x", "x", GOING, "x", DONE]
    heard: list[Any] = []

    def handler(request: httpx.Request) -> httpx.Response:
        told = answers.pop(0)
        return httpx.Response(502, text=told) if isinstance(told, str) else answer(told)

    clock = FakeClock()
    started = clock.monotonic()

    def tell(event: Any) -> None:
        heard.extend([(event, clock.monotonic() - started)] if isinstance(event, PollTrouble) else [])

    wait(service_over(handler), clock, tell=tell)
    assert [event.count for event, _ in heard] == [1, 2, 3, 1]
    first = heard[0][1]
    assert [event.since_s for event, _ in heard[:3]] == [at - first for _, at in heard[:3]]
    assert heard[2][0].since_s >= 10
    assert heard[3][0].since_s == 0
    assert [event.left_s for event, _ in heard] == pytest.approx([600 - at for _, at in heard])


UNKNOWN = {"code": 404, "message": "task not found"}


def test_a_fresh_task_may_be_unknown_for_a_while(service_over: Over) -> None:
    """In its first half minute that is told as trouble; later, and for a task of unknown age, it is final."""
    speech = Cadence(3.0, 300.0, (3.0, 6.0))
    heard: list[Any] = []
    left = [UNKNOWN, UNKNOWN, UNKNOWN]

    def at_first(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=left.pop(0)) if left else answer(DONE)

    assert wait(service_over(at_first), FakeClock(), speech, tell=heard.append).status == "success"
    assert sum(isinstance(event, PollTrouble) for event in heard) == 3
    clock = FakeClock()
    started, calls = clock.monotonic(), list[float]()

    def always(request: httpx.Request) -> httpx.Response:
        calls.append(clock.monotonic() - started)
        return httpx.Response(200, json=UNKNOWN)

    with pytest.raises(ImaError, match="knows no task"):
        wait(service_over(always), clock, speech)
    assert len(calls) > 2
    assert calls[-2] < 30.0 <= calls[-1]
    for age_s in (None, 31.0):
        with pytest.raises(ImaError, match="knows no task"):
            wait(service_over(always), FakeClock(), speech, age_s=age_s)


def test_time_is_told_while_nobody_looks(service_over: Over, fake_clock: FakeClock) -> None:
    """A long first pause shows growing progress, so that nobody takes it for a standstill."""
    heard: list[Any] = []
    wait(
        service_over(lambda request: answer(DONE)),
        fake_clock,
        Cadence(8.0, 900.0, (150.0, 210.0)),
        tell=heard.append,
    )
    told = [event for event in heard if isinstance(event, Progressed)]
    assert len(told) > 10
    assert [event.percent for event in told] == sorted(event.percent for event in told)
    steps = [b.elapsed_s - a.elapsed_s for a, b in pairwise(told)]
    assert steps == pytest.approx([8.0] * len(steps))


def test_a_sandbox_that_is_met_while_waiting_sets_the_pace(service_over: Over, fake_clock: FakeClock) -> None:
    """Its first answer tells its speed; a known age does not put that answer off."""
    started, times = fake_clock.monotonic(), list[float]()

    def handler(request: httpx.Request) -> httpx.Response:
        times.append(fake_clock.monotonic() - started)
        data = DONE if len(times) == 3 else {"medias": []}
        return httpx.Response(200, json={"code": 0, "data": data}, headers={"x-ima-sandbox": "60"})

    wait(service_over(handler), fake_clock, Cadence(8.0, 900.0, (150.0, 210.0)), age_s=1.0)
    assert times[0] == 0.0
    assert times[-1] < 10.0


def test_a_thousand_waits(service_over: Over) -> None:
    """All end, none is lost or starved, few are asked for at once, and the documents' rate holds for each."""
    clock, many = FairClock(), 1000
    rng = Random(11)  # noqa: S311 - a simulation
    ends = {f"t{number}": rng.uniform(15.0, 60.0) for number in range(many)}
    looks: Counter[str] = Counter()
    started = clock.monotonic()
    at_once = most_at_once = 0

    async def handler(request: httpx.Request) -> httpx.Response:
        nonlocal at_once, most_at_once
        at_once += 1
        most_at_once = max(most_at_once, at_once)
        await clock.sleep(0.02)
        at_once -= 1
        name = json.loads(request.content)["task_id"]
        looks[name] += 1
        if rng.random() < 0.1:
            return httpx.Response(502, text="<html>")
        return answer(DONE if clock.monotonic() - started >= ends[name] else GOING)

    async def one(service: Service, name: str, limit: LookLimit) -> tuple[str, str, float]:
        task = await wait_for_task(
            service, name, IMAGE, clock=clock, rng=rng, tell=lambda event: None, age_s=0.0, limit=limit
        )
        return task.id, task.status, clock.monotonic() - started

    async def all_of_them() -> list[tuple[str, str, float]]:
        service, limit = service_over(handler), LookLimit(20)
        work = asyncio.gather(*(one(service, name, limit) for name in ends))
        await clock.run(work)
        return await work

    found = asyncio.run(all_of_them())
    assert {(name, status) for name, status, _ in found} == {(name, "success") for name in ends}
    assert most_at_once <= 20
    assert all(looks[name] <= at / 5.0 + 2 for name, _, at in found)
    delays = sorted(at - ends[name] for name, _, at in found)
    assert sum(delays) / many < 5.0
    assert delays[-1] < 30.0


def test_a_limit_outlives_its_event_loop(service_over: Over) -> None:
    """A client that is used in one loop after the other keeps its bound, and raises nothing."""
    limit = LookLimit(1)

    async def handler(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        return answer(DONE)

    async def both() -> list[Task]:
        service = service_over(handler)
        return await asyncio.gather(*(limit.look(service, name) for name in ("a", "b", "c")))

    for _ in range(2):
        assert [task.id for task in asyncio.run(both())] == ["a", "b", "c"]
