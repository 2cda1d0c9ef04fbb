"""Virtual fields: UI choices become back-end values exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.domain.product import FormField, MappingRule, Option, UiField, VirtualField
from ima_skills.virtual import back_end_values, resolve_virtual

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ima_skills.domain.product import ProductLeaf


def _two_controls(target: str = "size", field: str = "size") -> FormField:
    """A group of two controls, as the service's clients support it; no captured leaf has one."""
    rows = (("1K", "1:1", "1024x1024"), ("2K", "1:1", "2048x2048"), ("2K", "16:9", "2560×1440"))
    rules = tuple(MappingRule({"quality": q, "aspect_ratio": r}, size) for q, r, size in rows)
    controls = (
        UiField("quality", "1K", (Option("1K"), Option("2K"))),
        UiField("aspect_ratio", "1:1", (Option("1:1"), Option("16:9"))),
    )
    table = VirtualField(controls, target, rules)
    return FormField(field, "tags", "1024x1024", virtual=table)


def _resolve(item: FormField, wishes: Mapping[str, Any]) -> Any:
    assert item.virtual is not None
    return resolve_virtual(item, item.virtual, wishes)


@pytest.mark.parametrize(
    ("wishes", "size"),
    [
        ({}, "1024x1024"),
        ({"quality": "2k", "aspect_ratio": "16:9"}, "2560x1440"),
        ({"quality": "2K"}, "2048x2048"),
        ({"aspect_ratio": "1:1"}, "1024x1024"),
        ({"size": "2048×2048"}, "2048x2048"),
        ({"size": "2560 X 1440"}, "2560x1440"),
    ],
)
def test_two_controls(wishes: dict[str, Any], size: str) -> None:
    """Controls that nobody set take their defaults; × is x; letter case does not matter."""
    found = _resolve(_two_controls(), wishes)
    assert (found.value, found.changes, found.problems) == (size, (), ())


def test_two_controls_that_do_not_go_together() -> None:
    """A pair that no row holds lists the pairs that exist, and the closest of them."""
    (problem,) = _resolve(_two_controls(), {"quality": "1K", "aspect_ratio": "16:9"}).problems
    assert problem.rule == "combination"
    assert problem.message == (
        "quality 1K, aspect_ratio 16:9 do not go together; possible: quality 1K, aspect_ratio 1:1; "
        "quality 2K, aspect_ratio 1:1; quality 2K, aspect_ratio 16:9"
    )
    assert problem.nearest in (
        {"quality": "1K", "aspect_ratio": "1:1"},
        {"quality": "2K", "aspect_ratio": "16:9"},
    )
    assert problem.pointer == "/params/quality"


def test_a_value_that_is_no_choice() -> None:
    """A value outside a control's choices lists the choices of that control only."""
    (problem,) = _resolve(_two_controls(), {"quality": "8K", "aspect_ratio": "1:1"}).problems
    assert (problem.pointer, problem.allowed, problem.nearest) == ("/params/quality", ("1K", "2K"), "2K")
    assert problem.message == "must be one of 1K, 2K"


def test_both_values_that_are_no_choice() -> None:
    """Both wrong controls are named, in the order of the form, not of a set."""
    problems = _resolve(_two_controls(), {"aspect_ratio": "7:3", "quality": "8K"}).problems
    assert [problem.pointer for problem in problems] == ["/params/quality", "/params/aspect_ratio"]


def test_back_end_value_wins_over_controls() -> None:
    """A back-end value decides; the controls that lose are reported."""
    found = _resolve(_two_controls(), {"size": "512x512", "quality": "2K", "aspect_ratio": "16:9"})
    assert found.value == "512x512"
    assert [(change.param, change.requested, change.applied) for change in found.changes] == [
        ("quality", "2K", None),
        ("aspect_ratio", "16:9", None),
    ]
    assert {change.reason for change in found.changes} == {"size was given directly and decides"}


def test_agreeing_values_are_no_change() -> None:
    """Controls that mean the very value that was given lose nothing."""
    found = _resolve(_two_controls(), {"size": "2560x1440", "quality": "2K", "aspect_ratio": "16:9"})
    assert (found.value, found.changes) == ("2560x1440", ())


def test_target_of_another_name() -> None:
    """The result belongs to the table's target, and both names reach it directly."""
    item = _two_controls(target="size", field="size_choice")
    assert _resolve(item, {"size": "2048x2048"}).value == "2048x2048"
    assert _resolve(item, {"size_choice": "2048x2048"}).value == "2048x2048"


def test_controls_without_options_offer_what_the_rows_hold() -> None:
    """A table whose controls list nothing still tells what can be chosen."""
    table = VirtualField((UiField("quality"),), "mode", (MappingRule({"quality": "720p"}, "std"),))
    item = FormField("mode", "tags", "std", virtual=table)
    (problem,) = _resolve(item, {"quality": "4k"}).problems
    assert problem.allowed == ("720p",)
    assert _resolve(item, {}).value == "std"


@pytest.mark.parametrize("value", [{"a": 1}, [1, 2], 10**400, float("nan"), "", "\ud800", True])
def test_weird_choices_are_refused(value: Any) -> None:
    """Anything that is no choice is refused; a container is never quoted back."""
    (problem,) = _resolve(_two_controls(), {"quality": value}).problems
    assert problem.rule == "enum"
    assert problem.value is None or not isinstance(value, dict | list)


@pytest.mark.parametrize(
    ("wish", "value"), [({}, "1:1"), ({"aspect_ratio": "adaptive"}, "auto"), ({"aspect_ratio": "AUTO"}, "auto"),
                        ({"aspect_ratio": "16:9"}, "16:9")],
)  # fmt: skip
def test_self_virtual_field_of_seedance(
    leaf: Callable[..., ProductLeaf], wish: dict[str, Any], value: str
) -> None:
    """Seedance 2.0 maps its ratio onto itself, once: adaptive is auto, and auto stays auto."""
    item = leaf("ima-pro").form_field("aspect_ratio")
    assert item is not None
    assert _resolve(item, wish).value == value


def test_self_virtual_field_refuses_others(leaf: Callable[..., ProductLeaf]) -> None:
    """What is neither a choice nor a back-end value is refused with the choices."""
    item = leaf("ima-pro").form_field("aspect_ratio")
    assert item is not None
    (problem,) = _resolve(item, {"aspect_ratio": "7:3"}).problems
    assert "auto" not in problem.allowed
    assert problem.nearest == "21:9"


def test_back_end_values_are_listed_once() -> None:
    """Options, rows and the default together, each value once, × as x."""
    item = _two_controls()
    assert item.virtual is not None
    assert back_end_values(item, item.virtual) == ("1024x1024", "2048x2048", "2560x1440")
