"""A small registry made by hand, a tiny renderer, and a bench that talks to a sandbox without a socket."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import field, frozen

from ima_skills.clock import FakeClock
from ima_skills.domain.model_entry import ModelEntry, ModelTask
from ima_skills.domain.task_type import InputRule, TaskType, Text
from ima_skills.sandbox.knowledge import LOCAL_KEY, Options
from ima_skills.sandbox.media import Rendered, RenderError, RenderJob
from ima_skills.sandbox.scenario import Scenario, parse_scenario
from ima_skills.sandbox.service import SandboxService
from ima_skills.sandbox.transport import SandboxTransport
from ima_skills.snapshot import Snapshot

NOWHERE = Text("", "")


def _type(name: str, modality: str, kind: str, low: int = 0, high: int = 0) -> TaskType:
    return TaskType(
        name=name,
        modality=modality,
        media_kind=kind,
        label=NOWHERE,
        inputs=InputRule(low, high),
        prompt_max=1000,
        n_max=4,
        poll_s=5,
        deadline_s=600,
        progress_s=15,
        estimate=(60, 90),
    )


TASK_TYPES = {
    found.name: found
    for found in (
        _type("text_to_image", "image", "image"),
        _type("image_to_image", "image", "image", 1, 14),
        _type("text_to_video", "video", "video"),
        _type("image_to_video", "video", "video", 1, 9),
        _type("first_last_frame_to_video", "video", "video", 2, 2),
        _type("reference_image_to_video", "video", "video", 1, 9),
        _type("text_to_music", "music", "audio"),
        _type("text_to_speech", "tts", "audio"),
    )
}


def _model(name: str, model_id: str, *task_types: str, **more: Any) -> ModelEntry:
    tasks = {task_type: ModelTask(model_id) for task_type in task_types}
    return ModelEntry(id=name, name=name, modality="any", status="production", task_types=tasks, **more)


MODELS = {
    entry.id: entry
    for entry in (
        _model("gated", "gated", "text_to_video", subscription=True),
        _model("bgm", "GenBGM", "text_to_music", facts={"output_s": 30}),
        _model("voice", "voice", "text_to_speech", native_params=("speed",)),
    )
}


def _tags(name: str, value: Any, *options: Any, **more: Any) -> dict[str, Any]:
    listed = [option if isinstance(option, dict) else {"value": option} for option in options]
    return {"type": "tags", "field": name, "value": value, "options": listed, **more}


def _rule(attribute_id: int, points: int, **attributes: Any) -> dict[str, Any]:
    return {
        "attribute_id": attribute_id,
        "points": points,
        "attributes": attributes or {"default": "enabled"},
    }


def _leaf(
    name: str, version: str, form: list[dict[str, Any]] | None, *rules: Any, **more: Any
) -> dict[str, Any]:
    leaf = {
        "id": version,
        "type": "3",
        "name": version,
        "model_id": name,
        "credit_rules": list(rules),
        **more,
    }
    return leaf if form is None else {**leaf, "form_config": form}


def _estimate(text: str) -> list[dict[str, str]]:
    return [{"tag_type": "feature", "tag_value": "NEW"}, {"tag_type": "EET", "tag_value": text}]


_DRAW = _leaf(
    "draw",
    "draw-1",
    [
        _tags(
            "size",
            "2k",
            "2k",
            "2048x2048",
            "2560x1440",
            label={"en": "Image size", "zh": "图片尺寸"},
            is_ui_virtual=True,
            ui_params=[{"field": "aspect_ratio", "value": "1:1"}],
            value_mapping={
                "mapping_rules": [
                    {"source_values": {"aspect_ratio": "1:1"}, "target_value": "2048x2048"},
                    {"source_values": {"aspect_ratio": "16:9"}, "target_value": "2560x1440"},
                ]
            },
        )
    ],
    _rule(11, 5),
    tags=_estimate("20~40s"),
    description={"en": "Draws", "zh": "绘图"},
)
_FILM_FORM = [
    _tags("duration", 5, 5, {"value": 10, "disabled": {"resolution": ["1080P"]}}),
    _tags("resolution", "720P", "720P", {"value": "1080P", "disabled": {"duration": [10]}}),
    _tags("aspect_ratio", "16:9", "16:9", "9:16"),
    {"type": "toggle", "field": "audio", "value": False},
    {"type": "textarea", "field": "negative_prompt", "value": None, "config": {"maximum": 10}},
    {"type": "integer", "field": "strength", "value": 5, "config": {"minimum": 1, "maximum": 9}},
]
_FILM_RULES = (
    _rule(21, 25, duration=5, resolution="720P"),
    _rule(22, 40, duration=5, resolution="1080P"),
    _rule(23, 50, duration=10, resolution="720P"),
    _rule(24, 80, duration=10, resolution="1080P"),
)
_SOUND_RULES = (
    _rule(31, 10, audio=True),
    _rule(32, 4, audio=False),
    _rule(33, 7, audio=True, resolution="1080P"),
)
_PIXVERSE = [_tags("resolution", "540p", "540p", "720p")]


def _pixverse(version: str, attribute_id: int) -> dict[str, Any]:
    return _leaf("pixverse", f"Pixverse {version}", _PIXVERSE, _rule(attribute_id, 12))


CATALOGUE: dict[str, list[dict[str, Any]]] = {
    "text_to_image": [
        {"id": "outer", "type": "1", "children": [{"id": "inner", "type": "2", "children": [_DRAW]}]},
        {"id": "empty", "type": "2", "children": None},
    ],
    "image_to_image": [_leaf("draw", "draw-1", None, _rule(12, 5), files={"minLimit": 1, "maxLimit": 2})],
    "text_to_video": [
        _leaf("film", "film-1", _FILM_FORM, *_FILM_RULES, tags=_estimate("100~100s")),
        _leaf("sound", "sound-1", _FILM_FORM[1:4], *_SOUND_RULES),
        _leaf("gated", "gated-1", None, _rule(41, 7)),
        _pixverse("V5.5", 51),
        _pixverse("V4", 52),
    ],
    "image_to_video": [
        _leaf("film", "film-1", [], _rule(61, 9)),
        _leaf("ima-pro-fast", "ima-pro-fast", [], _rule(62, 9)),
    ],
    "first_last_frame_to_video": [_leaf("film", "film-1", [], _rule(63, 9))],
    "reference_image_to_video": [
        _leaf("film", "film-1", [], _rule(64, 9)),
        _pixverse("V5.5", 53),
        _pixverse("V4", 54),
    ],
    "text_to_music": [_leaf("GenBGM", "GenBGM", None, _rule(71, 30))],
    "text_to_speech": [_leaf("voice", "voice-1", [], _rule(81, 2))],
}


@frozen
class Book:
    """The part of a registry that the sandbox needs."""

    task_types: Mapping[str, TaskType]
    models: Mapping[str, ModelEntry]
    snapshot: Snapshot


class TinyRenderer:
    """Writes a few bytes that name the wish; some prompts make it refuse, break or wait."""

    def __init__(self) -> None:
        self.jobs: list[RenderJob] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, job: RenderJob, folder: Path, stem: str) -> Rendered:
        self.jobs.append(job)
        assert self.gate.wait(10)
        if job.prompt == "unrenderable":
            raise RenderError("the sandbox cannot draw that")
        if job.prompt == "broken":
            raise ZeroDivisionError("the renderer is broken")
        extension = {"image": "png", "video": "mp4", "music": "mp3", "speech": "mp3"}[job.kind]
        path = folder / f"{stem}.{extension}"
        path.write_bytes(f"{job.kind} {job.index} {job.prompt}".encode().ljust(1000, b"."))
        cover = None
        if job.kind == "video":
            cover = folder / f"{stem}-cover.jpg"
            cover.write_bytes(b"cover")
        picture = job.kind in {"image", "video"}
        seconds = None if job.kind == "image" else job.duration_s or 4.0
        return Rendered(path, extension, 64 if picture else None, 36 if picture else None, seconds, cover)


@frozen
class Bench:
    """A sandbox and the calls that tests make."""

    service: SandboxService
    clock: FakeClock
    renderer: TinyRenderer
    runner: asyncio.Runner
    key: str = LOCAL_KEY
    timeouts: dict[str, float | None] = field(factory=lambda: {"read": 30.0})

    def request(  # noqa: PLR0913 - one keyword per part of a request
        self,
        method: str,
        url: str,
        *,
        body: Any = None,
        content: Any = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        given = {"Authorization": f"Bearer {self.key}"} if headers is None else dict(headers)
        content = json.dumps(body).encode() if body is not None else content
        request = httpx.Request(
            method,
            httpx.URL(self.service.base_url).join(url),
            headers=given,
            content=content,
            params=params,
            extensions={"timeout": self.timeouts},
        )
        return self.runner.run(self._send(request))

    async def _send(self, request: httpx.Request) -> httpx.Response:
        response = await SandboxTransport(self.service).handle_async_request(request)
        response.request = request
        await response.aread()
        return response

    def post(self, path: str, body: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.request("POST", path, body=body).json()
        return found

    def listed(self, category: str, **headers: str) -> list[dict[str, Any]]:
        given = {"Authorization": f"Bearer {self.key}", **headers}
        answer = self.request("GET", "/open/v1/product/list", headers=given, params={"category": category})
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    def create(self, payload: Any) -> dict[str, Any]:
        return self.post("/open/v1/tasks/create", payload)

    def created(self, payload: Any) -> str:
        answer = self.create(payload)
        assert answer["code"] == 0, answer
        found: str = answer["data"]["id"]
        return found

    def detail(self, task_id: str) -> dict[str, Any]:
        answer = self.post("/open/v1/tasks/detail", {"task_id": task_id})
        assert answer["code"] == 0, answer
        found: dict[str, Any] = answer["data"]
        return found

    def finished(self, payload: Any, seconds: float = 1000) -> dict[str, Any]:
        task_id = self.created(payload)
        self.clock.jump(seconds)
        return self.detail(task_id)

    def token(self, **changes: Any) -> httpx.Response:
        given = _signed(self.clock, self.key, changes.pop("nonce", "abc"))
        given.update(changes)
        params = {name: value for name, value in given.items() if value is not None}
        return self.request("GET", "/api/rest/oss/getuploadtoken", headers={}, params=params)

    def uploaded(self, data: bytes = b"picture", suffix: str = "png", content_type: str = "image/png") -> str:
        found = self.token(fSuffix=suffix, fContentType=content_type).json()["data"]
        answer = self.request("PUT", found["ful"], content=data, headers={"Content-Type": content_type})
        assert answer.status_code == 200
        url: str = found["fdl"]
        return url


def _signed(clock: FakeClock, key: str, nonce: str) -> dict[str, str]:
    import hashlib

    stamp = str(int(clock.now()))
    text = f"webAgent|32jdskjdk320eew|{stamp}|{nonce}"
    return {
        "appUid": key,
        "appId": "webAgent",
        "appKey": "32jdskjdk320eew",
        "cmimToken": key,
        "sign": hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper(),
        "timestamp": stamp,
        "nonce": nonce,
        "fService": "privite",
        "fType": "picture",
        "fSuffix": "png",
        "fContentType": "image/png",
    }


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    root = tmp_path_factory.mktemp("registry")
    folder = root / "catalogue" / "2026-04"
    folder.mkdir(parents=True)
    for name, nodes in CATALOGUE.items():
        document = {"captured": "2026-04-15", "task_type": name, "groups": nodes}
        (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    return Book(TASK_TYPES, MODELS, Snapshot((root,)))


OpenBench = Callable[..., Bench]


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all calls: a loop per call would cost more than the call."""
    with asyncio.Runner() as made:
        yield made


