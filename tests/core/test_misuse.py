"""What embedders get wrong: answered in words, never with a key shown or a task lost."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ima_skills import Request
from ima_skills.domain.event import Created
from ima_skills.errors import UsageError
from ima_skills.hearing import teller
from ima_skills.offline import sandbox_client
from ima_skills.plugin_set import load_plugins
from ima_skills.settings import Settings, log_home, state_home


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a.png", ("a.png",)),
        (Path("b/a.png"), ("b/a.png",)),
        (["a.png", Path("b.png")], ("a.png", "b.png")),
        ((), ()),
    ],
)
def test_inputs_may_be_one_or_many(given: Any, kept: tuple[str, ...]) -> None:
    """A single file is not taken apart into letters, and path objects are paths."""
    assert Request("image_to_image", "x", inputs=given).inputs == kept


def test_a_plain_key_is_hidden() -> None:
    """Whoever passes a key as text does not see it in a repr, and can use it."""
    settings = Settings("ima_plain_key")
    assert "ima_plain_key" not in repr(settings)
    assert settings.key().reveal() == "ima_plain_key"


@pytest.mark.parametrize("task_id", ["", "  ", None])
def test_a_task_goes_by_its_id(task_id: Any, tmp_path: Path) -> None:
    """Nothing is asked without one."""

    async def look() -> None:
        async with sandbox_client(tmp_path) as client:
            await client.task(task_id)

    with pytest.raises(UsageError) as caught:
        asyncio.run(look())
    assert caught.value.name == "no-task-id"


def test_a_listener_that_raises_is_told_of_the_task() -> None:
    """The error is the caller's own; the task that goes on is named on it, and plugins heard of it."""
    heard: list[str] = []
    plugins = load_plugins(third_party=False)

    def raise_it(event: object) -> None:
        raise ZeroDivisionError

    tell = teller(plugins, raise_it)
    with pytest.raises(ZeroDivisionError) as caught:
        tell(Created("t-7", 1))
    heard += getattr(caught.value, "__notes__", [])
    assert heard == ["task t-7 was created and goes on: client.wait('t-7')"]


def test_the_state_folder_may_begin_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files with settings write ``~``, and no shell reads them: one journal, wherever a command runs."""
    monkeypatch.setenv("HOME", str(tmp_path))
    env = {"IMA_HOME": "~/state"}
    assert (state_home(env), log_home(env)) == (tmp_path / "state", tmp_path / "state" / "logs")
    with pytest.raises(UsageError) as caught:
        state_home({"IMA_HOME": "~nobody-of-that-name/x"})
    assert caught.value.name == "no-home"
