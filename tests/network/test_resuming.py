"""Downloads that break off: gone on with where they stopped, never put together from two versions."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.clock import FakeClock
from ima_skills.domain.task import Media, SavedFile
from ima_skills.downloading import Downloader
from ima_skills.errors import ImaError, MediaError, NetworkError, UsageError
from ima_skills.staging import Origin, stage
from ima_skills.transport import Transport

URL = "https://cdn.example/out.png?sign=s3cret"
END = b"IEND\xaeB`\x82"
BODY = b"\x89PNG\r\n\x1a\n" + (bytes(range(256)) * 40)[:-8] + END


class Cut(httpx.AsyncByteStream):
    """A body that breaks off after its bytes."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for place in range(0, len(self.content), 1000):
            yield self.content[place : place + 1000]
        raise httpx.ReadError("https://cdn.example/?sign=s3cret")


class Origins:
    """A file server: whole answers, parts, and what a script says instead; it breaks off after ``cuts`` bytes."""

    def __init__(self, body: bytes = BODY, *cuts: int, **marks: str) -> None:
        self.body, self.cuts, self.marks = body, list(cuts), marks
        self.asked: list[httpx.Headers] = []
        self.instead: list[httpx.Response | None] = []
        self.ranges = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.headers)
        scripted = self.instead.pop(0) if self.instead else None
        if scripted is not None:
            return scripted
        return self._part(request) if self.ranges and "range" in request.headers else self._answer(200, 0)

    def _part(self, request: httpx.Request) -> httpx.Response:
        condition = request.headers.get("if-range")
        if condition is not None and condition not in self.marks.values():
            return self._answer(200, 0)
        start = int(request.headers["range"].removeprefix("bytes=").partition("-")[0])
        if start >= len(self.body):
            return httpx.Response(416, headers={"content-range": f"bytes */{len(self.body)}"})
        return self._answer(206, start)

    def _answer(self, status: int, start: int) -> httpx.Response:
        rest = self.body[start:]
        headers = {
            "content-length": str(len(rest)),
            **{name.replace("_", "-"): v for name, v in self.marks.items()},
        }
        if status == 206:
            headers["content-range"] = f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"
        if self.cuts:
            return httpx.Response(status, headers=headers, stream=Cut(rest[: self.cuts.pop(0)]))
        return httpx.Response(status, headers=headers, content=rest)

    @property
    def wanted(self) -> list[str | None]:
        return [headers.get("range") for headers in self.asked]


def fetch(server: Callable[[httpx.Request], Any], folder: Path, url: str = URL, **rules: Any) -> SavedFile:
    """Save a picture from a server into a folder."""

    async def go() -> SavedFile:
        async with Transport(httpx.MockTransport(server)) as transport:
            loader = Downloader(transport, FakeClock(), **rules)
            return await loader.save(Media(1, "success", url), "image", folder, "t-1")

    return asyncio.run(go())


