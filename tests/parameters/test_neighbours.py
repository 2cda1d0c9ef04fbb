"""Who else does what was asked: cheaper and better models, each once, with the settings in which it is not the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.advice import Adviser, say_alternatives
from ima_skills.domain.request import Request
from ima_skills.errors import PointsError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.plugin_set import PluginSet
    from ima_skills.registry import Registry

# Every model that is a default or has been one, with wishes of all sorts; the lists are the captured ones.
WISHES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("text_to_video", "Wan 2.6", {}), ("text_to_video", "Wan 2.6", {"duration": 10}),
    ("text_to_video", "Kling O1", {}), ("text_to_video", "Kling O1", {"duration": 10, "quality": "1080p"}),
    ("text_to_video", "Google Veo 3.1", {}), ("text_to_video", "Seedance 2.0", {}),
    ("text_to_image", "SeeDream 4.5", {}), ("text_to_image", "Nano Banana 2", {"size": "4K"}),
)  # fmt: skip


@pytest.fixture
def adviser(registry: Registry, plugins: PluginSet) -> Adviser:
    """The one that the engine takes."""
    return Adviser(registry, plugins.quirks)


@pytest.mark.parametrize(("task_type", "name", "params"), WISHES)
def test_no_model_is_named_twice(  # noqa: PLR0913, PLR0917 - three facts of a wish, three fixtures
    adviser: Adviser,
    catalogue: Callable[..., Any],
    leaf: Callable[..., Any],
    task_type: str,
    name: str,
    params: dict[str, Any],
) -> None:
    """One that costs less and is of a better tier stands with the cheaper ones, and only there."""
    request = Request(task_type, "a boat", params=params)
    cheaper, better = adviser.neighbours(request, catalogue(task_type), leaf(name, task_type), 1_000)
    names = [other.model for other in (*cheaper, *better)]
    assert names
    assert len(names) == len(set(names))


def test_what_is_other_about_a_neighbour_is_told(
    adviser: Adviser, catalogue: Callable[..., Any], leaf: Callable[..., Any]
) -> None:
    """Nobody asked for a resolution: the cheaper clip is still a coarser one, and its length differs as well."""
    page, wan = catalogue("text_to_video"), leaf("Wan 2.6")
    cheaper, better = adviser.neighbours(Request("text_to_video", "a boat"), page, wan, 40)
    told = {other.name: dict(other.differs) for other in (*cheaper, *better)}
    assert told["Vidu Q2"] == {"resolution": "720p"}
    assert told["Seedance 1.5 Pro"] == {"resolution": "720p", "duration": 4}
    assert told["Kling 2.6"] == {}


def test_after_a_refusal_it_is_told_too(
    adviser: Adviser, catalogue: Callable[..., Any], leaf: Callable[..., Any]
) -> None:
    """In the alternatives of an error and in its hint."""
    request = Request("text_to_video", "a boat")
    error = ServiceError("x", code="service-fault")
    found = adviser.instead_of(request, catalogue("text_to_video"), leaf("Wan 2.6"), error)
    assert found[0].as_dict()["differs"] == {"duration": 6, "resolution": "768P"}
    assert say_alternatives(found).startswith("Instead: Hailuo 2.0 [duration 6, resolution 768P] (12 points)")


def test_the_same_model_made_smaller_says_what_is_smaller(
    adviser: Adviser, catalogue: Callable[..., Any], leaf: Callable[..., Any]
) -> None:
    """Below a cap a model may be offered at its lowest price; what that costs in length or quality is said."""
    request = Request("text_to_video", "a boat", params={"duration": 10, "quality": "1080p"})
    error = PointsError("x", code="over-cap", details={"quoted": 120, "cap": 50})
    found = adviser.instead_of(request, catalogue("text_to_video"), leaf("Kling O1"), error)
    (smaller,) = [other for other in found if other.name == "Kling O1"]
    assert not smaller.exact
    assert dict(smaller.differs) == {"duration": "5", "quality": "720p"}


def test_near_misses_say_how_near(
    adviser: Adviser, catalogue: Callable[..., Any], leaf: Callable[..., Any]
) -> None:
    """Where nobody does exactly what was asked, what would be made instead is told, and nothing that nobody asked for."""
    from ima_skills.domain.problem import Problem

    request = Request("text_to_video", "a boat", params={"duration": 20})
    problem = Problem("/params/duration", "too long", 20, "enum", (5, 10, 15), 15)
    advice = adviser.on_refusal(request, catalogue("text_to_video"), leaf("Wan 2.6").model_id, [problem])
    assert advice.alternatives
    assert all(
        other.differs == {"duration": 15} for other in advice.alternatives if other.params == {"duration": 15}
    )
    assert {name for other in advice.alternatives for name in other.differs} == {"duration"}
