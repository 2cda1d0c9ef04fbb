"""What all tests share: no network, no settings from outside, the real registry, a fake clock, fake services."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings as hypothesis_settings

from ima_skills.catalogue import Catalogue, read_catalogue
from ima_skills.clock import FakeClock
from ima_skills.parameters import Offer
from ima_skills.plugin_set import PluginSet, load_plugins
from ima_skills.quirks import chain_for
from ima_skills.registry import Registry, load_registry
from ima_skills.settings import Secret, Settings, is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import httpx

    from ima_skills.client import ImaClient
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.service import Service

hypothesis_settings.register_profile("ours", derandomize=True, deadline=None, max_examples=60, database=None)
hypothesis_settings.load_profile("ours")


class NetworkForbiddenError(Exception):
    """A test tried to leave this machine; no OSError, so that nobody takes it for a broken line."""


def _is_here(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    return host in (None, "", b"") or is_loopback(name.partition("%")[0])


def _must_stay_here(host: object) -> None:
    if not _is_here(host):
        raise NetworkForbiddenError(f"a test wanted to reach {host!r}")


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse every connection and every name look-up beyond loopback, for sync and async code alike."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded_connect(getattr(socket.socket, name)))
        patch.setattr(socket.socket, "sendto", _guarded_sendto(socket.socket.sendto))
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            patch.setattr(socket, name, _guarded_lookup(getattr(socket, name)))
        yield


def _guarded_connect(real: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _must_stay_here(address[0])
        return real(self, address)

    return connect


def _guarded_sendto(real: Callable[..., Any]) -> Callable[..., Any]:
    def sendto(self: socket.socket, data: Any, *rest: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _must_stay_here(rest[-1][0])
        return real(self, data, *rest)

    return sendto


def _guarded_lookup(real: Callable[..., Any]) -> Callable[..., Any]:
    def look_up(host: Any, *rest: Any, **more: Any) -> Any:
        _must_stay_here(host)
        return real(host, *rest, **more)

    return look_up


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test an empty home, an empty working folder and no ``IMA_*`` variables; return that home."""
    for name in [name for name in os.environ if name.startswith("IMA_")]:
        monkeypatch.delenv(name)
    home = tmp_path_factory.getbasetemp() / "homes" / os.urandom(6).hex()
    monkeypatch.setenv("HOME", str(home))
    # Whatever a test leaves behind does not land in the checkout.
    here = tmp_path_factory.getbasetemp() / "here" / home.name
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    monkeypatch.setenv("IMA_HOME", str(home / "state"))
    # Nobody's own keyring takes part in a test.
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return home


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The real first-party registry, read once."""
    return load_registry()


@pytest.fixture(scope="session")
def plugins() -> PluginSet:
    """The first-party plugins, without third parties; tests that blame or disable build their own set."""
    return load_plugins(third_party=False, environ={})


@pytest.fixture
def fake_clock() -> FakeClock:
    """Time that stands still until somebody sleeps."""
    return FakeClock()


@pytest.fixture(scope="session")
def catalogue(registry: Registry) -> Callable[[str], Catalogue]:
    """Return a function from a task type to its captured product list, each read once."""
    read: dict[str, Catalogue] = {}

    def of(task_type: str) -> Catalogue:
        if task_type not in read:
            read[task_type] = read_catalogue(task_type, registry.snapshot.groups(task_type))
        return read[task_type]

    return of


@pytest.fixture(scope="session")
def leaf(catalogue: Callable[[str], Catalogue]) -> Callable[..., ProductLeaf]:
    """Return a function from a leaf's name, id or family id, and a task type, to the captured leaf."""

    def of(name: str, task_type: str = "text_to_video") -> ProductLeaf:
        found = [item for item in catalogue(task_type).leaves if name in (item.name, item.id, item.model_id)]
        assert found, f"{name} is not in {task_type}"
        return found[0]

    return of


