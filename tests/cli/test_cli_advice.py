"""``advise``, ``models search``, ``models defaults`` and ``registry diff``: documents, texts, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ima_skills.resources import data_root

Ima = Callable[..., Any]
Fits = Callable[[str, Any], None]


def document(ran: Any, code: int = 0) -> dict[str, Any]:
    assert ran.code == code, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def test_advice_on_what_cannot_be(ima: Ima, fits: Fits) -> None:
    """The document says why not, who can for how much, and what is nearest."""
    told = document(ima("advise", "-t", "text_to_image", "-p", "aspect_ratio=7:3", "--json"))
    fits("advice", told)
    assert told["ok"] is False
    assert told["nearest"] == {"params": {"aspect_ratio": "21:9"}, "points": 5}
    assert told["advice"]["alternatives"][0]["name"] == "Nano Banana 2"


def test_advice_on_what_can_be(ima: Ima, fits: Fits) -> None:
    """A wish that can be granted gets its price; inputs need not exist for that."""
    told = document(ima("advise", "waves", "-t", "image_to_video", "-n", "2", "--json"))
    fits("advice", told)
    assert (told["ok"], told["model_name"], told["points"]) == (True, "Wan 2.6", 80)


def test_advice_in_chinese(ima: Ima) -> None:
    """Problems, alternatives and tips come in Chinese."""
    ran = ima("advise", "-t", "text_to_video", "-p", "duration=1分钟", "--language", "zh")
    assert ran.code == 0
    assert "只能是 5、10、15" in ran.out
    assert "该模型最接近的设置：duration 15（120 积分）" in ran.out
    assert "拼接" in ran.out


def test_advice_cannot_cure_an_unknown_task_type(ima: Ima) -> None:
    """What cannot be understood is an error like everywhere else."""
    ran = ima("advise", "-t", "text_to_hologram", "--json")
    assert document(ran, 2)["code"] == "unknown-task-type"


def test_search_prices_the_wish(ima: Ima, fits: Fits) -> None:
    """Every hit can do exactly that, and the price is for that; cheapest first."""
    words = ("--duration", "10", "--resolution", "1080p", "-t", "text_to_video", "--offline", "--json")
    told = document(ima("models", "search", *words))
    fits("search", told)
    found = [(row["name"], row["points"]) for row in told["models"]]
    assert found[:2] == [("Vidu Q2", 70), ("Kling 2.6", 80)] or found[:2] == [
        ("Vidu Q2", 70),
        ("Wan 2.6", 80),
    ]
    assert ("Wan 2.6", 80) in found
    assert [points for _, points in found] == sorted(points for _, points in found)
    assert "Hailuo 2.3" not in [name for name, _ in found], "10 s and 1080P exclude each other there"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("可灵",), {"Kling O1", "Kling 2.6"}),
        (("--tier", "artistic"), {"Midjourney"}),
        (("-t", "text_to_image", "--ratio", "8:1"), {"Nano Banana 2"}),
        (("-t", "text_to_video", "--audio", "--max-points", "20"), {"Vidu Q2", "Pixverse V5.5"}),
        (("-t", "text_to_music", "-p", "lyrics=la"), {"Suno"}),
        (("no such thing",), set()),
    ],
)
def test_search_filters(ima: Ima, words: tuple[str, ...], expected: set[str]) -> None:
    """Words, tiers, ratios, sound, price and parameters narrow the list."""
    told = document(ima("models", "search", *words, "--offline", "--json"))
    assert {row["name"] for row in told["models"]} == expected


def test_search_says_when_nobody_can(ima: Ima) -> None:
    """An empty answer is an answer, with exit code 0."""
    ran = ima("models", "search", "--duration", "99", "--offline")
    assert (ran.code, ran.out.strip()) == (0, "No model can do that.")


def test_defaults(ima: Ima, fits: Fits) -> None:
    """One default per task type."""
    told = document(ima("models", "defaults", "--json"))
    fits("defaults", told)
    rows = {row["task_type"]: row["default"] for row in told["defaults"]}
    assert len(rows) == 8
    assert (rows["text_to_image"], rows["text_to_video"]) == ("seedream-4.5", "wan-2.6")
    assert "Kling O1" in ima("models", "defaults").out


def snapshot(task_type: str) -> dict[str, Any]:
    folder = data_root("registry").joinpath("catalogue", "2026-04")
    found: dict[str, Any] = json.loads(folder.joinpath(f"{task_type}.json").read_text(encoding="utf-8"))
    return found


def saved(tmp_path: Path, value: Any) -> str:
    path = tmp_path / "list.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)


def test_diff_of_the_sandbox_is_clean(ima: Ima, fits: Fits, quick_sandbox: None) -> None:
    """The sandbox serves our copy, so nothing differs."""
    told = document(ima("registry", "diff", "--json"))
    fits("drift", told)
    assert told == {"ok": True, "task_types": told["task_types"], "drift": []}
    assert len(told["task_types"]) == 8


@pytest.mark.parametrize("form", ["snapshot", "envelope", "bare"])
def test_diff_of_a_saved_list(ima: Ima, fits: Fits, tmp_path: Path, form: str) -> None:
    """A changed price is found in every form a list can be saved in; the exit code says so."""
    document_ = snapshot("text_to_music")
    groups = document_["groups"]
    groups[0]["children"][0]["credit_rules"][0]["points"] += 1
    value = {"snapshot": document_, "envelope": {"code": 0, "data": groups}, "bare": groups}[form]
    told = document(ima("registry", "diff", "--product-list", saved(tmp_path, value), "--json"), 1)
    fits("drift", told)
    assert [(drift["kind"], drift["theirs"] - drift["ours"]) for drift in told["drift"]] == [("price", 1)]
    ran = ima("registry", "diff", "--product-list", saved(tmp_path, value))
    assert ran.code == 1
    assert "other price for default: " in ran.out


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("[", "bad-product-list"),
        ("{}", "bad-product-list"),
        ("3", "bad-product-list"),
        ("[]", "no-task-type"),
    ],
)
def test_diff_of_something_else(ima: Ima, tmp_path: Path, content: str, code: str) -> None:
    """A file that is no product list is said to be none."""
    path = tmp_path / "list.json"
    path.write_text(content)
    assert document(ima("registry", "diff", "--product-list", str(path), "--json"), 2)["code"] == code


def test_diff_of_two_lists_at_once(ima: Ima, tmp_path: Path) -> None:
    """One file or the live list, not both."""
    ran = ima("registry", "diff", "--live", "--product-list", saved(tmp_path, []), "--json")
    assert document(ran, 2)["code"] == "conflicting-options"
