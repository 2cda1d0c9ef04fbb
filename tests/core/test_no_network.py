"""The guard of the whole suite: no test leaves this machine, by name or by address, sync or async."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from pathlib import Path

import httpx
import pytest

OUTSIDE = ["http://192.0.2.1:9/", "https://api.imastudio.com/", "http://[2001:db8::1]:9/"]


def _is_the_guard(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(_is_the_guard(inner) for inner in error.exceptions)
    return type(error).__name__ == "NetworkForbiddenError"


@pytest.mark.parametrize("url", OUTSIDE)
def test_sync_code_cannot_leave(url: str) -> None:
    """A synchronous client is refused, whether it names a host or an address."""
    with pytest.raises(Exception, match="wanted to reach") as caught, httpx.Client(trust_env=False) as client:
        client.get(url)
    assert _is_the_guard(caught.value)


@pytest.mark.parametrize("url", OUTSIDE)
def test_async_code_cannot_leave(url: str) -> None:
    """An asynchronous client is refused as well."""

    async def go() -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.get(url)

    with pytest.raises(BaseException, match=r"wanted to reach|unhandled errors") as caught:
        asyncio.run(go())
    assert _is_the_guard(caught.value)


def test_datagrams_and_lookups_cannot_leave() -> None:
    """Neither a datagram nor a bare look-up gets out."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outgoing,
        pytest.raises(Exception, match=r"192\.0\.2\.1"),
    ):
        outgoing.sendto(b"x", ("192.0.2.1", 9))
    with pytest.raises(Exception, match=r"example\.com"):
        socket.gethostbyname("example.com")


def test_loopback_stays_open() -> None:
    """A server on this machine can be reached: the sandbox's own tests need it."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as line:
                line.sendall(b"hello")

        answering = threading.Thread(target=answer)
        answering.start()
        with socket.create_connection(("localhost", server.getsockname()[1]), timeout=5) as line:
            assert line.recv(5) == b"hello"
        answering.join()


def test_settings_from_outside_are_gone(own_home: Path) -> None:
    """No key or address of the developer's shell reaches a test; state goes to a home of its own."""
    assert [name for name in os.environ if name.startswith("IMA_")] == ["IMA_HOME"]
    assert os.environ["IMA_HOME"].startswith(str(own_home))
    assert Path.home() == own_home
