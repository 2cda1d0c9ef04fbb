"""A desk on a sandbox in this process that draws at once, and a client that talks to it in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from ima_skills.cli.mcp import understander
from ima_skills.cli.output import Output
from ima_skills.clock import SystemClock
from ima_skills.file_rules import FileRules
from ima_skills.journal.caps import Caps
from ima_skills.journal.router import Books
from ima_skills.journal.store import FileJournal
from ima_skills.offline import sandbox_client
from ima_skills.plugin_set import PluginSet
from ima_skills.registry import Registry
from ima_skills.sandbox.media import Rendered, RenderJob

pytest.importorskip("mcp", reason="the extra mcp is not installed")

_SUFFIX = {"image": "png", "video": "mp4", "music": "mp3", "speech": "mp3"}
# A whole file as far as boxes go; sound is not looked at so closely.
_MOVIE = b"\0\0\0\x18ftypisom\0\0\0\0isommp41\0\0\1\x98moov"
_HEADS = {"video": _MOVIE, "music": b"ID3\x04", "speech": b"ID3\x04"}


def quick_render(job: RenderJob, folder: Path, stem: str) -> Rendered:
    """Draw a small picture, or write a file that only looks like its kind from outside."""
    folder.mkdir(parents=True, exist_ok=True)
    suffix = _SUFFIX[job.kind]
    path = folder / f"{stem}.{suffix}"
    if job.kind == "image":
        from PIL import Image

        Image.new("RGB", (1280, 720), (30, 60, 90)).save(path)
    else:
        path.write_bytes(_HEADS[job.kind] + b"-" * 400)
    sized = job.kind in {"image", "video"}
    length = None if job.kind == "image" else 5.0
    return Rendered(path, suffix, 1280 if sized else None, 720 if sized else None, length, None)


@pytest.fixture
def desk_at(tmp_path: Path, registry: Registry, plugins: PluginSet) -> Iterator[Callable[[float], Any]]:
    """Return a function from a sandbox's speed to a desk on it; everything is under the test's folder."""
    from ima_skills.mcp_server.desk import Desk

    with ExitStack() as stack:

        def make(speed: float) -> Desk:
            place = tmp_path / f"at-{speed:g}"
            parts: dict[str, Any] = {"clock": SystemClock(), "caps": Caps(), "warn": lambda _: None}
            real = FileJournal(place / "real.db", **parts)
            books = Books(real, FileJournal(place / "play.db", sandbox=True, **parts), plays=True)
            stack.callback(books.close)
            client = sandbox_client(
                place / "state", speed=speed, plugins=plugins, registry=registry, render=quick_render,
                journal=books, files=FileRules("skip"),
            )  # fmt: skip
            return Desk(client, books, place / "out", understander(client, Output()), Caps())

        yield make


@pytest.fixture
def desk(desk_at: Callable[[float], Any]) -> Any:
    """The desk on a sandbox where the longest job takes a tenth of a second."""
    return desk_at(3000)


class Called:
    """What a call answered."""

    def __init__(self, result: Any) -> None:
        self.result = result
        self.failed = bool(result.is_error)
        self.view: dict[str, Any] = result.structured_content or {}

    @property
    def error(self) -> dict[str, Any]:
        """The one JSON document of an error."""
        assert self.failed, self.view
        text = self.result.content[0].text
        found: dict[str, Any] = json.loads(text[text.index("{") :])
        return found


Call = Callable[..., Awaitable[Called]]
Talk = Callable[[Callable[[Call, Any], Awaitable[None]]], None]


@pytest.fixture(params=["auto", "legacy"])
def talk(request: pytest.FixtureRequest, desk: Any) -> Talk:
    """Return a function that runs a conversation with the server, once in each era of the protocol."""
    from mcp import Client

    from ima_skills.mcp_server.server import make_server

    def run(conversation: Callable[[Call, Any], Awaitable[None]], at: Any = None, **changed: Any) -> None:
        async def go() -> None:
            used = evolve(at or desk, **changed)
            async with used.client, Client(make_server(used), mode=request.param) as client:

                async def call(name: str, **given: Any) -> Called:
                    return Called(await client.call_tool(name, given))

                await conversation(call, client)

        asyncio.run(go())

    return run
