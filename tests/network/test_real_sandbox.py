"""The whole way on the sandbox: broken files resumed, expired addresses renewed, in process and over sockets."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import frozen

from ima_skills.client import ImaClient
from ima_skills.clock import SystemClock
from ima_skills.domain.request import Request
from ima_skills.errors import MediaError, NetworkError, UsageError
from ima_skills.file_rules import FileRules
from ima_skills.network_guard import UnsafeAddressError
from ima_skills.offline import sandbox_client
from ima_skills.plugin_set import PluginSet
from ima_skills.registry import Registry
from ima_skills.sandbox.knowledge import Options
from ima_skills.sandbox.media import Rendered, RenderJob
from ima_skills.sandbox.scenario import parse_scenario
from ima_skills.sandbox.server import SandboxServer
from ima_skills.sandbox.service import SandboxService, open_sandbox
from ima_skills.settings import Secret, Settings

SPEED = 5000.0
SIZE = 300_000
END = b"IEND\xaeB`\x82"


class Hasty(SystemClock):
    """Time in which nobody pauses for long."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(min(seconds, 0.02))


@frozen
class Seen:
    """What a client asked a sandbox for: method, path and range, in order."""

    calls: list[tuple[str, str, str]]

    @property
    def ranges(self) -> list[str]:
        return [wanted for method, path, wanted in self.calls if method == "GET" and "/cdn/" in path]

    @property
    def puts(self) -> int:
        return sum(method == "PUT" for method, _, _ in self.calls)


def _render(job: RenderJob, folder: Path, stem: str) -> Rendered:
    """Write a picture by its first bytes, as large as a real one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + hashlib.shake_256(stem.encode()).digest(SIZE - len(END)) + END)
    return Rendered(path, "png", 640, 360, None, None)


@contextmanager
def _listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    """Note every request that any client of httpx sends."""
    seen, real = Seen([]), httpx.AsyncClient.send

    async def send(self: httpx.AsyncClient, request: httpx.Request, **how: Any) -> httpx.Response:
        seen.calls.append((request.method, request.url.path, request.headers.get("range", "")))
        return await real(self, request, **how)

    with monkeypatch.context() as patch:
        patch.setattr(httpx.AsyncClient, "send", send)
        yield seen


@pytest.fixture(params=["in process", "over sockets"])
def client_of(
    request: pytest.FixtureRequest, registry: Registry, plugins: PluginSet, tmp_path: Path
) -> Iterator[Callable[..., ImaClient]]:
    """Return a function from a scenario to a client of a sandbox that follows it, behind either of its doors."""
    stops: list[Callable[[], None]] = []

    def over(scenario: str, files: FileRules | None = None) -> ImaClient:
        script = parse_scenario(scenario) if scenario else None
        parts: dict[str, Any] = {"render": _render, "scenario": script, "options": Options(speed=SPEED)}
        state = tmp_path / f"state-{len(list(tmp_path.iterdir()))}"
        if request.param == "in process":
            return sandbox_client(
                state, plugins=plugins, registry=registry, files=files, clock=Hasty(), **parts
            )
        service = open_sandbox(registry, state, **parts)
        stops.append(_serve(service))
        settings = Settings(Secret(service.options.api_key), service.base_url, service.base_url)
        return ImaClient(settings, plugins=plugins, registry=registry, files=files, clock=Hasty())

    yield over
    for stop in stops:
        stop()


def _serve(service: SandboxService) -> Callable[[], None]:
    server, ready = SandboxServer(service), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(server.run(lambda _: ready.set())), daemon=True)
    thread.start()
    assert ready.wait(10)

    def stop() -> None:
        server.stop()
        thread.join(10)
        service.close()

    return stop


def _make(client: ImaClient, folder: Path, **wish: Any) -> Any:
    async def go() -> Any:
        async with client:
            return await client.create(Request("text_to_image", "a kite", **wish), download=folder)

    return asyncio.run(go())


def _bytes_fault(how: str, calls: str) -> str:
    return f'[[fault]]\non = "cdn"\nkind = "bytes"\nhow = "{how}"\ncalls = {calls}\n'


def test_a_cut_file_is_gone_on_with(
    client_of: Callable[..., ImaClient], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that breaks in the middle costs the second half only, once."""
    with _listening(monkeypatch) as seen:
        result = _make(client_of(_bytes_fault("cut", "[1]")), tmp_path / "out")
    (saved,) = result.files
    content = Path(saved.path).read_bytes()
    assert (len(content), saved.sha256) == (SIZE + 8, hashlib.sha256(content).hexdigest())
    first, second = seen.ranges
    assert first == ""
    assert 0 < int(second.removeprefix("bytes=").removesuffix("-")) <= (SIZE + 8) // 2
    assert [path.name for path in (tmp_path / "out").iterdir()] == [Path(saved.path).name]


