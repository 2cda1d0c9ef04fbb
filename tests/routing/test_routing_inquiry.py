"""Questions about us, budgets in points, names that are misspelt, and wishes that programs hand over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import pytest

from ima_skills.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.domain.route import Route
    from ima_skills.routing.understanding import Router
    from ima_skills.routing.vocabulary import Vocabulary

    Understood = Callable[[dict[str, Any]], Route]


@pytest.mark.parametrize(
    ("wish", "about"),
    [
        ("find the video I made yesterday", "earlier"),
        ("where's my poster from last week?", "earlier"),
        ("我上次做的那首歌在哪", "earlier"),
        ("视频做好了吗", "earlier"),
        ("how many points have I used this week?", "spent"),
        ("还剩多少积分", "spent"),
        ("what models do you have for video?", "offer"),
        ("suno 生成的歌能商用不", "offer"),
        ("做一个10秒的视频要多少积分", "price"),
        ("what is my default model", "preferences"),
        ("find the song I made yesterday and make it longer", None),
        ("找到昨天做的那张图，把背景换成海边", None),
        ("a poster that asks: how many points have I?", None),
        ("画一张海报，上面写“哪个更便宜？”", None),
        ("你能画一只猫吗", None),
        ("can you make a video of a goat?", None),
        ("how does a volcano work, infographic", None),
        ("the difference between night and day, painting", None),
        ("who are you, rap song about identity", None),
        ("do you know what I want? a cat picture", None),
        ("画个漫画，问妈妈为什么这么慢", None),
        ("一段视频，关于钱花到哪里去了，花了多少钱", None),
        ("list everything I made this week, only the music", "earlier"),
    ],
)
def test_a_question_makes_nothing(router: Router, wish: str, about: str | None) -> None:
    """Who asks about us gets the command that answers; who goes on to ask for something does not."""
    found = router.route(wish)
    assert (found.inquiry.about if found.inquiry else None) == about
    if about is not None:
        assert (found.media, found.task_type, found.clarify) == ((), None, None)


def test_every_answer_is_a_command(words: Vocabulary) -> None:
    """Every kind of question names a command that there is, with options that it has."""
    assert words.words.inquiry
    for about, asked in words.words.inquiry.items():
        command: click.Command = main
        context = click.Context(main)
        names = [word for word in asked.command if not word.startswith("--")]
        for name in names:
            assert isinstance(command, click.Group), about
            found = command.get_command(context, name)
            assert found is not None, (about, name)
            command = found
        options = {option for parameter in command.params for option in parameter.opts}
        assert names, about
        assert {word for word in asked.command if word.startswith("--")} <= options, about


@pytest.mark.parametrize(
    ("wish", "points", "prompt"),
    [
        ("画一只水獭，预算10积分以内", 10, "画一只水獭"),
        ("画一只水獭，最多花三十积分", 30, "画一只水獭"),
        ("draw an otter, no more than 20 credits", 20, "draw an otter"),
        ("draw an otter for at most 20 points, under 15 points", 15, "draw an otter"),
        ("a poster: 50 points per goal, at most", None, "a poster: 50 points per goal, at most"),
        ("画海报：满100积分换礼品，最多50积分换一份", None, "画海报：满100积分换礼品，最多50积分换一份"),
        (
            "a poster about a game with at most 50 points",
            None,
            "a poster about a game with at most 50 points",
        ),
        ("draw an otter for at most 0 points", None, None),
    ],
)
def test_a_budget_is_a_cap(router: Router, wish: str, points: int | None, prompt: str | None) -> None:
    """Points that a wish may cost are its cap and leave the prompt; points that are shown stay."""
    found = router.route(wish)
    assert found.max_points == points
    assert prompt is None or found.prompt.strip(" ,，") == prompt


@pytest.mark.parametrize(
    ("wish", "model_id"),
    [
        ("sedance 1.5 pro, video of a kite", "seedance-1.5-pro"),
        ("use Nano Bannana 2: a red bicycle, picture", "nano-banana-2"),
        ("hailou 2.3 video of a goat", "hailuo-2.3"),
        ("minimax hailuo 2.0: a horse on a beach, video", "hailuo-2.0"),
        ("a Sora video of rain", "sora-2-pro"),
        ("a portrait of Sora in the rain", None),
        ("a video of bananas on a beach", None),
    ],
)
def test_misspelt_names(router: Router, wish: str, model_id: str | None) -> None:
    """A slip in a model's name means that model, and a version behind a brand the model of that version."""
    found = router.route(wish)
    entry = next((e for e in router.lexicon.registry.models.values() if e.name == found.model_name), None)
    assert (entry.id if entry else None) == model_id
    assert found.clarify is None


