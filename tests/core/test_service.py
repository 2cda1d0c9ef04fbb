"""The service's calls: what goes out, what comes back, and what is repeated."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ima_skills.delivering import Direct
from ima_skills.errors import (
    CredentialError,
    ImaError,
    NetworkError,
    OutcomeUnknownError,
    PointsError,
    ServiceError,
)
from ima_skills.service import Accepted, Refused
from ima_skills.unrecorded import NoRecord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from ima_skills.clock import FakeClock
    from ima_skills.service import Service

PAYLOAD = {"task_type": "text_to_image"}


async def create(service: Service, payload: dict[str, Any]) -> Accepted:
    """Send one create from this process, without a journal."""
    order = service.order(payload, 1, 5)
    sender = Direct(service._transport)
    return service.accepted(await sender.deliver(order, NoRecord()))


class Line:
    """Answers requests one after the other, the last one for ever, and keeps what was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, httpx.Response)
        return answer


def test_product_list_request(service_over: Callable[..., Service], envelope: Callable[..., Any]) -> None:
    """Path, query and headers of the list are those of the documents."""
    line = Line(envelope([{"id": "g"}]))
    assert asyncio.run(service_over(line, "zh").product_list("text_to_image")) == [{"id": "g"}]
    (request,) = line.seen
    assert (request.method, request.url.path) == ("GET", "/open/v1/product/list")
    assert dict(request.url.params) == {"app": "ima", "platform": "web", "category": "text_to_image"}
    expected = {
        "authorization": "Bearer ima_test_key", "content-type": "application/json", "x-app-source": "ima_skills", "x_app_language": "zh",
    }  # fmt: skip
    assert {name: request.headers[name] for name in expected} == expected


@pytest.mark.parametrize("call", ["create", "detail", "verify_asset"])
def test_posts(service_over: Callable[..., Service], envelope: Callable[..., Any], call: str) -> None:
    """Every POST carries the same headers and a JSON body, to its own path."""
    line = Line(envelope({"id": "t1", "result": {"status": "Active"}, "medias": []}))
    service = service_over(line)
    asyncio.run(create(service, PAYLOAD) if call == "create" else getattr(service, call)("x1"))
    (request,) = line.seen
    assert request.method == "POST"
    assert request.headers["authorization"] == "Bearer ima_test_key"
    assert request.headers["x_app_language"] == "en"
    expected = {"create": ("/open/v1/tasks/create", PAYLOAD), "detail": ("/open/v1/tasks/detail", {"task_id": "x1"}),
                "verify_asset": ("/open/v1/assets/verify", {"url": "x1"})}  # fmt: skip
    assert (request.url.path, json.loads(request.content)) == expected[call]


def test_upload_token_has_no_key_in_headers(
    service_over: Callable[..., Service], envelope: Callable[..., Any]
) -> None:
    """The upload token is asked for without Authorization: its query is signed."""
    line = Line(envelope({"ful": "https://put.example/x", "fdl": "https://get.example/x"}))
    asyncio.run(service_over(line).upload_token({"appUid": "k"}))
    (request,) = line.seen
    assert request.url.path == "/api/rest/oss/getuploadtoken"
    assert "authorization" not in request.headers


@pytest.mark.parametrize("task_id", ["t1", 1659306, " t 1 "])
def test_created(service_over: Callable[..., Service], envelope: Callable[..., Any], task_id: Any) -> None:
    """The id of the task, a text or a number, is what is polled; biz_id is not."""
    line = Line(envelope({"id": task_id, "biz_id": "b1"}))
    assert asyncio.run(create(service_over(line), PAYLOAD)) == Accepted(str(task_id))
    assert len(line.seen) == 1


@pytest.mark.parametrize("code", [0, 200, "0", "200"])
def test_both_codes_of_success(
    service_over: Callable[..., Service], envelope: Callable[..., Any], code: Any
) -> None:
    """0 and 200 both mean success, as number or as text, whatever the HTTP status."""
    line = Line(envelope({"id": "t"}, code=code, status=500))
    assert asyncio.run(create(service_over(line), PAYLOAD)).task_id == "t"


@pytest.mark.parametrize("code", [401, 4008, 6006, 6009, 6010, 400, 500, 429, 503, "6010", -1])
@pytest.mark.parametrize("status", [200, 400, 500])
def test_refused_creates_are_verdicts(
    service_over: Callable[..., Service], envelope: Callable[..., Any], code: Any, status: int
) -> None:
    """The service's own code is a verdict whatever the HTTP status; the create is sent exactly once."""
    line = Line(envelope(None, code=code, status=status))
    with pytest.raises(Refused, match="the service refused: ") as caught:
        asyncio.run(create(service_over(line), PAYLOAD))
    assert caught.value.refusal.service_code == int(code)
    assert len(line.seen) == 1


