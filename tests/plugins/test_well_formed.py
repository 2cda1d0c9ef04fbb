"""Answers of the right class with something else inside: named, left out, and nothing breaks."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, cast

import pytest
from attrs import evolve, resolve_types

from ima_skills import Change, Problem, Recommendation, Request, Text
from ima_skills.domain.event import Reflected
from ima_skills.domain.media_facts import MediaFacts
from ima_skills.domain.reflection import GiveUp, Refetch, Retry, Wait
from ima_skills.domain.route import Inquiry, PreferenceWish, Route, Step
from ima_skills.domain.task import Media
from ima_skills.errors import ImaError, InvalidRequestError
from ima_skills.hookspecs import hookimpl
from ima_skills.modality import Modality, same_urls
from ima_skills.offline import sandbox_client
from ima_skills.plugin_set import PluginInfo, PluginSet, load_plugins
from ima_skills.quirks import Quirk
from ima_skills.registry import Registry
from ima_skills.renderers import Rendered, Renderer
from ima_skills.routing import reconsidered
from ima_skills.sandbox.knowledge import Options
from ima_skills.well_formed import mistyped, readable

ANY: Any = object()
ROUTE = Route(("image",), "text_to_image", "a bay")
REFUSED = '[[fault]]\non = "create"\nkind = "refuse"\ncode = 500\n'


def _plugins(hook: str, answer: Any) -> PluginSet:
    plugins = load_plugins(third_party=False, environ={})
    module = ModuleType("odd")

    def asked() -> Any:
        return answer

    setattr(module, hook, hookimpl(asked))
    plugins.manager.register(module, name="odd")
    plugins.infos["odd"] = PluginInfo("odd", "somebody-else", "1", "active")
    plugins.collect()
    return plugins


def _created(plugins: PluginSet, folder: Path, scenario: Path | None = None) -> str:
    async def go() -> str:
        options = Options(speed=6000)
        async with sandbox_client(
            folder / "s", plugins=plugins, options=options, scenario=scenario
        ) as client:
            task_id, _ = await client.start(await client.prepare(Request("text_to_image", "a bay")))
            return task_id

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (Wait(1.5, "busy"), ""),
        (Wait(2, "busy"), ""),
        (Wait(ANY, "busy"), "seconds is of type object"),
        (Wait(float("nan"), "busy"), "seconds is nan"),
        (Wait(seconds=True, because="busy"), "seconds is of type bool"),
        (GiveUp(ANY), "because is of type object"),
        (Retry({"size": "2k"}, (Change("size", "4k", "2k", "smaller"),), "smaller"), ""),
        (Retry({}, (ANY,), "smaller"), "changes holds what is of type object"),
        (
            Retry({}, (Change(ANY, 1, 2, "x"),), "b"),
            "changes holds what holds a value whose param is of type object",
        ),
        (Retry(ANY, (), "smaller"), "values is of type object"),
        (Recommendation("seedream-4.5", Text("a", "b"), "odd"), ""),
        (Recommendation("seedream-4.5", ANY, "odd"), "reason is of type object"),
        (Route(("image",), "text_to_image", "a bay"), ""),
        (Route(("image",), ANY, "a bay"), "task_type is of type object"),
        (ROUTE, ""),
        (evolve(ROUTE, params={"a": ANY}), "params holds what is of type object"),
        (evolve(ROUTE, params={"a": [b"x"]}), "params holds what holds what is of type bytes"),
        (evolve(ROUTE, params={"a": {1}}), "params holds what is of type set"),
        (evolve(ROUTE, params={"a": float("nan")}), "params holds what is nan"),
        (evolve(ROUTE, params={ANY: "a"}), "params holds a name that is no text on one line"),
        (evolve(ROUTE, params={"a": 10**5000}), "params holds what is too large a number"),
        (evolve(ROUTE, params=MappingProxyType({"a": ["x\ny", None, 1.5]})), ""),
        (evolve(ROUTE, n=-5), "n is less than 1"),
        (evolve(ROUTE, n=10**5000), "n is too large a number"),
        (evolve(ROUTE, max_points=-3), "max_points is less than 1"),
        (evolve(ROUTE, confidence=1.5), "confidence is more than 1"),
        (evolve(ROUTE, budget=ANY), "budget is none of cheapest, best, another, none"),
        (
            evolve(ROUTE, preference=PreferenceWish(ANY)),
            "preference holds a value whose action is none of save, once, clear, none",
        ),
        (evolve(ROUTE, preference=ANY), "preference is of type object"),
        (evolve(ROUTE, model_name="a\nb"), "model_name holds the control character U+000A"),
        (evolve(ROUTE, notes=("a", "b\x1b[2J")), "notes holds the control character U+001B"),
        (evolve(ROUTE, prompt="one line\nanother", inputs=("a\nb",)), ""),
        (
            evolve(ROUTE, steps=(Step("image-1", "image", "text_to_image", "x", n=0),)),
            "steps holds what holds a value whose n is less than 1",
        ),
        (evolve(ROUTE, inquiry=Inquiry("price", ("models",))), ""),
        (Problem("/x", "no", value=ANY), "value is of type object"),
        (Quirk("q", Text("a", "b"), request=ANY), "request is of type object"),
        (Rendered(Path(), ANY, 1, 1, None, None), "format is of type object"),
        (Rendered(ANY, "png", 1, 1, None, None), "path is of type object"),
        (Media(1, "success"), ""),
        (MediaFacts("picture", "png", 7, 1, 1), ""),
        (Quirk("q", Text("a", "b"), check_inputs=lambda *_: ()), ""),
        (Quirk("q", ANY), "summary is of type object"),
        (Renderer(("text_to_x",), lambda *_: ANY), ""),
    ],
    ids=lambda part: type(part).__name__,
)
def test_what_is_inside(value: Any, fault: str) -> None:
    """Each field holds what its class says; functions are not looked into."""
    assert mistyped(value) == fault


@pytest.mark.parametrize(
    "answer", [Problem(ANY, ANY), Problem("/x", "no", related=ANY)], ids=["words", "related"]
)
def test_an_objection_that_cannot_be_read_refuses(answer: Problem, tmp_path: Path) -> None:
    """Nothing is sent that a plugin has refused, in however bad words; the error can be shown."""
    plugins = _plugins("ima_check_request", (answer,))
    with pytest.raises(InvalidRequestError, match="odd: this plugin objects without saying why") as caught:
        _created(plugins, tmp_path)
    assert caught.value.as_dict()["problems"][0]["pointer"] == "/plugins/odd"
    assert plugins.infos["odd"].fault.startswith("ima_check_request: returned a Problem whose ")


@pytest.mark.parametrize(
    "answer", [Recommendation(ANY, ANY, ANY), Recommendation("suno", ANY, "odd")], ids=["model", "reason"]
)
def test_a_recommendation_that_is_none(answer: Recommendation, tmp_path: Path) -> None:
    """It is passed over, and the wish goes its way."""
    plugins = _plugins("ima_recommend", answer)
    assert _created(plugins, tmp_path)
    assert plugins.infos["odd"].fault.startswith("ima_recommend: returned a Recommendation whose ")


@pytest.mark.parametrize(
    "answer", [Wait(ANY, "b"), Retry(ANY, (), "b"), Retry({}, ANY, "b"), GiveUp(ANY), Refetch(ANY)], ids=lambda a: type(a).__name__
)  # fmt: skip
def test_a_decision_that_is_none(answer: Any, tmp_path: Path) -> None:
    """After a refused create as well: the built-in answer follows, and its end is the service's verdict."""
    (tmp_path / "refused.toml").write_text(REFUSED, encoding="utf-8")
    plugins = _plugins("ima_reflect", answer)
    with pytest.raises(ImaError) as caught:
        _created(plugins, tmp_path, tmp_path / "refused.toml")
    assert caught.value.name == "service-fault"
    assert plugins.infos["odd"].fault.startswith(f"ima_reflect: returned a {type(answer).__name__} whose ")


