"""The sandbox as an ASGI application: the part of the socket door that needs no particular server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from ima_skills.sandbox.call import Answer, Call, CutError, Hang, chunks

if TYPE_CHECKING:
    from ima_skills.sandbox.service import SandboxService

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# Where the server puts the function that breaks the connection; ASGI has no word for it.
ABORT = "ima_sandbox.abort"


class _GoneError(Exception):
    """The client left before its request was complete."""


class SandboxApp:
    """Hands HTTP requests to a sandbox.

    Args:
        service: The sandbox.
    """

    def __init__(self, service: SandboxService) -> None:
        self._service = service
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End the calls that hang, so that the server can stop."""
        self._stopping.set()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"the sandbox does not speak {scope['type']}")
        try:
            reply = await self._service.answer(_call(scope, receive))
        except _GoneError:
            return
        if isinstance(reply, Hang):
            await self._hang(receive)
        if isinstance(reply, Answer) and await _sent(reply, send):
            return
        await _break(scope, receive)

    async def _hang(self, receive: Receive) -> None:
        waits = [asyncio.create_task(_until_gone(receive)), asyncio.create_task(self._stopping.wait())]
        _, left = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()


def _call(scope: Message, receive: Receive) -> Call:
    return Call(
        method=scope["method"],
        path=scope["path"],
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=_body(receive),
    )


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        more = message.get("more_body", False)
        if message.get("body"):
            yield message["body"]


async def _sent(answer: Answer, send: Send) -> bool:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    try:
        async with aclosing(chunks(answer)) as pieces:
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    except CutError:
        return False
    await send({"type": "http.response.body", "body": b"", "more_body": False})
    return True


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _break(scope: Message, receive: Receive) -> None:
    # Let the kernel have what was written: the client shall see the half before the end.
    await asyncio.sleep(0)
    scope[ABORT]()
    await _until_gone(receive)
