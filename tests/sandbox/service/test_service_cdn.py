"""The CDN: whole files and ranges, without credentials."""

from __future__ import annotations

from typing import Any

import pytest

DATA = bytes(range(200))


@pytest.fixture
def url(bench: Any) -> str:
    found: str = bench.uploaded(DATA)
    return found


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=190-", 190, 199),
        ("bytes=-5", 195, 199),
        ("bytes=5-999", 5, 199),
        ("bytes=-999", 0, 199),
    ],
)
def test_ranges(bench: Any, url: str, asked: str, first: int, last: int) -> None:
    """A range gives its part; one that is the whole file gives the file."""
    answer = bench.request("GET", url, headers={"Range": asked})
    assert answer.content == DATA[first : last + 1]
    if last - first == 199:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes {first}-{last}/200"
        assert answer.headers["content-length"] == str(last + 1 - first)


@pytest.mark.parametrize("asked", ["bytes=200-", "bytes=9-3", "bytes=-0"])
def test_impossible_ranges_are_416(bench: Any, url: str, asked: str) -> None:
    """Beyond the end, backwards, and nothing at all."""
    answer = bench.request("GET", url, headers={"Range": asked})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */200")


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b"])
def test_ranges_that_are_not_understood_give_the_file(bench: Any, url: str, asked: str) -> None:
    """As HTTP asks for: what is not understood is ignored."""
    answer = bench.request("GET", url, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, DATA)


def test_if_range_guards_against_a_changed_file(bench: Any, url: str) -> None:
    """With the file's tag the range holds; with another the whole file comes."""
    tag = bench.request("GET", url, headers={}).headers["etag"]
    same = bench.request("GET", url, headers={"Range": "bytes=0-9", "If-Range": tag})
    changed = bench.request("GET", url, headers={"Range": "bytes=0-9", "If-Range": '"old"'})
    assert (same.status_code, changed.status_code) == (206, 200)


def test_head_has_headers_only(bench: Any, url: str) -> None:
    """HEAD says what GET would send."""
    answer = bench.request("HEAD", url, headers={})
    assert (answer.status_code, answer.content) == (200, b"")
    assert (answer.headers["content-length"], answer.headers["accept-ranges"]) == ("200", "bytes")
    assert bench.request("HEAD", url + "x", headers={}).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/cdn/nothing.png",
        "/cdn/",
        "/cdn/..%2fsandbox.sqlite3",
        "/cdn/%2e%2e/sandbox.sqlite3",
        "/cdn//etc/passwd",
    ],
)
def test_other_files_do_not_exist(bench: Any, path: str) -> None:
    """Nothing but the CDN's own objects can be read."""
    answer = bench.request("GET", path, headers={})
    assert answer.status_code == 404
    assert "<Code>NoSuchKey</Code>" in answer.text


def test_an_empty_file_is_served(bench: Any) -> None:
    """An upload of no bytes is a file of no bytes, and has no ranges."""
    url = bench.uploaded(b"")
    assert bench.request("GET", url, headers={}).content == b""
    assert bench.request("GET", url, headers={"Range": "bytes=0-"}).status_code == 416
