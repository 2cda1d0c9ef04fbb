"""The door without a socket: an httpx transport that hands requests to a sandbox in the same process."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import httpx

from ima_skills.sandbox.call import Answer, Call, CutError, Drop, Hang, chunks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ima_skills.sandbox.service import SandboxService

# How long a hanging call lasts for a client that waits for ever.
_HANG_S = 3600.0


class SandboxTransport(httpx.AsyncBaseTransport):
    """Answers requests to the sandbox's own host; there is no other host in here.

    Args:
        service: The sandbox.
        closes: Whether closing the transport closes the sandbox too.
    """

    def __init__(self, service: SandboxService, *, closes: bool = False) -> None:
        self._service = service
        self._closes = closes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request.

        Raises:
            httpx.ConnectError: The request goes to another host.
            httpx.RemoteProtocolError: A scenario drops the connection.
            httpx.ReadTimeout: A scenario hangs; raised after the request's read timeout on the
                sandbox's clock.
        """
        if request.url.netloc.decode("ascii") != urlsplit(self._service.base_url).netloc:
            raise httpx.ConnectError("the sandbox has no outside network", request=request)
        reply = await self._service.answer(_call(request))
        if isinstance(reply, Drop):
            raise httpx.RemoteProtocolError(
                "Server disconnected without sending a response.", request=request
            )
        if isinstance(reply, Hang):
            patience = request.extensions.get("timeout", {}).get("read")
            await self._service.clock.sleep(_HANG_S if patience is None else patience)
            raise httpx.ReadTimeout("the sandbox does not answer", request=request)
        return httpx.Response(reply.status, headers=dict(reply.headers), stream=_Body(reply))

    async def aclose(self) -> None:
        """Close the sandbox if the transport owns it."""
        if self._closes:
            await self._service.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: Answer) -> None:
        self._pieces = chunks(answer)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._pieces:
                yield piece
        except CutError as error:
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body"
            ) from error

    async def aclose(self) -> None:
        await self._pieces.aclose()


def _call(request: httpx.Request) -> Call:
    stream = request.stream
    assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101 - an async client sends nothing else
    return Call(
        method=request.method,
        path=request.url.path,
        query=dict(parse_qsl(request.url.query.decode("ascii"), keep_blank_values=True)),
        headers=dict(request.headers.items()),
        body=stream,
    )
