"""``ima-skills conformance``: scores, names and refusals."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ima_skills.conformance.trial import load_trials

if TYPE_CHECKING:
    from pathlib import Path


def test_the_command_line(ima: Any, fits: Any) -> None:
    """Scores per area, exit code 1 for a client that fails, the gaps named, and everything in JSON."""
    words = ("--", sys.executable, "-c", "raise SystemExit(0)", "{prompt}", "{task_type}", "{model}")
    told = ima("conformance", "run", "--only", "picture*", "--json", *words)
    assert told.code == 1
    fits("conformance", told.document)
    assert told.document["score"] == 0.0
    assert {trial["gap"] for trial in told.document["trials"]} == {None, "params", "n", "input"}
    text = ima("conformance", "run", "--only", "picture", *words)
    assert "Score: 0 %" in text.out
    assert "failed payload/picture" in text.err
    assert "creates: 0 instead of 1" in text.err


def test_the_list(ima: Any, fits: Any) -> None:
    """Every trial with its area and title, in both languages."""
    told = ima("conformance", "list", "--json")
    fits("trials", told.document)
    assert len(told.document["trials"]) == len(load_trials())
    assert "只有提示词的图片" in ima("--language", "zh", "conformance", "list").out


def test_a_folder_that_holds_something(ima: Any, tmp_path: Path) -> None:
    """Nothing of the user's is mixed with ours."""
    (tmp_path / "mine").write_text("x", encoding="utf-8")
    words = ("--", "x", "{prompt}", "{task_type}", "{model}")
    assert (
        ima("conformance", "run", "--keep", str(tmp_path), "--json", *words).document["code"] == "not-empty"
    )


def test_a_command_that_is_not_there(ima: Any) -> None:
    """It is named, with exit code 2."""
    words = ("--", "no-such-command", "{prompt}", "{task_type}", "{model}")
    told = ima("conformance", "run", "--only", "picture", "--json", *words)
    assert (told.code, told.document["code"]) == (2, "bad-template")