UNKNOWN = [
    httpx.ReadTimeout("x"), httpx.ReadError("x"), httpx.RemoteProtocolError("x"), httpx.WriteError("x"), httpx.DecodingError("x"),
    httpx.Response(500, text="<html>"), httpx.Response(502), httpx.Response(200, text="ok"), httpx.Response(200, json=[]),
    httpx.Response(200, json={"message": "fine"}), httpx.Response(429, text="slow down"), httpx.Response(302),
    httpx.Response(200, json={"code": 0}), httpx.Response(200, json={"code": 0, "data": {}}),
    httpx.Response(200, json={"code": 0, "data": {"id": ""}}), httpx.Response(200, json={"code": 0, "data": {"id": None}}),
    httpx.Response(200, json={"code": 0, "data": {"id": {"a": 1}}}), httpx.Response(200, json={"code": 0, "data": {"id": True}}),
    httpx.Response(200, json={"code": 0, "data": {"biz_id": "b"}}), httpx.Response(200, json={"code": 0, "data": "t1"}),
    httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip")),
]  # fmt: skip


@pytest.mark.parametrize("answer", UNKNOWN, ids=range(len(UNKNOWN)))
def test_unknown_outcomes(service_over: Callable[..., Service], answer: Any) -> None:
    """A create that left without a verdict is never repeated; the error says how to find out."""
    line = Line(answer)
    with pytest.raises(
        OutcomeUnknownError, match="the create was sent and its outcome is not known: "
    ) as caught:
        asyncio.run(create(service_over(line), PAYLOAD))
    assert len(line.seen) == 1
    assert (caught.value.exit_code, caught.value.retryable) == (7, False)
    assert "https://imastudio.com/dashboard" in caught.value.hint


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")]
)
def test_a_create_that_never_left(service_over: Callable[..., Service], error: Exception) -> None:
    """Only when nothing left is it a plain network error."""
    line = Line(error)
    with pytest.raises(NetworkError, match="the service cannot be reached") as caught:
        asyncio.run(create(service_over(line), PAYLOAD))
    assert caught.value.hint == "Nothing was sent; try again."
    assert len(line.seen) == 1


PASSING = [
    httpx.Response(503, text="<html>busy</html>"), httpx.Response(502), httpx.Response(200, text=""), httpx.ReadTimeout("x"),
    httpx.ConnectError("x"), httpx.Response(200, json={"code": 503, "message": "x"}), httpx.Response(200, json={"code": 429}),
    httpx.Response(500, json={"code": 500}), httpx.Response(429, json={"code": 429}, headers={"Retry-After": "3"}),
]  # fmt: skip


@pytest.mark.parametrize("trouble", PASSING, ids=range(len(PASSING)))
def test_the_list_is_read_again(
    service_over: Callable[..., Service], envelope: Callable[..., Any], fake_clock: FakeClock, trouble: Any
) -> None:
    """Reading costs nothing, so passing trouble is ridden out, with pauses that grow."""
    line = Line(trouble, trouble, envelope(["ok"]))
    start = fake_clock.monotonic()
    assert asyncio.run(service_over(line).product_list("text_to_image")) == ["ok"]
    asked = isinstance(trouble, httpx.Response) and "retry-after" in trouble.headers
    assert fake_clock.monotonic() - start == pytest.approx(6.0 if asked else 1.5)


@pytest.mark.parametrize("trouble", PASSING, ids=range(len(PASSING)))
def test_reading_gives_up(service_over: Callable[..., Service], trouble: Any) -> None:
    """After three looks the last trouble is told."""
    line = Line(trouble)
    with pytest.raises(ImaError, match=r"\S") as caught:
        asyncio.run(service_over(line).product_list("text_to_image"))
    assert len(line.seen) == 3
    assert caught.value.retryable


def test_a_long_retry_after_is_bounded(
    service_over: Callable[..., Service], envelope: Callable[..., Any], fake_clock: FakeClock
) -> None:
    """A service that asks for hours gets another look after twenty seconds."""
    busy = httpx.Response(503, text="x", headers={"Retry-After": "86400"})
    start = fake_clock.monotonic()
    asyncio.run(service_over(Line(busy, envelope([]))).product_list("text_to_image"))
    assert fake_clock.monotonic() - start == pytest.approx(20)


