"""Uploading inputs: a signed token, then the bytes; equal files travel once."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ima_skills.domain.task_type import InputRule
from ima_skills.errors import CredentialError, NetworkError, UsageError
from ima_skills.inputs import InputFile, read_inputs
from ima_skills.uploading import Uploader, sign

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ima_skills.clock import FakeClock
    from ima_skills.service import Service

REMOTE = "https://a.example/b.png"


class Storage:
    """Grants addresses and takes bytes, as the upload service and its storage do."""

    def __init__(self, *, token: Any = None, put: Any = None) -> None:
        self.token, self.put = list(token or []), list(put or [])
        self.queries: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.taken: dict[str, bytes] = {}
        self.at_once = self.most_at_once = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        answers = self.put if request.method == "PUT" else self.token
        answer = answers.pop(0) if answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer or await (self._take(request) if request.method == "PUT" else self._grant(request))

    async def _grant(self, request: httpx.Request) -> httpx.Response:
        self.queries.append(dict(request.url.params))
        number = len(self.queries)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.01)
        grant = {
            "ful": f"https://put.example/{number}?sign=s3cret",
            "fdl": f"https://cdn.example/{number}.png",
        }
        return httpx.Response(200, json={"code": 0, "data": grant})

    async def _take(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(await request.aread())
        self.taken[f"https://cdn.example{request.url.path}.png"] = self.bodies[-1]
        self.at_once -= 1
        return httpx.Response(200)


@pytest.fixture
def files(tmp_path: Path, picture_bytes: bytes) -> Callable[..., tuple[InputFile, ...]]:
    """Return a function that makes input files: a number makes that picture, a text is an address."""

    def make(*what: int | str) -> tuple[InputFile, ...]:
        sources = []
        for index, item in enumerate(what):
            if isinstance(item, str):
                sources.append(item)
                continue
            path = tmp_path / f"{index}.png"
            path.write_bytes(picture_bytes + bytes([item]))
            sources.append(str(path))
        found, problems = read_inputs(sources, InputRule(0, 99, (), ("picture",)))
        assert not problems
        return found

    return make


@pytest.fixture
def upload(service_over: Callable[..., Service], fake_clock: FakeClock) -> Callable[..., tuple[str, ...]]:
    """Return a function that uploads files to a storage."""

    def over(
        storage: Storage, inputs: Sequence[InputFile], done: Callable[[int], None] = lambda _: None
    ) -> Any:
        uploader = Uploader(service_over(storage), fake_clock, Random(3))  # noqa: S311 - nonces of a test
        return asyncio.run(uploader.addresses(inputs, done))

    return over


def test_signature() -> None:
    """The signature is upper-case SHA-1 over app, key, time and nonce."""
    # openssl dgst -sha1 of "webAgent|32jdskjdk320eew|1772000000|abc"
    assert sign("1772000000", "abc") == "D503EABFEF25149D18DF9A04EB4CDB1C0D39ABF1"
    assert sign("1", "n") != sign("2", "n") != sign("2", "m")


def test_token_request(upload: Callable[..., Any], files: Callable[..., Any], fake_clock: FakeClock) -> None:
    """A token is asked for with exactly the documented parameters."""
    storage = Storage()
    upload(storage, files(1))
    (query,) = storage.queries
    assert query == {
        "appUid": "ima_test_key", "appId": "webAgent", "appKey": "32jdskjdk320eew", "cmimToken": "ima_test_key",
        "sign": sign(query["timestamp"], query["nonce"]), "timestamp": str(int(fake_clock.now())), "nonce": query["nonce"],
        "fService": "privite", "fType": "picture", "fSuffix": "png", "fContentType": "image/png",
    }  # fmt: skip
    assert len(query["nonce"]) == 21


def test_order_and_addresses(upload: Callable[..., Any], files: Callable[..., Any]) -> None:
    """One address per input, in the inputs' order; addresses pass through without any call."""
    storage = Storage()
    inputs = files(1, REMOTE, 2, 3)
    found = upload(storage, inputs)
    sent = {body[-1]: address for address, body in storage.taken.items()}
    assert found == (sent[1], REMOTE, sent[2], sent[3])
    assert upload(Storage(token=[httpx.ReadError("never")]), files(REMOTE)) == (REMOTE,)
    assert upload(storage, ()) == ()