@pytest.fixture
def open_bench(book: Book, tmp_path: Path, runner: asyncio.Runner) -> Iterator[OpenBench]:
    """Open a bench; further ones on the same folder share its clock."""
    opened: list[SandboxService] = []
    clock = FakeClock()

    def opener(*, scenario: str = "", folder: str = "state", knowledge: Any = None, **switches: Any) -> Bench:
        renderer = TinyRenderer()
        faults: Scenario | None = parse_scenario(scenario) if scenario else None
        service = SandboxService(
            knowledge or book,
            state=tmp_path / folder,
            clock=clock,
            render=renderer,
            scenario=faults,
            options=Options(**{"wait_for_render": True, **switches}),
        )
        opened.append(service)
        return Bench(service, clock, renderer, runner)

    yield opener
    for service in opened:
        service.close()


@pytest.fixture
def renderer() -> TinyRenderer:
    return TinyRenderer()


@pytest.fixture
def bench(open_bench: OpenBench) -> Bench:
    return open_bench()


MakeOrder = Callable[..., dict[str, Any]]


@pytest.fixture
def order() -> MakeOrder:
    """Make the body of a create that the sandbox accepts; keywords change it."""

    def make(  # noqa: PLR0913 - one argument per part of a create
        task_type: str = "text_to_image",
        model: str = "draw",
        version: str = "draw-1",
        attribute_id: int = 11,
        points: int = 5,
        *,
        inputs: list[str] | None = None,
        outer: Mapping[str, Any] | None = None,
        top: Mapping[str, Any] | None = None,
        **inner: Any,
    ) -> dict[str, Any]:
        urls = inputs or []
        parameters = {
            "prompt": "a cat",
            "n": 1,
            "input_images": urls,
            "cast": {"points": points, "attribute_id": attribute_id},
            **inner,
        }
        product = {
            "attribute_id": attribute_id,
            "model_id": model,
            "model_name": version,
            "model_version": version,
            "app": "ima",
            "platform": "web",
            "category": task_type,
            "credit": points,
            "parameters": parameters,
            **(outer or {}),
        }
        body = {
            "task_type": task_type,
            "enable_multi_model": False,
            "src_img_url": urls,
            "parameters": [product],
        }
        return {**body, **(top or {})}

    return make


MakeFilm = Callable[..., dict[str, Any]]


@pytest.fixture
def film(order: MakeOrder) -> MakeFilm:
    """Make a create of a 5 s film in 720P for 25 points."""

    def make(**changes: Any) -> dict[str, Any]:
        given = {"duration": 5, "resolution": "720P", "attribute_id": 21, "points": 25, **changes}
        return order(
            "text_to_video", "film", "film-1", given.pop("attribute_id"), given.pop("points"), **given
        )

    return make


@pytest.fixture
def in_pieces() -> Callable[..., AsyncIterator[bytes]]:
    """Return a body that comes in several pieces, as a chunked request does."""

    async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    return pieces
