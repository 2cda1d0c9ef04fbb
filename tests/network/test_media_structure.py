"""What travels as a picture, video or sound is built like one, whatever its name and first bytes say."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.domain.task_type import InputRule
from ima_skills.inputs import read_inputs
from ima_skills.media_kinds import BY_FORMAT, HEAD_BYTES, by_bytes
from ima_skills.media_structure import is_built_like

ANY = InputRule(0, 9, (), ("picture", "video", "audio"))
PICTURES = {"png": "PNG", "jpg": "JPEG", "gif": "GIF", "webp": "WEBP", "bmp": "BMP", "tiff": "TIFF"}
VIDEOS = {"mp4": "mpeg4", "mov": "mpeg4", "avi": "mpeg4", "mkv": "mpeg4", "webm": "libvpx", "flv": "flv"}
SOUNDS = {
    "mp3": "libmp3lame",
    "wav": "pcm_s16le",
    "ogg": "libopus",
    "m4a": "aac",
    "aac": "aac",
    "flac": "flac",
}
CONTAINERS = {"mkv": "matroska", "m4a": "ipod", "aac": "adts"}


def _picture(name: str, **how: Any) -> bytes:
    from PIL import Image

    target = io.BytesIO()
    Image.linear_gradient("L").convert(how.pop("mode", "RGB")).save(target, PICTURES[name], **how)
    return target.getvalue()


def _video(name: str) -> bytes:
    av: Any = pytest.importorskip("av")
    from PIL import Image

    target = io.BytesIO()
    with av.open(target, "w", format=CONTAINERS.get(name, name)) as container:
        stream = container.add_stream(VIDEOS[name], rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in range(5):
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 48), (shade * 40, 0, 0)))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target.getvalue()


def _sound(name: str) -> bytes:
    av: Any = pytest.importorskip("av")

    target = io.BytesIO()
    with av.open(target, "w", format=CONTAINERS.get(name, name)) as container:
        stream = container.add_stream(SOUNDS[name], rate=48000)
        stream.layout = "stereo"
        frame = av.AudioFrame(format="s16", layout="stereo", samples=48000)
        frame.sample_rate = 48000
        frame.planes[0].update(hashlib.shake_256(b"sound").digest(48000 * 4))
        for piece in av.AudioResampler(
            format=stream.format,
            layout="stereo",
            rate=48000,
            frame_size=stream.codec_context.frame_size or None,
        ).resample(frame):
            container.mux(stream.encode(piece))
        container.mux(stream.encode())
    return target.getvalue()


NOISE = hashlib.shake_256(b"noise").digest(9000)
MAKERS: dict[str, Callable[[str], bytes]] = {
    **dict.fromkeys(PICTURES, _picture), **dict.fromkeys(VIDEOS, _video), **dict.fromkeys(SOUNDS, _sound),
}  # fmt: skip


@pytest.fixture(scope="session")
def genuine() -> dict[str, bytes]:
    """One real file of each format that the service takes, made by the usual encoders."""
    pytest.importorskip("av")
    return {name: make(name) for name, make in MAKERS.items()}


def _recognised(content: bytes) -> str | None:
    kind = by_bytes(content[:HEAD_BYTES])
    return kind.format if kind and is_built_like(io.BytesIO(content), len(content), kind.format) else None


def test_every_format_has_a_maker() -> None:
    """The table of formats and this test agree, so that none is refused for want of a check."""
    assert set(MAKERS) == set(BY_FORMAT)


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_real_files_pass(genuine: dict[str, bytes], name: str, tmp_path: Path) -> None:
    """A file that an encoder has written is recognised, also with more bytes behind it."""
    path = tmp_path / "no-extension"
    path.write_bytes(genuine[name])
    (found,), problems = read_inputs([str(path)], ANY)
    assert problems == ()
    assert found.kind is not None
    assert (found.kind.format, found.size) == (name, len(genuine[name]))


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("png", {"mode": "RGBA"}), ("png", {"mode": "L"}), ("jpg", {"progressive": True}), ("jpg", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}),
        ("jpg", {"comment": "x" * 600, "icc_profile": b"p" * 70_000}), ("jpg", {"mode": "L"}), ("gif", {"mode": "P"}), ("webp", {"lossless": True}), ("webp", {"mode": "RGBA"}),
        ("bmp", {"mode": "1"}), ("bmp", {"mode": "L"}), ("tiff", {"compression": "tiff_lzw"}), ("tiff", {"mode": "L", "big_tiff": False}),
    ],
    ids=range(13),
)  # fmt: skip
def test_variants_pass(name: str, how: dict[str, Any]) -> None:
    """Other depths, compressions and long metadata in front of the picture are fine."""
    assert _recognised(_picture(name, **how)) == name


def test_tagged_sounds_pass(genuine: dict[str, bytes]) -> None:
    """Tags, padding and cover pictures in front of a sound, and an old tag behind it, are fine."""
    frames = genuine["mp3"]
    if frames[:3] == b"ID3":
        frames = frames[10 + int.from_bytes(frames[6:10], "big") :]
    for length in (0, 50, 130, 20_000):
        size = bytes([length >> 21 & 127, length >> 14 & 127, length >> 7 & 127, length & 127])
        assert _recognised(b"ID3\x03\0\0" + size + bytes(length) + frames) == "mp3"
        assert _recognised(b"ID3\x04\0\0" + size + bytes(length) + bytes(900) + frames) == "mp3"
    assert _recognised(frames + b"TAG" + bytes(125)) == "mp3"


def test_streamed_wav_passes(genuine: dict[str, bytes]) -> None:
    """A writer that could not go back leaves its sizes unknown."""
    wav = bytearray(genuine["wav"])
    wav[4:8] = b"\xff\xff\xff\xff"
    assert _recognised(bytes(wav)) == "wav"


KEY = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\n-----END OPENSSH PRIVATE KEY-----\n"


def _zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", "secret")
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("id_rsa", KEY), ("id_rsa.png", KEY), ("notes.txt", b"hello"), ("table.csv", b"a,b\n1,2\n"), ("page.html", b"<!doctype html><html></html>"),
        ("icon.svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'), ("icon.svg.png", b"<svg/>"), ("a.zip", _zip()),
        ("a.docx", _zip()), ("a.pdf", b"%PDF-1.7\n1 0 obj\n"), ("a.exe", b"MZ\x90\0" + bytes(200)), ("a.elf", b"\x7fELF\x02\x01\x01" + bytes(200)),
        ("a.sqlite", b"SQLite format 3\0" + bytes(100)), ("a.gz", b"\x1f\x8b\x08" + bytes(50)), ("a.tar", b"a.txt" + bytes(252) + b"ustar"),
        ("a.class", b"\xca\xfe\xba\xbe" + bytes(50)), ("a.pyc", b"\xa7\r\r\n" + bytes(50)), ("a.sh", b"#!/bin/sh\necho x\n"), ("env", b"IMA_API_KEY=ima_secret\n"),
        ("utf16.txt", "hello secret".encode("utf-16")), ("zeros", bytes(4096)), ("noise", NOISE[:4096]), ("a.json", b"{}"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_media_stays_here(tmp_path: Path, name: str, content: bytes) -> None:
    """Keys, texts, pages, archives and programs are refused, whatever they are called."""
    (tmp_path / name).write_bytes(content)
    found, (problem,) = read_inputs([str(tmp_path / name)], ANY)
    assert (found, problem.rule) == ((), "unknown-kind")
    assert name in problem.message
    assert str(tmp_path) not in str(problem)


PREFIXES = {
    "gif": b"GIF89a", "gif87": b"GIF87a", "bmp": b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0", "mp3": b"ID3\x04", "mp3 sync": b"\xff\xfb\x90\x64",
    "aac": b"\xff\xf1\x50\x80", "tiff": b"II*\0", "tiff be": b"MM\0*", "jpg": b"\xff\xd8\xff", "jpg app": b"\xff\xd8\xff\xe0\x00\x10JFIF\0", "png": b"\x89PNG\r\n\x1a\n",
    "webp": b"RIFF\x24\0\0\0WEBP", "wav": b"RIFF\x24\0\0\0WAVE", "avi": b"RIFF\x24\0\0\0AVI ", "mp4": b"\0\0\0\x18ftypisom" + bytes(12), "mov": b"\0\0\0\x14ftypqt  " + bytes(8),
    "mkv": b"\x1a\x45\xdf\xa3", "webm": b"\x1a\x45\xdf\xa3\x9fwebm", "flv": b"FLV\x01", "ogg": b"OggS", "flac": b"fLaC",
}  # fmt: skip


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES)
@pytest.mark.parametrize(
    "secret", [KEY * 20, b"", bytes(5000), b"<script>alert(1)</script>" * 99, NOISE], ids=range(5)
)  # fmt: skip
def test_first_bytes_are_not_enough(prefix: bytes, secret: bytes) -> None:
    """First bytes written in front of something else do not make it a media."""
    assert _recognised(prefix + secret) is None


@pytest.mark.parametrize("name", sorted(set(MAKERS) - {"jpg"}))
def test_headers_alone_are_cut_short(genuine: dict[str, bytes], name: str) -> None:
    """A file that ends inside its header is none; wherever it ends, the answer is an answer."""
    content = genuine[name]
    assert _recognised(content[:20]) is None
    for length in (*range(64), 100, 200, len(content) // 2, len(content) - 1):
        _recognised(content[:length])


@given(st.sampled_from(sorted(PREFIXES)), st.binary(max_size=600))
def test_any_bytes(name: str, rest: bytes) -> None:
    """No bytes whatsoever break the reader."""
    _recognised(PREFIXES[name] + rest)


def test_a_huge_tag_is_skipped_not_read(tmp_path: Path) -> None:
    """Sizes that a header states are bounds, not orders: nothing large is ever read."""
    path = tmp_path / "bomb.mp3"
    path.write_bytes(b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(100))
    assert read_inputs([str(path)], ANY)[1][0].rule == "unknown-kind"
    boxes = b"".join(struct.pack(">I4s", 8, b"free") for _ in range(100_000))
    assert _recognised(b"\0\0\0\x18ftypisom" + bytes(12) + boxes) is None


# ---- where inputs may come from


def test_special_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipes, devices, folders, sockets and empty files are refused at once, without waiting for anybody."""
    import socket

    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "empty.png").touch()
    (tmp_path / "link-to-pipe.png").symlink_to(tmp_path / "pipe.png")
    with socket.socket(socket.AF_UNIX) as door:
        monkeypatch.chdir(tmp_path)
        door.bind("door.png")
        for name in ("pipe.png", "folder.png", "empty.png", "link-to-pipe.png", "door.png"):
            found, (problem,) = read_inputs([str(tmp_path / name)], ANY)
            assert found == ()
            assert problem.rule == ("empty-file" if name == "empty.png" else "missing-file")
    for device in ("/dev/zero", "/dev/null", "/dev/random"):
        assert read_inputs([device], ANY)[1][0].rule == "missing-file"


