"""Input files: found, recognised and checked before anything is sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.domain.task_type import InputRule
from ima_skills.errors import UsageError
from ima_skills.file_rules import user_path
from ima_skills.inputs import read_inputs
from ima_skills.media_kinds import BY_FORMAT, KIND_OF_MEDIA, by_bytes, by_name

if TYPE_CHECKING:
    from ima_skills.domain.problem import Problem
    from ima_skills.inputs import InputFile

ANY = InputRule(0, 9, (), ("picture", "video", "audio"))
PICTURES = InputRule(1, 9, (), ("picture",))


def _file(source: str, rule: InputRule = ANY) -> InputFile:
    files, problems = read_inputs([source], rule)
    assert problems == ()
    return files[0]


def _fault(source: str, rule: InputRule = ANY) -> Problem:
    _, problems = read_inputs([source], rule)
    (problem,) = problems
    assert problem.pointer == "/inputs/0"
    return problem


@pytest.fixture
def picture(tmp_path: Path, picture_bytes: bytes) -> Path:
    """A real picture with a name that needs quoting in a URL."""
    path = tmp_path / "my cat 猫.png"
    path.write_bytes(picture_bytes)
    return path


def test_local_files(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain paths, relative paths, file URLs and home folders are all read."""
    monkeypatch.chdir(picture.parent)
    monkeypatch.setenv("HOME", str(picture.parent))
    for source in (
        str(picture),
        "my cat 猫.png",
        "./my cat 猫.png",
        picture.as_uri(),
        f"file://{picture}",
        "~/my cat 猫.png",
    ):
        found = _file(source)
        assert found.kind is not None
        assert (found.kind.format, found.size, found.is_remote, found.label) == (
            "png",
            picture.stat().st_size,
            False,
            picture.name,
        )


def test_contents_decide_not_the_name(tmp_path: Path, picture_bytes: bytes) -> None:
    """A picture called .mp4 is a picture; a text called .png is none."""
    (tmp_path / "clip.mp4").write_bytes(picture_bytes)
    kind = _file(str(tmp_path / "clip.mp4")).kind
    assert kind is not None
    assert kind.content_type == "image/png"
    (tmp_path / "text.png").write_text("hello")
    assert _fault(str(tmp_path / "text.png")).message == "text.png is no picture, video or sound we know"


@pytest.mark.parametrize(
    ("source", "kind"),
    [("https://a.example/x.PNG?sign=1", "png"), ("https://a.example/x.jpeg", "jpg"), ("https://a.example/x", None),
     ("https://a.example/x.exe", None), ("http://127.0.0.1:8/x.wav", "wav"), ("HTTPS://A.example/x.webp", "webp")],
)  # fmt: skip
def test_addresses(source: str, kind: str | None) -> None:
    """Addresses pass through untouched; their name may tell what they are."""
    found = _file(source)
    assert (found.source, found.path, found.kind.format if found.kind else None) == (source, None, kind)
    assert "sign" not in found.label
    assert "sign" not in repr(found)


@pytest.mark.parametrize(
    ("source", "rule", "message"),
    [
        (
            "http://a.example/x.png",
            "scheme",
            "must be https: the service does not fetch from http://a.example",
        ),
        ("ftp://a.example/x.png", "scheme", "must be a local file or an https address"),
        ("data:image/png;base64,iVBORw0KGgo=", "scheme", "must be a local file or an https address"),
        ("s3://bucket/key", "scheme", "must be a local file or an https address"),
        ("https://user:pw@a.example/x.png", "address", "is not a usable address"),
        ("https:///x.png", "address", "is not a usable address"),
        ("https://[", "address", "is not a usable address"),
        ("//[", "address", "is not a usable address"),
    ],
)
def test_unusable_addresses(source: str, rule: str, message: str) -> None:
    """What the service cannot fetch is refused, without repeating a password."""
    problem = _fault(source)
    assert (problem.rule, problem.message, problem.value) == (rule, message, None)


def test_missing_file(picture: Path) -> None:
    """A file that is not there is named, with the nearest that is."""
    problem = _fault(str(picture.with_name("my cat.png")))
    assert (problem.rule, problem.message, problem.nearest) == (
        "missing-file",
        "there is no file my cat.png",
        picture.name,
    )
    assert _fault("/nowhere/at/all.png").nearest is None


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("", "missing-file"), (".", "missing-file"), ("/", "missing-file"), ("a\0b.png", "missing-file"), ("x" * 5000, "unreadable"),
        ("iVBORw0KGgo" * 20_000, "unreadable"), ("~no-such-user-here/x.png", "missing-file"), ("file:///", "missing-file"),
        ("file:///a%00b", "missing-file"), ("\ud800.png", "missing-file"), ("C:\\x.png", "missing-file"), ("/dev/null", "missing-file"),
        ("a.png,b.png", "missing-file"),
    ],
    ids=range(13),
)  # fmt: skip
def test_weird_sources(source: str, rule: str) -> None:
    """Text by mistake, odd names, folders, devices: a short refusal, never a crash."""
    problem = _fault(source)
    assert problem.rule == rule
    assert len(problem.message) < 250
    assert len(str(problem.value)) < 250