def names(folder: Path) -> list[str]:
    """Return what is in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def whole(saved: SavedFile, body: bytes = BODY) -> bool:
    """Tell whether a saved file holds a body, and says so."""
    content = Path(saved.path).read_bytes()
    return content == body and saved.bytes == len(body) and saved.sha256 == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize(
    ("marks", "condition"),
    [
        ({"etag": '"v1"'}, '"v1"'),
        ({"etag": '"v1"', "last_modified": "Tue, 01 Sep 2026 10:00:00 GMT"}, '"v1"'),
        ({"last_modified": "Tue, 01 Sep 2026 10:00:00 GMT"}, "Tue, 01 Sep 2026 10:00:00 GMT"),
        (
            {"etag": 'W/"v1"', "last_modified": "Tue, 01 Sep 2026 10:00:00 GMT"},
            "Tue, 01 Sep 2026 10:00:00 GMT",
        ),
        ({"etag": 'W/"v1"'}, None),
        ({}, None),
    ],
    ids=range(6),
)
def test_gone_on_with(tmp_path: Path, marks: dict[str, str], condition: str | None) -> None:
    """After a drop only the rest is asked for, on condition of the strongest mark that the server gave."""
    server = Origins(BODY, 3000, 4000, **marks)
    assert whole(fetch(server, tmp_path))
    assert server.wanted == [None, "bytes=3000-", "bytes=7000-"]
    assert [headers.get("if-range") for headers in server.asked] == [None, condition, condition]
    assert {headers["accept-encoding"] for headers in server.asked} == {"identity"}
    assert names(tmp_path) == ["t-1.png"]


def test_a_changed_file_is_begun_again(tmp_path: Path) -> None:
    """When the file has changed meanwhile the server sends it whole, and nothing of the old one stays."""
    server = Origins(BODY, 3000, etag='"v1"')
    fresh = BODY[:8] + bytes(5000) + END

    def changing(request: httpx.Request) -> httpx.Response:
        if len(server.asked) == 1:
            server.body, server.marks = fresh, {"etag": '"v2"'}
        return server(request)

    assert whole(fetch(changing, tmp_path), fresh)
    assert server.wanted == [None, "bytes=3000-"]


def test_a_server_without_ranges(tmp_path: Path) -> None:
    """A server that always sends everything is taken from the start."""
    server = Origins(BODY, 3000)
    server.ranges = False
    assert whole(fetch(server, tmp_path))


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"content-range": "bytes 0-10247/10248"}, {"content-range": "bytes 2999-10247/10248"}, {"content-range": "bytes 3000-10247/99999"},
        {"content-range": "bytes 3000-10248/10248"}, {"content-range": "items 3000-1/2"}, {"content-range": "bytes 3000-10247/10248", "etag": '"v9"'},
        {"content-range": "bytes */10248"}, {"content-range": "bytes 3000-10247/10248", "content-encoding": "gzip"},
    ],
    ids=range(9),
)  # fmt: skip
def test_parts_that_do_not_fit(tmp_path: Path, headers: dict[str, str]) -> None:
    """A part from another place, of another size or of another version is thrown away, and all is fetched anew."""
    server = Origins(BODY, 3000, etag='"v1"')
    server.instead = [None, httpx.Response(206, headers=headers, stream=Cut(b"x" * 7248))]
    assert whole(fetch(server, tmp_path))
    assert server.wanted == [None, "bytes=3000-", None]


def test_a_part_nobody_asked_for(tmp_path: Path) -> None:
    """A part as the answer to a whole request is not taken for the whole."""
    server = Origins(BODY)
    server.instead = [httpx.Response(206, headers={"content-range": "bytes 0-9/10248"}, content=BODY[:10])]
    assert whole(fetch(server, tmp_path))
    assert server.wanted == [None, None]


def test_parts_may_be_small(tmp_path: Path) -> None:
    """A server that gives less than the rest is asked again, as long as something comes."""
    server = Origins(BODY, 1000)

    def stingy(request: httpx.Request) -> httpx.Response:
        wanted = request.headers.get("range")
        if wanted is None:
            return server(request)
        start = int(wanted[6:-1])
        part = BODY[start : start + 900]
        return httpx.Response(
            206, content=part, headers={"content-range": f"bytes {start}-{start + len(part) - 1}/{len(BODY)}"}
        )

    assert whole(fetch(stingy, tmp_path))


@pytest.mark.parametrize(
    ("told", "whole_already"), [("bytes */10248", True), ("bytes */99", False), ("", False)]
)
def test_nothing_left_to_send(tmp_path: Path, told: str, whole_already: bool) -> None:  # noqa: FBT001 - a column
    """416 means that all is there when the size says so; otherwise what is there is thrown away."""
    with stage(tmp_path, "t-1") as staged:
        from ima_skills.staging import address_mark

        staged.restart(Origin(address_mark(URL), '"v1"', None, len(BODY)))
        staged.write(BODY)
    server = Origins(BODY, etag='"v1"')
    server.instead = [httpx.Response(416, headers={"content-range": told} if told else {})]
    assert whole(fetch(server, tmp_path))
    assert server.wanted == ([f"bytes={len(BODY)}-"] if whole_already else [f"bytes={len(BODY)}-", None])


def test_a_416_nobody_asked_for(tmp_path: Path) -> None:
    """416 to a whole request is a refusal."""
    server = Origins(BODY)
    server.instead = [httpx.Response(416, headers={"content-range": "bytes */0"})]
    with pytest.raises(NetworkError, match="HTTP 416"):
        fetch(server, tmp_path)


def test_another_run_goes_on(tmp_path: Path) -> None:
    """What one run has fetched is there for the next, although its signed address is another one."""
    server = Origins(BODY, 4000, 0, 0, 0, etag='"v1"')
    with pytest.raises(NetworkError):
        fetch(server, tmp_path)
    assert names(tmp_path) == [".t-1.part", ".t-1.part.json"]
    later = Origins(BODY, etag='"v1"')
    assert whole(fetch(later, tmp_path, URL.replace("s3cret", "renewed")))
    assert later.wanted == ["bytes=4000-"]
    assert names(tmp_path) == ["t-1.png"]


def test_no_signature_is_kept(tmp_path: Path) -> None:
    """The notes beside a staged file hold neither address nor signature."""
    with pytest.raises(NetworkError) as caught:
        fetch(Origins(BODY, 4000, 0, 0, 0, etag='"v1"'), tmp_path)
    text = (tmp_path / ".t-1.part.json").read_text()
    assert not {"s3cret", "cdn.example", "out.png"} & set(re.findall(r"[\w.]+", text))
    assert "s3cret" not in text
    assert "s3cret" not in str(caught.value.as_dict())
    assert str(tmp_path) not in str(caught.value.as_dict())


def test_another_media_is_begun_again(tmp_path: Path) -> None:
    """Bytes of another address are not gone on with."""
    with pytest.raises(NetworkError):
        fetch(Origins(BODY, 4000, 0, 0, 0), tmp_path)
    other = Origins(BODY)
    assert whole(fetch(other, tmp_path, "https://cdn.example/other.png"))
    assert other.wanted == [None]


@pytest.mark.parametrize(
    "notes",
    [b"", b"{", b"[]", b"null", b'{"address": 5}', b'{"address": "\xff"}', b'{"x": 1}',
     json.dumps({"address": "a", "etag": '"x\r\nEvil: 1'}).encode(), b'{"address": "a", "total": "9"}', None],
    ids=range(10),
)  # fmt: skip
def test_damaged_notes(tmp_path: Path, notes: bytes | None) -> None:
    """Without readable notes the bytes are of unknown origin: all is fetched anew."""
    (tmp_path / ".t-1.part").write_bytes(b"old bytes" * 100)
    if notes is not None:
        (tmp_path / ".t-1.part.json").write_bytes(notes)
    server = Origins(BODY)
    assert whole(fetch(server, tmp_path))
    assert server.wanted == [None]


def test_compressed_answers_are_never_gone_on_with(tmp_path: Path) -> None:
    """Places in unpacked bytes mean nothing to the server."""
    import gzip

    packed = gzip.compress(BODY, 0)
    server = Origins(BODY)
    server.instead = [
        httpx.Response(200, headers={"content-encoding": "gzip", "etag": '"z"'}, stream=Cut(packed[:6000]))
    ]
    assert whole(fetch(server, tmp_path))
    assert server.wanted == [None, None]


def test_progress_renews_patience(tmp_path: Path) -> None:
    """A line that drops ten times but brings something each time gets through; one that brings nothing does not."""
    assert whole(fetch(Origins(BODY, *[1000] * 10), tmp_path))
    server = Origins(BODY, 1000, 0, 0, 0, 0)
    with pytest.raises(NetworkError):
        fetch(server, tmp_path / "b")
    assert len(server.asked) == 3
    drip = Origins(bytes(BODY[:8]) + bytes(492) + END, *[1] * 500)
    with pytest.raises(NetworkError):
        fetch(drip, tmp_path / "c")
    assert len(drip.asked) == 40


def test_more_than_announced(tmp_path: Path) -> None:
    """Bytes beyond the announced size are no media of ours, and are not kept."""
    server = Origins(BODY, 3000)
    server.instead = [
        None,
        httpx.Response(206, content=b"x" * 9000, headers={"content-range": "bytes 3000-10247/10248"}),
    ]
    assert whole(fetch(server, tmp_path))
    assert server.wanted == [None, "bytes=3000-", None]


@given(st.lists(st.integers(0, 4000), max_size=12), st.booleans(), st.booleans())
def test_any_drops(cuts: list[int], ranges: bool, marked: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    """Wherever a line breaks, what is saved in the end is the file, or nothing is."""
    import tempfile

    server = Origins(BODY, *cuts, **({"etag": '"v"'} if marked else {}))
    server.ranges = ranges
    with tempfile.TemporaryDirectory() as folder:
        try:
            assert whole(fetch(server, Path(folder)))
        except NetworkError:
            assert not [name for name in names(Path(folder)) if not name.startswith(".")]


# ---- what is on the disk


def test_permissions(tmp_path: Path) -> None:
    """A file may be read by all, as far as the user's umask allows."""
    for mask, mode in ((0o022, 0o644), (0o077, 0o600), (0, 0o644)):
        before = os.umask(mask)
        try:
            saved = fetch(Origins(BODY), tmp_path / oct(mask))
        finally:
            os.umask(before)
        assert stat.S_IMODE(Path(saved.path).stat().st_mode) == mode


