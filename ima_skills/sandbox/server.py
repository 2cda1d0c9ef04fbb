"""The door with a socket: serve a sandbox on this machine's loopback."""

from __future__ import annotations

import importlib.util
from socket import AF_INET, AF_INET6, create_server, socket
from typing import TYPE_CHECKING

from ima_skills.errors import MissingExtraError, UsageError
from ima_skills.sandbox.site import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.sandbox.h11_door import QuietServer
    from ima_skills.sandbox.service import SandboxService


class SandboxServer:
    """A sandbox on a socket.

    Args:
        service: The sandbox; its addresses follow the port.
        host: Address to bind; loopback unless told twice.
        port: Port to bind; 0 takes a free one.
        allow_remote: First word that other machines may reach it.
        confirm_remote: Second word; one alone is not enough.

    Raises:
        UsageError: The host is not loopback and was not allowed twice.
        MissingExtraError: uvicorn is not installed.
    """

    def __init__(
        self,
        service: SandboxService,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        allow_remote: bool = False,
        confirm_remote: bool = False,
    ) -> None:
        if not is_loopback(host) and not (allow_remote and confirm_remote):
            raise UsageError(
                f"the sandbox serves this machine only; {host} is not loopback",
                code="not-loopback",
                hint="It has no protection worth the name. To open it to the network, say so twice.",
                details={"host": host},
            )
        if importlib.util.find_spec("uvicorn") is None:
            raise MissingExtraError("serving needs uvicorn", hint="pip install 'ima-skills[sandbox]'")
        self._service = service
        self._host = host
        self._port = port
        self._server: QuietServer | None = None
        self._stopped = False

    async def run(self, on_ready: Callable[[str], None]) -> None:
        """Serve until stopped, by :meth:`stop`, SIGINT or SIGTERM.

        Args:
            on_ready: Called with the base URL once connections are accepted.

        Raises:
            UsageError: The address cannot be bound.
        """
        from ima_skills.sandbox.asgi import SandboxApp
        from ima_skills.sandbox.h11_door import QuietServer

        listener = self._bind()
        self._service.rebase(_url(self._host, listener.getsockname()[1]))
        self._server = QuietServer(SandboxApp(self._service), lambda: on_ready(self._service.base_url))
        self._server.should_exit = self._stopped
        try:
            await self._server.serve([listener])
        finally:
            listener.close()

    def stop(self) -> None:
        """End :meth:`run`; may be called from any thread."""
        self._stopped = True
        if self._server is not None:
            self._server.should_exit = True

    def _bind(self) -> socket:
        try:
            return create_server((self._host, self._port), family=AF_INET6 if ":" in self._host else AF_INET)
        except OSError as error:
            raise UsageError(
                f"cannot serve on {self._host} port {self._port}: {error.strerror or error}",
                code="cannot-bind",
                details={"host": self._host, "port": self._port, "why": error.strerror or str(error)},
            ) from error


async def serve(  # noqa: PLR0913 - the address, the two words and the callback, each by name
    service: SandboxService,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    on_ready: Callable[[str], None],
    allow_remote: bool = False,
    confirm_remote: bool = False,
) -> None:
    """Serve a sandbox until SIGINT or SIGTERM; see :class:`SandboxServer`.

    Raises:
        UsageError: The address may not or cannot be bound.
        MissingExtraError: uvicorn is not installed.
    """
    server = SandboxServer(
        service, host=host, port=port, allow_remote=allow_remote, confirm_remote=confirm_remote
    )
    await server.run(on_ready)


def _url(host: str, port: int) -> str:
    # An unspecified address is not one to connect to.
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - shown, not bound
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
