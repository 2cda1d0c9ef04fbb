"""Quirks of image models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from ima_skills.domain.product import FormField, MappingRule, Option, ProductLeaf, UiField, VirtualField
from ima_skills.domain.task_type import Text
from ima_skills.quirks import Quirk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def _with_ratios(leaf: ProductLeaf, options: Mapping[str, Any]) -> ProductLeaf:
    """Give a plain ``size`` field the ratio control that the list sometimes lacks.

    Source: the service's documents warn that some environments list sizes without ratios, while
    the model itself takes the exact sizes everywhere.
    """
    size = leaf.form_field("size")
    sizes = dict(options.get("sizes", {}))
    if size is None or size.virtual is not None or not sizes:
        return leaf
    table = _table(size, sizes)
    offered = [*size.options, *(Option(value, value) for value in sizes.values())]
    virtual = evolve(size, virtual=table, options=tuple({str(o.value): o for o in offered}.values()))
    return evolve(leaf, form=tuple(virtual if item is size else item for item in leaf.form))


def _table(size: FormField, sizes: Mapping[str, Any]) -> VirtualField:
    choices = {**{str(option.value): option.value for option in size.options}, **sizes}
    rules = tuple(MappingRule({"aspect_ratio": name}, value) for name, value in choices.items())
    control = UiField("aspect_ratio", size.value, tuple(Option(name, name) for name in choices))
    return VirtualField((control,), "size", rules)


SEEDREAM_VIRTUAL_SIZE = Quirk(
    name="seedream-virtual-size",
    summary=Text(
        en="Ratios are exact pixel sizes: adds the ratio control where the product list lacks it.",
        zh="比例对应精确像素尺寸:当产品列表未提供比例选项时补上。",
    ),
    leaf=_with_ratios,
)
