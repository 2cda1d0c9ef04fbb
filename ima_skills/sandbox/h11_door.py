"""uvicorn with what the sandbox needs of it: connections that break, signals that end it quietly."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ima_skills.sandbox.asgi import ABORT, Message, Receive, SandboxApp, Send

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator
    from socket import socket

_KEEP_ALIVE_S = 75
_GRACE_S = 5


class BreakableProtocol(H11Protocol):
    """An HTTP connection that the application may break."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Give the application the means to break this connection."""
        super().connection_made(transport)
        application = self.app

        async def breakable(scope: Any, receive: Any, send: Any) -> None:
            scope[ABORT] = transport.abort
            await application(scope, receive, send)

        self.app = breakable


class QuietServer(uvicorn.Server):
    """A server that says when it is ready and ends without a word.

    Args:
        app: The application.
        on_ready: Called once connections are accepted.
    """

    def __init__(self, app: SandboxApp, on_ready: Callable[[], None]) -> None:
        async def application(scope: Message, receive: Receive, send: Send) -> None:
            await app(scope, receive, send)

        super().__init__(
            uvicorn.Config(
                application,
                http=BreakableProtocol,
                ws="none",
                lifespan="off",
                loop="asyncio",
                # Faults of the sandbox itself reach stderr through logging's last resort; calls do not.
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        self._app = app
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begin to accept connections, then say so."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End hanging calls first: they would never end by themselves."""
        self._app.stop()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM without raising them again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