@pytest.mark.parametrize(
    ("hook", "answer", "asked"),
    [
        (
            "ima_modalities",
            Modality("scent", ANY, (), same_urls, lambda m: m, lambda *_: ()),
            lambda p: p.modalities,
        ),
        ("ima_quirks", Quirk("scent", ANY), lambda p: p.quirks),
        ("ima_sandbox_renderers", Renderer(ANY, lambda *_: ANY), lambda p: p.renderers()),
    ],
    ids=["modality", "quirk", "renderer"],
)
def test_a_declaration_that_is_none(
    hook: str, answer: Any, asked: Callable[[PluginSet], dict[str, Any]]
) -> None:
    """It is left out and named; the plugin takes part with what else it brings."""
    plugins = _plugins(hook, (answer,))
    assert "scent" not in asked(plugins)
    assert plugins.infos["odd"].state == "active"
    assert f"{hook}: returned a {type(answer).__name__} whose " in plugins.infos["odd"].fault


class Moody(Mapping[str, Any]):
    """A mapping that is readable a few times."""

    reads = 0

    def __getitem__(self, name: str) -> Any:
        """Return another value each time."""
        self.reads += 1
        return self.reads if self.reads < 3 else ANY

    def __iter__(self) -> Iterator[str]:
        """Yield the one name."""
        return iter(("size",))

    def __len__(self) -> int:
        """Return how many there are."""
        return 1


