"""Connections that go to a checked address and to no other.

Resolving, judging and connecting are one step, so that a name that changes its address in between
(DNS rebinding) gains nothing. Host header and TLS name stay those of the URL.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpcore
import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from ima_skills.network_guard import NetworkGuard

# Our choice: how long one of several addresses may keep the next one waiting.
_NEXT_AFTER_S = 5.0


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """Opens sockets to addresses that the guard has judged.

    Args:
        guard: Resolves and judges.
        inner: Opens the socket; asyncio's by default.
    """

    def __init__(self, guard: NetworkGuard, inner: httpcore.AsyncNetworkBackend | None = None) -> None:
        self._guard = guard
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of httpcore
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first checked address of a host that answers.

        Raises:
            UnsafeAddressError: One of its addresses is not public.
            httpcore.ConnectError: It cannot be resolved or reached.
        """
        addresses = await self._addresses(host, port, timeout)
        *others, last = addresses
        for address in others:
            patience = _NEXT_AFTER_S if timeout is None else min(timeout, _NEXT_AFTER_S)
            try:
                return await self._inner.connect_tcp(address, port, patience, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue  # the next address may answer; the last one's failure is told
        return await self._inner.connect_tcp(last, port, timeout, local_address, socket_options)

    async def _addresses(self, host: str, port: int, patience: float | None) -> tuple[str, ...]:
        try:
            async with asyncio.timeout(patience):
                return await self._guard.addresses(host, port)
        except TimeoutError:
            raise httpcore.ConnectTimeout("the name was not resolved in time") from None
        except OSError as error:
            raise httpcore.ConnectError("the name cannot be resolved") from error

    async def sleep(self, seconds: float) -> None:
        """Wait; the pool asks for it between attempts."""
        await self._inner.sleep(seconds)


class PinnedTransport(httpx.AsyncBaseTransport):
    """The network for addresses of others.

    Args:
        guard: Judges every connection.
        connections: Most connections at once.
        inner: Opens sockets; asyncio's by default.
    """

    def __init__(
        self, guard: NetworkGuard, connections: int, inner: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=5.0,
            network_backend=PinnedBackend(guard, inner),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; errors are httpx's own."""
        url = request.url
        try:
            answer = await self._pool.handle_async_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        except _ERRORS as error:
            raise _translated(error, request) from error
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer, request), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._answer.aiter_stream():
                yield part
        except _ERRORS as error:
            raise _translated(error, self._request) from error

    async def aclose(self) -> None:
        await self._answer.aclose()


_ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)


def _translated(error: Exception, request: httpx.Request) -> httpx.TransportError:
    """Return httpx's error of the same name: the two libraries name theirs alike."""
    kind = getattr(httpx, type(error).__name__, httpx.TransportError)
    found: httpx.TransportError = kind(str(error), request=request)
    return found
