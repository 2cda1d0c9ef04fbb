"""A runner for the command line, a sandbox on a port with a quick renderer, and the output schemas."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from click.testing import CliRunner

from ima_skills.cli import main
from ima_skills.registry import Registry
from ima_skills.sandbox.knowledge import Options
from ima_skills.sandbox.media import Rendered, RenderJob
from ima_skills.sandbox.scenario import parse_scenario
from ima_skills.sandbox.server import SandboxServer
from ima_skills.sandbox.service import SandboxService, open_sandbox
from ima_skills.schemas import open_schemas

SPEED = 3000.0
# Boxes that fill the file: a head, the tracks, and what the film would be.
_HEADS = {
    "video": b"\0\0\0\x14ftypisom" + bytes(8) + b"\0\0\0\x08moov" + b"\0\0\0\0mdat",
    "music": b"ID3\x04",
    "speech": b"ID3\x04",
}
# A real header: what is downloaded here is an input elsewhere, and inputs are looked at closely.
_PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
_END = b"\0\0\0\0IEND\xaeB`\x82"
_FORMATS = {"image": "png", "video": "mp4", "music": "mp3", "speech": "mp3"}


@frozen
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        found: dict[str, Any] = json.loads(self.out)
        return found


Ima = Callable[..., Ran]


@pytest.fixture(autouse=True)
def plain_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speak English unless a test says otherwise, and forget plugins of this machine."""
    for name in ("LC_ALL", "LC_MESSAGES", "_IMA_SKILLS_COMPLETE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("IMA_SKILLS_NO_THIRD_PARTY", "1")


@pytest.fixture
def ima() -> Ima:
    """Return a function that runs ``ima-skills`` with some arguments."""

    def run(*arguments: str, stdin: str | bytes | None = None, env: Mapping[str, str] | None = None) -> Ran:
        result = CliRunner().invoke(main, list(arguments), input=stdin, env=env)
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture(scope="session")
def fits() -> Callable[[str, Any], None]:
    """Return a function that checks a document against a schema of ``schemas/output``."""
    schemas = open_schemas()

    def check(name: str, document: Any) -> None:
        assert schemas.problems(f"output/{name}", document) == ()

    return check


def quick_render(job: RenderJob, folder: Path, stem: str) -> Rendered:
    """Write a file that has only the first bytes of its kind."""
    folder.mkdir(parents=True, exist_ok=True)
    suffix = _FORMATS[job.kind]
    path = folder / f"{stem}.{suffix}"
    path.write_bytes(_HEADS.get(job.kind, _PICTURE) + b"-" * 400 + str(job.index).encode() + _END)
    cover = None
    if job.kind == "video":
        cover = folder / f"{stem}-cover.jpg"
        cover.write_bytes(b"\xff\xd8\xff" + b"-" * 200 + b"\xff\xd9")
    sized = job.kind in {"image", "video"}
    return Rendered(
        path,
        suffix,
        640 if sized else None,
        360 if sized else None,
        None if job.kind == "image" else 5.0,
        cover,
    )


@pytest.fixture
def quick_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sandbox of ``--sandbox`` write tiny files instead of real media, very fast."""
    monkeypatch.setattr("ima_skills.sandbox.service._real_render", quick_render)
    monkeypatch.setenv("IMA_SANDBOX", "1")
    monkeypatch.setenv("IMA_SANDBOX_SPEED", str(SPEED))


@contextmanager
def _running(service: SandboxService) -> Iterator[str]:
    server = SandboxServer(service)
    ready = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(server.run(lambda _: ready.set())), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield service.base_url
    finally:
        server.stop()
        thread.join(10)
        service.close()


@pytest.fixture
def served(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., SandboxService]]:
    """Return a function that serves a sandbox and points ``IMA_*`` at it, as another terminal would."""
    with ExitStack() as stack:

        def serve(scenario: str = "", **options: Any) -> SandboxService:
            state = tmp_path / f"served-{len(list(tmp_path.iterdir()))}"
            service = open_sandbox(
                registry,
                state,
                render=quick_render,
                scenario=parse_scenario(scenario) if scenario else None,
                options=Options(**{"speed": SPEED, **options}),
            )
            base_url = stack.enter_context(_running(service))
            monkeypatch.setenv("IMA_BASE_URL", base_url)
            monkeypatch.setenv("IMA_API_KEY", service.options.api_key)
            return service

        yield serve


@pytest.fixture
def picture(tmp_path: Path, picture_bytes: bytes) -> Path:
    """A small picture to use as an input."""
    path = tmp_path / "kite.png"
    path.write_bytes(picture_bytes)
    return path
