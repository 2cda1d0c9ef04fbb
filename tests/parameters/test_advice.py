"""What a good colleague says when a wish cannot be granted."""

from __future__ import annotations

from typing import Any

import pytest

from ima_skills import InvalidRequestError, Registry, Request, load_plugins, load_registry
from ima_skills.catalogue import Catalogue, read_catalogue
from ima_skills.preparing import Prepared, Preparer
from ima_skills.schemas import open_schemas


@pytest.fixture(scope="module")
def preparer() -> Preparer:
    return Preparer(load_registry(), load_plugins(third_party=False), open_schemas())


def listed(known: Registry, task_type: str) -> Catalogue:
    return read_catalogue(task_type, known.snapshot.groups(task_type))


def build(
    preparer: Preparer, task_type: str, model: str | None, prompt: str = "x", **params: Any
) -> Prepared:
    language = params.pop("language", "en")
    request = Request(task_type, prompt, model=model, params=params, language=language)
    return preparer.build(preparer.check(request), listed(preparer.registry, task_type))


def refusal(preparer: Preparer, *args: Any, **params: Any) -> tuple[dict[str, Any], str]:
    with pytest.raises(InvalidRequestError) as caught:
        build(preparer, *args, **params)
    advice: dict[str, Any] = caught.value.details["advice"]
    return advice, caught.value.hint


def names(advice: dict[str, Any]) -> list[str]:
    return [alternative["name"] for alternative in advice["alternatives"]]


def test_8k(preparer: Preparer) -> None:
    """8K: nobody can, 4K is the most, enlarge elsewhere."""
    advice, _ = refusal(preparer, "text_to_image", "nano banana pro", size="8K")
    assert advice["code"] == "no-larger-than-4k"
    assert not any(alternative["exact"] for alternative in advice["alternatives"])


def test_unusual_ratio(preparer: Preparer) -> None:
    """8:5: the nearest shapes with their prices, and the crop."""
    advice, hint = refusal(preparer, "text_to_image", None, aspect_ratio="8:5")
    assert advice["code"] == "unusual-shape"
    assert "crop" in hint
    assert all(alternative["points"] > 0 for alternative in advice["alternatives"])


def test_midjourney_with_a_ratio(preparer: Preparer) -> None:
    """Midjourney draws squares: SeeDream first (cheapest that can), then the Nanos."""
    advice, _ = refusal(preparer, "text_to_image", "mj", aspect_ratio="16:9")
    assert names(advice) == ["SeeDream 4.5", "Nano Banana 2", "Nano Banana Pro"]
    assert advice["alternatives"][0]["points"] == 5
    assert all(alternative["exact"] for alternative in advice["alternatives"])


def test_thirty_seconds_and_one_minute(preparer: Preparer) -> None:
    """Long films: the longest length with its price, and how to join parts."""
    for wish in ("30s", 60):
        advice, hint = refusal(preparer, "text_to_video", "wan", duration=wish)
        assert advice["code"] == "longer-than-any-video"
        assert "duration 15, for 120 points" in hint


def test_4k_video(preparer: Preparer) -> None:
    """4K video: 1080p is the most."""
    advice, _ = refusal(preparer, "text_to_video", "veo", resolution="4K")
    assert advice["code"] == "no-4k-video"


def test_sound_on_a_silent_model(preparer: Preparer) -> None:
    """Sound: the models that have a switch for it, at their price with sound."""
    advice, _ = refusal(preparer, "text_to_video", "hailuo 2.3", generate_audio=True)
    assert advice["code"] == "silent-model"
    assert "Seedance 1.5 Pro" in names(advice)
    assert advice["alternatives"][0]["exact"]


def test_longer_music_is_reported(preparer: Preparer) -> None:
    """The length of music is the model's own: dropped with a reported reason."""
    prepared = build(preparer, "text_to_music", "bgm", duration=300)
    assert [(c.param, c.applied) for c in prepared.changes] == [("duration", None)]


def test_same_character_and_people_with_sora(preparer: Preparer) -> None:
    """Wishes that can be served and may disappoint carry a notice, in both languages."""
    prepared = build(preparer, "text_to_video", None, "the same character walks on")
    assert any("image_to_video" in notice.en for notice in prepared.notices)
    sora = build(preparer, "text_to_video", "sora", "一个女孩在跑步")
    assert any("Wan 2.6" in notice.zh for notice in sora.notices)
    assert not build(preparer, "text_to_video", None, "a lake").notices


def test_advice_speaks_chinese(preparer: Preparer) -> None:
    """Reason, alternatives and tips come in the language of the request."""
    advice, hint = refusal(preparer, "text_to_image", None, aspect_ratio="8:5", language="zh")
    assert advice["reason"].startswith("没有模型支持")
    assert hint.startswith("最接近的可用设置：aspect_ratio")
    assert "可选：" in hint
    assert "积分" in hint


def test_free_text_parameters_prove_nothing(preparer: Preparer) -> None:
    """A model that takes any text for a parameter is no alternative for a value that was wrong."""
    advice, _ = refusal(preparer, "text_to_speech", None, speed=9)
    assert advice["alternatives"] == []


def test_every_tip_can_be_reached(preparer: Preparer) -> None:
    """Tips name task types, models and words that exist, in both languages."""
    known = preparer.registry
    for tip in known.tips:
        assert set(tip.task_types) <= known.task_types.keys(), tip.code
        assert set(tip.models) <= {
            t.model_id for m in known.models.values() for t in m.task_types.values()
        } | set(known.models)
        assert tip.params or tip.words, tip.code
        assert tip.text.en
        assert tip.text.zh
