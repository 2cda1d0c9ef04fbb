"""The client that embedders hold: create to files, events, waiting, and the synchronous door."""

from __future__ import annotations

import asyncio
import copy
import json
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ima_skills import ImaClient, JobFailedError, Request, Settings, generate
from ima_skills.domain.event import (
    Created,
    Downloaded,
    Finished,
    ModelChosen,
    PollTrouble,
    Progressed,
    Quoted,
)
from ima_skills.errors import CredentialError, DeadlineError, ImaError, MediaError, ServiceError, UsageError
from ima_skills.hookspecs import hookimpl
from ima_skills.plugin_set import PluginInfo, load_plugins

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.clock import FakeClock
    from ima_skills.domain.event import Event
    from ima_skills.domain.task import Result
    from ima_skills.registry import Registry

REQUEST = Request("text_to_image", "a cat", model="seedream")
WAIT: dict[str, Any] = {"medias": []}


def _media(number: int, **more: Any) -> dict[str, Any]:
    return {
        "resource_status": 1,
        "status": "success",
        "url": f"https://cdn.example/{number}",
        "width": 1,
        "height": 1,
        **more,
    }


class World:
    """A whole service: list, create, detail (scripted, the last one for ever) and results."""

    def __init__(self, registry: Registry, picture: bytes, *details: Any, name: str = "t1") -> None:
        self.registry, self.picture, self.name = registry, picture, name
        self.details = list(details) or [WAIT, {"medias": [_media(1)]}]
        self.calls: list[str] = []
        self.prompts: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        what = request.url.path.rpartition("/")[2]
        self.calls.append(what)
        if what == "list":
            return self._ok(copy.deepcopy(self.registry.snapshot.groups(request.url.params["category"])))
        if what == "create":
            self.prompts.append(json.loads(request.content)["parameters"][0]["parameters"]["prompt"])
            return self._ok({"id": self.name})
        if what != "detail":
            return httpx.Response(200, content=self.picture)
        answer = self.details.pop(0) if len(self.details) > 1 else self.details[0]
        if isinstance(answer, Exception):
            raise answer
        return self._ok(answer) if isinstance(answer, dict) else answer

    def _ok(self, data: Any) -> httpx.Response:
        return httpx.Response(200, json={"code": 0, "data": data})


def _kinds(events: list[Event]) -> list[type[Event]]:
    """Return what was told, in order; progress that follows progress is one."""
    kinds = [type(event) for event in events]
    return [
        kind
        for before, kind in zip([None, *kinds], kinds, strict=False)
        if kind is not Progressed or before is not Progressed
    ]


@pytest.fixture
def world(registry: Registry, picture_bytes: bytes) -> Callable[..., World]:
    """Return a function that makes a world with given task details."""
    return lambda *details, **more: World(registry, picture_bytes, *details, **more)


@pytest.fixture
def create(mock_client: Callable[..., ImaClient]) -> Callable[..., Result]:
    """Return a function that creates a request in a world."""

    def of(
        world: World, request: Request = REQUEST, parts: dict[str, Any] | None = None, **more: Any
    ) -> Result:
        async def go() -> Result:
            async with mock_client(world, **(parts or {})) as client:
                return await client.create(request, **more)

        return asyncio.run(go())

    return of


def test_the_whole_road(create: Callable[..., Result], world: Callable[..., World], tmp_path: Path) -> None:
    """From request to files: every media, its file, and every event in order."""
    two = {"medias": [_media(1), _media(2)]}
    half = {"medias": [_media(1), {"resource_status": 0}]}
    events: list[Event] = []
    result = create(
        world(WAIT, half, two),
        Request("text_to_image", "a cat", n=2),
        download=tmp_path,
        on_event=events.append,
    )
    assert _kinds(events) == [ModelChosen, Quoted, Created, Progressed, Downloaded, Downloaded, Finished]
    assert (result.status, result.task_id, result.credit, len(result.medias)) == ("success", "t1", 10, 2)
    assert [Path(file.path).name for file in result.files if file] == ["t1-1.png", "t1-2.png"]
    assert events[-1] == Finished(result)
    assert (events[-3], events[-2]) == tuple(
        Downloaded(
            "t1",
            index,
            str(tmp_path / f"t1-{index + 1}.png"),
            result.files[0].bytes if result.files[0] else 0,
        )
        for index in (0, 1)
    )


