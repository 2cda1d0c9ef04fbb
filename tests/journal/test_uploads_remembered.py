"""Equal content travels once, across processes, for as long as the service keeps it; and addresses are secrets."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from attrs import evolve

from ima_skills.clock import FakeClock
from ima_skills.domain.request import Request
from ima_skills.errors import ServiceError, UsageError
from ima_skills.recording import Upload
from ima_skills.settings import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ima_skills.client import ImaClient
    from ima_skills.registry import Registry
    from ima_skills.settings import Settings

HOUR = 3600.0
ADDRESS = "https://cdn.example/private-kite"


def upload(clock: FakeClock, name: str = ADDRESS, hours: float = 5) -> Upload:
    return Upload(name, clock.now(), clock.now() + hours * HOUR)


def test_kept_until_it_expires(bench: Any) -> None:
    """Another process finds it under its mark alone, up to its end; then it is not even in the file."""
    kept = upload(bench.clock)
    bench.begin(bench.open(), "a").upload("mark", kept)
    second = bench.begin(bench.open(), "b")
    assert second.uploaded("mark") == kept
    assert second.uploaded("another") is None
    bench.clock.jump(5 * HOUR)
    assert second.uploaded("mark") is None
    assert ADDRESS.encode() in on_disk(bench)
    bench.begin(bench.open(), "c")
    assert ADDRESS.encode() not in on_disk(bench)


def test_a_clock_that_went_back_vouches_for_nothing(bench: Any) -> None:
    """What was uploaded in the future is not relied on."""
    bench.begin(bench.open(), "a").upload("mark", upload(bench.clock))
    past = evolve(bench, clock=FakeClock(bench.clock.now() - HOUR))
    assert past.begin(past.open(), "b").uploaded("mark") is None


@pytest.mark.parametrize("why", ["forgotten", "failed", "distrusted"])
def test_dropped_at_once(bench: Any, why: str) -> None:
    """A job that is forgotten or goes wrong takes its addresses along, also those that others used too."""
    journal = bench.open()
    first = bench.accepted(journal, "t1")
    first.upload("mark", upload(bench.clock))
    other = bench.begin(journal, "b")
    other.upload("mark", upload(bench.clock))
    other.upload("else", upload(bench.clock, "https://cdn.example/public-tree"))
    if why == "forgotten":
        journal.forget(journal.find("t1"))
    elif why == "failed":
        journal.ended("t1", "failed", ())
    else:
        first.distrust()
    assert (other.uploaded("mark"), bool(other.uploaded("else"))) == (None, True)
    assert ADDRESS.encode() not in on_disk(bench)


def on_disk(bench: Any) -> bytes:
    """Return every byte of the journal's files, once everything is in them."""
    for journal in bench.opened:
        journal.close()
    return b"".join(path.read_bytes() for path in sorted(bench.path.parent.iterdir()))


