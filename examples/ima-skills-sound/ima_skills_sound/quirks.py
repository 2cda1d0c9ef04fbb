"""A quirk that data cannot say: the overlap of a loop is computed from its length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills import Quirk, Text
from ima_skills.quirk_tools import with_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills import Parameters, ProductLeaf

OVERLAP = "crossfade_ms"


def _overlap(parameters: Parameters, leaf: ProductLeaf, options: Mapping[str, Any]) -> Parameters:
    """Say how long end and beginning of a loop overlap: a share of its length, up to a limit.

    Options: ``share`` of the length, and ``most_ms``.
    """
    values = parameters.values
    if not values.get("loop") or OVERLAP in values:
        return parameters
    milliseconds = min(round(float(values["duration"]) * 1000 * options["share"]), options["most_ms"])
    return with_value(parameters, OVERLAP, milliseconds, f"{leaf.name} overlaps both ends of a loop")


SEAMLESS_LOOP = Quirk(
    name="seamless-loop",
    summary=Text(
        en="Tells the model how long both ends of a loop overlap.", zh="告诉模型循环音效首尾重叠多长时间。"
    ),
    parameters=_overlap,
)
