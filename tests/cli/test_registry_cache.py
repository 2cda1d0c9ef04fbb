"""Remembering what registry files hold: never wrong, never in the way."""

from __future__ import annotations

import json
import os
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.registry import load_registry, read_toml
from ima_skills.registry_cache import TomlMemory, fingerprint, recall, remember
from ima_skills.resources import data_root

if TYPE_CHECKING:
    from pathlib import Path


def test_a_registry_from_memory_is_the_same(tmp_path: Path) -> None:
    """Read from files, then from memory: equal registries, and no file parsed the second time."""
    parsed: list[Any] = []

    def parse(file: Any) -> dict[str, Any]:
        parsed.append(file)
        return read_toml(file)

    first = TomlMemory(tmp_path, parse)
    fresh = load_registry((), first.read)
    first.keep()
    count = len(parsed)
    assert count > 40
    second = TomlMemory(tmp_path, parse)
    assert load_registry((), second.read) == fresh == load_registry()
    second.keep()
    assert len(parsed) == count


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """Another time or size means another content; files that are gone are forgotten."""
    file = tmp_path / "x.toml"
    file.write_text("a = 1\n")
    first = TomlMemory(tmp_path / "cache", read_toml)
    assert first.read(file) == {"a": 1}
    first.keep()
    file.write_text("a = 22\n")
    assert TomlMemory(tmp_path / "cache", read_toml).read(file) == {"a": 22}
    file.write_text("a = 33\n")
    os.utime(file, ns=(1, 1))
    assert TomlMemory(tmp_path / "cache", read_toml).read(file) == {"a": 33}
    empty = TomlMemory(tmp_path / "cache", read_toml)
    empty.keep()
    assert recall(tmp_path / "cache", "toml", [["entries", 1]]) == {}


def test_what_json_cannot_hold_is_not_remembered(tmp_path: Path) -> None:
    """TOML has dates of its own: they come from the file every time, unharmed."""
    file = tmp_path / "x.toml"
    file.write_text("day = 2026-11-20\n")
    for _ in range(2):
        memory = TomlMemory(tmp_path / "cache", read_toml)
        assert memory.read(file) == {"day": date(2026, 11, 20)}
        memory.keep()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff", b'{"mark": [["entries", 1]], "value": 5}'])
def test_damage_costs_nothing_but_time(tmp_path: Path, damage: bytes) -> None:
    """A file that somebody broke is read past."""
    (tmp_path / "toml.json").write_bytes(damage)
    file = tmp_path / "x.toml"
    file.write_text("a = 1\n")
    memory = TomlMemory(tmp_path, read_toml)
    assert memory.read(file) == {"a": 1}
    memory.keep()
    assert json.loads((tmp_path / "toml.json").read_text())["value"]


def test_damaged_entries_are_read_again(tmp_path: Path) -> None:
    """Right shape outside, nonsense inside."""
    file = tmp_path / "x.toml"
    file.write_text("a = 1\n")
    state = file.stat()
    for entry in (
        5,
        {"mark": [state.st_mtime_ns, state.st_size]},
        {"mark": [state.st_mtime_ns, state.st_size], "holds": 7},
    ):
        remember(tmp_path, "toml", [["entries", 1]], {str(file): entry})
        assert TomlMemory(tmp_path, read_toml).read(file) == {"a": 1}


def test_nothing_is_left_over_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A home that is a file refuses to remember, quietly."""
    (tmp_path / "home").write_text("a file")
    assert remember(tmp_path / "home" / "cache", "x", [], 1) is False
    assert remember(tmp_path / "cache", "x", [["a"]], 1) is True
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["x.json"]
    assert recall(tmp_path / "cache", "x", [["a"]]) == 1
    assert recall(tmp_path / "cache", "x", [["b"]]) is None


def test_a_fingerprint_sees_every_file(tmp_path: Path) -> None:
    """A new, changed or removed file, and another version of ours, all show; a zip cannot be told."""
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "a.toml").write_text("x = 1")
    marks = [fingerprint("1", (tmp_path,))]
    (tmp_path / "image" / "b.toml").write_text("x = 1")
    marks.append(fingerprint("1", (tmp_path,)))
    (tmp_path / "image" / "b.toml").write_text("x = 11")
    marks.append(fingerprint("1", (tmp_path,)))
    marks.append(fingerprint("2", (tmp_path,)))
    assert len({json.dumps(mark) for mark in marks}) == 4
    assert fingerprint("1", (data_root("registry"), _Zip())) is None  # type: ignore[arg-type]  # all it needs


class _Zip:
    """A root that is no folder on disk."""
