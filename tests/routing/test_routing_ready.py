"""What is understood can be made: ready requests pass the very pipeline that ``create`` uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ima_skills import ImaError, Request
from ima_skills.catalogue import read_catalogue
from ima_skills.cli.route import route_document
from ima_skills.domain.route import Route
from ima_skills.preparing import Preparer
from ima_skills.schemas import open_schemas

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.plugin_set import PluginSet
    from ima_skills.registry import Registry
    from ima_skills.routing.understanding import Router


def test_requests_are_ready(
    registry: Registry,
    plugins: PluginSet,
    corpus: Callable[[str], list[dict[str, Any]]],
    understood: Callable[[dict[str, Any]], Route],
) -> None:
    """Every ready request of the corpus is priced on the captured list; only those labelled unsupported are refused."""
    preparer = Preparer(registry, plugins, open_schemas())
    refused, ready = set(), 0
    for row in corpus("*"):
        asked = route_document(understood(row), registry)["request"]
        if asked is None:
            continue
        ready += 1
        page = read_catalogue(asked["task_type"], registry.snapshot.groups(asked["task_type"]))
        try:
            preparer.build(preparer.check(Request(**{**asked, "inputs": tuple(asked["inputs"])})), page)
        except ImaError:
            refused.add(row["text"])
    assert ready > 350
    assert refused == {row["text"] for row in corpus("*") if row.get("unsupported")}


def test_the_cheapest_is_the_cheapest(registry: Registry, plugins: PluginSet) -> None:
    """Who asks for the cheapest gets the lowest price of the category on the captured list, settings included."""
    preparer = Preparer(registry, plugins, open_schemas())
    for task_type, kind in registry.task_types.items():
        page = read_catalogue(task_type, registry.snapshot.groups(task_type))
        needed = ("https://e.invalid/1.png", "https://e.invalid/2.png")[: kind.inputs.minimum]
        route = Route(("x",), task_type, "a kite", budget="cheapest", inputs=needed)
        asked = route_document(route, registry)["request"]
        made = preparer.build(preparer.check(Request(**{**asked, "inputs": needed})), page)
        assert made.quote.total == min(rule.points for leaf in page.leaves for rule in leaf.rules), task_type


def test_named_settings_win_over_the_cheapest(registry: Registry, router: Router) -> None:
    """The settings that make the cheapest model cheapest stand back for those of the wish."""
    asked = route_document(router.route("the cheapest 10 second video of a kite"), registry)["request"]
    assert (asked["params"]["duration"], asked["params"]["resolution"]) == (10, "540p")


def test_unwanted_models_are_not_taken(registry: Registry, router: Router) -> None:
    """A model that is not wanted is named by nothing: not by a saved one, not by the default."""
    for wish, unwanted in (
        ("画一只猫，不要用 midjourney", "midjourney"),
        ("draw a cat, but not with SeeDream 4.5", "seedream-4.5"),
    ):
        document = route_document(router.route(wish), registry)
        assert unwanted in document["unwanted"]
        assert document["request"]["model"] not in {None, unwanted}
        assert unwanted not in document["request"]["prompt"].casefold()
        assert document["request"]["prompt"] in {"画一只猫", "draw a cat"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("请帮我生成一段10秒的视频：老人在河边钓鱼，夕阳映在水面上", ["老人在河边钓鱼", "夕阳映在水面上"]),
        (
            "use Kling to make a 16:9 video of an old man fishing, calm water",
            ["old man fishing", "calm water"],
        ),
        ("画一张海报，上面写“10秒见效，用可灵”", ["海报", "“10秒见效，用可灵”"]),
        ("以后都用Midjourney，画一只白鹤", ["一只白鹤"]),
        ("a poster for the cheapest hotel in town", ["the cheapest hotel in town"]),
        ("画一张海报：全城最便宜的火锅，最好的服务", ["全城最便宜的火锅", "最好的服务"]),
        (
            "a girl who always smiles, this time in the rain, picture",
            ["always smiles", "this time in the rain"],
        ),
    ],
)
def test_prompts_lose_nothing(text: str, kept: list[str], router: Any) -> None:
    """What is to be seen stays in the prompt, quoted text to the letter."""
    prompt = router.route(text).prompt
    assert [part for part in kept if part not in prompt] == []


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("用女声、语速慢一点，朗读：从前有座山，山里有座庙。", "从前有座山，山里有座庙。"),
        ('say "Doors are closing, 10 seconds left"', "Doors are closing, 10 seconds left"),
        ("read aloud: use Kling to make a video", "use Kling to make a video"),
    ],
)
def test_spoken_text_is_exact(text: str, prompt: str, router: Any) -> None:
    """What is to be read aloud is the prompt, letter for letter, and is no instruction."""
    route = router.route(text)
    assert (route.task_type, route.prompt, route.model_id) == ("text_to_speech", prompt, None)


@pytest.mark.parametrize(
    ("wish", "said", "params"),
    [
        ("给我朗读：你好世界，女声，慢一点", "你好世界", {"voice": "female", "speed": 0.8}),
        ("read this out: hello world, female voice", "hello world", {"voice": "female"}),
        ("念：大声点", "大声点", {}),
        ("朗读：他说，慢一点走路，别急", "他说，慢一点走路，别急", {}),
    ],
)
def test_settings_behind_what_is_said(router: Router, wish: str, said: str, params: dict[str, Any]) -> None:
    """Settings at the end set something and are not spoken; the same words within the text are text."""
    found = router.route(wish)
    assert found.prompt == said
    assert found.params == params
