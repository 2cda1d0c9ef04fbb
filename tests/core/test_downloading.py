"""Downloading medias: staged, checked, renamed."""

from __future__ import annotations

import asyncio
import hashlib
import os
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import ima_skills.downloading as module
from ima_skills.domain.task import Media, SavedFile
from ima_skills.downloading import Downloader
from ima_skills.errors import ImaError, MediaError, NetworkError, UsageError
from ima_skills.transport import Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from ima_skills.clock import FakeClock

URL = "https://cdn.example/out.png?sign=s3cret"
MP4 = b"\0\0\0\x14ftypisom" + bytes(8) + b"\0\0\0\x08moov" + b"\0\0\0\0mdat" + bytes(16)
MP3 = b"ID3\x04" + bytes(40)


class Torn(httpx.AsyncByteStream):
    """A body that breaks off."""

    def __init__(self, *parts: bytes, error: Exception | None = None) -> None:
        self.parts, self.error = parts, error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            yield part
        if self.error:
            raise self.error


@pytest.fixture
def save(fake_clock: FakeClock, tmp_path: Path) -> Callable[..., SavedFile]:
    """Return a function that saves a media over given answers, one after the other, the last for ever."""

    def over(
        *answers: Any,
        kind: str = "image",
        url: str | None = URL,
        stem: str = "t1-1",
        folder: Path | None = None,
    ) -> Any:
        left = list(answers)

        def handler(request: httpx.Request) -> httpx.Response:
            answer = left.pop(0) if len(left) > 1 else left[0]
            answer = answer(request) if callable(answer) else answer
            if isinstance(answer, Exception):
                raise answer
            assert isinstance(answer, httpx.Response)
            return answer

        async def go() -> SavedFile:
            async with Transport(httpx.MockTransport(handler)) as transport:
                loader = Downloader(transport, fake_clock)
                return await loader.save(Media(1, "success", url), kind, folder or tmp_path / "out", stem)

        return asyncio.run(go())

    return over


