"""``models search`` in people's own words: a medium, cheap, best; names and use cases come first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]


def found(ima: Ima, *words: str) -> dict[str, Any]:
    document: dict[str, Any] = ima("models", "search", *words, "--offline", "--limit", "0", "--json").document
    return document


@pytest.mark.parametrize(
    ("words", "modality"),
    [
        ("画图便宜的", "image"),
        ("帮我画一张图", "image"),
        ("a cheap poster", "image"),
        ("做视频", "video"),
        ("最便宜的视频", "video"),
        ("make a video", "video"),
        ("做歌", "music"),
        ("唱歌", "music"),
        ("a song", "music"),
        ("配音", "tts"),
        ("念出来", "tts"),
    ],
)
def test_a_medium_is_understood(words: str, modality: str, ima: Ima, fits: Fits, registry: Any) -> None:
    """Only models of that medium are listed, the cheapest first, and nothing is left out of the wish."""
    document = found(ima, words)
    fits("search", document)
    assert document["models"]
    assert document["ignored"] == []
    kinds = {row["task_type"] for row in document["models"]}
    assert {registry.task_types[kind].modality for kind in kinds} == {modality}
    points = [row["points"] for row in document["models"]]
    assert points == sorted(points)


def test_all_of_a_medium_are_listed(ima: Ima) -> None:
    """No model of the medium is lost, also for tasks with inputs."""
    assert found(ima, "做歌")["total"] == found(ima, "-t", "text_to_music")["total"]
    kinds = {row["task_type"] for row in found(ima, "做视频")["models"]}
    assert {
        "text_to_video",
        "image_to_video",
        "first_last_frame_to_video",
        "reference_image_to_video",
    } == kinds


def test_best_means_the_premium_tier(ima: Ima) -> None:
    """Unless another tier is asked for by its option."""
    assert {row["tier"] for row in found(ima, "最好的视频模型")["models"]} == {"premium"}
    assert {row["tier"] for row in found(ima, "最好的视频模型", "--tier", "budget")["models"]} == {"budget"}


def test_names_and_use_cases_come_first(ima: Ima) -> None:
    """What stands in the registry is found as it stands, and a name beside other words still counts."""
    assert {row["id"] for row in found(ima, "kling o1")["models"]} == {"kling-o1"}
    assert {row["id"] for row in found(ima, "便宜的 kling")["models"]} == {"kling-2.6", "kling-o1"}
    assert {row["task_type"] for row in found(ima, "便宜的 kling", "-t", "text_to_video")["models"]} == {
        "text_to_video"
    }


def test_what_nobody_has_is_named(ima: Ima) -> None:
    """The rest of the wish is answered, and what was left out of it is said in both languages."""
    document = found(ima, "高清视频")
    assert document["ignored"] == ["高清"]
    assert document["models"]
    words = ("models", "search", "高清视频", "--offline")
    assert "Not considered, because no model has it: 高清" in ima(*words).out
    assert "未予考虑：高清" in ima(*words, "--language", "zh").out


@pytest.mark.parametrize("words", ["xyzzy", "写实照片机器人舰队", "songwriter's moon"])
def test_nonsense_finds_nothing_it_does_not_mean(words: str, ima: Ima) -> None:
    """No part of a Latin word is taken for a word, and what means nothing finds nothing."""
    document = found(ima, words)
    assert document["models"] == [] or document["ignored"]


def test_conditions_hold_all_the_same(ima: Ima) -> None:
    """Words that are understood do not loosen an option."""
    rows = found(ima, "便宜的视频", "--duration", "10", "--max-points", "60")["models"]
    assert rows
    assert all(row["points"] <= 60 and str(row["params"]["duration"]) == "10" for row in rows)
