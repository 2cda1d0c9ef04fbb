"""A renderer that hangs: nobody can interrupt it, and nothing has to wait for it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ima_skills.domain.request import Request
from ima_skills.offline import sandbox_client
from ima_skills.renderers import Rendered, RenderJob
from ima_skills.resources import data_root
from ima_skills.sandbox.knowledge import Options

# What "sandbox serve" is given to end in.
MOST_S = 5.0

HANGS = """
import time
from pathlib import Path
from ima_skills import Modality, Text, hookimpl
from ima_skills.modality import same_urls
from ima_skills.renderers import Renderer

def _forever(job, folder, stem):
    Path({began!r}).write_text("x")
    while True:
        time.sleep(600)

@hookimpl
def ima_modalities():
    return (Modality("hum", ("text_to_hum",), ("wav",), same_urls, lambda media: media, lambda *_: ()),)

@hookimpl
def ima_registry_roots():
    return (Path(__file__).parent / "registry",)

@hookimpl
def ima_schema_roots():
    return (Path(__file__).parent / "schemas",)

@hookimpl
def ima_sandbox_renderers():
    return (Renderer(("text_to_hum",), _forever),)
"""
TASK_TYPES = """
[task_types.text_to_hum]
modality = "hum"
media_kind = "audio"
label = { en = "Hum from text", zh = "文生哼唱" }
inputs = { minimum = 0, maximum = 0, roles = [], kinds = [] }
prompt_max = 100
n_max = 1
poll_s = 5
deadline_s = 600
progress_s = 15
estimate = [5, 20]
ignored_params = {}
"""
MODEL = """
id = "hum-one"
name = "Hum One"
modality = "hum"
status = "production"

[task_types.text_to_hum]
model_id = "hum-one"
version_ids = ["hum-v1"]

[[task_types.text_to_hum.offers]]
form.quality = ["plain"]
prices = [{ attribute_id = 980001, points = 1, attributes = {} }]

[[evidence]]
fact = "task_types"
source = "inferred"
date = "2026-11-21"
"""
SCHEMA = data_root("schemas").joinpath("request", "text_to_image.schema.json")


def _site(folder: Path, began: Path) -> Path:
    """Write an installed plugin whose renderer never comes back."""
    info = folder / "ima_hums-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ima-hums\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ima_skills.plugins]\nhums = ima_hums\n")
    (folder / "ima_hums.py").write_text(HANGS.format(began=str(began)))
    for name, text in (
        ("registry/task_types.toml", TASK_TYPES),
        ("registry/hum/hum-one.toml", MODEL),
        (
            "schemas/request/text_to_hum.schema.json",
            SCHEMA.read_text("utf-8").replace("text_to_image", "text_to_hum"),
        ),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never was"
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="there, a process is ended without being asked")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_served_sandbox_ends_in_time(
    number: signal.Signals, serve_process: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    """A plugin's renderer that sleeps for ever does not keep the process alive, nor does it lose the task."""
    began = tmp_path / "began"
    env = {**os.environ, "PYTHONPATH": str(_site(tmp_path / "site", began))}
    started: list[Any] = []
    door = serve_process(tmp_path / "state", "--speed", "600", env=env, to=started)
    body = {
        "task_type": "text_to_hum",
        "enable_multi_model": False,
        "src_img_url": [],
        "parameters": [
            {
                "attribute_id": 980001,
                "model_id": "hum-one",
                "model_name": "Hum One",
                "model_version": "hum-v1",
                "app": "ima",
                "platform": "web",
                "category": "text_to_hum",
                "credit": 1,
                "parameters": {
                    "quality": "plain",
                    "prompt": "a low hum",
                    "n": 1,
                    "input_images": [],
                    "cast": {"points": 1, "attribute_id": 980001},
                },
            }
        ],
    }
    key = {"Authorization": f"Bearer {door['api_key']}"}
    reply = httpx.post(f"{door['base_url']}/open/v1/tasks/create", json=body, headers=key).json()
    assert reply["code"] in (0, 200), reply
    _until(began.exists)
    process, start = started[0], time.monotonic()
    process.send_signal(number)
    process.wait(timeout=2 * MOST_S)
    assert time.monotonic() - start < MOST_S
    assert "Traceback" not in process.stderr.read()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What a renderer waits for; opened in the end, so that no thread stays behind."""
    event = threading.Event()
    yield event
    event.set()


def test_a_file_that_comes_too_late_is_left(gate: threading.Event, tmp_path: Path) -> None:
    """A closed sandbox writes nothing any more, not even what was under way; a later one makes it anew."""
    begun = threading.Event()

    def late(job: RenderJob, folder: Path, stem: str) -> Rendered:
        begun.set()
        gate.wait()
        file = folder / f"{stem}.png"
        file.write_bytes(b"late")
        return Rendered(file, "png", 1, 1, None, None)

    async def begin() -> None:
        async with sandbox_client(tmp_path / "state", render=late, options=Options(speed=6000)) as client:
            await client.start(await client.prepare(Request("text_to_image", "a quiet bay")))
            await asyncio.to_thread(_until, begun.is_set)

    start = time.monotonic()
    asyncio.run(begin())
    assert time.monotonic() - start < MOST_S
    state = tmp_path / "state"
    assert list(state.glob("staging/render-*"))
    gate.set()
    _until(lambda: not list(state.glob("staging/*")))
    assert list(state.rglob("*.png")) == []
