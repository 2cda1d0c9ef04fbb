"""``ima-skills gallery``: a page of the journal, real or the sandbox's."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]

SECRET = "very private words"


@pytest.fixture(autouse=True)
def in_a_folder(quick_sandbox: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, on a sandbox that makes tiny files."""
    monkeypatch.chdir(tmp_path)


def made(ima: Ima, *words: str) -> dict[str, Any]:
    """Make something and return its document."""
    ran = ima("create", *words, "--download", "out", "--json")
    assert ran.code == 0, ran.out
    document: dict[str, Any] = ran.document
    return document


def page(folder: str = "ima-gallery") -> dict[str, Any]:
    """Return what the page shows."""
    html = (Path(folder) / "index.html").read_text(encoding="utf-8")
    found = re.search(r'id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_what_was_made_is_shown(ima: Ima, fits: Fits, tmp_path: Path) -> None:
    """Two pictures and a film of one of them: facts, lineage, and a file that is gone."""
    pictures = made(ima, "a kite", "-n", "2", "--keep-prompts", "-p", "aspect_ratio=16:9")
    first, second = (media["path"] for media in pictures["medias"])
    film = made(ima, "it flies", "-t", "image_to_video", "-i", first, "-p", "duration=5")
    Path(second).unlink()
    ran = ima("gallery", "--json", "--language", "zh")
    assert ran.code == 0, ran.out
    fits("gallery", ran.document)
    points = pictures["credit"] + film["credit"]
    assert ran.document == {
        "index": str(tmp_path / "ima-gallery" / "index.html"),
        "items": 3,
        "total": 3,
        "missing": 1,
        "points": points,
        "since": None,
        "sandbox": True,
        "opened": False,
    }
    data = page()
    assert (data["language"], data["sandbox"], data["demo"]) == ("zh", True, False)
    shown = {item["key"]: item for item in data["items"]}
    kite, lost = (shown[f"{pictures['task_id']}-{index}"] for index in (1, 2))
    flies = shown[f"{film['task_id']}-1"]
    assert (kite["prompt"], kite["state"], kite["requested"]) == ("a kite", "there", {"aspect_ratio": "16:9"})
    assert (lost["state"], lost["media"]) == ("gone", None)
    assert (flies["prompt"], flies["sources"], flies["kind"]) == (None, [kite["key"]], "video")
    assert flies["params"]["duration"] == 5
    assert (Path("ima-gallery") / kite["media"]).read_bytes() == Path(first).read_bytes()


def test_the_command_makes_it_again(ima: Ima, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page offers is accepted as it is, in the page's folder, and means the same."""
    picture = made(ima, "a kite", "--keep-prompts")
    film = made(ima, "it flies", "-t", "image_to_video", "-i", picture["medias"][0]["path"], "--keep-prompts")
    song = made(ima, "a calm song", "-t", "text_to_music", "-m", "suno", "--keep-prompts")
    speech = made(ima, "Welcome.", "-t", "text_to_speech", "-p", "voice=Vivi", "--keep-prompts")
    assert ima("gallery").code == 0
    shown = {item["job"]: item for item in page()["items"]}
    monkeypatch.chdir("ima-gallery")
    for document in (picture, film, song, speech):
        words = shlex.split(shown[document["task_id"]]["command"])
        again = ima(*words[1:], "--dry-run", "--json")
        assert again.code == 0, again.out
        assert again.document["version_id"] == document["version_id"]
        sent = again.document["payload"]["parameters"][0]["parameters"]
        assert {name: sent[name] for name in document["params"]} == document["params"]


def test_an_address_as_input_is_recognised(ima: Ima) -> None:
    """Agents pass the address of a result on; that is lineage too."""
    picture = made(ima, "a kite")
    film = made(ima, "it flies", "-t", "image_to_video", "-i", picture["medias"][0]["url"])
    assert ima("gallery").code == 0
    shown = {item["job"]: item for item in page()["items"]}
    assert shown[film["task_id"]]["sources"] == [shown[picture["task_id"]]["key"]]


def test_nothing_private_is_kept_unasked(ima: Ima, own_home: Path) -> None:
    """A prompt, a lyric, a title: neither the page nor the journal has them, and the page says that they were."""
    words = (
        SECRET,
        "-t",
        "text_to_music",
        "-m",
        "suno",
        "-p",
        f"lyrics={SECRET} la la",
        "-p",
        "title=Wang Cai",
    )
    made(ima, *words)
    made(ima, SECRET, "-t", "text_to_speech")
    assert ima("gallery").code == 0
    song = next(item for item in page()["items"] if item["kind"] == "music")
    assert song["params"]["lyrics"] == song["requested"]["lyrics"] == "…"
    assert '"lyrics"' not in song["command"]
    kept = [path.read_bytes() for path in own_home.rglob("*journal.db*") if path.is_file()]
    assert kept
    for content in (*kept, Path("ima-gallery/index.html").read_bytes()):
        assert SECRET.encode() not in content
        assert b"Wang Cai" not in content
    made(ima, *words, "--new", "--keep-prompts")
    assert ima("gallery").code == 0
    assert page()["items"][0]["params"]["lyrics"] == f"{SECRET} la la"


def test_changes_are_told(ima: Ima) -> None:
    """What was asked for, what was used instead, and why."""
    made(ima, "a kite", "-p", "size=7k", "--fix", "nearest")
    assert ima("gallery").code == 0
    assert page()["items"][0]["changes"][0] | {"reason": "", "reason_zh": ""} == {
        "param": "size",
        "requested": "7k",
        "applied": "4k",
        "reason": "",
        "reason_zh": "",
    }


def test_what_was_never_saved(ima: Ima) -> None:
    """A result of which only the address was printed has a place on the page."""
    task = ima("create", "a kite", "--json").document["task_id"]
    assert ima("gallery").code == 0
    assert [(item["job"], item["state"]) for item in page()["items"]] == [(task, "unsaved")]


def test_limit_and_since(ima: Ima) -> None:
    """The latest so many, from a day on; lineage to what is left out does no harm."""
    for wish in ("a", "b", "c"):
        made(ima, wish, "--keep-prompts")
    ran = ima("gallery", "--limit", "2", "--since", "1d")
    assert "The latest 2 of 3" in ran.out
    assert ([item["prompt"] for item in page()["items"]], page()["total"]) == (["c", "b"], 3)
    later = ima("gallery", "--since", "2999-01-01", "--json").document
    assert (later["items"], later["since"]) == (0, "2999-01-01")
    assert ima("gallery", "--since", "soon", "--json").document["code"] == "bad-date"


@pytest.mark.parametrize(("language", "words"), [("en", "Nothing to show yet"), ("zh", "还没有可展示的作品")])
def test_nothing_made_yet(language: str, words: str, ima: Ima) -> None:
    """The page is there all the same, and what to run is said."""
    ran = ima("gallery", "--language", language)
    assert ran.code == 0
    assert words in ran.out
    assert "--sandbox" in ran.out
    assert page()["items"] == []


def test_real_and_sandbox_are_apart(ima: Ima, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --sandbox its jobs are not shown."""
    made(ima, "a kite")
    monkeypatch.delenv("IMA_SANDBOX")
    assert ima("gallery", "--json").document["total"] == 0
    assert ima("gallery", "--json", "--sandbox").document["total"] == 1


def test_a_journal_that_may_only_be_read(
    quick_sandbox: None, ima: Ima, monkeypatch: pytest.MonkeyPatch
) -> None:
    """IMA_NO_WRITE keeps no books; what is written down already is shown all the same."""
    made(ima, "a kite")
    monkeypatch.setenv("IMA_NO_WRITE", "1")
    assert ima("gallery", "--json").document["total"] == 1


def test_a_page_of_somebody_else(ima: Ima) -> None:
    """It is left alone."""
    Path("index.html").write_text("mine")
    ran = ima("gallery", "--out", ".", "--json")
    assert (ran.code, ran.document["code"]) == (2, "foreign-folder")


def test_opening_needs_a_desktop(ima: Ima, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal or a screen no browser is started; with both it is, once."""
    asked: list[str] = []

    def browse(address: str) -> bool:
        asked.append(address)
        return True

    monkeypatch.setattr("webbrowser.open", browse)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("ima_skills.cli.gallery._is_terminal", lambda: True)
    ran = ima("gallery", "--open")
    assert "no desktop" in ran.err
    assert "index.html" in ran.out
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("ima_skills.cli.gallery._is_terminal", lambda: False)
    assert ima("gallery", "--open", "--json").document["opened"] is False
    assert asked == []
    monkeypatch.setattr("ima_skills.cli.gallery._is_terminal", lambda: True)
    assert ima("gallery", "--open", "--json").document["opened"] is True
    assert asked == [Path("ima-gallery/index.html").absolute().as_uri()]


def test_what_reflection_changed_is_told(ima: Ima, served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page shows what the service took in the end, and lineage, for a sandbox on a port too."""
    monkeypatch.delenv("IMA_SANDBOX")
    served('[[fault]]\non = "create"\nkind = "refuse"\ncode = 500\ncalls = [1]')
    film = made(ima, "waves", "-t", "text_to_video", "-m", "wan-2.6", "-p", "resolution=1080P")
    changed = next(change for change in film["changes"] if change["param"] == "resolution")
    assert changed["requested"] == "1080P"
    picture = made(ima, "a kite")
    restyled = made(ima, "in snow", "-t", "image_to_image", "-i", picture["medias"][0]["path"])
    assert ima("gallery", "--sandbox").code == 0
    shown = {item["job"]: item for item in page()["items"]}
    item = shown[film["task_id"]]
    assert item["params"]["resolution"] == film["params"]["resolution"] != "1080P"
    assert changed in item["changes"]
    assert item["points"] == film["credit"]
    assert shown[restyled["task_id"]]["sources"] == [shown[picture["task_id"]]["key"]]