def test_without_download(create: Callable[..., Result], world: Callable[..., World]) -> None:
    """Without a folder nothing is fetched."""
    made = world()
    assert create(made).files == ()
    assert made.calls == ["list", "create", "detail", "detail"]


def test_failed_task(create: Callable[..., Result], world: Callable[..., World], tmp_path: Path) -> None:
    """A failed task is an error with its reason; what is usable is saved and named."""
    failed = {"medias": [_media(1), {"resource_status": 2, "error_msg": "ima_abc says no"}]}
    with pytest.raises(
        JobFailedError, match=r"could not finish the task: … says no; 1 of 2 outputs are usable"
    ) as caught:
        create(world(failed), Request("text_to_image", "x", n=2), download=tmp_path)
    assert (caught.value.task_id, caught.value.exit_code) == ("t1", 1)
    assert caught.value.details == {
        "usable": 1,
        "total": 2,
        "said": "… says no",
        "points": 10,
        "files": [str(tmp_path / "t1-1.png")],
    }


def test_failed_task_with_a_failed_download(
    create: Callable[..., Result], world: Callable[..., World], tmp_path: Path
) -> None:
    """The failure of the task stays the news; the failed download is a detail. Failed outputs are never fetched."""
    failed = {"medias": [_media(1), _media(2, resource_status=2)]}
    made = world(failed)
    made.picture = b"nonsense"
    with pytest.raises(JobFailedError, match="no reason was given; 1 of 2 outputs are usable") as caught:
        create(made, download=tmp_path)
    assert caught.value.details["download_error"] == "a media should be image and is something unknown"
    assert "2" not in made.calls


def test_odd_failures(create: Callable[..., Result], world: Callable[..., World]) -> None:
    """Reasons of other types are no crash."""
    with pytest.raises(JobFailedError, match=r"the task: deleted$"):
        create(
            world(
                {
                    "medias": [{"resource_status": 3, "status": "failed", "error_msg": {"a": 1}}],
                    "status": 5,
                    "task_type": [],
                }
            )
        )


def test_failed_download(create: Callable[..., Result], world: Callable[..., World], tmp_path: Path) -> None:
    """When only the download fails the error says where the task is."""
    made = world()
    made.picture = b""
    with pytest.raises(MediaError, match="a media came back empty") as caught:
        create(made, download=tmp_path)
    assert caught.value.task_id == "t1"
    assert "ima-skills tasks wait t1 --download DIR" in caught.value.hint


def test_deadline(mock_client: Callable[..., ImaClient], world: Callable[..., World]) -> None:
    """A deadline of one's own ends the waiting early; the task is named."""

    async def go() -> None:
        async with mock_client(world(WAIT)) as client:
            await client.finish(await client.prepare(REQUEST), deadline_s=12)

    with pytest.raises(DeadlineError, match="task t1 has not ended after 12 s"):
        asyncio.run(go())


def test_start(mock_client: Callable[..., ImaClient], world: Callable[..., World]) -> None:
    """Starting creates and does not wait."""
    made = world()

    async def go() -> tuple[str, Any]:
        async with mock_client(made) as client:
            return await client.start(await client.prepare(REQUEST), max_points=5)

    task_id, final = asyncio.run(go())
    assert (task_id, final.quote.total, made.calls) == ("t1", 5, ["list", "create"])


def test_stream(mock_client: Callable[..., ImaClient], world: Callable[..., World], tmp_path: Path) -> None:
    """Events come as an asynchronous iterator; the last one is the result."""

    async def go() -> list[Event]:
        async with mock_client(world()) as client:
            return [event async for event in client.stream(REQUEST, download=tmp_path)]

    events = asyncio.run(go())
    assert _kinds(events) == [ModelChosen, Quoted, Created, Progressed, Downloaded, Finished]


def test_stream_ends_with_the_error(
    mock_client: Callable[..., ImaClient], world: Callable[..., World]
) -> None:
    """What went wrong is raised after the events that came before."""
    seen: list[Event] = []

    async def go() -> None:
        async with mock_client(world({"medias": [{"resource_status": 2}]})) as client:
            async for event in client.stream(REQUEST):
                seen.append(event)  # noqa: PERF401 - the events before the error count

    with pytest.raises(JobFailedError, match="no reason was given"):
        asyncio.run(go())
    assert _kinds(seen) == [ModelChosen, Quoted, Created, Progressed]