@pytest.mark.parametrize(
    ("code", "kind"), [(401, CredentialError), (4008, PointsError), (400, ServiceError), (77, ServiceError)]
)
def test_final_refusals_of_reads(
    service_over: Callable[..., Service], envelope: Callable[..., Any], code: int, kind: type[ImaError]
) -> None:
    """A refusal that another look cannot cure is told at once."""
    line = Line(envelope(None, code=code))
    with pytest.raises(kind, match=r"^(The|There|One|the) .*"):
        asyncio.run(service_over(line).product_list("text_to_image"))
    assert len(line.seen) == 1


@pytest.mark.parametrize(
    "data",
    [
        None, [], {}, {"ful": "https://a.example"}, {"fdl": "https://a.example"}, {"ful": 5, "fdl": "https://a.example"},
        {"ful": "http://a.example", "fdl": "https://a.example"}, {"ful": "https://a.example", "fdl": "ftp://a.example"},
        {"ful": "https://[", "fdl": "https://a.example"}, "https://a.example",
    ],
)  # fmt: skip
def test_unusable_upload_grants(
    service_over: Callable[..., Service], envelope: Callable[..., Any], data: Any
) -> None:
    """A grant without two addresses that nobody can listen to is none."""
    with pytest.raises(NetworkError, match="the upload service granted no usable address") as caught:
        asyncio.run(service_over(Line(envelope(data))).upload_token({}))
    assert caught.value.name == "upload-refused"


@pytest.mark.parametrize("data", [None, [], {}, {"result": None}, {"result": "x"}])
def test_verdicts_that_are_none(
    service_over: Callable[..., Service], envelope: Callable[..., Any], data: Any
) -> None:
    """A verdict that cannot be read is an empty one."""
    assert asyncio.run(service_over(Line(envelope(data))).verify_asset("https://a.example")) == {}


async def _chunks() -> AsyncIterator[bytes]:
    yield b"abc"
    yield b"de"


def test_put_bytes(service_over: Callable[..., Service]) -> None:
    """Bytes go out with their type and length, and without the key."""
    line = Line(httpx.Response(204))
    asyncio.run(service_over(line).put_bytes("https://put.example/x?sign=1", _chunks(), "image/png", 5))
    (request,) = line.seen
    assert (request.method, request.headers["content-type"], request.headers["content-length"]) == (
        "PUT",
        "image/png",
        "5",
    )
    assert "transfer-encoding" not in request.headers
    assert "authorization" not in request.headers
    assert request.content == b"abcde"


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (httpx.Response(403, text="<xml/>"), "the storage refused an upload with HTTP 403"),
        (httpx.Response(301, headers={"Location": "https://x.example"}), "with HTTP 301"),
        (httpx.ReadError("https://put.example/x?sign=1"), r"upload: no answer came back \(ReadError\)"),
    ],
)
def test_failed_puts(service_over: Callable[..., Service], answer: Any, match: str) -> None:
    """A storage that does not take the bytes is a network error without the signed address."""
    with pytest.raises(NetworkError, match=match) as caught:
        asyncio.run(
            service_over(Line(answer)).put_bytes("https://put.example/x?sign=1", _chunks(), "image/png", 5)
        )
    assert caught.value.name == "upload-failed"
    assert "sign=1" not in str(caught.value.as_dict())


def test_sandbox_speed_is_believed_on_this_machine_only(service_over: Callable[..., Service]) -> None:
    """Only a service on this machine may claim to be a sandbox."""
    from attrs import evolve

    line = Line(httpx.Response(200, json={"code": 0}, headers={"x-ima-sandbox": "60"}))
    service = service_over(line)
    asyncio.run(service.product_list("x"))
    assert service.sandbox_speed == 60.0
    service._settings = evolve(service._settings, base_url="https://api.imastudio.com")
    assert service.sandbox_speed is None


def test_without_a_key_nothing_is_sent(
    service_over: Callable[..., Service], envelope: Callable[..., Any]
) -> None:
    """A call without a key says where to get one before anything is sent."""
    from attrs import evolve

    line = Line(envelope([]))
    service = service_over(line)
    service._settings = evolve(service._settings, api_key=None)
    with pytest.raises(CredentialError, match="no API key is set"):
        asyncio.run(service.product_list("x"))
    assert line.seen == []
