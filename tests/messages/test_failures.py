"""What is said when something does not work: why, what else could be done, and which page helps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ima_skills.domain.event import ModelChosen, Quoted
from ima_skills.errors import (
    CredentialError,
    DeadlineError,
    ImaError,
    InvalidRequestError,
    JobFailedError,
    OutcomeUnknownError,
    PointsError,
    ServiceError,
)
from ima_skills.messages.job import Job
from ima_skills.messages.scribe import Scribe

Make = Callable[..., Any]
KEY_PAGE = "https://www.imaclaw.ai/imaclaw/apikey"
POINTS_PAGE = "https://www.imaclaw.ai/imaclaw/subscription"
TASKS_PAGE = "https://imastudio.com/dashboard"


@pytest.fixture
def told(manner: Make) -> Make:
    """Return a function from an error to the lines that are said about it."""

    def tell(
        error: ImaError, task_type: str = "text_to_video", language: str = "en", **facts: Any
    ) -> list[str]:
        scribe = Scribe(manner(language), job=Job(task_type, **facts))
        (action,) = scribe.end(error)
        assert action.args is not None
        return str(action.args["message"]).splitlines()

    return tell


@pytest.mark.parametrize(
    ("error", "page"),
    [
        (CredentialError("401", code="credential-rejected"), KEY_PAGE),
        (CredentialError("none", code="no-api-key"), KEY_PAGE),
        (PointsError("4008", code="insufficient-points"), POINTS_PAGE),
        (PointsError("4014", code="subscription-required"), POINTS_PAGE),
        (DeadlineError("slow"), TASKS_PAGE),
        (OutcomeUnknownError("?"), TASKS_PAGE),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_that_helps_is_named(told: Make, error: ImaError, page: str, language: str) -> None:
    """Keys, points, subscriptions, and where to look for a task nobody is sure about."""
    assert f"👉 {page}" in told(error, language=language)


@pytest.mark.parametrize(
    ("code", "task_type", "words"),
    [
        ("invalid-product-attribute", "text_to_image", "has just been updated"),
        ("credit-mismatch", "text_to_image", "points did not add up"),
        ("no-rule-match", "text_to_image", "were adjusted"),
        ("rule-mismatch", "text_to_image", "another one will manage it"),
        ("invalid-settings", "text_to_image", "size or shape of the picture"),
        ("invalid-settings", "text_to_video", "length or quality of the video"),
        ("invalid-settings", "text_to_music", "beyond this model"),
        ("generation-failed", "text_to_video", "another model often manages it"),
        ("generation-failed", "text_to_speech", "a shorter text often helps"),
        ("deadline-passed", "text_to_video", "Next time a faster model"),
        ("network-failed", "text_to_video", "check the network"),
        ("rate-limited", "text_to_video", "wait a moment"),
        ("model-unavailable", "text_to_video", "not available at the moment"),
        ("content-refused", "text_to_video", "other words or another model"),
        ("upload-failed", "image_to_video", "check the format of the picture"),
        ("lyrics-refused", "text_to_music", "the model can write them for you"),
        ("prompt-length", "text_to_music", "20 to 100 characters"),
        ("prompt-length", "text_to_speech", "shorten it or split it"),
        ("service-fault", "text_to_video", "a shorter video in lower quality"),
    ],
)
def test_what_is_said_suits_the_kind_of_media(told: Make, code: str, task_type: str, words: str) -> None:
    """Each shape of failure that the service's documents list has its own reason, by kind where that helps."""
    assert words in told(ServiceError("x", code=code), task_type)[1]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "48 points may have been taken. I do not send it again by myself."),
                            ("zh", "可能已经扣了 48 积分。我不会自动再发一次")]
)  # fmt: skip
def test_an_unknown_outcome_is_honest(told: Make, language: str, words: str) -> None:
    """What may have been charged, the page that shows it, and that only a word of the person sends it again."""
    lines = told(OutcomeUnknownError("?", details={"points": 48}), language=language)
    assert words in lines[1]
    assert lines[2] == f"👉 {TASKS_PAGE}"
    assert lines[3] in {
        "If it is not there, tell me, and I will send it once more.",
        "如果那里没有，告诉我一声，我再发一次。",
    }
    assert len(lines) == 4