def test_equal_files_travel_once(upload: Callable[..., Any], files: Callable[..., Any]) -> None:
    """The same bytes under two names are one upload, and both inputs are reported ready."""
    storage, ready = Storage(), list[int]()
    found = upload(storage, files(1, 2, 1, 1), ready.append)
    assert len(storage.bodies) == 2
    assert found[0] == found[2] == found[3] != found[1]
    assert sorted(ready) == [0, 1, 2, 3]


def test_at_most_three_at_once(upload: Callable[..., Any], files: Callable[..., Any]) -> None:
    """Many files travel side by side, but not all at the same time."""
    storage = Storage()
    upload(storage, files(*range(8)))
    assert storage.most_at_once == 3


def test_streaming(
    upload: Callable[..., Any], tmp_path: Path, picture_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is read piece by piece, never whole."""
    import ima_skills.uploading as module

    path = tmp_path / "large.png"
    path.write_bytes(picture_bytes + bytes(1 << 20))
    sizes: list[int] = []
    real = module._chunks

    async def watched(source: Any) -> Any:
        async for chunk in real(source):
            sizes.append(len(chunk))
            yield chunk

    monkeypatch.setattr(module, "_chunks", watched)
    storage = Storage()
    upload(storage, read_inputs([str(path)], InputRule(1, 1, (), ("picture",)))[0])
    assert max(sizes) == 1 << 18
    assert sum(sizes) == len(storage.bodies[0]) == path.stat().st_size


@pytest.mark.parametrize("where", ["token", "put"])
def test_one_failure_is_tried_again(
    upload: Callable[..., Any], files: Callable[..., Any], where: str
) -> None:
    """A line that breaks once costs one more attempt, from a new token on."""
    storage = Storage(**{where: [httpx.ReadError("x")]})
    assert upload(storage, files(1))[0].startswith("https://cdn.example/")


@pytest.mark.parametrize(
    ("trouble", "match"),
    [
        ({"put": [httpx.Response(403)] * 99}, "the storage refused an upload with HTTP 403"),
        ({"put": [httpx.ConnectError("x")] * 99}, r"upload: the service cannot be reached \(ConnectError\)"),
        (
            {"token": [httpx.Response(200, json={"code": 0, "data": {}})] * 99},
            "the upload service granted no usable address",
        ),
        ({"token": [httpx.Response(502)] * 99}, "HTTP 502 without an answer of the service"),
    ],
    ids=range(4),
)
def test_lasting_failures(
    upload: Callable[..., Any], files: Callable[..., Any], trouble: Any, match: str
) -> None:
    """A failure for good is one plain error, however many files were on their way."""
    with pytest.raises(NetworkError, match=match) as caught:
        upload(Storage(**trouble), files(1, 2, 3))
    assert "s3cret" not in str(caught.value.as_dict())


def test_a_refused_key_is_told_as_such(upload: Callable[..., Any], files: Callable[..., Any]) -> None:
    """A refused key is a credential error at once, not a group of errors."""
    storage = Storage(token=[httpx.Response(200, json={"code": 401, "message": "unauthorized"})] * 9)
    with pytest.raises(CredentialError, match="does not accept this key") as caught:
        upload(storage, files(1, 2))
    assert caught.value.exit_code == 3
    assert storage.bodies == []


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_file_that_goes_away(
    upload: Callable[..., Any], files: Callable[..., Any], when: str, tmp_path: Path
) -> None:
    """A file that disappears is a plain error as well."""
    inputs = files(1)
    storage = Storage()
    if when == "before":
        (tmp_path / "0.png").unlink()
    else:
        grant = storage._grant

        async def remove(request: httpx.Request) -> httpx.Response:
            (tmp_path / "0.png").unlink()
            return await grant(request)

        storage._grant = remove  # type: ignore[method-assign]  # the file goes while its token is on its way
    with pytest.raises(
        UsageError, match=r"0\.png can no longer be read: No such file or directory"
    ) as caught:
        upload(storage, inputs)
    assert caught.value.name == "input-unreadable"


def test_a_listener_that_breaks(upload: Callable[..., Any], files: Callable[..., Any]) -> None:
    """An exception of the caller's own listener comes back as it is."""

    def broken(_: int) -> None:
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        upload(Storage(), files(1, 2), broken)