@pytest.fixture(scope="session")
def offer(leaf: Callable[..., ProductLeaf], registry: Registry, plugins: PluginSet) -> Callable[..., Offer]:
    """Return a function from a leaf's name and a task type to the offer that the engine would make."""

    def of(name: str, task_type: str = "text_to_video") -> Offer:
        plain = leaf(name, task_type)
        entry = registry.by_model_id(plain.model_id, task_type)
        chain = chain_for(entry, plugins.quirks)
        return Offer(chain.on_leaf(plain), registry.task_types[task_type], entry)

    return of


@pytest.fixture
def loopback_settings() -> Settings:
    """A key that is none, and a service on this machine where nobody listens."""
    return Settings(Secret("ima_test_key"), "http://127.0.0.1:9", "http://127.0.0.1:9")


@pytest.fixture
def service_over(
    registry: Registry, fake_clock: FakeClock, loopback_settings: Settings
) -> Callable[..., Service]:
    """Return a function from a request handler to a service that sends to it."""
    import httpx

    from ima_skills.refusals import Table
    from ima_skills.service import Service
    from ima_skills.transport import Transport

    def over(handler: Callable[[httpx.Request], Any], language: str = "en") -> Service:
        transport = Transport(httpx.MockTransport(handler))
        return Service(transport, loopback_settings, Table(registry.errors), fake_clock, language)

    return over


@pytest.fixture
def mock_client(
    registry: Registry, plugins: PluginSet, fake_clock: FakeClock, loopback_settings: Settings
) -> Callable[..., ImaClient]:
    """Return a function from a request handler to a client whose service is that handler."""
    import httpx

    from ima_skills.client import ImaClient

    def over(handler: Callable[[httpx.Request], Any], **parts: Any) -> ImaClient:
        usual: dict[str, Any] = {
            "settings": loopback_settings,
            "plugins": plugins,
            "registry": registry,
            "clock": fake_clock,
            "rng": Random(7),  # noqa: S311 - jitter and nonces of a test
        }
        return ImaClient(transport=httpx.MockTransport(handler), **{**usual, **parts})

    return over


@pytest.fixture
def envelope() -> Callable[..., Any]:
    """Return a function that makes the service's HTTP answers: ``envelope(data, code=0, status=200)``."""
    import httpx

    def make(data: Any = None, code: Any = 0, message: str = "", status: int = 200, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Response(status, json={"code": code, "message": message, "data": data}, headers=named)

    return make


@pytest.fixture
def tell_all() -> tuple[list[Any], Callable[[Any], None]]:
    """Return a list and a listener that fills it with events."""
    events: list[Any] = []
    return events, events.append


@pytest.fixture(scope="session")
def picture_bytes() -> bytes:
    """The smallest PNG there is: one transparent pixel."""
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 6, 0, 0, 0)
    pixels = zlib.compress(b"\0" + bytes(4))
    parts: Sequence[bytes] = (chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@contextmanager
def _serving() -> Iterator[Callable[..., dict[str, Any]]]:
    """Give a function that serves; whatever it started ends with the block."""
    with ExitStack() as stack:

        def serve(
            state: Path, *words: str, env: dict[str, str] | None = None, to: list[Any] | None = None
        ) -> dict[str, Any]:
            command = [sys.executable, "-m", "ima_skills", "sandbox", "serve", "--state", str(state), *words]
            errors = None if to is None else subprocess.PIPE
            server = stack.enter_context(
                subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=env)
            )
            stack.callback(server.terminate)
            if to is not None:
                to.append(server)
            assert server.stdout is not None
            told: dict[str, Any] = json.loads(server.stdout.readline())
            return told

        yield serve


@pytest.fixture
def serve_process() -> Iterator[Callable[..., dict[str, Any]]]:
    """Return a function that runs ``sandbox serve`` as a process and returns what it tells when it is ready.

    It takes the state folder, more words, ``env``, and ``to``: a list that gets the process itself.
    """
    with _serving() as serve:
        yield serve


@pytest.fixture(scope="module")
def serve_for_all() -> Iterator[Callable[..., dict[str, Any]]]:
    """Return the same function for fixtures of a whole module."""
    with _serving() as serve:
        yield serve
