"""HTTP below the service: what left this machine, and what an answer says."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.transport import SendError, Transport, read_answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

URL = "http://127.0.0.1:9/x"


def _call(handler: Callable[[httpx.Request], Any], url: str = URL, **parts: Any) -> Any:
    async def go() -> Any:
        async with Transport(httpx.MockTransport(handler)) as transport:
            return await transport.call("POST", url, **parts)

    return asyncio.run(go())


def _raising(error: Exception) -> Callable[[httpx.Request], Any]:
    def handler(_: httpx.Request) -> Any:
        raise error

    return handler


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (httpx.ConnectError("x"), False), (httpx.ConnectTimeout("x"), False), (httpx.PoolTimeout("x"), False),
        (httpx.ProxyError("x"), False), (httpx.UnsupportedProtocol("x"), False), (httpx.InvalidURL("x"), False),
        (httpx.ReadTimeout("x"), True), (httpx.WriteTimeout("x"), True), (httpx.ReadError("x"), True), (httpx.WriteError("x"), True),
        (httpx.RemoteProtocolError("x"), True), (httpx.LocalProtocolError("x"), True), (httpx.CloseError("x"), True),
        (httpx.DecodingError("x"), True), (httpx.TooManyRedirects("x"), True),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_left_or_not_left(error: Exception, left: bool) -> None:  # noqa: FBT001 - a column of the table
    """Only what certainly never left counts as not left; whatever httpx raises is told in our words."""
    with pytest.raises(
        SendError, match=r"no answer came back|the service cannot be reached|the address cannot be read"
    ) as caught:
        _call(_raising(error))
    assert caught.value.left is left
    assert caught.value.__cause__ is None
    assert caught.value.exit_code == 5
    assert caught.value.retryable


def test_the_real_network_layer() -> None:
    """Nobody listening is not left; an unfinished answer is left, with a real socket."""

    async def go() -> tuple[SendError, SendError]:
        async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{")
            writer.close()

        server = await asyncio.start_server(cut, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        errors = []
        async with Transport() as transport:
            for address in (f"http://127.0.0.1:{port}/", "http://127.0.0.1:1/"):
                with pytest.raises(SendError, match=r"no answer came back|cannot be reached") as caught:
                    await transport.call("GET", address)
                errors.append(caught.value)
        server.close()
        await server.wait_closed()
        return errors[0], errors[1]

    cut_short, nobody = asyncio.run(go())
    assert (cut_short.left, nobody.left) == (True, False)
    assert str(nobody) == "the service cannot be reached (ConnectError)"


def test_errors_never_show_the_address() -> None:
    """The key travels in the query of an upload token; no error repeats it, nor does its chain."""
    with pytest.raises(SendError, match=r"^no answer came back \(ReadError\)$") as caught:
        _call(
            _raising(httpx.ReadError("ima_secret in https://x/?key=ima_secret")),
            query={"appUid": "ima_secret"},
        )
    chain = [caught.value, caught.value.__cause__]
    assert all("ima_secret" not in f"{error!r}{error}" for error in chain)
    assert caught.value.__suppress_context__


def test_logs_never_show_queries(caplog: pytest.LogCaptureFixture) -> None:
    """httpx writes every URL to its log; the part with keys and signatures is cut off there."""
    caplog.set_level(logging.DEBUG)
    _call(
        lambda _: httpx.Response(200, json={"code": 0}),
        query={"appUid": "ima_secret"},
        headers={"Authorization": "Bearer ima_secret"},
    )
    assert "127.0.0.1:9/x?…" in caplog.text
    assert "ima_secret" not in caplog.text


def test_what_is_sent() -> None:
    """Method, headers, query and a UTF-8 JSON body go out as given, with our own user agent."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"code": 0})

    _call(handler, headers={"x-app-source": "ima_skills"}, query={"a": "1 2"}, body={"prompt": "猫"})
    (request,) = seen
    assert (request.method, request.url.query) == ("POST", b"a=1+2")
    assert json.loads(request.content) == {"prompt": "猫"}
    assert request.headers["x-app-source"] == "ima_skills"
    assert request.headers["user-agent"].startswith("ima-skills/")


