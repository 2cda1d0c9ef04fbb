"""Uploads: the very file that was checked, streamed, to an address that is renewed when it fails."""

from __future__ import annotations

import asyncio
import os
import tracemalloc
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from ima_skills.clock import FakeClock
from ima_skills.domain.task_type import InputRule
from ima_skills.errors import NetworkError, UsageError
from ima_skills.inputs import InputFile, read_inputs
from ima_skills.refusals import Table
from ima_skills.registry import Registry
from ima_skills.service import Service
from ima_skills.settings import Settings
from ima_skills.transport import Transport
from ima_skills.uploading import Uploader, UploadMemory

Upload = Callable[..., tuple[str, ...]]


class Storage(httpx.AsyncBaseTransport):
    """Grants addresses and takes bytes as they come; scripted answers and events come first."""

    def __init__(self, *put: int, expires: float | None = None) -> None:
        self.put, self.expires = list(put), expires
        self.tokens = 0
        self.sent: list[tuple[str, int]] = []
        self.while_granting: Callable[[], None] = lambda: None
        self.while_taking: Callable[[], None] = lambda: None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "PUT":
            self.tokens += 1
            self.while_granting()
            grant = {
                "ful": f"https://put.example/{self.tokens}?sign=s3cret",
                "fdl": f"https://cdn.example/{self.tokens}.png",
            }
            return httpx.Response(
                200,
                json={"code": 0, "data": {**grant, **({"fdl_expire": self.expires} if self.expires else {})}},
            )
        size = 0
        assert isinstance(request.stream, httpx.AsyncByteStream)
        async for chunk in request.stream:
            size += len(chunk)
            self.while_taking()
        self.sent.append((request.url.path, size))
        return httpx.Response(self.put.pop(0) if self.put else 200)


@pytest.fixture
def upload(registry: Registry, loopback_settings: Settings, fake_clock: FakeClock) -> Upload:
    """Return a function that uploads inputs to a storage."""

    def over(storage: Storage, inputs: Any, memory: UploadMemory | None = None) -> tuple[str, ...]:
        service = Service(Transport(storage), loopback_settings, Table(registry.errors), fake_clock)
        uploader = Uploader(service, fake_clock, Random(3), memory or UploadMemory())  # noqa: S311 - nonces of a test
        return asyncio.run(uploader.addresses(inputs, lambda _: None))

    return over


@pytest.fixture
def kite(tmp_path: Path, picture_bytes: bytes) -> Path:
    """A picture of some size."""
    path = tmp_path / "kite.png"
    path.write_bytes(picture_bytes + bytes(1 << 20))
    return path


def _checked(path: Path) -> tuple[InputFile, ...]:
    found, problems = read_inputs([str(path)], InputRule(1, 1, (), ("picture",)))
    assert problems == ()
    return found


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 429, 500, 503])
def test_addresses_are_renewed(upload: Upload, kite: Path, status: int, fake_clock: FakeClock) -> None:
    """An expired or failing address is replaced by a new one, twice at most, after a pause."""
    start, storage = fake_clock.monotonic(), Storage(status, status)
    assert upload(storage, _checked(kite)) == ("https://cdn.example/3.png",)
    assert [path for path, _ in storage.sent] == ["/1", "/2", "/3"]
    assert {size for _, size in storage.sent} == {kite.stat().st_size}
    assert fake_clock.monotonic() - start == pytest.approx(1.5)
    storage = Storage(status, status, status)
    with pytest.raises(NetworkError, match=f"HTTP {status}") as caught:
        upload(storage, _checked(kite))
    assert (storage.tokens, caught.value.name) == (3, "upload-failed")
    assert "s3cret" not in str(caught.value.as_dict())


@pytest.mark.parametrize("status", [413, 405, 301, 302])
def test_refusals_for_good(upload: Upload, kite: Path, status: int) -> None:
    """What another address cannot cure is said at once; a redirected upload goes nowhere else."""
    storage = Storage(status)
    with pytest.raises(NetworkError, match=f"HTTP {status}"):
        upload(storage, _checked(kite))
    assert storage.tokens == 1


