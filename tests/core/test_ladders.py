"""One step down, along the leaf's own values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.domain.product import CreditRule, FormField, Option, ProductLeaf
from ima_skills.ladders import step_down

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.parameters import Offer

T2I, T2V = "text_to_image", "text_to_video"


@pytest.mark.parametrize(
    ("name", "task_type", "param", "values", "steps"),
    [
        ("Wan 2.6", T2V, "resolution", {"resolution": "1080P"}, ["720P"]),
        ("Wan 2.6", T2V, "duration", {"duration": 15}, [10, 5]),
        ("Wan 2.6", T2V, "duration", {"duration": 5}, []),
        ("Kling O1", T2V, "duration", {"duration": "10"}, ["5"]),
        ("Kling O1", T2V, "mode", {"mode": "pro"}, ["std"]),
        ("SeeDream 4.5", T2I, "size", {"size": "4k"}, ["2k"]),
        ("SeeDream 4.5", T2I, "size", {"size": "2560x1440"}, []),
        ("Nano Banana 2", T2I, "size", {"size": "4K"}, ["2K", "1K", "512px"]),
        ("Hailuo 2.3", T2V, "resolution", {"resolution": "1080P", "duration": 6}, ["768P"]),
        ("Google Veo 3.1", T2V, "duration", {"duration": 8, "resolution": "1080p"}, []),
        ("Google Veo 3.1", T2V, "duration", {"duration": 8, "resolution": "720p"}, [6, 4]),
        ("Pixverse V5.5", T2V, "resolution", {"resolution": "720p", "duration": 8}, ["540p"]),
    ],
)  # fmt: skip
def test_captured_leaves(  # noqa: PLR0913, PLR0917 - one argument per column of the table
    offer: Callable[..., Offer],
    name: str,
    task_type: str,
    param: str,
    values: dict[str, Any],
    steps: list[Any],
) -> None:
    """Smaller values come from the leaf, next smaller first, without those that do not go together."""
    assert step_down(offer(name, task_type).leaf, param, values) == steps


def _leaf(*form: FormField, rules: tuple[CreditRule, ...] = ()) -> ProductLeaf:
    return ProductLeaf("v", "m", "M", T2V, form, rules)


@pytest.mark.parametrize(
    ("param", "value", "steps"),
    [
        ("size", "4K", ["2k", "1k", "512px"]), ("resolution", "1080P", ["720p", "540p", "480p"]), ("quality", "High", ["standard", "low"]),
        ("quality", "odd", []), ("duration", 10, []), ("mode", "pro", []), ("size", {"a": 1}, []), ("size", None, []),
    ],
)  # fmt: skip
def test_the_usual_ladder_where_the_leaf_lists_none(param: str, value: Any, steps: list[Any]) -> None:
    """Only a parameter whose values nobody lists falls back to the documents' ladder."""
    assert step_down(_leaf(), param, {param: value}) == steps


def test_values_of_the_rules() -> None:
    """A parameter without options takes the values that have a price."""
    rules = tuple(
        CreditRule(i, i, {"duration": seconds}) for i, seconds in enumerate((10, 5, 15, 5), start=1)
    )
    assert step_down(_leaf(rules=rules), "duration", {"duration": 12}) == [10, 5]


def test_sizes_keep_their_shape() -> None:
    """A size is replaced by a smaller one of the same shape only."""
    field = FormField(
        "size",
        "tags",
        options=tuple(map(Option, ["2048x2048", "1024×1024", "1024x768", "512x512", "2k", "x"])),
    )
    assert step_down(_leaf(field), "size", {"size": "2048x2048"}) == ["1024×1024", "512x512"]


def test_combinations_count_from_either_side() -> None:
    """A value that another field's choice rules out is no step, whichever side says so."""
    short = Option("480p", disabled={"duration": (10,)})
    resolution = FormField("resolution", "tags", options=(Option("1080p"), Option("720p"), short))
    duration = FormField(
        "duration", "tags", options=(Option(5), Option(10, disabled={"resolution": ("720P",)}))
    )
    assert step_down(_leaf(resolution, duration), "resolution", {"resolution": "1080p", "duration": 10}) == []
    assert step_down(_leaf(resolution, duration), "resolution", {"resolution": "1080p", "duration": 5}) == [
        "720p",
        "480p",
    ]


@pytest.mark.parametrize(
    ("value", "steps"), [("ultra", ["高清", "medium", "标清"]), ("标清", []), ("medium", ["标清"])]
)
def test_grades(value: str, steps: list[str]) -> None:
    """Words for a grade are ranked, in both languages; equal grades are no step down."""
    field = FormField(
        "quality", "tags", options=tuple(map(Option, ["ultra", "高清", "medium", "标清", "weird"]))
    )
    assert step_down(_leaf(field), "quality", {"quality": value}) == steps
