"""Quirks of image models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.domain.problem import Change
from ima_skills.domain.task_type import Text
from ima_skills.quirk_tools import refuse, with_params, with_virtual_field
from ima_skills.quirks import Quirk
from ima_skills.values import pick

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.request import Request


def _with_ratios(leaf: ProductLeaf, options: Mapping[str, Any]) -> ProductLeaf:
    """Give a plain ``size`` field the ratio control that the list sometimes lacks.

    Source: the service's documents warn that some environments list sizes without ratios, while
    the model itself takes the exact sizes everywhere.
    """
    return with_virtual_field(leaf, "size", "aspect_ratio", options.get("sizes", {}))


def _one_shape_only(request: Request, options: Mapping[str, Any]) -> Request:
    """Refuse other shapes than the one that the model draws; the right one needs no parameter.

    Options: ``params`` maps a parameter to the values that mean what the model does anyway.

    Raises:
        InvalidRequestError: Another shape was asked for.
    """
    fixed: Mapping[str, list[Any]] = options.get("params", {})
    asked = {name: value for name, value in request.params.items() if name in fixed}
    for name, value in asked.items():
        if pick(value, fixed[name]) is None:
            raise refuse(name, f"this model only does {fixed[name][0]}", value, fixed[name])
    kept = {name: value for name, value in request.params.items() if name not in asked}
    reason = "the model always does this; there is no parameter for it"
    return with_params(request, kept, [Change(name, value, None, reason) for name, value in asked.items()])


SEEDREAM_VIRTUAL_SIZE = Quirk(
    name="seedream-virtual-size",
    summary=Text(
        en="Ratios are exact pixel sizes: adds the ratio control where the product list lacks it.",
        zh="比例对应精确像素尺寸:当产品列表未提供比例选项时补上。",
    ),
    leaf=_with_ratios,
)

FIXED_SHAPE = Quirk(
    name="fixed-shape",
    summary=Text(
        en="The model draws one shape only: that one is granted, others are refused with a better model.",
        zh="模型仅支持一种画幅:符合则直接通过,其他比例会被拒绝并推荐更合适的模型。",
    ),
    request=_one_shape_only,
)
