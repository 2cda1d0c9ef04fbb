"""The rendering crew after its end: whoever still wants something is told, and waits for nothing."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from ima_skills.sandbox.rendering import Crew, Workshop

MOST_S = 3.0
ANY: Any = None


def test_a_closed_crew_refuses() -> None:
    """A job that nobody would do is refused at once, instead of a future that never ends."""
    crew = Crew()
    done = crew.submit(lambda: None)
    crew.close()
    crew.close()
    done.result(timeout=MOST_S)
    with pytest.raises(RuntimeError, match="closed"):
        crew.submit(lambda: None)


def test_what_was_queued_before_the_end_is_done() -> None:
    """Closing lets go of nothing that was taken on."""
    crew, gate = Crew(), threading.Event()
    jobs = [crew.submit(gate.wait) for _ in range(6)]  # type: ignore[arg-type]  # its answer is of no interest
    crew.close()
    gate.set()
    for job in jobs:
        job.result(timeout=MOST_S)


@pytest.mark.parametrize("was_used", [False, True])
def test_a_closed_workshop_refuses(was_used: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case of the test
    """Whether or not it ever rendered anything, and without threads that nobody ends."""
    workshop = Workshop(ANY, ANY, ANY, tmp_path)
    if was_used:
        workshop._crew = Crew()
    workshop.close()
    before = threading.active_count()
    media = type("Media", (), {"task_id": "t", "position": 0})()
    with pytest.raises(RuntimeError, match="closed"):
        workshop.start(ANY, media)
    assert threading.active_count() <= before
