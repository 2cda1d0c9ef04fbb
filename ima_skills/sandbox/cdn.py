"""The CDN: files without credentials, whole or in part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import evolve

from ima_skills.sandbox.call import Answer, Call, FileSlice
from ima_skills.sandbox.envelope import storage_error, typed_answer
from ima_skills.sandbox.site import CDN_PREFIX, Site, content_type_of

if TYPE_CHECKING:
    from pathlib import Path

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_GARBAGE = b"These bytes are no media. They stand for a broken file.\n" * 64


def object_name(call: Call) -> str:
    """Return the name of the object that a CDN call asks for."""
    return call.path.removeprefix(CDN_PREFIX)


def serve(call: Call, site: Site, how: str | None = None) -> Answer:
    """Answer a GET or HEAD of a file.

    Args:
        call: The call; a single byte range is honoured, several are not.
        site: Where files are.
        how: What a scenario sends instead: ``empty``, ``garbage``, ``truncated`` or ``cut``.
    """
    path = site.file(object_name(call))
    if path is None or not path.is_file():
        return _without_body(call, storage_error(404, "NoSuchKey", "The specified key does not exist."))
    if how is not None:
        return _without_body(call, _broken(path, how))
    size, tag = path.stat().st_size, _tag(path)
    asked = call.headers.get("range", "") if call.headers.get("if-range", tag) == tag else ""
    match = _RANGE.fullmatch(asked.strip())
    if match is None or match[0] == "bytes=-":
        return _without_body(call, _part(path, 0, size, size))
    start, end = _bounds(match[1], match[2], size)
    if start >= size or start > end:
        refusal = storage_error(416, "InvalidRange", "The requested range is not satisfiable.")
        return _without_body(call, refusal.with_headers({"content-range": f"bytes */{size}"}))
    return _without_body(call, _part(path, start, end + 1 - start, size))


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return (max(0, size - int(last)), size - 1) if int(last) else (size, size)
    return int(first), min(int(last), size - 1) if last else size - 1


def _part(path: Path, start: int, length: int, size: int) -> Answer:
    headers = {
        "content-type": content_type_of(path.name),
        "content-length": str(length),
        "accept-ranges": "bytes",
        "etag": _tag(path),
    }
    if length == size:
        return Answer(200, headers, FileSlice(path, 0, size))
    headers["content-range"] = f"bytes {start}-{start + length - 1}/{size}"
    return Answer(206, headers, FileSlice(path, start, length))


def _tag(path: Path) -> str:
    facts = path.stat()
    return f'"{facts.st_size:x}-{facts.st_mtime_ns:x}"'


def _broken(path: Path, how: str) -> Answer:
    kind, size = content_type_of(path.name), path.stat().st_size
    if how == "empty":
        return typed_answer(b"", kind, 200)
    if how == "garbage":
        return typed_answer(_GARBAGE, kind, 200)
    half = size // 2
    announced = half if how == "truncated" else size
    headers = {"content-type": kind, "content-length": str(announced)}
    return Answer(200, headers, FileSlice(path, 0, half, cut=how == "cut"))


def _without_body(call: Call, answer: Answer) -> Answer:
    return evolve(answer, body=b"") if call.method == "HEAD" else answer
