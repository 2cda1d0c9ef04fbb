"""The only module that touches the network.

It knows HTTP, not the service: it sends, tells what certainly did not leave this machine from what
may have arrived, and reads the service's envelope. Signed URLs, keys and bodies never reach a message.

Calls go where the settings say. Files go and come by addresses that others state: those pass the
guard, every redirect again, and connect to what the guard has checked and to nothing else.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

from attrs import field, frozen

from ima_skills.errors import ImaError
from ima_skills.network_guard import NetworkGuard, UnsafeAddressError

if TYPE_CHECKING:
    from logging import LogRecord
    from types import TracebackType

    import httpx

SANDBOX_HEADER = "x-ima-sandbox"
MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CODE = re.compile(r"-?[0-9]{1,9}")


@frozen
class Answer:
    """What came back.

    Attributes:
        status: HTTP status.
        code: The service's own code; None when the body carries none.
        message: The service's words.
        data: The envelope's ``data``.
        headers: Response headers, lower-case names.
    """

    status: int
    code: int | None
    message: str = field(repr=False)
    data: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the service says success: 0, or 200 in its test environments."""
        return self.code in (0, 200)


class SendError(ImaError):
    """No readable answer came back.

    Args:
        message: What happened.
        left: Whether the request may have reached the other side.
        why: Short name of the cause.
    """

    code = "network"
    exit_code = 5
    can_retry = True

    def __init__(self, message: str, *, left: bool, why: str = "") -> None:
        details = {"why": why, "left": left} if why else None
        super().__init__(message, hint="Check the connection and try again.", details=details)
        self.left = left