def test_links_are_resolved(tmp_path: Path, picture_bytes: bytes) -> None:
    """A link is read as what it leads to, and called what it was called."""
    (tmp_path / "blob-17").write_bytes(picture_bytes)
    (tmp_path / "kite.png").symlink_to("blob-17")
    (found,), _ = read_inputs([str(tmp_path / "kite.png")], ANY)
    assert (found.path, found.label) == (tmp_path / "blob-17", "kite.png")
    (tmp_path / "key.png").symlink_to(tmp_path / "id_rsa")
    (tmp_path / "id_rsa").write_bytes(KEY)
    assert read_inputs([str(tmp_path / "key.png")], ANY)[1][0].rule == "unknown-kind"


def test_input_root(tmp_path: Path, picture_bytes: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a root, only what really lies in it is taken: no links out of it, no .., no neighbour with the same prefix."""
    from ima_skills.file_rules import FileRules

    root, outside = tmp_path / "root", tmp_path / "root-2"
    for folder in (root / "deep", outside):
        folder.mkdir(parents=True)
        (folder / "a.png").write_bytes(picture_bytes)
    (root / "out.png").symlink_to(outside / "a.png")
    (root / "way").symlink_to(outside)
    (outside / "in.png").symlink_to(root / "deep" / "a.png")
    (root / "loop.png").symlink_to(root / "loop.png")
    monkeypatch.chdir(root)

    def refused(source: str, rules: FileRules) -> str | None:
        _, problems = read_inputs([source], ANY, rules)
        return problems[0].rule if problems else None

    (tmp_path / "door").symlink_to(root)
    for rules in (
        FileRules(input_root=root),
        FileRules(input_root=tmp_path / "door"),
        FileRules(input_root=Path()),
    ):
        for source in (
            str(root / "deep" / "a.png"),
            "deep/a.png",
            (root / "deep" / "a.png").as_uri(),
            str(outside / "in.png"),
            "deep/../deep/a.png",
        ):
            assert refused(source, rules) is None, source
        for source in (
            str(outside / "a.png"), "out.png", "way/a.png", "../root-2/a.png", "/etc/passwd", "file:///etc/passwd", "~/x.png",
            str(outside / "no-such-file.png"), "deep/../../root-2/a.png",
        ):  # fmt: skip
            assert refused(source, rules) == "input-root", source
        assert refused("https://a.example/x.png", rules) is None
        assert refused("loop.png", rules) == "unreadable"
    _, (problem,) = read_inputs([str(outside / "no-such-file.png")], ANY, FileRules(input_root=root))
    assert problem.nearest is None


@pytest.mark.parametrize(
    ("source", "fine"),
    [
        ("https://cdn.example/x.png", True), ("https://10.0.0.1/x.png", False), ("https://169.254.169.254/latest", False), ("https://nas.local/x.png", False),
        ("https://2130706433/x.png", False), ("https://0x7f.1/x.png", False), ("https://[::1]/x.png", False), ("https://@a.example/x.png", False),
        ("https://a.example./x.png", False), ("http://127.0.0.1:9/x.png", False), ("https://localhost/x.png", False),
    ],
)  # fmt: skip
def test_remote_inputs(source: str, fine: bool) -> None:  # noqa: FBT001 - a column of the table
    """The service is never told to look into a network: an input's address must be a public one."""
    from ima_skills.file_rules import FileRules

    _, problems = read_inputs([source], ANY, FileRules(local_addresses=False))
    assert (problems == ()) is fine