def _bytes(content: bytes, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(200, content=content, headers=named)


def _left_over(folder: Path) -> Iterator[str]:
    return (path.name for path in folder.iterdir()) if folder.exists() else iter(())


def test_saved(save: Callable[..., Any], tmp_path: Path, picture_bytes: bytes) -> None:
    """A media lands under its name with the extension of its bytes, and nothing else is left."""
    found = save(_bytes(picture_bytes), folder=tmp_path / "a" / "b")
    path = tmp_path / "a" / "b" / "t1-1.png"
    assert found == SavedFile(str(path), len(picture_bytes), hashlib.sha256(picture_bytes).hexdigest())
    assert path.read_bytes() == picture_bytes
    assert list(_left_over(path.parent)) == ["t1-1.png"]


def test_no_credentials_are_sent(save: Callable[..., Any], picture_bytes: bytes) -> None:
    """A result is fetched without the key."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=picture_bytes)

    save(handler)
    assert "authorization" not in seen[0].headers


@pytest.mark.parametrize(
    ("kind", "content", "name"),
    [
        ("image", b"\xff\xd8\xff" + bytes(20) + b"\xff\xd9", "t1-1.jpg"), ("video", MP4, "t1-1.mp4"), ("audio", MP3, "t1-1.mp3"),
        ("audio", MP4, "t1-1.m4a"), ("audio", b"RIFF\0\0\0\0WAVEfmt ", "t1-1.wav"), ("video", b"\x1a\x45\xdf\xa3webm" + bytes(9), "t1-1.webm"),
    ],
    ids=range(6),
)  # fmt: skip
def test_extension_by_bytes(save: Callable[..., Any], kind: str, content: bytes, name: str) -> None:
    """The bytes decide the extension, not the address; a sound may come in an MP4 container."""
    assert save(_bytes(content), kind=kind).path.endswith(f"/{name}")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("image", b"\xff\xd8\xff" + bytes(2000)), ("image", b"\xff\xd8\xff\xd9" + bytes(2000)),
        ("image", b"\x89PNG\r\n\x1a\n" + bytes(90)), ("image", b"GIF89a" + bytes(90)), ("video", MP4[:-20] + b"\0\0\1\0free"),
        ("video", MP4[:20]), ("image", b"RIFF\xff\0\0\0WEBPVP8 " + bytes(20)), ("audio", b"RIFF\xff\0\0\0WAVEfmt "),
    ],
    ids=range(8),
)  # fmt: skip
def test_a_file_that_ends_early_is_refused(save: Callable[..., Any], kind: str, content: bytes) -> None:
    """A file whose format says where it ends, and that ends before, is not what was paid for."""
    with pytest.raises(MediaError) as caught:
        save(_bytes(content), kind=kind)
    assert caught.value.name == "media-truncated"


@pytest.mark.parametrize(
    ("content", "kind", "name", "match"),
    [
        (b"", "image", "media-empty", "a media came back empty"),
        (
            b"<html>gone</html>",
            "image",
            "media-wrong-kind",
            "a media should be image and is something unknown",
        ),
        (MP4, "image", "media-wrong-kind", "a media should be image and is mp4"),
        (MP3, "video", "media-wrong-kind", "a media should be video and is mp3"),
        (b"\xff\xd8\xff" + bytes(20), "audio", "media-wrong-kind", "a media should be audio and is jpg"),
        (MP3, "sculpture", "media-wrong-kind", "a media should be sculpture and is mp3"),
    ],
    ids=range(6),
)
def test_wrong_contents(  # noqa: PLR0913, PLR0917 - one argument per column of the table
    save: Callable[..., Any], tmp_path: Path, content: bytes, kind: str, name: str, match: str
) -> None:
    """Empty and foreign contents are refused, and leave nothing behind."""
    with pytest.raises(MediaError, match=match) as caught:
        save(_bytes(content), kind=kind)
    assert (caught.value.name, caught.value.exit_code) == (name, 1)
    assert list(_left_over(tmp_path / "out")) == []


def test_cut_short(save: Callable[..., Any], tmp_path: Path, picture_bytes: bytes) -> None:
    """Fewer bytes than declared are refused; a later whole answer is taken."""
    short = _bytes(picture_bytes, content_length=str(len(picture_bytes) + 1))
    with pytest.raises(MediaError, match="a media came back cut short"):
        save(short)
    assert save(short, _bytes(picture_bytes)).bytes == len(picture_bytes)
    assert list(_left_over(tmp_path / "out")) == ["t1-1.png"]


def test_broken_off(
    save: Callable[..., Any], tmp_path: Path, picture_bytes: bytes, fake_clock: FakeClock
) -> None:
    """A line that breaks in the middle is tried again after a growing pause; what has arrived is kept."""
    start = fake_clock.monotonic()

    def torn(_: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, stream=Torn(picture_bytes[:9], error=httpx.ReadError("https://cdn.example?sign=s3cret"))
        )

    with pytest.raises(NetworkError, match=r"a media could not be downloaded \(ReadError\)") as caught:
        save(torn)
    assert "s3cret" not in str(caught.value.as_dict())
    assert caught.value.__cause__ is None
    assert fake_clock.monotonic() - start == pytest.approx(1.5)
    assert sorted(_left_over(tmp_path / "out")) == [".t1-1.part", ".t1-1.part.json"]
    assert save(torn, torn, _bytes(picture_bytes)).bytes == len(picture_bytes)
    assert list(_left_over(tmp_path / "out")) == ["t1-1.png"]


@pytest.mark.parametrize(
    ("status", "asked"), [(404, 1), (403, 1), (410, 1), (500, 3), (503, 3), (429, 3), (304, 1)]
)
def test_http_errors(save: Callable[..., Any], status: int, asked: int) -> None:
    """What is gone is asked for once, what is busy three times; the status is told."""
    seen: list[int] = []

    def handler(_: httpx.Request) -> httpx.Response:
        seen.append(status)
        return httpx.Response(status)

    with pytest.raises(NetworkError, match=rf"a media could not be downloaded \(HTTP {status}\)") as caught:
        save(handler)
    assert (len(seen), caught.value.name) == (asked, "download-failed")


def test_garbled_encoding(save: Callable[..., Any]) -> None:
    """An answer that cannot be decoded is a failed download."""
    answer = lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Torn(b"no gzip"))  # noqa: E731 - one line of test
    with pytest.raises(NetworkError, match="DecodingError"):
        save(answer)


def test_compressed_answers_may_be_longer(save: Callable[..., Any], picture_bytes: bytes) -> None:
    """The declared length of a compressed answer is not that of the media."""
    import gzip

    packed = gzip.compress(picture_bytes)
    assert save(_bytes(packed, content_encoding="gzip", content_length=str(len(packed)))).bytes == len(
        picture_bytes
    )


def test_too_large(save: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A media beyond the limit is cut off at once and not asked for again."""
    monkeypatch.setattr(module, "_LARGEST", 1 << 10)
    sent: list[int] = []

    def endless(_: httpx.Request) -> httpx.Response:
        sent.append(1)
        return httpx.Response(200, stream=Torn(*[MP4 * 10] * 1000))

    with pytest.raises(MediaError, match="a media is larger than") as caught:
        save(endless, kind="video")
    assert (caught.value.name, len(sent)) == ("media-too-large", 1)
    assert list(_left_over(tmp_path / "out")) == []


@pytest.mark.parametrize(
    "url",
    [None, "", "http://cdn.example/x", "ftp://x", "x.png", "https://[", "file:///etc/passwd", "https://"],
)
def test_unusable_addresses(save: Callable[..., Any], url: str | None) -> None:
    """Only https, or http on this machine, is fetched."""
    with pytest.raises(MediaError, match="a media has no https address") as caught:
        save(_bytes(b"x"), url=url)
    assert caught.value.name == "media-address"


def test_redirects(save: Callable[..., Any], picture_bytes: bytes) -> None:
    """A redirect is followed, but not for ever, and not onto an open line."""

    def to(target: str) -> Callable[[httpx.Request], httpx.Response]:
        def handler(request: httpx.Request) -> httpx.Response:
            if request.url.host == "cdn.example":
                return httpx.Response(302, headers={"Location": target})
            return httpx.Response(200, content=picture_bytes)

        return handler

    assert save(to("https://other.example/x")).bytes == len(picture_bytes)
    with pytest.raises(ImaError, match=r"a media has no https address|from https to an open line"):
        save(to("http://other.example/x"))
    with pytest.raises(ImaError, match=r"TooManyRedirects|redirects more than"):
        save(to("https://cdn.example/again"))


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("../../etc/passwd-1", "_.._etc_passwd-1.png"), ("..", "media.png"), ("", "media.png"), ("a b/c", "a_b_c.png"), (".hidden", "hidden.png"),
        ("任务-1", "_-1.png"), ("x" * 400, "x" * 100 + ".png"), ("a\0b", "a_b.png"), ("task_1.2-3", "task_1.2-3.png"),
    ],
    ids=range(9),
)  # fmt: skip
def test_names_are_made_safe(
    save: Callable[..., Any], tmp_path: Path, picture_bytes: bytes, stem: str, name: str
) -> None:
    """Whatever a task is called, its file stays in its folder."""
    assert save(_bytes(picture_bytes), stem=stem).path == str(tmp_path / "out" / name)


