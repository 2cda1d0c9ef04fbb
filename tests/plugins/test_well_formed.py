"""Answers of the right class with something else inside: named, left out, and nothing breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ima_skills import Change, Problem, Recommendation, Request, Text
from ima_skills.domain.event import Reflected
from ima_skills.domain.media_facts import MediaFacts
from ima_skills.domain.reflection import GiveUp, Refetch, Retry, Wait
from ima_skills.domain.route import Route
from ima_skills.domain.task import Media
from ima_skills.errors import ImaError, InvalidRequestError
from ima_skills.hookspecs import hookimpl
from ima_skills.modality import Modality, same_urls
from ima_skills.offline import sandbox_client
from ima_skills.plugin_set import PluginInfo, PluginSet, load_plugins
from ima_skills.quirks import Quirk
from ima_skills.renderers import Renderer
from ima_skills.sandbox.knowledge import Options
from ima_skills.well_formed import mistyped

ANY: Any = object()
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
        (Media(1, "success"), ""),
        (MediaFacts("picture", "png", 7, 1, 1), ""),
        (Quirk("q", Text("a", "b"), check_inputs=lambda *_: ()), ""),
        (Quirk("q", ANY), "summary is of type object"),
        (Renderer(("text_to_x",), lambda *_: ANY), ""),
    ],
    ids=lambda part: type(part).__name__,
)
def test_what_is_inside(value: Any, fault: str) -> None:
    """Each field holds what its class says; functions, and what may be anything, are not looked into."""
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


def test_our_own_values_hold_what_they_say() -> None:
    """What the first party declares passes, or nothing would."""
    plugins = load_plugins(third_party=False, environ={})
    assert [
        mistyped(item) for item in (*plugins.modalities.values(), *plugins.quirks.values()) if mistyped(item)
    ] == []
    assert mistyped(Reflected(1, "service-fault", "smaller", ())) == ""
