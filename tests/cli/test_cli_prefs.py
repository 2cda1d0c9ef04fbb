"""Saved models on the command line: saved on an explicit wish only, shown, forgotten, and used."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]

T2I = "text_to_image"
QUICK = ("--json", "--no-wait")


def rows(ima: Ima, *words: str) -> dict[str, str]:
    """Return what is saved: task type to display name."""
    return {
        row["task_type"]: row["model_name"]
        for row in ima("prefs", "show", *words, "--json").document["preferences"]
    }


@pytest.mark.parametrize("name", ["midjourney", "Midjourney", "MJ"])
def test_set_by_any_name(ima: Ima, fits: Fits, own_home: Path, name: str) -> None:
    """The file holds the shape that all skills share, with the family id, the name and the price."""
    ran = ima("prefs", "set", name, "-t", T2I, "--user-id", "ou_1", "--json")
    assert ran.code == 0, ran.err
    fits("prefs", ran.document)
    saved = json.loads((own_home / "state" / "ima_prefs.json").read_text())["user_ou_1"][T2I]
    assert {**saved, "last_used": ""} == {
        "model_id": "midjourney",
        "model_name": "Midjourney",
        "credit": 8,
        "last_used": "",
    }


def test_show_set_and_clear(ima: Ima, fits: Fits) -> None:
    """Several task types at once, what was saved before, one forgotten, then all."""
    assert "No model is saved." in ima("prefs", "show").out
    assert ima("prefs", "set", "seedream", "-t", T2I, "-t", "image_to_image").code == 0
    again = ima("prefs", "set", "midjourney", "-t", T2I)
    assert "Midjourney is now the usual model for text_to_image." in again.out
    assert "Before it was SeeDream 4.5." in again.out
    shown = ima("prefs", "show", "--json").document
    fits("prefs", shown)
    assert [row["offered"] for row in shown["preferences"]] == [True, True]
    assert rows(ima, "-t", T2I) == {T2I: "Midjourney"}
    cleared = ima("prefs", "clear", "-t", T2I, "--json").document
    fits("prefs_clear", cleared)
    assert cleared["cleared"] == [T2I]
    assert "已清除 image_to_image 的常用模型。" in ima("prefs", "clear", "--language", "zh").out
    assert rows(ima) == {}
    assert ima("prefs", "clear", "--json").document["cleared"] == []


def test_a_model_with_one_task_type_needs_no_type(ima: Ima) -> None:
    """Otherwise the task types are named."""
    assert ima("prefs", "set", "suno").code == 0
    assert rows(ima) == {"text_to_music": "Suno"}
    refused = ima("prefs", "set", "wan", "--json")
    assert (refused.code, refused.document["code"]) == (2, "which-task-type")
    assert "text_to_video" in refused.document["details"]["task_types"]


@pytest.mark.parametrize(
    ("words", "code", "near"),
    [
        (("Nano Banan", "-t", T2I), "unknown-model", "Nano Banana"),
        (("nobody",), "unknown-model", ""),
        (("suno", "-t", T2I), "wrong-task-type", "SeeDream 4.5"),
        (("seedream", "-t", "text_to_imge"), "unknown-task-type", T2I),
        (("seedream", "-t", T2I, "-t", "text_to_imge"), "unknown-task-type", T2I),
        (("pixverse@V99", "-t", "text_to_video"), "unknown-version", ""),
    ],
)
def test_refusals_name_the_nearest(ima: Ima, words: tuple[str, ...], code: str, near: str) -> None:
    """A wrong model or task type saves nothing."""
    ran = ima("prefs", "set", *words, "--json")
    assert (ran.code, ran.document["code"]) == (2, code)
    assert near in ran.document["hint"]
    assert rows(ima) == {}


def test_a_version_is_not_kept(ima: Ima) -> None:
    """Only the family is saved, which is said where it makes a difference."""
    assert "newest version" in ima("prefs", "set", "pixverse@Pixverse V4", "-t", "text_to_video").out
    assert "newest version" not in ima("prefs", "set", "pixverse", "-t", "text_to_video").out


def test_what_cannot_be_written(ima: Ima) -> None:
    """An explicit wish that cannot be kept is an error; IMA_NO_WRITE keeps the file away."""
    ran = ima("prefs", "set", "suno", "--json", env={"IMA_NO_WRITE": "1"})
    assert (ran.code, ran.document["code"]) == (6, "preferences-unwritable")
    assert rows(ima) == {}


def test_a_stale_model_is_shown(quick_sandbox: None, ima: Ima, own_home: Path) -> None:
    """What is no longer offered is marked, and a create says so and goes on with the default."""
    folder = own_home / "state"
    folder.mkdir(parents=True)
    saved = {"user_default": {T2I: {"model_id": "gone-1", "model_name": "Gone One", "credit": 5}}}
    (folder / "ima_prefs.json").write_text(json.dumps(saved))
    assert [row["offered"] for row in ima("prefs", "show", "--json").document["preferences"]] == [False]
    ran = ima("create", "kite", *QUICK)
    assert ran.document["model_name"] == "SeeDream 4.5"
    assert "your saved model Gone One is no longer offered" in ran.err


def test_create_uses_what_is_saved(quick_sandbox: None, ima: Ima, fits: Fits) -> None:
    """Per user; a named model, --ignore-preference and a dry run change nothing that is saved."""
    ima("prefs", "set", "midjourney", "-t", T2I)
    ran = ima("create", "kite", "-t", T2I, *QUICK)
    assert ran.document["model_name"] == "Midjourney"
    assert "Midjourney, your usual model" in ran.err
    assert ima("create", "kite", *QUICK, "--user-id", "ann").document["model_name"] == "SeeDream 4.5"
    assert ima("create", "kite", *QUICK, "--ignore-preference").document["model_name"] == "SeeDream 4.5"
    named = ima("create", "kite", "-m", "nano-banana-pro", *QUICK)
    fits("result", named.document)
    assert named.document["choice"]["previous"] == "Midjourney"
    assert "so far it was Midjourney" in named.err
    quote = ima("create", "kite", "-m", "seedream", "--remember-model", "--dry-run", "--json")
    fits("quote", quote.document)
    assert quote.document["choice"] == {
        "source": "explicit",
        "recommended": None,
        "reason": None,
        "previous": "Midjourney",
        "stale": None,
    }
    assert rows(ima) == {T2I: "Midjourney"}


def test_nothing_is_saved_unasked(quick_sandbox: None, ima: Ima, own_home: Path) -> None:
    """Neither a default nor a model that was named once becomes a habit."""
    ima("create", "kite", *QUICK)
    ima("create", "kite", "-m", "midjourney", *QUICK)
    assert not (own_home / "state" / "ima_prefs.json").exists()


def test_remember_and_forget(quick_sandbox: None, ima: Ima) -> None:
    """--remember-model saves what was named, with its price; --recommended forgets it and takes the default."""
    kept = ima("create", "kite", "-m", "nano banana pro", "--remember-model", *QUICK)
    assert "Nano Banana Pro is now the usual model for text_to_image." in kept.err
    assert ima("prefs", "show", "--json").document["preferences"][0]["credit"] == 10
    ran = ima("create", "kite", "--recommended", *QUICK)
    assert ran.document["model_name"] == "SeeDream 4.5"
    assert "forgotten" in ran.err
    assert rows(ima) == {}


def test_a_refused_wish_changes_no_habit(quick_sandbox: None, ima: Ima) -> None:
    """What was too dear is neither saved nor does it forget anything."""
    ima("prefs", "set", "midjourney", "-t", T2I)
    for words in (("-m", "nano banana pro", "--remember-model"), ("--recommended",)):
        ran = ima("create", "kite", *words, "--max-points", "1", *QUICK)
        assert (ran.code, ran.document["code"]) == (4, "over-cap")
        assert rows(ima) == {T2I: "Midjourney"}


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--remember-model",), "no-model-named"), (("-m", "seedream", "--recommended"), "conflicting-options")],
)
def test_options_that_make_no_sense(quick_sandbox: None, ima: Ima, words: tuple[str, ...], code: str) -> None:
    """Refused before anything travels."""
    ran = ima("create", "kite", *words, "--json")
    assert (ran.code, ran.document["code"]) == (2, code)


def test_a_batch_uses_what_is_saved(quick_sandbox: None, ima: Ima, tmp_path: Path) -> None:
    """Lines without a model get the usual one, unless it is left out."""
    ima("prefs", "set", "midjourney", "-t", T2I)
    jobs = tmp_path / "jobs.jsonl"
    jobs.write_text(json.dumps({"task_type": T2I, "prompt": "kite"}) + "\n")
    for words, name in (((), "Midjourney"), (("--ignore-preference",), "SeeDream 4.5")):
        out = tmp_path / f"out{len(words)}"
        ran = ima("batch", "run", str(jobs), "--out", str(out), "--no-download", "--json", *words)
        assert ran.code == 0, ran.err
        assert json.loads((out / "results.jsonl").read_text())["model_name"] == name


def test_advice_of_an_installed_skill(
    quick_sandbox: None, ima: Ima, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands behind what is saved, where it is only a hint, and before the default."""
    (tmp_path / "model-selection.md").write_text("text_to_image: Nano Banana Pro\n")
    monkeypatch.setenv("IMA_KNOWLEDGE_DIR", str(tmp_path))
    advised = ima("create", "kite", *QUICK)
    assert advised.document["model_name"] == "Nano Banana Pro"
    assert "recommended" in advised.err
    ima("prefs", "set", "midjourney", "-t", T2I)
    habit = ima("create", "kite", *QUICK)
    assert habit.document["model_name"] == "Midjourney"
    assert "Nano Banana Pro might suit this as well" in habit.err


def test_a_file_that_cannot_be_read_is_said(ima: Ima, own_home: Path) -> None:
    """Whoever only reads is told as well that the saved models do not count, once."""
    home = own_home / "state"
    home.mkdir(parents=True, exist_ok=True)
    (home / "ima_prefs.json").write_text("{bad")
    ran = ima("prefs", "show", "--json")
    assert (ran.code, ran.err.count("cannot be understood")) == (0, 1), ran.err
    assert (home / "ima_prefs.json").read_text() == "{bad"
