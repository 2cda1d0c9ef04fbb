"""The engine's stations: check, choose, resolve, price, create, wait, collect."""

from __future__ import annotations

import asyncio
import copy
import json
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from attrs import evolve

from ima_skills.domain.event import Created, ModelChosen, Quoted, Uploaded
from ima_skills.domain.request import Request
from ima_skills.domain.task import Media, Task
from ima_skills.errors import (
    ImaError,
    InvalidRequestError,
    OutcomeUnknownError,
    PluginError,
    PointsError,
    RegistryError,
    UnknownModelError,
    UsageError,
)
from ima_skills.plugin_set import load_plugins
from ima_skills.polling import Cadence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ima_skills.client import ImaClient
    from ima_skills.preparing import Prepared
    from ima_skills.registry import Registry

T2V, I2V = "text_to_video", "image_to_video"


class Desk:
    """A service that lists the captured products, accepts creates and grants uploads."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.calls: list[str] = []
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request.url.path.rpartition("/")[2])
        if request.method == "PUT":
            return httpx.Response(200)
        if self.calls[-1] == "list":
            return self._ok(copy.deepcopy(self.registry.snapshot.groups(request.url.params["category"])))
        if self.calls[-1] == "getuploadtoken":
            return self._ok({"ful": "https://put.example/1", "fdl": "https://cdn.example/1.png"})
        self.bodies.append(json.loads(request.content))
        return self._ok({"id": "t1"})

    def _ok(self, data: Any) -> httpx.Response:
        return httpx.Response(200, json={"code": 0, "data": data})


@pytest.fixture
def desk(registry: Registry) -> Desk:
    """A fresh desk."""
    return Desk(registry)


@pytest.fixture
def prepare(mock_client: Callable[..., ImaClient], desk: Desk) -> Callable[..., Prepared]:
    """Return a function that prepares a request at the desk."""

    def of(request: Request, **parts: Any) -> Prepared:
        async def go() -> Prepared:
            async with mock_client(desk, **parts) as client:
                return await client.engine.prepare(request)

        return asyncio.run(go())

    return of


BAD = [
    (Request(T2V, ""), "/prompt"),
    (Request(T2V, "   "), "/prompt"),
    (Request(T2V, "x" * 4001), "/prompt"),
    (Request(T2V, "\ud800"), "/prompt"),
    (Request(T2V, "a\0lamp"), "/prompt"),
    (Request(T2V, "x", params={"style": "a\x1bb"}), "/params/style"),
    (Request(T2V, None), "/prompt"),  # type: ignore[arg-type]  # what a caller without types may pass
    (Request(T2V, 5), "/prompt"),  # type: ignore[arg-type]  # likewise
    (Request(T2V, "x", n=0), "/n"),
    (Request(T2V, "x", n=99), "/n"),
    (Request(T2V, "x", n=10**5000), "/n"),
    (Request(T2V, "x", inputs=("https://a.example/x.png",)), "/inputs"),
    (Request(I2V, "x"), "/inputs"),
    (Request(I2V, "x", inputs=("nowhere.png",)), "/inputs/0"),
    (Request(I2V, "x", inputs=("https://a.example/x.mp3",)), "/inputs/0"),
    (Request("first_last_frame_to_video", "x", inputs=("https://a.example/x.png",)), "/inputs"),
    (Request(T2V, "x", params={"duration": [5]}), "/params/duration"),
    (Request(T2V, "x", params={5: 5}), "/params"),  # type: ignore[dict-item]  # likewise
    (Request(T2V, "x", params={"a": float("nan")}), "/params/a"),
    (Request(T2V, "x", params={"a": {"b": {1}}}), "/params/a/b"),
    (Request(T2V, "x", language="fr"), "/language"),
    (Request(T2V, "x", model=""), "/model"),
    (Request(T2V, "x", version_id="\ud800"), "/version_id"),
]


@pytest.mark.parametrize(("request_", "pointer"), BAD, ids=range(len(BAD)))
def test_bad_requests_send_nothing(
    prepare: Callable[..., Prepared], desk: Desk, request_: Request, pointer: str
) -> None:
    """Whatever needs no product list is refused before any call."""
    with pytest.raises(InvalidRequestError, match=r"\S") as caught:
        prepare(request_)
    assert pointer in [problem.pointer for problem in caught.value.problems]
    assert desk.calls == []
    json.dumps(caught.value.as_dict())


def test_all_faults_of_a_request_at_once(prepare: Callable[..., Prepared]) -> None:
    """Prompt, inputs and number of outputs are told together, each once."""
    with pytest.raises(
        InvalidRequestError,
        match=r"n: .*; prompt: .*; inputs/0: there is no file nope.png; inputs/1: must be https",
    ) as caught:
        prepare(Request(I2V, "", n=9, inputs=("nope.png", "http://a.example/x.png")))
    assert [problem.pointer for problem in caught.value.problems] == [
        "/n",
        "/prompt",
        "/inputs/0",
        "/inputs/1",
    ]
    assert "Nearest that works: 4" in caught.value.hint


def test_prompts_are_never_repeated(prepare: Callable[..., Prepared]) -> None:
    """A prompt that is refused is in no part of the error."""
    secret = "the launch code is 0000 "
    with pytest.raises(
        InvalidRequestError, match="prompt: must have at most 4000 characters, has "
    ) as caught:
        prepare(Request(T2V, secret * 999))
    assert "0000" not in json.dumps(caught.value.as_dict())


@pytest.mark.parametrize("name", ["", "text_to_vidio", "TEXT_TO_VIDEO", "视频"])
def test_unknown_task_types(prepare: Callable[..., Prepared], name: str) -> None:
    """An unknown task type names the nearest and all there are."""
    with pytest.raises(UsageError, match=f"no task type is called '{name}'") as caught:
        prepare(Request(name, "x"))
    assert caught.value.name == "unknown-task-type"
    assert "text_to_video" in caught.value.hint


def test_prepared(prepare: Callable[..., Prepared], desk: Desk) -> None:
    """A good request is resolved and priced with one look at the list; nothing else is sent."""
    prepared = prepare(Request(T2V, "x", model="kling", params={"quality": "1080p"}, n=2))
    assert (prepared.leaf.id, prepared.quote.total) == ("kling-video-o1", 120)
    assert prepared.parameters.values["mode"] == "pro"
    assert desk.calls == ["list"]


def test_unknown_models_come_from_the_live_list(prepare: Callable[..., Prepared]) -> None:
    """An unknown model is refused after the list was read, with what it holds."""
    with pytest.raises(UnknownModelError, match="no model is called 'nonsense' in text_to_video"):
        prepare(Request(T2V, "x", model="nonsense"))


def test_missing_modality_and_quirk(prepare: Callable[..., Prepared], desk: Desk) -> None:
    """A disabled plugin is missed before anything is sent."""
    without = load_plugins(third_party=False, environ={}, disable=["video"])
    with pytest.raises(
        RegistryError, match=r"no active plugin does text_to_video \(modality video\)"
    ) as caught:
        prepare(Request(T2V, "x"), plugins=without)
    assert (caught.value.name, caught.value.exit_code) == ("missing-modality", 6)
    del (bare := load_plugins(third_party=False, environ={})).quirks["suno-model-version"]
    with pytest.raises(
        PluginError,
        match="Suno needs the quirk 'suno-model-version', which no active plugin supplies",
    ):
        prepare(Request("text_to_music", "x", model="suno"), plugins=bare)
    assert desk.calls == []


def test_another_disabled_plugin_costs_nothing(prepare: Callable[..., Prepared]) -> None:
    """Without the music plugin videos work as before."""
    without = load_plugins(third_party=False, environ={}, disable=["music", "tts", "image", "reflection"])
    assert prepare(Request(T2V, "x"), plugins=without).quote.total == 40


def _create(
    mock_client: Callable[..., ImaClient], desk: Any, request: Request, **more: Any
) -> tuple[Any, list[Any]]:
    events: list[Any] = []

    async def go() -> Any:
        async with mock_client(desk) as client:
            prepared = await client.engine.prepare(request)
            return await client.engine.create(prepared, events.append, **more)

    return asyncio.run(go()), events


def test_create(
    mock_client: Callable[..., ImaClient], desk: Desk, tmp_path: Path, picture_bytes: bytes
) -> None:
    """Inputs are uploaded first, then one create goes out; every station is told."""
    path = tmp_path / "a.png"
    path.write_bytes(picture_bytes)
    (task_id, final), events = _create(
        mock_client, desk, Request(I2V, "x", inputs=(str(path), "https://a.example/b.png"))
    )
    assert task_id == "t1"
    assert desk.calls == ["list", "getuploadtoken", "1", "create"]
    assert desk.bodies[0]["src_img_url"] == ["https://cdn.example/1.png", "https://a.example/b.png"]
    assert [type(event) for event in events] == [ModelChosen, Quoted, Uploaded, Created]
    assert (events[1].quote, events[1].model_name, events[1].estimate) == (
        final.quote,
        "Wan 2.6",
        (300.0, 420.0),
    )
    assert (events[2].index, events[2].total, events[3].task_id, events[3].attempt) == (0, 2, "t1", 1)


def test_cap(mock_client: Callable[..., ImaClient], desk: Desk) -> None:
    """A quote above the cap is refused before anything travels; one at the cap is fine."""
    with pytest.raises(PointsError, match=r"Wan 2\.6 costs 40 points here, and the cap is 39") as caught:
        _create(mock_client, desk, Request(T2V, "x"), max_points=39)
    assert (caught.value.name, desk.calls) == ("over-cap", ["list"])
    assert _create(mock_client, desk, Request(T2V, "x"), max_points=40)[0][0] == "t1"


def test_a_failed_upload_creates_nothing(
    mock_client: Callable[..., ImaClient], registry: Registry, tmp_path: Path, picture_bytes: bytes
) -> None:
    """When an input cannot be handed over, nothing is created."""
    desk = Desk(registry)

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403) if request.method == "PUT" else desk(request)

    path = tmp_path / "a.png"
    path.write_bytes(picture_bytes)
    with pytest.raises(ImaError, match="the storage refused an upload with HTTP 403"):
        _create(mock_client, handler, Request(I2V, "x", inputs=(str(path),)))
    assert "create" not in desk.calls


def test_unknown_outcome(mock_client: Callable[..., ImaClient], desk: Desk) -> None:
    """A create whose answer is lost is reported as unknown, and no Created is told."""

    def handler(request: httpx.Request) -> httpx.Response:
        answer = desk(request)
        if desk.calls[-1] == "create":
            raise httpx.ReadTimeout("x")
        return answer

    with pytest.raises(
        OutcomeUnknownError, match=r"its outcome is not known: no answer came back \(ReadTimeout\)"
    ):
        _create(mock_client, handler, Request(T2V, "x"))
    assert desk.calls == ["list", "create"]


def test_cadence(mock_client: Callable[..., ImaClient], desk: Desk, prepare: Callable[..., Prepared]) -> None:
    """Estimates come from the leaf, else the entry, else the task type; the pace from the entry."""
    engine = mock_client(desk).engine
    assert engine.cadence(T2V) == Cadence(8, 2400, (90, 300))
    wan = prepare(Request(T2V, "x"))
    assert engine.cadence(T2V, wan.leaf, wan).estimate == (300.0, 420.0)
    speech = prepare(Request("text_to_speech", "x"))
    assert speech.leaf.estimate is None
    assert engine.cadence("text_to_speech", speech.leaf, speech) == Cadence(3, 300, (5, 30))
    with pytest.raises(UsageError, match="no task type is called 'x'"):
        engine.cadence("x")


def _done(kind: str) -> Task:
    media = Media(1, "success", "https://a.example/x", "https://a.example/c", kind, 640, 480, 5.0)
    return Task("t1", "success", (media, media))


@pytest.mark.parametrize(
    ("task_type", "lacks"),
    [("text_to_image", ["cover_url", "duration_s"]), (T2V, []), ("text_to_music", ["cover_url", "width", "height"]),
     ("text_to_speech", ["cover_url", "width", "height"])],
)  # fmt: skip
def test_results_have_the_shape_of_their_modality(
    mock_client: Callable[..., ImaClient],
    desk: Desk,
    prepare: Callable[..., Prepared],
    task_type: str,
    lacks: list[str],
) -> None:
    """All medias are in the result, each as its modality shows it, with what was charged and sent."""
    prepared = prepare(Request(task_type, "x", n=1))
    result = mock_client(desk).engine.result(prepared, _done("mp4"), 12.5)
    assert len(result.medias) == 2
    names = ["cover_url", "duration_s", "width", "height"]
    assert [name for name in names if getattr(result.medias[0], name) is None] == lacks
    assert (result.credit, result.params, result.elapsed_s, result.sandbox) == (
        prepared.quote.total, prepared.parameters.values, 12.5, False,
    )  # fmt: skip
    assert (result.model_id, result.version_id) == (prepared.leaf.model_id, prepared.leaf.id)


@pytest.mark.parametrize("bad", [lambda _: 1 / 0, lambda _: None, lambda _: sys.exit(1)])
def test_a_broken_modality_does_not_lose_results(
    mock_client: Callable[..., ImaClient], desk: Desk, prepare: Callable[..., Prepared], bad: Any
) -> None:
    """A plugin that fails at a finished media costs its own decoration only, and is named."""
    own = load_plugins(third_party=False, environ={})
    prepared = prepare(Request(T2V, "x"), plugins=own)
    prepared = evolve(prepared, modality=evolve(prepared.modality, media=bad))
    result = mock_client(desk, plugins=own).engine.result(prepared, _done("mp4"), 1)
    assert result.medias == _done("mp4").medias
    assert own.infos["video"].fault.startswith("modality video: ")


@pytest.mark.parametrize(
    ("bad", "match"), [(lambda *_: 1 / 0, "failed: ZeroDivisionError"), (lambda *_: {}, "returned a dict")]
)
def test_a_broken_modality_is_told_before_a_create(
    prepare: Callable[..., Prepared], bad: Any, match: str
) -> None:
    """A plugin that cannot place inputs is a plugin error, and nothing was sent."""
    prepared = prepare(Request(T2V, "x"))
    prepared = evolve(prepared, modality=evolve(prepared.modality, inputs=bad))
    with pytest.raises(PluginError, match=f"the modality 'video' {match}") as caught:
        prepared.payload()
    assert caught.value.name == "modality-failed"


def test_malformed_lists_are_no_crash(mock_client: Callable[..., ImaClient]) -> None:
    """A list of nonsense is an empty list: the model is not there, in words."""
    bare = [{"type": "3", "id": "wan2.6-t2v", "model_id": "wan2.6-t2v"}]
    lists: list[Any] = [None, {}, "x", [None, 5, {"type": "3"}], bare]
    for data in lists:

        def handler(_: httpx.Request, data: Any = data) -> httpx.Response:
            return httpx.Response(200, json={"code": 0, "data": data})

        async def go(handler: Any = handler) -> None:
            async with mock_client(handler) as client:
                await client.prepare(Request(T2V, "x"))

        with pytest.raises(
            ImaError, match=r"the service does not list Wan 2\.6|Wan 2\.6 cannot|has no price"
        ):
            asyncio.run(go())
