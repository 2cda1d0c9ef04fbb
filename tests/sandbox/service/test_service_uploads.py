"""Upload tokens and presigned addresses."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest


def code(answer: Any) -> str:
    """Return the code of a storage error."""
    assert answer.headers["content-type"] == "application/xml"
    text: str = answer.text
    return text.partition("<Code>")[2].partition("</Code>")[0]


def test_a_token_has_both_addresses(bench: Any) -> None:
    """ful to write, fdl to use, the key of the object, and ends about a week away."""
    answer = bench.token().json()
    assert answer["code"] == 0
    data = answer["data"]
    assert set(data) == {"ful", "fdl", "ful_expire", "fdl_expire", "fdl_key"}
    assert data["fdl"] == f"http://ima-sandbox.localhost/cdn/{data['fdl_key']}"
    assert data["fdl_key"].startswith("webAgent/privite/2026/09/21/1790000000_sandbox_")
    assert data["ful_expire"] - bench.clock.now() == 7 * 24 * 3600
    assert set(parse_qs(urlsplit(data["ful"]).query)) == {"Expires", "OSSAccessKeyId", "Signature"}


@pytest.mark.parametrize(
    "name",
    [
        "appUid", "appId", "appKey", "cmimToken", "sign", "timestamp", "nonce",
        "fService", "fType", "fSuffix", "fContentType",
    ],
)  # fmt: skip
def test_all_eleven_parameters_are_needed(bench: Any, name: str) -> None:
    """Each missing parameter is named."""
    answer = bench.token(**{name: None})
    assert answer.status_code == 200
    assert answer.json() == {"code": 400, "message": f"missing parameter: {name}", "data": None}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"appUid": "ima_other"}, 401),
        ({"cmimToken": "ima_other"}, 401),
        ({"appId": "other"}, 401),
        ({"appKey": "other"}, 401),
        ({"sign": "0" * 40}, 401),
        ({"sign": "\u00e9"}, 401),
        ({"nonce": "abc", "timestamp": "1790000001"}, 401),
        ({"fService": "private"}, 400),
        ({"fType": "document"}, 400),
        ({"fSuffix": "../x"}, 400),
        ({"fContentType": "image"}, 400),
    ],
)
def test_wrong_tokens_are_refused_in_the_envelope(bench: Any, changes: dict[str, str], expected: int) -> None:
    """Keys and signature give 401, anything else 400."""
    assert bench.token(**changes).json()["code"] == expected


def test_the_signature_must_be_upper_case(bench: Any) -> None:
    """The service compares the hexadecimal text as it is."""
    good = dict(bench.token().request.url.params)["sign"]
    assert bench.token(sign=good.lower()).json()["code"] == 401


def test_an_old_timestamp_is_refused(bench: Any) -> None:
    """A signature is good for the time around its making."""
    params = dict(bench.token().request.url.params)
    bench.clock.jump(3600)
    answer = bench.token(timestamp=params["timestamp"], sign=params["sign"])
    assert (answer.json()["code"], answer.json()["message"]) == (400, "timestamp expired")


def test_the_bytes_come_back(bench: Any, in_pieces: Any) -> None:
    """What was put, in pieces, is what the CDN serves, with the type of its ending."""
    data = bench.token(fSuffix="mp4", fContentType="video/mp4").json()["data"]
    headers = {"Content-Type": "video/mp4"}
    answer = bench.request("PUT", data["ful"], content=in_pieces(b"one", b"", b"two"), headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert "etag" in answer.headers
    got = bench.request("GET", data["fdl"], headers={})
    assert (got.content, got.headers["content-type"]) == (b"onetwo", "video/mp4")


def test_a_second_put_replaces_the_first(bench: Any) -> None:
    """A client that is not sure may put again."""
    data = bench.token().json()["data"]
    for content in (b"first", b"second"):
        bench.request("PUT", data["ful"], content=content, headers={"Content-Type": "image/png"})
    assert bench.request("GET", data["fdl"], headers={}).content == b"second"


@pytest.mark.parametrize("headers", [{"Content-Type": "image/jpeg"}, {}])
def test_another_content_type_breaks_the_signature(bench: Any, headers: dict[str, str]) -> None:
    """The content type of the token is the one to send."""
    answer = bench.request("PUT", bench.token().json()["data"]["ful"], content=b"x", headers=headers)
    assert (answer.status_code, code(answer)) == (403, "SignatureDoesNotMatch")


def test_a_changed_address_breaks_the_signature(bench: Any) -> None:
    """Neither the object nor the end can be changed."""
    ful = bench.token().json()["data"]["ful"]
    for changed in (ful.replace("_sandbox_", "_sandbox_0"), ful.replace("Expires=", "Expires=1")):
        answer = bench.request("PUT", changed, content=b"x", headers={"Content-Type": "image/png"})
        assert (answer.status_code, code(answer)) == (403, "SignatureDoesNotMatch")


def test_an_expired_address_is_refused(bench: Any) -> None:
    """After its end an address is dead."""
    ful = bench.token().json()["data"]["ful"]
    bench.clock.jump(7 * 24 * 3600 + 1)
    answer = bench.request("PUT", ful, content=b"x", headers={"Content-Type": "image/png"})
    assert (answer.status_code, code(answer)) == (403, "AccessDenied")


def test_unsigned_and_unnamed_puts_are_refused(bench: Any, tmp_path: Any) -> None:
    """Without a signature, or for a name that leaves the folder, nothing is written."""
    assert bench.request("PUT", "/oss/a.png", content=b"x", headers={}).status_code == 403
    assert bench.request("PUT", "/oss/..%2f..%2fa.png", content=b"x", headers={}).status_code in {400, 403}
    assert list(tmp_path.rglob("a.png")) == []


def test_the_key_does_not_belong_to_the_storage(bench: Any) -> None:
    """A PUT that carries the account's key is refused: it must not travel there."""
    ful = bench.token().json()["data"]["ful"]
    headers = {"Content-Type": "image/png", "Authorization": f"Bearer {bench.key}"}
    answer = bench.request("PUT", ful, content=b"x", headers=headers)
    assert (answer.status_code, code(answer)) == (400, "InvalidArgument")


def test_presigned_addresses_outlive_the_process(open_bench: Any) -> None:
    """Services on one folder accept each other's addresses; those on another do not."""
    data = open_bench().token().json()["data"]
    headers = {"Content-Type": "image/png"}
    other = open_bench(folder="other").request("PUT", data["ful"], content=b"x", headers=headers)
    assert other.status_code == 403
    assert open_bench().request("PUT", data["ful"], content=b"x", headers=headers).status_code == 200


def test_the_second_token_form_needs_lenience(open_bench: Any) -> None:
    """The undocumented form works in a lenient sandbox only, and needs its two headers."""
    params = {"suffix": "png", "content_type": "image/png", "uid": "7"}
    path = "/api/rest/oss/getuploadtoken"
    strict, lenient = open_bench(), open_bench(lenient=True)
    headers = {"ima-token": lenient.key, "APP-KEY": "im_claw_open"}
    assert strict.request("GET", path, params=params, headers=headers).json()["code"] == 400
    assert lenient.request("GET", path, params=params, headers={}).json()["code"] == 401
    data = lenient.request("GET", path, params=params, headers=headers).json()["data"]
    answer = lenient.request("PUT", data["ful"], content=b"x", headers={"Content-Type": "image/png"})
    assert answer.status_code == 200
    assert lenient.token().json()["code"] == 0
