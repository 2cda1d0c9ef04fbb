"""``--emit`` where points are at stake: a yes first, caps, and outcomes that nobody knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Served = Callable[..., SandboxService]

EMIT = ("--emit", "openclaw")
VIDEO = ("create", "waves", "-t", "text_to_video", *EMIT)
DROPPED = '[[fault]]\non = "create"\nkind = "drop"\nwhen = "after"\ncalls = [1]'
REFUSED = (
    '[[fault]]\non = "create"\nkind = "refuse"\ncode = 400\nmessage = "Bad request: duration must be less"'
)


def told(ran: Any) -> tuple[list[int], list[str]]:
    """Return the steps of the actions, and the lines of the last one."""
    said = [json.loads(line) for line in ran.out.splitlines()]
    actions = [line for line in said if line["kind"] != "result"]
    return [action["step"] for action in actions], actions[-1]["args"]["message"].splitlines()


@pytest.fixture
def real(served: Served, monkeypatch: pytest.MonkeyPatch) -> SandboxService:
    """A service on this machine that does not say it is a sandbox, so that its points count as real."""
    monkeypatch.setattr("ima_skills.sandbox.service._MARK", "x-nothing")
    return served()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No courier comes up: what is sent is sent from here."""
    monkeypatch.setattr("ima_skills.courier.sender.Courier.get_ready", lambda _: None)


def test_a_dear_job_is_asked_about_first(real: SandboxService, ima: Ima) -> None:
    """No start: a question with the model, its points, and what is cheaper for how much; nothing is spent."""
    before = real.balance()
    ran = ima(*VIDEO, "-m", "kling o1", "-p", "duration=10")
    steps, lines = told(ran)
    assert (ran.code, steps) == (4, [0, 4])
    assert lines[1] == "• Why: Kling O1 needs 96 points for this, and I start only once you agree."
    assert "  - Wan 2.6 (good value, 80 points; Quality: 1080p)" in lines
    assert lines[-1] == "Shall I go ahead, or take a cheaper one?"
    assert real.balance() == before


@pytest.mark.usefixtures("alone")
def test_an_unknown_outcome_is_not_started_again(served: Served, ima: Ima) -> None:
    """The same command again tells how it stands and no second start; only --resubmit starts once more."""
    served(DROPPED)
    first, again = ima(*VIDEO), ima(*VIDEO)
    assert (first.code, told(first)[0]) == (7, [0, 1, 4])
    assert (again.code, told(again)[0]) == (7, [0, 4])
    assert "40 points may have been taken" in told(again)[1][1]
    assert told(again)[1][-1] == "If it is not there, tell me, and I will send it once more."
    more = ima(*VIDEO, "--resubmit", "--no-wait")
    assert (more.code, told(more)[0]) == (0, [0, 1])


@pytest.mark.usefixtures("quick_sandbox")
def test_what_today_s_limit_stops_is_not_told_as_started(ima: Ima, own_home: Path) -> None:
    """Above the daily cap there is no start, and what is needed and left are both said."""
    state = own_home / "state"
    state.mkdir(parents=True)
    (state / "ima_config.toml").write_text("[caps]\nper_day = 30\n", encoding="utf-8")
    ran = ima(*VIDEO)
    steps, lines = told(ran)
    assert (ran.code, steps) == (4, [0, 4])
    assert lines[:3] == [
        "😥 Your video has not been started",
        "• Why: This needs 40 points; the limit that was set allows 30.",
        "• No points were taken.",
    ]


def test_a_refusal_names_the_setting_and_that_nothing_was_taken(served: Served, ima: Ima) -> None:
    """The service's words become ours on the way through the whole command."""
    served(REFUSED)
    ran = ima(*VIDEO)
    steps, lines = told(ran)
    assert (ran.code, steps) == (1, [0, 1, 4])
    assert lines[1:3] == [
        "• Why: What was chosen does not suit this model: Length. A small adjustment is enough.",
        "• No points were taken.",
    ]
    assert "must" not in "".join(lines)
