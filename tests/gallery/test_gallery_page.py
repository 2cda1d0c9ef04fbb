"""The page as a file: nothing in the data becomes markup, nothing comes from elsewhere, nobody's page is lost."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from ima_skills.errors import UsageError
from ima_skills.gallery.item import Item
from ima_skills.gallery.page import Gallery, page, write
from ima_skills.gallery.placing import place
from ima_skills.gallery.words import WORDS

Make = Callable[..., Item]
EVIL = "</script><script>alert(1)</script><!-- \u2028 & ]]> <img src=x onerror=alert(2)>"


def data_of(html: str) -> dict[str, Any]:
    """Return the data in a page."""
    found = re.findall(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert len(found) == 1
    read: dict[str, Any] = json.loads(found[0])
    return read


def html_of(items: list[Item], out: Path) -> str:
    return page(Gallery(items, "en"), place(items, out))


def test_nothing_in_the_data_is_markup(item: Make, tmp_path: Path) -> None:
    """Whatever a prompt, a title, a model or a value holds, the page has its two scripts and no more."""
    odd = item(prompt=EVIL, title=EVIL, model=EVIL, params={EVIL: EVIL}, command=EVIL, job=EVIL)
    html = html_of([odd], tmp_path)
    assert html.count("<script") == html.count("</script>") == 2
    assert html.count("<!--") == 0
    assert data_of(html)["items"][0]["prompt"] == EVIL


def test_numbers_that_json_has_not(item: Make, tmp_path: Path) -> None:
    """The browser reads the data whatever the settings were."""
    html = html_of([item(params={"x": float("nan"), "y": (1, float("inf"))})], tmp_path)
    assert data_of(html)["items"][0]["params"] == {"x": "nan", "y": [1, "inf"]}


def test_the_policy_lets_in_this_script_only(item: Make, tmp_path: Path) -> None:
    """Its hashes are those of the style and the script in the page; all else is refused."""
    html = html_of([item()], tmp_path)
    match = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert match is not None
    policy = match[1]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy
    for tag in ("style", "script"):
        body = re.search(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert body is not None
        digest = base64.b64encode(hashlib.sha256(body[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_nothing_comes_from_elsewhere(item: Make, tmp_path: Path) -> None:
    """The page names no address but the name of SVG's vocabulary, and no folder of this machine."""
    file = tmp_path / "saved" / "x.png"
    file.parent.mkdir()
    file.write_bytes(b"x")
    html = html_of([item(file=file)], tmp_path / "out")
    assert set(re.findall(r"\w+://[^\s\"']+", html)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\(", html)
    assert str(tmp_path) not in html


def test_both_languages_say_the_same(item: Make, tmp_path: Path) -> None:
    """Both have every text with the same places for values, and the script asks for none that is not there."""
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    for key, text in WORDS["en"].items():
        marks = [sorted(re.findall(r"\{(\w+)\}", words)) for words in (text, WORDS["zh"][key])]
        assert marks[0] == marks[1], key
        assert text.strip(), key
    script = files("ima_skills.gallery").joinpath("page.js").read_text(encoding="utf-8")
    asked = set(re.findall(r'say\("([\w.]+)"[,)]', script))
    assert len(asked) > 30
    assert asked <= WORDS["en"].keys()


def test_media_lie_beside_the_page(item: Make, tmp_path: Path) -> None:
    """Each content once, under a name of its own, without another copy on the disk; again changes nothing."""
    one, same = tmp_path / "one.png", tmp_path / "same.png"
    one.write_bytes(b"picture")
    same.write_bytes(b"picture")
    items = [item("a-1", one), item("b-1", same)]
    out = tmp_path / "out"
    written = write(Gallery(items, "en"), out)
    assert len({placed.media for placed in written.placed}) == 1
    media = [path for path in (out / "media").iterdir() if path.is_file()]
    assert [path.read_bytes() for path in media] == [b"picture"]
    assert media[0].stat().st_nlink == 2
    before = media[0].stat()
    write(Gallery(items, "en"), out)
    assert media[0].stat().st_mtime_ns == before.st_mtime_ns
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "media"]


def test_another_disk_gets_a_copy(item: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are no hard links the bytes are copied."""

    def refuse(*_: Any) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("os.link", refuse)
    file = tmp_path / "one.png"
    file.write_bytes(b"picture")
    placed = place([item(file=file)], tmp_path / "out")[0]
    assert placed.media is not None
    copy = tmp_path / "out" / placed.media
    assert (copy.read_bytes(), copy.stat().st_nlink) == (b"picture", 1)


def test_a_page_of_somebody_else_is_left_alone(item: Make, tmp_path: Path) -> None:
    """Only pages of our own are written anew."""
    index = tmp_path / "index.html"
    index.write_text("<h1>my site</h1>")
    with pytest.raises(UsageError) as caught:
        write(Gallery([item()], "en"), tmp_path)
    assert (caught.value.name, index.read_text()) == ("foreign-folder", "<h1>my site</h1>")
    assert not (tmp_path / "media").exists()


def test_without_the_libraries(
    item: Make, media: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Pillow and PyAV there is no small picture, and everything else."""
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    monkeypatch.setitem(sys.modules, "av", None)
    items = [item("a-1", media.picture), item("b-1", media.video, kind="video")]
    rows = data_of(html_of(items, tmp_path / "out"))["items"]
    assert [(row["small"], row["width"], bool(row["media"])) for row in rows] == [(None, 0, True)] * 2


def test_with_the_libraries(item: Make, media: Any, tmp_path: Path) -> None:
    """Pictures and videos get a small picture and their size, sound its length; damaged files get nothing."""
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    items = [
        item("a-1", media.picture),
        item("b-1", media.video),
        item("c-1", media.audio),
        item("d-1", broken),
    ]
    rows = data_of(html_of(items, tmp_path / "out"))["items"]
    assert [(row["width"], row["height"]) for row in rows] == [(320, 200), (160, 96), (0, 0), (0, 0)]
    assert [round(row["duration"]) for row in rows] == [0, 2, 8, 0]
    assert [row["small"] is not None for row in rows] == [True, True, False, False]
    assert all((tmp_path / "out" / row["small"]).is_file() for row in rows if row["small"])


def test_a_folder_in_the_way(item: Make, tmp_path: Path) -> None:
    """Where nothing can be written, that is what is said."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError) as caught:
        write(Gallery([item()], "en"), tmp_path / "file" / "out")
    assert caught.value.name == "download-folder"
