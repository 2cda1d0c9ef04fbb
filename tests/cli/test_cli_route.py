"""``ima-skills route``: what it prints, that it can be run next, and what it never prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]


def routed(ima: Ima, fits: Fits, *words: str) -> dict[str, Any]:
    ran = ima("route", *words, "--json")
    assert ran.code == 0, ran.err
    document: dict[str, Any] = json.loads(ran.out)
    fits("route", document)
    return document


def test_a_ready_request(ima: Ima, fits: Fits) -> None:
    """A clear wish becomes a request, and a command that has no prompt on it."""
    told = routed(ima, fits, "用可灵生成一段10秒的竖屏视频，一只猫在弹琴")
    assert told["request"] == {
        "task_type": "text_to_video",
        "model": "kling-video-o1",
        "version_id": None,
        "prompt": told["prompt"],
        "inputs": [],
        "params": {"duration": 10, "aspect_ratio": "9:16"},
        "n": 1,
    }
    assert "一只猫在弹琴" in told["prompt"]
    assert not any("猫" in word for word in told["command"])
    assert told["preference"] == {"action": "save", "model_id": "kling-video-o1"}


def test_the_command_runs(ima: Ima, fits: Fits) -> None:
    """The command is taken by create as it is, the prompt on standard input."""
    told = routed(ima, fits, "make a 5 second video of a paper boat in 1080p")
    ran = ima(*told["command"][1:], "--sandbox", "--dry-run", "--json", stdin=told["prompt"])
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["quote"]["rule"] == {"duration": 5, "resolution": "1080P"}


def test_the_cheapest_and_the_best(ima: Ima, fits: Fits) -> None:
    """A budget becomes the model that the registry names for it; the wish itself named none."""
    cheap = routed(ima, fits, "画一只鹤，用最便宜的")
    best = routed(ima, fits, "draw a crane with the best model")
    assert (cheap["model_id"], cheap["request"]["model"]) == (None, "nano-banana-2")
    assert (best["request"]["model"], best["preference"]["action"]) == ("nano-banana-pro", "clear")


def test_a_question(ima: Ima, fits: Fits) -> None:
    """Two pictures without roles: the question with three answers, no request, no command."""
    told = routed(ima, fits, "用这两张图做视频", "--image", "a.png", "-i", "b.png")
    assert told["task_type"] is None
    assert (told["request"], told["command"]) == (None, None)
    assert len(told["clarify"]["options"]) == 3
    shown = ima("route", "make a video with these two pictures", "-i", "a.png", "-i", "b.png")
    assert "  3. Animate only one of them" in shown.out


def test_several_media(ima: Ima, fits: Fits) -> None:
    """The skill documents' example: picture, video from it, background music for its length."""
    told = routed(ima, fits, "帮我做个产品宣传MV，有背景音乐，主角是旺财小狗")
    steps = [(step["id"], step["task_type"], step["uses"]) for step in told["steps"]]
    assert steps == [
        ("image-1", "text_to_image", []),
        ("video-1", "image_to_video", [{"step": "image-1", "role": "first_frame"}]),
        ("music-1", "text_to_music", [{"step": "video-1", "role": "duration"}]),
    ]
    assert told["steps"][2]["model_id"] == "GenBGM"
    assert all("旺财" in step["prompt"] for step in told["steps"][:2])
    assert told["request"] is None
    text = ima("route", "帮我做个产品宣传MV，有背景音乐，主角是旺财小狗", "--language", "zh").out
    assert "第 2 步" in text
    assert "取自 image-1" in text


@pytest.mark.parametrize("lines", [True, False])
def test_history(ima: Ima, fits: Fits, tmp_path: Path, *, lines: bool) -> None:
    """What create printed is read from a file, one document or one a line."""
    document = {
        "task_type": "text_to_image",
        "medias": [{"url": "https://e.invalid/dog.png", "path": "dog.png"}],
    }
    file = tmp_path / "history.jsonl"
    file.write_text(f"{json.dumps(document)}\n" * (2 if lines else 1), encoding="utf-8")
    told = routed(ima, fits, "让它动起来", "--history", str(file))
    assert (told["task_type"], told["inputs"]) == ("image_to_video", ["dog.png"])


def test_no_history(ima: Ima, tmp_path: Path) -> None:
    """A file that is no JSON is refused by name."""
    file = tmp_path / "history.jsonl"
    file.write_text("no json", encoding="utf-8")
    ran = ima("route", "让它动起来", "--history", str(file), "--json")
    assert json.loads(ran.out)["code"] == "bad-history"


def test_signed_addresses_stay_out_of_commands(ima: Ima, fits: Fits) -> None:
    """An address that carries a signature is an input of the request, never a word of a command."""
    told = routed(ima, fits, "把这张图动起来", "-i", "https://e.invalid/a.png?sign=SECRET")
    assert told["command"] is None
    assert told["request"]["inputs"] == ["https://e.invalid/a.png?sign=SECRET"]
    assert "SECRET" not in ima("route", "把这张图动起来", "-i", "https://e.invalid/a.png?sign=SECRET").out


def test_the_wish_from_standard_input(ima: Ima) -> None:
    """A wish may come from standard input, so that no shell sees it."""
    ran = ima("route", "--prompt-file", "-", stdin="draw a crane\n")
    assert "text_to_image" in ran.out
