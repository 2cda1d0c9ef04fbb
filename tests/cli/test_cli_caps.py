"""Whoever is refused by a cap is told what the points that are left would buy; nothing is invented."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ima = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("quick_sandbox")


@pytest.mark.parametrize(
    ("words", "cap"),
    [
        (("-m", "midjourney"), 6),
        ((), 4),
        (("-n", "2"), 8),
        (("-t", "text_to_video", "-m", "kling o1", "-p", "duration=10"), 40),
        (("-t", "text_to_video"), 6),
        (("-t", "text_to_video", "-m", "kling o1", "-p", "duration=10"), 95),
    ],
)
def test_what_is_named_can_be_made_for_what_is_left(words: tuple[str, ...], cap: int, ima: Ima) -> None:
    """Each alternative is below the cap, and a dry run of it confirms its points."""
    kind = words[words.index("-t") + 1] if "-t" in words else "text_to_image"
    number = words[words.index("-n") + 1] if "-n" in words else "1"
    ran = ima("create", "a kite", *words, "--max-points", str(cap), "--json")
    assert (ran.code, ran.document["code"]) == (4, "over-cap")
    found = ran.document["details"]["alternatives"]
    assert found
    for other in found:
        assert other["points"] <= cap
        assert f"{other['name']}" in ran.document["hint"]
        assert f"({other['points']} points)" in ran.document["hint"]
        given = json.dumps(dict(other["params"]))
        again = ("create", "a kite", "-t", kind, "-m", other["model"], "--params-json", given, "-n", number)
        dry = ima(*again, "--dry-run", "--json")
        assert dry.document["quote"]["total"] == other["points"], dry.out


def test_a_wish_that_another_model_grants_is_kept(ima: Ima) -> None:
    """Where somebody does the same for less, nobody is offered less for less by others."""
    ran = ima("create", "a kite", "-m", "midjourney", "--max-points", "6", "--json")
    assert all(other["exact"] and not other["params"] for other in ran.document["details"]["alternatives"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_nothing_fits_it_is_said(language: str, ima: Ima) -> None:
    """No model is named that costs more; the advice to raise the cap stays."""
    env = {"IMA_LANGUAGE": language}
    ran = ima("create", "a kite", "--max-points", "3", env=env)
    said = {"en": ("Raise the cap", "for 3 points or less"), "zh": ("请提高上限", "没有不超过 3 积分的选择")}
    for part in said[language]:
        assert part in ran.err
    assert "alternatives" not in ima("create", "a kite", "--max-points", "3", "--json").document["details"]


def test_a_daily_cap_counts_what_is_left(ima: Ima) -> None:
    """5 of 12 points are spent, so that 7 are left: what costs 8 is not named, what costs 6 is."""
    env = {"IMA_DAILY_POINTS": "12"}
    assert ima("create", "a kite", env=env).code == 0
    ran = ima("create", "a boat", "-m", "midjourney", "--json", env=env)
    assert (ran.document["code"], ran.document["details"]["left"]) == ("over-daily-cap", 7)
    points = [other["points"] for other in ran.document["details"]["alternatives"]]
    assert points
    assert max(points) <= 7


def test_chinese_keeps_the_advice_and_adds_the_models(ima: Ima) -> None:
    """Raise the cap, or take one of these."""
    ran = ima("create", "a kite", "-m", "midjourney", "--max-points", "6", "--language", "zh")
    assert "请提高上限。 可选：SeeDream 4.5 (5积分)" in ran.err


def test_a_line_of_a_batch_is_told_too(ima: Ima, tmp_path: Path) -> None:
    """The line that stops a batch names what its rest would buy."""
    (tmp_path / "jobs").write_text('{"task_type": "text_to_image", "prompt": "a kite"}\n')
    ran = ima(
        "batch", "run", str(tmp_path / "jobs"), "--out", str(tmp_path / "out"), "--max-points", "4", "--json"
    )
    assert ran.code == 4
    assert "Nano Banana 2 [size 512px] (4 points)" in ran.document["stopped"]["hint"]
