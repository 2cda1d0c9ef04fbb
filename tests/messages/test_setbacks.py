"""Why there is no result: the question before dear jobs, caps with their room, and the service's words in ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from ima_skills.domain.problem import Change
from ima_skills.errors import ImaError, PointsError, ServiceError
from ima_skills.messages.job import Job
from ima_skills.messages.scribe import Scribe

Make = Callable[..., Any]


@pytest.fixture
def consulted(manner: Make, counsel: Make) -> Make:
    """Return a function from an error, a language and a model to the lines that are said with the list at hand."""

    def tell(error: ImaError, language: str = "en", model: str = "Kling O1", **given: Any) -> list[str]:
        scribe = Scribe(manner(language))
        changes = given.pop("changes", ())
        scribe.consult(evolve(counsel(model, **given), changes=changes))
        (*_, action) = scribe.end(error)
        assert action.args is not None
        return str(action.args["message"]).splitlines()

    return tell


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "🤝 Your video has not been started yet; a quick question first",
                "• Why: Kling O1 needs 96 points for this, and I start only once you agree.",
                "• No points were taken.",
                "• Fitted to what this model offers:",
                "  - Length: 12 s → 10 s",
                "💡 For fewer points:",
                "  - Wan 2.6 (good value, 80 points; Quality: 1080p)",
                "  - Kling 2.6 (top quality, 80 points; Quality: 1080p)",
                "Shall I go ahead, or take a cheaper one?",
            ],
        ),
        (
            "zh",
            [
                "🤝 视频还没有开始，先跟你确认一下",
                "• 原因：用 Kling O1 来做需要 96 积分，你同意后才会开始。",
                "• 没有扣积分。",
                "• 已按这个模型支持的选项调整：",
                "  - 时长：12 秒 → 10 秒",
                "💡 更省积分的有：",
                "  - Wan 2.6（性价比高，80 积分；清晰度 1080p）",
                "  - Kling 2.6（高品质，80 积分；清晰度 1080p）",
                "就这样开始，还是换个更省积分的？",
            ],
        ),
    ],
)
def test_a_yes_is_asked_for_with_all_that_matters(consulted: Make, language: str, lines: list[str]) -> None:
    """Model, points, what had to be changed, who is cheaper and for how much, and a question."""
    error = PointsError("x", code="needs-consent", details={"model": "Kling O1", "quoted": 96})
    changes = (Change("duration", 12, 10, "nearest"),)
    assert consulted(error, language, total=96, duration=10, changes=changes) == lines


def test_nobody_cheaper_is_made_up(consulted: Make) -> None:
    """Where no model does it for less, only the question is left."""
    error = PointsError("x", code="needs-consent", details={"quoted": 120})
    lines = consulted(error, model="Wan 2.6", total=120, duration=15)
    assert lines[-1] == "Shall I go ahead?"
    assert not any("💡" in line for line in lines)


def test_a_no_is_taken_as_one(consulted: Make) -> None:
    """Whoever said no is not asked again at once."""
    lines = consulted(PointsError("x", code="declined"), total=96, duration=10)
    assert lines == [
        "😥 Your video has not been started",
        "• Why: You did not agree to the points, so I left it.",
        "• No points were taken.",
    ]


@pytest.mark.parametrize(
    ("details", "room"), [({"cap": 50}, 50), ({"cap": 90, "left": 7}, 7), ({"cap": 90, "left": 0}, 0)]
)
def test_a_cap_is_told_with_its_room(consulted: Make, details: dict[str, int], room: int) -> None:
    """What is needed and what is left are both said, also when nothing is left."""
    error = PointsError("x", code="over-daily-cap", details={"quoted": 96, **details})
    lines = consulted(error, total=96, duration=10)
    assert lines[:2] == [
        "😥 Your video has not been started",
        f"• Why: This needs 96 points; the limit that was set allows {room}.",
    ]


def test_the_same_model_made_smaller_says_how(consulted: Make) -> None:
    """Below a cap the model itself may be named again, and then what is smaller about it."""
    lines = consulted(
        PointsError("x", code="over-cap", details={"quoted": 96, "cap": 50}), total=96, duration=10
    )
    assert "  - Kling O1 (top quality, 48 points; Length: 5 s)" in lines


@pytest.mark.parametrize(
    ("said", "code", "language", "reason"),
    [
        ("Bad request: duration must be between 3 and 8", "invalid-settings", "en",
         "• Why: What was chosen does not suit this model: Length. A small adjustment is enough."),
        ("invalid `resolution`; unsupported Duration", "invalid-settings", "zh",
         "• 原因：有设置不适合这个模型：清晰度，时长。稍作调整就可以。"),
        ("6009 No exact rule match found for resolution 4K", "no-rule-match", "en",
         "• Why: These choices do not go together: Quality. The usual settings or another model should work."),
    ],
)  # fmt: skip
def test_a_setting_that_the_service_names_is_named(
    consulted: Make, said: str, code: str, language: str, reason: str
) -> None:
    """Its name becomes our word; what else the service said stays unsaid."""
    error = ServiceError("x", code=code, details={"service_message": said})
    lines = consulted(error, language, model="Wan 2.6", total=40)
    assert lines[1] == reason
    assert "between" not in "".join(lines)


@pytest.mark.parametrize(
    "said", ["Bad request", "the prompt of this model is wrong", "seconds", "sound engine", "durations", None]
)
def test_any_other_word_names_no_setting(consulted: Make, said: str | None) -> None:
    """Only names of this very model's form count, as whole words; else the usual reason is given."""
    error = ServiceError("x", code="invalid-settings", details={"service_message": said})
    lines = consulted(error, model="Wan 2.6", total=40)
    assert lines[1] == "• Why: The length or quality of the video needs a small adjustment."


def test_without_the_list_no_setting_is_named(manner: Make) -> None:
    """Nobody knows then whether the word is a setting at all."""
    error = ServiceError("x", code="invalid-settings", details={"service_message": "duration is wrong"})
    (action,) = Scribe(manner(), job=Job("text_to_video")).end(error)
    assert action.args is not None
    assert "The length or quality of the video" in action.args["message"]


@pytest.mark.parametrize(
    ("code", "details", "words"),
    [
        ("picture-too-small", {}, "a larger size, for instance 2K"),
        ("model-version-missing", {}, "another version"),
        ("version-lacks-feature", {}, "cannot work from reference pictures"),
        ("retired-model", {"model": "Old One", "successor": "wan-2.6"}, "Wan 2.6 has taken its place"),
        ("retired-model", {"model": "Old One", "successor": None}, "not offered any more"),
    ],
)
def test_codes_that_say_more_are_told_with_more(
    consulted: Make, code: str, details: dict[str, Any], words: str
) -> None:
    """A refusal whose code is precise is not told by its row's general words."""
    assert words in consulted(ServiceError("x", code=code, details=details), total=48)[1]
