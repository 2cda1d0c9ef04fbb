"""The door with a socket: the same service on loopback, through a real client."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from ima_skills.clock import SystemClock
from ima_skills.errors import MissingExtraError, UsageError
from ima_skills.sandbox.knowledge import Options
from ima_skills.sandbox.scenario import parse_scenario
from ima_skills.sandbox.server import SandboxServer
from ima_skills.sandbox.service import SandboxService

CREATE = "/open/v1/tasks/create"
KEY = {"Authorization": "Bearer ima_sandbox"}
SPEED = 2000.0


@contextmanager
def running(service: SandboxService) -> Iterator[httpx.Client]:
    """Serve in a thread and give a client for it."""
    ready = threading.Event()
    server = SandboxServer(service)
    thread = threading.Thread(target=lambda: asyncio.run(server.run(lambda _: ready.set())))
    thread.start()
    try:
        assert ready.wait(10)
        with httpx.Client(base_url=service.base_url, headers=KEY, timeout=5, trust_env=False) as client:
            yield client
    finally:
        server.stop()
        thread.join(10)
    assert not thread.is_alive()


Serve = Callable[..., httpx.Client]


@pytest.fixture
def serve(book: Any, tmp_path: Path) -> Iterator[Serve]:
    """Serve a sandbox with real time that runs fast."""
    with ExitStack() as stack:

        def start(renderer: Any, scenario: str = "") -> httpx.Client:
            service = SandboxService(
                book,
                state=tmp_path / "state",
                clock=SystemClock(),
                render=renderer,
                scenario=parse_scenario(scenario) if scenario else None,
                options=Options(speed=SPEED),
            )
            stack.callback(service.close)
            return stack.enter_context(running(service))

        yield start


def finished(client: httpx.Client, body: Any) -> Any:
    task_id = client.post(CREATE, json=body).json()["data"]["id"]
    for _ in range(1000):
        data = client.post("/open/v1/tasks/detail", json={"task_id": task_id}).json()["data"]
        if data["status"] in {"success", "failed"}:
            return data
        time.sleep(0.01)
    raise AssertionError(data)


def test_the_whole_road(serve: Serve, bench: Any, order: Any) -> None:
    """List, create, poll, download: over a socket, with addresses of the bound port."""
    client = serve(bench.renderer)
    listed = client.get(
        "/open/v1/product/list", params={"category": "text_to_image"}, headers={"x_app_language": "zh"}
    )
    assert "图片尺寸" in listed.text
    media = finished(client, order(n=2))["medias"][1]
    assert media["url"].startswith(str(client.base_url).rstrip("/"))
    part = httpx.get(media["url"], headers={"Range": "bytes=0-6"}, trust_env=False)
    assert (part.status_code, part.content) == (206, b"image 1")
    head = httpx.head(media["url"], trust_env=False)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "1000", b"")
    assert client.get("/nowhere").json()["code"] == 404


def test_chunked_bodies_and_several_calls_per_connection(serve: Serve, bench: Any, order: Any) -> None:
    """A request without Content-Length works, refusals and successes share one connection."""
    import json

    client = serve(bench.renderer)
    data = json.dumps(order()).encode()
    for _ in range(3):
        answer = client.post(CREATE, content=iter([data[:20], data[20:]]))
        assert answer.request.headers["transfer-encoding"] == "chunked"
        assert answer.json()["code"] == 0
        assert client.post(CREATE, content=b"{").json()["code"] == 400


def test_large_uploads_stream(serve: Serve, bench: Any, tmp_path: Path) -> None:
    """Twenty megabytes go up and come back the same; refused ones leave nothing."""
    client = serve(bench.renderer)
    block = bytes(range(256)) * 4096
    params = _signed()
    data = client.get("/api/rest/oss/getuploadtoken", params=params).json()["data"]
    with httpx.Client(trust_env=False) as plain:
        refused = plain.put(data["ful"], content=iter([block] * 20), headers={"Content-Type": "image/jpeg"})
        assert refused.status_code == 403
        assert "SignatureDoesNotMatch" in refused.text
        stored = plain.put(data["ful"], content=iter([block] * 20), headers={"Content-Type": "image/png"})
        assert stored.status_code == 200
        assert plain.get(data["fdl"]).content == block * 20
    assert list((tmp_path / "state" / "staging").iterdir()) == []


def _signed() -> dict[str, str]:
    stamp = str(int(time.time()))
    text = f"webAgent|32jdskjdk320eew|{stamp}|abc"
    return {
        "appUid": "ima_sandbox",
        "appId": "webAgent",
        "appKey": "32jdskjdk320eew",
        "cmimToken": "ima_sandbox",
        "sign": hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper(),
        "timestamp": stamp,
        "nonce": "abc",
        "fService": "privite",
        "fType": "picture",
        "fSuffix": "png",
        "fContentType": "image/png",
    }


@pytest.mark.parametrize(("when", "balance"), [("before", 100_000), ("after", 99_995)])
def test_dropped_connections_break(serve: Serve, bench: Any, order: Any, when: str, balance: int) -> None:
    """The client gets no response at all, and the next call works."""
    scenario = f'[[fault]]\non = "create"\nkind = "drop"\nwhen = "{when}"\ncalls = [1]\n'
    client = serve(bench.renderer, scenario)
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(CREATE, json=order())
    assert bench.service.balance() == balance
    assert client.post(CREATE, json=order()).json()["code"] == 0


@pytest.mark.parametrize(("when", "balance"), [("before", 100_000), ("after", 99_995)])
def test_hanging_calls_hang(serve: Serve, bench: Any, order: Any, when: str, balance: int) -> None:
    """The client's own timeout ends the call; the server goes on, and stops at once when told."""
    scenario = f'[[fault]]\non = "create"\nkind = "hang"\nwhen = "{when}"\n'
    client = serve(bench.renderer, scenario)
    with pytest.raises(httpx.ReadTimeout):
        client.post(CREATE, json=order(), timeout=httpx.Timeout(5, read=0.5))
    assert bench.service.balance() == balance
    assert client.get("/open/v1/product/list").json()["code"] == 0


