"""The preference file: shared, locked, atomic, tolerant."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from ima_skills.clock import FakeClock, SystemClock
from ima_skills.preferences import FILE, Preference, Preferences

SEEDREAM = Preference("doubao-seedream-4.5", "SeeDream 4.5", 5)


@pytest.fixture
def aside() -> list[Path]:
    return []


@pytest.fixture
def prefs(tmp_path: Path, aside: list[Path]) -> Preferences:
    return Preferences(tmp_path / FILE, FakeClock(1_772_161_647.0), aside.append)


def test_the_shape_that_other_skills_read(prefs: Preferences) -> None:
    """User, task type, four fields, UTC; Chinese as itself; for nobody else's eyes."""
    assert prefs.set("u1", "text_to_image", Preference("m", "可梦", 5))
    assert json.loads(prefs.path.read_text()) == {
        "user_u1": {
            "text_to_image": {
                "model_id": "m",
                "model_name": "可梦",
                "credit": 5,
                "last_used": "2026-02-27T03:07:27+00:00",
            }
        }
    }
    assert "可梦" in prefs.path.read_text(encoding="utf-8")
    assert prefs.path.stat().st_mode & 0o777 == 0o600


def test_get_all_and_clear(prefs: Preferences) -> None:
    """Users and task types are apart; clearing says whether there was something."""
    prefs.set("a", "text_to_image", SEEDREAM)
    prefs.set("a", "text_to_video", Preference("wan2.6-t2v", "Wan 2.6", 40))
    prefs.set("b", "text_to_image", Preference("midjourney", "Midjourney", 8))
    found = prefs.get("a", "text_to_image")
    assert found is not None
    assert (found.model_id, found.credit) == ("doubao-seedream-4.5", 5)
    assert set(prefs.all("a")) == {"text_to_image", "text_to_video"}
    assert prefs.get("a", "text_to_music") is None
    assert prefs.clear("a", "text_to_image")
    assert not prefs.clear("a", "text_to_image")
    assert prefs.clear("a")
    assert prefs.all("a") == {}
    assert set(prefs.all("b")) == {"text_to_image"}


def test_what_we_do_not_understand_is_kept(prefs: Preferences) -> None:
    """Other skills may keep more in the file; half a preference is none."""
    prefs.path.write_text(
        json.dumps({"version": 2, "user_x": {"text_to_image": {"model_name": "?"}, "other": 1}})
    )
    assert prefs.all("x") == {}
    prefs.set("x", "text_to_music", Preference("sonic", "Suno", 25))
    document = json.loads(prefs.path.read_text())
    assert document["version"] == 2
    assert document["user_x"]["other"] == 1


@pytest.mark.parametrize("content", ["{", "[]", "\x00\x01", '"text"'])
def test_a_damaged_file_is_put_aside_and_said(prefs: Preferences, aside: list[Path], content: str) -> None:
    """Reading finds nothing; writing keeps the damaged file under another name."""
    prefs.path.write_text(content)
    assert prefs.get("a", "text_to_image") is None
    assert prefs.set("a", "text_to_image", SEEDREAM)
    assert [path.read_text() for path in aside] == [content]
    assert prefs.get("a", "text_to_image") is not None


def test_nothing_is_written_where_nobody_wants_it(tmp_path: Path, aside: list[Path]) -> None:
    """IMA_NO_WRITE, a device in its place, a file where a folder should be: no error, no file."""
    silent = Preferences(tmp_path / FILE, FakeClock(), aside.append, writes=False)
    assert not silent.set("a", "text_to_image", SEEDREAM)
    assert not silent.path.exists()
    (tmp_path / "null").symlink_to("/dev/null")
    assert not Preferences(tmp_path / "null", FakeClock(), aside.append).set("a", "text_to_image", SEEDREAM)
    (tmp_path / "file").write_text("")
    assert not Preferences(tmp_path / "file" / FILE, FakeClock(), aside.append).set("a", "t", SEEDREAM)


def _write(path: Path, number: int) -> None:
    store = Preferences(path, SystemClock(), lambda kept: None)
    for task in ("text_to_image", "text_to_video"):
        store.set(f"user{number}", task, Preference(f"model{number}", "m", number))


def test_fifty_writers_lose_nothing(tmp_path: Path) -> None:
    """Fifty processes write at once; every preference of every one is there."""
    path = tmp_path / FILE
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(path, number)) for number in range(50)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    assert [writer.exitcode for writer in writers] == [0] * 50
    document = json.loads(path.read_text())
    assert len(document) == 50
    assert all(len(rows) == 2 for rows in document.values())


def test_a_link_stays_a_link(prefs: Preferences) -> None:
    """Somebody keeps the file with other settings elsewhere: it is written there."""
    kept = prefs.path.with_name("dotfiles") / "mine.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    prefs.path.symlink_to(kept)
    assert prefs.set("a", "text_to_image", SEEDREAM)
    assert prefs.path.is_symlink()
    assert "user_a" in json.loads(kept.read_text())
    assert [path.name for path in kept.parent.iterdir()] == ["mine.json"]
