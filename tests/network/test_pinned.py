"""Connections go to the address that was judged, under the name that was asked for; redirects are judged again."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any

import httpcore
import httpx
import pytest

from ima_skills.network_guard import NetworkGuard, UnsafeAddressError
from ima_skills.pinned import PinnedBackend
from ima_skills.transport import SendError, Transport, proxy_for

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
PUBLIC, OTHER = "93.184.216.34", "2606:4700::1111"


# ruff: noqa: ASYNC109 - the interface of httpcore hands timeouts down
class Line(httpcore.AsyncNetworkStream):
    """A connection that answers with fixed bytes and remembers what was said on it."""

    def __init__(self, answer: bytes) -> None:
        self.answer, self.sent, self.tls_name = answer, b"", ""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        part, self.answer = self.answer[:max_bytes], self.answer[max_bytes:]
        return part

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.sent += buffer

    async def aclose(self) -> None:
        pass

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        assert ssl_context.check_hostname
        self.tls_name = server_hostname or ""
        return self


class World(httpcore.AsyncNetworkBackend):
    """Name service and network of a test: what names resolve to, one answer after the other, and who answers."""

    def __init__(
        self, names: dict[str, list[Sequence[str]]], answers: Iterable[bytes] = (), dead: Iterable[str] = ()
    ) -> None:
        self.names, self.answers, self.dead = names, list(answers), set(dead)
        self.asked: list[str] = []
        self.dialled: list[tuple[str, int]] = []
        self.lines: list[Line] = []

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        known = self.names[host]
        return known.pop(0) if len(known) > 1 else known[0]

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        self.dialled.append((host, port))
        if host in self.dead:
            raise httpcore.ConnectError("dead")
        self.lines.append(Line(self.answers.pop(0) if self.answers else PLAIN))
        return self.lines[-1]


@pytest.fixture
def fetch(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Return a function that fetches addresses one after the other in a world: contents, or errors."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)

    def over(world: World, *urls: str, own: Sequence[str] = ()) -> list[Any]:
        monkeypatch.setattr(httpcore, "AnyIOBackend", lambda: world)

        async def one(transport: Transport, url: str) -> Any:
            try:
                async with transport.stream(url, 5.0) as answer:
                    return answer.status_code, await answer.aread()
            except (UnsafeAddressError, httpx.HTTPError) as error:
                return error

        async def go() -> list[Any]:
            async with Transport(guard=NetworkGuard(own, world.resolve)) as transport:
                return [await one(transport, url) for url in urls]

        return asyncio.run(go())

    return over


def _to(target: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} X\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


def test_the_judged_address_under_its_name(fetch: Callable[..., Any]) -> None:
    """The socket goes to the address; TLS and Host keep the name."""
    world = World({"cdn.example": [[PUBLIC]]})
    assert fetch(world, "https://cdn.example/x?sign=1") == [(200, b"ok")]
    assert (world.asked, world.dialled) == (["cdn.example"], [(PUBLIC, 443)])
    (line,) = world.lines
    assert line.tls_name == "cdn.example"
    assert line.sent.startswith(b"GET /x?sign=1 HTTP/1.1\r\nHost: cdn.example\r\n")
    assert b"authorization" not in line.sent.lower()


def test_rebinding(fetch: Callable[..., Any]) -> None:
    """A name that changes its address is resolved once per connection; the second time it is refused, undialled."""
    world = World({"evil.example": [[PUBLIC], ["127.0.0.1"], ["169.254.169.254"], [PUBLIC, "10.0.0.1"]]})
    first, *others = fetch(world, *["https://evil.example/x"] * 4)
    assert first == (200, b"ok")
    assert all(isinstance(error, UnsafeAddressError) for error in others)
    assert world.asked == ["evil.example"] * 4
    assert world.dialled == [(PUBLIC, 443)]


def test_private_names_are_never_dialled(fetch: Callable[..., Any]) -> None:
    """A public-looking name with a private address, and a literal, end before any socket."""
    world = World(
        {"a.example": [["192.168.1.1"]], "b.example": [["::1"]], "c.example": [["8.8.8.8", "fd00::1"]]}
    )
    urls = [f"https://{name}/" for name in (*world.names, "10.0.0.1", "[::1]", "0x7f.1", "router.local")]
    assert all(isinstance(error, UnsafeAddressError) for error in fetch(world, *urls))
    assert world.dialled == []


def test_the_next_address_is_tried(fetch: Callable[..., Any]) -> None:
    """When one of several addresses is dead, the next one is asked; the last failure is told."""
    world = World({"cdn.example": [[OTHER, PUBLIC]]}, dead=[OTHER])
    assert fetch(world, "https://cdn.example/") == [(200, b"ok")]
    assert world.dialled == [(OTHER, 443), (PUBLIC, 443)]
    (error,) = fetch(
        World({"cdn.example": [[OTHER, PUBLIC]]}, dead=[OTHER, PUBLIC]), "https://cdn.example/?s=s3cret"
    )
    assert isinstance(error, httpx.ConnectError)
    assert "s3cret" not in str(error)


def test_names_that_cannot_be_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failing or silent name service is a connection that could not be made."""

    async def fails(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    async def hangs(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        raise AssertionError

    with pytest.raises(httpcore.ConnectError, match="cannot be resolved"):
        asyncio.run(PinnedBackend(NetworkGuard((), fails), World({})).connect_tcp("a.example", 443))
    with pytest.raises(httpcore.ConnectTimeout):
        asyncio.run(PinnedBackend(NetworkGuard((), hangs), World({})).connect_tcp("a.example", 443, 0.01))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_judged_and_followed(fetch: Callable[..., Any], status: int) -> None:
    """Each kind of redirect leads on, relative or absolute, and every hop is resolved and judged itself."""
    answers = [_to("/y", status), _to("//b.example:8443/z", status), PLAIN]
    world = World({"a.example": [[PUBLIC]], "b.example": [[OTHER]]}, answers)
    assert fetch(world, "https://a.example/x") == [(200, b"ok")]
    assert world.dialled == [(PUBLIC, 443), (PUBLIC, 443), (OTHER, 8443)]
    assert world.lines[1].sent.startswith(b"GET /y ")


@pytest.mark.parametrize(
    "target",
    [
        "https://127.0.0.1/", "https://private.example/", "http://a.example/", "http://127.0.0.1:40123/cdn/x", "https://a.example:22/",
        "https://u:p@a.example/", "file:///etc/passwd", "https://[", "gopher://a.example/", "", "https://2130706433/", "https://nas.local/",
        "https://metadata.google.internal/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_bad_redirects_end_the_chain(fetch: Callable[..., Any], target: str) -> None:
    """A chain is only as good as each of its hops: private targets, open lines, odd schemes, nothing at all."""
    world = World({"a.example": [[PUBLIC]], "private.example": [["10.0.0.1"]]}, [_to(target), PLAIN])
    (error,) = fetch(world, "https://a.example/x?sign=s3cret", own=["http://127.0.0.1:40123"])
    assert isinstance(error, UnsafeAddressError)
    assert "s3cret" not in str(error.as_dict())
    assert world.dialled == [(PUBLIC, 443)]


@pytest.mark.parametrize(("hops", "fine"), [(5, True), (6, False)])
def test_five_hops(fetch: Callable[..., Any], hops: int, fine: bool) -> None:  # noqa: FBT001 - a column of the table
    """Five redirects are followed, the sixth is not."""
    world = World({"a.example": [[PUBLIC]]}, [*[_to("/again")] * hops, PLAIN])
    (found,) = fetch(world, "https://a.example/")
    assert (found == (200, b"ok")) is fine
    assert fine or "more than 5 times" in str(found)
    assert len(world.dialled) == 6


def test_other_statuses_are_no_redirects(fetch: Callable[..., Any]) -> None:
    """A Location under another status leads nowhere."""
    world = World({"a.example": [[PUBLIC]]}, [_to("https://127.0.0.1/", 300), _to("https://127.0.0.1/", 404)])
    assert [found[0] for found in fetch(world, *["https://a.example/"] * 2)] == [300, 404]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", httpx.RemoteProtocolError), (b"nonsense\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", httpx.RemoteProtocolError),
    ],
    ids=range(3),
)  # fmt: skip
def test_errors_are_those_of_httpx(fetch: Callable[..., Any], answer: bytes, kind: type[Exception]) -> None:
    """What goes wrong on the line is told in the terms that the downloader knows."""
    (error,) = fetch(World({"a.example": [[PUBLIC]]}, [answer]), "https://a.example/")
    assert isinstance(error, kind)


def test_uploads_are_judged_too(fetch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A granted address inside this network gets no bytes of a file; a public one does, under its name."""
    world = World({"oss.example": [[PUBLIC]], "inside.example": [["10.0.0.5"]]})
    monkeypatch.setattr(httpcore, "AnyIOBackend", lambda: world)
    read: list[bytes] = []

    async def chunks() -> AsyncIterator[bytes]:
        read.append(b"secret")
        yield b"secret"

    async def put(url: str) -> int:
        async with Transport(guard=NetworkGuard((), world.resolve)) as transport:
            return await transport.put_file(url, chunks(), {"Content-Length": "6"}, 5.0)

    for url in (
        "https://inside.example/x",
        "https://10.0.0.5/x",
        "http://oss.example/x",
        "https://oss.example:22/",
    ):
        with pytest.raises(UnsafeAddressError):
            asyncio.run(put(url))
    assert (world.dialled, read) == ([], [])
    assert asyncio.run(put("https://oss.example/x?sign=1")) == 200
    assert world.lines[0].sent.endswith(b"secret")
    world.dead.add(PUBLIC)
    with pytest.raises(SendError) as caught:
        asyncio.run(put("https://oss.example/x?sign=s3cret"))
    assert (caught.value.left, "s3cret" in str(caught.value)) == (False, False)


def test_the_own_origin_is_reached_directly(fetch: Callable[..., Any]) -> None:
    """The sandbox on this machine is fetched from without name service; its neighbour port is not fetched from."""

    async def go() -> list[Any]:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(PLAIN)
            writer.close()

        servers = [await asyncio.start_server(answer, "127.0.0.1", 0) for _ in range(2)]
        own, other = (f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in servers)

        async def never(host: str, port: int) -> Sequence[str]:
            raise AssertionError(host)

        found: list[Any] = []
        async with Transport(guard=NetworkGuard([own], never)) as transport:
            async with transport.stream(f"{own}/cdn/x", 5.0) as got:
                found.append(await got.aread())
            with pytest.raises(UnsafeAddressError):
                async with transport.stream(f"{other}/cdn/x", 5.0):
                    pass
        for server in servers:
            server.close()
            await server.wait_closed()
        return found

    assert asyncio.run(go()) == [b"ok"]


@pytest.mark.parametrize(
    ("environ", "url", "proxy"),
    [
        ({}, "https://a.example/", None),
        (
            {"HTTPS_PROXY": "http://proxy.example:3128"},
            "https://a.example/x?sign=1",
            "http://proxy.example:3128",
        ),
        ({"https_proxy": "proxy.example:3128"}, "https://a.example/", "http://proxy.example:3128"),
        ({"ALL_PROXY": "http://all.example:1"}, "https://a.example/", "http://all.example:1"),
        ({"HTTPS_PROXY": "http://p.example", "NO_PROXY": "a.example"}, "https://a.example/", None),
        (
            {"HTTPS_PROXY": "http://p.example", "NO_PROXY": "b.example"},
            "https://a.example/",
            "http://p.example",
        ),
    ],
    ids=range(6),
)
def test_proxies(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], url: str, proxy: str | None
) -> None:
    """A proxy that the user has set is used, as every other tool does."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url) == proxy


def test_a_proxy_gets_judged_addresses_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy names are the proxy's business, and literals of this network are refused all the same."""
    lines: list[bytes] = []

    async def go() -> None:
        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            lines.append(await reader.readuntil(b"\r\n"))
            writer.write(b"HTTP/1.1 502 no\r\nContent-Length: 0\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        for name in ("NO_PROXY", "no_proxy", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        async with Transport() as transport:
            with pytest.raises(UnsafeAddressError):
                async with transport.stream("https://169.254.169.254/", 5.0):
                    pass
            with pytest.raises(httpx.ProxyError):
                async with transport.stream("https://cdn.example/x", 5.0):
                    pass
        server.close()
        await server.wait_closed()

    asyncio.run(go())
    assert lines == [b"CONNECT cdn.example:443 HTTP/1.1\r\n"]