def test_synced_before_it_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every byte is on the disk before the name is: a crash leaves no file that only looks whole."""
    told: list[str] = []
    sync, replace = os.fsync, os.replace

    def noted_sync(handle: int) -> None:
        told.append("sync")
        sync(handle)

    def noted_replace(old: Any, new: Any) -> None:
        told.append(str(new))
        replace(old, new)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "replace", noted_replace)
    saved = fetch(Origins(BODY), tmp_path)
    place = told.index(saved.path)
    assert told[place - 1 : place + 2] == ["sync", saved.path, "sync"]


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fills up it is said so, what has arrived stays, and the next run goes on from there."""
    import errno

    write, room = os.write, [4000]

    def full(handle: int, data: Any) -> int:
        if len(data) > room[0]:
            part = write(handle, bytes(data)[: room[0]]) if room[0] else 0
            room[0] = 0
            if part:
                return part
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        room[0] -= len(data)
        return write(handle, data)

    (tmp_path / "t-1.png").write_bytes(b"older")
    with monkeypatch.context() as patch:
        patch.setattr("ima_skills.staging.os.write", full)
        with pytest.raises(UsageError, match="No space left on device") as caught:
            fetch(Origins(BODY, etag='"v1"'), tmp_path)
    assert (caught.value.name, caught.value.hint) == (
        "disk-full", "Make room and run the same again; what has arrived is kept.",
    )  # fmt: skip
    assert str(tmp_path) in caught.value.message
    assert (tmp_path / "t-1.png").read_bytes() == b"older"
    later = Origins(BODY, etag='"v1"')
    assert whole(fetch(later, tmp_path))
    assert later.wanted == ["bytes=4000-"]


