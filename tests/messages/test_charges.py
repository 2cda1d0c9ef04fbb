"""What is said of the points of a job that did not work out: all that is known, and nothing beyond it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ima_skills.domain.event import Created, Quoted, Reattached, Uploaded
from ima_skills.errors import (
    CredentialError,
    DeadlineError,
    ImaError,
    JobFailedError,
    MediaError,
    NetworkError,
    OutcomeUnknownError,
    PointsError,
    ServiceError,
    UsageError,
)
from ima_skills.messages.job import Job
from ima_skills.messages.scribe import Scribe

Make = Callable[..., Any]
NONE = {"en": "• No points were taken.", "zh": "• 没有扣积分。"}
TAKEN = {
    "en": "• The 48 points were taken when it started; nothing more is taken.",
    "zh": "• 开始时已扣 48 积分，之后不会再扣。",
}
FAILED = {
    "en": "• 48 points were taken when it started. I cannot see from here whether they come back; your balance shows it.",
    "zh": "• 开始时已扣 48 积分；会不会退回，我这边看不到，请以账户余额为准。",
}
DOUBT = {
    "en": "• It may have been sent already, and then 48 points have been taken.",
    "zh": "• 可能已经发出去了，那样的话已经扣了 48 积分。",
}
# Something that is not told by itself, after the price.
BEGUN = Uploaded(0, 1)
TASKS_PAGE = "👉 https://imastudio.com/dashboard"


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    """Each language."""
    return str(request.param)


@pytest.fixture
def ended(manner: Make, quote: Make, language: str) -> Make:
    """Return a function from an error and how far the job had come to the lines that are said."""

    def end(error: ImaError, *events: Any, speed: float | None = None) -> list[str]:
        scribe = Scribe(manner(language))
        scribe.pace(speed)
        begun = Quoted("text_to_video", "Kling O1", "kling-video-o1", quote(48), (240, 360), ())
        for event in (begun, *events) if events else ():
            scribe.hear(event, 0.0)
        (*_, action) = scribe.end(error)
        assert action.args is not None
        return str(action.args["message"]).splitlines()

    return end


def about_points(lines: list[str]) -> list[str]:
    """Return the lines about points that were or were not taken."""
    every = {text for table in (NONE, TAKEN, FAILED, DOUBT) for text in table.values()}
    return [line for line in lines if line in every]


@pytest.mark.parametrize(
    "error",
    [
        ServiceError("x", code="service-fault", details={"service_code": 500}),
        PointsError("x", code="insufficient-points", details={"service_code": 4008}),
        CredentialError("x", code="credential-rejected", details={"service_code": 401}),
        ServiceError("x", code="asset-refused"),
        PointsError("x", code="price-raised"),
    ],
)
def test_a_refused_create_took_nothing(ended: Make, language: str, error: ImaError) -> None:
    """The service said no with a code of its own, or was never asked: that is certain, and it is said."""
    assert about_points(ended(error, BEGUN)) == [NONE[language]]


@pytest.mark.parametrize("error", [UsageError("x"), NetworkError("x"), PointsError("x", code="over-cap")])
def test_what_never_started_is_not_told_as_failed(ended: Make, language: str, error: ImaError) -> None:
    """Before anything is sent the title says so, instead of speaking of a picture that did not work out."""
    lines = ended(error)
    assert lines[0] in {"😥 Your creation has not been started", "😥 作品还没有开始生成"}
    assert about_points(lines) == [NONE[language]]


def test_a_job_that_failed_after_its_start(ended: Make, language: str) -> None:
    """Its points were taken; whether they come back is not known here, and not promised."""
    lines = ended(JobFailedError("x"), Created("task_1", 1))
    assert about_points(lines) == [FAILED[language]]
    assert not any("🧪" in line for line in lines)


@pytest.mark.parametrize(
    "error", [DeadlineError("x"), MediaError("x"), NetworkError("x"), CredentialError("x"), ImaError("x")]
)
@pytest.mark.parametrize("event", [Created("task_1", 1), Reattached("task_1")])
def test_a_job_that_goes_on_costs_nothing_more(
    ended: Make, language: str, error: ImaError, event: Any
) -> None:
    """Whatever keeps a result from arriving once the task is there, the points were taken once and are named."""
    assert about_points(ended(error, event)) == [TAKEN[language]]


@pytest.mark.parametrize(
    ("error", "last"),
    [
        (NetworkError("x"), "Just ask me to look again in a while."),
        (ServiceError("x", code="rate-limited"), "Just ask me to look again in a while."),
        (CredentialError("x", code="no-api-key"), TAKEN["en"]),
        (ServiceError("x", code="unknown-task"), "Shall I try again?"),
    ],
)
def test_a_job_that_may_be_fine_is_neither_buried_nor_made_again(
    manner: Make, error: ImaError, last: str
) -> None:
    """A lost connection is no failure of the video: no second one is offered, but one that is gone may be."""
    (action,) = Scribe(manner(), job=Job("text_to_video", points=48, is_created=True)).end(error)
    assert action.args is not None
    lines = str(action.args["message"]).splitlines()
    assert (lines[0] == "👀 I cannot see at the moment how your video is doing") is (
        error.name != "unknown-task"
    )
    assert lines[-1] == last


def test_a_task_s_name_on_an_error_is_enough(ended: Make, language: str) -> None:
    """The command line puts the task on every error of a job that exists, whichever event was heard."""
    assert about_points(ended(NetworkError("x", task_id="task_1"), BEGUN)) == [TAKEN[language]]


@pytest.mark.parametrize("code", ["interrupted", "internal"])
def test_an_end_while_it_was_sent_leaves_a_doubt(ended: Make, language: str, code: str) -> None:
    """Nobody knows whether the create had left: both are said, and the page that shows it."""
    lines = ended(ImaError("x", code=code), BEGUN)
    assert about_points(lines) == [DOUBT[language]]
    assert TASKS_PAGE in lines


def test_an_unknown_outcome_says_it_in_its_own_words(ended: Make) -> None:
    """No second line on the points, least of all one that says none were taken."""
    assert about_points(ended(OutcomeUnknownError("x"), BEGUN)) == []


@pytest.mark.parametrize(
    ("error", "count"),
    [(JobFailedError("x"), 1), (OutcomeUnknownError("x"), 1), (PointsError("x", code="over-cap"), 0)],
)
def test_play_money_is_called_play_money(ended: Make, error: ImaError, count: int) -> None:
    """On a sandbox points that were taken are followed by the word that they are not real."""
    lines = ended(error, BEGUN, speed=60.0)
    assert sum("🧪" in line for line in lines) == count


def test_without_their_number_little_is_said(manner: Make) -> None:
    """Of an earlier job of which nobody knows the price: a failed one took its points, of others nothing is said."""
    said = {}
    for error in (JobFailedError("x"), DeadlineError("x")):
        (action,) = Scribe(manner(), job=Job("text_to_video", is_created=True)).end(error)
        assert action.args is not None
        said[error.name] = str(action.args["message"])
    assert "• Its points were taken when it started." in said["job-failed"]
    assert "taken" not in said["deadline"]