class House:
    """A service with uploads that counts what reaches it."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.tokens = 0
        self.taken: dict[str, int] = {}
        self.created: list[list[str]] = []
        self.asked: list[str] = []
        self.grant: dict[str, Any] = {}
        self.refusal: httpx.Response | None = None

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        what = request.url.path.rpartition("/")[2]
        if request.method == "PUT":
            self.taken[what] = len(await request.aread())
            return httpx.Response(200)
        if request.method == "HEAD":
            self.asked.append(what)
            size = self.taken.get(what)
            return httpx.Response(404 if size is None else 200, headers={"content-length": str(size or 0)})
        if what == "getuploadtoken":
            self.tokens += 1
            name = f"{self.tokens}.png"
            grant = {"ful": f"https://put.example/{name}?sign=x", "fdl": f"https://cdn.example/{name}"}
            return self.say({**grant, **self.grant})
        if what == "list":
            return self.say(self.registry.snapshot.groups("image_to_image"))
        if what == "create":
            self.created.append(json.loads(request.content)["src_img_url"])
            return self.refusal or self.say({"id": f"t{len(self.created)}"})
        media = {"resource_status": 1, "status": "success", "url": "https://cdn.example/x.png"}
        return self.say({"id": json.loads(request.content)["task_id"], "medias": [media]})

    @staticmethod
    def say(data: Any, code: int = 0) -> httpx.Response:
        return httpx.Response(200, json={"code": code, "message": "", "data": data})


@pytest.fixture
def house(registry: Registry) -> House:
    """The service."""
    return House(registry)


@pytest.fixture
def picture(tmp_path: Path, picture_bytes: bytes) -> Path:
    """An input."""
    path = tmp_path / "in.png"
    path.write_bytes(picture_bytes)
    return path


@pytest.fixture
def make(
    house: House,
    bench: Any,
    picture: Path,
    mock_client: Callable[..., ImaClient],
    loopback_settings: Settings,
) -> Callable[..., None]:
    """Return a function that makes a wish with a new client, as another process would."""

    def go(*, key: str = "ima_test_key", host: str = "http://127.0.0.1:9", **parts: Any) -> None:
        settings = evolve(loopback_settings, api_key=Secret(key), upload_base_url=host)
        given = {"journal": bench.open(), "clock": bench.clock, "settings": settings, **parts}

        async def work() -> None:
            async with mock_client(house, **given) as client:
                wish = Request("image_to_image", "a kite", model="seedream-4.5", inputs=(str(picture),))
                await client.create(wish)

        asyncio.run(work())

    return go


def test_a_second_client_sends_nothing(house: House, make: Callable[..., None]) -> None:
    """It asks whether the file is still there, and names it."""
    make()
    make()
    assert (house.tokens, house.asked) == (1, ["1.png"])
    assert house.created == [["https://cdn.example/1.png"]] * 2


def test_what_is_gone_is_sent_again(house: House, make: Callable[..., None]) -> None:
    """An address that answers no more, or with another size, costs one upload and no create."""
    make()
    house.taken.clear()
    make()
    house.taken["2.png"] += 1
    make()
    assert [urls for (urls,) in house.created] == [
        f"https://cdn.example/{number}.png" for number in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    "other",
    [{"key": "ima_other_key"}, {"host": "http://127.0.0.1:10"}, {"journal": None}],
    ids=["key", "host", "no journal"],
)
def test_nobody_elses_upload_is_used(house: House, make: Callable[..., None], other: dict[str, Any]) -> None:
    """Another key, another service and a client without a journal upload for themselves."""
    make()
    make(**other)
    assert house.tokens == 2


@pytest.mark.parametrize(
    ("told", "good_h"),
    [
        (None, 24),
        ("5", 0),
        (True, 24),
        ("soon", 24),
        ("week", 7 * 24),
        (1000 * 1_790_000_000, 7 * 24),
        (3600, 0),
        (10**400, 24),
        (-5, 24),
        ("9" * 5000, 24),
    ],
)
def test_how_long_it_is_relied_on(
    house: House, make: Callable[..., None], bench: Any, told: Any, good_h: float
) -> None:
    """Up to an hour before its end; a day where the service says nothing, and never more than a week."""
    end = bench.clock.now() + 8 * 24 * HOUR
    house.grant = {} if told is None else {"fdl_expire": str(int(end)) if told == "week" else told}
    make()
    bench.clock.jump(max(good_h * HOUR - 600, 0))
    make()
    assert house.tokens == (1 if good_h else 2)
    bench.clock.jump(660)
    make()
    assert house.tokens == (2 if good_h else 3)


def test_a_refusal_makes_it_upload_again(house: House, make: Callable[..., None]) -> None:
    """A create that the service refuses may have named an input that it cannot read any more."""
    make()
    house.refusal = House.say(None, 400017)
    with pytest.raises(ServiceError):
        make()
    house.refusal = None
    make()
    assert house.tokens == 2


def test_a_signed_address_is_never_written_down(house: House, make: Callable[..., None], bench: Any) -> None:
    """It is used, and uploaded anew the next time."""
    house.grant = {"fdl": "https://cdn.example/1.png?Signature=s3cret"}
    make()
    assert b"s3cret" not in on_disk(bench)
    make()
    assert house.tokens == 2


def test_no_mark_gives_content_or_key_away(
    house: House, make: Callable[..., None], bench: Any, picture: Path
) -> None:
    """Beside the address stands nothing that tells whose file it is, or which."""
    import hashlib

    make()
    content = on_disk(bench)
    assert b"https://cdn.example/1.png" in content
    for secret in (b"ima_test_key", hashlib.sha256(picture.read_bytes()).hexdigest().encode(), b"in.png"):
        assert secret not in content


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the files that were read from end to end."""
    import hashlib

    sizes: list[int] = []
    real = hashlib.file_digest

    def noted(file: Any, name: str) -> Any:
        sizes.append(os.fstat(file.fileno()).st_size)
        return real(file, name)

    monkeypatch.setattr(hashlib, "file_digest", noted)
    return sizes


