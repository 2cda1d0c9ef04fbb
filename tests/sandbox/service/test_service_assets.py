"""Compliance checks of inputs."""

from __future__ import annotations

from typing import Any

import pytest

VERIFY = "/open/v1/assets/verify"
FAR = "https://cdn.example.com/a.png"


def test_a_good_asset_is_active(bench: Any) -> None:
    """The result has the fields that clients read, status Active and no error."""
    result = bench.post(VERIFY, {"url": FAR, "name": "cat"})["data"]["result"]
    assert (result["status"], result["name"], result["url"], result["asset_type"]) == (
        "Active",
        "cat",
        FAR,
        "image",
    )
    assert result["error"] == {"code": "", "message": ""}
    assert {"id", "group_id", "project_name", "create_time", "update_time"} <= set(result)


def test_an_asset_keeps_its_id(bench: Any) -> None:
    """The same address is the same asset."""
    first, second = (bench.post(VERIFY, {"url": FAR})["data"]["result"]["id"] for _ in range(2))
    assert first == second


def test_an_unreachable_asset_fails_in_the_result(bench: Any) -> None:
    """A bad address is a success envelope whose result failed."""
    answer = bench.post(VERIFY, {"url": "http://cdn.example.com/a.png"})
    assert answer["code"] == 0
    assert answer["data"]["result"]["status"] == "failed"
    assert answer["data"]["result"]["error"]["message"] == "input must be a public https URL"


@pytest.mark.parametrize(
    "body", [{}, {"url": ""}, {"url": 5}, {"url": FAR, "name": "x" * 65}, {"url": FAR, "name": 5}]
)
def test_malformed_checks_are_400(bench: Any, body: dict[str, Any]) -> None:
    """url is needed, and a name has at most 64 characters."""
    assert bench.post(VERIFY, body)["code"] == 400


def fast(order: Any, urls: list[str]) -> Any:
    return order("image_to_video", "ima-pro-fast", "ima-pro-fast", 62, 9, inputs=urls)


def test_some_models_take_verified_assets_only(bench: Any, order: Any) -> None:
    """Every input must have passed before the create."""
    own = bench.uploaded()
    answer = bench.create(fast(order, [own, FAR]))
    assert (answer["code"], answer["message"]) == (400, "asset has not passed the compliance check")
    bench.post(VERIFY, {"url": own})
    assert bench.create(fast(order, [own, FAR]))["code"] == 400
    bench.post(VERIFY, {"url": FAR})
    assert bench.create(fast(order, [own, FAR]))["code"] == 0


def test_other_models_do_not_ask(bench: Any, order: Any) -> None:
    """The check concerns the models that the documents name."""
    assert bench.create(order("image_to_video", "film", "film-1", 61, 9, inputs=[FAR]))["code"] == 0


def test_the_check_comes_after_points(open_bench: Any, order: Any) -> None:
    """An account without points hears that first."""
    assert open_bench(points=8).create(fast(order, [FAR]))["code"] == 4008


def test_the_requirement_can_be_switched_off(open_bench: Any, order: Any) -> None:
    """Whether the service itself insists is not documented: a switch."""
    assert open_bench(require_verify=False).create(fast(order, [FAR]))["code"] == 0


def test_a_verdict_outlives_port_and_process(open_bench: Any, order: Any) -> None:
    """An upload that passed stays passed after the server moved."""
    first = open_bench()
    own = first.uploaded()
    first.post(VERIFY, {"url": own})
    second = open_bench()
    second.service.rebase("http://127.0.0.1:4712")
    moved = own.replace("http://ima-sandbox.localhost", "http://127.0.0.1:4712")
    assert second.create(fast(order, [moved]))["code"] == 0


def test_a_rejected_asset_stays_rejected(open_bench: Any, order: Any) -> None:
    """A scenario's verdict is shown in the result and held against the create."""
    fault = '[[fault]]\non = "verify"\nkind = "asset"\ncalls = [1]\ncode = "FaceDetected"\nmessage = "a real face"\n'
    bench = open_bench(scenario=fault)
    result = bench.post(VERIFY, {"url": FAR})["data"]["result"]
    assert (result["status"], result["error"]) == (
        "failed",
        {"code": "FaceDetected", "message": "a real face"},
    )
    assert bench.create(fast(order, [FAR]))["code"] == 400
    assert bench.post(VERIFY, {"url": FAR})["data"]["result"]["status"] == "Active"
    assert bench.create(fast(order, [FAR]))["code"] == 0


def test_a_check_that_does_not_end(open_bench: Any) -> None:
    """A verdict may be left open."""
    bench = open_bench(scenario='[[fault]]\non = "verify"\nkind = "asset"\nverdict = "processing"\n')
    assert bench.post(VERIFY, {"url": FAR})["data"]["result"]["status"] == "processing"