@pytest.mark.parametrize("how", ["empty", "garbage"])
def test_broken_files(client_of: Callable[..., ImaClient], tmp_path: Path, how: str) -> None:
    """Once is forgiven; for good it is a media error, and nothing is left that looks like a media."""
    result = _make(client_of(_bytes_fault(how, "[1, 2]")), tmp_path / "out")
    assert result.files[0].bytes == SIZE + 8
    with pytest.raises(MediaError):
        _make(client_of(_bytes_fault(how, "[1, 2, 3]")), tmp_path / "bad")
    assert list((tmp_path / "bad").iterdir()) == []


def test_a_later_client_goes_on(
    client_of: Callable[..., ImaClient], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one client could not finish, the next one goes on with; the task is not made again."""
    client = client_of(_bytes_fault("cut", "[1, 2, 3]"))

    async def go() -> tuple[str, Any, list[str]]:
        async with client:
            with pytest.raises(NetworkError) as caught:
                await client.create(Request("text_to_image", "a kite"), download=tmp_path)
            task_id = str(caught.value.task_id)
            part = tmp_path / f".{task_id}-1.part"
            assert 0 < part.stat().st_size <= (SIZE + 8) // 2
            with _listening(monkeypatch) as seen:
                task = await client.wait(task_id, "text_to_image")
                (saved,) = await client.save(task.medias, "image", tmp_path, task_id)
            return task_id, saved, seen.ranges

    task_id, saved, ranges = asyncio.run(go())
    assert saved.bytes == SIZE + 8
    assert [bool(wanted) for wanted in ranges] == [True]
    assert [path.name for path in tmp_path.iterdir() if task_id in path.name] == [f"{task_id}-1.png"]


def test_files_that_are_there(client_of: Callable[..., ImaClient], tmp_path: Path) -> None:
    """skip keeps and says so, rename goes beside, overwrite replaces; each on the same task twice."""
    for rule, kept, names in (("skip", "same", 1), ("rename", "", 2), ("overwrite", "", 1)):
        folder = tmp_path / "out" / rule
        client = client_of("", FileRules(on_exists=rule))  # type: ignore[arg-type]  # one of the three

        async def go(client: ImaClient = client, folder: Path = folder) -> Any:
            async with client:
                result = await client.create(Request("text_to_image", "a kite"), download=folder)
                return await client.save(result.medias, "image", folder, result.task_id)

        (saved,) = asyncio.run(go())
        assert (saved.kept, len(list(folder.iterdir()))) == (kept, names)


def test_expired_addresses(
    client_of: Callable[..., ImaClient], tmp_path: Path, picture_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload address that has expired is renewed; the job goes on with the file that was uploaded."""
    (tmp_path / "kite.png").write_bytes(picture_bytes)
    client = client_of('[[fault]]\non = "token"\nkind = "expire"\ncalls = [1, 2]\n')

    async def go() -> Any:
        async with client:
            return await client.create(
                Request("image_to_image", "a red kite", inputs=(str(tmp_path / "kite.png"),))
            )

    with _listening(monkeypatch) as seen:
        assert asyncio.run(go()).status == "success"
    assert seen.puts == 3


def test_input_root(client_of: Callable[..., ImaClient], tmp_path: Path, picture_bytes: bytes) -> None:
    """A client that is bound to a folder refuses inputs from elsewhere before it asks the service anything."""
    (tmp_path / "root").mkdir()
    (tmp_path / "kite.png").write_bytes(picture_bytes)
    client = client_of("", FileRules(input_root=tmp_path / "root"))

    async def go() -> None:
        async with client:
            await client.prepare(Request("image_to_image", "a kite", inputs=(str(tmp_path / "kite.png"),)))

    with pytest.raises(UsageError, match=r"kite\.png is outside the folder that inputs may come from"):
        asyncio.run(go())


def test_medias_elsewhere_on_this_machine(registry: Registry, plugins: PluginSet, tmp_path: Path) -> None:
    """A client of the real service fetches nothing from this machine, and a sandbox's nothing from a neighbour port."""
    from ima_skills.domain.task import Media

    service = open_sandbox(registry, tmp_path / "state", render=_render, options=Options(speed=SPEED))
    stop = _serve(service)
    try:
        for base in ("https://api.imastudio.com", "http://127.0.0.1:9"):
            for address in (
                f"{service.base_url}/cdn/x.png",
                "https://127.0.0.1/x.png",
                "https://169.254.169.254/x",
            ):

                async def go(base: str = base, address: str = address) -> None:
                    async with ImaClient(
                        Settings(Secret("ima_x"), base, base), plugins=plugins, registry=registry
                    ) as client:
                        await client.save((Media(1, "success", address),), "image", tmp_path / "out", "t")

                with pytest.raises(UnsafeAddressError):
                    asyncio.run(go())
        assert list((tmp_path / "out").iterdir()) == []
    finally:
        stop()