class Transport:
    """A pooled HTTP client.

    Args:
        inner: Where requests go; the network by default, a sandbox or a test double otherwise.
        connections: Most connections at once.
        guard: Judges the addresses of files; without one, nothing on this machine is fetched, and with
            an ``inner`` transport names are not resolved.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport | None = None,
        connections: int = 100,
        guard: NetworkGuard | None = None,
    ) -> None:
        import httpx

        _keep_addresses_out_of_logs()
        self._httpx = httpx
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        headers = {"User-Agent": _user_agent()}
        self._client = httpx.AsyncClient(
            transport=inner, limits=limits, headers=headers, follow_redirects=False
        )
        self._inner = inner
        self._connections = connections
        self._guard = guard or NetworkGuard(in_process=inner is not None)
        # Clients for files: one per proxy, and one without.
        self._for_files: dict[str | None, httpx.AsyncClient] = {}
        self.sandbox_speed: float | None = None

    async def __aenter__(self) -> Self:
        """Open the pool."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the pool."""
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        for client in (self._client, *self._for_files.values()):
            await client.aclose()

    async def call(  # noqa: PLR0913 - one keyword per part of an HTTP request
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        timeout_s: float = 30.0,
    ) -> Answer:
        """Send one JSON request and read the envelope.

        Args:
            method: HTTP method.
            url: Absolute URL.
            headers: Further headers.
            query: Query parameters; may hold the key, so they are never shown.
            body: JSON value to post.
            timeout_s: Seconds for each of connecting, sending and waiting.

        Raises:
            SendError: Nothing readable came back.
        """
        try:
            response = await self._client.request(
                method, url, headers=dict(headers or {}), params=query, json=body, timeout=timeout_s
            )
        except (self._httpx.RequestError, self._httpx.InvalidURL) as error:
            raise self._send_error(error) from None  # the cause would show the URL with its query
        self._note_sandbox(response.headers)
        return read_answer(response.status_code, response.content, response.headers)

    async def put_file(
        self, url: str, chunks: AsyncIterator[bytes], headers: Mapping[str, str], timeout_s: float
    ) -> int:
        """Send bytes to a presigned address and return the HTTP status.

        Raises:
            UnsafeAddressError: The address leads into this machine or its network.
            SendError: Nothing came back.
        """
        try:
            target = str(self._httpx.URL(url))
            self._guard.check(target)
            response = await self._file_client(target).put(
                target, content=chunks, headers=dict(headers), timeout=timeout_s
            )
        except (self._httpx.RequestError, self._httpx.InvalidURL) as error:
            raise self._send_error(error) from None
        return response.status_code

    @asynccontextmanager
    async def stream(
        self, url: str, timeout_s: float, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> AsyncIterator[httpx.Response]:
        """Open a streamed request without credentials; redirects are followed, each judged like the first.

        Args:
            url: Absolute URL.
            timeout_s: Seconds for each of connecting, sending and waiting.
            headers: Further headers.
            method: ``GET`` or ``HEAD``.

        Raises:
            UnsafeAddressError: The address, or one that it redirects to, may not be fetched.
        """
        target, came_from = self._httpx.URL(url), None
        for _ in range(MOST_REDIRECTS + 1):
            self._guard.check(str(target), came_from)
            answer = await self._send(method, target, headers, timeout_s)
            try:
                if answer.status_code not in _REDIRECTS:
                    yield answer
                    return
                came_from, target = str(target), self._next_hop(target, answer.headers.get("location"))
            finally:
                await answer.aclose()
        raise UnsafeAddressError(f"it redirects more than {MOST_REDIRECTS} times")

    async def size_of(self, url: str, timeout_s: float) -> int | None:
        """Return the bytes of a file as its headers state them; None when it cannot be had right now.

        Args:
            url: Absolute URL.
            timeout_s: Seconds for each of connecting, sending and waiting.
        """
        headers = {"Accept-Encoding": "identity"}
        try:
            async with self.stream(url, timeout_s, headers, method="HEAD") as answer:
                stated = answer.headers.get("content-length", "")
                return int(stated) if answer.is_success and stated.isascii() and stated.isdigit() else None
        except (self._httpx.RequestError, self._httpx.InvalidURL, UnsafeAddressError):
            return None

    async def _send(
        self, method: str, target: httpx.URL, headers: Mapping[str, str] | None, timeout_s: float
    ) -> httpx.Response:
        client = self._file_client(str(target))
        request = client.build_request(method, target, headers=dict(headers or {}), timeout=timeout_s)
        try:
            return await client.send(request, stream=True)
        except self._httpx.InvalidURL:  # httpx reads the target of a redirect even when it does not follow
            raise UnsafeAddressError("a redirect leads to what is no address") from None

    def _next_hop(self, target: httpx.URL, location: str | None) -> httpx.URL:
        if not location:
            raise UnsafeAddressError("a redirect leads nowhere")
        try:
            return target.join(location)
        except self._httpx.InvalidURL:
            raise UnsafeAddressError("a redirect leads to what is no address") from None

    def _file_client(self, url: str) -> httpx.AsyncClient:
        """Return the client for an address that has passed the guard's first look."""
        if self._inner is not None or self._guard.is_own(url):
            return self._client
        proxy = proxy_for(url)
        if proxy not in self._for_files:
            self._for_files[proxy] = self._open(proxy)
        return self._for_files[proxy]

    def _open(self, proxy: str | None) -> httpx.AsyncClient:
        """Return a client that goes to checked addresses, or to a proxy: that one resolves names itself."""
        from ima_skills.pinned import PinnedTransport

        pinned = PinnedTransport(self._guard, self._connections) if proxy is None else None
        headers = {"User-Agent": _user_agent()}
        return self._httpx.AsyncClient(
            transport=pinned, proxy=proxy, headers=headers, trust_env=False, follow_redirects=False
        )

    def _send_error(self, error: Exception) -> SendError:
        if isinstance(error, self._httpx.InvalidURL):
            return SendError("the address cannot be read", left=False)
        unsent = (
            self._httpx.ConnectError,
            self._httpx.ConnectTimeout,
            self._httpx.PoolTimeout,
            self._httpx.UnsupportedProtocol,
            self._httpx.ProxyError,
        )
        left = not isinstance(error, unsent)
        what = "no answer came back" if left else "the service cannot be reached"
        why = type(error).__name__
        return SendError(f"{what} ({why})", left=left, why=why)

    def _note_sandbox(self, headers: Mapping[str, str]) -> None:
        mark = headers.get(SANDBOX_HEADER)
        if mark is not None:
            self.sandbox_speed = _positive(mark)


def read_answer(status: int, content: bytes, headers: Mapping[str, str]) -> Answer:
    """Read an envelope; a body that is not one leaves ``code`` empty.

    The code may be a number or, from some gateways, a numeric string.

    Args:
        status: HTTP status.
        content: The body.
        headers: Response headers.
    """
    import json

    lower = {name.lower(): value for name, value in headers.items()}
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return Answer(status, None, "", None, lower)
    message = document.get("message")
    said = message if isinstance(message, str) else ""
    return Answer(status, _code(document.get("code")), said, document.get("data"), lower)


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for an address, or None.

    Args:
        url: An https address.
    """
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    known = getproxies()
    proxy = known.get(parts.scheme) or known.get("all")
    if not proxy or proxy_bypass(parts.hostname or ""):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _code(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _CODE.fullmatch(value.strip()):
        return int(value)
    return None


def _keep_addresses_out_of_logs() -> None:
    """Keep queries out of httpx's own log lines: they hold keys and signatures.

    A filter is set only once however often it is added, and takes nothing else away from a record.
    """
    import logging

    logging.getLogger("httpx").addFilter(_without_queries)


def _without_queries(record: LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(_without_query(value) for value in record.args)
    return True


def _without_query(value: object) -> object:
    address = str(value)
    return f"{address.partition('?')[0]}?…" if "://" in address and "?" in address else value


def _positive(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        return 1.0
    return max(speed, 1.0) if speed < float("inf") else 1.0


def _user_agent() -> str:
    from ima_skills.version import VERSION

    return f"ima-skills/{VERSION}"
