"""What embedders get wrong: answered in words, never with a key shown or a task lost."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from ima_skills import Request
from ima_skills.domain.event import (
    Created,
    Downloaded,
    Event,
    Finished,
    JournalTrouble,
    PollTrouble,
    Progressed,
    Reattached,
    Uploaded,
)
from ima_skills.domain.task import Result
from ima_skills.errors import UsageError
from ima_skills.hearing import teller
from ima_skills.hookspecs import hookimpl
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


class Watcher:
    """A plugin that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[Event] = []

    @hookimpl
    def ima_observe(self, event: Event) -> None:
        """Keep an event."""
        self.heard.append(event)


RESULT = Result("t-7", "text_to_image", "success", (), "m", "M", "v", 5, {}, (), 1.0, sandbox=True)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((Created("t-7", 1),), "was created and goes on"),
        ((Reattached("t-7"),), "was created and goes on"),
        ((Created("t-7", 1), Progressed("t-7", 1.0, 9, 0, 1)), "was created and goes on"),
        ((Created("t-7", 1), PollTrouble("t-7", "no answer")), "was created and goes on"),
        ((Created("t-7", 1), JournalTrouble("t-7", "the disk is full")), "was created"),
        ((Created("t-7", 1), Downloaded("t-7", 0, "a.png", 9)), "was created and is done"),
        ((Created("t-7", 1), Finished(RESULT)), "was created and is done"),
        ((Uploaded(0, 1),), None),
    ],
)
def test_a_listener_that_raises_is_told_of_the_task(events: tuple[Event, ...], state: str | None) -> None:
    """The error is the caller's own; a note names the task and its state; plugins heard every event all the same."""
    plugins, watcher = load_plugins(third_party=False), Watcher()
    plugins.admit("watcher", watcher)
    mine = ZeroDivisionError("mine")

    def raise_at_the_last(event: Event) -> None:
        if event == events[-1]:
            raise mine

    tell = teller(plugins, raise_at_the_last)
    for event in events[:-1]:
        tell(event)
    with pytest.raises(ZeroDivisionError) as caught:
        tell(events[-1])
    assert caught.value is mine
    assert getattr(mine, "__notes__", []) == ([f"task t-7 {state}: client.wait('t-7')"] if state else [])
    assert watcher.heard == list(events)


def test_a_listener_that_raises_ends_the_call_and_not_the_task(tmp_path: Path) -> None:
    """On the whole road: the caller gets the error with the note, and the task that it names can be waited for."""

    def raise_at_once(event: Event) -> None:
        if isinstance(event, Created):
            raise ZeroDivisionError

    async def make() -> tuple[list[str], str]:
        async with sandbox_client(tmp_path, speed=3000.0) as client:
            with pytest.raises(ZeroDivisionError) as caught:
                await client.create(Request("text_to_speech", "hello"), on_event=raise_at_once)
            (note,) = caught.value.__notes__
            found = await client.wait(note.split()[1])
            return [note], found.status

    (note,), status = asyncio.run(make())
    assert re.fullmatch(r"task (\S+) was created and goes on: client\.wait\('\1'\)", note)
    assert status == "success"


def test_the_state_folder_may_begin_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files with settings write ``~``, and no shell reads them: one journal, wherever a command runs."""
    monkeypatch.setenv("HOME", str(tmp_path))
    env = {"IMA_HOME": "~/state"}
    assert (state_home(env), log_home(env)) == (tmp_path / "state", tmp_path / "state" / "logs")
    with pytest.raises(UsageError) as caught:
        state_home({"IMA_HOME": "~nobody-of-that-name/x"})
    assert caught.value.name == "no-home"
