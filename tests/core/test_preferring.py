"""Who chooses the model of a wish: the wish, else what was saved, else advice, else the default."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import evolve

from ima_skills.choosing import choose, read_name
from ima_skills.clock import FakeClock
from ima_skills.domain.event import Event, ModelChosen, Quoted
from ima_skills.domain.recommendation import Recommendation
from ima_skills.domain.request import Request
from ima_skills.domain.task_type import Text
from ima_skills.errors import InvalidRequestError
from ima_skills.hookspecs import hookimpl
from ima_skills.offline import sandbox_client
from ima_skills.plugin_set import PluginInfo, PluginSet, load_plugins
from ima_skills.preferences import FILE, Preference, Preferences, UserPreferences
from ima_skills.preferring import Advised, Chooser, decide
from ima_skills.registry import Registry

T2I = "text_to_image"
SAVED = Preference("midjourney", "Midjourney", 8)
ADVISED = Advised("gemini-3-pro-image", "Nano Banana Pro", Text("It draws letters well.", "擅长画文字。"))


def yes(_model_id: str) -> bool:
    return True


def plugins_that_say(answer: Any) -> PluginSet:
    plugins = load_plugins(third_party=False, environ={})
    module = ModuleType("adviser")

    @hookimpl
    def ima_recommend(request: Request) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    module.ima_recommend = ima_recommend  # type: ignore[attr-defined]  # a plugin is a module like any other
    plugins.manager.register(module, name="adviser")
    plugins.infos["adviser"] = PluginInfo("adviser", "test", "1", "active")
    return plugins


@pytest.mark.parametrize(
    ("model", "saved", "advised", "picked", "source"),
    [
        ("seedream", SAVED, ADVISED, "seedream", "explicit"),
        (None, SAVED, ADVISED, "midjourney", "saved"),
        (None, None, ADVISED, "gemini-3-pro-image", "knowledge"),
        (None, None, None, None, "default"),
        ("  ", SAVED, None, "midjourney", "saved"),
    ],
)
def test_the_order(
    model: str | None, saved: Preference | None, advised: Advised | None, picked: str | None, source: str
) -> None:
    """Explicit, then saved, then advised, then the default."""
    pick = decide(Request(T2I, "x", model=model), saved, advised, yes)
    assert (pick.model, pick.source, pick.stale) == (picked, source, None)


def test_a_version_is_explicit_too() -> None:
    """A wish that names a version is not overridden by a habit."""
    assert decide(Request(T2I, "x", version_id="v"), SAVED, ADVISED, yes).source == "explicit"


@pytest.mark.parametrize(("advised", "source"), [(ADVISED, "knowledge"), (None, "default")])
def test_what_is_no_longer_offered_is_said(advised: Advised | None, source: str) -> None:
    """A saved model that cannot be booked is named as stale, and the next in line is taken."""
    pick = decide(Request(T2I, "x"), SAVED, advised, lambda model_id: model_id != "midjourney")
    assert (pick.source, pick.stale) == (source, SAVED)


def test_advice_that_is_not_offered_is_passed_over() -> None:
    """Nothing is recommended that cannot be booked."""
    assert decide(Request(T2I, "x"), None, ADVISED, lambda _: False).source == "default"


def test_what_is_told(leaf: Callable[..., Any]) -> None:
    """A change of habit and a hint are told once each, and only where they apply."""
    seedream, midjourney = leaf("SeeDream 4.5", T2I), leaf("Midjourney", T2I)
    departed = decide(Request(T2I, "x", model="seedream"), SAVED, ADVISED, yes).told(seedream, "en")
    assert (departed.previous, departed.recommended, departed.reason) == ("Midjourney", None, None)
    same = decide(Request(T2I, "x", model="midjourney"), SAVED, None, yes).told(midjourney, "en")
    assert same.previous is None
    habit = decide(Request(T2I, "x"), SAVED, ADVISED, yes).told(midjourney, "zh")
    assert (habit.recommended, habit.reason, habit.previous) == ("Nano Banana Pro", "擅长画文字。", None)
    advised = decide(Request(T2I, "x"), None, ADVISED, yes).told(leaf("Nano Banana Pro", T2I), "en")
    assert (advised.source, advised.recommended, advised.reason) == (
        "knowledge",
        None,
        "It draws letters well.",
    )


@pytest.mark.parametrize("name", ["nano-banana-pro", "Nano Banana Pro", "gemini-3-pro-image"])
def test_a_recommendation_by_any_name(registry: Registry, name: str) -> None:
    """Registry id, display name and family id mean the same model."""
    chooser = Chooser(registry, plugins_that_say(Recommendation(name, ADVISED.reason, "test")))
    assert chooser.begin(Request(T2I, "x")).pick().model == "gemini-3-pro-image"


@pytest.mark.parametrize("name", ["no such model", "suno", "sora-1", "", "../x"])
def test_a_recommendation_of_nothing_known(registry: Registry, name: str) -> None:
    """An unknown, foreign or retired model is no advice."""
    chooser = Chooser(registry, plugins_that_say(Recommendation(name, ADVISED.reason, "test")))
    assert chooser.begin(Request(T2I, "x")).pick().source == "default"


@pytest.mark.parametrize("answer", ["Nano Banana Pro", 5, ZeroDivisionError("x")])
def test_a_broken_adviser_costs_only_itself(registry: Registry, answer: Any) -> None:
    """What is no recommendation is noted against the plugin."""
    plugins = plugins_that_say(answer)
    assert Chooser(registry, plugins).begin(Request(T2I, "x")).pick().source == "default"
    assert "ima_recommend" in plugins.infos["adviser"].fault


def test_every_model_can_be_a_habit(
    registry: Registry, plugins: PluginSet, catalogue: Callable[[str], Any]
) -> None:
    """Whatever the product list has, its family id alone leads back to it, in its newest version."""
    kinds = [kind for kind in registry.task_types if catalogue(kind).leaves]
    for kind in kinds:
        for model_id in {leaf.model_id for leaf in catalogue(kind).leaves}:
            chooser = Chooser(registry, plugins, {kind: Preference(model_id, "M")}.get)
            pick = chooser.begin(Request(kind, "x")).pick(catalogue(kind))
            assert pick.source == "saved", model_id
            named = read_name(registry, pick.applied(Request(kind, "x")))
            assert choose(registry, catalogue(kind), named).leaf.model_id == model_id


def test_nobody_is_asked_about_an_explicit_wish(registry: Registry) -> None:
    """Advice is not even looked for where a model was named."""
    plugins = plugins_that_say(ZeroDivisionError("x"))
    Chooser(registry, plugins).begin(Request(T2I, "x", model="seedream")).pick()
    assert plugins.infos["adviser"].fault == ""


@pytest.fixture
def saved(tmp_path: Path) -> UserPreferences:
    return UserPreferences(Preferences(tmp_path / FILE, FakeClock(), lambda _: None), "u1")


def made(tmp_path: Path, request: Request, **parts: Any) -> list[Event]:
    """Create on a sandbox and return the first events."""
    events: list[Event] = []

    async def work() -> None:
        clock = FakeClock()
        async with sandbox_client(tmp_path / "s", clock=clock, speed=1.0, **parts) as client:
            await client.start(await client.prepare(request), on_event=events.append)

    asyncio.run(work())
    return events


def test_the_road_tells_the_choice_first(
    tmp_path: Path, saved: UserPreferences, registry: Registry, plugins: PluginSet
) -> None:
    """A saved model is booked, and that is told before the price; other users and task types are untouched."""
    saved.store.set("u1", T2I, SAVED)
    parts = {"registry": registry, "plugins": plugins}
    events = made(tmp_path, Request(T2I, "x"), preferences=saved, **parts)
    assert [type(event) for event in events[:2]] == [ModelChosen, Quoted]
    assert events[0] == ModelChosen(T2I, "midjourney", "Midjourney", "saved")
    other = evolve(saved, user_id="u2")
    assert made(tmp_path, Request(T2I, "x"), preferences=other, **parts)[0].source == "default"  # type: ignore[union-attr]  # the first event is the choice
    assert saved.store.all("u1").keys() == {T2I}


def test_a_stale_model_on_the_road(
    tmp_path: Path, saved: UserPreferences, registry: Registry, plugins: PluginSet
) -> None:
    """What the live list does not have is said to be stale; the default is taken, and the file is left alone."""
    saved.store.set("u1", T2I, Preference("gone-1", "Gone One", 5))
    (chosen, *_) = made(tmp_path, Request(T2I, "x"), preferences=saved, registry=registry, plugins=plugins)
    assert isinstance(chosen, ModelChosen)
    assert (chosen.source, chosen.stale, chosen.model_name) == ("default", "Gone One", "SeeDream 4.5")
    assert saved.get(T2I) is not None


@pytest.mark.parametrize(("language", "words"), [("en", "your saved model"), ("zh", "常用模型")])
def test_a_saved_model_that_cannot_do_it(  # noqa: PLR0913, PLR0917 - the fixtures it needs
    tmp_path: Path,
    saved: UserPreferences,
    registry: Registry,
    plugins: PluginSet,
    language: str,
    words: str,
) -> None:
    """It is refused with what would do, and no other model takes its place unasked."""
    saved.store.set("u1", T2I, SAVED)
    wish = Request(T2I, "x", params={"aspect_ratio": "16:9"}, language=language)
    with pytest.raises(InvalidRequestError, match="1:1") as caught:
        made(tmp_path, wish, preferences=saved, registry=registry, plugins=plugins)
    assert words in caught.value.hint
    assert "SeeDream 4.5" in caught.value.hint
    assert caught.value.details["saved_model"] == "Midjourney"
