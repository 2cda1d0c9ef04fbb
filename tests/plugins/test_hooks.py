"""Every hook at work in a real client, and the rule that every hook is tested and documented."""

from __future__ import annotations

import asyncio
import copy
import inspect
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from attrs import evolve

from ima_skills import hookspecs
from ima_skills.client import ImaClient
from ima_skills.domain.event import Created, Finished, ModelChosen, Progressed, Quoted, Reflected
from ima_skills.domain.recommendation import Recommendation
from ima_skills.domain.request import Request
from ima_skills.domain.route import Route
from ima_skills.domain.task_type import Text
from ima_skills.errors import InvalidRequestError
from ima_skills.hookspecs import hookimpl
from ima_skills.plugin_set import PluginInfo, load_plugins
from ima_skills.registry import load_registry
from ima_skills.renderers import Rendered, Renderer, RenderJob
from ima_skills.routing import reconsidered
from ima_skills.sandbox.media import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.clock import FakeClock
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.task import Result
    from ima_skills.plugin_set import PluginSet
    from ima_skills.settings import Settings

HOOKS = sorted(name for name in vars(hookspecs) if name.startswith("ima_"))
SKETCH = {"type": "3", "id": "sketch-one-v1", "model_id": "sketch-one", "name": "Sketch One",
          "credit_rules": [{"attribute_id": 7, "points": 3, "attributes": {"default": "enabled"}}]}  # fmt: skip


class Studio:
    """A service that also lists a third party's model; refuses as often as it is told to."""

    def __init__(self, *refusals: int) -> None:
        self.refusals = list(refusals)
        self.inner: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        what = request.url.path.rpartition("/")[2]
        if what == "list":
            category = request.url.params["category"]
            real = load_registry().snapshot.groups(category)
            return self._say(0, [SKETCH] if category == "text_to_sketch" else copy.deepcopy(real))
        if what == "create":
            self.inner.append(json.loads(request.content)["parameters"][0]["parameters"])
            return self._say(self.refusals.pop(0)) if self.refusals else self._say(0, {"id": "t1"})
        return self._say(
            0, {"medias": [{"resource_status": 1, "status": "success", "url": "https://a.example/x"}]}
        )

    def _say(self, code: int, data: Any = None) -> httpx.Response:
        return httpx.Response(200, json={"code": code, "data": data})


@pytest.fixture
def make(fake_clock: FakeClock, loopback_settings: Settings) -> Callable[..., Result]:
    """Return a function that creates a request with given plugins in a studio."""

    def of(plugins: PluginSet, request: Request, studio: Studio | None = None) -> Result:
        async def go() -> Result:
            inner = httpx.MockTransport(studio or Studio())
            async with ImaClient(
                loopback_settings, transport=inner, plugins=plugins, clock=fake_clock
            ) as client:
                return await client.create(request)

        return asyncio.run(go())

    return of


def _with(**hooks: Any) -> PluginSet:
    """Return the first party and one plugin with the given hooks."""
    plugins = load_plugins(third_party=False)
    module = ModuleType("local")
    for name, function in hooks.items():
        setattr(module, name, hookimpl(function))
    plugins.manager.register(module, name="local")
    plugins.infos["local"] = PluginInfo("local", "test", "1", "active")
    return plugins


def _into(heard: list[Any]) -> Any:
    def ima_observe(event: Any) -> None:
        heard.append(event)

    return ima_observe


def test_hook_ima_modalities(make: Callable[..., Result], installed: Callable[..., None]) -> None:
    """A modality of a third party makes its task type work, and shapes its results."""
    installed("good")
    result = make(load_plugins(), Request("text_to_sketch", "a cat", model="sketch one"))
    assert (result.credit, result.medias[0].status) == (3, "drawn")


def test_hook_ima_quirks(make: Callable[..., Result], installed: Callable[..., None]) -> None:
    """A quirk of a third party is applied because its registry file names it."""
    installed("good")
    studio = Studio()
    make(load_plugins(), Request("text_to_sketch", "a cat", model="sketch-one"), studio)
    assert studio.inner[0]["prompt"] == "pencil: a cat"


def test_hook_ima_registry_roots(make: Callable[..., Result], installed: Callable[..., None]) -> None:
    """A registry root of a third party makes its names known; without it they are not."""
    installed("good")
    assert (
        make(load_plugins(), Request("text_to_sketch", "a cat", model="SKETCH ONE")).model_id == "sketch-one"
    )
    assert "text_to_sketch" not in load_registry(load_plugins(disable=["good"]).registry_roots()).task_types


def test_hook_ima_schema_roots(make: Callable[..., Result], installed: Callable[..., None]) -> None:
    """A schema of a third party guards its task type before any call."""
    installed("good")
    studio = Studio()
    with pytest.raises(InvalidRequestError, match="prompt: needs at least 3 characters"):
        make(load_plugins(), Request("text_to_sketch", "ab"), studio)
    assert studio.inner == []


def test_hook_ima_sandbox_renderers(tmp_path: Path) -> None:
    """A renderer of a plugin makes the media of its task type, from the very job."""

    def draw(job: RenderJob, folder: Path, stem: str) -> Rendered:
        path = folder / f"{stem}.svg"
        path.write_text(f"{job.task_type} {job.index} {job.prompt}", encoding="utf-8")
        return Rendered(path, "svg", 10, 10, None, None)

    plugins = _with(ima_sandbox_renderers=lambda: (Renderer(("text_to_sketch",), draw),))
    job = RenderJob("text_to_sketch", "image", "a cat", "Sketch", {}, 2, (), None)
    made = render(job, tmp_path, "x", plugins.renderers())
    assert made.path.read_text(encoding="utf-8") == "text_to_sketch 2 a cat"
    assert plugins.infos["local"].fault == ""