@pytest.mark.parametrize("details", [[WAIT], [{"medias": [{"resource_status": 2}]}]])
def test_leaving_a_stream_early(
    mock_client: Callable[..., ImaClient], world: Callable[..., World], details: list[Any]
) -> None:
    """A listener may leave: the work behind is stopped and nothing is left running or complaining."""

    async def go() -> int:
        async with mock_client(world(*details)) as client:
            events = client.stream(REQUEST)
            async for event in events:
                if isinstance(event, Created):
                    break
            await events.aclose()  # type: ignore[attr-defined]  # an async generator, typed as the iterator it is
        return len(asyncio.all_tasks())

    assert asyncio.run(go()) == 1


def test_two_clients_never_meet(
    mock_client: Callable[..., ImaClient],
    world: Callable[..., World],
    registry: Registry,
    fake_clock: FakeClock,
) -> None:
    """Two clients at the same time share neither plugins, nor settings, nor events, nor transports."""
    worlds = [world(*[WAIT] * 5, {"medias": [_media(1)]}, name=f"task-{index}") for index in (0, 1)]
    heard: list[list[Event]] = [[], []]

    async def one(index: int) -> Result:
        own = load_plugins(third_party=False, environ={}, disable=["tts"] if index else [])
        async with mock_client(worlds[index], plugins=own, language=("en", "zh")[index]) as client:
            request = Request("text_to_image", f"prompt {index}")
            return await client.create(request, on_event=heard[index].append)

    async def go() -> list[Result]:
        return list(await asyncio.gather(one(0), one(1)))

    results = asyncio.run(go())
    assert [result.task_id for result in results] == ["task-0", "task-1"]
    assert [made.prompts for made in worlds] == [["prompt 0"], ["prompt 1"]]
    for index in (0, 1):
        assert {event.task_id for event in heard[index] if isinstance(event, Created | Progressed)} == {
            f"task-{index}"
        }
    first, second = mock_client(worlds[0], plugins=None), mock_client(worlds[1], plugins=None)
    assert first.plugins is not second.plugins
    assert first.plugins.manager is not second.plugins.manager
    assert first._parts.transport is not second._parts.transport


def test_a_broken_listener(create: Callable[..., Result], world: Callable[..., World]) -> None:
    """An exception of the caller's own listener is the caller's."""

    def broken(event: Event) -> None:
        raise ZeroDivisionError(type(event).__name__)

    with pytest.raises(ZeroDivisionError, match="ModelChosen"):
        create(world(), on_event=broken)


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("x"), SystemExit(3), ServiceError("x"), AssertionError("x")]
)
def test_a_broken_observer(
    create: Callable[..., Result], world: Callable[..., World], error: BaseException
) -> None:
    """Whatever an observing plugin raises, the paid task goes on, and the plugin is named."""
    own = load_plugins(third_party=False, environ={})
    module = ModuleType("watcher")
    heard: list[Event] = []

    @hookimpl
    def ima_observe(event: Event) -> None:
        heard.append(event)
        raise error

    module.ima_observe = ima_observe  # type: ignore[attr-defined]  # a plugin is a module like any other
    own.manager.register(module, name="watcher")
    own.infos["watcher"] = PluginInfo("watcher", "test", "1", "active")
    assert create(world(), parts={"plugins": own}).status == "success"
    assert _kinds(heard) == [ModelChosen, Quoted, Created, Progressed, Finished]
    assert own.infos["watcher"].fault.startswith(f"ima_observe: {type(error).__name__}")


def _wait(client: Callable[..., ImaClient], made: World, **more: Any) -> Any:
    async def go() -> Any:
        async with client(made) as opened:
            return await opened.wait("t9", **more)

    return asyncio.run(go())


@pytest.mark.parametrize(
    "first",
    [
        {"medias": [], "task_type": "text_to_image"}, {"medias": []}, {"medias": [], "task_type": "hologram"}, {"medias": [], "task_type": ["x"]},
        httpx.Response(503, text="<html>"), httpx.ReadTimeout("x"), {},
    ],
    ids=range(7),
)  # fmt: skip
def test_waiting_for_a_task_from_elsewhere(
    mock_client: Callable[..., ImaClient], world: Callable[..., World], first: Any
) -> None:
    """A task is waited for whatever the service says of its type, and whether or not it answers at once."""
    task = _wait(mock_client, world(first, WAIT, {"medias": [_media(1)]}))
    assert (task.id, task.status) == ("t9", "success")