def _grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def _rewrite(path: Path) -> None:
    """Write other bytes of the same number, and set the time back."""
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"other")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _swap(path: Path) -> None:
    """Put another file in its place, as large and as old."""
    facts = path.stat()
    other = path.with_name("other")
    other.write_bytes(b"k" * facts.st_size)
    os.utime(other, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    other.replace(path)


def _link(path: Path) -> None:
    secret = path.with_name("id_rsa")
    secret.write_text("-----BEGIN OPENSSH PRIVATE KEY-----")
    path.unlink()
    path.symlink_to(secret)


def _shrink(path: Path) -> None:
    os.truncate(path, 50)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


CHANGES = [_grow, _rewrite, _swap, _link, _shrink, _pipe]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("when", ["before", "granting"])
def test_another_file_never_travels(
    upload: Upload, kite: Path, when: str, change: Callable[[Path], None]
) -> None:
    """A file that was changed or replaced after its check is refused, and not one byte of it is sent."""
    inputs, storage = _checked(kite), Storage()
    if when == "before":
        change(kite)
    else:
        storage.while_granting = lambda: change(kite)
    with pytest.raises(
        UsageError, match=r"kite\.png (changed after it was checked|can no longer be read)"
    ) as caught:
        upload(storage, inputs)
    assert storage.sent == []
    assert storage.tokens == (0 if when == "before" else 1)
    assert str(kite.parent) not in str(caught.value.as_dict())


@pytest.mark.parametrize("change", [_grow, _rewrite], ids=lambda change: change.__name__)
def test_a_change_on_the_way(upload: Upload, kite: Path, change: Callable[[Path], None]) -> None:
    """A file that is written to while it travels is an error before anything is created, and is not remembered."""
    memory, storage, changes = UploadMemory(), Storage(), [change]

    def once() -> None:
        while changes:
            changes.pop()(kite)

    storage.while_taking = once
    with pytest.raises(UsageError, match=r"kite\.png changed after it was checked") as caught:
        upload(storage, _checked(kite), memory)
    assert (caught.value.name, caught.value.exit_code, memory.uploads) == ("input-changed", 2, {})


def test_hashed_once_sent_once(upload: Upload, kite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal contents are hashed once per file and sent once in all, across requests of a client."""
    import hashlib

    hashed: list[int] = []
    real = hashlib.file_digest

    def noted(file: Any, name: str) -> Any:
        hashed.append(1)
        return real(file, name)

    monkeypatch.setattr(hashlib, "file_digest", noted)
    copy = kite.with_name("copy.png")
    copy.write_bytes(kite.read_bytes())
    memory, storage = UploadMemory(), Storage(500)
    both = (*_checked(kite), *_checked(copy))
    assert upload(storage, both, memory) == ("https://cdn.example/2.png",) * 2
    assert upload(storage, both, memory) == ("https://cdn.example/2.png",) * 2
    assert (len(hashed), len(storage.sent)) == (2, 2)


def test_an_address_is_forgotten_before_it_expires(upload: Upload, kite: Path, fake_clock: FakeClock) -> None:
    """What is only good for a while is not remembered beyond it."""
    memory, storage = UploadMemory(), Storage(expires=fake_clock.now() + 3600 + 600)
    upload(storage, _checked(kite), memory)
    fake_clock.jump(599)
    upload(storage, _checked(kite), memory)
    assert storage.tokens == 1
    fake_clock.jump(2)
    upload(storage, _checked(kite), memory)
    assert storage.tokens == 2


def test_a_file_behind_a_closed_door(upload: Upload, kite: Path) -> None:
    """What can no longer be opened is named by its name alone."""
    inputs = _checked(kite)
    kite.unlink()
    with pytest.raises(
        UsageError, match=r"kite\.png can no longer be read: No such file or directory"
    ) as caught:
        upload(Storage(), inputs)
    assert str(kite.parent) not in str(caught.value.as_dict())


SIZE = 64 << 20


def test_a_large_upload_in_little_memory(upload: Upload, kite: Path) -> None:
    """64 MB are read, hashed and sent in pieces: never more than a few of them are in memory."""
    os.truncate(kite, SIZE)
    inputs, storage = _checked(kite), Storage()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        upload(storage, inputs)
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert storage.sent == [("/1", SIZE)]
    assert peak < 8 << 20


def test_a_large_download_in_little_memory(tmp_path: Path, picture_bytes: bytes) -> None:
    """64 MB are written, checked and hashed in pieces as well."""
    from ima_skills.domain.task import Media
    from ima_skills.downloading import Downloader

    class Large(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield picture_bytes + bytes((1 << 16) - len(picture_bytes))
            piece = bytes(1 << 16)
            for _ in range((SIZE >> 16) - 2):
                yield piece
            yield bytes((1 << 16) - len(picture_bytes)) + picture_bytes

    async def go() -> int:
        answer = httpx.MockTransport(
            lambda _: httpx.Response(200, stream=Large(), headers={"content-length": str(SIZE)})
        )
        async with Transport(answer) as transport:
            tracemalloc.start()
            try:
                saved = await Downloader(transport, FakeClock()).save(
                    Media(1, "success", "https://cdn.example/x"), "image", tmp_path, "large"
                )
                assert saved.bytes == SIZE
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    assert asyncio.run(go()) < 8 << 20