def test_empty_and_unreadable_files(tmp_path: Path) -> None:
    """A file without bytes is refused, and so is one behind a door."""
    (tmp_path / "empty.png").touch()
    assert _fault(str(tmp_path / "empty.png")).message == "empty.png is empty"
    if os.getuid():
        (tmp_path / "closed.png").touch(mode=0)
        assert _fault(str(tmp_path / "closed.png")).rule == "unreadable"
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    assert _fault(str(tmp_path / "loop.png")).rule in ("missing-file", "unreadable")


def test_wrong_kind(picture: Path, tmp_path: Path) -> None:
    """A sound where a picture is due is refused by what it is, local or remote."""
    form = b"\x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0"
    (tmp_path / "a.wav").write_bytes(b"RIFF\x25\0\0\0WAVEfmt " + form + b"data\1\0\0\0\x80")
    problem = _fault(str(tmp_path / "a.wav"), PICTURES)
    assert (problem.rule, problem.message) == ("input-kind", "a.wav is audio; this takes picture")
    assert _fault("https://a.example/x.mp4", PICTURES).message == "a.example is a video; this takes picture"
    assert _file(str(picture), PICTURES).kind is not None


def test_every_input_is_checked(picture: Path) -> None:
    """All faults are found, each at its own place; good inputs are kept in order."""
    files, problems = read_inputs(
        ["nope.png", str(picture), "http://a.example", "https://a.example/b.png"], ANY
    )
    assert [problem.pointer for problem in problems] == ["/inputs/0", "/inputs/2"]
    assert [item.label for item in files] == [picture.name, "a.example"]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xd8\xff\xe0" + bytes(12), "jpg"), (b"\x89PNG\r\n\x1a\n" + bytes(8), "png"), (b"GIF89a" + bytes(10), "gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"), (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0", "bmp"), (b"II*\0" + bytes(12), "tiff"),
        (b"MM\0*" + bytes(12), "tiff"), (b"\0\0\0\x18ftypisom" + bytes(8), "mp4"), (b"\0\0\0\x18ftypqt  " + bytes(8), "mov"),
        (b"\0\0\0\x18ftypM4A " + bytes(8), "m4a"), (b"RIFF\0\0\0\0AVI LIST", "avi"), (b"\x1a\x45\xdf\xa3\x01webm" + bytes(8), "webm"),
        (b"\x1a\x45\xdf\xa3\x01matroska", "mkv"), (b"FLV\x01" + bytes(12), "flv"), (b"ID3\x04" + bytes(12), "mp3"),
        (b"\xff\xfb\x90\x64" + bytes(12), "mp3"), (b"\xff\xf3\x44\xc4" + bytes(12), "mp3"), (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"OggS" + bytes(12), "ogg"), (b"fLaC" + bytes(12), "flac"), (b"\xff\xf1\x50\x80" + bytes(12), "aac"), (b"\xff\xf9\x50" + bytes(9), "aac"),
        (b"\xff\xfeh\0e\0l\0l\0o\0", None), (b"\xfe\xff\0h\0e", None), (b"BMW is a car maker", None), (b"GIF8 times", None), (b"", None),
        (b"\xff", None), (b"\xff\xff\xff\xff", None), (b"hello world, a text", None), (b"\0\0\0\x18ftypavif" + bytes(8), None),
        (b"\0\0\0\x18ftypheic" + bytes(8), None), (b"RIFF\0\0\0\0XXXX", None), (b"%PDF-1.7", None), (b"PK\x03\x04", None), (b"<svg ", None),
    ],
    ids=range(36),
)  # fmt: skip
def test_first_bytes(head: bytes, name: str | None) -> None:
    """The first bytes tell every format that the service takes, and nothing else."""
    kind = by_bytes(head)
    assert (kind.format if kind else None) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.JPEG", "jpg"),
        ("a.tif", "tiff"),
        ("a.tar.mp3", "mp3"),
        ("mp3", None),
        ("a.", None),
        ("", None),
        ("a.txt", None),
    ],
)
def test_names(name: str, expected: Any) -> None:
    """An extension tells the format, in any case; a bare word tells nothing."""
    kind = by_name(name)
    assert (kind.format if kind else None) == expected


def test_upload_types_agree_with_their_kind() -> None:
    """A picture is declared as an image, and so on; the extensions of the service are all there."""
    assert all(KIND_OF_MEDIA[kind.content_type.partition("/")[0]] == kind.kind for kind in BY_FORMAT.values())
    taken = ["jpg", "jpeg", "tif", *(kind.format for kind in BY_FORMAT.values())]
    assert all(by_name(f"x.{extension}") for extension in taken)
    assert len(BY_FORMAT) == 18


def test_a_path_of_a_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``~`` is put out; the home of somebody who is not known here is refused with a way on."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_path("~/out") == tmp_path / "out"
    assert user_path("out") == Path.cwd() / "out"
    for name in ("~no-such-user-here/out", Path("~no-such-user-here")):
        with pytest.raises(UsageError, match="no home folder of ~no-such-user-here") as caught:
            user_path(name)
        assert (caught.value.name, "./" in caught.value.hint) == ("no-home", True)
