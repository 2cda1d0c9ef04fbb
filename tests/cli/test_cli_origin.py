"""What the journal knows of a task reaches whoever waits for it, and its looks reach whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]

SEEDREAM = ("doubao-seedream-4.5", "doubao-seedream-4-5-251128")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What every wait was told."""
    from ima_skills.client import ImaClient

    told: list[dict[str, Any]] = []
    real = ImaClient.wait

    async def spied(client: ImaClient, task_id: str, task_type: str | None = None, **more: Any) -> Any:
        told.append({"task_type": task_type, **more})
        return await real(client, task_id, task_type, **more)

    monkeypatch.setattr(ImaClient, "wait", spied)
    return told


@pytest.mark.parametrize("words", [("wait",), ("wait", "--brief"), ("collect",)], ids=" ".join)
def test_the_model_is_told(
    ima: Ima, quick_sandbox: None, waits: list[dict[str, Any]], words: tuple[str, ...]
) -> None:
    """In each of the commands that wait."""
    task_id = ima("create", "a kite", "-m", "seedream-4.5", "--no-wait", "--json").document["task_id"]
    assert ima("tasks", *words, *([task_id] if words[0] == "wait" else [])).code == 0
    assert [told["version"] for told in waits] == [SEEDREAM]
    assert 0 <= waits[0]["age_s"] < 60


def test_another_type_than_the_journals_takes_the_model_out(
    ima: Ima, quick_sandbox: None, waits: list[dict[str, Any]]
) -> None:
    """The user's word wins, and then the journal's model says nothing."""
    task_id = ima("create", "a kite", "--no-wait", "--json").document["task_id"]
    assert ima("tasks", "wait", task_id, "-t", "text_to_speech").code == 0
    assert (waits[0]["task_type"], waits[0]["version"]) == ("text_to_speech", None)


def test_looks_are_shown(ima: Ima, fits: Fits, quick_sandbox: None) -> None:
    """How often, when last, and how much was done; the look that is made just now counts."""
    task_id = ima("create", "a kite", "--no-wait", "--json").document["task_id"]
    listed = ima("tasks", "list", "--json").document
    fits("tasks", listed)
    assert listed["tasks"][0]["looks"] == {"count": 0, "last": None, "outputs_done": 0, "outputs": 0}
    waited = ima("tasks", "wait", task_id, "--json").document
    fits("task", waited)
    assert waited["looks"]["count"] >= 1
    shown = ima("tasks", "show", task_id, "--json").document
    fits("task", shown)
    assert shown["looks"]["count"] == waited["looks"]["count"] + 1
    assert (shown["looks"]["outputs_done"], shown["looks"]["outputs"]) == (1, 1)
    said = ima("tasks", "show", task_id).out
    assert f"looks: {shown['looks']['count'] + 1}, the last at 20" in said
    assert "(1 of 1 outputs done)" in said


def test_without_a_journal_there_are_no_looks(
    ima: Ima, fits: Fits, quick_sandbox: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Null says that nobody counted."""
    monkeypatch.setenv("IMA_NO_WRITE", "1")
    task_id = ima("create", "a kite", "--no-wait", "--json").document["task_id"]
    shown = ima("tasks", "show", task_id, "--json").document
    fits("task", shown)
    assert shown["looks"] is None
