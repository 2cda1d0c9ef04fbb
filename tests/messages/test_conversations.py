"""Whole conversations, word for word, as a user reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ima_skills.domain.request import Request

Talk = Callable[..., list[dict[str, Any]]]


def reply(text: str) -> dict[str, Any]:
    """Return the action of step 0."""
    return {"step": 0, "kind": "reply", "text": text}


def message(step: int, *lines: str, **args: Any) -> dict[str, Any]:
    """Return a call of the message tool with some lines of text."""
    said = {"message": "\n".join(lines)} if lines else {}
    return {"step": step, "kind": "message", "args": {"action": "send", **args, **said}}


def test_a_picture_in_chinese_on_feishu(talk: Talk) -> None:
    """The text with its link comes first and the picture alone after it: Feishu sends them apart."""
    wish = Request("text_to_image", "雪山", params={"aspect_ratio": "16:9"}, language="zh")
    assert talk(wish, "feishu") == [
        reply("好的，马上为你画～ 🎨"),
        message(
            1,
            "🎨 开始生成图片，请稍候……",
            "• 模型：SeeDream 4.5（默认首选）",
            "• 预计耗时：20～40 秒",
            "• 消耗积分：5",
        ),
        message(2, "⏳ 图片正在生成…… 50%", "已等待 20 秒，预计最长 40 秒"),
        message(
            3,
            "✅ 图片生成好了！",
            "• 模型：SeeDream 4.5",
            "• 耗时：预计 20～40 秒，实际 33 秒",
            "• 消耗积分：5",
            "",
            "🔗 原始链接：https://cdn.example.com/1.png",
        ),
        message(3, media="https://cdn.example.com/1.png"),
    ]


def test_a_video_in_english_on_discord(talk: Talk) -> None:
    """The player comes with its facts, then the link alone; a message a minute, as this model's file says."""
    wish = Request("text_to_video", "waves", model="kling o1", params={"duration": 10})
    said = talk(wish, "discord")
    progress = [action for action in said if action["step"] == 2]
    assert [action["args"]["message"].splitlines()[0] for action in progress] == [
        "⏳ Your video is on its way… 17%",
        "⏳ Your video is on its way… 35%",
        "⏳ Your video is on its way… 53%",
        "⏳ Your video is on its way… 70%",
    ]
    assert [action for action in said if action["step"] != 2] == [
        reply("Sure! Getting your video started 🎬"),
        message(
            1,
            "🎬 Starting your video, just a moment…",
            "• Model: Kling O1 (as you asked)",
            "• Estimated time: 240–360 s (about 4–6 min)",
            "• Points: 96",
            "Videos take a little longer; I will keep you posted 🙏",
        ),
        message(
            3,
            "✅ Your video is ready!",
            "• Model: Kling O1",
            "• Time: 33 s (estimated 4–6 min)",
            "• Points: 96",
            media="https://cdn.example.com/1.mp4",
        ),
        message(3, "🔗 Original link: https://cdn.example.com/1.mp4"),
    ]


def test_a_refusal_in_chinese_on_telegram(talk: Talk) -> None:
    """Why, where points are to be had, two cheaper models priced on the live list, and an offer."""
    wish = Request("text_to_video", "海浪", model="wan", language="zh")
    scenario = '[[fault]]\non = "create"\nkind = "refuse"\ncode = 4008\n'
    assert talk(wish, "telegram", scenario=scenario) == [
        reply("好的，马上为你做视频 🎬"),
        message(
            1,
            "🎬 开始生成视频，请稍候……",
            "• 模型：Wan 2.6（按你的指定）",
            "• 预计耗时：300～420 秒（约 5～7 分钟）",
            "• 消耗积分：40",
            "视频需要多等一会儿，我会随时告诉你进度 🙏",
        ),
        message(
            4,
            "😥 这次视频没能生成出来",
            "• 原因：积分不够，这次需要 40 积分，可以在下面的页面补充。",
            "👉 https://www.imaclaw.ai/imaclaw/subscription",
            "• 没有扣积分。",
            "• 可以换成：",
            "  - Hailuo 2.0（经济款，12 积分；时长 6 秒，清晰度 768p）",
            "  - Vidu Q2（经济款，15 积分；清晰度 720p）",
            "要我换成其中一个来做吗？",
        ),
    ]


def test_a_job_that_fails_at_the_service(talk: Talk) -> None:
    """After the wait come the reason, two other models in the registry's order, and an offer."""
    wish = Request("text_to_video", "海浪", model="wan", language="zh")
    said = talk(wish, "telegram", scenario='[[fault]]\non = "create"\nkind = "media"\nshape = "failed"\n')
    assert [action["step"] for action in said] == [0, 1, *[2] * 9, 4]
    assert said[-1] == message(
        4,
        "😥 这次视频没能生成出来",
        "• 原因：生成过程中遇到了问题，建议换个模型试试。",
        "• 开始时已扣 40 积分；会不会退回，我这边看不到，请以账户余额为准。",
        "• 可以换成：",
        "  - Hailuo 2.0（经济款，12 积分；时长 6 秒，清晰度 768p）",
        "  - Kling O1（高品质，48 积分；清晰度 720p）",
        "要我换成其中一个来做吗？",
    )


def test_speech_in_english(talk: Talk) -> None:
    """Sound comes with its length and its link."""
    assert talk(Request("text_to_speech", "hello"), "plain") == [
        reply("Sure! Turning your text into speech 🔊"),
        message(
            1,
            "🔊 Starting your voice recording, just a moment…",
            "• Model: seed-tts-2.0 (our default)",
            "• Estimated time: 5–30 s",
            "• Points: 2",
        ),
        message(2, "⏳ Your voice recording is on its way… 36%", "Waited 11 s; it should take 30 s at most"),
        message(
            3,
            "✅ Your voice recording is ready!",
            "• Model: seed-tts-2.0",
            "• Time: 33 s (estimated 5–30 s)",
            "• Points: 2",
            "• Length: about 5 s",
            "",
            "🔗 Original link: https://cdn.example.com/1.mp3",
            media="https://cdn.example.com/1.mp3",
        ),
    ]


def test_a_wish_that_had_to_move_says_so_before_and_after(talk: Talk) -> None:
    """What was asked for and what is made instead stand in the start and in the success."""
    wish = Request("text_to_video", "waves", model="wan", params={"duration": 20})
    said = talk(wish, "discord", fix="nearest")
    for action in (said[1], said[-2]):
        assert "  - Length: 20 s → 15 s" in action["args"]["message"].splitlines()


def test_a_wish_that_nobody_can_grant(talk: Talk) -> None:
    """Before anything is priced: what cannot be, what comes closest, who comes near, and no second ending."""
    wish = Request("text_to_video", "waves", model="kling o1", params={"duration": 7})
    said = talk(wish, "discord")
    assert [action["step"] for action in said] == [0, 4]
    lines = said[1]["args"]["message"].splitlines()
    assert lines[:4] == [
        "😥 Your video has not been started",
        "• Length: 7 s is not possible with this model, 5 s is closest",
        "• With the closest setting it needs 48 points.",
        "• No points were taken.",
    ]
    assert lines[4] == "• These come close:"
    assert all("; Length: " in line for line in lines[5:-1])
    assert lines[-1] == "Shall I make it with the closest setting, or with another model?"