def test_hook_ima_check_request(make: Callable[..., Result], installed: Callable[..., None]) -> None:
    """A plugin may refuse a request with problems of its own; nothing is created."""
    installed("good")
    studio = Studio()
    with pytest.raises(
        InvalidRequestError, match=r"Wan 2.6 cannot do this: prompt: Wan 2.6 does not take this \(wan-2.6\)"
    ) as caught:
        make(load_plugins(), Request("text_to_video", "a forbidden word"), studio)
    assert [problem.rule for problem in caught.value.problems] == ["house"]
    assert studio.inner == []
    assert make(load_plugins(), Request("text_to_video", "a friendly word"), studio).status == "success"


def test_hook_ima_reflect(
    make: Callable[..., Result], installed: Callable[..., None], fake_clock: FakeClock
) -> None:
    """A plugin decides before the built-in answer, which follows where the plugin has no opinion."""
    installed("good")
    studio, start = Studio(500, 500), fake_clock.monotonic()
    result = make(load_plugins(), Request("text_to_video", "x"), studio)
    assert [inner["resolution"] for inner in studio.inner] == ["1080P", "1080P", "720P"]
    assert fake_clock.monotonic() - start >= 1.0
    assert [change.param for change in result.changes] == ["resolution", "points"]


def test_hook_ima_recommend(make: Callable[..., Result]) -> None:
    """A recommended model is made where the wish names none; it may be chosen from those that are offered."""

    def ima_recommend(request: Request, models: tuple[ModelEntry, ...]) -> Recommendation | None:
        assert request.task_type == "text_to_video"
        found = next(entry for entry in models if entry.id == "kling-o1")
        return Recommendation(found.id, Text("Good at this.", "擅长这个。"), "test")

    plugins = _with(ima_recommend=ima_recommend)
    assert make(plugins, Request("text_to_video", "x")).model_name == "Kling O1"
    assert make(plugins, Request("text_to_video", "x", model="wan")).model_name == "Wan 2.6"


def test_hook_ima_route() -> None:
    """The first route wins; an answer that is none, or an exception, costs its plugin a note and no route."""
    found = Route(("image",), "text_to_image", "a cat")

    def ima_route(text: str, route: Route) -> Route | None:
        return evolve(route, prompt=f"{route.prompt}, {text}") if "blue" in text else None

    plugins = _with(ima_route=ima_route)
    assert reconsidered(plugins, "blue", found).prompt == "a cat, blue"
    assert reconsidered(plugins, "red", found) is found
    broken = _with(ima_route=lambda text, route: f"{text} {route.n}")
    assert reconsidered(broken, "blue", found) is found
    assert "not a Route" in broken.infos["local"].fault


def test_hook_ima_batch_executor() -> None:
    """The first executor wins; something that cannot run costs its plugin a note, not the batch."""

    class Elsewhere:
        def __init__(self, concurrency: int) -> None:
            self.concurrency = concurrency

        async def run(self, lines: Any, work: Any) -> None:
            raise AssertionError("not run here")

    def brings(concurrency: int) -> Elsewhere:
        return Elsewhere(concurrency)

    executor = _with(ima_batch_executor=brings).batch_executor(7)
    assert isinstance(executor, Elsewhere)
    assert executor.concurrency == 7
    broken = _with(ima_batch_executor=lambda concurrency: "somewhere")
    assert broken.batch_executor(7) is None
    assert any("not an executor" in info.fault for info in broken.infos.values())
    assert load_plugins(third_party=False).batch_executor(7) is None


def test_hook_ima_observe(make: Callable[..., Result]) -> None:
    """An observer is told every event, in order."""
    heard: list[Any] = []
    plugins = _with(ima_observe=_into(heard))
    result = make(plugins, Request("text_to_video", "x"), Studio(429))
    told = [type(event) for event in heard]
    # Waiting tells its progress as often as it likes, but only between the create and the end.
    assert [kind for kind in told if kind is not Progressed] == [
        ModelChosen,
        Quoted,
        Reflected,
        Created,
        Finished,
    ]
    assert Progressed not in told[:3]
    assert heard[-1] == Finished(result)


def test_plugins_see_the_prompt_and_may_ask_for_fewer_arguments(make: Callable[..., Result]) -> None:
    """A hook takes only the arguments it needs."""
    seen: list[str] = []
    plugins = _with(ima_check_request=lambda request: seen.append(request.prompt))
    make(plugins, Request("text_to_video", "a secret"))
    assert seen == ["a secret"]


def test_an_outright_refusal(make: Callable[..., Result]) -> None:
    """A plugin may raise one of our errors, which is then the answer."""

    def ima_check_request(request: Request) -> None:
        raise InvalidRequestError(f"not today, {request.task_type}", hint="Tomorrow.")

    with pytest.raises(InvalidRequestError, match="not today, text_to_video"):
        make(_with(ima_check_request=ima_check_request), Request("text_to_video", "x"))


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_test(hook: str) -> None:
    """There is a test for every hook, by name."""
    assert callable(getattr(sys.modules[__name__], f"test_hook_{hook}", None))


@pytest.mark.checkout
@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented(hook: str) -> None:
    """The documents show every hook with its arguments."""
    arguments = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters)
    text = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text(encoding="utf-8")
    assert f"{hook}({arguments})" in text


def test_hooks_are_documented_in_code() -> None:
    """Every hook says what it is for and what it returns or is given."""
    for hook in HOOKS:
        text = inspect.getdoc(getattr(hookspecs, hook)) or ""
        assert "Returns:" in text or "Args:" in text, hook
    assert len(HOOKS) == 11
