"""A leaf's form as JSON Schema: types, options, bounds and combinations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from ima_skills.domain.product import (
    CreditRule,
    FormField,
    MappingRule,
    Option,
    ProductLeaf,
    UiField,
    VirtualField,
)
from ima_skills.leaf_schema import leaf_schema
from ima_skills.schemas import check

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.catalogue import Catalogue
    from ima_skills.registry import Registry


def _leaf(*form: FormField) -> ProductLeaf:
    return ProductLeaf("v", "m", "Model", "text_to_image", form, (CreditRule(1, 5),))


def _rules(values: dict[str, Any], *form: FormField) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.rule) for problem in check(values, leaf_schema(_leaf(*form)))]


def test_schemas_of_all_captured_leaves_are_valid(
    registry: Registry, catalogue: Callable[[str], Catalogue]
) -> None:
    """Every captured form becomes a valid 2020-12 schema."""
    leaves = [item for name in registry.task_types for item in catalogue(name).leaves]
    assert len(leaves) > 50
    for item in leaves:
        Draft202012Validator.check_schema(leaf_schema(item))


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({"duration": 5}, []),
        ({"duration": 7}, [("/duration", "enum")]),
        ({"duration": "5"}, [("/duration", "enum")]),
        ({"sound": True, "text": "ok", "level": 3}, []),
        ({"sound": "on"}, [("/sound", "type")]),
        ({"text": "far too long"}, [("/text", "maxLength")]),
        ({"text": ""}, [("/text", "minLength")]),
        ({"level": 11}, [("/level", "maximum")]),
        ({"level": 0.5}, [("/level", "minimum")]),
        ({"level": "three"}, [("/level", "type")]),
        ({"count": "x"}, [("/count", "type")]),
        ({"anything": [1], "unlisted": 5, "n": "weird"}, []),
    ],
)
def test_types_options_bounds(values: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    """Each kind of field guards what it states; the rest is none of its business."""
    form = (
        FormField("duration", "tags", 5, (Option(5), Option(10))),
        FormField("sound", "toggle", value=True),
        FormField("text", "textarea", minimum=1, maximum=5),
        FormField("level", "slider", minimum=1, maximum=10),
        FormField("count", "stepper", 3),
        FormField("anything", "mystery"),
        FormField("n", "tags", "1", (Option("1"),)),
    )
    assert _rules(values, *form) == faults


def test_text_is_never_quoted() -> None:
    """A text that breaks its bounds is not repeated in the problem."""
    (problem,) = check(
        {"text": "my secret lyrics"}, leaf_schema(_leaf(FormField("text", "textarea", maximum=3)))
    )
    assert problem.value is None
    assert "secret" not in problem.message
    assert problem.message == "must have at most 3 characters, has 16"


def test_an_untouched_empty_text_passes() -> None:
    """A form whose own default is empty text accepts it, whatever its shortest length."""
    assert _rules({"text": ""}, FormField("text", "textarea", "", minimum=1)) == []


def test_a_default_outside_its_options_passes() -> None:
    """A list whose default is not among its options does not block a request that takes the default."""
    item = FormField("amount", "tags", "auto", (Option("small"), Option("large")))
    assert _rules({"amount": "auto"}, item) == []
    assert _rules({"amount": "huge"}, item) == [("/amount", "enum")]


def test_unavailable_combination() -> None:
    """A combination that the form rules out names both sides and what would go."""
    form = (
        FormField("duration", "tags", 6, (Option(6), Option(10, disabled={"resolution": ("1080p",)}))),
        FormField("resolution", "tags", "768P", (Option("768P"), Option("1080P"))),
    )
    (problem,) = check({"duration": 10, "resolution": "1080P"}, leaf_schema(_leaf(*form)))
    assert (problem.rule, problem.pointer, problem.allowed, problem.nearest) == (
        "disabled",
        "/duration",
        (6,),
        6,
    )
    assert problem.message == "10 is not available together with resolution 1080P"
    assert problem.related == ("resolution",)
    assert _rules({"duration": 10, "resolution": "768P"}, *form) == []
    assert _rules({"duration": 10}, *form) == []


def test_combination_with_an_unlisted_field_is_no_rule() -> None:
    """A combination with a field that the form does not have cannot be broken."""
    item = FormField("duration", "tags", 6, (Option(6, disabled={"ghost": (1,)}),))
    assert "allOf" not in leaf_schema(_leaf(item))


def test_virtual_field_guards_what_is_sent() -> None:
    """A virtual field is checked under the name that is sent, against options and table together."""
    table = VirtualField((UiField("ratio"),), "size", (MappingRule({"ratio": "1:1"}, "1×1"),))
    item = FormField("choice", "tags", "2k", (Option("2k"),), virtual=table)
    schema = leaf_schema(_leaf(item))
    assert schema["properties"] == {"size": {"enum": ["2k", "1x1"]}}