def test_a_question_of_consent_names_the_price(told: Make) -> None:
    """Nothing failed: somebody has to agree first, and knows to what; without a list at hand nobody is cheaper."""
    lines = told(PointsError("x", code="needs-consent", details={"quoted": 120, "model": "Wan 2.6"}))
    assert lines == [
        "🤝 Your video has not been started yet; a quick question first",
        "• Why: Wan 2.6 needs 120 points for this, and I start only once you agree.",
        "• No points were taken.",
        "Shall I go ahead?",
    ]


def test_the_limits_of_a_strict_model_are_told(told: Make, registry: Any) -> None:
    """After a refusal for its content comes what this very model refuses, from its registry file."""
    sora = registry.models["sora-2-pro"]
    error = ServiceError("x", code="content-refused")
    assert f"• {sora.limits.en}" in told(error, model_id="sora-2-pro", model_name=sora.name)
    assert not any("Sora" in line for line in told(error, model_id="wan2.6-t2v"))


def test_alternatives_that_an_error_carries_are_told(told: Make) -> None:
    """At most two, each once, with what is good about it, its points, and what is other about it in plain words."""
    rows: list[dict[str, Any]] = [
        {"model": "wan-2.6", "name": "Wan 2.6", "points": 25},
        {"model": "wan-2.6", "name": "Wan 2.6", "points": 40},
        {"model": "nobody-knows", "name": "Newcomer", "points": 7},
        {"model": "kling-o1", "name": "Kling O1", "points": 48},
    ]
    rows[2]["differs"] = {
        "duration": 4,
        "resolution": "720P",
        "sound": "off",
        "form_config": 1,
        "quality": "std",
    }
    lines = told(ServiceError("x", code="model-unavailable", details={"alternatives": rows}))
    assert lines[3:] == [
        "• These could do it instead:",
        "  - Wan 2.6 (good value, 25 points)",
        "  - Newcomer (7 points; Length: 4 s, Quality: 720p, Sound: off)",
        "Shall I make it with one of these?",
    ]


def test_alternatives_are_computed_where_the_error_has_none(manner: Make, counsel: Make, quote: Make) -> None:
    """Their order is the registry's, their points those of the list; a rejected key gets none."""
    said = {}
    for error in (JobFailedError("x"), CredentialError("x"), ServiceError("x", code="rate-limited")):
        scribe = Scribe(manner())
        scribe.consult(counsel("Wan 2.6", duration=5))
        scribe.hear(ModelChosen("text_to_video", "wan2.6-t2v", "Wan 2.6", "default"), 0)
        scribe.hear(Quoted("text_to_video", "Wan 2.6", "wan2.6-t2v", quote(40), (300, 420), ()), 0)
        (action,) = scribe.end(error)
        assert action.args is not None
        said[error.name] = action.args["message"].splitlines()
    assert said["job-failed"][-4:-1] == [
        "• These could do it instead:",
        "  - Kling O1 (top quality, 48 points; Quality: 720p)",
        "  - Vidu Q2 (easy on points, 15 points; Quality: 720p)",
    ]
    assert "• These could do it instead:" not in said["credential"] + said["rate-limited"]
    assert said["rate-limited"][-1] == "Shall I try again?"


def test_another_model_is_not_offered_where_there_is_none(manner: Make, counsel: Make) -> None:
    """With the list at hand and nobody on it who could, the offer would be an empty word."""
    scribe = Scribe(manner(), job=Job("text_to_video", "Kling O1"))
    scribe.consult(counsel("Kling O1", duration=7))
    (action,) = scribe.end(ServiceError("x", code="model-unavailable"))
    assert action.args is not None
    assert "Shall I" not in action.args["message"]


def test_what_was_saved_of_a_half_failed_job_is_sent(manner: Make) -> None:
    """Paid outputs reach people even when others failed."""
    details = {"usable": 2, "total": 4, "files": ["/out/a-1.png", "/out/a-3.png"]}
    actions = Scribe(manner("en", "telegram"), job=Job("text_to_image")).end(
        JobFailedError("x", details=details)
    )
    sends = [dict(action.args or {}) for action in actions]
    assert "• 2 of 4 are done and kept." in sends[0]["message"].splitlines()
    assert [item["media"] for item in sends[1]["attachments"]] == details["files"]