def test_a_real_limit(tmp_path: Path) -> None:
    """A file system that refuses more bytes is told in its own words."""
    import resource
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(UsageError, match="File too large"):
            fetch(Origins(BODY), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert (tmp_path / ".t-1.part").stat().st_size == 4096


@pytest.mark.parametrize("what", ["link", "folder", "pipe", "hard link"])
def test_planted_names(tmp_path: Path, what: str) -> None:
    """Whatever stands at the staged name, nothing is written through it."""
    victim, trap = tmp_path / "victim", tmp_path / ".t-1.part"
    victim.write_bytes(b"precious")
    plants: dict[str, Callable[[], None]] = {
        "link": lambda: trap.symlink_to(victim), "folder": trap.mkdir, "pipe": lambda: os.mkfifo(trap),
        "hard link": lambda: trap.hardlink_to(victim),
    }  # fmt: skip
    plants[what]()
    assert whole(fetch(Origins(BODY), tmp_path))
    assert victim.read_bytes() == b"precious"


def test_two_at_once(tmp_path: Path) -> None:
    """While somebody holds the staged file, another download uses one of its own and cleans it up."""
    with stage(tmp_path, "t-1") as held:
        held.restart(Origin("someone"))
        held.write(b"half of another download")
        assert whole(fetch(Origins(BODY, 3000), tmp_path))
        with pytest.raises(NetworkError):
            fetch(Origins(BODY, 5, 0, 0, 0), tmp_path)
        assert (tmp_path / ".t-1.part").read_bytes() == b"half of another download"
        assert os.path.samestat((tmp_path / ".t-1.part").stat(), os.fstat(held._handle))
        assert names(tmp_path) == [".t-1.part", ".t-1.part.json", "t-1.png"]


def test_a_file_that_was_just_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gets the lock of a file that its owner has renamed meanwhile leaves that file alone."""
    from ima_skills import file_lock, staging

    real, finished = file_lock.try_lock, tmp_path / "finished.png"

    def late(handle: int) -> bool | None:
        if not finished.exists():
            (tmp_path / ".t-1.part").replace(finished)
            finished.write_bytes(b"whole")
        return real(handle)

    (tmp_path / ".t-1.part").write_bytes(b"")
    monkeypatch.setattr(staging, "try_lock", late)
    assert whole(fetch(Origins(BODY), tmp_path))
    assert finished.read_bytes() == b"whole"
    assert names(tmp_path) == ["finished.png", "t-1.png"]


def test_a_shorter_version_is_no_end(tmp_path: Path) -> None:
    """416 at the very byte where we stand is no end when the file was announced to be larger."""
    server = Origins(BODY, 3000)
    server.instead = [None, httpx.Response(416, headers={"content-range": "bytes */3000"})]
    assert whole(fetch(server, tmp_path))
    assert server.wanted == [None, "bytes=3000-", None]


def test_a_killed_process_is_gone_on_with(tmp_path: Path) -> None:
    """SIGKILL in the middle: the lock is gone with the process, and the bytes are not."""
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom ima_skills.staging import Origin, address_mark, stage\n"
        "staged = stage(Path(sys.argv[1]), 't-1')\n"
        f"staged.restart(Origin(address_mark({URL!r}), '\"v1\"', None, {len(BODY)}))\n"
        "staged.write(bytes.fromhex(sys.argv[2]))\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path), BODY[:5000].hex()], check=False)
    assert ran.returncode == -9
    server = Origins(BODY, etag='"v1"')
    assert whole(fetch(server, tmp_path))
    assert server.wanted == ["bytes=5000-"]


# ---- files that are there already


def test_overwrite_is_the_default(tmp_path: Path) -> None:
    """A file that is there is replaced at the end."""
    (tmp_path / "t-1.png").write_bytes(b"older")
    assert whole(fetch(Origins(BODY), tmp_path))


@pytest.mark.parametrize("links", [True, False])
def test_rename(tmp_path: Path, links: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 - with and without
    """The next free name is taken, and no file is ever touched; also where the file system has no links."""
    if not links:

        def none(self: Path, target: Path) -> None:
            raise PermissionError(1, "no links here")

        monkeypatch.setattr(Path, "hardlink_to", none)
    found = [fetch(Origins(BODY + bytes([number])), tmp_path, on_exists="rename") for number in range(3)]
    assert [Path(item.path).name for item in found] == ["t-1.png", "t-1-2.png", "t-1-3.png"]
    assert all(whole(item, BODY + bytes([number])) for number, item in enumerate(found))
    assert names(tmp_path) == ["t-1-2.png", "t-1-3.png", "t-1.png"]


def test_skip_what_is_there(tmp_path: Path) -> None:
    """A file of the same size is reported as the same, and one byte at most is asked for."""
    (tmp_path / "t-1.png").write_bytes(BODY)
    server = Origins(BODY)
    saved = fetch(server, tmp_path, on_exists="skip")
    assert (saved.kept, whole(saved), server.wanted) == ("same", True, ["bytes=0-0"])


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (None, "other"), (httpx.Response(403), "unchecked"), (httpx.Response(200, content=b"older"), "same"),
        (httpx.Response(206, headers={"content-range": "bytes 0-0/*"}), "unchecked"),
        (httpx.Response(302, headers={"location": "http://evil.example"}), "unchecked"),
    ],
    ids=range(5),
)  # fmt: skip
def test_skip_never_touches(tmp_path: Path, answer: httpx.Response | None, kept: str) -> None:
    """A file that differs, or that cannot be compared, is left alone and reported as such."""
    (tmp_path / "t-1.webp").write_bytes(b"older")
    server = Origins(BODY)
    server.instead = [answer]
    saved = fetch(server, tmp_path, on_exists="skip")
    assert (saved.kept, Path(saved.path).name, names(tmp_path)) == (kept, "t-1.webp", ["t-1.webp"])
    assert (tmp_path / "t-1.webp").read_bytes() == b"older"
    assert saved.sha256 == hashlib.sha256(b"older").hexdigest()


def test_skip_downloads_what_is_not_there(tmp_path: Path) -> None:
    """Without a file of that name it is downloaded; a file of another kind or name does not count."""
    (tmp_path / "t-1.mp4").write_bytes(b"a clip")
    (tmp_path / "t-10.png").write_bytes(b"another")
    saved = fetch(Origins(BODY), tmp_path / "new" / "folder", on_exists="skip")
    assert (saved.kept, whole(saved)) == ("", True)
    saved = fetch(Origins(BODY), tmp_path, on_exists="skip")
    assert (saved.kept, whole(saved)) == ("", True)


def test_errors_name_no_signature(tmp_path: Path) -> None:
    """Whatever goes wrong, the signature is not repeated, and a path only where the folder itself is at fault."""
    (tmp_path / "file").write_text("x")
    troubles: list[tuple[Any, Path]] = [
        (Origins(BODY), tmp_path / "file"), (Origins(b""), tmp_path), (Origins(b"<html>"), tmp_path),
        (lambda _: httpx.Response(404), tmp_path), (lambda _: httpx.Response(302, headers={"location": "/?sign=s3cret"}), tmp_path),
    ]  # fmt: skip
    for server, folder in troubles:
        with pytest.raises(ImaError) as caught:
            fetch(server, folder)
        said = str(caught.value.as_dict())
        assert "s3cret" not in said
        assert (str(tmp_path) in said) == (folder != tmp_path)
    assert issubclass(MediaError, ImaError)