def test_waiting_with_a_type(
    mock_client: Callable[..., ImaClient], world: Callable[..., World], fake_clock: FakeClock
) -> None:
    """A known type saves a look and decides the pace; an unknown one is refused."""
    made = world(WAIT, {"medias": [_media(1)]})
    start = fake_clock.monotonic()
    _wait(mock_client, made, task_type="text_to_speech")
    assert made.calls == ["detail", "detail"]
    assert 3.0 <= fake_clock.monotonic() - start <= 3.3
    with pytest.raises(UsageError, match="no task type is called 'speech'"):
        _wait(mock_client, made, task_type="speech")


def test_waiting_for_an_unknown_task(
    mock_client: Callable[..., ImaClient], world: Callable[..., World]
) -> None:
    """A task that the service refuses is told at once."""
    refused = httpx.Response(200, json={"code": 401, "message": "x"})
    with pytest.raises(CredentialError, match="does not accept this key"):
        _wait(mock_client, world(refused))


def test_trouble_is_told(mock_client: Callable[..., ImaClient], world: Callable[..., World]) -> None:
    """Passing trouble while waiting is an event."""
    heard: list[Event] = []
    _wait(
        mock_client,
        world(httpx.ReadError("x"), httpx.Response(502), {"medias": [_media(1)]}),
        on_event=heard.append,
        deadline_s=99,
    )
    assert [type(event) for event in heard] == [PollTrouble]


def test_save_skips_what_has_no_address(
    mock_client: Callable[..., ImaClient], world: Callable[..., World], tmp_path: Path
) -> None:
    """A media without an address has no file; the others keep their numbers."""
    from ima_skills.domain.task import Media

    async def go() -> Any:
        async with mock_client(world()) as client:
            medias = (Media(), Media(1, "success", "https://cdn.example/2"))
            return await client.save(medias, "image", str(tmp_path), "t")

    none, saved = asyncio.run(go())
    assert none is None
    assert saved.path.endswith("t-2.png")


def test_the_synchronous_door(
    world: Callable[..., World],
    registry: Registry,
    fake_clock: FakeClock,
    loopback_settings: Settings,
    tmp_path: Path,
) -> None:
    """generate() does the same without asyncio."""
    result = generate(
        REQUEST,
        download=tmp_path,
        settings=loopback_settings,
        transport=httpx.MockTransport(world()),
        registry=registry,
        clock=fake_clock,
    )
    assert (result.status, [Path(file.path).name for file in result.files if file]) == (
        "success",
        ["t1-1.png"],
    )


def test_the_synchronous_door_refuses_asynchronous_code() -> None:
    """Inside a running loop it says what to do instead, and leaves nothing behind."""

    async def go() -> None:
        generate(REQUEST)

    with pytest.raises(UsageError, match=r"generate\(\) waits, and this is asynchronous code") as caught:
        asyncio.run(go())
    assert "await client.create(request)" in caught.value.hint


def test_without_a_key(registry: Registry) -> None:
    """A client without a key can be made; the first call says what is missing."""

    async def go() -> None:
        async with ImaClient(registry=registry) as client:
            assert client.registry is registry
            await client.catalogue("text_to_image")

    with pytest.raises(CredentialError, match="no API key is set"):
        asyncio.run(go())


@pytest.mark.parametrize("language", ["fr", "zh\r\nX-Evil: 1", "中文", ""])
def test_unknown_languages(
    mock_client: Callable[..., ImaClient], world: Callable[..., World], language: str
) -> None:
    """A language that the service does not have never becomes a header."""
    with pytest.raises(UsageError, match="the language must be en or zh"):
        mock_client(world(), language=language)


def test_error_of_every_kind_is_plain_data(
    create: Callable[..., Result], world: Callable[..., World]
) -> None:
    """Every error can be written as JSON, with its exit code."""
    with pytest.raises(ImaError, match="no reason was given") as caught:
        create(world({"medias": [{"resource_status": 2}]}))
    document = json.loads(json.dumps(caught.value.as_dict()))
    assert {"code", "message", "hint", "retryable", "task_id", "problems", "exit_code"} <= document.keys()
