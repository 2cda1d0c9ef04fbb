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
        ("quick question: how long can a video be?", "offer"),
        ("ok, do you support 4k video?", "offer"),
        ("cancel the video", "earlier"),
        ("停止生成视频", "earlier"),
        ("图片怎么下载", "earlier"),
        ("will I be charged if the video fails", "price"),
        ("先别生成，视频多少钱", "price"),
        ("thanks for the video", "chat"),
        ("视频太贵了", "chat"),
        ("great wall video at dawn", None),
        ("视频太空漫步", None),
        ("历史记录片的片头视频", None),
        ("海报：花了多少钱才知道", None),
        ("song: what can you do when love is gone", None),
        ("explain how photosynthesis works in a short video", None),
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
        assert names or about == "chat", about
        assert {word for word in asked.command if word.startswith("--")} <= options, about


@pytest.mark.parametrize(
    ("wish", "points", "prompt"),
    [
        ("画一只水獭，预算10积分以内", 10, "画一只水獭"),
        ("画一只水獭，最多花三十积分", 30, "画一只水獭"),
        ("draw an otter, no more than 20 credits", 20, "draw an otter"),
        ("draw an otter for at most 20 points, max 15 credits", 15, "draw an otter"),
        ("a poster: 50 points per goal, at most", None, "a poster: 50 points per goal, at most"),
        ("画海报：满100积分换礼品，最多50积分换一份", None, "画海报：满100积分换礼品，最多50积分换一份"),
        (
            "a poster about a game with at most 50 points",
            None,
            "a poster about a game with at most 50 points",
        ),
        ("draw an otter for at most 0 points", 0, "draw an otter"),
        ("画只猫，预算1,000积分", 1000, "画只猫"),
        ("画只猫，不超过2千积分", 2000, "画只猫"),
        ("draw a cat, at most 10 points each, 3 pictures", 30, None),
        ("draw a cat, max 10 points, and a video max 100 points", 110, None),
        ("画时钟，10点以内", None, "画时钟，10点以内"),
        ("装修海报，预算10万", None, "装修海报，预算10万"),
        ("draw a cat, budget 5 dollars", None, "draw a cat, budget 5 dollars"),
        ("video of a basketball game, under 30 points", None, "video of a basketball game, under 30 points"),
        ("会员海报：消费50积分以内享8折", None, "会员海报：消费50积分以内享8折"),
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
    ("wish", "params", "n", "points", "prompt"),
    [
        ('{"task":"video","prompt":"dog","timeout":"10s","duration":5}', {"duration": 5}, 1, None, "dog"),
        ('{"task":"video","prompt":"dog","note":"4 images","date":"11/21","preset":"use midjourney"}', {}, 1, None, "dog"),
        ('{"task":"image","prompt":"cat","num_images":4,"max_points":10}', {}, 4, 10, "cat"),
        ('{"task":"video","prompt":"cat","duration":-5,"n":0}', {"duration": -5}, 0, None, "cat"),
        ('{"task":"tts","description":"calm","text":"Hello there"}', {}, 1, None, "Hello there"),
        ("Media: speech\nText: Hello everyone,\nwelcome.\nVoice: female", {"voice": "female"}, 1, None, "Hello everyone,\nwelcome."),
        ("media=video; prompt=a kite; flying over the sea; duration=5", {"duration": 5}, 1, None, "a kite; flying over the sea"),
        ('{"task":"image","prompt":"\\"Hi\\" she said \\"bye\\""}', {}, 1, None, '"Hi" she said "bye"'),
        (
            '{"task":"music","prompt":"sad","lyrics":"la la la\\nyou and me","tags":"pop"}',
            {"lyrics": "la la la\nyou and me", "tags": "pop"}, 1, None, "sad",
        ),
    ],
)  # fmt: skip
def test_only_known_keys_count(  # noqa: PLR0913, PLR0917 - a hand-over has many parts
    router: Router, wish: str, params: dict[str, Any], n: int, points: int | None, prompt: str
) -> None:
    """A key that means nothing to us sets nothing; what is asked for is kept as it is."""
    found = router.route(wish)
    assert (found.params, found.n, found.max_points, found.prompt) == (params, n, points, prompt)
    assert (found.model_id, found.preference.action) == (None, "none")


def test_headings_are_no_keys(router: Router) -> None:
    """A text with several headings of content is one prompt."""
    wish = "海报\n主题：中秋节\n文案：月圆人团圆\n颜色：红金\n画面：玉兔和桂花"
    assert all(part in router.route(wish).prompt for part in ("中秋节", "月圆人团圆", "红金", "玉兔和桂花"))


def test_an_empty_prompt_is_asked_for(router: Router) -> None:
    """A hand-over with nothing in its prompt is not ready."""
    assert router.route('{"task":"image","prompt":"   "}').clarify is not None


@pytest.mark.parametrize(
    ("wish", "unwanted"),
    [
        ("a video of a dog, don't use sora or veo", ["sora-2-pro", "veo-3.1"]),
        ("不要用可灵、海螺和veo，做猫的视频", ["kling-o1", "hailuo-2.3", "hailuo-2.0", "veo-3.1"]),
        ("a cat video without wan", ["wan-2.6"]),
        ("做猫的视频，别用万", ["wan-2.6"]),
        ("I hate midjourney, draw a cat", ["midjourney"]),
        ("不要快速的镜头，一只猫跑步的视频", []),
    ],
)
def test_every_refused_model(router: Router, wish: str, unwanted: list[str]) -> None:
    """A refusal reaches every name of its list, and ordinary words only where they are used as names."""
    found = router.route(wish)
    assert list(found.unwanted) == unwanted
    assert found.model_id is None


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
