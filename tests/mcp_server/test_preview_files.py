"""Thumbnails of what was made: pictures, videos, sound, and damaged files."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ima_skills.errors import MediaError, MissingExtraError
from ima_skills.mcp_server.preview import EDGE, thumbnail

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


def size_of(packed: bytes | None) -> tuple[int, int]:
    assert packed
    size: tuple[int, int] = Image.open(io.BytesIO(packed)).size
    return size


@pytest.mark.parametrize(("mode", "suffix"), [("RGB", "png"), ("RGBA", "png"), ("P", "gif"), ("RGB", "webp")])
def test_pictures(tmp_path: Path, mode: str, suffix: str) -> None:
    """Large ones become small, transparent and paletted ones become plain."""
    path = tmp_path / f"a.{suffix}"
    Image.new(mode, (2000, 1000)).save(path)
    assert size_of(thumbnail(path)) == (EDGE, EDGE // 2)


def test_small_pictures_stay_small(tmp_path: Path) -> None:
    """Nothing is blown up."""
    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    assert size_of(thumbnail(tmp_path / "a.png")) == (40, 30)


def test_videos_show_their_first_frame(tmp_path: Path) -> None:
    """A frame of the video itself, not of a cover."""
    av = pytest.importorskip("av")
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 640, 320, "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_image(Image.new("RGB", (640, 320), "red"))))
        container.mux(stream.encode())
    packed = thumbnail(path)
    assert size_of(packed) == (512, 256)
    red, green, _ = Image.open(io.BytesIO(packed or b"")).convert("RGB").getpixel((100, 100))
    assert red > 200 > green


def test_sound_cannot_be_seen(tmp_path: Path) -> None:
    """No preview, and no error; what is no media at all likewise."""
    for name in ("a.mp3", "a.wav", "a.txt"):
        (tmp_path / name).write_bytes(b"x")
        assert thumbnail(tmp_path / name) is None


@pytest.mark.parametrize("name", ["a.png", "a.mp4"])
def test_damaged_files(tmp_path: Path, name: str) -> None:
    """A file that cannot be decoded is an error with a next step."""
    (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    with pytest.raises(MediaError):
        thumbnail(tmp_path / name)


def test_without_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The missing extra is named."""
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    with pytest.raises(MissingExtraError) as caught:
        thumbnail(tmp_path / "a.png")
    assert "ima-skills[media]" in caught.value.hint
