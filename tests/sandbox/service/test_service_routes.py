"""Paths, keys, envelope and the product list."""

from __future__ import annotations

from typing import Any

import pytest

LIST = "/open/v1/product/list"
CREATE = "/open/v1/tasks/create"
DETAIL = "/open/v1/tasks/detail"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", LIST),
        ("GET", CREATE),
        ("GET", "/"),
        ("DELETE", "/cdn/x"),
        ("POST", "/oss/x"),
        ("GET", "/api/v3/x"),
    ],
)
def test_unknown_routes_are_a_json_404(bench: Any, method: str, path: str) -> None:
    """A wrong path or method is HTTP 404 with a JSON envelope."""
    answer = bench.request(method, path)
    assert answer.status_code == 404
    assert answer.json() == {"code": 404, "message": "not found", "data": None}


def test_every_answer_says_that_it_is_the_sandbox(bench: Any) -> None:
    """Success, refusal, 404 and storage errors all carry the sandbox's mark."""
    answers = [
        bench.request("GET", LIST, params={"category": "text_to_image"}),
        bench.request("POST", CREATE, body={}),
        bench.request("GET", "/nowhere"),
        bench.request("GET", "/cdn/nothing.png"),
        bench.request("PUT", "/oss/nothing.png", content=b"x"),
        bench.token(),
    ]
    assert [answer.headers.get("x-ima-sandbox") for answer in answers] == ["1"] * 6


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer ima_other"}, {"Authorization": "ima_sandbox"}]
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", LIST), ("POST", CREATE), ("POST", "/open/v1/assets/verify")]
)
def test_a_wrong_key_is_code_401_in_http_200(
    bench: Any, header: dict[str, str], method: str, path: str
) -> None:
    """The service refuses a key in the body, not with an HTTP status."""
    answer = bench.request(method, path, headers=header, body={} if method == "POST" else None)
    assert (answer.status_code, answer.json()) == (
        200,
        {"code": 401, "message": "unauthorized", "data": None},
    )


def test_the_key_of_the_options_is_the_one_that_counts(open_bench: Any) -> None:
    """A sandbox opened with its own key refuses the default one."""
    bench = open_bench(api_key="ima_mine")
    assert bench.request("GET", LIST, headers={"Authorization": "Bearer ima_mine"}).json()["code"] == 0
    assert bench.request("GET", LIST).json()["code"] == 401


def test_the_list_is_the_snapshots_tree(bench: Any) -> None:
    """Groups, nested groups, null children and leaves come as in the snapshot, in one envelope."""
    nodes = bench.listed("text_to_image")
    leaf = nodes[0]["children"][0]["children"][0]
    assert (leaf["id"], leaf["type"], leaf["credit_rules"][0]["attribute_id"]) == ("draw-1", "3", 11)
    assert nodes[1]["children"] is None
    assert "form_config" not in bench.listed("text_to_music")[0]


@pytest.mark.parametrize(
    ("language", "label"), [("en", "Image size"), ("zh", "图片尺寸"), ("fr", "Image size")]
)
def test_the_language_header_changes_labels_only(bench: Any, language: str, label: str) -> None:
    """x_app_language, with underscores, picks the labels; an unknown language gets English."""
    nodes = bench.listed("text_to_image", x_app_language=language)
    field = nodes[0]["children"][0]["children"][0]["form_config"][0]
    assert (field["label"], field["field"]) == (label, "size")


def test_a_list_without_language_is_english(bench: Any) -> None:
    """English is the default language."""
    assert bench.listed("text_to_image")[0]["children"][0]["children"][0]["description"] == "Draws"


@pytest.mark.parametrize("category", ["", "text_to_smell"])
def test_an_unknown_category_is_an_empty_success(bench: Any, category: str) -> None:
    """The service answers code 0 and an empty list."""
    answer = bench.request("GET", LIST, params={"category": category}).json()
    assert (answer["code"], answer["data"]) == (0, [])


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'"text"'])
def test_a_body_that_is_no_json_object_is_code_400(bench: Any, content: bytes) -> None:
    """Anything but a JSON object is refused in the service's own envelope."""
    for path in (CREATE, DETAIL, "/open/v1/assets/verify"):
        assert bench.request("POST", path, content=content).json()["code"] == 400


def test_a_body_beyond_the_limit_is_code_400(bench: Any) -> None:
    """The sandbox does not read JSON without end."""
    assert bench.request("POST", CREATE, content=b" " * (5 * 1024 * 1024)).json()["code"] == 400


def test_chunked_bodies_are_read_whole(bench: Any, in_pieces: Any) -> None:
    """A body in pieces and without a length is the same body."""
    answer = bench.request("POST", DETAIL, content=in_pieces(b'{"task', b'_id": ', b'"task_x"}'))
    assert answer.json() == {"code": 404, "message": "task not found", "data": None}


@pytest.mark.parametrize("task_id", [None, "", 5])
def test_detail_wants_an_id(bench: Any, task_id: Any) -> None:
    """A detail call without a usable id is code 400."""
    assert bench.post(DETAIL, {"task_id": task_id})["code"] == 400


def test_errors_can_come_as_http_errors(open_bench: Any, order: Any) -> None:
    """With http_errors the same codes come with a matching HTTP status."""
    bench = open_bench(http_errors=True, points=1)
    refused = bench.request("GET", LIST, headers={})
    assert (refused.status_code, refused.json()["code"]) == (401, 401)
    poor = bench.request("POST", CREATE, body=order())
    assert (poor.status_code, poor.json()["code"]) == (402, 4008)
    bad = bench.request("POST", CREATE, body={})
    assert (bad.status_code, bad.json()["code"]) == (400, 400)
