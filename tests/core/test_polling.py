"""Waiting for a task, on a clock that jumps."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ima_skills.domain.event import PollTrouble, Progressed
from ima_skills.errors import CredentialError, DeadlineError, ImaError, ServiceError
from ima_skills.polling import Cadence, percent_done, wait_for_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.clock import FakeClock
    from ima_skills.domain.task import Task
    from ima_skills.service import Service

GOING = {"medias": [{"resource_status": 0}, {"resource_status": 1, "url": "https://a.example"}]}
DONE = {"medias": [{"resource_status": 1, "url": "https://a.example"}]}
CADENCE = Cadence(8.0, 600.0, (60.0, 120.0))


class Looks:
    """Answers looks one after the other, the last one for ever, and notes when they came."""

    def __init__(self, clock: FakeClock, *answers: Any) -> None:
        self.clock, self.answers = clock, list(answers)
        self.times: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.times.append(self.clock.monotonic())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, dict) and "code" not in answer:
            answer = {"code": 0, "data": answer}
        return httpx.Response(200, json=answer) if isinstance(answer, dict) else answer


@pytest.fixture
def wait(
    service_over: Callable[..., Service],
    fake_clock: FakeClock,
    tell_all: tuple[list[Any], Callable[[Any], None]],
) -> Callable[..., Task]:
    """Return a function that waits for task t1 over given looks."""

    def over(looks: Looks, cadence: Cadence = CADENCE, **parts: Any) -> Task:
        work = wait_for_task(
            service_over(looks),
            "t1",
            cadence,
            clock=fake_clock,
            rng=Random(1),  # noqa: S311 - jitter of a test
            tell=tell_all[1],
            **parts,
        )
        return asyncio.run(work)

    return over


def test_cadence_and_jitter(wait: Callable[..., Task], fake_clock: FakeClock) -> None:
    """Looks come every poll interval, never earlier, at most a tenth later, and not all alike."""
    looks = Looks(fake_clock, *[GOING] * 30, DONE)
    assert wait(looks).status == "success"
    gaps = [later - earlier for earlier, later in zip(looks.times, looks.times[1:], strict=False)]
    assert len(gaps) == 30
    assert all(8.0 <= gap <= 8.8 for gap in gaps)
    assert len({round(gap, 6) for gap in gaps}) > 20


def test_first_pause(wait: Callable[..., Task], fake_clock: FakeClock) -> None:
    """A fresh task is looked at about when it may be done; one of unknown age immediately."""
    start = fake_clock.monotonic()
    wait(first := Looks(fake_clock, DONE), age_s=0.0)
    assert 50.0 <= first.times[0] - start <= 70.0
    start = fake_clock.monotonic()
    wait(second := Looks(fake_clock, DONE))
    assert second.times == [start]


def test_progress_events(
    wait: Callable[..., Task], fake_clock: FakeClock, tell_all: tuple[list[Any], Callable[[Any], None]]
) -> None:
    """Progress grows with time to 95 percent and counts finished outputs."""
    wait(Looks(fake_clock, *[GOING] * 30, DONE))
    events = [event for event in tell_all[0] if isinstance(event, Progressed)]
    assert len(events) == 30
    percents = [event.percent for event in events]
    assert percents == sorted(percents)
    assert (percents[0], percents[-1]) == (0, 95)
    assert (events[0].done, events[0].total, events[0].task_id) == (1, 2, "t1")


@pytest.mark.parametrize(("elapsed", "percent"), [(0, 0), (60, 50), (119, 95), (1e9, 95), (-5, 0)])
def test_percent(elapsed: float, percent: int) -> None:
    """Never more than 95 before the end, whatever the estimate."""
    assert percent_done(elapsed, (60, 120)) == percent
    assert percent_done(1, (0, 0)) == 95


TROUBLE = [
    httpx.ReadTimeout("x"), httpx.ConnectError("x"), httpx.Response(502, text="<html>"), httpx.Response(200, text=""),
    {"code": 500, "message": "oops"}, {"code": 503}, {"code": 429}, httpx.Response(500, json={"code": 500}), {"nonsense": 1},
]  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLE, ids=range(len(TROUBLE)))
def test_passing_trouble_is_ridden_out(
    wait: Callable[..., Task],
    fake_clock: FakeClock,
    tell_all: tuple[list[Any], Callable[[Any], None]],
    trouble: Any,
) -> None:
    """A paid task is not given up for a bad line or a busy service."""
    looks = Looks(fake_clock, *[trouble] * 10, DONE)
    assert wait(looks).status == "success"
    assert len(looks.times) == 11
    if trouble != {"nonsense": 1}:
        assert sum(isinstance(event, PollTrouble) for event in tell_all[0]) == 10


@pytest.mark.parametrize(("asked", "pause"), [("30", 30.0), ("86400", 60.0), ("0", 8.0), ("soon", 8.0)])
def test_retry_after_is_heeded(
    wait: Callable[..., Task], fake_clock: FakeClock, asked: str, pause: float
) -> None:
    """A busy service may ask for a longer pause, up to a minute."""
    busy = httpx.Response(429, json={"code": 429}, headers={"Retry-After": asked})
    looks = Looks(fake_clock, busy, DONE)
    wait(looks)
    assert pause <= looks.times[1] - looks.times[0] <= pause * 1.1


def test_deadline(wait: Callable[..., Task], fake_clock: FakeClock) -> None:
    """At the deadline a last look is taken; the error names the task and the command that goes on."""
    looks = Looks(fake_clock, GOING)
    start = fake_clock.monotonic()
    with pytest.raises(
        DeadlineError, match="task t1 has not ended after 600 s; it may still be running"
    ) as caught:
        wait(looks)
    assert looks.times[-1] - start == pytest.approx(600)
    assert fake_clock.monotonic() - start == pytest.approx(600)
    assert (caught.value.task_id, caught.value.exit_code, caught.value.retryable) == ("t1", 5, True)
    assert caught.value.hint == "Continue with: ima-skills tasks wait t1"


def test_deadline_in_trouble(wait: Callable[..., Task], fake_clock: FakeClock) -> None:
    """A service that never answers ends at the deadline too, and so does a deadline shorter than a pause."""
    with pytest.raises(DeadlineError, match="has not ended after 600 s"):
        wait(Looks(fake_clock, httpx.ReadTimeout("x")))
    looks = Looks(fake_clock, GOING)
    with pytest.raises(DeadlineError, match="has not ended after 3 s"):
        wait(looks, Cadence(8.0, 3.0, (50, 60)), age_s=0.0)
    assert len(looks.times) == 1


def test_a_task_that_ends_on_the_last_look(wait: Callable[..., Task], fake_clock: FakeClock) -> None:
    """What is done at the deadline is done."""
    assert wait(Looks(fake_clock, GOING, DONE), Cadence(8.0, 4.0, (1, 2))).status == "success"


@pytest.mark.parametrize(
    ("code", "kind"), [(401, CredentialError), (400, ServiceError), (404, ServiceError), (4008, ImaError)]
)
def test_final_trouble_aborts(
    wait: Callable[..., Task], fake_clock: FakeClock, code: int, kind: type[ImaError]
) -> None:
    """What another look cannot cure is told at once, with the task and how to go on."""
    looks = Looks(fake_clock, GOING, {"code": code, "message": "x"})
    with pytest.raises(kind, match=r"^(The|There|One|the) .*") as caught:
        wait(looks)
    assert len(looks.times) == 2
    assert caught.value.task_id == "t1"
    assert "ima-skills tasks wait t1" in caught.value.hint


@pytest.mark.parametrize(
    "medias",
    [[{"resource_status": 2, "error_msg": "no"}], [{"resource_status": 1, "url": "u"}, {"status": "failed"}]],
)
def test_failure_ends_waiting(wait: Callable[..., Task], fake_clock: FakeClock, medias: list[Any]) -> None:
    """A failed output ends the waiting at once."""
    looks = Looks(fake_clock, {"medias": []}, {"medias": medias})
    assert wait(looks).status == "failed"
    assert len(looks.times) == 2


def test_speed() -> None:
    """A faster sandbox is asked more often, but never in a loop without pause; the deadline stays."""
    assert CADENCE.at_speed(1.0) == CADENCE
    assert CADENCE.at_speed(4.0) == Cadence(2.0, 600.0, (15.0, 30.0))
    assert CADENCE.at_speed(1e9).poll_s == 0.05