def test_a_variant_that_there_is_not(router: Router) -> None:
    """A name with "Max" behind it that no model has is asked about."""
    assert "ask-unknown_model" in router.route("a picture of a fox with Nano Banana Max").notes


@pytest.mark.parametrize(
    ("wish", "task_type", "prompt", "params"),
    [
        (
            '{"task":"video","prompt":"two otters, 4k cats","duration":10,"aspect_ratio":"9:16"}',
            "text_to_video",
            "two otters, 4k cats",
            {"duration": 10, "aspect_ratio": "9:16"},
        ),
        (
            "Task: text_to_speech\nVoice: female\nSpeed: 0.9\nText: Draw a cat: your parcel is here.",
            "text_to_speech",
            "Draw a cat: your parcel is here.",
            {"voice": "female", "speed": 0.9},
        ),
        (
            "- **产出**：图片\n- **内容**：中药材手绘\n- **比例**：1:1",
            "text_to_image",
            "中药材手绘",
            {"aspect_ratio": "1:1"},
        ),
        (
            "【媒体】语音\n【声音】女\n【文本】十分钟后结束营业。",
            "text_to_speech",
            "十分钟后结束营业。",
            {"voice": "female"},
        ),
        (
            "media=video; duration=5; prompt=a kite; audio=on",
            "text_to_video",
            "a kite",
            {"duration": 5, "audio": True},
        ),
    ],
)
def test_a_hand_over_keeps_its_prompt(
    router: Router, wish: str, task_type: str, prompt: str, params: dict[str, Any]
) -> None:
    """A program's wish keeps its prompt to the letter; only the other values are read."""
    found = router.route(wish)
    assert (found.task_type, found.prompt, found.params, found.clarify) == (task_type, prompt, params, None)


@pytest.mark.parametrize(
    "wish",
    [
        "{",
        '{"a": ' * 3000,
        "{}",
        '{"prompt": 5}',
        "[1, 2]",
        "key: value\n" * 5000,
        "a=b;" * 3000,
        '{"prompt":"x","task":null}',
    ],
)
def test_any_hand_over_ends(router: Router, wish: str) -> None:
    """Broken, empty, deep and long hand-overs are read like any other text."""
    assert router.route(wish) is not None


def test_two_values_for_one_parameter(router: Router) -> None:
    """One request has one ratio: who wants one of each is asked which comes first."""
    found = router.route("两张图，16:9和9:16各一张，灯塔")
    assert found.clarify is not None
    assert found.clarify.options == ("16:9", "9:16")
    assert router.route("a 16:9 video of a lighthouse on a 4:3 screen").clarify is None


@pytest.mark.parametrize(
    ("wish", "prompts"),
    [
        (
            "a poster of a lighthouse and a song about the sea",
            ["a poster of a lighthouse", "a song about the sea"],
        ),
        ("a poster and a song about the sea", ["a poster and a song about the sea"] * 2),
    ],
)
def test_each_side_of_and_keeps_its_own(router: Router, wish: str, prompts: list[str]) -> None:
    """Each media keeps its own content where both have some, and all of it where one tells for both."""
    assert [step.prompt for step in router.route(wish).steps] == prompts


def test_a_file_that_nothing_uses(router: Router) -> None:
    """Music takes no picture: the file is left out, and that is noted."""
    found = router.route("write a song that goes with this picture", ["https://e.invalid/1.png"])
    assert (found.task_type, found.inputs) == ("text_to_music", ())
    assert "file-unused" in found.notes


@pytest.mark.parametrize("wish", ["turn this into a video", "make these into a clip", "把这个做成视频"])
def test_this_without_a_file(router: Router, wish: str) -> None:
    """Who speaks of "this" and sends nothing is asked for it, and never charged for a video of the words."""
    assert "ask-input" in router.route(wish).notes