def test_a_server_stops_although_a_call_hangs(book: Any, bench: Any, order: Any, tmp_path: Path) -> None:
    """A hanging call does not keep the server alive: stopping breaks its connection."""
    hang = parse_scenario('[[fault]]\non = "create"\nkind = "hang"\n')
    service = SandboxService(
        book, state=tmp_path / "hanging", clock=SystemClock(), render=bench.renderer, scenario=hang
    )
    ends: list[str] = []

    def call(url: str) -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.post(f"{url}{CREATE}", json=order(), headers=KEY, timeout=20, trust_env=False)
        ends.append("broken")

    with running(service):
        caller = threading.Thread(target=call, args=(service.base_url,))
        caller.start()
        time.sleep(0.3)
        assert caller.is_alive()
        stopped_at = time.monotonic()
    caller.join(10)
    service.close()
    assert ends == ["broken"]
    assert time.monotonic() - stopped_at < 3


def test_outages_and_broken_files(serve: Serve, bench: Any, order: Any) -> None:
    """HTML with a status, Retry-After, and a file that ends half-way."""
    scenario = (
        '[[fault]]\non = "create"\nkind = "http"\nstatus = 502\nretry_after = 1\ncalls = [1]\n'
        '[[fault]]\non = "cdn"\nkind = "bytes"\nhow = "cut"\ncalls = [1]\n'
    )
    client = serve(bench.renderer, scenario)
    answer = client.post(CREATE, json=order())
    assert (answer.status_code, answer.headers["retry-after"]) == (502, "1")
    url = finished(client, order())["medias"][0]["url"]
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(url)
    assert len(client.get(url).content) == 1000


def test_a_client_that_leaves_in_its_upload(serve: Serve, bench: Any, tmp_path: Path) -> None:
    """Half an upload is no file, and the server goes on."""
    client = serve(bench.renderer)
    data = client.get("/api/rest/oss/getuploadtoken", params=_signed()).json()["data"]

    def half() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        client.put(data["ful"], content=half(), headers={"Content-Type": "image/png"})
    for _ in range(100):
        if not list((tmp_path / "state" / "staging").iterdir()):
            break
        time.sleep(0.01)
    assert list((tmp_path / "state" / "staging").iterdir()) == []
    assert client.get(data["fdl"]).status_code == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "example.com", ""])  # noqa: S104 - refused, not bound
def test_only_loopback_is_served(bench: Any, host: str) -> None:
    """Another host needs two words, one is not enough."""
    for words in ({}, {"allow_remote": True}, {"confirm_remote": True}):
        with pytest.raises(UsageError, match="not loopback") as caught:
            SandboxServer(bench.service, host=host, **words)
        assert caught.value.name == "not-loopback"
    SandboxServer(bench.service, host=host, allow_remote=True, confirm_remote=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.9.9.9"])
def test_every_loopback_is_welcome(bench: Any, host: str) -> None:
    """Loopback needs no words."""
    SandboxServer(bench.service, host=host)


def test_a_taken_port_is_said(bench: Any) -> None:
    """A port that cannot be bound is an error with its address, before anything is served."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port}"):
            asyncio.run(SandboxServer(bench.service, port=port).run(lambda _: None))


def test_without_uvicorn_the_extra_is_named(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without the extra says what to install."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="uvicorn") as caught:
        SandboxServer(bench.service)
    assert "ima-skills[sandbox]" in caught.value.hint


PROGRAM = """
import asyncio, sys
from pathlib import Path
from ima_skills.registry import load_registry
from ima_skills.sandbox.server import serve
from ima_skills.sandbox.service import open_sandbox

service = open_sandbox(load_registry(), Path(sys.argv[1]))
asyncio.run(serve(service, on_ready=lambda url: print(url, flush=True)))
service.close()
heavy = {"httpx", "PIL", "av", "jsonschema", "rich", "cattrs.preconf"} & set(sys.modules)
rss = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS"))
print("stopped", " ".join(sorted(heavy)), rss, sep="|", flush=True)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_of_its_own(tmp_path: Path, number: signal.Signals) -> None:
    """It says when it is ready, serves JSON without heavy imports in little memory, and ends quietly."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "state")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            for category in ("text_to_video", "text_to_image"):
                answer = httpx.get(
                    f"{url}/open/v1/product/list", params={"category": category}, headers=KEY, trust_env=False
                )
                assert answer.json()["data"]
            process.send_signal(number)
            out, err = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (process.returncode, err) == (0, "")
    word, heavy, kilobytes = out.strip().split("|")
    assert (word, heavy) == ("stopped", "")
    assert int(kilobytes) < 60_000