def test_an_older_file_is_replaced_at_the_end_only(
    save: Callable[..., Any], tmp_path: Path, picture_bytes: bytes
) -> None:
    """A second download replaces the file; a failed one leaves the old file alone."""
    save(_bytes(picture_bytes))
    with pytest.raises(ImaError, match="should be image and is something unknown"):
        save(_bytes(b"broken"))
    assert (tmp_path / "out" / "t1-1.png").read_bytes() == picture_bytes
    save(_bytes(picture_bytes + b"more"))
    assert (tmp_path / "out" / "t1-1.png").read_bytes() == picture_bytes + b"more"


def test_two_downloads_of_the_same_media(tmp_path: Path, fake_clock: FakeClock, picture_bytes: bytes) -> None:
    """Two downloads to the same place at the same time do not write into each other."""

    class Slow(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for place in range(0, len(picture_bytes), 7):
                await asyncio.sleep(0)
                yield picture_bytes[place : place + 7]

    async def go() -> list[SavedFile]:
        async with Transport(httpx.MockTransport(lambda _: httpx.Response(200, stream=Slow()))) as transport:
            loader = Downloader(transport, fake_clock)
            media = Media(1, "success", URL)
            return await asyncio.gather(*(loader.save(media, "image", tmp_path, "t") for _ in range(5)))

    assert len(set(asyncio.run(go()))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["t.png"]
    assert (tmp_path / "t.png").read_bytes() == picture_bytes


def test_folders_that_cannot_be_written(
    save: Callable[..., Any], tmp_path: Path, picture_bytes: bytes
) -> None:
    """A folder that is a file, or closed, is a usage error that names it."""
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UsageError, match=f"cannot write to {folder}: ") as caught:
            save(_bytes(picture_bytes), folder=folder)
        assert (caught.value.name, caught.value.exit_code) == ("download-folder", 2)


@pytest.mark.parametrize(
    ("number", "words", "code"),
    [
        (28, "No space left on device", "disk-full"),
        (13, "Permission denied", "download-folder"),
        (30, "Read-only file system", "download-folder"),
    ],
)
def test_disks_that_refuse(  # noqa: PLR0913, PLR0917 - fixtures and one argument per column
    save: Callable[..., Any],
    tmp_path: Path,
    picture_bytes: bytes,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    words: str,
    code: str,
) -> None:
    """A disk that fills up or a folder that is closed is a usage error with the system's words; nothing is left."""
    real = os.open

    def full(path: Any, *rest: Any, **more: Any) -> int:
        if str(path).endswith(".part"):
            raise OSError(number, os.strerror(number))
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(UsageError, match=f"cannot write to .*/out: {words}") as caught:
        save(_bytes(picture_bytes))
    assert caught.value.name == code
    assert list(_left_over(tmp_path / "out")) == []