def test_read_once_for_fingerprint_and_upload(
    make: Callable[..., None], hashed: list[int], picture: Path
) -> None:
    """The hash that tells wishes apart is the one that the upload goes by."""
    make()
    assert hashed == [picture.stat().st_size]


def test_changed_between_fingerprint_and_upload(
    house: House, make: Callable[..., None], bench: Any, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other bytes never travel under the old fingerprint: nothing is sent, and the points are free again."""
    from ima_skills.journal.store import FileJournal

    real = FileJournal.open

    def changed(self: FileJournal, *given: Any) -> Any:
        picture.write_bytes(picture.read_bytes() + b"more")
        return real(self, *given)

    with monkeypatch.context() as patch:
        patch.setattr(FileJournal, "open", changed)
        with pytest.raises(UsageError) as caught:
            make()
    assert (caught.value.name, house.tokens, house.created) == ("input-changed", 0, [])
    assert bench.entry(bench.open()).state == "refused"
    make()
    assert house.taken == {"1.png": picture.stat().st_size}


def test_many_wishes_at_once_send_a_file_once(
    house: House, bench: Any, picture: Path, mock_client: Callable[..., ImaClient], hashed: list[int]
) -> None:
    """Jobs of one client that begin at the same moment wait for the first one's upload."""

    async def work() -> None:
        async with mock_client(house, journal=bench.open()) as client:
            wishes = [
                Request("image_to_image", f"kite {number}", model="seedream-4.5", inputs=(str(picture),))
                for number in range(20)
            ]
            await asyncio.gather(*map(client.create, wishes))

    asyncio.run(work())
    assert (hashed, house.tokens, len(house.created)) == ([picture.stat().st_size], 1, 20)


def test_two_processes_against_the_sandbox(
    tmp_path: Path, picture: Path, serve_process: Callable[..., dict[str, Any]]
) -> None:
    """The real command: one upload for two processes, another one when the file is gone or nothing is kept."""
    state, home = tmp_path / "service", tmp_path / "home"
    told = serve_process(state, "--speed", "3000")
    env = {
        **os.environ, "IMA_HOME": str(home), "IMA_BASE_URL": told["base_url"],
        "IMA_API_KEY": told["api_key"], "IMA_SKILLS_NO_THIRD_PARTY": "1",
    }  # fmt: skip

    def run(*words: str, **more: str) -> str:
        wish = [
            "create",
            "x",
            "-t",
            "image_to_image",
            "-i",
            str(picture),
            "--new",
            "--json",
            "--no-wait",
            *words,
        ]
        ran = subprocess.run(
            [sys.executable, "-m", "ima_skills", *wish], capture_output=True, text=True, check=False,
            env={**env, **more}, timeout=60,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "/cdn/" not in ran.stderr
        return str(json.loads(ran.stdout)["task_id"])

    def uploads() -> list[Path]:
        return sorted(path for path in state.rglob("*") if path.is_file() and "webAgent" in path.parts)

    run()
    (first,) = uploads()
    task_id = run()
    assert uploads() == [first]
    first.unlink()
    run()
    (second,) = uploads()
    assert second != first
    run(IMA_NO_WRITE="1")
    assert len(uploads()) == 2
    journal = home / "ima_sandbox" / "journal.db"
    assert second.name.encode() in journal.read_bytes() + (
        journal.with_name("journal.db-wal").read_bytes()
        if journal.with_name("journal.db-wal").exists()
        else b""
    )
    assert journal.stat().st_mode & 0o777 == 0o600
    forget = [sys.executable, "-m", "ima_skills", "tasks", "forget", task_id, "--sandbox"]
    subprocess.run(forget, check=True, capture_output=True, env=env, timeout=60)
    left = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert second.name.encode() not in left
