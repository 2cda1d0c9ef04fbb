"""What became of wishes, as people read it: voices by their names, and nothing where only the form is another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ima_skills.domain.event import Progressed, Quoted
from ima_skills.domain.problem import Change
from ima_skills.domain.request import Request
from ima_skills.domain.task_type import Text
from ima_skills.messages.plain import change_lines
from ima_skills.messages.scribe import Scribe

Make = Callable[..., Any]
Talk = Callable[..., list[dict[str, Any]]]
VIVI = Text("Vivi (female voice)", "Vivi（女声）")


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["• Fitted to what this model offers:", "  - Voice: male voice → M191 (male voice)"]),
        ("zh", ["• 已按这个模型支持的选项调整：", "  - 音色：男声 → M191（男声）"]),
    ],
)
def test_a_voice_is_told_by_its_name(talk: Talk, language: str, lines: list[str]) -> None:
    """From what was asked for to the voice that speaks; speed only has another form and is not told at all."""
    wish = Request("text_to_speech", "你好", params={"voice": "male", "speed": 1.2}, language=language)
    said = talk(wish, "plain")
    for action in (said[1], said[-1]):
        told = action["args"]["message"].splitlines()
        assert [line for line in told if line in lines] == lines
        assert not any(word in action["args"]["message"] for word in ("uranus", "Speed", "语速"))


def test_a_voice_that_was_named_is_no_change(talk: Talk) -> None:
    """Whoever names the voice gets it, by whatever spelling of its name; there is nothing to tell."""
    wish = Request("text_to_speech", "hello", params={"voice": "M191", "emotion": "happy"})
    assert "Fitted" not in talk(wish, "plain")[1]["args"]["message"]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (Change("voice", "female", "speaker zh_1", "", "", VIVI), "  - Voice: female voice → Vivi (female voice)"),
        (Change("voice", "soft_one", "speaker zh_1", "", "", VIVI), "  - Voice: now Vivi (female voice)"),
        (Change("voice", "vivi", "speaker zh_1", "", "", Text("vivi", "vivi")), None),
        (Change("quality", "720p", "std", "", "", Text("720p", "720p")), None),
        (Change("speed", 1.2, "audio_params.speech_rate 20", "", "", Text("1.2", "1.2")), None),
        (Change("emotion", "happy", "audio_params.emotion happy", ""), None),
        (Change("quality", "720p", "std", ""), "  - Quality: changed to suit this model"),
        (Change("resolution", "1080P", "720P", ""), "  - Quality: 1080p → 720p"),
    ],
)  # fmt: skip
def test_words_for_people_win(manner: Make, change: Change, line: str | None) -> None:
    """What the quirk says in plain words is told; where that is the wish itself, nothing changed for people."""
    told = change_lines(manner().lines, [change])
    assert told[1:] == (() if line is None else (line,))


def test_quality_in_the_model_s_word_is_no_change(talk: Talk) -> None:
    """The mode that 1080p becomes at this model is nobody's concern."""
    wish = Request("text_to_video", "waves", model="kling o1", params={"quality": "1080p"})
    assert "Fitted" not in talk(wish, "plain")[1]["args"]["message"]


@pytest.mark.parametrize(
    ("elapsed", "words"),
    [(360, ""), (361, "Nearly there"), (720, "Nearly there"), (721, "Thank you for waiting")],
)
def test_late_is_told_as_late(manner: Make, quote: Make, elapsed: float, words: str) -> None:
    """Beyond the estimate the longest time is called usual, and beyond twice of it nobody hears "nearly" any more."""
    scribe = Scribe(manner())
    scribe.hear(Quoted("text_to_video", "Kling O1", "kling-video-o1", quote(48), (240, 360), ()), 0.0)
    (action,) = scribe.hear(Progressed("task_1", elapsed, 95, 0, 1), elapsed)
    assert action.args is not None
    lines = str(action.args["message"]).splitlines()
    assert ("it usually takes 6 min at most" in lines[1]) is bool(words)
    assert "".join(lines[2:]).count(words) >= 1
    assert len(lines) == (3 if words else 2)
