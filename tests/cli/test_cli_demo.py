"""``ima-skills demo``: one of everything, and a page that stands alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.cli.demo_scenes import SCENES
from ima_skills.cli.demo_studio import selected
from ima_skills.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.registry import Registry

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]


def read(index: Path) -> dict[str, Any]:
    """Return what a page shows."""
    html = index.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, quick_sandbox: None) -> None:
    """Make the demo's own sandbox fast and its files tiny."""
    monkeypatch.setattr("ima_skills.cli.demo_studio._SPEED", 3000.0)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_whole_demo(language: str, quick: None, ima: Ima, fits: Fits, tmp_path: Path) -> None:
    """Every scene is made, every link of the page leads to a file beside it, nothing comes from elsewhere."""
    out = tmp_path / "demo"
    ran = ima("demo", "--out", str(out), "--json", "--language", language)
    assert ran.code == 0, ran.err
    fits("demo", ran.document)
    assert [item["key"] for item in ran.document["items"]] == [scene.key for scene in SCENES]
    page = read(out / "index.html")
    assert (page["language"], page["sandbox"], page["demo"]) == (language, True, True)
    works = page["items"]
    assert [work["kind"] for work in works] == ["image"] * 2 + ["video"] * 4 + ["music"] * 2 + ["speech"] * 2
    for work, item in zip(works, ran.document["items"], strict=True):
        assert work["media"] == item["files"][0]["path"]
        assert (out / work["media"]).is_file()
        assert work["small"] == (item["files"][0]["cover"] if work["kind"] == "video" else None)
        assert (work["model"], work["title"]) == (item["model_name"], item["title"])
        assert work["command"].startswith("ima-skills create ")
        assert "text" not in work["params"]
    assert [work["sources"] for work in works[:6]] == [
        [], ["picture-1"], [], ["picture-1"], ["picture-1", "restyled-1"], ["picture-1"],
    ]  # fmt: skip


def test_people_read_a_summary(quick: None, ima: Ima, tmp_path: Path) -> None:
    """One line per scene and where the page is; only what was asked for and what it needs is made."""
    ran = ima("demo", "--out", str(tmp_path), "--only", "restyled")
    assert ran.code == 0, ran.err
    assert len(ran.out.splitlines()) == 4
    assert f"Open {tmp_path / 'index.html'}" in ran.out
    assert sorted(path.name for path in (tmp_path / "media").iterdir()) == ["picture-1.png", "restyled-1.png"]


def test_the_upload_path_is_used(quick: None, ima: Ima, tmp_path: Path) -> None:
    """Chained scenes take the downloaded file as a local input."""
    ran = ima("demo", "--out", str(tmp_path), "--only", "between")
    assert "input 2 of 2 is uploaded" in ran.err


def test_a_scene_that_fails_leaves_the_others(
    quick: None, ima: Ima, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page shows what there is, and the error is told."""
    from attrs import evolve

    broken = tuple(evolve(scene, model="nobody") if scene.key == "song" else scene for scene in SCENES)
    monkeypatch.setattr("ima_skills.cli.demo_studio.SCENES", broken)
    ran = ima("demo", "--out", str(tmp_path), "--only", "song", "--only", "picture", "--json")
    assert (ran.code, ran.document["code"]) == (2, "unknown-model")
    assert [work["key"] for work in read(tmp_path / "index.html")["items"]] == ["picture-1"]


def test_without_renderers_it_says_so_at_once(
    ima: Ima, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is named with the command that installs it."""
    monkeypatch.setattr("ima_skills.cli.demo_studio.find_spec", lambda _: None)
    ran = ima("demo", "--out", str(tmp_path / "x"), "--json")
    assert (ran.code, ran.document["code"]) == (6, MissingExtraError.code)
    assert "ima-skills[sandbox]" in ran.document["hint"]
    assert not (tmp_path / "x").exists()


def test_unknown_scenes_are_refused() -> None:
    """The scenes that exist are named."""
    with pytest.raises(UsageError) as caught:
        selected(("nobody",))
    assert "speech-chinese" in caught.value.hint


def test_the_scenes_cover_every_task_type(registry: Registry) -> None:
    """Nothing that the service can do is missing, and inputs come before what needs them."""
    assert {scene.task_type for scene in SCENES} == registry.task_types.keys()
    made: set[str] = set()
    for scene in SCENES:
        assert set(scene.inputs) <= made
        made.add(scene.key)
        assert scene.model in registry.models


def test_a_page_of_somebody_else_is_left_alone(quick: None, ima: Ima, tmp_path: Path) -> None:
    """It is found before anything is made."""
    (tmp_path / "index.html").write_text("mine")
    ran = ima("demo", "--out", str(tmp_path), "--only", "picture", "--json")
    assert (ran.code, ran.document["code"]) == (2, "foreign-folder")
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


def test_a_folder_that_cannot_be_written(quick: None, ima: Ima, tmp_path: Path) -> None:
    """It is named before the wrong thing is blamed."""
    (tmp_path / "file").write_text("in the way")
    ran = ima("demo", "--out", str(tmp_path / "file" / "demo"), "--only", "speech-english", "--json")
    assert (ran.code, ran.document["code"]) == (2, "download-folder")
