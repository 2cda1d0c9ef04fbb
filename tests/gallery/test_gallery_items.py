"""From the journal to items: lineage, lost files, commands, and what is never told."""

from __future__ import annotations

import json
import shlex
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from ima_skills.domain.problem import Change
from ima_skills.gallery.again import Recipe
from ima_skills.recording import Told
from ima_skills.staging import address_mark


def digest_of(past: Any, key: str) -> str:
    found: str = past.items()[key].digest
    return found


def test_an_output_that_became_an_input(past: Any) -> None:
    """It is known by its contents, whatever it was called then; another file is from elsewhere."""
    first = past.make(past.file("a.png"))
    second = past.make(
        past.file("b.mp4"), task_type="image_to_video", sources=(digest_of(past, f"{first}-1"), "f" * 64)
    )
    items = past.items()
    assert items[f"{second}-1"].sources == (f"{first}-1", None)
    assert items[f"{first}-1"].sources == ()
    assert list(items) == [f"{second}-1", f"{first}-1"]


def test_an_address_that_became_an_input(past: Any) -> None:
    """An output's address is recognised with another signature, and cannot be read from the journal."""
    first = past.make(past.file("a.png"), past.file("b.png"), urls=("https://x/one?s=1", "https://x/two?s=2"))
    second = past.make(past.file("c.png"), sources=(address_mark("https://x/two?s=other"),))
    assert past.items()[f"{second}-1"].sources == (f"{first}-2",)
    past.journal.close()
    raw = past.journal.path.read_bytes()
    assert b"x/two" not in raw
    assert address_mark("https://x/two").encode() not in raw


def test_inputs_are_sealed(past: Any) -> None:
    """Whoever has a file and the journal still cannot tell that it was an input."""
    mark = "0123456789abcdef" * 4
    past.make(past.file("a.png"), sources=(mark,))
    past.journal.close()
    assert mark.encode() not in past.journal.path.read_bytes()


def test_what_became_of_files(past: Any) -> None:
    """A file that is gone, one that was replaced and one that was never saved are told apart."""
    there, gone, other = past.file("a.png"), past.file("b.png"), past.file("c.png")
    task, unsaved = past.make(there, gone, other), past.make()
    gone.unlink()
    other.write_bytes(b"something else altogether")
    states = {key: item.state for key, item in past.items().items()}
    assert states == {
        f"{task}-1": "there",
        f"{task}-2": "gone",
        f"{task}-3": "changed",
        f"{unsaved}-1": "unsaved",
    }


def test_jobs_that_made_nothing_are_passed_over(past: Any) -> None:
    """A refused job and one that is under way have nothing to show."""
    from ima_skills.recording import Job, Terms

    job = Job("x", "text_to_image", "m", "v", "M", 1, 5, 1, 5, sandbox=False, base="https://service")
    record = past.journal.open(job, Terms())
    record.sending(1, 5)
    record.accepted("task_running")
    past.journal.open(evolve(job, fingerprint="y"), Terms()).refused("no")
    assert past.items() == {}


def test_kinds_of_unknown_task_types(past: Any) -> None:
    """A task type of a plugin that is gone goes by its file."""
    task = past.make(past.file("a.mp3"), task_type="text_to_opera")
    item = past.items()[f"{task}-1"]
    assert (item.kind, item.label.zh) == ("audio", "text_to_opera")


def test_settings_come_back_as_they_were_told(past: Any) -> None:
    """What was asked for, what was sent and why it differs survive the journal, without the outputs' number."""
    told = Told({"size": "4k", "n": 2}, {"size": "7k"}, (Change("size", "7k", "4k", "the nearest"),))
    task = past.make(past.file("a.png"), told=told)
    item = past.items()[f"{task}-1"]
    assert (item.params, item.requested, item.changes) == ({"size": "4k"}, {"size": "7k"}, told.changes)


@pytest.mark.parametrize("damage", ["[]", "3", "{", '{"params": 3, "changes": [4, {}]}', None])
def test_damaged_settings_are_none(past: Any, damage: str | None) -> None:
    """A value that no journal writes never keeps the page from being made."""
    task = past.make(past.file("a.png"))
    past.journal.close()
    with sqlite3.connect(past.journal.path) as raw:
        raw.execute("UPDATE jobs SET told = ?, sources = ?", (damage, damage))
    raw.close()
    assert past.items()[f"{task}-1"].params == {}


def test_the_command_line(past: Any) -> None:
    """It names model, settings and inputs beside the page, quoted for a shell, and no folder of this machine."""
    first = past.make(past.file("a.png"))
    told = Told({"size": "4k", "lyrics": "…", "nested": {"x": ["…"]}, "n": 1})
    sources = (digest_of(past, f"{first}-1"), "f" * 64)
    second = past.make(
        past.file("b.png"), task_type="image_to_image", told=told, sources=sources, prompt='it\'s -- "here"'
    )
    words = shlex.split(past.items()[f"{second}-1"].command)
    assert words[:3] == ["ima-skills", "create", 'it\'s -- "here"']
    inputs = [words[index + 1] for index, word in enumerate(words) if word == "-i"]
    assert inputs[1] == "FILE"
    assert inputs[0].startswith("media/")
    assert inputs[0].endswith(".png")
    assert json.loads(words[words.index("--params-json") + 1]) == {"size": "4k"}
    assert str(past.folder) not in " ".join(words)


def test_a_command_without_and_with_a_strange_prompt() -> None:
    """A prompt that was not kept is named as such; one like an option stays an argument."""
    plain = Recipe("text_to_image", "m", "v", None, (), {}, 2, sandbox=True)
    assert plain.command() == "ima-skills create PROMPT -t text_to_image -m m --version-id v -n 2 --sandbox"
    assert evolve(plain, prompt="--yes").command().endswith(" -- --yes")


def test_an_input_that_is_gone_is_not_promised(past: Any) -> None:
    """The command does not name a file that the page does not have."""
    path: Path = past.file("a.png")
    first = past.make(path)
    sources = (digest_of(past, f"{first}-1"),)
    second = past.make(past.file("b.png"), sources=sources)
    path.unlink()
    item = past.items()[f"{second}-1"]
    assert item.sources == (f"{first}-1",)
    assert " -i FILE" in item.command
