"""``ima-skills demo``: one of everything, and a page that stands alone."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.cli.demo_scenes import SCENES
from ima_skills.cli.demo_studio import Show, selected
from ima_skills.cli.gallery import gallery
from ima_skills.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.registry import Registry

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]

VOID = {"meta", "link", "img", "br", "input"}


class Page(HTMLParser):
    """Collects every tag, and checks that tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    assert page.open == []
    return page


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
    html = (out / "index.html").read_text(encoding="utf-8")
    page = read(html)
    links = [
        value for _, attrs in page.tags for name, value in attrs.items() if name in {"src", "href", "poster"}
    ]
    assert links
    for link in links:
        assert link is not None
        assert (out / link).is_file(), link
    assert not re.search(r"https?://|@import|url\(", html)
    assert "Sandbox" in page.text
    counted = [tag for tag, _ in page.tags if tag in {"img", "video", "audio"}]
    assert [counted.count(tag) for tag in ("img", "video", "audio")] == [2, 4, 4]
    videos = [attrs for tag, attrs in page.tags if tag == "video"]
    assert all(attrs.get("poster") for attrs in videos)
    for item in ran.document["items"]:
        assert item["model_name"] in page.text
        assert item["title"] in page.text


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
    page = read((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert [tag for tag, _ in page.tags].count("article") == 1


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


def test_a_page_escapes_what_it_shows() -> None:
    """A title is text, whatever is in it."""
    item = {
        "key": "x",
        "title": "<script>",
        "prompt": 'a "quoted" & <b>bold</b> kite',
        "task_type": "text_to_image",
        "model_name": "A & B",
        "credit": 1,
        "params": {"size": "<2k>"},
        "elapsed_s": 1.0,
        "files": [{"path": 'media/"x".png', "cover": None, "width": 1, "height": 1, "duration_s": None}],
    }
    page = read(gallery(Show((item,), 1.0), "en"))
    assert "script" not in [tag for tag, _ in page.tags]
    assert 'a "quoted" & <b>bold</b> kite' in page.text
    assert next(attrs["src"] for tag, attrs in page.tags if tag == "img") == 'media/"x".png'


def test_a_folder_that_cannot_be_written(quick: None, ima: Ima, tmp_path: Path) -> None:
    """It is named before the wrong thing is blamed."""
    (tmp_path / "file").write_text("in the way")
    ran = ima("demo", "--out", str(tmp_path / "file" / "demo"), "--only", "speech-english", "--json")
    assert (ran.code, ran.document["code"]) == (2, "download-folder")