@pytest.mark.parametrize("reason", [None, "content-refused"])
def test_what_is_paid_for_and_still_to_come_is_fetched_before_anything_else(
    told: Make, reason: str | None
) -> None:
    """Whatever the reason of the part that failed, nothing that would be paid once more is offered."""
    rows = [{"model": "wan-2.6", "name": "Wan 2.6", "points": 25}]
    details = {"usable": 0, "total": 2, "outstanding": 1, "alternatives": rows, "reason": reason}
    lines = told(JobFailedError("x", details=details))
    assert lines[0] == "😥 A part of your video did not work out"
    assert (
        "• 1 more still to fetch; the points for that are paid, and nothing needs to be made again." in lines
    )
    assert lines[-1] == "Just ask me to look again in a while."
    assert not any("Wan 2.6" in line or "Shall I" in line for line in lines)


@pytest.mark.parametrize(
    ("pointer", "rule", "words"),
    [
        ("/inputs/0", "input-kind", "One of your files could not be used"),
        ("/inputs/0", "damaged", "One of your files could not be used"),
        ("/inputs/0", "missing-file", "could not be found or opened"),
        ("/inputs/0", "address", "file behind this link"),
        ("/inputs/0", "compliance", "did not pass the check"),
        ("/inputs", "minItems", "Not all the files that this needs are here yet"),
        ("/inputs", "maxItems", "more files than can be used here"),
        ("/prompt", "maxLength", "Could you say it in other words?"),
        ("/params/duration", "enum", "cannot do what was chosen here: Length."),
        ("/params/duration", "unknown", "has no such setting: Length."),
        ("/params/nobody_knows", "unknown", "no setting for one of your wishes"),
        ("/params/nobody_knows", "type", "Something that was chosen is beyond this model"),
        ("/params/ratio", "twice", "asked for in two ways: Shape."),
        ("/params", "unpriced", "do not go together"),
    ],
)
def test_an_invalid_request_is_told_by_its_place_and_rule(
    told: Make, pointer: str, rule: str, words: str
) -> None:
    """A file that is wrong, one that is not there, the words, or a setting: each is something else to a person."""
    from ima_skills.domain.problem import Problem

    assert words in told(InvalidRequestError("x", problems=[Problem(pointer, "no", rule=rule)]))[1]


def test_why_an_accepted_job_failed(told: Make) -> None:
    """A reason that the service's words gave away is told; one that says nothing was charged never is."""
    said = told(JobFailedError("x", details={"reason": "content-refused"}))
    assert "not allowed with this model" in said[1]
    assert "No points were taken" not in told(JobFailedError("x", details={"reason": "asset-refused"}))[1]


@pytest.mark.parametrize(
    ("details", "names"),
    [({"cap": 14}, ["Hailuo 2.0"]), ({"cap": 90, "left": 14}, ["Hailuo 2.0"]), ({"cap": 3}, [])],
)
def test_below_a_cap_only_what_it_has_room_for_is_offered(
    manner: Make, counsel: Make, details: dict[str, int], names: list[str]
) -> None:
    """A cheaper model that the cap refuses too is no help, and without one nothing is offered."""
    scribe = Scribe(manner(), job=Job("text_to_video", "Wan 2.6"))
    scribe.consult(counsel("Wan 2.6"))
    (action,) = scribe.end(PointsError("x", code="over-cap", details={"quoted": 40, **details}))
    lines = str((action.args or {})["message"]).splitlines()
    assert [line.strip(" -").split(" (")[0] for line in lines if line.startswith("  - ")] == names
    assert ("Shall I make it with one of these?" in lines) == bool(names)


def test_a_model_that_nobody_knows(told: Make) -> None:
    """A wrong name is told as one, with the closest; a model that is only out of order is not called unknown."""
    assert "could not find that model" in told(ServiceError("x", code="unknown-model"))[1]
    close = {"name": "Wann", "listed": False, "nearest": ["Wan 2.6"]}
    lines = told(ServiceError("x", code="unknown-model", details=close))
    assert lines[1].endswith("Did you mean Wan 2.6?")
    assert not any(line.startswith("Shall I") for line in lines)
    away = {"name": "Wan 2.6", "listed": True, "nearest": []}
    assert "Wan 2.6 is not available" in told(ServiceError("x", code="unknown-model", details=away))[1]