def test_redirects_are_not_followed() -> None:
    """A call that is redirected is not sent anywhere else: it carries the key."""
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(302, headers={"Location": "https://evil.example/"})

    answer = _call(handler)
    assert (asked, answer.status, answer.code) == (["127.0.0.1"], 302, None)


@pytest.mark.parametrize(
    ("body", "code", "ok"),
    [
        (b'{"code": 0}', 0, True), (b'{"code": 200, "data": {}}', 200, True), (b'{"code": "0"}', 0, True),
        (b'{"code": "6010"}', 6010, False), (b'{"code": " 401 "}', 401, False), (b'{"code": -1}', -1, False),
        (b'{"code": null}', None, False), (b'{"code": true}', None, False), (b'{"code": 1.5}', None, False),
        (b'{"code": "\xc2\xb2"}', None, False), (b'{"code": "--5"}', None, False), (b'{"code": ""}', None, False),
        (b'{"code": "' + b"9" * 5000 + b'"}', None, False), (b'{"code": ' + b"9" * 5000 + b"}", None, False),
        (b'{"code": []}', None, False), (b"{}", None, False), (b"[]", None, False), (b"0", None, False), (b"", None, False),
        (b"<html>502</html>", None, False), (b'{"code": 0', None, False), (b"\xff\xfe", None, False), (b'{"code": NaN}', None, False),
        (b"[" * 100_000, None, False), (b'{"a":' * 100_000, None, False),
    ],
    ids=range(25),
)  # fmt: skip
def test_envelopes(body: bytes, code: int | None, ok: bool) -> None:  # noqa: FBT001 - a column of the table
    """The code is a number, or a text that is one; anything else is no answer of the service."""
    answer = read_answer(200, body, {})
    assert (answer.code, answer.ok) == (code, ok)


@pytest.mark.parametrize("message", [None, 5, ["a"], {"a": 1}])
def test_messages_that_are_no_text(message: Any) -> None:
    """A message that is no text says nothing."""
    assert read_answer(200, json.dumps({"code": 1, "message": message}).encode(), {}).message == ""


@given(st.binary(max_size=40) | st.text(max_size=20).map(lambda text: json.dumps({"code": text}).encode()))
def test_any_body_is_read(body: bytes) -> None:
    """No body whatsoever breaks the reader."""
    read_answer(502, body, {"Retry-After": "5"})


def test_answers_hide_their_contents() -> None:
    """The repr of an answer shows neither message, data nor headers."""
    answer = read_answer(200, b'{"code": 1, "message": "secret", "data": "secret"}', {"X": "secret"})
    assert "secret" not in repr(answer)
    assert answer.headers == {"x": "secret"}


@pytest.mark.parametrize(
    ("header", "speed"),
    [
        (None, None),
        ("60", 60.0),
        ("0.5", 1.0),
        ("-5", 1.0),
        ("fast", 1.0),
        ("nan", 1.0),
        ("inf", 1.0),
        ("1e9", 1e9),
    ],
)
def test_sandbox_mark(header: str | None, speed: float | None) -> None:
    """A sandbox says how fast its time runs; nonsense counts as normal speed."""

    async def go() -> float | None:
        headers = {} if header is None else {"x-ima-sandbox": header}
        async with Transport(
            httpx.MockTransport(lambda _: httpx.Response(200, headers=headers))
        ) as transport:
            await transport.call("GET", URL)
            return transport.sandbox_speed

    assert asyncio.run(go()) == speed


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:port/", "http://\x00/", "http://" + "a" * 70_000], ids=range(3)
)
def test_addresses_that_cannot_be_read(url: str) -> None:
    """A broken address is an error of its own, for calls and for uploads."""

    async def bytes_of() -> AsyncIterator[bytes]:
        yield b"x"

    async def put() -> None:
        async with Transport(httpx.MockTransport(lambda _: httpx.Response(200))) as transport:
            await transport.put_file(url, bytes_of(), {}, 5.0)

    with pytest.raises(SendError, match="the address cannot be read") as caught:
        _call(lambda _: httpx.Response(200), url)
    assert not caught.value.left
    with pytest.raises(SendError, match="the address cannot be read"):
        asyncio.run(put())