@pytest.mark.parametrize("holder", ["route", "step"])
def test_what_is_looked_at_is_what_is_used(holder: str) -> None:
    """A mapping of the plugin's own is read once."""
    step = Step("image-1", "image", "text_to_image", "x", params=Moody())
    asked = evolve(ROUTE, params=Moody()) if holder == "route" else evolve(ROUTE, steps=(step,))
    found = reconsidered(_plugins("ima_route", asked), "a bay", ROUTE)
    params = found.params if holder == "route" else found.steps[0].params
    assert [dict(params), dict(params)] == [{"size": 1}] * 2


@pytest.mark.parametrize(
    "answer",
    [
        evolve(ROUTE, task_type="nonsense"),
        evolve(ROUTE, steps=(Step("image-1", "image", "nonsense", "x"),)),
        evolve(ROUTE, budget=ANY),
    ],
)
def test_a_route_that_leads_nowhere(answer: Route, registry: Registry) -> None:
    """It is passed over, its plugin named, and the wish understood by its words."""
    plugins = _plugins("ima_route", answer)
    assert reconsidered(plugins, "a bay", ROUTE, registry) is ROUTE
    assert plugins.infos["odd"].fault.startswith("ima_route: returned a Route whose ")


def test_an_objection_is_told_on_one_line() -> None:
    """Words that people typed may have line breaks, and must not look like lines of ours."""
    told = readable("odd", Problem("/prompt", "no:\nerror: all points are gone"))
    assert told.message == "no: error: all points are gone"


def test_our_own_values_hold_what_they_say() -> None:
    """What the first party declares passes, or nothing would."""
    plugins = load_plugins(third_party=False, environ={})
    assert [
        mistyped(item) for item in (*plugins.modalities.values(), *plugins.quirks.values()) if mistyped(item)
    ] == []
    assert mistyped(Reflected(1, "service-fault", "smaller", ())) == ""


def test_resolved_names_hide_nothing() -> None:
    """Whoever resolves the type names of a class (cattrs does) does not blind the check."""
    resolve_types(Wait)
    assert mistyped(Wait(math.nan, "busy")) == "seconds is nan"
    assert mistyped(Wait(cast("float", "x"), "busy")) == "seconds is of type str"
